"""Whether each of `[[tests]]` asks what a browser could ask, and says what must come of it."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.profiles import unknown_profile
from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.language.spelling import (
    certain_spelling,
    is_host_header,
    repaired_path,
)


@reports("CR030")
def malformed_test_paths(subject: Subject) -> Iterator[Problem]:
    """CR030: a test's path that no request can have; a denial there would prove nothing."""
    for index, test in enumerate(subject.document.tests):
        if not test.path.startswith("/") or any(sign in test.path for sign in "*%?#"):
            spelling = repaired_path(test.path.removesuffix("*"))
            advice = f'write "{spelling}"' if spelling else "write it decoded, as in `/api/orders/7`"
            message = f"`{test.path}` is not the path of a request, which begins with `/` and is decoded"
            yield Problem("CR030", message, Place(("tests", index, "path")), advice)


@reports("CR405")
def unlikely_tests(subject: Subject) -> Iterator[Problem]:
    """CR405: an origin or a Host that no browser sends; a denial of it proves little."""
    for index, test in enumerate(subject.document.tests):
        spelling = certain_spelling(test.origin)
        if spelling and spelling != test.origin:
            place = Place(("tests", index, "origin"))
            yield Problem("CR405", f"no browser sends the origin `{test.origin}`", place, f'write "{spelling}"')
        if test.host is not None and not is_host_header(test.host):
            place = Place(("tests", index, "host"))
            advice = "write host or host:port in lower case"
            yield Problem("CR405", f"no browser sends the Host `{test.host}`", place, advice)


@reports("CR108")
def unknown_test_profiles(subject: Subject) -> Iterator[Problem]:
    """CR108: a test names a profile that there is not."""
    profiles = subject.document.profiles
    for index, test in enumerate(subject.document.tests):
        for position, name in enumerate(test.profiles or ()):
            if name not in profiles:
                place = Place(("tests", index, "profiles", position))
                yield unknown_profile(name, profiles, place)


@reports("CR403")
def empty_tests(subject: Subject) -> Iterator[Problem]:
    """CR403: a test with neither `allow` nor `deny`."""
    for index, test in enumerate(subject.document.tests):
        if test.allow is None and test.deny is None:
            place = Place(("tests", index))
            yield Problem("CR403", f"test `{test.name}` says neither `allow` nor `deny`", place, 'write `deny = ["*"]`')


CHECKS = (
    malformed_test_paths,
    unlikely_tests,
    unknown_test_profiles,
    empty_tests,
)
