"""Public suffixes: the domains under which anyone can register a name (https://publicsuffix.org/).

The list is the one that the `publicsuffixlist` package carries; nothing is fetched. It is read only for a wildcard
pattern, and only the lines of the pattern's top-level domain are parsed, because the whole takes longer than everything
else a check does.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import idna
from publicsuffixlist import PublicSuffixList

#: RFC 6761, RFC 6762 appendix G, RFC 8375, and ICANN's reservation of `internal`.
RESERVED = frozenset({"example", "home.arpa", "internal", "invalid", "local", "localhost", "test"})


def is_public_suffix(host: str) -> bool:
    """Whether anyone can register a name directly under `host`, a domain name in ASCII.

    A top-level domain that the list does not know counts as one, as the list's own algorithm says; those that are
    reserved, so that nobody can register anything under them, do not.
    """
    if host in RESERVED:
        return False
    name = _unicode(host)
    return _rules(name.rpartition(".")[2]).is_public(name)


@cache
def list_date() -> str:
    """The date of the list, as YYYY-MM-DD."""
    version = next(line for line in _lines() if line.startswith("// VERSION:"))
    return version.removeprefix("// VERSION:").strip()[:10]


@cache
def _lines() -> tuple[str, ...]:
    file = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat")
    return tuple(file.read_text(encoding="utf-8").splitlines())


@cache
def _rules(top: str) -> PublicSuffixList:
    lines = [line for line in _lines() if line.rpartition(".")[2] == top]
    return PublicSuffixList(lines, accept_encoded_idn=False)


def _unicode(host: str) -> str:
    """`host` with its A-labels decoded, as the list writes them."""
    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host  # an A-label of nothing, or an underscore: no entry of the list has one
