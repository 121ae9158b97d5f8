"""The Flask adapter: `CorsRules(app)` makes an application obey its `cors.toml`.

It finds the file and the profile, and refuses what can only be a mistake. Preflights are answered in front of
`app.wsgi_app`: whatever answers between an application's own hooks leaves pairs of them half run. Headers are applied
in `after_request`, which Flask runs for its error answers too, and on a copy: a view may keep a response and return it
again, also to another thread. What is answered is decided in `engine.answer`.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import types
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import click
from flask import Blueprint, Flask, Request, Response, request
from werkzeug.datastructures import Headers
from werkzeug.local import LocalProxy

from corsrules.engine.answer import answer
from corsrules.engine.headers import applied
from corsrules.engine.matcher import Matcher
from corsrules.evidence.flask_cors import Rivalry, rivalries
from corsrules.loading import ConfigError, matcher_of, read
from corsrules.report import printable
from corsrules.wsgi import PreflightMiddleware, governing, logger, matcher_in, read_instead, refuse_second

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: What the file is called where nothing names it; like every file named here, relative to `app.root_path`.
DEFAULT_FILE = "cors.toml"

#: What a profile may be called, and hardly a file.
PROFILE_NAME = re.compile("[a-z][a-z0-9-]*")

DEVELOPMENT_MESSAGE = (
    "%r is a development profile, and this application is not in debug mode: it may let in pages on any machine's "
    "localhost, and plain http; choose the profile of the place where this runs, by profile=... or CORSRULES_PROFILE"
)

#: The request itself: an attribute that is read through its proxy costs more than a decision. For this purpose Werkzeug
#: documents the function, in spite of its name (werkzeug.local.LocalProxy).
_current_request = cast("LocalProxy[Request]", request)._get_current_object


class State(NamedTuple):
    """What an application obeys, in `app.extensions["corsrules"]`; `profile` is None where the file has none.

    `told` is what of flask-cors was told when it started.
    """

    matcher: Matcher
    file: str
    profile: str | None
    told: tuple[Rivalry, ...] = ()


class StartError(ConfigError, click.ClickException):
    """`ConfigError` of an application that does not start. Flask's commands print it without a traceback.

    `profile` is the one that was asked for, if any.
    """

    def __init__(self, error: ConfigError, profile: str | None) -> None:
        click.ClickException.__init__(self, str(error))
        self.findings = error.findings
        self.file = error.file
        self.profile = profile

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the findings to standard error, as `check` shows them."""
        click.echo(self.message.lstrip("\n"), file=file, nl=False, err=True)


class CorsFileNotFoundError(FileNotFoundError, click.ClickException):
    """`FileNotFoundError` of an application that does not start. Flask's commands print it without a traceback."""

    exit_code = 2

    def __init__(self, error: FileNotFoundError, advice: str) -> None:
        click.ClickException.__init__(self, f"cannot read {printable(error.filename)}: {error.strerror}; {advice}")
        FileNotFoundError.__init__(self, error.errno, error.strerror, error.filename)
        self.add_note(advice)


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
        """Loads the file and makes `app` obey it; one `CorsRules` may serve several applications.

        Raises `TypeError` if `app` is no Flask application, or `file` is a profile's name; `RuntimeError` if `app`
        obeys a file already, or if flask-cors governs a path of it that a rule governs.
        """
        _require_application(app)
        state: State | None = app.extensions.get("corsrules")
        refuse_second(matcher_in(app) if state is None else state.matcher)
        matcher, path = _load(app, file or self.file, profile or self.profile)
        found = rivalries(app, matcher)
        for each in found:
            if each.path is not None:
                raise RuntimeError(str(each))
            logger.warning("%s", each)
        assert matcher.source is not None, "it was loaded"
        app.extensions["corsrules"] = State(matcher, path, matcher.source.profile, tuple(found))
        app.wsgi_app = Starting(app, PreflightMiddleware(app.wsgi_app, matcher))  # type: ignore[method-assign]  # as Flask documents it
        # Flask runs after-request functions from the last to the first, so nothing writes after ours.
        app.after_request_funcs.setdefault(None, []).insert(0, Answers(matcher).apply)
        if matcher.source.development and not app.debug:
            logger.warning(DEVELOPMENT_MESSAGE, matcher.source.profile)


class Answers:
    """Puts the headers that `matcher` asks for on an application's answers."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher

    def apply(self, response: Response) -> Response:
        """An after-request function: the response with the headers of its request's rules, as an object of its own."""
        environ = _current_request().environ
        path = governing(self.matcher, environ)
        if path is None:
            return response
        # Preflights were answered in front of the application; one that comes here is left to it.
        _, cors, _ = answer(path, environ.get("HTTP_ORIGIN"), False, environ, read_instead)  # noqa: FBT003 - as `answer` says
        given = response.headers
        if not isinstance(given, Headers):  # some libraries assign a plain dictionary
            given = Headers(given)
        headers = Headers()
        for name, value in applied(given, cors, path):
            headers.add(name, value)
        own: Response = object.__new__(type(response))
        own.__dict__ = {**response.__dict__, "headers": headers}
        return own


class Starting:
    """In front of an application that obeys a file: looks at the whole of it when its first request comes."""

    def __init__(self, app: Flask, wsgi_app: PreflightMiddleware) -> None:
        self.app = app
        self.wsgi_app = wsgi_app
        self.requests = itertools.count()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the application under its rules."""
        if next(self.requests) == 0:
            self.look()
        return self.wsgi_app(environ, start_response)

    def look(self) -> None:
        """Logs what is left of flask-cors, and was not told when the application started."""
        state: State = self.app.extensions["corsrules"]
        for each in rivalries(self.app, state.matcher):
            if each not in state.told:
                logger.log(logging.WARNING if each.path is None else logging.ERROR, "%s", each)


def _load(app: Flask, file: str | os.PathLike[str] | None, profile: str | None) -> tuple[Matcher, str]:
    """The matcher that `app` is to obey, and the path of its file."""
    path = os.path.join(app.root_path, file or _setting(app, "CORSRULES_FILE") or DEFAULT_FILE)
    profile, named_by = (profile, "the argument `profile`") if profile else _profile_of(app)
    try:
        return matcher_of(read(path), path, profile, named_by), path
    except ConfigError as error:
        raise StartError(error, profile) from None
    except FileNotFoundError as error:
        if isinstance(file, str) and PROFILE_NAME.fullmatch(file):
            raise TypeError(
                f"the second argument of CorsRules is a file, and there is no {printable(error.filename)}; "
                f"if {file} is a profile, write profile={file!r}"
            ) from None
        raise CorsFileNotFoundError(error, _advice(app, path)) from None


def _profile_of(app: Flask) -> tuple[str | None, str]:
    """The profile that the application's config names, and where; the environment is asked where a file is loaded."""
    return app.config.get("CORSRULES_PROFILE") or None, "CORSRULES_PROFILE in app.config"


def _setting(app: Flask, name: str) -> str | None:
    return app.config.get(name) or os.environ.get(name) or None


def _advice(app: Flask, path: str) -> str:
    """What to do where the file is not there: a file of this name may lie where others look for it."""
    name = os.path.basename(path)
    folders = [*_and_above(os.getcwd()), *_and_above(os.path.abspath(app.root_path)), app.instance_path]
    found = next((folder for folder in folders if os.path.isfile(os.path.join(folder, name))), None)
    if found is None:
        return "write it with `corsrules init`, or name another in CorsRules(app, file) or CORSRULES_FILE"
    written = os.path.relpath(os.path.join(found, name), app.root_path)
    return (
        f"there is one in {printable(found)}: write CorsRules(app, {written!r}), or name it in CORSRULES_FILE; "
        "or write another with `corsrules init`"
    )


def _and_above(folder: str) -> Iterator[str]:
    """The folder, and those that it is in."""
    yield folder
    yield from map(str, PurePath(folder).parents)


def _require_application(app: object) -> None:
    """Raises `TypeError` for what was taken for a Flask application."""
    if isinstance(app, Flask):
        return
    match app:
        case Blueprint():
            what = f"the blueprint {app.name}: give it the application, and name the blueprint's paths in cors.toml"
        case types.FunctionType():
            what = f"the function {app.__name__}: give it what the function returns, or call init_app(app) in there"
        case str() | os.PathLike():
            what = f"{app!r}: the application comes first, CorsRules(app, file)"
        case _ if callable(app):
            what = f"{app!r}: for other WSGI applications there is corsrules.wsgi.CorsMiddleware"
        case _:
            what = f"{app!r}"
    raise TypeError(f"CorsRules is for a Flask application, not for {what}")
