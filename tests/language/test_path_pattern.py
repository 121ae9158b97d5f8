"""The path grammar, and which request paths a pattern stands for."""

import pytest

from corsrules.language import path_pattern
from corsrules.language.path_pattern import PathPattern


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("/", PathPattern("/", below=False)),
        ("/*", PathPattern("", below=True)),
        ("/health", PathPattern("/health", below=False)),
        ("/health/", PathPattern("/health/", below=False)),
        ("/api/*", PathPattern("/api", below=True)),
        ("/a+b", PathPattern("/a+b", below=False)),
        ("/straße/*", PathPattern("/straße", below=True)),
        ("/.well-known/*", PathPattern("/.well-known", below=True)),
        ("/a/...", PathPattern("/a/...", below=False)),
        ("/v1.0", PathPattern("/v1.0", below=False)),
    ],
)
def test_permitted_and_written_back(text, pattern):
    assert path_pattern.parse(text) == pattern
    assert str(pattern) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "api", "api/*", "/api*", "/api/**", "/*/x", "/*/*", "/a*b/*", "//", "//*", "/api//x", "/api//*"),
        *("/api/../x", "/..", "/../*", "/.", "/./*", "/a/.", "/a%20b", "/a%20b/*", "/search?q=1", "/search?/*"),
    ],
)
def test_prohibited(text):
    assert path_pattern.parse(text) is None


@pytest.mark.parametrize(
    ("text", "stands_for", "not_for"),
    [
        ("/*", ("/", "/a", "/a/b/"), ()),
        ("/", ("/",), ("/a",)),
        ("/api/*", ("/api", "/api/", "/api/a", "/api/a/b"), ("/", "/ap", "/api2", "/API/a", "/x/api")),
        ("/health", ("/health",), ("/health/", "/health/x", "/healthy", "/heal")),
        ("/health/", ("/health/",), ("/health", "/health/x")),
    ],
)
def test_what_a_pattern_stands_for(text, stands_for, not_for):
    pattern = path_pattern.parse(text)
    assert [each for each in (*stands_for, *not_for) if path_pattern.matches(pattern, each)] == list(stands_for)


@pytest.mark.parametrize("bad", ["/.", "/..", "/a/.", "/a/../b", "/./a", "//", "/a//b", "/a/b//"])
def test_segments_that_every_server_reads_differently(bad):
    assert path_pattern.has_bad_segment(bad)


@pytest.mark.parametrize("good", ["/", "/a", "/a/", "/.a", "/a.", "/a/..b", "/...", "/a./b"])
def test_segments_that_are_only_unusual(good):
    assert not path_pattern.has_bad_segment(good)


@pytest.mark.parametrize(
    ("written", "arrives"), [("/a", "/a"), ("/straße", "/stra\xc3\x9fe"), ("/\udcff", "/\xff"), ("/€", "/\xe2\x82\xac")]
)
def test_the_form_in_which_a_path_arrives(written, arrives):
    """PEP 3333: bytes read as latin-1; PEP 383 writes a byte that is not UTF-8."""
    assert path_pattern.wsgi_form(written) == arrives
