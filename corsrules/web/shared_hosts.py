"""Hosts on which anyone can put pages: each customer's files have a path of their own there, and all have one origin.

The public suffix list does not say this of them: it is about names, not paths.
"""

from __future__ import annotations

from collections.abc import Sequence

from corsrules.web.origin import DIGITS

#: A `*` stands for a region, as in `us-west-2`: its last character is a digit.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#path-style-access
#: https://cloud.google.com/storage/docs/request-endpoints
FORMS = (
    "s3.amazonaws.com",
    "s3-*.amazonaws.com",
    "s3.*.amazonaws.com",
    "s3.dualstack.*.amazonaws.com",
    "s3.*.amazonaws.com.cn",
    "storage.googleapis.com",
)

#: What all of them end with.
ENDS = (".amazonaws.com", ".amazonaws.com.cn", ".googleapis.com")

#: What they begin with; the region is one of many.
FIRST_LABELS = ("s3", "s3-us-west-2", "storage")


def is_shared(host: str) -> bool:
    """Whether anyone can put pages under a path of `host`, a domain name in ASCII."""
    labels = host.split(".")
    return host.endswith(ENDS) and any(_has_form(labels, form.split(".")) for form in FORMS)


def _has_form(labels: Sequence[str], form: Sequence[str]) -> bool:
    return len(labels) == len(form) and all(map(_is_meant, labels, form))


def _is_meant(label: str, wanted: str) -> bool:
    before, star, _ = wanted.partition("*")
    return (label.startswith(before) and label[-1] in DIGITS) if star else label == wanted
