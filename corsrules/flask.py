"""The Flask adapter: `CorsRules(app)` makes an application obey its `cors.toml`.

Preflights are answered before routing errors and before the application's own hooks, because an answer with any other
status than 2xx fails whatever its headers (Fetch, CORS-preflight fetch), and headers are applied in `after_request`,
which Flask runs for its error answers too. What is answered is decided elsewhere.
"""

from __future__ import annotations

import os
from functools import partial

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

from corsrules.config import load
from corsrules.matcher import Header, Matcher, Region
from corsrules.wsgi import answer, is_preflight, merged_vary

#: What the file is called where nothing names it; like every file named here, relative to `app.root_path`.
DEFAULT_FILE = "cors.toml"


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
        matcher = load(os.path.join(app.root_path, file), profile=profile)
        app.extensions["corsrules"] = matcher
        # First, so that neither authentication nor a missing route answers a preflight; Flask runs after-request
        # functions from the last to the first, so that nothing writes after ours.
        app.before_request_funcs.setdefault(None, []).insert(0, partial(_answer_preflight, matcher))
        app.after_request_funcs.setdefault(None, []).insert(0, partial(_apply, matcher))


def _setting(app: Flask, name: str) -> str | None:
    return app.config.get(name) or os.environ.get(name) or None


def _answer_preflight(matcher: Matcher) -> Response | None:
    found = answer(matcher, request.environ) if is_preflight(request.environ) else None
    if found is None or found[0] is None:
        return None
    response = Response(status=found[0])
    del response.headers["Content-Type"]
    return response


def _apply(matcher: Matcher, response: Response) -> Response:
    found = answer(matcher, request.environ)
    if found is not None:
        _, cors, region = found
        apply_to(response, cors, region)
    return response


def apply_to(response: Response, cors: tuple[Header, ...], region: Region) -> None:
    """Makes `cors` the only `Access-Control-*` headers of the response, and merges `Vary` into one line."""
    headers = response.headers
    if not isinstance(headers, Headers):  # some libraries assign a plain dictionary
        response.headers = headers = Headers(headers)
    vary = region.vary_headers
    names = {name.lower() for name, _ in headers if name[:1] in "aAvV"}
    if names:
        for name in names:
            if name.startswith("access-control-"):
                headers.remove(name)
        if "vary" in names:
            headers["Vary"] = merged_vary(headers.getlist("Vary"), region.vary)
            vary = ()
    for name, value in (*cors, *vary):
        headers.add(name, value)
