"""What a nearly right text was meant to be: the mistake in a pattern or a path, and its right spelling.

The grammars (`origin_pattern`, `path_pattern`) say what is right; here only texts that they refuse are looked at.
"""

from __future__ import annotations

from corsrules.findings import Mistake
from corsrules.language import origin_pattern, path_pattern
from corsrules.language.network import is_local
from corsrules.language.origin_pattern import SCHEMES_WITHOUT_ORIGIN, Pattern
from corsrules.web.origin import (
    DEFAULT_PORTS,
    HOST_LENGTH,
    LABEL_CHARACTERS,
    SCHEMES_WITHOUT_PAGES,
    consists_of,
    is_host,
    is_number,
    is_scheme,
    is_sent,
    split_port,
)

# --- patterns ---


def pattern_mistake(text: str) -> Mistake:
    """Why `text`, which `origin_pattern.parse` refuses, is no pattern."""
    for look in (_empty, _without_origin, _expression, _several, _not_ascii, _no_scheme, _upper_case, _after_host):
        mistake = look(text)
        if mistake is not None:
            return mistake
    scheme, _, authority = text.partition("://")
    if not is_scheme(scheme):
        return Mistake("CR019", f"`{scheme}` is not a URL scheme", "a scheme is a letter, then letters, digits, `+-.`")
    host, port = split_port(authority)
    return _bad_port(scheme, host, port) or _bad_wildcard(scheme, host) or _bad_host(scheme, host)


def repaired(text: str) -> str | None:
    """The pattern that `text` was certainly meant to be, if dropping, adding or lower-casing makes it one.

    A missing scheme becomes https; case, white space around, what follows the host, a trailing dot and a written
    default port go. None where the result is still no pattern.
    """
    text = text.strip().lower()
    for scheme in ("https", "http"):
        if text.startswith(f"{scheme}//"):
            text = f"{scheme}:{text.removeprefix(scheme)}"
    if "://" not in text:
        text = "https://" + text.removeprefix("https:").lstrip("/")
    text = _with_a_labels(text)
    scheme, _, authority = text.partition("://")
    for end in "/?#\\":
        authority = authority.partition(end)[0]
    host, port = split_port(authority)
    host = host.removesuffix(".")
    if port is not None and port != str(DEFAULT_PORTS.get(scheme)) and port != "":
        host = f"{host}:{port}"
    text = f"{scheme}://{host}"
    return text if origin_pattern.parse(text) is not None else None


def certain_spelling(text: str) -> str:
    """What `text` can only have meant, else the empty text.

    Only what changes no origin's meaning is changed: white space around, case, international names, one slash at the
    end, a default port that is written out. A scheme, a path or a trailing dot is left to the person.
    """
    text = _with_a_labels(text.strip().lower()).removesuffix("/")
    scheme, _, authority = text.partition("://")
    host, port = split_port(authority)
    if port is not None and port == str(DEFAULT_PORTS.get(scheme)):
        text = f"{scheme}://{host}"
    return text if origin_pattern.parse(text) is not None else ""


def _with_a_labels(text: str) -> str:
    """`text` with the labels of its host that are not ASCII as A-labels (UTS 46, as browsers do), if they have any."""
    if text.isascii():
        return text
    import idna  # read only for an error's help

    scheme, separator, authority = text.partition("://")
    host, port = split_port(authority)
    try:
        labels = [
            label if label.isascii() else idna.encode(label, uts46=True).decode("ascii") for label in host.split(".")
        ]
    except idna.IDNAError:
        return text
    return f"{scheme}{separator}{'.'.join(labels)}" + ("" if port is None else f":{port}")


def one_edit(one: str, other: str) -> bool:
    """Whether one character was added, dropped or changed, or two neighbours swapped, to make `one` of `other`."""
    if abs(len(one) - len(other)) > 1:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if len(one) == len(other) == 2:
        return one == other[::-1]
    return max(len(one), len(other)) == 1


def written_instead(text: str) -> str:
    """The help `write "…"` with the repaired pattern, empty where there is none."""
    spelling = repaired(text)
    return f'write "{spelling}"' if spelling else ""


def _empty(text: str) -> Mistake | None:
    if text.strip():
        return None
    return Mistake("CR019", "an empty text is no origin", "an empty list, `origins = []`, means nobody")


def _without_origin(text: str) -> Mistake | None:
    scheme = text.strip().lower().partition(":")[0]
    if scheme not in SCHEMES_WITHOUT_ORIGIN:
        return None
    return Mistake(
        "CR018",
        f"`{text}` cannot be allowed: every sandboxed frame, local file and redirect can send `null`",
        "serve the page over http(s) and name that origin",
    )


def _expression(text: str) -> Mistake | None:
    authority = text.partition("://")[2] or text
    is_expression = (
        text.startswith(("^", ".*"))
        or text.endswith("$")
        or any(sign in text for sign in ("\\", "//.*", ".+", "(", ")", "|", "{", "?:", "*?", "+?"))
        or ("[" in text and ":" not in authority.partition("[")[2].partition("]")[0])
    )
    if not is_expression:
        return None
    plain = text.strip("^$").replace("\\", "").replace(".*.", "*.").replace(".+.", "*.").replace(".*", "*")
    plain = plain.replace("[^.]+", "*").replace("[a-z0-9-]+", "*").replace("https?", "https").replace("(", "")
    plain = plain.replace(")", "")
    spelling = repaired(plain)
    return Mistake(
        "CR016",
        f"`{text}` looks like a regular expression; patterns are compared as they stand",
        f'if one more label is meant, write "{spelling}"'
        if spelling and "*" in spelling
        else "name the hosts, with `*.` for one more label and `**.` for one or more",
    )


def _several(text: str) -> Mistake | None:
    parts = text.replace(",", " ").replace(";", " ").split()
    if len(parts) < 2 and text.count("://") < 2:
        return None
    if len(parts) < 2:
        return Mistake("CR015", f"`{text}` holds several origins", "write each as a string of its own")
    listed = ", ".join(f'"{repaired(part) or part}"' for part in parts)
    return Mistake("CR015", f"`{text}` holds several origins", f"write {listed}")


def _not_ascii(text: str) -> Mistake | None:
    if text.isascii():
        return None
    return Mistake(
        "CR014",
        f"`{text}` is not ASCII; browsers send international names as A-labels (xn--…)",
        written_instead(text) or "write the host as its A-label",
    )


def _no_scheme(text: str) -> Mistake | None:
    if "://" in text:
        return None
    spelling = repaired(text)
    meant = origin_pattern.parse(spelling) if spelling else None
    if meant is not None and is_local(meant):  # which nobody serves over https
        advice = f'write "http://{text}", in a development profile' if origin_pattern.parse(f"http://{text}") else ""
    else:
        advice = written_instead(text)
    return Mistake("CR010", f"`{text}` has no scheme; an origin is scheme://host[:port]", advice)


def _upper_case(text: str) -> Mistake | None:
    if text == text.lower():
        return None
    return Mistake("CR012", f"`{text}` is not in lower case, as browsers send it", written_instead(text))


def _after_host(text: str) -> Mistake | None:
    authority = text.partition("://")[2]
    if text != text.strip():
        return Mistake("CR019", f"`{text}` has white space around the origin", written_instead(text))
    if "@" in authority:
        return Mistake(
            "CR019", f"`{text}` has a user name; an origin has none", written_instead(authority.rpartition("@")[2])
        )
    if any(sign in authority for sign in "/?#"):
        what = "a trailing slash" if authority.endswith("/") and authority.count("/") == 1 else "a path or query"
        return Mistake("CR011", f"`{text}` has {what}; an origin ends with its host or port", written_instead(text))
    return None


def _bad_port(scheme: str, host: str, port: str | None) -> Mistake | None:
    if port is None:
        return None
    written = f"{scheme}://{host}:{port}"
    default = DEFAULT_PORTS.get(scheme)
    if port == str(default):
        return Mistake(
            "CR013",
            f"`{written}` writes the default port of {scheme}, which browsers leave out",
            written_instead(written),
        )
    if origin_pattern.parse(f"{scheme}://x:{port}") is None:
        return Mistake(
            "CR020",
            f"`{port}` is not a port",
            "a port is 1 to 65535 without leading zeros, a range of them (3000-3999), or `*`",
        )
    return None


def _bad_wildcard(scheme: str, host: str) -> Mistake | None:
    """CR017: at most one wildcard label, leftmost, with at most one `*` in it (or `**`) and a fixed label after it."""
    if "*" not in host:
        return None
    wildcard, _, rest = host.partition(".")
    if not rest:
        message = f"`{host}` has no fixed label after the wildcard"
        advice = 'name the domain: "https://*.example.com"'
        if host == "localhost*":
            advice = f'for every port write "{scheme}://localhost:*"'
        if host == "*":
            message, advice = f"`{scheme}://*` is no pattern", 'for every origin write "*" alone'
        return Mistake("CR017", message, advice)
    if "*" in rest:
        owner = rest.rpartition("*")[2].lstrip(".")
        return Mistake(
            "CR017",
            f"`{host}`: only the leftmost label can be a wildcard",
            f"for labels of any number write `**.{owner}`" if owner else "name the domain, as in `*.example.com`",
        )
    if wildcard.startswith("**") and wildcard != "**":
        return Mistake("CR017", f"`{wildcard}`: `**` stands alone in its label", f"write `**.{rest}` or `*.{rest}`")
    if not origin_pattern.is_wildcard(wildcard) and consists_of(wildcard, LABEL_CHARACTERS + "*"):
        return Mistake("CR017", f"`{wildcard}` has more than one `*`", f"write one `*`, as in `pr-*.{rest}`")
    if scheme in DEFAULT_PORTS and is_number(rest.rpartition(".")[2]):
        return Mistake("CR017", f"`{host}`: a wildcard cannot stand in an IP address", "name each address")
    if origin_pattern.is_wildcard(wildcard) and is_host(scheme, rest):
        return Mistake("CR017", f"`{host}` leaves no room for the wildcard: no name can be so long")
    return None


def _bad_host(scheme: str, host: str) -> Mistake:
    spelling = written_instead(f"{scheme}://{host}")
    if not host:
        return Mistake("CR019", f"`{scheme}://` names no host", 'write the host, as in "https://app.example.com"')
    if host.endswith("."):
        return Mistake("CR019", f"`{host}` ends with a dot", spelling)
    if host.startswith("["):
        return Mistake("CR019", f"`{host}` is not an IPv6 address as browsers write it", _canonical_ipv6(scheme, host))
    if len(host) > HOST_LENGTH:
        return Mistake("CR019", f"the host is {len(host)} characters long; {HOST_LENGTH} is the most")
    labels = host.split(".")
    if scheme in DEFAULT_PORTS and labels[-1] and is_number(labels[-1]):
        return Mistake("CR019", f"`{host}` ends in a number, but is no IPv4 address in four decimal parts")
    label = next((label for label in labels if not consists_of(label, LABEL_CHARACTERS + "*")), None)
    if label is not None:
        return Mistake("CR019", f"`{label}` cannot stand in a host: a label is made of a-z, 0-9, `-` and `_`")
    return Mistake("CR019", f"`{host}`: a label has 1 to 63 characters")


def _canonical_ipv6(scheme: str, host: str) -> str:
    import ipaddress  # read only for an error's help

    from corsrules.web.origin import ipv6_text

    try:
        value = int(ipaddress.IPv6Address(host.strip("[]")))
    except ValueError:
        return ""
    pieces = [f"{value >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    return f'write "{scheme}://[{ipv6_text(pieces)}]"'


# --- origins ---


#: The help where one origin of a pattern is meant.
ONE_ORIGIN = "a page has one origin: write for example {}"


def origin_mistake(text: str) -> Mistake | None:
    """CR405: no browser sends `text` as the origin of a page, and what it sends; None where one does send it."""
    if is_sent(text):
        return None
    message = f"no browser sends the origin `{text}`"
    scheme, _, rest = text.partition("://")
    if scheme in SCHEMES_WITHOUT_PAGES:
        why, page_scheme = SCHEMES_WITHOUT_PAGES[scheme]
        of_page = f"{page_scheme}://{rest}"
        spellings = (of_page,) if is_sent(of_page) else ()
        return Mistake("CR405", f"{message}: {why}", "name the origin of the page", spellings)
    if text.strip().lower().partition(":")[0] in SCHEMES_WITHOUT_ORIGIN:
        return Mistake("CR405", f"{message}; pages without an origin send `null`", spellings=("null",))
    if text == "*" or not text.strip():
        return Mistake("CR405", message, 'name the origin of one page, as in "https://app.example.com"')
    pattern = origin_pattern.parse(text)
    if pattern is not None:
        example = origin_pattern.example_origin(pattern)
        return Mistake("CR405", f"{message}, which is a pattern", spellings=(example,), template=ONE_ORIGIN)
    if _several(text) is not None:
        return Mistake("CR405", f"{message}, which is several", "a page has one origin: ask for each")
    meant = _page_meant(text)
    if meant is None:
        return Mistake("CR405", message, "the origin of a page is scheme://host[:port], in lower case")
    if not meant.is_single:
        return Mistake("CR405", message, spellings=(origin_pattern.example_origin(meant),), template=ONE_ORIGIN)
    return Mistake("CR405", message, spellings=(str(meant),))


def _page_meant(text: str) -> Pattern | None:
    """The pattern that `text` is nearly, if a browser sends its origins."""
    spelling = repaired(text)
    meant = origin_pattern.parse(spelling) if spelling else None
    if meant is not None and "://" not in text and is_local(meant):  # which nobody serves over https
        meant = origin_pattern.parse(f"http://{text.strip().lower()}") or meant
    return None if meant is None or meant.scheme in SCHEMES_WITHOUT_PAGES else meant


# --- paths ---


def path_mistake(text: str) -> tuple[str, str]:
    """Why `text`, which `path_pattern.parse` refuses, is no path, and what to write."""
    spelling = repaired_path(text)
    advice = f'write "{spelling}"' if spelling else "a path is `/health`, `/api/*` or `/*`"
    if "?" in text:
        return f"`{text}`: a query is no part of the path", advice
    if "%" in text:
        return f"`{text}`: paths are compared decoded, so a `%` escape never matches", advice
    if "*" in text.removesuffix("/*"):
        return f"`{text}`: `*` stands only as the last whole segment, for the path and all below it", advice
    if not text.startswith("/"):
        return f"`{text}` does not begin with `/`", advice
    return f"`{text}` has an empty, `.` or `..` segment; requests with one are always denied", advice


def repaired_path(text: str) -> str | None:
    """The path that `text` was meant to be, as far as that can be told."""
    import posixpath  # read only for an error's help
    from urllib.parse import unquote

    base = unquote(text.strip().partition("?")[0].partition("#")[0])
    if "://" in base:
        base = base.partition("://")[2].partition("/")[2]
    below = base.endswith("*")
    base = posixpath.normpath("/" + base.rstrip("*").strip("/"))
    spelling = "/*" if below and base == "/" else f"{base}/*" if below else base
    return spelling if path_pattern.parse(spelling) is not None else None


# --- Host ---


def is_host_header(text: str) -> bool:
    """Whether `text` can be a `Host` value in lower case (RFC 9110 section 7.2); its port may be a default one."""
    return (
        any(origin_pattern.parse(f"{scheme}://{text}") is not None for scheme in ("http", "https")) and "*" not in text
    )
