"""What a file may not say: each mistake has one code, one place, one sentence and, where it is certain, its repair."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic_core import InitErrorDetails, ValidationError

import corsrules
from corsrules.findings import CODES, Finding
from corsrules.language import shape

RULE = 'version = 1\n[[rules]]\norigins = ["https://app.example.com"]\n'


def rule(line: str) -> str:
    """A file with one rule that says `line` too; the line is the fourth."""
    return f"{RULE}{line}\n"


def origins(text: str) -> str:
    """A file with a rule for the one origin `text`; it is in line 3, column 12."""
    return f"version = 1\n[[rules]]\norigins = ['{text}']\n"


#: what is wrong, the file, the code, where, a part of the message, a part of the help
SHAPES = [
    ("not TOML", "version = \n", "CR002", (1, 11), "", ""),
    ("a key twice", "version = 1\nversion = 1\n", "CR002", (2, 1), "", ""),
    ("a wrong type", rule('credentials = "yes"'), "CR005", (4, 15), "must be true or false, not a string", ""),
    ("a number for a list", rule("methods = 5"), "CR005", (4, 11), "must be an array, not an integer", ""),
    ("a number in a list", rule('methods = ["PUT", 5]'), "CR005", (4, 19), "must be a string", ""),
    ("a string for a table", RULE + '[profiles]\na = "x"', "CR005", (5, 5), "must be a table", ""),
    ("a date", rule("max-age = 2020-01-01"), "CR005", (4, 11), "not a date", ""),
    ("an unknown key", rule("origin = []"), "CR003", (4, 1), "unknown key `origin`", "did you mean `origins`?"),
    ("snake case", rule("max_age = 1"), "CR003", (4, 1), "unknown key `max_age`", "did you mean `max-age`?"),
    ("nothing near", rule("zzz = 1"), "CR003", (4, 1), "unknown key `zzz`", "the keys here are `name`, `paths`"),
    ("an unknown table", RULE + "[fallbak]", "CR003", (4, 2), "unknown key `fallbak`", "did you mean `fallback`?"),
    ("unknown in fallback", RULE + "[fallback]\nheader = []", "CR003", (5, 1), "", "did you mean `headers`?"),
    ("no version", '[[rules]]\norigins = ["https://a.example"]', "CR004", (1, 1), "`version`", "version = 1"),
    ("a newer version", RULE.replace("1", "2", 1), "CR006", (1, 11), "newer than this release", "upgrade"),
    ("no version at all", RULE.replace("1", "0", 1), "CR006", (1, 11), "not a version", "version = 1"),
    ("a version in words", RULE.replace("1", '"1"', 1), "CR006", (1, 11), "not a version", "version = 1"),
    ("a true version", RULE.replace("1", "true", 1), "CR006", (1, 11), "not a version", "version = 1"),
    ("a version with a point", RULE.replace("1", "1.0", 1), "CR006", (1, 11), "not a version", "version = 1"),
    ("no rules", "version = 1", "CR004", (1, 1), "`rules` is missing", "[[rules]]"),
    ("an empty rules list", "version = 1\nrules = []", "CR007", (2, 9), "must not be empty", "[[rules]]"),
    ("an empty file", "", "CR004", (1, 1), "is missing", ""),
    ("a rule without origins", "version = 1\n[[rules]]\n", "CR004", (2, 1), "`origins` is missing", "nobody"),
    ("no paths", rule("paths = []"), "CR007", (4, 9), "must not be empty", "leave the key out"),
    ("an empty name", rule('name = ""'), "CR007", (4, 8), "must not be empty", ""),
    ("a max-age too long", rule("max-age = 86401"), "CR007", (4, 11), "at most 86400", ""),
    ("a negative max-age", rule("max-age = -1"), "CR007", (4, 11), "at least 0", ""),
    ("a max-age of 64 bits", rule(f"max-age = {2**70}"), "CR007", (4, 11), "at most 86400", ""),
    ("a group in upper case", RULE + "[profiles.a.origins]\nWeb = []", "CR009", (5, 1), "`Web`", "a-z"),
    ("a profile with a dot", RULE + '[profiles."a.b"]', "CR009", (4, 11), "`a.b`", "letters"),
    ("host-scheme = true", RULE + "[fallback]\nhost-scheme = true", "CR005", (5, 15), "not a boolean", ""),
]

#: what is wrong, the text where a pattern stands, the code, a part of the help
PATTERNS = [
    ("no scheme", "app.example.com", "CR010", 'write "https://app.example.com"'),
    ("no scheme, but a port", "app.example.com:8443", "CR010", 'write "https://app.example.com:8443"'),
    ("one slash", "https:/app.example.com", "CR010", 'write "https://app.example.com"'),
    ("a trailing slash", "https://app.example.com/", "CR011", 'write "https://app.example.com"'),
    ("a path", "https://app.example.com/x/y", "CR011", 'write "https://app.example.com"'),
    ("a query", "https://app.example.com?x", "CR011", 'write "https://app.example.com"'),
    ("a fragment", "https://app.example.com#x", "CR011", 'write "https://app.example.com"'),
    ("upper case", "https://App.example.com", "CR012", 'write "https://app.example.com"'),
    ("an upper-case scheme", "HTTPS://app.example.com", "CR012", 'write "https://app.example.com"'),
    ("the default port", "https://app.example.com:443", "CR013", 'write "https://app.example.com"'),
    ("the default port of ftp", "ftp://app.example.com:21", "CR013", 'write "ftp://app.example.com"'),
    ("an international name", "https://bücher.example", "CR014", 'write "https://xn--bcher-kva.example"'),
    ("two origins with a comma", "https://a.example, https://b.example", "CR015", '"https://b.example"'),
    ("two origins with a space", "https://a.example https://b.example", "CR015", '"https://a.example"'),
    ("an anchored expression", r"^https://app\.example\.com$", "CR016", "`*.`"),
    ("an expression for subdomains", r"https://.*\.example\.com", "CR016", 'write "https://*.example.com"'),
    ("a class", r"https://[a-z]+.example.com", "CR016", "`*.`"),
    ("an alternative", r"https://(a|b).example.com", "CR016", "`*.`"),
    ("a wildcard in the middle", "https://a.*.example.com", "CR017", "`**.example.com`"),
    ("two wildcard labels", "https://*.*.example.com", "CR017", "`**.example.com`"),
    ("two stars in a label", "https://a*b*.example.com", "CR017", "one `*`"),
    ("part of a label with **", "https://a**.example.com", "CR017", ""),
    ("** before letters", "https://**a.example.com", "CR017", "`**.example.com`"),
    ("no fixed label", "https://*", "CR017", '"*" alone'),
    ("part of the only label", "https://a*", "CR017", "*.example.com"),
    ("a wildcard in an address", "https://*.0.0.1", "CR017", "each address"),
    ("a wildcard before an address", "https://*.127.0.0.1", "CR017", "each address"),
    ("a wildcard top-level domain", "https://example.*", "CR017", ""),
    ("no room for the wildcard", f"https://{'a' * 63}*.example.com", "CR017", ""),
    ("null", "null", "CR018", "http(s)"),
    ("NULL", "NULL", "CR018", "http(s)"),
    ("a file", "file:///x", "CR018", "http(s)"),
    ("nothing", "", "CR019", "nobody"),
    ("a user", "https://me@app.example.com", "CR019", 'write "https://app.example.com"'),
    ("a trailing dot", "https://app.example.com.", "CR019", 'write "https://app.example.com"'),
    ("an empty label", "https://app..example.com", "CR019", ""),
    ("a label of 64", f"https://{'a' * 64}.example.com", "CR019", ""),
    ("a host of 254", "https://" + ".".join(["a" * 49] * 5) + ".abcd", "CR019", ""),
    ("a scheme with a space", "my app://x", "CR015", ""),
    ("a scheme with an underscore", "my_app://x", "CR019", "a scheme is"),
    ("an address in hex", "http://0x7f.0.0.1", "CR019", ""),
    ("a short address", "http://127.1", "CR019", ""),
    ("an address with leading zeros", "http://127.0.0.01", "CR019", ""),
    ("IPv6 not compressed", "http://[0:0:0:0:0:0:0:1]", "CR019", 'write "http://[::1]"'),
    ("IPv6 with an embedded quad", "http://[::ffff:127.0.0.1]", "CR019", 'write "http://[::ffff:7f00:1]"'),
    ("white space around", " https://app.example.com ", "CR019", 'write "https://app.example.com"'),
    ("port 0", "https://app.example.com:0", "CR020", "1 to 65535"),
    ("port 65536", "https://app.example.com:65536", "CR020", "1 to 65535"),
    ("a port with a leading zero", "https://app.example.com:0443", "CR020", ""),
    ("an empty port", "https://app.example.com:", "CR020", ""),
    ("a range the wrong way", "http://localhost:4000-3000", "CR020", ""),
    ("a range without an end", "http://localhost:3000-", "CR020", ""),
]

#: what is wrong, the path, a part of the help
PATHS = [
    ("no slash", "api", 'write "/api"'),
    ("empty", "", 'write "/"'),
    ("a star in a segment", "/api*", 'write "/api/*"'),
    ("a star in the middle", "/api/*/x", ""),
    ("two stars", "/api/**", 'write "/api/*"'),
    ("a star alone", "*", 'write "/*"'),
    ("an escape", "/a%20b", 'write "/a b"'),
    ("a query", "/search?q=1", 'write "/search"'),
    ("an empty segment", "/api//x", 'write "/api/x"'),
    ("an empty last segment under a star", "/api//*", 'write "/api/*"'),
    ("a dot segment", "/api/./x", 'write "/api/x"'),
    ("a dot-dot segment", "/api/../x", 'write "/x"'),
]

#: what is wrong, the line in the rule, the code, a part of the help
WORDS = [
    ("an empty method", 'methods = [""]', "CR040", ""),
    ("two methods in one", 'methods = ["PUT, GET"]', "CR040", "one method a string"),
    ("a forbidden method", 'methods = ["TRACE"]', "CR041", "drop"),
    ("a forbidden method in lower case", 'methods = ["connect"]', "CR041", "drop"),
    ("put", 'methods = ["put"]', "CR042", 'write "PUT"'),
    ("Delete", 'methods = ["Delete"]', "CR042", 'write "DELETE"'),
    ("a header with a colon", 'request-headers = ["x-a:"]', "CR043", ""),
    ("an exposed header with a space", 'response-headers = ["x a"]', "CR043", 'one name a string: "x", "a"'),
    ("two methods in lower case in one", 'methods = ["put, delete"]', "CR040", 'a string: "PUT", "DELETE"'),
    ("a NUL", 'methods = ["\\u0000"]', "CR040", "for example"),
    ("a NUL in a header", 'response-headers = ["\\u0000"]', "CR043", "for example"),
    ("two headers in one", 'request-headers = ["x-a, x-b"]', "CR043", 'a string: "x-a", "x-b"'),
    (
        "two headers in one, and one that no page sets",
        'request-headers = ["x-a, cookie"]',
        "CR043",
        "one name a string",
    ),
    ("a method with a star", 'methods = ["PU*"]', "CR052", "each name"),
    ("a header with a star", 'request-headers = ["x-datadog-*"]', "CR052", "each name"),
    ("an exposed header with a star", 'response-headers = ["x-*"]', "CR052", "each name"),
    ("two stars", 'methods = ["**"]', "CR052", "each name"),
    ("what only a server sends", 'request-headers = ["Access-Control-Allow-Origin"]', "CR051", "the page's code"),
    ("vary", 'request-headers = ["vary"]', "CR051", "the page's code"),
    ("what a browser asks itself", 'request-headers = ["access-control-request-headers"]', "CR044", "drop"),
    ("origin", 'request-headers = ["origin"]', "CR044", "drop"),
    ("what only a browser sends", 'response-headers = ["Origin"]', "CR051", "drop `Origin`"),
    ("what a browser asks, exposed", 'response-headers = ["access-control-request-method"]', "CR051", "drop"),
    ("what only a browser reads", 'response-headers = ["access-control-allow-origin"]', "CR051", "drop"),
    ("a header of the user's browser", 'response-headers = ["sec-fetch-mode"]', "CR051", "drop"),
    ("a header no page can set", 'request-headers = ["Cookie"]', "CR044", "drop"),
    ("a sec- header", 'request-headers = ["sec-fetch-mode"]', "CR044", "drop"),
    ("a header no page can read", 'response-headers = ["set-cookie"]', "CR044", "drop"),
    ('"*" beside a method', 'methods = ["*", "PUT"]', "CR045", "not both"),
    ('"*" beside a request header', 'request-headers = ["x-a", "*"]', "CR045", "not both"),
    ('"*" beside an exposed header', 'response-headers = ["*", "x-a"]', "CR045", "not both"),
]

GROUPS = 'version = 1\n[[rules]]\norigins = ["web"]\n'

#: what is wrong, the file, the code, where, a part of the message, a part of the help
REFERENCES = [
    ("a group without profiles", GROUPS, "CR101", (3, 12), "no group is called `web`", "https://web"),
    (
        "a group with a typo",
        GROUPS + "[profiles.a.origins]\nweeb = []",
        "CR101",
        (3, 12),
        "no group is called `web`",
        "did you mean `weeb`?",
    ),
    (
        "a host without a scheme",
        GROUPS.replace('"web"', '"localhost"'),
        "CR101",
        (3, 12),
        "no group is called `localhost`",
        'write "https://localhost"',
    ),
    (
        "a group that one profile does not fill",
        GROUPS + '[profiles.a.origins]\nweb = ["https://a.example"]\n[profiles.b]\n',
        "CR102",
        (6, 11),
        "profile `b` does not say who is meant by `web`",
        "origins.web = [...]",
    ),
    (
        "an unknown parent",
        RULE + '[profiles.a]\ninherits = "b"',
        "CR104",
        (5, 12),
        "no profile `b`",
        "the profiles are `a`",
    ),
    ("its own parent", RULE + '[profiles.a]\ninherits = "a"', "CR105", (5, 12), "`a` → `a`", "inherit nothing"),
    (
        "a circle of two, told once",
        RULE + '[profiles.a]\ninherits = "b"\n[profiles.b]\ninherits = "a"',
        "CR105",
        (5, 12),
        "`a` → `b` → `a`",
        "inherit nothing",
    ),
    (
        "inheriting from a development profile",
        RULE + '[profiles.a]\ndevelopment = true\n[profiles.b]\ninherits = "a"',
        "CR106",
        (7, 12),
        "`a` is a development profile",
        "inherit from another",
    ),
    (
        "a test for an unknown profile",
        RULE + '[profiles.a]\n[[tests]]\nname = "x"\norigin = "null"\npath = "/"\nprofiles = ["b"]\ndeny = ["*"]',
        "CR108",
        (9, 13),
        "no profile `b`",
        "the profiles are `a`",
    ),
    (
        "a fallback origin that nobody allows",
        RULE + '[fallback.hosts]\n"api.example" = "https://b.example"',
        "CR109",
        (5, 17),
        "no rule allows `https://b.example`",
        "allow it",
    ),
    (
        "a fallback host in upper case",
        RULE + '[fallback.hosts]\nAPI = "https://app.example.com"',
        "CR046",
        (5, 1),
        "",
        "",
    ),
    ("a fallback pattern", RULE + '[fallback.hosts]\na = "https://*.example.com"', "CR046", (5, 5), "", "one origin"),
    (
        "a fallback range",
        RULE + '[fallback.hosts]\na = "https://app.example.com:8-8"',
        "CR046",
        (5, 5),
        "",
        "one origin",
    ),
    ("Origin as its own fallback", RULE + '[fallback]\nheaders = ["Origin"]', "CR046", (5, 12), "", "x-client-origin"),
    ("a fallback scheme with ://", RULE + '[fallback]\nhost-scheme = "https://"', "CR046", (5, 15), "", "https"),
    (
        "a fallback header twice, in another case",
        RULE + '[fallback]\nheaders = ["x-a", "x-b", "X-A"]',
        "CR046",
        (5, 26),
        "`X-A` is named twice; header names are not case-sensitive",
        "drop one",
    ),
    (
        "a fallback header twice",
        RULE + '[fallback]\nheaders = ["x-a", "x-a"]',
        "CR046",
        (5, 19),
        "`x-a` is named twice",
        "drop one",
    ),
    (
        "credentials for everybody",
        'version = 1\n[[rules]]\norigins = ["*"]\ncredentials = true',
        "CR201",
        (4, 1),
        "credentials are allowed to every origin",
        "name the origins",
    ),
    (
        "a literal star with credentials",
        RULE + 'credentials = true\nmethods = ["*"]',
        "CR202",
        (5, 12),
        "literally",
        "write the names out",
    ),
    ("a max-age that only WebKit cuts short", rule("max-age = 7200"), "CR213", (4, 11), "WebKit keeps a preflight", ""),
    ("a reason for nothing", rule('reason = "x"'), "CR004", (4, 1), "`waive` is missing", "name the codes"),
    ("a star beside an origin", RULE.replace('["', '["*", "'), "CR203", (3, 12), "every origin", 'drop the "*"'),
    ("a star in a group", GROUPS + '[profiles.a.origins]\nweb = ["*"]', "CR203", (5, 8), "group", "the rule itself"),
    (
        "two rules for one origin",
        RULE + '[[rules]]\norigins = ["https://app.example.com"]\ncredentials = true',
        "CR301",
        (5, 12),
        "both answer `https://app.example.com` at `/*`",
        "one of the rules",
    ),
    (
        "two rules for every origin",
        'version = 1\n[[rules]]\norigins = ["*"]\n[[rules]]\norigins = ["*"]\nmax-age = 5',
        "CR301",
        (5, 12),
        "any origin",
        "",
    ),
    (
        "patterns that cross",
        'version = 1\n[[rules]]\norigins = ["https://ab*.a.example"]\n'
        '[[rules]]\norigins = ["https://*bc.a.example"]\nmax-age = 5',
        "CR301",
        (5, 12),
        "`https://abc.a.example`",
        "",
    ),
    (
        "a group name twice filled, equal in one profile",
        RULE.replace("app.example.com", "a.example")
        + """\
[[rules]]
origins = ["web"]
max-age = 5
[profiles.a.origins]
web = ["https://b.example"]
[profiles.b.origins]
web = ["https://a.example"]
""",
        "CR301",
        (10, 8),
        "in profile `b`",
        "",
    ),
]


def test_a_fallback_header_that_is_named_twice_shows_the_first_place() -> None:
    (finding,) = corsrules.check_text(RULE + '[fallback]\nheaders = ["x-a", "X-A"]')
    assert [(related.line, related.column, related.message) for related in finding.related] == [(5, 12, "first here")]


@pytest.mark.parametrize(
    ("text", "code", "at", "message", "advice"), [row[1:] for row in SHAPES], ids=[r[0] for r in SHAPES]
)
def test_shape(text: str, code: str, at: tuple[int, int], message: str, advice: str) -> None:
    assert_only(corsrules.check_text(text), code, at, message, advice)


@pytest.mark.parametrize(
    ("text", "code", "at", "message", "advice"), [row[1:] for row in REFERENCES], ids=[r[0] for r in REFERENCES]
)
def test_reference(text: str, code: str, at: tuple[int, int], message: str, advice: str) -> None:
    assert_only(corsrules.check_text(text), code, at, message, advice)


@pytest.mark.parametrize(("text", "code", "advice"), [row[1:] for row in PATTERNS], ids=[r[0] for r in PATTERNS])
def test_pattern(text: str, code: str, advice: str) -> None:
    assert_only(corsrules.check_text(origins(text)), code, (3, 12), "", advice)


@pytest.mark.parametrize(("text", "advice"), [row[1:] for row in PATHS], ids=[r[0] for r in PATHS])
def test_path(text: str, advice: str) -> None:
    assert_only(corsrules.check_text(rule(f"paths = ['{text}']")), "CR030", (4, 10), "", advice)


@pytest.mark.parametrize(("line", "code", "advice"), [row[1:] for row in WORDS], ids=[r[0] for r in WORDS])
def test_word(line: str, code: str, advice: str) -> None:
    found = corsrules.check_text(rule(line))
    assert_only(found, code, (4, found[0].column), "", advice)


def assert_only(found: list[Finding], code: str, at: tuple[int, int], message: str, advice: str) -> None:
    first = found[0]
    assert (first.code, (first.line, first.column)) == (code, at)
    assert message in first.message
    assert advice in first.help
    # An empty file lacks two keys; everything else has one cause and so one finding.
    assert len(found) == 1 or {each.code for each in found} == {"CR004"}


def test_repairs_are_right() -> None:
    """What a help line tells to write instead of a pattern is a pattern."""
    written = [advice.split('"')[1] for *_, advice in PATTERNS if advice.startswith('write "')]
    assert len(written) > 10
    assert not [text for text in written for each in corsrules.check_text(origins(text)) if each.severity == "error"]


def test_everything_comes_in_one_run() -> None:
    text = """\
version = 1
bogus = 1
[[rules]]
origins = ["web", "https://App.example.com"]
max-age = "long"
[[rules]]
methods = ["put"]
[[rules]]
origins = ["https://a.example"]
paths = ["api"]
"""
    assert [(finding.code, finding.line) for finding in corsrules.check_text(text)] == [
        ("CR003", 2),
        ("CR101", 4),
        ("CR012", 4),
        ("CR005", 5),
        ("CR004", 6),
        ("CR030", 10),
    ]


@pytest.mark.parametrize(
    ("content", "code", "at", "message"),
    [
        pytest.param(b"version = 1\n# \xff", "CR001", (2, 3), "0xFF", id="not UTF-8"),
        pytest.param(b"\xff\xfev\x00", "CR001", (1, 1), "0xFF", id="UTF-16"),
        pytest.param(b"version = 1\n\x00", "CR002", (2, 1), "", id="NUL"),
        pytest.param(b"", "CR004", (1, 1), "`version` is missing", id="empty"),
        pytest.param(b"\xef\xbb\xbfversion = 2\r\n", "CR006", (1, 11), "newer", id="a byte order mark is no error"),
    ],
)
def test_bytes(tmp_path: Path, content: bytes, code: str, at: tuple[int, int], message: str) -> None:
    file = tmp_path / "cors.toml"
    file.write_bytes(content)
    first = corsrules.check(file)[0]
    assert (first.code, (first.line, first.column), first.file) == (code, at, str(file))
    assert message in first.message
    with pytest.raises(corsrules.ConfigError) as raised:
        corsrules.load(file)
    assert raised.value.findings == corsrules.check(file)


def test_a_file_that_cannot_be_read_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for door in (corsrules.load, corsrules.check):
        with pytest.raises(FileNotFoundError) as raised:
            door("nowhere.toml")
        assert raised.value.filename == os.path.join(tmp_path, "nowhere.toml")


def test_the_codes_are_listed() -> None:
    assert all(code.startswith("CR") and len(code) == 5 for code in CODES)


#: what was found by trying to break it: the file, and every finding as code, line, column and a part of the help
FOUND = [
    (
        "a group that cannot be read is not unknown too",
        'version = 1\n[profiles.p.origins]\nweb = "https://a.example"\n[[rules]]\norigins = ["web"]\n',
        [("CR005", 3, 7, 'write `["https://a.example"]`')],
    ),
    (
        "nor one that stands beside `origins`",
        'version = 1\n[profiles.p]\nweb = ["https://a.example"]\n[[rules]]\norigins = ["web"]\n',
        [("CR003", 3, 1, "the keys here are")],
    ),
    (
        "a misspelt key is not missing too",
        'version = 1\n[[rules]]\norigin = ["https://a.example"]\n',
        [("CR003", 3, 1, "did you mean `origins`?")],
    ),
    (
        "one table for an array of them",
        'version = 1\n[rules]\norigins = ["*"]\n',
        [("CR005", 2, 1, "write `[[rules]]`")],
    ),
    (
        "a key of the document in a rule",
        'version = 1\n[[rules]]\norigins = ["https://a.example"]\nfallback = []\n',
        [("CR003", 4, 1, "above its first table")],
    ),
    ("a mapped loopback address", origins("https://[::ffff:7f00:1]"), [("CR210", 3, 12, "development profile")]),
    ("a mapped private address", origins("https://[::ffff:a00:1]"), [("CR210", 3, 12, "development profile")]),
    ("a mapped public address", origins("https://[::ffff:808:808]"), []),
    ("nor is one with an underscore", origins("https://*.my_app.example.com"), []),
    ("nor is one with an A-label of nothing", origins("https://*.xn--a.example.com"), []),
    ("a reserved domain is no public suffix", origins("https://*.internal"), []),
    ("two slashes without a colon", origins("https//a.example"), [("CR010", 3, 12, 'write "https://a.example"')]),
    ("an IPv6 address without a scheme", origins("[::1]:3000"), [("CR010", 3, 12, 'write "http://[::1]:3000", in')]),
    ("localhost without a scheme", origins("localhost:3000"), [("CR010", 3, 12, 'write "http://localhost:3000", in')]),
    ("a path with its host", rule('paths = ["https://a.example/api"]'), [("CR030", 4, 10, 'write "/api"')]),
    ("localhost with a star", origins("http://localhost*"), [("CR017", 3, 12, "http://localhost:*")]),
    (
        "a fallback header that WSGI hides",
        RULE + '[fallback]\nheaders = ["content-type"]',
        [("CR046", 5, 12, "x-client")],
    ),
    (
        "a profile with a name that cannot be and a key that there is not",
        RULE + '[profiles."a.b"]\nzzz = 1\n',
        [("CR009", 4, 11, "a profile's name is made of"), ("CR003", 5, 1, "the keys here are")],
    ),
    (
        "a reason of blanks is none",
        origins("http://app.example.com") + 'waive = ["CR208"]\nreason = " "\n',
        [("CR208", 3, 12, "https"), ("CR007", 5, 10, "say why")],
    ),
    (
        "a code that is meant can be waived",
        rule('waive = ["CR20"]\nreason = "x"'),
        [("CR049", 4, 10, "did you mean `CR210`?")],
    ),
]
TEST = RULE + '[[tests]]\nname = "t"\n'
FOUND += [
    (
        f"a test's path: {reason}",
        f'{TEST}origin = "https://app.example.com"\npath = "{path}"\ndeny = ["*"]\n',
        [("CR030", 7, 8, advice)],
    )
    for reason, path, advice in (
        ("a query", "/health?full=1", 'write "/health"'),
        ("an escape", "/stra%C3%9Fe", 'write "/straße"'),
        ("no slash", "api/x", 'write "/api/x"'),
        ("a star", "/x/*", 'write "/x"'),
    )
]
FOUND += [
    (
        f"a test's {reason}",
        f'{TEST}origin = "https://evil.example"\npath = "/"\ndeny = ["*"]\n'.replace(*change),
        [("CR405", line, column, advice)],
    )
    for reason, change, line, column, advice in (
        ("origin with a slash", ('evil.example"', 'a.example/"'), 6, 10, 'write "https://a.example"'),
        ("origin in upper case", ("evil", "Evil"), 6, 10, 'write "https://evil.example"'),
        ("host with a scheme", ("path", 'host = "https://a.example"\npath'), 7, 8, "host or host:port"),
    )
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_what_was_found_once(text: str, expected: list[tuple[str, int, int, str]]) -> None:
    found = corsrules.check_text(text)
    assert [(each.code, each.line, each.column) for each in found] == [row[:3] for row in expected]
    for finding, (*_, advice) in zip(found, expected, strict=True):
        assert advice in finding.help


def test_what_pydantic_calls_otherwise_one_day_is_still_told() -> None:
    """A kind of error that is not known here comes with its place, and in pydantic's words."""
    detail = InitErrorDetails(type="string_unicode", loc=("rules", 0, "name"), input="x")
    error = ValidationError.from_exception_data("Document", [detail])
    (problem,) = shape.problems(error, {"rules": [{"name": "x"}]})
    assert (problem.code, problem.place.path) == ("CR007", ("rules", 0, "name"))
    assert problem.message == f"`rules[0].name`: {error.errors()[0]['msg']}"


def test_conflicts_without_end_are_cut_off_but_every_rule_is_named() -> None:
    rules = [
        f'[[rules]]\nmax-age = {n}\norigins = ["https://a{n}-*.example.com", "https://*-b{n}.example.com"]\n'
        for n in range(60)
    ]
    found = corsrules.check_text("version = 1\n" + "".join(rules))
    assert {finding.code for finding in found} == {"CR301"}
    assert 60 < len(found) <= 60 * 11
    assert {line for each in found for line in (each.line, each.related[0].line)} == {4 + 3 * n for n in range(60)}
