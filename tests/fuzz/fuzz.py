"""Coverage-guided fuzzing: `python tests/fuzz/fuzz.py TARGET [--seconds N]`; needs atheris, which tests do not.

It starts from the corpus in this folder; what it finds on its way goes to a folder for the run (`--corpus`), and an
input that fails is written to the working directory. Such an input becomes a file in `corpus/TARGET`, where
test_fuzz_corpus.py runs it for ever. Further arguments are libFuzzer's (`-runs=100000`).
"""

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

import atheris  # noqa: E402 - sys.path comes first

with atheris.instrument_imports(include=["corsrules"], enable_loader_override=False):
    from fuzz.targets import TARGETS


def main() -> None:
    """Runs one target until the time is over, or until an input fails (with a status that is not 0)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", help="a folder for the inputs that reach something new (default: a temporary one)")
    chosen, rest = parser.parse_known_args()
    logging.getLogger("corsrules").setLevel(logging.ERROR)  # that a gateway drops Origin, which is no news here
    with tempfile.TemporaryDirectory() as temporary:
        new = chosen.corpus or temporary
        os.makedirs(new, exist_ok=True)
        limits = [f"-max_total_time={chosen.seconds}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096"]
        words = HERE / f"{chosen.target}.dict"
        dictionary = [f"-dict={words}"] if words.exists() else []
        folders = [new, str(HERE / "corpus" / chosen.target)]
        atheris.Setup([sys.argv[0], *limits, *dictionary, *rest, *folders], TARGETS[chosen.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
