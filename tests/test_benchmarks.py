"""The benchmarks run, at sizes that measure nothing; no test asserts a time."""

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import measure, peers, report


@pytest.mark.parametrize("part", ["decision", "request", "load"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # what the peers do is theirs
def test_a_part_runs_and_writes_its_table(part, tmp_path):
    benchmarks.main(["--quick", "--output", str(tmp_path), part])

    text = (tmp_path / f"{part}.md").read_text(encoding="utf-8")
    assert text.startswith("Recorded ")
    assert "| ---: |" in text
    assert text in (tmp_path / "summary.md").read_text(encoding="utf-8")
    if part == "decision":
        assert ElementTree.fromstring((tmp_path / "decision.svg").read_text(encoding="utf-8")).tag.endswith("svg")


@pytest.mark.parametrize("name", peers.PEERS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_peer_decides_or_says_that_it_cannot(name):
    for patterns in ([], ["https://**.example.org"], ["https://*.example.net"]):
        decide = peers.made(name, ["https://app.example.com"], patterns)
        if decide is not None:
            decide("https://app.example.com")
    assert peers.made(name, ["https://app.example.com"] * 1_000_001, []) is None, "too many for anyone"


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    assert measure.ratio([2.0, 30.0, 4.0], [1.0, 1.0, 2.0]) == 2.0


@pytest.mark.parametrize(
    ("value", "text"), [(None, "n/a"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346")]
)
def test_figures_have_three_digits(value, text):
    assert report.figure(value) == text
