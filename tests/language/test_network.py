"""Which hosts are on the user's own machine or network: the special-purpose registries, and IPv4 inside IPv6."""

from __future__ import annotations

import ipaddress
import random

import pytest

from corsrules.language import origin_pattern
from corsrules.language.network import is_local
from corsrules.language.origin_pattern import Pattern
from corsrules.web.origin import ipv6_text


def parsed(text: str) -> Pattern:
    found = origin_pattern.parse(text)
    assert found is not None, text
    return found


#: the block, its first address and its last, the address before and the address after
IPV4 = [
    ("this network, RFC 791", "0.0.0.0", "0.255.255.255", None, "1.0.0.0"),
    ("private, RFC 1918", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("shared, RFC 6598", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
    ("loopback, RFC 1122", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
    ("link-local, RFC 3927", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
    ("private, RFC 1918, the second", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
    ("protocol assignments, RFC 6890", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
    ("documentation, RFC 5737", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
    ("private, RFC 1918, the third", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
    ("benchmarking, RFC 2544", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
    ("documentation, RFC 5737, the second", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
    ("documentation, RFC 5737, the third", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
    ("reserved and broadcast, RFC 1112", "240.0.0.0", "255.255.255.255", "239.255.255.255", None),
]

IPV6 = [
    ("unspecified and loopback, RFC 4291", "::", "::1", None, None),
    (
        "for a translator of one's own, RFC 8215",
        "64:ff9b:1::",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        None,
        "64:ff9b:2::",
    ),
    ("discarded, RFC 6666", "100::", "100::ffff:ffff:ffff:ffff", "ff:ffff::", "100:0:0:1::"),
    ("benchmarking, RFC 5180", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "2001:1:ffff::", "2001:2:1::"),
    ("documentation, RFC 3849", "2001:db8::", "2001:db8:ffff::1", "2001:db7:ffff::", "2001:db9::"),
    ("documentation, RFC 9637", "3fff::", "3fff:fff:ffff::1", "3ffe:ffff::", "3fff:1000::"),
    ("segment routing, RFC 9602", "5f00::", "5f00:ffff::1", "5eff:ffff::", "5f01::"),
    ("unique local, RFC 4193", "fc00::", "fdff:ffff::1", "fbff:ffff::", "fe00::"),
    ("link-local, RFC 4291", "fe80::", "febf:ffff::1", "fe7f:ffff::", None),
    ("site-local, RFC 3879", "fec0::", "feff:ffff::1", None, "ff00::"),
]


def local(host: str) -> bool:
    return is_local(parsed(f"http://{host}"))


@pytest.mark.parametrize(("first", "last", "before", "after"), [row[1:] for row in IPV4], ids=[row[0] for row in IPV4])
def test_ipv4(first: str, last: str, before: str | None, after: str | None) -> None:
    assert local(first)
    assert local(last)
    assert before is None or not local(before)
    assert after is None or not local(after)


@pytest.mark.parametrize(("first", "last", "before", "after"), [row[1:] for row in IPV6], ids=[row[0] for row in IPV6])
def test_ipv6(first: str, last: str, before: str | None, after: str | None) -> None:
    assert local(f"[{first}]")
    assert local(f"[{last}]")
    assert before is None or not local(f"[{before}]")
    assert after is None or not local(f"[{after}]")


#: how an IPv4 address stands in an IPv6 address: the bits before it, and after it
EMBEDDED = [
    ("compatible, RFC 4291 section 2.5.5.1", 0, 0),
    ("mapped, RFC 4291 section 2.5.5.2", 0xFFFF << 32, 0),
    ("translated, RFC 2765", 0xFFFF << 48, 0),
    ("NAT64, RFC 6052", 0x0064_FF9B << 96, 0),
    ("6to4, RFC 3056", 0x2002 << 112, 80),
]


@pytest.mark.parametrize(("base", "shift"), [row[1:] for row in EMBEDDED], ids=[row[0] for row in EMBEDDED])
def test_an_embedded_ipv4_address_is_judged_as_itself(base: int, shift: int) -> None:
    choose = random.Random(5)
    texts = [text for row in IPV4 for text in row[1:] if text is not None]
    texts += [str(ipaddress.IPv4Address(choose.getrandbits(32))) for _ in range(300)]
    for text in texts:
        value = base | int(ipaddress.IPv4Address(text)) << shift
        pieces = [f"{value >> bits & 0xFFFF:x}" for bits in range(112, -16, -16)]
        assert local(f"[{ipv6_text(pieces)}]") is local(text), text


#: what it is, a pattern, whether it is local
OTHERS = [
    ("the name localhost", "http://localhost", True),
    ("a name under it", "http://app.localhost:*", True),
    ("a wildcard under it", "http://*.localhost", True),
    ("a name that ends so", "http://notlocalhost", False),
    ("a public address", "http://8.8.8.8", False),
    ("a public IPv6 address", "http://[2600::1]", False),
    ("a name", "http://10.0.0.1.example", False),
    ("an application's own scheme", "capacitor://localhost", False),
    ("every host of one", "capacitor://**", False),
]


@pytest.mark.parametrize(("pattern", "expected"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_others(pattern: str, expected: bool) -> None:
    assert is_local(parsed(pattern)) is expected
