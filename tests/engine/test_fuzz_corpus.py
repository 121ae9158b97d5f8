"""The fuzzing corpus, without the fuzzer: seeds, inputs that reached something, and every input that failed once."""

from pathlib import Path

import pytest
from fuzz.targets import TARGETS

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"
#: What the repository carries for all targets together.
MOST_BYTES = 200_000


def inputs(target: str) -> list[Path]:
    return sorted((CORPUS / target).iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_holds(target: str) -> None:
    files = inputs(target)
    assert len(files) >= 5
    for file in files:
        try:
            TARGETS[target](file.read_bytes())
        except Exception as error:
            raise AssertionError(f"{file.name}: {file.read_bytes()!r}") from error


def test_the_corpus_is_small_and_all_of_it_runs() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)
    assert sum(file.stat().st_size for target in TARGETS for file in inputs(target)) < MOST_BYTES


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\x00", b"\x1e", b"\x01\x1e\x1e", b"\xff\xfe\x1e\x00", bytes(range(256))])
def test_any_bytes_will_do(target: str, data: bytes) -> None:
    TARGETS[target](data)
