"""What a cors.toml means (docs/semantics.md §2) in the plainest Python: an executable specification.

It is slow, imports nothing of ours and is never imported by the package; the tests compare the
package with it on random cases. "§" refers to docs/semantics.md.

`document` is tomli's result for a cors.toml that is valid and free of conflicts.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# §2.1: only these five schemes have a default port and read a numeric last label as IPv4.
DEFAULT_PORT = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}

NO_PORT = 0  # no real port is 0: "the port is absent and the scheme has no default one"


@dataclass(frozen=True)
class Answer:
    """What cors.toml says about one request."""

    governed: bool
    allowed: bool
    rule: int | None  # index of the deciding rule in document["rules"]
    headers: dict[str, str]  # only Access-Control-*
    vary: tuple[str, ...]


@dataclass(frozen=True)
class Response:
    """What an adapter does with one request.

    kind "untouched": nothing at all. "answered": the adapter answers the preflight itself, with
    `status`, no body, the headers `set` and `vary`. "passed": the application answers; `remove`
    says that its Access-Control-* headers go, then `set` is put in and `vary` is merged.
    """

    kind: str
    status: int | None
    remove: bool
    set: dict[str, str]
    vary: tuple[str, ...]


# §2.1 origins


def parse_origin(text: str) -> tuple[str, str, int | None] | None:
    """The scheme, host and explicit port of a serialised origin; None for anything else."""
    if not text.isascii() or len(text) > 400:
        return None
    scheme, found, rest = text.partition("://")
    if not found or not re.fullmatch(r"[a-z][a-z0-9+.-]{0,63}", scheme):
        return None
    host, port_text = split_host_and_port(rest)
    if not is_host(scheme, host):
        return None
    if port_text is None:
        return scheme, host, None
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port_text) or int(port_text) > 65535:
        return None
    if int(port_text) == DEFAULT_PORT.get(scheme):  # §2.1: "no default port"
        return None
    return scheme, host, int(port_text)


def split_host_and_port(text: str) -> tuple[str, str | None]:
    """`host[:port]` into its parts; the colons inside an IPv6 address's brackets stay."""
    bracket = text.rfind("]")
    colon = text.find(":", bracket + 1)
    if colon == -1:
        return text, None
    return text[:colon], text[colon + 1 :]


def is_host(scheme: str, host: str) -> bool:
    """Whether a browser would serialise the host of an origin of this scheme like this."""
    if host.startswith("["):
        return host.endswith("]") and is_ipv6(host[1:-1])
    labels = host.split(".")
    if len(host) > 253 or not all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in labels):
        return False
    if scheme not in DEFAULT_PORT:
        return True  # §2.1: for other schemes a last label that is a number is a name like any
    # §2.1: a bare `0x` is a number too (URL standard, ends-in-a-number checker).
    return not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]) or is_ipv4(host)


def is_ipv4(host: str) -> bool:
    """Whether this is a canonical dotted quad."""
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address (no zone) exactly as RFC 5952 writes it."""
    try:
        return write_ipv6(int(ipaddress.IPv6Address(text))) == text
    except ValueError:
        return False


def write_ipv6(number: int) -> str:
    """RFC 5952 in hex pieces only: the first longest run of two or more zeros becomes `::`."""
    pieces = [f"{(number >> shift) & 0xFFFF:x}" for shift in (112, 96, 80, 64, 48, 32, 16, 0)]
    for length in (8, 7, 6, 5, 4, 3, 2):
        for start in range(9 - length):
            if pieces[start : start + length] == ["0"] * length:
                return ":".join(pieces[:start]) + "::" + ":".join(pieces[start + length :])
    return ":".join(pieces)


# §2.1 patterns


def pattern_matches(pattern: str, origin: str) -> bool:
    """Whether a well-formed pattern stands for this raw Origin value."""
    parsed = parse_origin(origin)
    if parsed is None:
        return False  # §2.1: any other value is no origin and matches nothing
    if pattern == "*":
        return True
    scheme, host, port = parsed
    if port is None:
        port = DEFAULT_PORT.get(scheme, NO_PORT)
    wanted_scheme, wanted_host, low, high = split_pattern(pattern)
    return scheme == wanted_scheme and host_matches(wanted_host, host) and low <= port <= high


def split_pattern(pattern: str) -> tuple[str, str, int, int]:
    """A pattern's scheme and host, and the lowest and highest port it stands for."""
    scheme, _, rest = pattern.partition("://")
    host, port = split_host_and_port(rest)
    default = DEFAULT_PORT.get(scheme, NO_PORT)
    if port is None:
        return scheme, host, default, default
    if port == "*":
        # §2.1: where there is no default port, `:*` includes the absent one; a range never does.
        return scheme, host, 1 if scheme in DEFAULT_PORT else NO_PORT, 65535
    low, _, high = port.partition("-")
    return scheme, host, int(low), int(high or low)


def host_matches(pattern: str, host: str) -> bool:
    """Whether a pattern's host stands for this host, which is a valid one."""
    if "*" not in pattern:
        return host == pattern
    if pattern == "**":
        return True  # §2.1: every host of a scheme of an application's own
    wildcard, _, suffix = pattern.partition(".")
    if wildcard == "**":
        return host.endswith("." + suffix)
    label, _, rest = host.partition(".")
    before, after = wildcard.split("*")
    # §2.1: `*` is one or more characters, so the fixed parts do not fill the label.
    room = len(label) > len(before) + len(after)
    return rest == suffix and room and label.startswith(before) and label.endswith(after)


def contains(outer: str, inner: str) -> bool:
    """Whether each origin of `inner` is one of `outer`. Both stand for at least one origin."""
    if outer == "*":
        return True
    if inner == "*":
        return False
    outer_scheme, outer_host, outer_low, outer_high = split_pattern(outer)
    inner_scheme, inner_host, inner_low, inner_high = split_pattern(inner)
    ports = outer_low <= inner_low and inner_high <= outer_high
    return outer_scheme == inner_scheme and ports and host_contains(outer_host, inner_host)


def host_contains(outer: str, inner: str) -> bool:
    """Whether each host of `inner` is one of `outer`; whichever they are, `inner` has a host."""
    if "*" not in inner:
        return host_matches(outer, inner)
    if outer == "**":
        return True
    if inner == "**" or "*" not in outer:
        return False  # a wildcard stands for at least as many hosts as a label has characters
    outer_label, _, outer_suffix = outer.partition(".")
    inner_label, _, inner_suffix = inner.partition(".")
    if outer_label == "**":
        return inner_suffix == outer_suffix or inner_suffix.endswith("." + outer_suffix)
    if inner_suffix != outer_suffix:
        return False  # `outer` fixes the number of labels, so the fixed labels must be the same
    if inner_label == "**":
        # Two more labels are at least `a.b.` before the suffix: 253 characters end that.
        return outer_label == "*" and len("a.b." + inner_suffix) > 253
    # The first and the last character that `*` stands for can be any: no longer fixed part of
    # `outer` would hold for all of them. Hence `ab*c` is inside `a*`, and `a*` not inside `ab*`.
    outer_before, outer_after = outer_label.split("*")
    inner_before, inner_after = inner_label.split("*")
    return inner_before.startswith(outer_before) and inner_after.endswith(outer_after)


# §2.2 which rule decides


def is_denied_path(path: str) -> bool:
    """§2.2: no slash in front, an empty segment (other than the last), `.` or `..`."""
    if not path.startswith("/"):
        return True
    segments = path[1:].split("/")
    return "" in segments[:-1] or "." in segments or ".." in segments


def path_matches(rule_path: str, path: str) -> bool:
    """Whether a rule's path, already in WSGI's form, covers a request path."""
    if rule_path.endswith("/*"):
        base = rule_path.removesuffix("/*")
        return path == base or path.startswith(base + "/")
    return path == rule_path


def rules_at(document: dict[str, Any], path: str) -> list[int]:
    """The indices of the rules under the longest path that covers this request path."""
    matching: list[tuple[int, bool, int]] = []
    for index, rule in enumerate(document.get("rules", [])):
        for written in rule.get("paths", ["/*"]):
            rule_path = written.encode("utf-8").decode("latin-1")  # §2.2: WSGI's latin-1 form
            if path_matches(rule_path, path):
                # §2.2.1: the longer base wins; on an equal base the exact path beats `/*`.
                base = rule_path.removesuffix("/*")
                matching.append((len(base), rule_path == base, index))
    longest = max(((length, exact) for length, exact, _ in matching), default=None)
    return [index for length, exact, index in matching if (length, exact) == longest]


def groups_of(document: dict[str, Any], profile: str | None) -> dict[str, list[str]]:
    """§1: the profile's groups; one given in the child replaces the parent's."""
    if profile is None:
        return {}
    settings = document["profiles"][profile]
    groups = groups_of(document, settings.get("inherits"))
    groups.update(settings.get("origins", {}))
    return groups


def patterns_of(rule: dict[str, Any], groups: dict[str, list[str]]) -> list[str]:
    """A rule's patterns, its groups replaced by what they stand for."""
    patterns: list[str] = []
    for entry in rule["origins"]:
        patterns += [entry] if entry == "*" or "://" in entry else groups[entry]
    return patterns


def choose(candidates: list[tuple[int, str]]) -> tuple[int, str]:
    """The rule index and pattern that decide, among those that match one origin."""
    minimal = [
        (index, pattern)
        for index, pattern in candidates
        if not any(contains(pattern, p) and not contains(p, pattern) for _, p in candidates)
    ]
    return min(minimal)  # §2.2.3: where several say the same, the first in the file is named


# §2.5 fallback


def fallback_origin(settings: dict[str, Any], host: str | None, request_headers: Mapping[str, str]) -> str | None:
    """What the fallback says, raw, of a request without Origin: the first that is present."""
    for name in settings.get("headers", []):
        value = request_headers.get(name.lower(), "")
        if value != "":  # §2.5.1: empty counts as absent; malformed stops here
            return value
    if host is None:
        return None
    hosts: dict[str, str] = settings.get("hosts", {})
    if host in hosts:
        return hosts[host]
    scheme = settings.get("host-scheme", "https")
    if scheme is False:
        return None
    return f"{scheme}://{host}"  # §2.5.3: the Host is used raw, the strict parser judges it


# §2.3 what is answered


def decide(
    document: dict[str, Any],
    profile: str | None,
    path: str,
    origin: str | None,
    *,
    preflight: bool = False,
    host: str | None = None,
    fallback: Mapping[str, str] = {},
) -> Answer:
    """The answer to one request. `fallback`: lower-case request header name to value."""
    path = path or "/"
    if is_denied_path(path):
        # §2.2: governed, whichever rules there are, and no Vary: no origin changes the answer.
        return Answer(governed=True, allowed=False, rule=None, headers={}, vary=())
    indices = rules_at(document, path)
    if not indices:
        return Answer(governed=False, allowed=False, rule=None, headers={}, vary=())

    groups = groups_of(document, profile)
    settings = document.get("fallback", {})
    patterns = [(i, p) for i in indices for p in patterns_of(document["rules"][i], groups)]

    # §2.3: constant per path; none where every rule is "*" or names nobody.
    vary: tuple[str, ...] = ()
    if any(pattern != "*" for _, pattern in patterns):
        vary = ("Origin", *settings.get("headers", []))

    from_fallback = origin is None
    if origin is None:  # §2.5: only when absent, never when null, malformed or denied
        origin = fallback_origin(settings, host, fallback) or ""  # "" is no origin

    # §2.3: "*" also decides requests without a usable origin.
    candidates = [(i, p) for i, p in patterns if p == "*" or pattern_matches(p, origin)]
    if not candidates:
        return Answer(governed=True, allowed=False, rule=None, headers={}, vary=vary)

    index, pattern = choose(candidates)
    rule = document["rules"][index]
    # What matched a pattern was parsed strictly, so it is the canonical origin (§2.3, I1).
    headers = {"Access-Control-Allow-Origin": "*" if pattern == "*" else origin}
    licensed = not from_fallback or settings.get("credentials", False)  # §2.5
    if pattern != "*" and rule.get("credentials", False) and licensed:
        headers["Access-Control-Allow-Credentials"] = "true"
    if preflight:
        headers.update(preflight_headers(rule))
    elif rule.get("response-headers", []):
        headers["Access-Control-Expose-Headers"] = header_names(rule["response-headers"])
    return Answer(governed=True, allowed=True, rule=index, headers=headers, vary=vary)


def preflight_headers(rule: dict[str, Any]) -> dict[str, str]:
    """§2.3: a constant of the rule; nothing of what was requested is looked at."""
    headers: dict[str, str] = {}
    methods = set(rule.get("methods", [])) - {"GET", "HEAD", "POST"}
    if methods:
        headers["Access-Control-Allow-Methods"] = ", ".join(sorted(methods))
    if rule.get("request-headers", []):
        headers["Access-Control-Allow-Headers"] = header_names(rule["request-headers"])
    if "max-age" in rule:  # 0 is sent
        headers["Access-Control-Max-Age"] = str(rule["max-age"])
    return headers


def header_names(names: list[str]) -> str:
    """Header names as they are sent: lower case, each once, sorted."""
    return ", ".join(sorted({name.lower() for name in names}))


# §2.6 tests in the file


def page_can_read(document: dict[str, Any], profile: str | None, test: dict[str, Any], method: str) -> bool:
    """Whether the page of one of `document["tests"]` can read the answer to this method, as the Fetch standard says."""
    if method.upper() in ("CONNECT", "TRACE", "TRACK"):
        return False
    path = test["path"].encode("utf-8").decode("latin-1")
    is_dropped = "host" in test or "fallback" in test
    origin = None if is_dropped else test["origin"]
    host = test.get("host")
    filled = {name.lower(): value for name, value in test.get("fallback", {}).items()}
    with_credentials = test.get("credentials", False)

    def check(answer: Answer) -> bool:
        """The CORS check: the browser compares with the page's own origin, whatever arrived."""
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        if allowed == "*" and not with_credentials:
            return True
        if allowed != test["origin"]:
            return False
        return not with_credentials or answer.headers.get("Access-Control-Allow-Credentials") == "true"

    if not check(decide(document, profile, path, origin, host=host, fallback=filled)):
        return False
    names = [name.lower() for name in test.get("headers", [])]
    if method in ("GET", "HEAD", "POST") and not names:
        return True  # no preflight
    preflight = decide(document, profile, path, origin, preflight=True, host=host, fallback=filled)
    if not check(preflight):
        return False
    methods = preflight.headers.get("Access-Control-Allow-Methods", "").split(", ")
    headers = preflight.headers.get("Access-Control-Allow-Headers", "").split(", ")
    if method not in ("GET", "HEAD", "POST", *methods) and ("*" not in methods or with_credentials):
        return False
    any_header = "*" in headers and not with_credentials
    return all(name in headers or (any_header and name != "authorization") for name in names)


def respond(document: dict[str, Any], profile: str | None, environ: dict[str, Any]) -> Response:
    """What an adapter does with a WSGI request."""
    path = environ.get("PATH_INFO", "")
    origin = environ.get("HTTP_ORIGIN")  # an empty one is present, and malformed
    host = environ.get("HTTP_HOST")
    sent: dict[str, str] = {}
    for name in document.get("fallback", {}).get("headers", []):
        key = "HTTP_" + name.upper().replace("-", "_")
        if key in environ:
            sent[name.lower()] = environ[key]

    actual = decide(document, profile, path, origin, host=host, fallback=sent)
    if not actual.governed:
        return Response(kind="untouched", status=None, remove=False, set={}, vary=())

    requested = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ  # even an empty one
    if environ["REQUEST_METHOD"] == "OPTIONS" and requested:
        answer = decide(document, profile, path, origin, preflight=True, host=host, fallback=sent)
        # §2.5: without Origin, only an allowed one is a preflight; else the application answers.
        if origin is not None or answer.allowed:
            status = 204 if answer.allowed else 403
            return Response("answered", status, False, answer.headers, answer.vary)

    return Response("passed", None, True, actual.headers, actual.vary)
