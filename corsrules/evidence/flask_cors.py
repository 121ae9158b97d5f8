"""Where flask-cors answers in an application, seen by the functions that it leaves there.

flask-cors is known by the module in which its functions were made. Neither it nor Flask is imported: whoever hands over
an application has.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from corsrules.engine.matcher import Matcher
from corsrules.language.path_pattern import wsgi_form
from corsrules.wsgi import logger

#: A path or an origin that is compared as it stands, or an expression.
Text: TypeAlias = str | re.Pattern[str]

#: A segment that stands for any, in the paths by which two ways to govern are compared.
SEGMENT = "x"

#: How many decorators are looked through, more than anybody has: some name themselves as what they wrap.
DEEPEST = 64


class Beside(NamedTuple):
    """What of flask-cors is in an application, as a person writes it, and whether it answers a request for a path."""

    name: str
    answers: Callable[[str], bool]


class Rivalry(NamedTuple):
    """What of flask-cors is in an application under rules, and a path that a rule governs too, if one was found."""

    name: str
    path: str | None

    def __str__(self) -> str:
        if self.path is None:
            return (
                f"flask-cors answers in this application, too: {self.name}. It may let in origins that cors.toml does "
                "not, wherever no rule governs; remove it, and write rules for the paths that need CORS"
            )
        return (
            f"flask-cors and cors.toml both govern {self.path}: remove {self.name}. Where a rule governs, it alone "
            "decides, and nothing that flask-cors says is sent"
        )


def rivalries(app: Any, matcher: Matcher) -> list[Rivalry]:
    """What of flask-cors is in `app`, a Flask application under the rules of `matcher`.

    That both govern a path is shown by one path: those of the routes and of the rules are tried. Never raises; what
    cannot be read is logged.
    """
    known = () if matcher.source is None else matcher.source.paths
    routes = _routes(app)
    tried = dict.fromkeys(chain(map(_request_for, known), *routes.values()))
    governed = [path for path in tried if matcher.governing(wsgi_form(path)) is not None]
    try:
        found = list(_everything(app, routes))
    except Exception:  # another library's insides, of whatever version: they are worth no start and no request
        logger.warning("what flask-cors does in this application cannot be read", exc_info=True)
        return []
    return [Rivalry(name, next((path for path in governed if answers(path)), None)) for name, answers in found]


def _everything(app: Any, routes: Mapping[str, Sequence[str]]) -> Iterator[Beside]:
    """Each `CORS(…)`, and each view under `@cross_origin`."""
    for blueprint, functions in app.after_request_funcs.items():
        for hook in hooks(functions):
            texts = [resolved(text, 0) for text, _ in resources(hook)]
            if blueprint is None:
                yield Beside("CORS(app)", partial(_is_matched, texts, None))
            else:
                own = (paths for endpoint, paths in routes.items() if endpoint.startswith(f"{blueprint}."))
                yield Beside(f"CORS({blueprint})", partial(_is_matched, texts, list(chain(*own))))
    for endpoint, view in app.view_functions.items():
        if any(map(is_decorated, layers(view))):
            yield Beside(f"@cross_origin on the view {endpoint}", partial(_is_among, routes.get(endpoint, ())))


def _is_among(paths: Sequence[str], path: str) -> bool:
    return path in paths


def _is_matched(texts: Iterable[Text], own: Sequence[str] | None, path: str) -> bool:
    """Whether flask-cors matches a path by one of `texts`, for a blueprint among its `own` paths."""
    if own is not None and path not in own:
        return False
    return any(path == text if isinstance(text, str) else text.match(path) for text in texts)


def _routes(app: Any) -> Mapping[str, Sequence[str]]:
    """The paths by which each endpoint may be requested, one for each route."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for rule in app.url_map.iter_rules():
        found[rule.endpoint].append(re.sub("<[^>]*>", SEGMENT, rule.rule))
    return found


def _request_for(path: str) -> str:
    """A path that an entry of `paths` covers."""
    return path.replace("*", SEGMENT)


def hooks(functions: Iterable[object]) -> Iterator[Callable[..., object]]:
    """Those of an application's after-request functions that are flask-cors's."""
    for function in functions:
        if callable(function) and _is_made_by(function, "flask_cors.extension", "cors_after_request"):
            yield function


def resources(hook: Callable[..., object]) -> Iterable[tuple[Text, Any]]:
    """What flask-cors's function tries in turn: a path or an expression, and the options for it."""
    found: Iterable[tuple[Text, Any]] = inspect.getclosurevars(hook).nonlocals.get("resources", ())
    return found


def is_decorated(function: object) -> bool:
    """Whether a function is what `@cross_origin` made of a view."""
    return _is_made_by(function, "flask_cors.decorator", "wrapped_function")


def layers(view: Any) -> Iterator[object]:
    """A view, the methods of its class, and what decorators have wrapped in each."""
    methods = vars(getattr(view, "view_class", object)).values()
    for function in (view, *filter(inspect.isfunction, methods)):
        wrapped: object = function
        for _ in range(DEEPEST):
            if wrapped is None:
                break
            yield wrapped
            wrapped = getattr(wrapped, "__wrapped__", None)


def resolved(text: Text, flags: int) -> Text:
    """An expression compiled as flask-cors does, by its own test of what one is."""
    if isinstance(text, str) and import_module("flask_cors.core").probably_regex(text):
        return re.compile(text, flags)
    return text


def _is_made_by(function: Any, module: str, name: str) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_name == name and function.__globals__.get("__name__") == module
