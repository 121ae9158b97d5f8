"""The catalogue: each code defined once, with why it matters, a bad and a good example, and the source it comes from.

The reference page, `corsrules code` and SARIF's rules are printed from here. A bad example yields its code and a good
one yields nothing; the tests run them all. Families: CR0xx syntax and shape, CR1xx references and profiles, CR2xx
security, CR3xx conflicts and dead rules, CR4xx tests.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


class Code(NamedTuple):
    """The definition of a code.

    `waivable` codes can be accepted in a rule, with a reason; those whose findings are each `about_pattern` for that
    pattern. `milder_than` names the code of the same cause that is reported instead where both would be.
    """

    code: str
    severity: Severity
    title: str
    why: str
    bad: str
    good: str
    source: str
    waivable: bool = False
    about_pattern: bool = False
    milder_than: str = ""


FETCH = "https://fetch.spec.whatwg.org/"
ORIGIN = "https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin"
URL = "https://url.spec.whatwg.org/"
TOML = "https://toml.io/en/v1.0.0"
HERE = "the file format"


def _rule(lines: str) -> str:
    """A file with one rule."""
    return f"version = 1\n\n[[rules]]\n{lines}\n"


def _origin(text: str) -> str:
    return _rule(f"origins = ['{text}']")


APP = _origin("https://app.example.com")


def _more(lines: str) -> str:
    """A file with a rule for one origin that says more."""
    return f"{APP}{lines}\n"


def _groups(profiles: str) -> str:
    """A file with profiles and a rule for the group `web`."""
    return f'version = 1\n\n{profiles}\n\n[[rules]]\norigins = ["web"]\n'


WEB = '[profiles.production.origins]\nweb = ["https://app.example.com"]'
STAGING = '[profiles.staging]\norigins.web = ["https://staging.example.com"]'
DEVELOPMENT = '[profiles.development]\ndevelopment = true\norigins.web = ["http://localhost:*"]'


def _two_rules(first: str, second: str) -> str:
    return f"version = 1\n\n[[rules]]\n{first}\n\n[[rules]]\n{second}\n"


def _test(*tests: str) -> str:
    """A file with a rule for one origin, and tests of one name that ask for it."""
    head = '\n[[tests]]\nname = "the app reads orders"\norigin = "https://app.example.com"\n'
    return APP + "".join(f"{head}{lines}\n" for lines in tests)


CATALOGUE: tuple[Code, ...] = (
    # --- CR0xx: syntax and shape --------------------------------------------------------------------------------------
    Code(
        "CR001",
        "error",
        "the file is not UTF-8",
        "TOML files are UTF-8. In another encoding the same bytes could name other hosts. (In the example, `\\xff` "
        "stands for that byte.)",
        bad="version = 1 # \\xff\n",
        good=APP,
        source=TOML + "#spec",
    ),
    Code(
        "CR002",
        "error",
        "the file is not TOML",
        "Nothing in a file that cannot be parsed is used; there is no guessing which rules were meant.",
        bad="version = \n",
        good=APP,
        source=TOML,
    ),
    Code(
        "CR003",
        "error",
        "unknown key",
        "A key that nobody reads is a rule that does not hold, most often a typo.",
        bad=_more("max_age = 600"),
        good=_more("max-age = 600"),
        source=HERE,
    ),
    Code(
        "CR004",
        "error",
        "missing key",
        "Without the key the table has no meaning that could be relied on.",
        bad=_rule('paths = ["/api/*"]'),
        good=_rule('paths = ["/api/*"]\norigins = ["https://app.example.com"]'),
        source=HERE,
    ),
    Code(
        "CR005",
        "error",
        "wrong type",
        'Values are not converted: `"false"`, a text, would be true in most languages.',
        bad=_more('credentials = "false"'),
        good=_more("credentials = false"),
        source=HERE,
    ),
    Code(
        "CR006",
        "error",
        "unsupported version",
        "A newer format may say things that this release would overlook.",
        bad=APP.replace("1", "2", 1),
        good=APP,
        source=HERE,
    ),
    Code(
        "CR007",
        "error",
        "value out of range",
        "The value cannot be meant, or no browser can act on it.",
        bad=_more("max-age = 31536000"),
        good=_more("max-age = 600"),
        source=FETCH + "#http-access-control-max-age",
    ),
    Code(
        "CR008",
        "error",
        "a name is used twice",
        "Reports, tests and reviews call rules by name; two of the same name cannot be told apart.",
        bad=_two_rules(
            'name = "app"\norigins = ["https://app.example.com"]', 'name = "app"\norigins = ["https://b.example.com"]'
        ),
        good=_two_rules(
            'name = "app"\norigins = ["https://app.example.com"]', 'name = "b"\norigins = ["https://b.example.com"]'
        ),
        source=HERE,
    ),
    Code(
        "CR009",
        "error",
        "malformed name",
        "Groups are told apart from origins by their form: lower-case letters, digits and `-`.",
        bad=_groups('[profiles.production.origins]\nweb = []\nWeb_2 = ["https://app.example.com"]'),
        good=_groups(WEB),
        source=HERE,
    ),
    Code(
        "CR010",
        "error",
        "origin without a scheme",
        "An origin is scheme, host and port. Without the scheme, `http` pages that anyone on the network can forge "
        "would have to be let in, or nobody.",
        bad=_origin("app.example.com"),
        good=APP,
        source=ORIGIN,
    ),
    Code(
        "CR011",
        "error",
        "something follows the host of an origin",
        "Browsers send no slash, path or query in `Origin`, so the text would never match.",
        bad=_origin("https://app.example.com/"),
        good=APP,
        source=ORIGIN,
    ),
    Code(
        "CR012",
        "error",
        "origin in upper case",
        "Browsers send scheme and host in lower case, and origins are compared byte by byte.",
        bad=_origin("https://App.example.com"),
        good=APP,
        source=URL + "#concept-host-parser",
    ),
    Code(
        "CR013",
        "error",
        "default port written out",
        "Browsers leave out a scheme's default port, so the text would never match.",
        bad=_origin("https://app.example.com:443"),
        good=APP,
        source=URL + "#url-port",
    ),
    Code(
        "CR014",
        "error",
        "origin not in ASCII",
        "Browsers send international names as A-labels. What looks like a Latin letter may be another.",
        bad=_origin("https://bücher.example"),
        good=_origin("https://xn--bcher-kva.example"),
        source=URL + "#idna",
    ),
    Code(
        "CR015",
        "error",
        "several origins in one string",
        "One string is one origin. A list in a string, as environment variables hold it, would never match.",
        bad=_origin("https://app.example.com, https://admin.example.com"),
        good=_rule('origins = ["https://app.example.com", "https://admin.example.com"]'),
        source=FETCH + "#http-access-control-allow-origin",
    ),
    Code(
        "CR016",
        "error",
        "regular expression",
        "Unanchored ends and unescaped dots have let attackers in time and again; patterns here cannot be written "
        "wrongly in that way.",
        bad=_origin(r"https://.*\.example\.com"),
        good=_origin("https://*.example.com"),
        source="CVE-2026-37737",
    ),
    Code(
        "CR017",
        "error",
        "misplaced wildcard",
        "A wildcard stands for the leftmost label (or part of it) only: what follows it says who owns the name.",
        bad=_origin("https://api.*.example.com"),
        good=_origin("https://**.example.com"),
        source=HERE,
    ),
    Code(
        "CR018",
        "error",
        "no server can name this origin",
        "`null` is sent by every sandboxed frame, by local files and after some redirects: whoever allows it allows "
        "everybody.",
        bad=_origin("null"),
        good=APP,
        source=ORIGIN,
    ),
    Code(
        "CR019",
        "error",
        "malformed origin",
        "No browser serialises an origin like this, so the text would never match.",
        bad=_origin("https://app..example.com"),
        good=APP,
        source=URL + "#host-serializing",
    ),
    Code(
        "CR020",
        "error",
        "malformed port",
        "A port is a number from 1 to 65535, a range of them, or `*`.",
        bad=_origin("https://app.example.com:84430"),
        good=_origin("https://app.example.com:8443"),
        source=URL + "#url-port",
    ),
    Code(
        "CR030",
        "error",
        "malformed path",
        "Paths are compared by whole segments, decoded. What no request can match, or what matches more than it seems "
        "to, is refused.",
        bad=_more('paths = ["/api*"]'),
        good=_more('paths = ["/api/*"]'),
        source="https://peps.python.org/pep-3333/#environ-variables",
    ),
    Code(
        "CR040",
        "error",
        "malformed method",
        "A method is a token; anything else never equals what a browser asks for.",
        bad=_more('methods = ["PUT, DELETE"]'),
        good=_more('methods = ["PUT", "DELETE"]'),
        source="https://www.rfc-editor.org/rfc/rfc9110#name-tokens",
    ),
    Code(
        "CR041",
        "error",
        "forbidden method",
        "Browsers refuse to send it for any page.",
        bad=_more('methods = ["TRACE"]'),
        good=_more('methods = ["PUT"]'),
        source=FETCH + "#forbidden-method",
    ),
    Code(
        "CR042",
        "error",
        "method in the wrong case",
        "Methods are case-sensitive, and browsers send this one in upper case.",
        bad=_more('methods = ["put"]'),
        good=_more('methods = ["PUT"]'),
        source=FETCH + "#concept-method-normalize",
    ),
    Code(
        "CR043",
        "error",
        "malformed header name",
        "A header name is a token; anything else never equals what a browser asks for.",
        bad=_more('request-headers = ["x-csrf-token:"]'),
        good=_more('request-headers = ["x-csrf-token"]'),
        source="https://www.rfc-editor.org/rfc/rfc9110#name-field-names",
    ),
    Code(
        "CR044",
        "error",
        "forbidden header name",
        "Browsers keep it from pages, whatever a server allows.",
        bad=_more('request-headers = ["cookie"]'),
        good=_more('request-headers = ["x-csrf-token"]'),
        source=FETCH + "#forbidden-request-header",
    ),
    Code(
        "CR045",
        "error",
        '"*" beside other values',
        'A name beside `"*"` reads like a limit and is none.',
        bad=_more('methods = ["*", "PUT"]'),
        good=_more('methods = ["*"]'),
        source=FETCH + "#http-access-control-allow-methods",
    ),
    Code(
        "CR046",
        "error",
        "malformed fallback",
        "The fallback would never find an origin, or take it from where no gateway puts one.",
        bad=f'{APP}\n[fallback]\nheaders = ["origin"]\n',
        good=f'{APP}\n[fallback]\nheaders = ["x-client-origin"]\n',
        source=HERE,
    ),
    Code(
        "CR047",
        "note",
        "some of the methods that are always allowed",
        "GET, HEAD and POST need no permission; a list with some of them reads as if the others were refused.",
        bad=_more('methods = ["GET", "PUT"]'),
        good=_more('methods = ["PUT"]'),
        source=FETCH + "#cors-safelisted-method",
        waivable=True,
    ),
    Code(
        "CR048",
        "warning",
        "`patch` is not PATCH",
        "Browsers upper-case put and delete for a page, but not patch; most pages and servers mean PATCH.",
        bad=_more('methods = ["patch"]'),
        good=_more('methods = ["PATCH"]'),
        source=FETCH + "#concept-method-normalize",
        waivable=True,
    ),
    Code(
        "CR049",
        "error",
        "a waiver for nothing that can be waived",
        "A waiver accepts what is unwise, by its code. What can never be right cannot be accepted.",
        bad=_more('waive = ["CR201"]\nreason = "we like it"'),
        good=_rule(
            'origins = ["https://*.example.com"]\ncredentials = true\nwaive = ["CR211 https://*.example.com"]\n'
            'reason = "we run all of them"'
        ),
        source=HERE,
    ),
    Code(
        "CR050",
        "warning",
        "a waiver of a whole rule",
        "A finding about one pattern is waived for that pattern. The code alone would also accept the next pattern "
        "that somebody adds.",
        bad=_rule(
            'origins = ["https://*.example.com"]\ncredentials = true\nwaive = ["CR211"]\nreason = "we run all of them"'
        ),
        good=_rule(
            'origins = ["https://*.example.com"]\ncredentials = true\n'
            'waive = ["CR211 https://*.example.com"]\nreason = "we run all of them"'
        ),
        source=HERE,
    ),
    Code(
        "CR051",
        "warning",
        "a header name in the wrong list",
        "Some headers stand only in requests, others only in answers; in the other list they do nothing. A page that "
        "sets `Access-Control-Allow-Origin` has taken it for a setting of its own, and asks for a preflight with it.",
        bad=_more('request-headers = ["access-control-allow-origin"]'),
        good=_more('request-headers = ["x-csrf-token"]'),
        source="https://www.rfc-editor.org/rfc/rfc9110#name-response-context-fields",
        waivable=True,
    ),
    Code(
        "CR052",
        "error",
        "`*` inside a name",
        "A `*` stands for other methods or headers only by itself. Inside a name it is a character like any other, so "
        "the text would never match.",
        bad=_more('request-headers = ["x-datadog-*"]'),
        good=_more('request-headers = ["x-datadog-trace-id", "x-datadog-parent-id"]'),
        source=FETCH + "#http-access-control-allow-headers",
    ),
    Code(
        "CR053",
        "error",
        "a scheme that is nearly http or https",
        "The text would never match. Where an application does have such a scheme of its own, a rule can say so.",
        bad=_origin("htps://app.example.com"),
        good=APP,
        source=ORIGIN,
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR054",
        "warning",
        "an origin that no page has",
        "A WebSocket sends the origin of its page, which is http or https; and browsers open no page over ftp.",
        bad=_origin("wss://app.example.com"),
        good=APP,
        source="https://websockets.spec.whatwg.org/",
        waivable=True,
        about_pattern=True,
    ),
    # --- CR1xx: references and profiles -------------------------------------------------------------------------------
    Code(
        "CR101",
        "error",
        "unknown group",
        "The rule would name nobody.",
        bad='version = 1\n\n[profiles.production.origins]\nweb = ["https://app.example.com"]\n\n'
        '[[rules]]\norigins = ["wbe"]\n',
        good=_groups(WEB),
        source=HERE,
    ),
    Code(
        "CR102",
        "error",
        "unfilled group",
        "In one environment the rule would silently name nobody; an empty list says so on purpose.",
        bad=_groups(f"{WEB}\n\n[profiles.staging]"),
        good=_groups(f"{WEB}\n\n{STAGING}"),
        source=HERE,
    ),
    Code(
        "CR103",
        "warning",
        "unused group",
        "Its origins are allowed nothing. Most often a rule was meant to use it.",
        bad=_groups(f'{WEB}\npartners = ["https://partner.example"]'),
        good=_groups(WEB),
        source=HERE,
    ),
    Code(
        "CR104",
        "error",
        "unknown parent profile",
        "Nothing can be inherited from it.",
        bad=_groups(f'{WEB}\n\n[profiles.staging]\ninherits = "prod"'),
        good=_groups(f'{WEB}\n\n[profiles.staging]\ninherits = "production"'),
        source=HERE,
    ),
    Code(
        "CR105",
        "error",
        "profiles inherit in a circle",
        "None of them says what it stands for.",
        bad=_groups('[profiles.a]\ninherits = "b"\n\n[profiles.b]\ninherits = "a"\norigins.web = []'),
        good=_groups('[profiles.a]\ninherits = "b"\n\n[profiles.b]\norigins.web = ["https://app.example.com"]'),
        source=HERE,
    ),
    Code(
        "CR106",
        "error",
        "inherits from a development profile",
        "What a laptop may do would reach an environment that people rely on.",
        bad=_groups(f'{DEVELOPMENT}\n\n[profiles.staging]\ninherits = "development"'),
        good=_groups(f"{DEVELOPMENT}\n\n{STAGING}"),
        source=HERE,
    ),
    Code(
        "CR107",
        "error",
        "no profile is chosen",
        "A guess could run production with the origins of a laptop. Reported at start and by `check --profile`.",
        bad=_groups(DEVELOPMENT),
        good=_groups(WEB),
        source=HERE,
    ),
    Code(
        "CR108",
        "error",
        "unknown profile",
        "A typo in a deployment must not fall back to another environment.",
        bad=f'{_groups(WEB)}\n[[tests]]\nname = "x"\norigin = "https://evil.example"\npath = "/"\ndeny = ["*"]\n'
        'profiles = ["prod"]\n',
        good=f'{_groups(WEB)}\n[[tests]]\nname = "x"\norigin = "https://evil.example"\npath = "/"\ndeny = ["*"]\n'
        'profiles = ["production"]\n',
        source=HERE,
    ),
    Code(
        "CR109",
        "error",
        "a fallback origin that no rule allows",
        "Requests that arrive with this Host would be denied.",
        bad=f'{APP}\n[fallback.hosts]\n"api.example.com" = "https://admin.example.com"\n',
        good=f'{APP}\n[fallback.hosts]\n"api.example.com" = "https://app.example.com"\n',
        source=HERE,
    ),
    # --- CR2xx: security ----------------------------------------------------------------------------------------------
    Code(
        "CR201",
        "error",
        "credentials are allowed to every origin",
        "Any page could read what the user may read. Browsers refuse the combination; libraries that echo the origin "
        "instead let everybody in.",
        bad=_rule('origins     = ["*"]\ncredentials = true'),
        good=_rule('origins     = ["https://app.example.com"]\ncredentials = true'),
        source=FETCH + "#cors-protocol-and-credentials",
    ),
    Code(
        "CR202",
        "error",
        '"*" has no meaning with credentials',
        'With credentials, browsers take `"*"` for the name of a method or header.',
        bad=_more('credentials = true\nmethods = ["*"]'),
        good=_more('credentials = true\nmethods = ["PUT", "DELETE"]'),
        source=FETCH + "#cors-protocol-and-credentials",
    ),
    Code(
        "CR203",
        "error",
        '"*" is not alone',
        '`"*"` is every origin; beside others, or under a group\'s name, it is overlooked in a review.',
        bad=_rule('origins = ["https://app.example.com", "*"]'),
        good=_rule('origins = ["*"]'),
        source=HERE,
    ),
    Code(
        "CR204",
        "error",
        "credentials for everybody under a public suffix",
        "Anyone can register a name under a public suffix, and would then read what the user may read.",
        bad=_rule('origins     = ["https://*.co.uk"]\ncredentials = true'),
        good=_rule('origins     = ["https://example.co.uk"]\ncredentials = true'),
        source="https://publicsuffix.org/",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR205",
        "warning",
        "everybody under a public suffix",
        "Anyone can register a name under a public suffix.",
        bad=_origin("https://*.co.uk"),
        good=_origin("https://example.co.uk"),
        source="https://publicsuffix.org/",
        waivable=True,
        about_pattern=True,
        milder_than="CR204",
    ),
    Code(
        "CR206",
        "error",
        "part of a name under a public suffix",
        "Whoever registers a name that fits is let in: `https://*example.com` admits https://evilexample.com.",
        bad=_origin("https://*example.com"),
        good=_origin("https://*.example.com"),
        source="https://publicsuffix.org/",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR207",
        "error",
        "credentials for an http origin",
        "Whoever is on the network can forge an http page, and would read what the user may read.",
        bad=_rule('origins     = ["http://app.example.com"]\ncredentials = true'),
        good=_rule('origins     = ["https://app.example.com"]\ncredentials = true'),
        source="https://www.w3.org/TR/secure-contexts/",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR208",
        "warning",
        "http origin",
        "Whoever is on the network can forge an http page.",
        bad=_origin("http://app.example.com"),
        good=APP,
        source="https://www.w3.org/TR/secure-contexts/",
        waivable=True,
        about_pattern=True,
        milder_than="CR207",
    ),
    Code(
        "CR209",
        "error",
        "loopback or private address outside development",
        "In production it lets in whatever runs on the user's own machine or network.",
        bad=_groups('[profiles.production.origins]\nweb = ["http://localhost:5173"]'),
        good=_groups(f"{WEB}\n\n{DEVELOPMENT}"),
        source="https://www.w3.org/TR/secure-contexts/",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR210",
        "warning",
        "loopback or private address in a file without profiles",
        "It is fine on a laptop; before the file is used elsewhere, move the origin to a development profile.",
        bad=_origin("http://localhost:5173"),
        good=_groups(f"{WEB}\n\n{DEVELOPMENT}"),
        source="https://www.w3.org/TR/secure-contexts/",
        waivable=True,
        about_pattern=True,
        milder_than="CR209",
    ),
    Code(
        "CR211",
        "warning",
        "credentials for every subdomain",
        "Any one of them that is taken over, or shows what users write, reads what the user may read.",
        bad=_rule('origins     = ["https://*.example.com"]\ncredentials = true'),
        good=_rule('origins     = ["https://app.example.com"]\ncredentials = true'),
        source="https://developer.mozilla.org/en-US/docs/Web/Security/Subdomain_takeovers",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR212",
        "note",
        '"*" does not cover authorization',
        'Browsers send `authorization` only where it is named; `"*"` allows every other header.',
        bad=_more('request-headers = ["*"]'),
        good=_more('request-headers = ["*", "authorization"]'),
        source=FETCH + "#cors-non-wildcard-request-header-name",
        waivable=True,
    ),
    Code(
        "CR213",
        "note",
        "max-age beyond what browsers keep",
        "Chromium keeps a preflight's answer for 7200 seconds at most, WebKit for 600.",
        bad=_more("max-age = 86400"),
        good=_more("max-age = 600"),
        source=FETCH + "#http-access-control-max-age",
        waivable=True,
    ),
    Code(
        "CR214",
        "error",
        "credentials for a host that everybody uses",
        "Each customer's files have a path there, and all have one origin: whoever puts a page there would read what "
        "the user may read.",
        bad=_rule('origins     = ["https://s3.amazonaws.com"]\ncredentials = true'),
        good=_rule('origins     = ["https://my-app.s3.amazonaws.com"]\ncredentials = true'),
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#path-style-access",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR215",
        "warning",
        "a host that everybody uses",
        "Each customer's files have a path there, and all have one origin: whoever puts a page there is let in.",
        bad=_origin("https://s3.amazonaws.com"),
        good=_origin("https://my-app.s3.amazonaws.com"),
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#path-style-access",
        waivable=True,
        about_pattern=True,
        milder_than="CR214",
    ),
    Code(
        "CR216",
        "warning",
        "an origin that is a public suffix",
        "Names below it belong to others, and it is hardly ever a page of one's own: most often a name is missing.",
        bad=_origin("https://github.io"),
        good=_origin("https://my-app.github.io"),
        source="https://publicsuffix.org/",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR217",
        "warning",
        "credentials for every port of a host",
        "Whatever else runs on the host, at any port, reads what the user may read.",
        bad=_rule('origins     = ["https://app.example.com:*"]\ncredentials = true'),
        good=_rule('origins     = ["https://app.example.com:8443"]\ncredentials = true'),
        source="https://www.rfc-editor.org/rfc/rfc6335#section-6",
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR218",
        "warning",
        "nobody is let in",
        "No rule names an origin in this profile, so no page of another origin can read anything there.",
        bad=_groups("[profiles.production.origins]\nweb = []"),
        good=_groups(WEB),
        source=HERE,
    ),
    Code(
        "CR219",
        "error",
        "credentials for every host of a scheme",
        "Any extension, or any application with that scheme, would read what the user may read.",
        bad=_rule('origins     = ["moz-extension://**"]\ncredentials = true'),
        good=_origin("moz-extension://**"),
        source="https://developer.mozilla.org/en-US/docs/Mozilla/Add-ons/WebExtensions/manifest.json/web_accessible_resources",
        waivable=True,
        about_pattern=True,
    ),
    # --- CR3xx: conflicts and dead rules ------------------------------------------------------------------------------
    Code(
        "CR301",
        "error",
        "conflicting rules",
        "Two rules name the same origin at one path, neither is more specific, and they give it different things. The "
        "order of rules never decides.",
        bad=_two_rules(
            'origins     = ["https://app.example.com"]\ncredentials = true', 'origins = ["https://app.example.com"]'
        ),
        good=_two_rules(
            'origins     = ["https://app.example.com"]\ncredentials = true', 'origins = ["https://*.example.com"]'
        ),
        source=HERE,
    ),
    Code(
        "CR302",
        "warning",
        "redundant pattern",
        "The rule names these origins anyway. Whoever removes the pattern later, to shut them out, shuts out nobody.",
        bad=_rule('origins = ["https://app.example.com", "https://*.example.com"]'),
        good=_rule('origins = ["https://*.example.com"]'),
        source=HERE,
        waivable=True,
        about_pattern=True,
    ),
    Code(
        "CR303",
        "warning",
        "unreachable rule",
        "Other rules decide for all of its origins, at each of its paths and in every profile: nothing that is changed "
        "in it has an effect.",
        bad=_two_rules('origins = ["https://app.example.com"]', 'origins = ["https://app.example.com"]'),
        good=_two_rules('origins = ["https://app.example.com"]', 'origins = ["https://admin.example.com"]'),
        source=HERE,
        waivable=True,
    ),
    Code(
        "CR304",
        "note",
        "a narrower path takes something away",
        "The longest path decides alone, so an origin that a rule at a shorter path names keeps its credentials and "
        "methods there only if a rule at the longer path gives them too.",
        bad=_two_rules(
            'paths       = ["/api/*"]\norigins     = ["https://app.example.com"]\ncredentials = true',
            'paths   = ["/api/reports/*"]\norigins = ["https://partner.example"]',
        ),
        good=_two_rules(
            'paths       = ["/api/*", "/api/reports/*"]\norigins     = ["https://app.example.com"]\ncredentials = true',
            'paths   = ["/api/reports/*"]\norigins = ["https://partner.example"]',
        ),
        source=HERE,
        waivable=True,
    ),
    Code(
        "CR305",
        "warning",
        "unused waiver",
        "It waives nothing, and would hide a finding that comes later.",
        bad=_more('waive = ["CR211 https://*.example.com"]\nreason = "we run all of them"'),
        good=APP,
        source=HERE,
    ),
    Code(
        "CR306",
        "error",
        "too much to be checked",
        "A file is checked in a time that grows with its size, whatever it says; so there are limits, far above what "
        "people write, to profiles times rules, to entries times rules, to the ways in which patterns overlap, and to "
        "findings of one code. What was not looked at must not be in force. (The example goes on like this, with "
        "hundreds of thousands of overlaps.)",
        bad=_two_rules(
            'origins = ["https://a-*.example.com", "https://b-*.example.com"]',
            'origins = ["https://*.example.com"]\nmethods = ["PUT"]',
        ),
        good=_two_rules(
            'origins = ["https://a.example.com"]', 'origins = ["https://b.example.com"]\nmethods = ["PUT"]'
        ),
        source=HERE,
    ),
    Code(
        "CR307",
        "note",
        "too much to give advice on",
        "Whether a pattern or a rule could be dropped, and what a narrower path takes away, is looked for up to the "
        "limits of CR306. The file is good without this advice. (The example goes on like this.)",
        bad=_rule('origins = ["https://a-*.example.com", "https://b-*.example.com"]'),
        good=_rule('origins = ["https://a.example.com", "https://b.example.com"]'),
        source=HERE,
    ),
    # --- CR4xx: tests -------------------------------------------------------------------------------------------------
    Code(
        "CR401",
        "error",
        "a test failed",
        "The file does not do what it says it must. What a browser would conclude is worked out by the steps of the "
        "Fetch standard. Tests run in `check`, not at start.",
        bad=_test('path = "/api/orders"\nallow = ["PUT"]'),
        good=_test('path = "/api/orders"\nallow = ["GET"]\ndeny = ["PUT"]'),
        source=FETCH + "#cors-preflight-fetch",
    ),
    Code(
        "CR403",
        "error",
        "a test that proves nothing",
        "A test says what must be allowed, what must be denied, or both.",
        bad=_test('path = "/api/orders"'),
        good=_test('path = "/api/orders"\nallow = ["GET"]'),
        source=HERE,
    ),
    Code(
        "CR404",
        "note",
        "no test reaches it",
        "A rule or pattern that no test decides by can change without a test failing. Reported by `check --coverage`.",
        bad=_test('path = "/api/orders"\nallow = ["GET"]').replace("com']", "com', 'https://b.example.com']"),
        good=_test('path = "/api/orders"\nallow = ["GET"]'),
        source=HERE,
    ),
    Code(
        "CR405",
        "warning",
        "a test of what no browser sends",
        "No page has such an origin, or can send such a method, header or Host: that it is denied proves nothing.",
        bad=_test('path = "/api/orders"\ndeny = ["PUT"]').replace(
            '"https://app.example.com"', '"https://app.example.com/"'
        ),
        good=_test('path = "/api/orders"\ndeny = ["PUT"]'),
        source=ORIGIN,
    ),
    Code(
        "CR407",
        "note",
        "a denial at a path under no rule",
        "Answers to such a path are left as they are, so what the application sends decides there. The test would hold "
        "without the file.",
        bad=_test('path = "/api/orders"\ndeny = ["PUT"]').replace("com']", "com']\npaths = ['/reports/*']"),
        good=_test('path = "/api/orders"\ndeny = ["PUT"]'),
        source=HERE,
    ),
    Code(
        "CR408",
        "warning",
        "two tests of one name",
        "Reports call a test by its name and its profile. The second of two that share both is called `name (2)`.",
        bad=_test('path = "/api/orders"\nallow = ["GET"]', 'path = "/api/orders"\ndeny = ["PUT"]'),
        good=_test('path = "/api/orders"\nallow = ["GET"]\ndeny = ["PUT"]'),
        source=HERE,
    ),
    Code(
        "CR409",
        "error",
        "a test fills in a header that the fallback does not read",
        "Where a gateway drops `Origin`, only the headers that `fallback.headers` names are read instead, each once.",
        bad=_test(
            'path = "/api/orders"\nfallback = { "x-origin" = "https://app.example.com" }\ndeny = ["GET"]\n\n'
            '[fallback]\nheaders = ["x-client-origin"]'
        ),
        good=_test(
            'path = "/api/orders"\nfallback = { "x-client-origin" = "https://app.example.com" }\nallow = ["GET"]\n\n'
            '[fallback]\nheaders = ["x-client-origin"]'
        ),
        source=HERE,
    ),
    Code(
        "CR410",
        "error",
        "too many tests",
        "Tests times the profiles that they run in, with what each asks, are more than `check` runs within seconds. A "
        "test that was not run proves nothing. (The example goes on like this, with a hundred thousand runs.)",
        bad=_test('path = "/api/orders"\nallow = ["GET"]\ndeny = ["PUT"]'),
        good=APP,
        source=HERE,
    ),
)
