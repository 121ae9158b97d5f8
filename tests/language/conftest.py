"""The proof in `toml_proof` shows its values where it fails, as a test does."""

import pytest

pytest.register_assert_rewrite("toml_proof")
