"""Public suffixes: the domains under which anyone can register a name (https://publicsuffix.org/).

The list is the one that the `publicsuffixlist` package carries; nothing is fetched. It is read when it is first asked,
and its rules are compared as they stand: whether one host is a public suffix needs no more of the list's algorithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

#: RFC 6761, RFC 6762 appendix G, RFC 8375, and ICANN's reservation of `internal`.
RESERVED = frozenset({"example", "home.arpa", "internal", "invalid", "local", "localhost", "test"})


class Below(NamedTuple):
    """The public suffixes below a domain: how many the list has, and the shortest."""

    number: int
    example: str


def is_public_suffix(host: str) -> bool:
    """Whether anyone can register a name directly under `host`, a domain name in ASCII.

    A top-level domain that the list does not know counts as one, as the list's own algorithm says; those that are
    reserved, so that nobody can register anything under them, do not.
    """
    return host not in RESERVED and ("." not in host or is_listed(host))


def is_listed(host: str) -> bool:
    """Whether the list names `host`, a domain name in ASCII, as a public suffix, or each name directly below it."""
    name = _unicode(host)
    if f"!{name}" in rules():
        return False
    return not rules().isdisjoint((name, f"*.{name.partition('.')[2]}", f"*.{name}"))


def below(host: str) -> Below | None:
    """The public suffixes below `host`, a domain name in ASCII; None where there are none."""
    name = _unicode(host)
    return _below(name.rpartition(".")[2]).get(name)


@cache
def list_date() -> str:
    """The date of the list, as YYYY-MM-DD."""
    version = next(line for line in _lines() if line.startswith("// VERSION:"))
    return version.removeprefix("// VERSION:").strip()[:10]


@cache
def rules() -> frozenset[str]:
    """The rules of the list, as it writes them: in Unicode, `*.` before what has a suffix for each name below it."""
    return frozenset(line for line in _lines() if line and not line.startswith("//"))


@cache
def _lines() -> tuple[str, ...]:
    file = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat")
    return tuple(file.read_text(encoding="utf-8").splitlines())


@cache
def _below(top: str) -> Mapping[str, Below]:
    """What is below each domain of a top-level domain."""
    found: dict[str, Below] = {}
    names = (rule.replace("*.", "x.") for rule in rules() if rule.rpartition(".")[2] == top and rule[0] != "!")
    for name in sorted(names, key=_shortest_first):
        parent = name.partition(".")[2]
        while parent:
            known = found.get(parent, Below(0, _ascii(name)))
            found[parent] = known._replace(number=known.number + 1)
            parent = parent.partition(".")[2]
    return found


def _shortest_first(name: str) -> tuple[int, str]:
    return len(name), name


def _unicode(host: str) -> str:
    """`host` with its A-labels decoded, as the list writes them."""
    if "xn--" not in host:
        return host
    import idna  # almost no host needs it

    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host  # an A-label of nothing, or an underscore: no entry of the list has one


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    import idna  # as above

    return idna.encode(name).decode("ascii")
