"""A web origin: parse and serialise it, exactly as a browser writes it into `Origin`.

Everything about the text form of one origin lives here, and nothing about patterns, rules or requests. The room
imports nothing of ours. Nothing here folds case, strips, decodes or repairs: a text that is not already the
serialisation of an origin is no origin. No regular expression, `urlsplit`, `int()` or `lower()` is used, because
each of them accepts something that a browser never sends.

Sources: RFC 6454 section 6.2 and the HTML standard (serialisation of an origin), the URL standard
(https://url.spec.whatwg.org/#concept-host-serializer), RFC 3986 section 3.1 (scheme), RFC 5952 (IPv6 text).
"""

from __future__ import annotations

from typing import NamedTuple

#: The URL standard's special schemes that have an origin, with their default ports.
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

#: Schemes that no page has, why not, and the scheme of the page that is meant. https://websockets.spec.whatwg.org/ ;
#: Chromium 95 and Firefox 90 dropped ftp.
SCHEMES_WITHOUT_PAGES = {
    "ws": ("a WebSocket sends the origin of its page", "http"),
    "wss": ("a WebSocket sends the origin of its page", "https"),
    "ftp": ("browsers open no page over ftp", ""),
}

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LABEL_CHARACTERS = LETTERS + DIGITS + "-_"
SCHEME_CHARACTERS = LETTERS + DIGITS + "+-."
HEX_DIGITS = DIGITS + "abcdef"

SCHEME_LENGTH = 64
LABEL_LENGTH = 63
HOST_LENGTH = 253
PORT_MAXIMUM = 65535
#: An `Origin` value longer than this (in bytes) is no origin.
ORIGIN_LENGTH = 400

#: Signs that browsers let through in a name, though no name on the internet has them: what is left of ASCII without
#: https://url.spec.whatwg.org/#forbidden-domain-code-point. For the star Chromium writes the escape.
SIGNS_LET_THROUGH = "!\"$&'()+,;=`{}~"
ENCODED_STAR = "%2A"


class Origin(NamedTuple):
    """A tuple origin: `port` is None where it is not written, that is where it is the scheme's default."""

    scheme: str
    host: str
    port: int | None

    @property
    def effective_port(self) -> int:
        """The port that is meant: the written one, else the scheme's default, else 0 (a scheme without ports)."""
        return DEFAULT_PORTS.get(self.scheme, 0) if self.port is None else self.port

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" if self.port is None else f"{self.scheme}://{self.host}:{self.port}"


def serialize(scheme: str, host: str, effective_port: int) -> str:
    """The origin of these three, as a browser writes it: the scheme's default port (or 0) is left out."""
    port = None if effective_port == DEFAULT_PORTS.get(scheme, 0) else effective_port
    return str(Origin(scheme, host, port))


def parse(text: str) -> Origin | None:
    """The origin that `text` is the serialisation of, or None.

    Permitted: `https://app.example.com`, `http://127.0.0.1:8080`, `http://[::1]:5173`, `capacitor://localhost`.
    Prohibited: `null`, `HTTPS://app.example.com`, `https://app.example.com:443`, `https://app.example.com/`,
    `https://app.example.com.`, `http://127.1`, `http://[0:0:0:0:0:0:0:1]`, `https://a.example, https://b.example`.
    """
    if len(text) > ORIGIN_LENGTH:
        return None
    scheme, separator, authority = text.partition("://")
    if not separator or not is_scheme(scheme):
        return None
    host, port = split_port(authority)
    if not is_host(scheme, host):
        return None
    if port is None:
        return Origin(scheme, host, None)
    number = port_number(port)
    if number is None or number == DEFAULT_PORTS.get(scheme):
        return None
    return Origin(scheme, host, number)


def is_sent(text: str) -> bool:
    """Whether a browser sends `text` as the origin of some page, also where it is no origin here.

    Permitted: `https://app.example.com`, `null`, `https://app.example.com.`, `https://app.example.com,evil.test`.
    Prohibited: what else `parse` prohibits, `https://*.example.com`, `wss://app.example.com`.
    """
    scheme, separator, authority = text.partition("://")
    if scheme in SCHEMES_WITHOUT_PAGES:
        return False
    if text == "null" or parse(text) is not None:
        return True
    host, port = split_port(authority)
    host = host.removesuffix(".").replace(ENCODED_STAR, "x")
    host = "".join("x" if each in SIGNS_LET_THROUGH else each for each in host)
    return parse(f"{scheme}{separator}{host}" + ("" if port is None else f":{port}")) is not None


def split_port(authority: str) -> tuple[str, str | None]:
    """The host and what stands after its colon (None without a colon); neither is judged."""
    end = authority.find("]") + 1 if authority.startswith("[") else 0
    colon = authority.find(":", end)
    return (authority, None) if colon < 0 else (authority[:colon], authority[colon + 1 :])


def consists_of(text: str, characters: str) -> bool:
    """Whether every character of `text` is one of `characters` (true of the empty text)."""
    return not text.strip(characters)


def is_scheme(text: str) -> bool:
    """RFC 3986 section 3.1 in lower case: a letter, then letters, digits, `+`, `-`, `.`; 64 characters at most."""
    return 0 < len(text) <= SCHEME_LENGTH and text[0] in LETTERS and consists_of(text, SCHEME_CHARACTERS)


def is_label(text: str) -> bool:
    """One to 63 of `a-z`, `0-9`, `-`, `_` (browsers let `_` through, so it is met in the wild)."""
    return 0 < len(text) <= LABEL_LENGTH and consists_of(text, LABEL_CHARACTERS)


def is_host(scheme: str, text: str) -> bool:
    """Whether `text` is a serialised host under `scheme`: a name, a canonical dotted quad, or IPv6 in brackets."""
    if text.startswith("["):
        return text.endswith("]") and is_ipv6(text[1:-1])
    if len(text) > HOST_LENGTH:
        return False
    labels = text.split(".")
    if not all(is_label(label) for label in labels):
        return False
    # Only special schemes have IPv4 addresses; elsewhere the host is opaque (URL standard, host parser).
    return scheme not in DEFAULT_PORTS or not is_number(labels[-1]) or is_ipv4(labels)


def is_number(label: str) -> bool:
    """The URL standard's "ends in a number" test for a last label: digits, or `0x` and hex digits (also none)."""
    return consists_of(label, DIGITS) or (label.startswith("0x") and consists_of(label[2:], HEX_DIGITS))


def is_ipv4(labels: list[str]) -> bool:
    """Whether these are the four parts of a canonical dotted quad: decimal, 0 to 255, no leading zeros."""
    return len(labels) == 4 and all(
        len(part) <= 3 and consists_of(part, DIGITS) and (part == "0" or part[0] != "0") and decimal(part) <= 255
        for part in labels
    )


def is_ipv6(text: str) -> bool:
    """Whether `text` (without brackets) is the URL standard's serialisation of an IPv6 address; zones are not."""
    pieces = ipv6_pieces(text)
    return len(pieces) == 8 and all(_is_piece(piece) for piece in pieces) and ipv6_text(pieces) == text


def ipv6_pieces(text: str) -> list[str]:
    """The pieces of an IPv6 address, with the zeros that `::` stands for; of any other text not eight, or no pieces."""
    head, compressed, tail = text.partition("::")
    left = head.split(":") if head else []
    right = tail.split(":") if tail else []
    return [*left, *(["0"] * (8 - len(left) - len(right)) if compressed else []), *right]


def ipv6_text(pieces: list[str]) -> str:
    """RFC 5952 section 4: the first longest run of at least two zero pieces becomes `::`.

    Written here because Python's own spelling of mapped addresses changed between 3.11 and 3.13.
    """
    start, length = 0, 1
    for first in range(8):
        run = 0
        while first + run < 8 and pieces[first + run] == "0":
            run += 1
        if run > length:
            start, length = first, run
    if length == 1:
        return ":".join(pieces)
    return f"{':'.join(pieces[:start])}::{':'.join(pieces[start + length :])}"


def port_number(text: str) -> int | None:
    """The port that `text` writes (1 to 65535, no leading zeros, ASCII digits), or None."""
    if not 0 < len(text) <= 5 or text[0] == "0" or not consists_of(text, DIGITS):
        return None
    number = decimal(text)
    return number if number <= PORT_MAXIMUM else None


def decimal(digits: str) -> int:
    """The value of a text of ASCII digits (`int()` would take other scripts' digits, `+443` and `4_43` too)."""
    number = 0
    for digit in digits:
        number = number * 10 + DIGITS.index(digit)
    return number


def _is_piece(text: str) -> bool:
    return 0 < len(text) <= 4 and consists_of(text, HEX_DIGITS) and (text == "0" or text[0] != "0")
