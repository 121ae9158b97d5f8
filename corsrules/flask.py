"""The Flask adapter: `CorsRules(app)` makes an application obey its `cors.toml`.

Preflights are answered in front of `app.wsgi_app`: an answer with any other status than 2xx fails whatever its headers
(https://fetch.spec.whatwg.org/#cors-preflight-fetch), and whatever answers between an application's own hooks leaves
pairs of them half run. Headers are applied in `after_request`, which Flask runs for its error answers too. What is
answered is decided in `engine.answer`.
"""

from __future__ import annotations

import os
from typing import NamedTuple, cast

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Headers
from werkzeug.local import LocalProxy

from corsrules.engine.answer import answer
from corsrules.engine.grants import Header
from corsrules.engine.matcher import Matcher
from corsrules.loading import load
from corsrules.wsgi import PreflightMiddleware, applied, merged_vary, read_instead

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
        """Loads the file and hooks into `app`; one `CorsRules` may serve several applications.

        Raises `RuntimeError` if `app` obeys a file already.
        """
        if "corsrules" in app.extensions:
            raise RuntimeError(
                f"this application obeys {app.extensions['corsrules'].file} already; call CorsRules(app) or "
                "init_app(app) once, with all rules in one file"
            )
        file = file or self.file or _setting(app, "CORSRULES_FILE") or DEFAULT_FILE
        profile = profile or self.profile or _setting(app, "CORSRULES_PROFILE")
        path = os.path.join(app.root_path, file)
        try:
            matcher = load(path, profile=profile)
        except FileNotFoundError as error:
            error.add_note("write it with `corsrules init`, or name another in CorsRules(app, file) or CORSRULES_FILE")
            raise
        app.extensions["corsrules"] = State(matcher, path, profile)
        app.wsgi_app = PreflightMiddleware(app.wsgi_app, matcher)  # type: ignore[method-assign]  # as Flask documents it
        # Flask runs after-request functions from the last to the first, so nothing writes after ours.
        app.after_request_funcs.setdefault(None, []).insert(0, Answers(matcher).apply)


class Answers:
    """Puts the headers that `matcher` asks for on an application's answers."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher

    def apply(self, response: Response) -> Response:
        """An after-request function."""
        environ = _current_request().environ
        path = self.matcher.governing(environ.get("PATH_INFO", ""))
        if path is None:
            return response
        # Preflights were answered in front of the application; one that comes here is left to it.
        _, cors, _ = answer(path, environ.get("HTTP_ORIGIN"), False, environ, read_instead)  # noqa: FBT003 - as `answer` says
        headers = response.headers
        if not isinstance(headers, Headers):  # some libraries assign a plain dictionary
            response.headers = headers = Headers(headers)
        vary: tuple[Header, ...] | None = path.vary_headers
        for index, (name, value) in enumerate(headers):
            if name and name[0] in "aAvV":
                lower = name.lower()
                if lower == "vary" and vary is not None:
                    headers[index] = "Vary", merged_vary(value, path.vary)
                    vary = None
                elif lower == "vary" or lower.startswith("access-control-"):
                    headers[:] = applied(list(headers), cors, path)
                    return response
        for name, value in cors:
            headers.add(name, value)
        for name, value in vary or ():
            headers.add(name, value)
        return response


def _setting(app: Flask, name: str) -> str | None:
    return app.config.get(name) or os.environ.get(name) or None


#: The request itself: an attribute that is read through its proxy costs more than a decision. For this purpose Werkzeug
#: documents the function, in spite of its name (werkzeug.local.LocalProxy).
_current_request = cast("LocalProxy[Request]", request)._get_current_object
