"""An origin is exactly what a browser serialises, and nothing else is one (docs/semantics.md §2.1)."""

import ipaddress
import random

import pytest
import reference
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from corsrules.web.origin import DEFAULT_PORTS, Origin, parse, serialize

SEED = 20240601

HOST_253 = strategies.long_host(253)
HOST_254 = strategies.long_host(254)

PERMITTED: tuple[tuple[str, str, Origin], ...] = (
    ("a host name", "https://app.example.com", Origin("https", "app.example.com", None)),
    ("a name of one label", "http://localhost", Origin("http", "localhost", None)),
    ("a port", "http://localhost:5173", Origin("http", "localhost", 5173)),
    ("an A-label", "https://xn--bcher-kva.example", Origin("https", "xn--bcher-kva.example", None)),
    ("an underscore", "https://_dmarc.example.com", Origin("https", "_dmarc.example.com", None)),
    ("hyphens at both ends", "https://-a-.example.com", Origin("https", "-a-.example.com", None)),
    ("labels of one character", "https://a.b.c", Origin("https", "a.b.c", None)),
    ("a label of 63", f"https://{'a' * 63}.example", Origin("https", "a" * 63 + ".example", None)),
    ("a last label of 63", f"https://example.{'a' * 63}", Origin("https", "example." + "a" * 63, None)),
    ("a host of 253", f"https://{HOST_253}", Origin("https", HOST_253, None)),
    ("a host of 253 with a port", f"https://{HOST_253}:65535", Origin("https", HOST_253, 65535)),
    # scheme
    ("a scheme of one letter", "a://host", Origin("a", "host", None)),
    ("a scheme of 64", f"{'a' * 64}://host", Origin("a" * 64, "host", None)),
    ("a scheme of all characters", "a0+-.://host", Origin("a0+-.", "host", None)),
    ("the longest origin", f"{'a' * 64}://{HOST_253}:65535", Origin("a" * 64, HOST_253, 65535)),
    ("a custom scheme", "capacitor://localhost", Origin("capacitor", "localhost", None)),
    ("a custom scheme with a port", "capacitor://localhost:80", Origin("capacitor", "localhost", 80)),
    # port
    ("the first port", "https://a.example:1", Origin("https", "a.example", 1)),
    ("the last port", "https://a.example:65535", Origin("https", "a.example", 65535)),
    ("http's default port under https", "https://a.example:80", Origin("https", "a.example", 80)),
    ("https's default port under http", "http://a.example:443", Origin("http", "a.example", 443)),
    ("https's default port under ws", "ws://a.example:443", Origin("ws", "a.example", 443)),
    ("http's default port under wss", "wss://a.example:80", Origin("wss", "a.example", 80)),
    ("ftp without a port", "ftp://a.example", Origin("ftp", "a.example", None)),
    ("ftp's default port under https", "https://a.example:21", Origin("https", "a.example", 21)),
    # IPv4 and labels like numbers
    ("IPv4", "http://127.0.0.1", Origin("http", "127.0.0.1", None)),
    ("IPv4, the lowest", "http://0.0.0.0", Origin("http", "0.0.0.0", None)),
    ("IPv4, the highest, with a port", "http://255.255.255.255:8080", Origin("http", "255.255.255.255", 8080)),
    ("a number that is not the last label", "https://1.2.3.example", Origin("https", "1.2.3.example", None)),
    ("a last label that begins with a digit", "https://example.1a", Origin("https", "example.1a", None)),
    ("a last label that is hex without 0x", "https://example.ff", Origin("https", "example.ff", None)),
    ("a last label that only looks like hex", "https://example.0xg", Origin("https", "example.0xg", None)),
    ("a last label with x and no zero", "https://example.x0", Origin("https", "example.x0", None)),
    ("a number with a hyphen", "https://example.1-2", Origin("https", "example.1-2", None)),
    ("a number under a custom scheme", "moz-extension://1", Origin("moz-extension", "1", None)),
    ("five numbers under a custom scheme", "app://1.2.3.4.5", Origin("app", "1.2.3.4.5", None)),
    ("no canonical quad under a custom scheme", "app://127.1", Origin("app", "127.1", None)),
    (
        "an extension's identifier",
        "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
        Origin("moz-extension", "2c127fa4-62c7-7e4f-90e5-472b45eecfdc", None),
    ),
    # IPv6
    ("IPv6, all zeros", "http://[::]", Origin("http", "[::]", None)),
    ("IPv6 loopback with a port", "http://[::1]:5173", Origin("http", "[::1]", 5173)),
    ("IPv6, zeros last", "http://[1::]", Origin("http", "[1::]", None)),
    ("IPv6, zeros inside", "http://[1::2]", Origin("http", "[1::2]", None)),
    ("IPv6, two zeros only", "http://[1:2:3:4:5:6::]", Origin("http", "[1:2:3:4:5:6::]", None)),
    ("IPv6, one zero stays", "http://[1:0:3:4:5:6:7:8]", Origin("http", "[1:0:3:4:5:6:7:8]", None)),
    ("IPv6, one zero first", "http://[0:2:3:4:5:6:7:8]", Origin("http", "[0:2:3:4:5:6:7:8]", None)),
    ("IPv6, one zero last", "http://[1:2:3:4:5:6:7:0]", Origin("http", "[1:2:3:4:5:6:7:0]", None)),
    ("IPv6, the longer run", "http://[1:0:0:2::3]", Origin("http", "[1:0:0:2::3]", None)),
    ("IPv6, the first of equal runs", "http://[1::2:0:0:3:4]", Origin("http", "[1::2:0:0:3:4]", None)),
    ("IPv6, full pieces", "http://[1fff:2:3:4:5:6:7:ff]", Origin("http", "[1fff:2:3:4:5:6:7:ff]", None)),
    ("IPv6, a mapped IPv4 in hex", "http://[::ffff:7f00:1]", Origin("http", "[::ffff:7f00:1]", None)),
    ("IPv6 under a custom scheme", "app://[::1]", Origin("app", "[::1]", None)),
)

PROHIBITED: tuple[tuple[str, str], ...] = (
    ("nothing", ""),
    ("null", "null"),
    ("null in capitals", "NULL"),
    ("null as a host only", "://null"),
    # scheme
    ("no scheme", "app.example.com"),
    ("an empty scheme", "://app.example.com"),
    ("no slashes", "https:app.example.com"),
    ("one slash", "https:/app.example.com"),
    ("three slashes", "https:///app.example.com"),
    ("two schemes", "blob:https://app.example.com"),
    ("a scheme in capitals", "HTTPS://app.example.com"),
    ("a scheme with one capital", "httpS://app.example.com"),
    ("a scheme of 65", f"{'a' * 65}://host"),
    ("a scheme that begins with a digit", "1a://host"),
    ("a scheme that begins with a plus", "+a://host"),
    ("a scheme that begins with a hyphen", "-a://host"),
    ("a scheme that begins with a dot", ".a://host"),
    ("a scheme with an underscore", "a_b://host"),
    ("a scheme with a space", "ht tp://host"),
    ("a scheme with a long s", "http\u017f://app.example.com"),
    ("a scheme with a latin-1 letter", "http\xe9://app.example.com"),
    # host
    ("no host", "https://"),
    ("no host but a port", "https://:8443"),
    ("a host in capitals", "https://App.example.com"),
    ("a trailing dot", "https://app.example.com."),
    ("a trailing dot before a port", "https://app.example.com.:8443"),
    ("a leading dot", "https://.example.com"),
    ("an empty label", "https://app..example.com"),
    ("only a dot", "https://."),
    ("a label of 64", f"https://{'a' * 64}.example"),
    ("a last label of 64", f"https://example.{'a' * 64}"),
    ("a name of one label of 64", f"https://{'a' * 64}"),
    ("a host of 254", f"https://{HOST_254}"),
    ("a host of 254 with a port", f"https://{HOST_254}:8443"),
    ("a host of 254 under a custom scheme", f"app://{HOST_254}"),
    ("a label of 64 under a custom scheme", f"app://{'a' * 64}"),
    ("400 bytes", "https://" + strategies.long_host(392)),
    ("401 bytes", "https://" + strategies.long_host(393)),
    ("8 KiB", "https://" + "a." * 4096 + "example"),
    ("a star", "https://*.example.com"),
    *(
        (f"{character!r} in the host", f"https://a{character}b.example.com")
        for character in strategies.SPECIAL
        if character not in "-_"
    ),
    # Unicode
    ("a letter of latin-1", "https://b\xfccher.example"),
    ("the same, as UTF-8 read as latin-1", "https://b\xc3\xbccher.example"),
    ("a Cyrillic a", "https://\u0430pp.example.com"),
    ("a long s", "https://\u017fession.example.com"),
    ("a Kelvin sign", "https://\u212aiosk.example.com"),
    ("a full-width letter", "https://\uff41pp.example.com"),
    ("a full-width dot", "https://app\uff0eexample.com"),
    ("an ideographic dot", "https://app\u3002example.com"),
    ("a superscript digit", "https://app\xb2.example.com"),
    ("Arabic digits as IPv4", "http://\u0661\u0662\u0667.0.0.1"),
    ("a soft hyphen", "https://a\xadpp.example.com"),
    ("a zero-width joiner", "https://a\u200dpp.example.com"),
    ("a lone surrogate", "https://a\ud800pp.example.com"),
    # around and behind it
    ("a trailing slash", "https://app.example.com/"),
    ("a path", "https://app.example.com/x"),
    ("a query", "https://app.example.com?x"),
    ("a fragment", "https://app.example.com#x"),
    ("a user name", "https://user@app.example.com"),
    ("a user name that looks like us", "https://app.example.com@evil.test"),
    ("a backslash", "https://evil.test\\.example.com"),
    ("a space before", " https://app.example.com"),
    ("a space behind", "https://app.example.com "),
    ("two origins", "https://a.example.com, https://b.example.com"),
    ("two origins with a space", "https://a.example.com https://b.example.com"),
    ("a comma", "https://a.example.com,"),
    # port
    ("an empty port", "https://app.example.com:"),
    ("port 0", "https://app.example.com:0"),
    ("port 00", "https://app.example.com:00"),
    ("port 65536", "https://app.example.com:65536"),
    ("port 99999", "https://app.example.com:99999"),
    ("a port of six digits", "https://app.example.com:100000"),
    ("a leading zero", "https://app.example.com:0443"),
    ("a leading zero, five digits", "https://app.example.com:08443"),
    ("a sign", "https://app.example.com:+8443"),
    ("a minus", "https://app.example.com:-8443"),
    ("an underscore between digits", "https://app.example.com:8_443"),
    ("a space before the digits", "https://app.example.com: 8443"),
    ("a line feed behind the digits", "https://app.example.com:8443\n"),
    ("hex", "https://app.example.com:0x1"),
    ("full-width digits", "https://app.example.com:\uff18\uff14\uff14\uff13"),
    ("superscript digits", "https://app.example.com:8\xb2"),
    ("two ports", "https://app.example.com:1:2"),
    ("a port range", "https://app.example.com:1-2"),
    ("every port", "https://app.example.com:*"),
    ("port 0 under a custom scheme", "app://localhost:0"),
    *((f"{scheme}'s default port", f"{scheme}://app.example.com:{port}") for scheme, port in DEFAULT_PORTS.items()),
    ("the default port of an IPv6 host", "http://[::1]:80"),
    # IPv4 and labels like numbers
    ("two parts", "http://127.1"),
    ("three parts", "http://127.0.1"),
    ("five parts", "http://1.2.3.4.5"),
    ("one number", "http://2130706433"),
    ("a part of 256", "http://1.2.3.256"),
    ("a part of 999", "http://999.0.0.1"),
    ("a part of four digits", "http://1.2.3.1000"),
    ("a leading zero in a part", "http://127.0.0.01"),
    ("a part 00", "http://127.0.00.1"),
    ("hex parts", "http://0x7f.0.0.1"),
    ("a hex last part", "http://127.0.0.0x1"),
    ("hex", "http://0x7f000001"),
    ("only 0x", "http://0x"),
    ("a last label 0x", "https://example.0x"),
    ("a last label of digits", "https://example.1"),
    ("a last label of hex", "https://example.0xff"),
    ("a last label of zeros", "wss://example.000"),
    ("ftp, a last label of digits", "ftp://example.1"),
    ("ws, a last label of digits", "ws://example.1"),
    ("IPv4 and a dot", "http://127.0.0.1."),
    ("an empty part", "http://127..0.1"),
    # IPv6
    ("no brackets", "http://::1"),
    ("empty brackets", "http://[]"),
    ("an opening bracket only", "http://[::1"),
    ("a closing bracket only", "http://::1]"),
    ("brackets twice", "http://[[::1]]"),
    ("something behind the bracket", "http://[::1]x"),
    ("something behind the bracket and a port", "http://[::1]x:8080"),
    ("something before the bracket", "http://x[::1]"),
    ("IPv4 in brackets", "http://[127.0.0.1]"),
    ("a name in brackets", "http://[localhost]"),
    ("a zone", "http://[fe80::1%25eth0]"),
    ("a zone, raw", "http://[fe80::1%eth0]"),
    ("a zone, empty", "http://[fe80::1%]"),
    ("not compressed", "http://[0:0:0:0:0:0:0:1]"),
    ("compressed too little", "http://[0::1]"),
    ("compressed too little at the end", "http://[1::0]"),
    ("one zero compressed", "http://[1::3:4:5:6:7:8]"),
    ("one zero compressed at the start", "http://[::2:3:4:5:6:7:8]"),
    ("one zero compressed at the end", "http://[1:2:3:4:5:6:7::]"),
    ("the shorter run compressed", "http://[1::2:0:0:0:3]"),
    ("the second of equal runs compressed", "http://[1:0:0:2:3::4]"),
    ("nothing compressed where something can be", "http://[1:0:0:4:5:6:7:8]"),
    ("compressed twice", "http://[1::2::3]"),
    ("three colons", "http://[:::1]"),
    ("capital hex", "http://[2001:DB8::1]"),
    ("leading zeros", "http://[2001:0db8::1]"),
    ("a piece of five", "http://[::12345]"),
    ("a letter beyond f", "http://[::g]"),
    ("an embedded quad", "http://[::ffff:127.0.0.1]"),
    ("seven pieces", "http://[1:2:3:4:5:6:7]"),
    ("nine pieces", "http://[1:2:3:4:5:6:7:8:9]"),
    ("nothing to compress", "http://[1:2:3:4::5:6:7:8]"),
    ("a leading colon", "http://[:1:2:3:4:5:6:7]"),
    ("a trailing colon", "http://[1:2:3:4:5:6:7:]"),
    ("a full-width digit", "http://[::\uff11]"),
)


@pytest.mark.parametrize(("text", "origin"), [row[1:] for row in PERMITTED], ids=[row[0] for row in PERMITTED])
def test_permitted(text: str, origin: Origin) -> None:
    assert parse(text) == origin
    assert str(origin) == text


@pytest.mark.parametrize("text", [row[1] for row in PROHIBITED], ids=[row[0] for row in PROHIBITED])
def test_prohibited(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("character", [chr(code) for code in (*range(0x21), *range(0x7F, 0xA1))], ids=repr)
@pytest.mark.parametrize(
    ("place", "template"),
    [
        ("before", "{}https://app.example.com:8443"),
        ("in the scheme", "htt{}ps://app.example.com:8443"),
        ("behind the colon", "https:{}//app.example.com:8443"),
        ("before the host", "https://{}app.example.com:8443"),
        ("in the host", "https://app.{}example.com:8443"),
        ("behind the host", "https://app.example.com{}"),
        ("before the port", "https://app.example.com:{}8443"),
        ("behind the port", "https://app.example.com:8443{}"),
        ("in an IPv6 address", "http://[::{}1]"),
    ],
)
def test_control_characters_and_spaces_are_nowhere_permitted(character: str, place: str, template: str) -> None:
    assert parse(template.format(character)) is None, place


@pytest.mark.parametrize(
    ("written", "effective"),
    [
        ("http://a.example", 80),
        ("ws://a.example", 80),
        ("https://a.example", 443),
        ("wss://a.example", 443),
        ("ftp://a.example", 21),
        ("https://a.example:80", 80),
        ("capacitor://a.example", 0),
        ("capacitor://a.example:443", 443),
    ],
)
def test_the_effective_port(written: str, effective: int) -> None:
    origin = parse(written)
    assert origin is not None
    assert origin.effective_port == effective
    assert serialize(origin.scheme, origin.host, effective) == written


@settings(max_examples=500, deadline=None, print_blob=True)
@given(strategies.origin_texts(valid=True) | strategies.origin_texts())
def test_what_is_an_origin_is_its_own_serialisation(text: str) -> None:
    origin = parse(text)
    assert origin is None or str(origin) == text


@settings(max_examples=500, deadline=None, print_blob=True)
@given(st.text(max_size=40) | st.text("htps:/.[]0123456789abcdefx*%@-_+", max_size=40).map("https://".__add__))
def test_any_text_is_judged_as_the_specification_judges_it(text: str) -> None:
    assert parse(text) == reference.parse_origin(text)


def test_texts_near_the_boundary_are_judged_as_the_specification_judges_them() -> None:
    choose = random.Random(SEED).choice
    origins = 0
    for number in range(60_000):
        text = strategies.origin_text(choose, valid=number % 3 == 0)
        said = reference.parse_origin(text)
        assert parse(text) == said, f"seed {SEED}: {text!r}"
        origins += said is not None
    assert 10_000 < origins < 50_000, f"seed {SEED}: the texts are not near the boundary"


@pytest.mark.parametrize("mutation", strategies.MUTATION_NAMES)
def test_mutated_origins_are_judged_as_the_specification_judges_them(mutation: str) -> None:
    for origin in ("https://app.example.com", "https://x.apps.example.com:8443", "http://127.0.0.1", "http://[::1]:81"):
        text = strategies.MUTATIONS[mutation](origin)
        assert parse(text) == reference.parse_origin(text)


# --- IPv6 -------------------------------------------------------------------------------------------------------------


def spellings(number: int) -> set[str]:
    """Ways to write an IPv6 address: each run of zeros (or none) compressed, padded or not, in both cases."""
    pieces = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    texts = {":".join(pieces), ":".join(piece.zfill(4) for piece in pieces)}
    for start in range(8):
        for end in range(start + 1, 9):
            if set(pieces[start:end]) == {"0"}:
                texts.add(":".join(pieces[:start]) + "::" + ":".join(pieces[end:]))
    return texts | {text.upper() for text in texts}


def test_one_spelling_of_an_ipv6_address_is_permitted_the_one_python_writes() -> None:
    """RFC 5952. Python's spelling of IPv4-mapped addresses depends on its version, so it is no judge of those."""
    random_ = random.Random(SEED)
    compared = 0
    for _ in range(4_000):
        pieces = [random_.choice((0, 0, 0, 1, 0xA, 0xFFFF, random_.getrandbits(16))) for _ in range(8)]
        address = ipaddress.IPv6Address(sum(piece << 16 * (7 - place) for place, piece in enumerate(pieces)))
        permitted = {text for text in spellings(int(address)) if parse(f"http://[{text}]") is not None}
        if address.ipv4_mapped is None:
            assert permitted == {str(address)}, f"seed {SEED}: {address}"
            compared += 1
    assert compared > 3_900


def test_an_ipv4_mapped_address_is_written_in_hex() -> None:
    """The URL standard's IPv6 serialiser knows no embedded quads."""
    random_ = random.Random(SEED)
    for _ in range(500):
        high, low = random_.choice((0, 1, random_.getrandbits(16))), random_.choice((0, 1, random_.getrandbits(16)))
        # ::ffff:0:0 has five zeros in front, and that is the longest run whatever follows.
        written = f"::ffff:{high:x}:{low:x}"
        permitted = {text for text in spellings(0xFFFF << 32 | high << 16 | low) if parse(f"http://[{text}]")}
        assert permitted == {written}, f"seed {SEED}"
        quad = ".".join(map(str, (high >> 8, high & 255, low >> 8, low & 255)))
        assert parse(f"http://[::ffff:{quad}]") is None
