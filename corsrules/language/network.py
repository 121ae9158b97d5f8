"""Where the pages of a pattern come from: the user's own machine, a private network, a host that everybody uses.

A question about addresses and schemes alone. Whether such a pattern is wise in a profile is for the checks.
"""

from __future__ import annotations

from functools import cache

from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import Pattern
from corsrules.web import shared_hosts
from corsrules.web.origin import DEFAULT_PORTS, decimal, ipv6_pieces, is_ipv4, parse, serialize

#: The special schemes that anyone on the network can forge. Custom schemes are an application's own.
INSECURE_SCHEMES = frozenset({"http", "ws", "ftp"})

#: Blocks that are not globally reachable, so that only the user's own machine or network can answer there (RFC 6890):
#: https://www.iana.org/assignments/iana-ipv4-special-registry, with 240.0.0.0/4, which is reserved.
LOCAL_IPV4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
)

#: https://www.iana.org/assignments/iana-ipv6-special-registry, with fec0::/10, which RFC 3879 deprecates.
LOCAL_IPV6 = (
    "::/127",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:2::/48",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
)

#: Blocks whose addresses hold an IPv4 address, with the number of bits that follow it: compatible and mapped (RFC 4291
#: section 2.5.5), translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).
EMBEDDED_IPV4 = (("::/96", 0), ("::ffff:0:0/96", 0), ("::ffff:0:0:0/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80))


def is_local(pattern: Pattern) -> bool:
    """Whether the pattern's pages come from the user's own machine or network (by address, or as `localhost`)."""
    host = pattern.host
    if pattern.scheme not in DEFAULT_PORTS:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True  # RFC 6761 section 6.3
    if host.startswith("["):
        return _is_local_ipv6(_ipv6(host[1:-1]))
    labels = host.split(".")
    return is_ipv4(labels) and _is_local_ipv4(_ipv4(labels))


def shared_origin(pattern: Pattern) -> str | None:
    """An origin of the pattern at which anyone can put pages; None where none is known."""
    if pattern.scheme not in DEFAULT_PORTS or not f".{pattern.host}".endswith(shared_hosts.ENDS):
        return None
    examples = [parse(origin_pattern.example_origin(pattern))]
    if pattern.wildcard:
        hosts = (f"{label}.{pattern.host}" for label in shared_hosts.FIRST_LABELS)
        examples += [parse(serialize(pattern.scheme, host, pattern.low)) for host in hosts]
    for example in examples:
        if example and origin_pattern.matches(pattern, example) and shared_hosts.is_shared(example.host):
            return str(example)
    return None


def _is_local_ipv4(address: int) -> bool:
    return any(_is_in(address, block) for block in LOCAL_IPV4)


def _is_local_ipv6(address: int) -> bool:
    return any(_is_in(address, block) for block in LOCAL_IPV6) or any(
        _is_local_ipv4(address >> following & 0xFFFFFFFF)
        for block, following in EMBEDDED_IPV4
        if _is_in(address, block)
    )


def _is_in(address: int, block: str) -> bool:
    first, following = _block(block)
    return address >> following == first >> following


@cache
def _block(text: str) -> tuple[int, int]:
    """The first address of a block, and the number of bits that are free in it."""
    address, _, prefix = text.partition("/")
    if ":" in address:
        return _ipv6(address), 128 - decimal(prefix)
    return _ipv4(address.split(".")), 32 - decimal(prefix)


def _ipv4(labels: list[str]) -> int:
    return sum(decimal(label) << shift for label, shift in zip(labels, (24, 16, 8, 0), strict=True))


def _ipv6(text: str) -> int:
    return sum(int(piece, 16) << shift for piece, shift in zip(ipv6_pieces(text), range(112, -16, -16), strict=True))
