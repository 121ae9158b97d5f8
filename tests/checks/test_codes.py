"""Each check names the codes that it reports, and reports no other."""

from __future__ import annotations

from collections import Counter

import pytest
import tomli

from corsrules import checks
from corsrules.checks.subject import Check, Subject, reports
from corsrules.findings import CODES
from corsrules.findings.catalogue import CATALOGUE, Code
from corsrules.language import model


def test_an_unknown_code_fails_where_the_check_is_defined() -> None:
    with pytest.raises(KeyError, match="CR999"):
        reports("CR201", "CR999")


@pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.code)
def test_a_check_reports_only_what_it_names(code: Code) -> None:
    """On the bad example of every code that a document of the right shape can have."""
    try:
        document = model.validate(tomli.loads(code.bad))
    except ValueError:
        assert code.code < "CR010", "what the model refuses is for language.shape"
        return
    subject = Subject.of(document)
    for check in checks.CHECKS:
        assert {problem.code for problem in check(subject)} <= {each.code for each in check.codes}


def test_every_code_that_checks_report_is_named_by_one() -> None:
    named = Counter(code.code for check in checks.CHECKS for code in check.codes)
    elsewhere = {
        *("CR001", "CR002", "CR003", "CR005", "CR006", "CR009"),  # reading a file, and its shape
        "CR107",  # choosing a profile
        *("CR050", "CR305"),  # waivers.apply
        *("CR401", "CR404", "CR407", "CR410"),  # running the tests of a file
    }
    assert set(CODES) - set(named) == elsewhere


def test_what_a_file_is_loaded_by_leaves_out_what_never_finds_an_error() -> None:
    left_out = [check for check in checks.CHECKS if check not in checks.STRICT_CHECKS]
    assert left_out
    assert all(isinstance(check, Check) and not check.finds_errors for check in left_out)
