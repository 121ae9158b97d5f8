"""The benchmarks run, at sizes that measure nothing; no test asserts a time."""

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import goals, measure, peers, report


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # what the peers do is theirs
def test_every_part_runs_and_writes_its_tables_and_what_they_say_of_the_goals(tmp_path):
    for part in ("decision", "request", "load"):
        assert not (tmp_path / "goals.md").exists()
        benchmarks.main(["--quick", "--output", str(tmp_path), part])

        text = (tmp_path / f"{part}.md").read_text(encoding="utf-8")
        assert text.startswith("Recorded ")
        assert "| ---: |" in text

    assert ElementTree.fromstring((tmp_path / "decision.svg").read_text(encoding="utf-8")).tag.endswith("svg")
    assert (tmp_path / "goals.md").read_text(encoding="utf-8").count("\nRecorded ") == 2


@pytest.mark.parametrize(
    ("measured", "verdict"), [(1.0, "met"), (1.2, "met"), (1.21, "not met: for a reason"), (0.1, "met")]
)
def test_a_goal_is_met_up_to_its_limit(measured, verdict):
    assert goals.Goal("something", 1.2, measured, why="for a reason").row()[-1] == verdict


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


def test_the_readme_says_what_the_recorded_run_says():
    assert goals.readme(benchmarks.RESULTS) in benchmarks.README.read_text(encoding="utf-8")
    assert goals.section(benchmarks.RESULTS) == (benchmarks.RESULTS / "goals.md").read_text(encoding="utf-8")
