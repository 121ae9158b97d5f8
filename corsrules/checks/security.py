"""What a rule must not allow."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject
from corsrules.findings import Place, Problem
from corsrules.policy import EVERY_ORIGIN


def credentials_to_every_origin(subject: Subject) -> Iterator[Problem]:
    """CR201: browsers refuse `*` with credentials; echoing the origin instead would let everybody in."""
    for index, rule in enumerate(subject.document.rules):
        if rule.credentials and EVERY_ORIGIN in rule.origins:
            yield Problem(
                "CR201",
                "credentials are allowed to every origin",
                Place(("rules", index, "credentials"), "key", "credentials are set here"),
                "name the origins that need cookies, or drop `credentials`",
                related=(Place(("rules", index, "origins", rule.origins.index(EVERY_ORIGIN)), label="every origin"),),
            )


def literal_stars_with_credentials(subject: Subject) -> Iterator[Problem]:
    """CR202: with credentials, browsers take `"*"` for the name of a method or header (Fetch, CORS protocol)."""
    for index, rule in enumerate(subject.document.rules):
        lists = {
            "methods": rule.methods,
            "request-headers": rule.request_headers,
            "response-headers": rule.response_headers,
        }
        for key, values in lists.items():
            if rule.credentials and "*" in values:
                yield Problem(
                    "CR202",
                    f'with credentials, browsers take "*" in `{key}` literally',
                    Place(("rules", index, key, values.index("*"))),
                    "write the names out",
                    related=(Place(("rules", index, "credentials"), "key", "credentials are set here"),),
                )


CHECKS = (credentials_to_every_origin, literal_stars_with_credentials)
