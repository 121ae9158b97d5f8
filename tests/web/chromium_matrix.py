"""What the pages in Chromium ask for: the policies, the requests, the pages, and a cell for each request of a page.

VISITED, the pages ──CELLS_OF──> CELLS: a page, a path, a request ──path──> a rule of RULES, or one of ANSWERS
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from conversations import CONVERSATIONS, PAGE, SAFELISTED

from corsrules.web import fetch
from corsrules.web.browser import PageRequest, ServerAnswer

# --- the policies -----------------------------------------------------------------------------------------------------

RULES = """
version = 1

[profiles.browser] # pages of http may have credentials here
development = true
origins.web = ["https://app.example.test", "https://app.example.test:8443", "http://app.example.test"]

[[rules]]
paths            = ["/exact/*"]
origins          = ["https://app.example.test"]
methods          = ["PUT"]
request-headers  = ["x-token", "content-type"]
response-headers = ["x-seen"]

[[rules]]
paths            = ["/session/*"]
origins          = ["web", "https://pr-*.example.test", "https://xn--bcher-kva.example.test"]
methods          = ["PUT", "DELETE"]
request-headers  = ["authorization", "content-type", "x-token"]
response-headers = ["x-seen", "etag"]
credentials      = true
max-age          = 600

[[rules]]
paths   = ["/one-label/*"]
origins = ["https://*.example.test", "http://localhost:*"]
methods = ["PATCH"]

[[rules]]
paths           = ["/labels/*"]
origins         = ["https://**.example.test"]
methods         = ["PUT"]
request-headers = ["x-token"]
credentials     = true

[[rules]]
paths       = ["/part-of-a-label/*"]
origins     = ["https://pr-*.example.test", "https://*-example.test"]
methods     = ["PUT"]
credentials = true
waive       = ["CR206"] # anyone can register a name that ends so
reason      = "what the pattern says is what is asked here"

[[rules]]
paths   = ["/ports/*"]
origins = ["https://app.example.test:8000-8999", "http://localhost:3000-3999", "http://[::1]:*", "http://127.0.0.1:*"]
methods = ["PUT"]

[[rules]]
paths            = ["/every-port/*"]
origins          = ["https://**.example.test:*", "http://app.example.test:*"]
request-headers  = ["x-token"]
response-headers = ["x-seen"]
credentials      = true

[[rules]]
paths   = ["/anyone/*"]
origins = ["*"]

[[rules]]
paths            = ["/anyone-anything/*"]
origins          = ["*"]
methods          = ["*"]
request-headers  = ["*", "authorization"]
response-headers = ["*"]

[[rules]]
paths           = ["/anyone-but-authorization/*"]
origins         = ["*"]
methods         = ["*"]
request-headers = ["*"]

[[rules]]
paths            = ["/anything/*"]
origins          = ["https://app.example.test", "https://*.example.test"]
methods          = ["*"]
request-headers  = ["*", "authorization"]
response-headers = ["*"]

[[rules]]
paths   = ["/nobody/*"]
origins = []

[[rules]]
name    = "everyone reads"
paths   = ["/two-rules/*"]
origins = ["*"]

[[rules]]
name        = "the app writes"
paths       = ["/two-rules/*"]
origins     = ["https://app.example.test"]
methods     = ["PUT"]
credentials = true

[[rules]]
paths   = ["/two-rules/narrow/*"]
origins = ["https://admin.example.test"]

"""

#: A path for each policy; `/missing/` is answered with 404, `/ungoverned` is under no rule.
PATHS = (
    "/exact/orders",
    "/exact/missing",
    "/session/orders",
    "/one-label/orders",
    "/labels/orders",
    "/part-of-a-label/orders",
    "/ports/orders",
    "/every-port/orders",
    "/anyone/orders",
    "/anyone-anything/orders",
    "/anyone-but-authorization/orders",
    "/anything/orders",
    "/nobody/orders",
    "/two-rules/orders",
    "/two-rules/narrow/orders",
    "/ungoverned",
)

# --- the requests -----------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A request that a page makes, whichever page it is."""

    method: str
    headers: tuple[tuple[str, str], ...] = ()
    credentials: bool = False

    def by(self, page_origin: str) -> PageRequest:
        return PageRequest(page_origin, self.method, self.headers, self.credentials)


TOKEN = (("X-Token", "1"),)
AUTHORIZATION = (("Authorization", "Bearer x"),)

REQUESTS = (
    Asked("GET"),
    Asked("HEAD"),
    Asked("POST", (("Content-Type", "text/plain"),)),
    Asked("POST", (("Content-Type", "application/json"),)),
    Asked("PUT"),
    Asked("PATCH"),
    Asked("GET", TOKEN),
    Asked("GET", (("X-Other", "1"),)),
    Asked("GET", AUTHORIZATION),
    Asked("PUT", (*TOKEN, *AUTHORIZATION)),
    Asked("GET", credentials=True),
    Asked("PUT", credentials=True),
    Asked("GET", TOKEN, credentials=True),
    Asked("PUT", (*TOKEN, *AUTHORIZATION), credentials=True),
)

# --- the pages --------------------------------------------------------------------------------------------------------


class Page(NamedTuple):
    """A page: its address as somebody might type it, and the origin that the browser gives it.

    With a `frame`, the requests come from a frame of that kind in it.
    """

    address: str
    origin: str
    frame: str = ""

    def __str__(self) -> str:
        return f"{self.frame} in {self.address}" if self.frame else self.address


def page(address: str, origin: str | None = None, frame: str = "") -> Page:
    return Page(address, address if origin is None else origin, frame)


#: The pages that make every request to every path.
PAGES = (
    page("https://app.example.test"),
    page("https://app.example.test:8443"),
    page("https://app.example.test:9443"),
    page("http://app.example.test"),
    page("http://app.example.test:8080"),
    page("https://admin.example.test"),
    page("https://example.test"),
    page("https://a.b.example.test"),
    page("https://a.b.c.example.test"),
    page("https://pr-7.example.test"),
    page("https://pr-.example.test"),
    page("https://evilexample.test"),
    page("https://evil-example.test"),
    page("https://app.example.test.evil.test"),
    page("https://app-example.test"),
    page("https://app.example.test."),
    page("https://app.example.test,x.evil.test"),
    page("https://app_1.example.test"),
    page("https://bücher.example.test", "https://xn--bcher-kva.example.test"),
    page("http://localhost:3000"),
    page("http://127.0.0.1:3000"),
    page("http://[::1]:3000"),
    page("https://app.example.test", "null", "sandbox"),
)


def special(address: str) -> Page:
    """A page with a character in its name that is none of a name's; Chromium encodes one of them."""
    return page(address, address.replace("*", "%2A"))


#: Pages whose addresses are unusual; they make a few requests only.
SPECIAL_CHARACTERS = "{}'();&=+~!$`*\""
UNUSUAL_PAGES = (
    page("https://evil.test,x.example.test"),
    page("https://app.example.test", "https://app.example.test", "blob"),
    page("https://app.example.test", "null", "data"),
    page("https://a.pr-7.example.test"),
    page("https://APP.Example.TEST:443", "https://app.example.test"),
    page("http://app.example.test:80", "http://app.example.test"),
    page("https://app\u3002example\uff0etest", "https://app.example.test"),
    page("https://%61pp.example.test", "https://app.example.test"),
    page("https://\u017ftra\u00dfe.example.test", "https://xn--strae-oqa.example.test"),
    page("https://user:password@app.example.test", "https://app.example.test"),
    page("http://0x7f.1:3000", "http://127.0.0.1:3000"),
    page("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
    page("http://[::ffff:127.0.0.1]:3000", "http://[::ffff:7f00:1]:3000"),
    *(special(f"https://app.example.test{each}x.evil.test") for each in SPECIAL_CHARACTERS),
    *(special(f"https://evil.test{each}x.example.test") for each in SPECIAL_CHARACTERS),
)
UNUSUAL_CELLS = tuple(
    product(
        ("/exact/orders", "/labels/orders", "/part-of-a-label/orders", "/ports/orders"),
        (Asked("GET"), Asked("PUT", TOKEN, credentials=True)),
    )
)

# --- what each page asks ----------------------------------------------------------------------------------------------

#: The page of the rows of conversations.py, and the one that has no origin to speak of.
CONVERSING = (page(PAGE), page(PAGE, "null", "sandbox"))


class Answers(NamedTuple):
    """What is answered below /answers, whatever the policies say."""

    preflight: ServerAnswer
    final: ServerAnswer


NOTHING = ServerAnswer(204, ())
PERMISSION = ServerAnswer(
    204, ((fetch.ALLOW_ORIGIN, "*"), (fetch.ALLOW_METHODS, "*"), (fetch.ALLOW_HEADERS, "*, authorization"))
)

#: Each row of conversations.py, and each of its headers.
ANSWERS: list[tuple[PageRequest, Answers]] = [
    *(
        (asked, Answers(preflight or NOTHING, final))
        for asked, preflight, final, _ in (row.values for row in CONVERSATIONS)
    ),
    *((PageRequest(PAGE, "GET", ((name, value),)), Answers(PERMISSION, PERMISSION)) for name, value, _ in SAFELISTED),
]


class Cell(NamedTuple):
    """One request of one page."""

    page: Page
    path: str
    request: PageRequest

    def __str__(self) -> str:
        headers = "".join(f" {name}: {value[:20]}" for name, value in self.request.headers)
        credentials = " with credentials" if self.request.credentials else ""
        return f"{self.request.method} {self.path}{headers}{credentials}"


CELLS = (
    *(Cell(each, path, asked.by(each.origin)) for each in PAGES for path in PATHS for asked in REQUESTS),
    *(Cell(each, path, asked.by(each.origin)) for each in UNUSUAL_PAGES for path, asked in UNUSUAL_CELLS),
    *(
        Cell(each, f"/answers/{index}", asked)
        for each in CONVERSING
        for index, (asked, _) in enumerate(ANSWERS)
        if asked.origin == each.origin and fetch.normalized_method(asked.method) == asked.method
    ),
)
VISITED = (*PAGES, *UNUSUAL_PAGES, *CONVERSING)
CELLS_OF: dict[Page, list[int]] = {each: [] for each in VISITED}
for number, cell in enumerate(CELLS):
    CELLS_OF[cell.page].append(number)
