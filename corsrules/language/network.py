"""Where the pages of a pattern come from: the user's own machine, a private network, or the internet.

A question about addresses and schemes alone. Whether such a pattern is wise in a profile is for the checks.
"""

from __future__ import annotations

from corsrules.language.origin_pattern import Pattern
from corsrules.web.origin import DEFAULT_PORTS, decimal, is_ipv4

#: The special schemes that anyone on the network can forge. Custom schemes are an application's own.
INSECURE_SCHEMES = frozenset({"http", "ws", "ftp"})

#: RFC 1122, RFC 1918, RFC 3927, RFC 6598: the first bytes of networks that are not on the internet.
PRIVATE_IPV4 = ("0.", "10.", "127.", "169.254.", "192.168.")

#: RFC 4193 (fc00::/7), RFC 4291 (fe80::/10), RFC 3879 (fec0::/10, deprecated).
PRIVATE_IPV6 = ("fc", "fd", "fe8", "fe9", "fea", "feb", "fec", "fed", "fee", "fef")


def is_local(pattern: Pattern) -> bool:
    """Whether the pattern's pages come from the user's own machine or network (by address, or as `localhost`)."""
    host = pattern.host
    if pattern.scheme not in DEFAULT_PORTS:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True  # RFC 6761 section 6.3
    if host.startswith("["):
        address = host[1:-1]
        mapped = _mapped_ipv4(address)
        return address in ("::", "::1") or address.startswith(PRIVATE_IPV6) or _is_private_ipv4(mapped)
    return _is_private_ipv4(host.split("."))


def _is_private_ipv4(labels: list[str]) -> bool:
    if not is_ipv4(labels):
        return False
    second = decimal(labels[1])
    return (
        ".".join(labels).startswith(PRIVATE_IPV4)
        or (labels[0] == "172" and 16 <= second <= 31)
        or (labels[0] == "100" and 64 <= second <= 127)
    )


def _mapped_ipv4(address: str) -> list[str]:
    """The four parts of an IPv4-mapped address (RFC 4291 section 2.5.5.2), which browsers write in hex; else none."""
    pieces = address.removeprefix("::ffff:").split(":")
    if not address.startswith("::ffff:") or len(pieces) != 2:
        return []
    return [str(byte) for piece in pieces for byte in divmod(int(piece, 16), 256)]
