"""Origins and paths that attackers try, made from a file's own patterns, and who lets them in.

Every mutant is judged by the matcher and by an independent reading of the patterns: anchored regular expressions and
plain loops, which share nothing with the matcher. So an attack can find two things only: a bug of ours, where the two
disagree, or a pattern that is wider than it looks, where both let a mutant in. The classes are those of published
advisories and of write-ups on misconfigured servers.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from corsrules.engine.compiler import compile_policy
from corsrules.engine.matcher import Matcher
from corsrules.language.path_pattern import wsgi_form
from corsrules.language.policy import Policy, PolicyRule

EVIL = "evil.test"

#: Characters that browsers or proxies have let through in a host, or that parsers cut a name at.
SPECIAL_CHARACTERS = "_-\"{}+^`!~;|&'()*,$=%60@#?/\\:<>[] "

#: The class of the attempts on paths; the origins of these are allowed where the path is.
PATH = "path"

DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}


class Mutant(NamedTuple):
    """An attempt: its class, the path, and the `Origin` that is sent."""

    kind: str
    path: str
    origin: str


class Admitted(NamedTuple):
    """A mutant that a pattern stands for, and that pattern."""

    mutant: Mutant
    pattern: str


@dataclass
class Tally:
    """What came of an attack.

    `counts` are the mutants by class. `disagreements` are those on which the two judges differ. `admitted` are the
    origins that both let in though nobody wrote them down.
    """

    counts: Counter[str] = field(default_factory=Counter[str])
    disagreements: list[Mutant] = field(default_factory=list[Mutant])
    admitted: list[Admitted] = field(default_factory=list[Admitted])


def attack(policy: Policy) -> Tally:
    """Tries everything on one profile's rules."""
    matcher = compile_policy(policy)
    tally = Tally()
    for mutant in dict.fromkeys(_mutants(policy)):
        tally.counts[mutant.kind] += 1
        reading = [entry.text for rule in _rules_at(policy, mutant.path) for entry in rule.entries()]
        standing = [text for text in reading if reads_as(text, mutant.origin)]
        if _matcher_admits(matcher, mutant) != bool(standing):
            tally.disagreements.append(mutant)
        elif standing and mutant.origin not in reading and mutant.kind != PATH:
            tally.admitted.append(Admitted(mutant, standing[0]))
    return tally


def _matcher_admits(matcher: Matcher, mutant: Mutant) -> bool:
    """Whether the origin is allowed by name (`*` is said to everybody, and says nothing of this one)."""
    decision = matcher.decide(wsgi_form(mutant.path), mutant.origin)
    return "*" not in decision.headers.values() and decision.allowed


# --- the independent reading ------------------------------------------------------------------------------------------


def _rules_at(policy: Policy, path: str) -> list[PolicyRule]:
    """The rules of the longest path entry that covers `path`, segment by segment; none for a path that is denied."""
    segments = path.split("/")
    if segments[0] or any(segment in (".", "..") for segment in segments) or "" in segments[1:-1]:
        return []
    best: tuple[int, bool] = (-1, False)
    rules: list[PolicyRule] = []
    for rule in policy.rules:
        for entry in (each.text for each in rule.paths):
            base = entry.split("/")
            exact = base == segments
            covers = exact or (base[-1] == "*" and segments[: len(base) - 1] == base[:-1])
            rank = (len(entry.removesuffix("/*")), not entry.endswith("/*"))
            if covers and rank > best:
                best, rules = rank, [rule]
            elif covers and rank == best:
                rules.append(rule)
    return rules


def reads_as(pattern: str, origin: str) -> bool:
    """Whether `pattern`, read as an anchored regular expression, stands for `origin`."""
    scheme, _, rest = pattern.partition("://")
    end = rest.find("]") + 1
    host, colon, port = (rest[:end], *rest[end:].partition(":")[1:]) if end else rest.partition(":")
    label = "[a-z0-9_-]"
    expression = re.escape(host)
    if host == "**":
        expression = rf"(?:{label}{{1,63}}\.)*{label}{{1,63}}|\[[0-9a-f:]+\]"
    elif host.startswith("**."):
        expression = rf"(?:{label}{{1,63}}\.)+" + re.escape(host[3:])
    elif "*" in host:
        expression = re.escape(host).replace(r"\*", f"{label}+")
    match = re.fullmatch(rf"{re.escape(scheme)}://({expression})(?::([1-9][0-9]{{0,4}}))?", origin, re.ASCII)
    if match is None or len(match[1]) > 253 or any(len(part) > 63 for part in match[1].split(".") if not end):
        return False
    if host == "**" and match[1][0] == "[" and not _is_address(match[1][1:-1]):
        return False
    default = DEFAULT_PORTS.get(scheme, "")
    if match[2] == default:
        return False
    written = match[2] or default
    if not colon:
        return written == default
    if port == "*":
        return not written or int(written) <= 65535
    low, _, high = port.partition("-")
    return bool(written) and int(low) <= int(written) <= int(high or low)


def _is_address(text: str) -> bool:
    """Whether `text` is an IPv6 address as browsers write it: the first longest run of zeros is `::`."""
    try:
        value = f"{int(ipaddress.IPv6Address(text)):032x}"
    except ValueError:
        return False
    pieces = ":".join(value[start : start + 4].lstrip("0") or "0" for start in range(0, 32, 4))
    runs = re.finditer(r"\b0(?::0)+\b", pieces)
    longest = max(runs, key=lambda run: len(run[0]), default=None)
    if longest is None:
        return text == pieces
    return text == f"{pieces[: longest.start()].rstrip(':')}::{pieces[longest.end() :].lstrip(':')}"


# --- mutants ----------------------------------------------------------------------------------------------------------


def _mutants(policy: Policy) -> Iterator[Mutant]:
    for rule in policy.rules:
        for entry in (each.text for each in rule.paths):
            path = entry.removesuffix("*") + ("x" if entry.endswith("*") else "")
            for _, text, _ in rule.entries():
                example, apex = _example(text)
                for kind, origin in _origins(example, apex):
                    if origin != example:
                        yield Mutant(kind, path, origin)
                for other in _paths(path):
                    yield Mutant(PATH, other, example)


def _example(pattern: str) -> tuple[str, str]:
    """An origin that the pattern stands for, and the host that stands behind its wildcard (its own without one)."""
    scheme, _, rest = pattern.partition("://")
    host, _, port = rest.rpartition(":") if re.search(r":[0-9*-]+\Z", rest) else (rest, "", "")
    port = "8080" if port == "*" else port.partition("-")[0]
    port = "" if port == DEFAULT_PORTS.get(scheme) else port
    apex = host.partition(".")[2] if "*" in host else host
    host = host.replace("**", "w").replace("*", "w")
    return f"{scheme}://{host}" + (f":{port}" if port else ""), apex


def _origins(origin: str, apex: str) -> Iterator[tuple[str, str]]:
    """Attempts around an origin that is allowed, by class."""
    scheme, _, authority = origin.partition("://")
    host, colon, port = authority.rpartition(":") if re.search(r":[0-9]+\Z", authority) else (authority, "", "")
    at = f"{colon}{port}"
    yield "suffix append", f"{scheme}://{host}.{EVIL}{at}"
    yield "prefix prepend", f"{scheme}://evil{apex}{at}"
    yield "prefix prepend", f"{scheme}://not-{apex}{at}"
    yield "substring", f"{scheme}://{EVIL}?{host}"
    yield "substring", f"{scheme}://{host[1:]}{at}"
    yield "substring", f"{origin}x"
    for sign in "Xx-":
        yield "unescaped dot", f"{scheme}://{host.replace('.', sign, 1)}{at}"
    for text in ("null", "NULL", " null", "file://", ""):
        yield "null", text
    for other in ("http", "https", "xhttps", f"x{scheme}", "blob:https", "ws"):
        yield "scheme", f"{other}://{authority}"
    yield "scheme", f"{scheme}:/{authority}"
    for other in (
        "8443",
        DEFAULT_PORTS.get(scheme, "0"),
        "0",
        "65536",
        "0443",
        "",
        "+443",
        "\uff14\uff14\uff13",
        "80443",
    ):
        yield "port", f"{scheme}://{host}:{other}"
    for text in (
        f"{EVIL}@{authority}",
        f"{EVIL}#.{authority}",
        f"{EVIL}\\.{authority}",
        f"{authority}/",
        f"{authority}?x",
    ):
        yield "parser differences", f"{scheme}://{text}"
    for sign in SPECIAL_CHARACTERS:
        yield "special characters", f"{scheme}://{host}{sign}.{EVIL}{at}"
        yield "special characters", f"{scheme}://{EVIL}{sign}.{host}{at}"
    yield "case and Unicode", origin.upper()
    yield "case and Unicode", f"{scheme}://{host.replace('.', chr(0xFF0E), 1)}{at}"
    yield "case and Unicode", f"{scheme}://{host.replace('a', chr(0x430), 1).replace('s', chr(0x17F), 1)}\u212a{at}"
    for text in (f"{host}.", f"x..{apex}", f".{host}", f"a.b.c.{apex}", f"{'a' * 64}.{apex}"):
        yield "dots", f"{scheme}://{text}{at}"
    yield "apex", f"{scheme}://{apex}{at}"
    for text in ("0x7f.0.0.1", "127.1", "2130706433", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"):
        yield "IP spellings", f"{scheme}://{text}{at}"
    for text in (
        f"{origin}, https://{EVIL}",
        f"https://{EVIL}, {origin}",
        f"{origin} https://{EVIL}",
        f"{origin},{origin}",
    ):
        yield "several", text
    for sign in "\r\n\x00\t ":
        for text in (f"{origin}{sign}", f"{sign}{origin}", f"{scheme}://{host}{sign}.{EVIL}"):
            yield "injection", text
    yield "size", f"{scheme}://{'a.' * 10_000}{apex}{at}"
    yield "size", f"{scheme}://{'a' * 8192}.{apex}{at}"


def _paths(path: str) -> Iterator[str]:
    """Attempts around a path that is covered."""
    head = path.rstrip("/")
    yield from (path.upper(), f"{head}2", f"{head}+v1", f"{head}/../admin", f"{head}/./x", f"/{path}", f"{head}//x")
    yield from (f"{head}%2f..", path.removeprefix("/"), f"{head}\x00", f"{head};x=1", f"{head}/..")
