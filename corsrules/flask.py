"""The Flask adapter: `CorsRules(app)` makes an application obey its `cors.toml`.

Preflights are answered before routing errors and before the application's own hooks, because an answer with any other
status than 2xx fails whatever its headers (Fetch, CORS-preflight fetch), and headers are applied in `after_request`,
which Flask runs for its error answers too. What is answered is decided elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple, cast

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Headers
from werkzeug.local import LocalProxy

from corsrules.engine.matcher import Header, Matcher
from corsrules.loading import load
from corsrules.wsgi import answer, applied, merged_vary

#: What the file is called where nothing names it; like every file named here, relative to `app.root_path`.
DEFAULT_FILE = "cors.toml"


class State(NamedTuple):
    """What an application obeys, in `app.extensions["corsrules"]`.

    `profile` is None where the file's only profile, or none, was chosen.
    """

    matcher: Matcher
    file: str
    profile: str | None


class CorsRules:
    """Applies the rules of a `cors.toml` to a Flask application.

    `file` is relative to `app.root_path`. Where `file` or `profile` is not given, the app's config (`CORSRULES_FILE`,
    `CORSRULES_PROFILE`), then the environment variable of the same name decides. Raises `corsrules.ConfigError` when
    the file has errors, `OSError` when it cannot be read: the application does not start with fewer rules.
    """

    def __init__(
        self, app: Flask | None = None, file: str | os.PathLike[str] | None = None, *, profile: str | None = None
    ) -> None:
        self.file = file
        self.profile = profile
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, file: str | os.PathLike[str] | None = None, *, profile: str | None = None) -> None:
        """Loads the file and hooks into `app`; one `CorsRules` may serve several applications."""
        file = file or self.file or _setting(app, "CORSRULES_FILE") or DEFAULT_FILE
        profile = profile or self.profile or _setting(app, "CORSRULES_PROFILE")
        path = os.path.join(app.root_path, file)
        try:
            matcher = load(path, profile=profile)
        except FileNotFoundError as error:
            error.add_note("write it with `corsrules init`, or name another in CorsRules(app, file) or CORSRULES_FILE")
            raise
        app.extensions["corsrules"] = State(matcher, path, profile)
        # First, so that neither authentication nor a missing route answers a preflight; Flask runs after-request
        # functions from the last to the first, so that nothing writes after ours.
        app.before_request_funcs.setdefault(None, []).insert(0, _answer_preflights(matcher))
        app.after_request_funcs.setdefault(None, []).insert(0, _apply_to_responses(matcher))


def _setting(app: Flask, name: str) -> str | None:
    return app.config.get(name) or os.environ.get(name) or None


# Plain functions, because Flask looks through everything else for a coroutine in each request.

#: The request itself: an attribute that is read through its proxy costs more than a decision. For this purpose Werkzeug
#: documents the function, in spite of its name (werkzeug.local.LocalProxy).
_current_request = cast("LocalProxy[Request]", request)._get_current_object


def _answer_preflights(matcher: Matcher) -> Callable[[], Response | None]:
    def answer_preflight() -> Response | None:
        environ = _current_request().environ
        if environ["REQUEST_METHOD"] != "OPTIONS":
            return None
        region = matcher.region(environ.get("PATH_INFO", ""))
        status = None if region is None else answer(matcher, region, environ)[0]
        if status is None:
            return None
        response = Response(status=status)
        del response.headers["Content-Type"]
        return response

    return answer_preflight


def _apply_to_responses(matcher: Matcher) -> Callable[[Response], Response]:
    def apply(response: Response) -> Response:
        environ = _current_request().environ
        region = matcher.region(environ.get("PATH_INFO", ""))
        if region is None:
            return response
        cors = answer(matcher, region, environ)[1]
        headers = response.headers
        if not isinstance(headers, Headers):  # some libraries assign a plain dictionary
            response.headers = headers = Headers(headers)
        vary: tuple[Header, ...] | None = region.vary_headers
        for index, (name, value) in enumerate(headers):
            if name and name[0] in "aAvV":
                lower = name.lower()
                if lower == "vary" and vary is not None:
                    headers[index] = "Vary", merged_vary(value, region.vary)
                    vary = None
                elif lower == "vary" or lower.startswith("access-control-"):
                    headers[:] = applied(list(headers), cors, region)
                    return response
        for name, value in cors:
            headers.add(name, value)
        for name, value in vary or ():
            headers.add(name, value)
        return response

    return apply
