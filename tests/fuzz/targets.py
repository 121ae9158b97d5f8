"""What the fuzzer calls: each target takes any bytes, and raises where something is wrong with what they do.

`origin`: the parser and the matcher against the specification. `pattern`: the grammar and the algebra. `text`: whatever
a `cors.toml` holds, `loads` and `check_text` say what is wrong with it, and raise nothing else. `environ`: raw WSGI
requests to the Flask adapter and to the middleware, against the specification.

`fuzz.py` runs them under atheris, and test_fuzz_corpus.py runs them on the corpus, so this imports neither.
"""

import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import reference
import tomli
from answers import Answer, ask, cors_lines, names_in, vary_lines
from environs import environ
from flask import Flask, Response, request

import corsrules
from corsrules.engine.matcher import Matcher
from corsrules.findings import CODES
from corsrules.flask import CorsRules
from corsrules.language import origin_pattern
from corsrules.web import origin
from corsrules.wsgi import CorsMiddleware

#: Where a field of an input ends; it stands in no header that a server lets through.
SEPARATOR = "\x1e"

FILES = (
    """
version = 1
[[rules]]
origins = ["https://app.example.com", "http://127.0.0.1:8080", "https://[2001:db8::1]"]
credentials = true
methods = ["PUT"]
[[rules]]
origins = ["https://*.apps.example.com", "https://pr-*.example.com", "https://*-b.example.com", "https://a*a.a.example"]
request-headers = ["x-a"]
[[rules]]
origins = ["https://**.deep.example.com", "app+x://*.example.com", "a.b://**.x.example", "wss://*.x.example:8443", "b://**"]
response-headers = ["x-b"]
[fallback]
headers = ["x-client-origin"]
hosts = { "api.example.com" = "https://app.example.com" }
""",
    """
version = 1
[profiles.dev]
development = true
[[rules]]
origins = ["http://localhost:*", "https://*.example.com:8000-9000", "https://**.example.com:440-450", "a://*.b.example:*"]
max-age = 0
[[rules]]
origins = ["*"]
methods = ["*"]
[[rules]]
paths = ["/api/*", "/stra\u00dfe"]
origins = ["https://x.example.com", "https://*.example.com:443-443"]
credentials = true
response-headers = ["x-total", "etag"]
[[rules]]
paths = ["/api/admin/*"]
origins = []
[fallback]
host-scheme = "http"
credentials = true
""",
    """
version = 1
[[rules]]
paths = ["/*", "/a/b"]
origins = ["*"]
[[rules]]
paths = ["/a/*", "/a/b/*"]
origins = ["https://p*.example.com", "https://*q.example.com", "wss://a.example"]
credentials = true
methods = ["PATCH", "DELETE"]
[[rules]]
name = "the same said twice"
paths = ["/a/*"]
origins = ["https://p-*.example.com", "https://*-q.example.com", "https://z*.example.com"]
credentials = true
methods = ["DELETE", "PATCH"]
[fallback]
headers = ["x-client-origin", "x-other"]
host-scheme = false
""",
)


@cache
def matcher_of(text: str) -> tuple[Matcher, dict[str, Any], str | None]:
    """The matcher of one of the files, what tomli reads in it, and the profile."""
    document = tomli.loads(text)
    profile = next(iter(document.get("profiles", {})), None)
    return corsrules.loads(text, profile=profile), document, profile


def fields(data: bytes) -> tuple[str, list[str]]:
    """The file that an input is about (by its first byte) and the texts after it, of the characters that WSGI has."""
    return FILES[data[0] % len(FILES) if data else 0], data[1:].decode("latin-1").split(SEPARATOR)


def check_origin(data: bytes) -> None:
    """One path and one `Origin` value, asked twice: the second answer may come from what was remembered."""
    file, (text, *rest) = fields(data)
    parsed = origin.parse(text)
    assert (parsed and tuple(parsed)) == reference.parse_origin(text)
    assert parsed is None or str(parsed) == text
    matcher, document, profile = matcher_of(file)
    path = rest[0] if rest else "/"
    for preflight in (False, True, False):
        decision = matcher.decide(path, text, preflight=preflight)
        said = reference.decide(document, profile, path, text, preflight=preflight)
        assert (decision.governed, decision.allowed) == (said.governed, said.allowed)
        assert (dict(decision.headers), decision.vary) == (said.headers, said.vary)
        if decision.governed and decision.allowed:
            assert said.rule is not None
            assert decision.rule == document["rules"][said.rule].get("name", f"rules[{said.rule}]")
        assert_only_allowed(decision.headers.items(), document, [text])


def assert_only_allowed(headers: Iterable[tuple[str, str]], document: dict[str, Any], sent: list[str]) -> None:
    """I1, by itself: nothing of a request but an allowed origin stands in a CORS header."""
    constants = {"true", "*"}
    for rule in document["rules"]:
        constants |= set(reference.preflight_headers(rule).values())
        constants.add(reference.header_names(rule.get("response-headers", [])))
    credentials = False
    allowed = ""
    for name, value in headers:
        assert value.isascii()
        assert value.isprintable()
        if name == "Access-Control-Allow-Origin":
            allowed = value
            patterns = [each for rule in document["rules"] for each in rule["origins"]]
            assert value == "*" or (
                value in sent and any(each != "*" and reference.pattern_matches(each, value) for each in patterns)
            )
        else:
            assert value in constants
            credentials |= name == "Access-Control-Allow-Credentials"
    assert not (credentials and allowed in ("", "*"))


def check_pattern(data: bytes) -> None:
    """Two patterns: each is written back as it was read, and the specification agrees on what one has of the other."""
    _, texts = fields(b"\0" + data)
    parsed = [origin_pattern.parse(text) for text in texts[:2]]
    for text, each in zip(texts, parsed, strict=False):
        if each is None:
            continue
        assert origin_pattern.parse(str(each)) == each
        assert reference.pattern_matches(text, origin_pattern.example_origin(each))
    if len(parsed) == 2 and parsed[0] is not None and parsed[1] is not None:
        one, other = parsed
        assert origin_pattern.contains(one, other) == reference.contains(texts[0], texts[1])
        witness = origin_pattern.common_origin(one, other)
        assert (witness is None) == (origin_pattern.common_origin(other, one) is None)
        assert witness is None or all(reference.pattern_matches(text, witness) for text in texts[:2])
        outside = origin_pattern.witness_outside(one, [other])
        assert (outside is None) == origin_pattern.contains(other, one)
        assert outside is None or reference.pattern_matches(texts[0], outside)
        assert outside is None or not reference.pattern_matches(texts[1], outside)
        for both in origin_pattern.common_patterns(one, other):
            assert origin_pattern.contains(one, both)
            assert origin_pattern.contains(other, both)


def check_text(data: bytes) -> None:
    """As a file on the disk, and as a text; what has no errors is a matcher, and what has some is refused."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    findings = corsrules.check_text(text)
    lines = text.removeprefix("\ufeff").split("\n")
    for finding in findings:
        assert finding.code in CODES
        assert 1 <= finding.line <= len(lines) + 1
        assert 1 <= finding.column <= (len(lines[finding.line - 1]) if finding.line <= len(lines) else 0) + 2
    errors = {finding.code for finding in findings if finding.severity == "error" and not is_of_tests(finding.code)}
    refused = refusal(lambda: corsrules.loads(text))
    # Beside what check says there may be more: that no profile can be chosen.
    assert errors <= refused if refused else not errors

    path = Path(_folder(), "cors.toml")
    path.write_bytes(data)
    findings = corsrules.check(path)
    errors = {finding.code for finding in findings if finding.severity == "error" and not is_of_tests(finding.code)}
    refused = refusal(lambda: corsrules.load(path, profile="production"))
    assert errors <= refused if refused else not errors


def is_of_tests(code: str) -> bool:
    """Whether a finding is about the tests in a file, which `load` does not run."""
    return code.startswith("CR4")


def refusal(load: Callable[[], Matcher]) -> set[str]:
    """The codes of the errors for which a file is refused; none where it is not."""
    try:
        load()
    except corsrules.ConfigError as error:
        codes = {finding.code for finding in error.findings}
        text = str(error)
    else:
        return set()
    assert codes
    assert all(code in text for code in codes)
    return codes


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix="corsrules-fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


class OneView(Flask):
    """Every path and method has the same view; the environ says which headers it sends."""

    def dispatch_request(self) -> Response:
        return Response("view", headers=VIEWS[request.environ["test.view"]])


VIEWS: tuple[list[tuple[str, str]], ...] = (
    [],
    [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")],
    [("access-control-allow-origin", "null"), ("ACCESS-CONTROL-MAX-AGE", "1"), ("vary", "accept, ORIGIN")],
    [("Vary", "Accept, Cookie"), ("X-View", "1"), ("Vary", "cookie")],
    [("Vary", "*")],
)


@cache
def applications(text: str) -> tuple[Flask, CorsMiddleware]:
    """The same file twice: in an application with the Flask adapter, and around one without it."""
    matcher, _, profile = matcher_of(text)
    file = Path(_folder(), "app.toml")
    file.write_text(text, encoding="utf-8")
    app = OneView("fuzz")
    CorsRules(app, file, profile=profile)
    return app, CorsMiddleware(OneView("bare"), matcher)


def check_environ(data: bytes) -> None:
    """One request as it comes from a server: `KEY=value` fields, the first of them the method and the path."""
    file, (line, *texts) = fields(data)
    method, _, path = line.partition(" ")
    headers: dict[str, str] = {}
    for text in texts:
        key, found, value = text.partition("=")
        if found and key.isascii() and key.replace("_", "").isalnum() and key == key.upper():
            headers["HTTP_" + key] = value
    view = len(texts) % len(VIEWS)
    _, document, profile = matcher_of(file)
    said = reference.respond(document, profile, {"REQUEST_METHOD": method, "PATH_INFO": path, **headers})
    hosts = document.get("fallback", {}).get("hosts", {}).values()
    sent = [*headers.values(), *hosts, *(f"{scheme}://{headers.get('HTTP_HOST')}" for scheme in ("http", "https"))]
    for app in applications(file):
        answer = ask(app, environ(path, method, **headers, **{"test.view": view}))
        if said.kind != "untouched":
            assert_only_allowed(cors_lines(answer.headers), document, sent)
        assert_answered(said, VIEWS[view], method, answer)


def assert_answered(said: reference.Response, given: list[tuple[str, str]], method: str, answer: Answer) -> None:
    """The specification's answer, around what the view gave."""
    cors, vary = sorted(cors_lines(answer.headers)), vary_lines(answer.headers)
    given_vary = vary_lines(given)
    if said.kind == "answered":
        assert (answer.status, answer.body) == (said.status, b"")
        assert cors == sorted(said.set.items())
        assert set(names_in(vary)) == set(names_in(said.vary))
        return
    assert (answer.status, answer.body) == (200, b"" if method == "HEAD" else b"view")
    if said.kind == "untouched":
        assert cors == sorted(cors_lines(given))
        assert vary == given_vary
        return
    assert cors == sorted(said.set.items())
    if "*" in given_vary:
        assert vary == ["*"]
    else:
        assert set(names_in(vary)) == set(names_in([*given_vary, *said.vary]))
        assert sum(len(line.split(",")) for line in vary) == len(names_in(vary)), "never twice"
        assert len(vary) <= 1


TARGETS: dict[str, Callable[[bytes], None]] = {
    "origin": check_origin,
    "pattern": check_pattern,
    "text": check_text,
    "environ": check_environ,
}
