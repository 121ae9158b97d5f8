"""What flask-cors does in an application, as a `cors.toml`.

flask-cors keeps its resolved options in the closures of the functions that it hands to Flask, in the order in which it
tries them; there they are read. Neither Flask nor flask-cors is imported here: whoever names an application has. Which
functions are flask-cors's is known to `evidence.flask_cors`.

A path means the same where it governs the same requests to the application's routes; what flask-cors does to the 404 of
a path that no route has is not looked at.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, NamedTuple

from corsrules.authoring.draft import Draft, Left, Migration, migration
from corsrules.authoring.regex import NoPattern, Paths, certain_beginning, origin_patterns, paths
from corsrules.evidence.flask_cors import Text, hooks, is_decorated, resolved, resources
from corsrules.language import path_pattern
from corsrules.language.model import MAX_AGE_MAXIMUM
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import EVERY_ORIGIN
from corsrules.web import fetch
from corsrules.web.origin import parse as parse_origin

#: The major version whose closures are read. Before it, paths were compared without regard to case.
MAJOR_VERSION = "6"


class Unreadable(ValueError):
    """An application's flask-cors configuration cannot be read; the message says why."""


class Options(NamedTuple):
    """What flask-cors answers for a resource."""

    origins: tuple[Text, ...]
    methods: frozenset[str]
    allow_headers: tuple[Text, ...]
    expose_headers: tuple[str, ...]
    supports_credentials: bool
    max_age: str
    allow_private_network: bool


class Resource(NamedTuple):
    """What flask-cors has options for: a path or an expression of `CORS(resources=…)`, or the routes of a view."""

    name: str
    texts: tuple[Text, ...]
    options: Options


def migrate(app: Any) -> Migration:
    """The migration of what flask-cors does in `app`, a Flask application."""
    version = metadata.version("flask-cors")
    if version.partition(".")[0] != MAJOR_VERSION:
        raise Unreadable(f"flask-cors {version} is installed; the options of version {MAJOR_VERSION} can be read")
    routes = [rule.rule for rule in app.url_map.iter_rules()]
    resources = [*_views(app), *_resources(app)]
    left = [*_blueprints(app)]
    if not resources and not left:
        raise Unreadable("the application does not use flask-cors")
    drafts: list[Draft] = []
    governed: list[PathPattern] = []
    unclear: list[tuple[str, str]] = []
    for resource in resources:
        try:
            found = _patterns(resource, routes)
            _refuse_shadowed(found, governed, unclear)
        except NoPattern as error:
            left.append(Left(resource.name, str(error)))
            unclear += [(resource.name, _beginning(text)) for text in resource.texts]
        else:
            governed += found
            drafts.append(_draft(resource, found, left))
    return migration("flask-cors", drafts, left)


# --- reading ----------------------------------------------------------------------------------------------------------


def _views(app: Any) -> Iterator[Resource]:
    """The views under `@cross_origin`, which decides before `CORS(app)` does."""
    for endpoint, view in app.view_functions.items():
        if is_decorated(view):
            given = inspect.getclosurevars(view).nonlocals["_options"]
            options = view.__globals__["get_cors_options"](app, given)
            routes = tuple(rule.rule for rule in app.url_map.iter_rules(endpoint))
            yield Resource(f"view {endpoint}", routes, _options(options))


def _resources(app: Any) -> Iterator[Resource]:
    """The resources of `CORS(app)`, in the order in which they are tried."""
    found = list(hooks(app.after_request_funcs.get(None, ())))
    if len(found) > 1:
        raise Unreadable(f"the application calls CORS {len(found)} times; make it one call with `resources`")
    for hook in found:
        for given, options in resources(hook):
            text = resolved(given, 0)
            yield Resource(text if isinstance(text, str) else text.pattern, (text,), _options(options))


def _blueprints(app: Any) -> Iterator[Left]:
    for name, functions in app.after_request_funcs.items():
        if name is not None and any(hooks(functions)):
            yield Left(f"CORS({name})", "it is for the views of a blueprint, wherever they are", "name their paths")


def _options(options: Any) -> Options:
    """The options in one form, whichever 6.x they come from: a dictionary until 6.0.3, then a data class."""
    values: Mapping[str, Any] = options if isinstance(options, dict) else vars(options)
    return Options(
        tuple(resolved(text, re.IGNORECASE) for text in values["origins"]),
        frozenset(_names(values["methods"])),
        tuple(resolved(text, re.IGNORECASE) for text in values["allow_headers"]),
        _names(values["expose_headers"]),
        bool(values["supports_credentials"]),
        str(values["max_age"] or ""),
        bool(values.get("allow_private_network")),
    )


def _names(joined: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (joined or "").split(",") if name.strip())


# --- paths ------------------------------------------------------------------------------------------------------------


def _patterns(resource: Resource, routes: Sequence[str]) -> list[PathPattern]:
    return [_pattern(text, routes) for text in resource.texts]


def _pattern(text: Text, routes: Sequence[str]) -> PathPattern:
    """The path pattern that governs the same requests to the routes."""
    if isinstance(text, re.Pattern):
        found = paths(text)
        if found.beginning:
            return _below(found, routes)
        text = found.text
    exact = path_pattern.parse(text)
    if exact is None or exact.below or "<" in text:
        raise NoPattern(f"`{text}` is not one path")
    return exact


def _below(found: Paths, routes: Iterable[str]) -> PathPattern:
    """The pattern for the paths that begin with a text, where no route leads between the two."""
    base = found.text.removesuffix("/")
    below = path_pattern.parse(f"{base}/*")
    if below is None:
        raise NoPattern(f"no path begins with `{found.text}`")
    for route in routes:
        if base and not _is_same_on(route, found.text, base):
            raise NoPattern(f"`{base}/*` is not the same for the route `{route}`")
    return below


def _is_same_on(route: str, text: str, base: str) -> bool:
    """Whether all paths of the route that begin with `text` are `base` or below it, and the reverse."""
    start, converter, _ = route.partition("<")
    if converter:
        beside = not start.startswith(base) and not base.startswith(start)
        return beside or (start.startswith(f"{base}/") and start.startswith(text))
    redirected = start.removesuffix("/")  # Flask redirects from there
    return all(each.startswith(text) == f"{each}/".startswith(f"{base}/") for each in (start, redirected))


def _beginning(text: Text) -> str:
    """What all paths of a resource begin with."""
    return certain_beginning(text) if isinstance(text, re.Pattern) else text.partition("<")[0]


def _refuse_shadowed(
    found: Iterable[PathPattern], governed: Sequence[PathPattern], unclear: Iterable[tuple[str, str]]
) -> None:
    """flask-cors takes the first resource that matches, `cors.toml` the longest path: they must not differ."""
    for pattern in found:
        for earlier in governed:
            if earlier == pattern or (earlier.below and path_pattern.matches(earlier, pattern.base or "/")):
                raise NoPattern(f"no request reaches it: `{earlier}` comes first and matches the same paths")
        for name, beginning in unclear:
            if pattern.base.startswith(beginning) or (pattern.below and beginning.startswith(pattern.base)):
                raise NoPattern(f"`{name}`, which comes first, may match some of its paths and is not migrated")


# --- options ----------------------------------------------------------------------------------------------------------


def _draft(resource: Resource, patterns: Iterable[PathPattern], left: list[Left]) -> Draft:
    """The rule of a resource; what it cannot say is added to `left`."""
    options = resource.options

    def leave(what: str, why: str) -> None:
        left.append(Left(f"{resource.name}: {what}", why))

    if options.allow_private_network:
        leave("allow_private_network", "browsers ask the user instead")
    for method in ("GET", "POST"):
        if method not in options.methods:
            leave(
                f"methods without {method}", "GET, HEAD and POST are always allowed, here with the request headers too"
            )
    return Draft(
        resource.name,
        tuple(map(str, patterns)),
        tuple(_origins(options, leave)),
        tuple(sorted(options.methods - fetch.SAFELISTED_METHODS)),
        tuple(_request_headers(options, leave)),
        options.expose_headers,
        options.supports_credentials,
        _max_age(options.max_age, leave),
    )


def _origins(options: Options, leave: Callable[[str, str], None]) -> Iterator[str]:
    if any(map(_is_everything, options.origins)):
        if options.supports_credentials:
            leave("every origin", "with credentials, every page would read with the user's cookies")
        else:
            yield EVERY_ORIGIN
        return
    for text in options.origins:
        if isinstance(text, re.Pattern):
            try:
                yield from origin_patterns(text)
            except NoPattern as error:
                leave(text.pattern, str(error))
        elif parse_origin(text.lower()) is None:
            leave(text, "no browser sends such an origin, so it allowed nobody")
        else:
            yield text.lower()


def _request_headers(options: Options, leave: Callable[[str, str], None]) -> Iterator[str]:
    if any(map(_is_everything, options.allow_headers)):
        if options.supports_credentials:
            leave("every request header", "with credentials, browsers take `*` literally: name the headers")
        else:
            yield from ("*", "authorization")
        return
    for text in options.allow_headers:
        if isinstance(text, re.Pattern):
            leave(text.pattern, "request headers are named one by one")
        else:
            yield text.lower()


def _max_age(text: str, leave: Callable[[str, str], None]) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > MAX_AGE_MAXIMUM:
        leave(f"max_age {text}", f"a number of seconds up to {MAX_AGE_MAXIMUM} is meant; browsers keep 7200 at most")
        return None
    return int(text)


def _is_everything(text: Text) -> bool:
    return isinstance(text, re.Pattern) and text.pattern in (".*", ".+")
