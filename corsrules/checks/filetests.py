"""Whether each of `[[tests]]` asks what a browser could ask, and says what must come of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsrules.checks.names import header_mistake, method_mistake
from corsrules.checks.profiles import unknown_profile
from corsrules.checks.subject import Subject, reports
from corsrules.findings import KeyPath, Mistake, Place, Problem
from corsrules.findings.wording import Suggestions
from corsrules.language import origin_pattern
from corsrules.language.model import Test
from corsrules.language.spelling import ONE_ORIGIN, is_host_header, origin_mistake, repaired_path

#: The mistakes of a rule that are mistakes of a test too.
AS_IN_A_RULE = frozenset({"CR040", "CR042", "CR043", "CR048"})

#: Those that are another one: no browser sends such a method or header for a page.
NEVER_SENT = frozenset({"CR041", "CR044"})


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
    """CR405: an origin, a Host or a fallback header's value that no browser sends; a denial of it proves little."""
    groups = {name: texts for profile in subject.document.profiles.values() for name, texts in profile.origins.items()}
    for index, test in enumerate(subject.document.tests):
        texts = groups.get(test.origin)
        mistake = origin_mistake(test.origin) if texts is None else _group_as_origin(test.origin, texts)
        if mistake is not None:
            yield mistake.at(Place(("tests", index, "origin")))
        if test.host is not None and not is_host_header(test.host):
            place = Place(("tests", index, "host"))
            advice = "write host or host:port in lower case"
            yield Problem("CR405", f"no browser sends the Host `{test.host}`", place, advice)
        for name, value in (test.fallback or {}).items():
            mistake = origin_mistake(value) if value else None  # an empty one counts as absent
            if mistake is not None:
                yield mistake.at(Place(("tests", index, "fallback", name)))


def _group_as_origin(name: str, texts: Iterable[str]) -> Mistake:
    pattern = next(filter(None, map(origin_pattern.parse, texts)), None)
    spellings = () if pattern is None else (origin_pattern.example_origin(pattern),)
    message = f"no browser sends the origin `{name}`, which is a group"
    return Mistake("CR405", message, "name the origin of one page", spellings, ONE_ORIGIN)


@reports("CR040", "CR042", "CR043", "CR048", "CR405")
def unlikely_requests(subject: Subject) -> Iterator[Problem]:
    """CR040, CR042, CR043, CR048 as in a rule; CR405 for a method or a header that no browser sends for a page."""
    for index, test in enumerate(subject.document.tests):
        for where, mistake in _mistakes_of_request(test):
            if mistake is not None and mistake.code in AS_IN_A_RULE:
                yield mistake.at(Place(("tests", index, *where)))
            # Where it is allowed, the test fails, and the failure says why.
            elif mistake is not None and mistake.code in NEVER_SENT and where[0] != "allow":
                yield mistake._replace(code="CR405").at(Place(("tests", index, *where)))


def _mistakes_of_request(test: Test) -> Iterator[tuple[KeyPath, Mistake | None]]:
    for key, methods in (("allow", test.allow or ()), ("deny", test.deny or ())):
        yield from (((key, position), method_mistake(method)) for position, method in enumerate(methods))
    yield from (
        (("headers", position), header_mistake("request-headers", name)) for position, name in enumerate(test.headers)
    )


@reports("CR409")
def unread_fallback_headers(subject: Subject) -> Iterator[Problem]:
    """CR409: a test's fallback header that `fallback.headers` does not name, or that the test fills in already."""
    if any(path[:1] == ("fallback",) for path in subject.broken):
        return
    known = dict.fromkeys(name.lower() for name in subject.document.fallback.headers)
    suggestions = Suggestions(known)
    for index, test in enumerate(subject.document.tests):
        filled: set[str] = set()
        for name in test.fallback or ():
            place = Place(("tests", index, "fallback", name), "key")
            if name.lower() not in known:
                message = f"`{name}` is not among `fallback.headers`, so nothing is read from it"
                advice = suggestions.for_name(name.lower()) or f'name it there: `headers = ["{name}"]` in `[fallback]`'
                yield Problem("CR409", message, place, advice)
            elif name.lower() in filled:
                message = f"`{name}` is filled in twice; header names are not case-sensitive"
                yield Problem("CR409", message, place, "drop one")
            filled.add(name.lower())


@reports("CR408")
def repeated_test_names(subject: Subject) -> Iterator[Problem]:
    """CR408: two tests of one name in one profile. Where they run in different ones, reports tell them apart."""
    first: dict[str, dict[str | None, int]] = {}
    for index, test in enumerate(subject.document.tests):
        known = first.setdefault(test.name, {})  # in the order of the file; None stands for all profiles
        if test.profiles is None:
            earlier = next(iter(known.values()), None)
        else:
            earlier = min((known[profile] for profile in (None, *test.profiles) if profile in known), default=None)
        for profile in (None,) if test.profiles is None else test.profiles:
            known.setdefault(profile, index)
        if earlier is not None:
            yield Problem(
                "CR408",
                f"two tests are called `{test.name}`",
                Place(("tests", index, "name")),
                "give each test a name of its own",
                related=(Place(("tests", earlier, "name"), label="first here"),),
            )


@reports("CR108")
def unknown_test_profiles(subject: Subject) -> Iterator[Problem]:
    """CR108: a test names a profile that there is not."""
    profiles = subject.document.profiles
    suggestions = Suggestions(profiles)
    for index, test in enumerate(subject.document.tests):
        for position, name in enumerate(test.profiles or ()):
            if name not in profiles:
                place = Place(("tests", index, "profiles", position))
                yield unknown_profile(name, profiles, place, suggestions)


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
    unlikely_requests,
    unread_fallback_headers,
    repeated_test_names,
    unknown_test_profiles,
    empty_tests,
)
