"""Texts, files and requests that lie near the boundaries of docs/semantics.md §2.

Every generator takes a `Choose`, a function that picks one of several options. Hypothesis provides one that shrinks
(`documents()`, `requests()`), and `random.Random(seed).choice` is one that is fast enough for millions of cases; so
there is one description of the world for both.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import reference
import tomli
from hypothesis import strategies as st

from corsrules import check_text

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]

# --- origins ----------------------------------------------------------------------------------------------------------

SCHEMES = ("https", "http", "ws", "wss", "ftp", "capacitor", "moz-extension", "a", "a" * 64)
BAD_SCHEMES = (
    "",
    "HTTPS",
    "hTtp",
    "1a",
    "+a",
    "-a",
    "a" * 65,
    "ht_tp",
    "https:",
    " https",
    "https\u017f",
    "\u017f",
    "xhttps",
)
LABELS = ("a", "app", "xn--bcher-kva", "_dmarc", "-", "a" * 63, "0", "0x", "0xg", "0xff", "1", "255", "2c127fa4-e8c7")
BAD_LABELS = ("", "a" * 64, "A", "a b", "é", "\u0430", "\u212a", "a%20", "*", "a,b", "a\u3002b", "٣", "a/", "[", "]")
ADDRESSES = ("127.0.0.1", "0.0.0.0", "255.255.255.255", "[::]", "[::1]", "[2001:db8::1]", "[::ffff:7f00:1]", "[1::]")
BAD_ADDRESSES = (
    *("127.1", "0x7f.0.0.1", "127.0.0.01", "256.0.0.1", "1.2.3.4.5", "1.2.3", "2130706433", "127.0.0.1."),
    *("[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[::1%lo]", "[1::2::3]", "[:1]", "[1:]", "[::1", "::1]"),
    *("[2001:DB8::1]", "[01::]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1:0:0:2::3]", "[]", "[::12345]", "[::1]x"),
)
PORTS = ("", ":1", ":79", ":80", ":81", ":21", ":443", ":442", ":444", ":8443", ":65535")
BAD_PORTS = (
    ":",
    ":0",
    ":65536",
    ":0443",
    ":99999",
    ":100000",
    ":+1",
    ":-1",
    ":4_3",
    ":\uff14\uff14\uff13",
    ": 1",
    ":1:2",
)
EDGES = ("", "", "", "", "", "", "/", " ", "\n", "\t", "\0", ".", "?", "#", ",", "\\", "@", "\x7f", "\x85", "\xa0")


def long_host(length: int) -> str:
    """A host of exactly `length` characters, in labels of 49 characters and a last one that takes up the rest."""
    whole, rest = divmod(length, 50)
    labels = ["h" * 49] * (whole if rest else whole - 1) + ["h" * (rest or 50)]
    return ".".join(labels)


def origin_text(choose: Choose[str], *, valid: bool = False) -> str:
    """A text that is an origin, or (unless `valid`) nearly one; each part is wrong once in a while."""

    def part(right: Sequence[str], wrong: Sequence[str]) -> str:
        kinds = ("right",) if valid else ("right",) * 5 + ("wrong",)
        return choose(right if choose(kinds) == "right" else wrong)

    scheme = part(SCHEMES, BAD_SCHEMES)
    kind = choose(("name", "name", "name", "address", "long"))
    if kind == "name":
        names = [part(LABELS, BAD_LABELS) for _ in range(int(choose("1234")))]
        host = ".".join(names)
    elif kind == "address":
        host = part(ADDRESSES, BAD_ADDRESSES)
    else:
        host = part((long_host(252), long_host(253)), (long_host(254), long_host(255), long_host(400)))
    text = f"{scheme}://{host}{part(PORTS, BAD_PORTS)}"
    return text if valid else choose(EDGES[:-4]) * (choose("0001") == "1") + text + choose(EDGES)


# --- misconfiguration classes -----------------------------------------------------------------------------------------

SPECIAL = "_-\"{}+^`!~;|&'()*,$=%<>[]\x7f\u00ad"


def mutations() -> dict[str, Callable[[str], str]]:
    """What attackers and broken clients make of an allowed origin, by class."""

    def host_of(origin: str) -> str:
        return origin.partition("://")[2]

    def at_host(change: Callable[[str], str]) -> Callable[[str], str]:
        return lambda origin: origin.partition("://")[0] + "://" + change(host_of(origin))

    table: dict[str, Callable[[str], str]] = {
        "suffix append": lambda o: o + ".evil.test",
        "suffix append without dot": lambda o: o + "evil",
        "prefix prepend": at_host(lambda h: "evil" + h),
        "one label more": at_host(lambda h: "x." + h),
        "two labels more": at_host(lambda h: "y.x." + h),
        "one label less": at_host(lambda h: h.partition(".")[2]),
        "first character dropped": at_host(lambda h: h[1:]),
        "query": lambda o: "https://evil.test?" + host_of(o),
        "unescaped dot": at_host(lambda h: h.replace(".", "x", 1)),
        "dash for dot": at_host(lambda h: h.replace(".", "-", 1)),
        "null": lambda o: "null",
        "NULL": lambda o: "NULL",
        "space before null": lambda o: " null",
        "empty": lambda o: "",
        "other scheme": lambda o: "http://" + host_of(o),
        "secure scheme": lambda o: "https://" + host_of(o),
        "longer scheme": lambda o: "x" + o,
        "one slash": lambda o: o.replace("//", "/", 1),
        "three slashes": lambda o: o.replace("//", "///", 1),
        "blob": lambda o: "blob:" + o,
        "no scheme": host_of,
        "userinfo": at_host(lambda h: h + "@evil.test"),
        "userinfo before": at_host(lambda h: "evil.test@" + h),
        "fragment": at_host(lambda h: "evil.test#." + h),
        "backslash": at_host(lambda h: "evil.test\\." + h),
        "trailing slash": lambda o: o + "/",
        "path": lambda o: o + "/x",
        "upper-case scheme": lambda o: o[:1].upper() + o[1:],
        "upper-case host": at_host(str.upper),
        "fullwidth dot": lambda o: o.replace(".", "\uff0e", 1),
        "Cyrillic a": lambda o: o.replace("a", "\u0430", 1),
        "long s": lambda o: o.replace("s", "\u017f", 1),
        "Kelvin sign": lambda o: o.replace("k", "\u212a", 1),
        "trailing dot": lambda o: o + ".",
        "double dot": lambda o: o.replace(".", "..", 1),
        "leading dot": at_host(lambda h: "." + h),
        "two origins": lambda o: o + ", https://evil.test",
        "two origins, ours last": lambda o: "https://evil.test, " + o,
        "two origins, no space": lambda o: o + "," + o,
        "CR": lambda o: o + "\r",
        "LF": lambda o: o + "\n",
        "LF inside": at_host(lambda h: h[:1] + "\n" + h[1:]),
        "NUL": lambda o: o + "\0",
        "tab": at_host(lambda h: "\t" + h),
        "space before": lambda o: " " + o,
        "space after": lambda o: o + " ",
        "label of 63": at_host(lambda h: "a" * 63 + "." + h),
        "label of 64": at_host(lambda h: "a" * 64 + "." + h),
        "label of 64 inside": at_host(lambda h: "b." + "a" * 64 + "." + h),
        "first label filled to 63": at_host(lambda h: "a" * (63 - len(h.partition(".")[0])) + h),
        "first label filled to 64": at_host(lambda h: "a" * (64 - len(h.partition(".")[0])) + h),
        "host filled to 253": at_host(lambda h: fill(h, 253)),
        "host filled to 254": at_host(lambda h: fill(h, 254)),
        "8 KiB": lambda o: o + "a" * 8192,
        "many labels": at_host(lambda h: "a." * 300 + h),
    }
    for port in (
        "443",
        "80",
        "8443",
        "0",
        "65536",
        "0443",
        "",
        "\uff14\uff14\uff13",
        "+443",
        "1",
        "65535",
        "99999",
        "4_43",
    ):
        table[f"port {port!r}"] = lambda o, port=port: o + ":" + port
    for character in SPECIAL:
        table[f"{character!r} before .evil.test"] = lambda o, c=character: o + c + ".evil.test"
        table[f"{character!r} before the host"] = at_host(lambda h, c=character: "evil.test" + c + "." + h)
        table[f"{character!r} inside the host"] = at_host(lambda h, c=character: h[:1] + c + h[1:])
    return table


def fill(host: str, length: int) -> str:
    """The host with labels put before it, up to exactly `length` characters."""
    while len(host) < length:
        label = min(50, length - len(host) - 1)
        host = "f" * label + "." + host if label > 0 else "f" + host
    return host


MUTATIONS = mutations()
MUTATION_NAMES = tuple(MUTATIONS)

# --- files ------------------------------------------------------------------------------------------------------------

#: A rest under which `**` has little room: 253 is the most.
TIGHT = (long_host(247) + ".ex", long_host(246) + ".ex", long_host(237) + ".example")

FRONTS = (
    *("", "a.", "b.a.", "pr-1.", "ab.", "*.", "*.", "**.", "**.", "*.a.", "**.a.", "**.b.a.", "pr-*.", "p*.", "*1."),
    *("pr-*1.", "a*.", "*b.", "a*b.", "*a.", "c.b.a.", "a" * 63 + ".", "a" * 61 + "*.", "*" + "a" * 62 + "."),
)
BASES = ("example.com", "example.com", "example.com", "example.com", "a.example.com", "ample.com", "1.example", *TIGHT)
HOSTS = ("localhost", "127.0.0.1", "[::1]", "192.168.0.1", "api.example.com", "[2001:db8::1]", "2c127fa4-e8c7")
SPECIAL_HOSTS = frozenset(HOSTS) - {"localhost", "2c127fa4-e8c7"}
PATTERN_PORTS = (
    *("", "", "", "", ":*", ":8443", ":440-450", ":443-443", ":444-450", ":1-65535", ":79-81", ":65535", ":1"),
    *(":8000-9000", ":8443-8444", ":8443-9000", ":443-8443", ":1-443"),
)
PATTERN_SCHEMES = ("https", "https", "https", "https", "https", "http", "wss", "capacitor")
PATHS = (
    *("/*", "/*", "/api/*", "/api/*", "/api", "/api/", "/api/a/*", "/api/a", "/a+b", "/straße/*", "/", "/api/a/b/*"),
    *("/health", "/API/*", "/api/v1.0/*"),
)
NAMES = (None, None, None, "session", 'a "quoted" name', "Straße", "rules[0]", "x\\y")

WHATS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"methods": ["GET", "POST"]},
    {"methods": ["PUT", "DELETE"], "request-headers": ["X-B", "authorization", "x-a"], "max-age": 600},
    {"methods": ["DELETE", "PUT", "GET", "PUT"], "request-headers": ["x-b", "Authorization", "x-A"], "max-age": 600},
    {"credentials": True, "response-headers": ["X-Total", "etag"], "max-age": 0},
    {"credentials": True, "methods": ["PATCH"], "response-headers": ["ETag", "x-total"]},
    {"credentials": True},
    {"methods": ["*"], "request-headers": ["*", "authorization"], "response-headers": ["*"]},
)

FALLBACKS: tuple[dict[str, Any], ...] = (
    {},
    {"host-scheme": False},
    {"host-scheme": "http"},
    {"host-scheme": "capacitor", "credentials": True},
    {"headers": ["x-client-origin"]},
    {"headers": ["X-Client-Origin", "x-origin-2"], "credentials": True},
    {"headers": ["x-client-origin"], "host-scheme": False, "credentials": False},
    {"credentials": True},
)


@dataclass(frozen=True)
class File:
    """A valid `cors.toml`: its text, what tomli reads in it, the profile to use, and every pattern in it."""

    text: str
    profile: str | None
    document: dict[str, Any] = field(repr=False)

    def patterns(self) -> list[str]:
        """The patterns that hold in the profile, without `"*"`."""
        groups = reference.groups_of(self.document, self.profile)
        found = [p for rule in self.document["rules"] for p in reference.patterns_of(rule, groups) if p != "*"]
        return found or ["https://app.example.com"]

    def label(self, index: int | None) -> str | None:
        """What the package calls the rule of this index."""
        return None if index is None else self.document["rules"][index].get("name") or f"rules[{index}]"


def pattern_text(choose: Choose[Any], bases: Sequence[str] = BASES) -> str:
    """A well-formed pattern, one of a few hundred that often overlap."""
    scheme, port = choose(PATTERN_SCHEMES), choose(PATTERN_PORTS)
    host = choose(FRONTS) + choose(bases) if choose((True,) * 6 + (False,)) else choose(HOSTS)
    if scheme not in reference.DEFAULT_PORT and host in SPECIAL_HOSTS:
        host = "**"  # an application's own scheme has names for hosts, and may be allowed with any of them
    return f"{scheme}://{host}{port}"


def draft(choose: Choose[Any]) -> dict[str, Any]:
    """A document, in tomli's form, that may have errors."""

    # Few of each in one file, so that rules meet at one path, overlap there, and often say the same.
    bases = [choose(BASES) for _ in range(2)]
    paths = [choose(PATHS) for _ in range(int(choose("1234")))]
    whats = [choose(WHATS) for _ in range(int(choose("123")))]

    def patterns(most: str) -> list[str]:
        return [pattern_text(choose, bases) for _ in range(int(choose(most)))]

    document: dict[str, Any] = {"version": 1}
    with_profiles = choose((False, True))
    if with_profiles:
        document["profiles"] = {
            "production": {"origins": {"web": patterns("123"), "partners": patterns("0112")}},
            "staging": {"inherits": "production", "origins": {"web": patterns("012")}},
            "dev": {"development": True, "origins": {"web": patterns("0123"), "partners": patterns("012")}},
        }
    rules: list[dict[str, Any]] = []
    for _ in range(int(choose("1234567"))):
        rule: dict[str, Any] = {}
        name = choose(NAMES)
        if name is not None and name not in (each.get("name") for each in rules):
            rule["name"] = name
        if choose((True, True, True, False)):
            rule["paths"] = [choose(paths) for _ in range(int(choose("112")))]
        kind = choose(("direct", "direct", "direct", "every", "nobody") + (("group",) * 4 if with_profiles else ()))
        rule["origins"] = {
            "direct": lambda: patterns("1234"),
            "every": lambda: ["*"],
            "nobody": list,
            "group": lambda: [choose(("web", "partners")), *patterns("01")],
        }[kind]()
        what = choose(whats)
        rule |= {} if kind == "every" and what.get("credentials") else what
        rules.append(rule)
    document["rules"] = rules
    fallback = dict(choose(FALLBACKS))
    if choose((True, False)):
        singles = [p for rule in rules for p in rule["origins"] if reference.parse_origin(p) is not None]
        if singles:
            fallback["hosts"] = {"api.example.com": choose(singles), "gateway.test:8080": choose(singles)}
    if fallback or choose((True, False)):
        document["fallback"] = fallback
    return document


def render(document: dict[str, Any]) -> tuple[str, list[Callable[[], None] | None]]:
    """The document's text, one pattern a line, and for each line how to take what it says out of the document."""
    lines: list[str] = []
    removals: list[Callable[[], None] | None] = []

    def line(text: str, removal: Callable[[], None] | None = None) -> None:
        lines.append(text)
        removals.append(removal)

    def origins(key: str, texts: list[str]) -> None:
        line(f"{key} = [")
        for text in texts:
            line(f"  {json.dumps(text, ensure_ascii=False)},", lambda text=text: texts.remove(text))
        line("]")

    line(f"version = {document['version']}")
    for profile, settings in document.get("profiles", {}).items():
        line(f"[profiles.{profile}]")
        for key in ("inherits", "development"):
            if key in settings:
                line(f"{key} = {json.dumps(settings[key])}")
        for group, texts in settings.get("origins", {}).items():
            origins(f"origins.{group}", texts)
    for rule in document["rules"]:

        def remove(rule: dict[str, Any] = rule) -> None:
            document["rules"].remove(rule)

        line("[[rules]]", remove)
        for key, value in rule.items():
            if key == "origins":
                origins(key, value)
            else:
                line(f"{key} = {json.dumps(value, ensure_ascii=False)}", remove)
    if "fallback" in document:
        fallback = document["fallback"]
        line("[fallback]")
        for key, value in fallback.items():
            if key != "hosts":
                line(f"{key} = {json.dumps(value)}")
        for host, origin in fallback.get("hosts", {}).items():
            line(f"hosts.{json.dumps(host)} = {json.dumps(origin)}", lambda host=host: fallback["hosts"].pop(host))
    return "\n".join(lines) + "\n", removals


def file(choose: Choose[Any]) -> File:
    """A file without errors: of a draft, what has an error (a conflict, most often) is taken out until none is left."""
    document = draft(choose)
    while True:
        text, removals = render(document)
        errors = {each.line: each for each in check_text(text) if each.severity == "error"}
        if not errors:
            break
        removal = removals[max(errors) - 1]
        assert removal is not None, f"the draft is wrong beyond repair: {errors[max(errors)]}\n{text}"
        removal()
        if not document["rules"]:
            document["rules"].append({"origins": ["https://a.example.com"]})
    profile = choose(tuple(document["profiles"])) if "profiles" in document else None
    return File(text, profile, tomli.loads(text))


# --- requests ---------------------------------------------------------------------------------------------------------

FREE = ("x", "a", "b", "1", "pr-1", "ab", "", "aab", "x.y", "b.a", "-", "_", "a" * 63, "a" * 64, "é", "A", "*")


def origin_value(choose: Choose[Any], pattern: str) -> str:
    """An `Origin` value near the pattern: in it, just outside it, or a mutation."""
    scheme, host, low, high = reference.split_pattern(pattern)
    if "*" in host:
        host = choose(HOSTS) if host == "**" and choose((True, False)) else host
        host = host.replace("**", choose(FREE)).replace("*", choose(FREE)) if choose((1, 1, 1, 0)) else host
    near = {low, high, low - 1, high + 1, (low + high) // 2, 443, 80, 8443}
    default = reference.DEFAULT_PORT.get(scheme)
    port = choose((low, high, *sorted(near)))
    written = port != (default or 0) or choose((False,) * 9 + (True,))
    text = f"{scheme}://{host}:{port}" if written else f"{scheme}://{host}"
    kind = choose(("plain",) * 5 + ("mutation",) * 4 + ("random",))
    if kind == "mutation":
        return MUTATIONS[choose(MUTATION_NAMES)](text)
    return text if kind == "plain" else origin_text(choose)


PATH_CHANGES: tuple[Callable[[str], str], ...] = (
    *(lambda p: p, lambda p: p, lambda p: p + "/", lambda p: p + "/x", lambda p: p + "/a/b", lambda p: p + "2"),
    *(
        str.upper,
        lambda p: p + "+v1",
        lambda p: p + "/../admin",
        lambda p: "/" + p,
        lambda p: p + "//",
        lambda p: p[1:],
    ),
    *(lambda p: p + "/.", lambda p: p + "/..", lambda p: p + "/./x", lambda p: p + "/.x", lambda p: p + "/a..b"),
    *(lambda p: p.replace("/", "\\"), lambda p: p + "?x=1", lambda p: p + "%2f..", lambda p: p + "\n", lambda p: ""),
    *(lambda p: p.rpartition("/")[0], lambda p: p + ";x", lambda p: p + "*", lambda p: p + " ", lambda p: "*"),
)


def request_path(choose: Choose[Any], document: dict[str, Any]) -> str:
    """A `PATH_INFO` near the paths of the rules, in WSGI's latin-1 form (once in a while not)."""
    rule = choose(document["rules"])
    base = choose([*rule.get("paths", ["/*"]), "/api", "/"]).removesuffix("/*")
    encoded = base.encode().decode("latin-1") if choose((True,) * 7 + (False,)) else base
    return choose(PATH_CHANGES)(encoded)


def host_value(choose: Choose[Any], pattern: str) -> str | None:
    """A `Host` value: none, one that the file maps, or one near the pattern."""
    kind = choose(("none", "mapped", "near", "near", "near"))
    if kind == "none":
        return None
    if kind == "mapped":
        return choose(("api.example.com", "gateway.test:8080", "API.example.com", "api.example.com:443", ""))
    return origin_value(choose, pattern).partition("://")[2]


def fallback_values(choose: Choose[Any], document: dict[str, Any], pattern: str) -> dict[str, str]:
    """Values of the fallback headers (all of them, some, or others), by lower-case name."""
    names = [name.lower() for name in document.get("fallback", {}).get("headers", [])]
    values = {name: origin_value(choose, pattern) for name in names if choose((True, False))}
    if choose((False,) * 4 + (True,)):
        values["x-unknown"] = pattern
    return values


@dataclass(frozen=True)
class Request:
    """What `Matcher.decide` is asked."""

    path: str
    origin: str | None
    preflight: bool
    host: str | None
    fallback: dict[str, str]


def request(choose: Choose[Any], file: File) -> Request:
    """One request near the file's rules."""
    patterns = file.patterns()
    pattern = choose(patterns)
    origin = None if choose((True, False, False)) else origin_value(choose, pattern)
    fallback = fallback_values(choose, file.document, pattern)
    return Request(
        request_path(choose, file.document), origin, choose((False, True)), host_value(choose, pattern), fallback
    )


# --- Hypothesis -------------------------------------------------------------------------------------------------------


def _chooser(draw: st.DrawFn) -> Choose[Any]:
    return lambda options: draw(st.sampled_from(options))


@st.composite
def origin_texts(draw: st.DrawFn, *, valid: bool = False) -> str:
    """See `origin_text`."""
    return origin_text(_chooser(draw), valid=valid)


@st.composite
def pattern_texts(draw: st.DrawFn) -> str:
    """See `pattern_text`."""
    return pattern_text(_chooser(draw))


@st.composite
def origins_near(draw: st.DrawFn, pattern: str) -> str:
    """See `origin_value`."""
    return origin_value(_chooser(draw), pattern)


@st.composite
def files(draw: st.DrawFn) -> File:
    """See `file`."""
    return file(_chooser(draw))


@st.composite
def requests_to(draw: st.DrawFn, to: File) -> Request:
    """See `request`."""
    return request(_chooser(draw), to)


# --- the reference, quickly -------------------------------------------------------------------------------------------

#: Functions of texts only, so that remembering their results cannot change what the reference says.
PURE = ("parse_origin", "split_pattern", "pattern_matches", "contains", "is_denied_path", "path_matches")


@contextmanager
def remembering_reference() -> Iterator[None]:
    """Inside, the pure functions of the reference remember their results; the reference itself is not changed."""
    originals = {name: getattr(reference, name) for name in PURE}
    try:
        for name, function in originals.items():
            setattr(reference, name, lru_cache(maxsize=50_000)(function))
        yield
    finally:
        for name, function in originals.items():
            setattr(reference, name, function)


def without_groups(file: File) -> dict[str, Any]:
    """The document with every group replaced, once, by what it stands for in the profile (by the reference)."""
    groups = reference.groups_of(file.document, file.profile)
    rules = [rule | {"origins": reference.patterns_of(rule, groups)} for rule in file.document["rules"]]
    return file.document | {"rules": rules}
