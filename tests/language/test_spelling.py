"""What was meant by a text that is nearly right. Patterns and paths are tested with their findings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsrules.language.spelling import origin_mistake
from corsrules.web import origin

APP = "https://app.example.com"

SENT = [
    ("an origin", APP),
    ("with a port", "http://localhost:5173"),
    ("of an application", "capacitor://localhost"),
    ("of a sandboxed frame", "null"),
    ("a dot at the end", "https://app.example.com."),
    ("a dot before the port", "https://app.example.com.:8443"),
    ("a sign that browsers let through", "https://app.example.com,evil.test"),
    ("one that Chromium encodes", "https://app.example.com%2Aevil.test"),
]
NOT_SENT = [
    ("no scheme", "app.example.com", f'write "{APP}"'),
    ("a pattern", "https://*.example.com", 'a page has one origin: write for example "https://x.example.com"'),
    ("a pattern of ports", "http://localhost:*", 'a page has one origin: write for example "http://localhost:1"'),
    ("a pattern without a scheme", "*.example.com", 'a page has one origin: write for example "https://x.example.com"'),
    ("every origin", "*", "name the origin of one page"),
    ("nothing", "", "name the origin of one page"),
    ("blanks", "  ", "name the origin of one page"),
    ("upper case", "https://App.Example.com", f'write "{APP}"'),
    ("a slash at the end", f"{APP}/", f'write "{APP}"'),
    ("a path", f"{APP}/login", f'write "{APP}"'),
    ("the default port", f"{APP}:443", f'write "{APP}"'),
    ("white space", f" {APP}", f'write "{APP}"'),
    ("a user", "https://me@app.example.com", "scheme://host[:port], in lower case"),
    ("an international name", "https://bücher.example", 'write "https://xn--bcher-kva.example"'),
    ("two", f"{APP}, https://b.example", "a page has one origin: ask for each"),
    ("two without a space", f"{APP},https://b.example", "a page has one origin: ask for each"),
    ("localhost without a scheme", "localhost:3000", 'write "http://localhost:3000"'),
    ("in upper case, too", "LOCALHOST:3000", 'write "http://localhost:3000"'),
    ("null in another case", "Null", 'write "null"'),
    ("a WebSocket", "wss://app.example.com", f'write "{APP}"'),
    ("a WebSocket's address", "ws://app.example.com/socket", "name the origin of the page"),
    ("one in upper case", "WSS://app.example.com", "the origin of a page is"),
    ("a server of files", "ftp://files.example.com", "name the origin of the page"),
    ("a local file", "file:///home/index.html", 'write "null"'),
    ("a port that there is not", f"{APP}:99999", "scheme://host[:port], in lower case"),
    ("a short address", "http://127.1", "scheme://host[:port], in lower case"),
    ("a regular expression", r"^https://.*\.example\.com$", "scheme://host[:port], in lower case"),
    ("a name before another", f"{APP}@evil.test", "scheme://host[:port], in lower case"),
    ("an escape that no browser writes", f"{APP}%41evil.test", "scheme://host[:port], in lower case"),
]


@pytest.mark.parametrize("text", [row[1] for row in SENT], ids=[row[0] for row in SENT])
def test_an_origin_that_a_browser_sends_is_no_mistake(text: str) -> None:
    assert origin_mistake(text) is None


@pytest.mark.parametrize(("text", "advice"), [row[1:] for row in NOT_SENT], ids=[row[0] for row in NOT_SENT])
def test_an_origin_that_no_browser_sends(text: str, advice: str) -> None:
    mistake = origin_mistake(text)
    assert mistake is not None
    assert mistake.message.startswith(f"no browser sends the origin `{text}`")
    assert advice in mistake.advice


@given(st.one_of(st.text(), st.text("htps:/*.[]a0-9,@ A", max_size=40)))
def test_what_is_advised_is_sent(text: str) -> None:
    """Whatever the text, what the help tells to write is something that a browser sends."""
    mistake = origin_mistake(text)
    if mistake is not None and 'write "' in mistake.advice:
        assert origin.is_sent(mistake.advice.partition('"')[2].partition('"')[0])
