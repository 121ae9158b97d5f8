"""The typed rule model: what a `cors.toml` may say, and nothing about what is wise.

Shapes, types and ranges live here; whether a pattern is well written, a group exists or a combination is safe is for
the checks. The attribute docstrings are the descriptions in the JSON Schema (`corsrules schema`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

#: The only version of the file format there is.
VERSION = 1

MAX_AGE_MAXIMUM = 86400

#: What a group of origins may be called.
GROUP_NAME = r"^[a-z][a-z0-9-]*$"

#: What a profile may be called: anything that TOML takes as a bare key.
PROFILE_NAME = r"^[A-Za-z0-9_-]+$"

# TOML arrays arrive as lists; frozen models hold tuples.
Strings: TypeAlias = Annotated[tuple[StrictStr, ...], Strict(strict=False)]
NonEmptyStrings: TypeAlias = Annotated[tuple[StrictStr, ...], Strict(strict=False), Field(min_length=1)]
Group: TypeAlias = Annotated[StrictStr, Field(pattern=GROUP_NAME)]
ProfileName: TypeAlias = Annotated[StrictStr, Field(pattern=PROFILE_NAME)]


class Table(BaseModel):
    """A TOML table: kebab-case keys, no key unknown, no value converted, frozen."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
    )


class Profile(Table):
    """One environment: who the groups stand for there."""

    inherits: StrictStr | None = None
    """The profile whose groups this one takes over where it gives none itself."""
    development: StrictBool = False
    """Licence for loopback, private-address and http origins. Never inherited."""
    origins: dict[Group, Strings] = {}
    """What each group name stands for in this profile."""


class Rule(Table):
    """Who may read which paths, and how."""

    name: Annotated[StrictStr, Field(min_length=1)] | None = None
    """How reports call the rule. Unique."""
    paths: NonEmptyStrings = ("/*",)
    """Exact paths (/health) and paths with all below (/api/*). The longest match decides alone."""
    origins: Strings
    """Patterns, group names, or "*" alone. An empty list means nobody."""
    methods: Strings = ()
    """Methods allowed beyond GET, HEAD and POST, which the protocol always allows. "*" alone: all."""
    request_headers: Strings = ()
    """Request headers allowed beyond the safelisted ones. "*" is all but authorization."""
    response_headers: Strings = ()
    """Response headers that scripts may read beyond the safelisted ones. "*" alone: all."""
    credentials: StrictBool = False
    """Whether cookies, TLS client certificates and HTTP authentication are allowed."""
    max_age: Annotated[StrictInt, Field(ge=0, le=MAX_AGE_MAXIMUM)] | None = None
    """Seconds a browser may keep a preflight's answer. 0: never."""
    waive: NonEmptyStrings | None = None
    """Findings that are accepted for this rule: by code, and by pattern too ("CR211 https://*.example.com") where the
    finding is about one."""
    reason: Annotated[StrictStr, Field(min_length=1)] | None = None
    """Why they are accepted."""


def _host_scheme(value: object) -> object:
    """`false` switches the Host fallback off; in the model that is None, which TOML cannot write."""
    return None if value is False else value


class Fallback(Table):
    """Where the origin is taken from when a gateway has dropped `Origin`."""

    headers: Strings = ()
    """Request headers that the gateway fills with the real Origin. It must overwrite them."""
    hosts: dict[StrictStr, StrictStr] = {}
    """Host (lower case, with its port if any) to the origin it stands for."""
    host_scheme: Annotated[
        StrictStr | None,
        BeforeValidator(_host_scheme),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"const": False, "type": "boolean"}], "default": "https"}),
    ] = "https"
    """Scheme put before the Host header to make an origin; false switches that off."""
    credentials: StrictBool = False
    """Whether an origin found in this way may be given credentials."""


class Test(Table):
    """What a browser must conclude. Run by every check."""

    __test__ = False  # not a test case of pytest's, whatever it is called

    name: Annotated[StrictStr, Field(min_length=1)]
    """What the test shows."""
    profiles: NonEmptyStrings | None = None
    """The profiles it runs in. Default: all."""
    origin: StrictStr
    """The page's origin as a browser sends it; may be null."""
    path: StrictStr
    """The path that is requested."""
    allow: NonEmptyStrings | None = None
    """Methods whose answer the page can read. ["*"]: all."""
    deny: NonEmptyStrings | None = None
    """Methods whose answer the page cannot read. ["*"]: all."""
    credentials: StrictBool = False
    """Whether the page sends its cookies."""
    headers: Strings = ()
    """Request headers the page sets; each counts as one that needs permission."""
    host: StrictStr | None = None
    """The Host the request arrives with after a gateway dropped Origin."""
    fallback: dict[StrictStr, StrictStr] | None = None
    """Headers that the gateway fills instead of Origin; each is one of `fallback.headers`."""


class Document(Table):
    """A whole `cors.toml`."""

    version: Annotated[StrictInt, Field(ge=VERSION, le=VERSION)]
    """The version of the file format."""
    profiles: dict[ProfileName, Profile] = {}
    """The environments."""
    rules: Annotated[tuple[Rule, ...], Strict(strict=False), Field(min_length=1)]
    """Who may read which paths, and how."""
    fallback: Fallback = Fallback()
    """Where the origin is taken from when Origin is absent."""
    tests: Annotated[tuple[Test, ...], Strict(strict=False)] = ()
    """What must hold; run by every check."""


def validate(values: Mapping[str, object]) -> Document:
    """The model of these TOML values; raises `pydantic.ValidationError`."""
    return Document.model_validate(values)
