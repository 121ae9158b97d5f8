"""The pytest plugin: the `[[tests]]` of a `cors.toml` as test items, and a browser's verdict on a Flask application.

pytest imports this module in every run of every project that has corsrules installed, so nothing but pytest is
imported until a file or the fixture is asked for, and no file is collected that was not named.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient

    from corsrules.analysis.filetests import Result
    from corsrules.language.toml import File
    from corsrules.web.browser import Verdict

#: The ini option that names the files to collect wherever pytest comes across them.
FILES_OPTION = "corsrules_files"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the ini option."""
    parser.addini(
        FILES_OPTION,
        "globs of cors.toml files whose [[tests]] are collected (`cors.toml`, `deploy/*.toml`); "
        "a .toml file on the command line always is",
        type="args",
        default=[],
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects a file that the command line or `corsrules_files` names, and no other."""
    is_named = file_path.suffix == ".toml" and parent.session.isinitpath(file_path)
    if is_named or any(map(file_path.match, parent.config.getini(FILES_OPTION))):
        collected: pytest.Collector = PolicyFile.from_parent(parent, path=file_path)
        return collected
    return None


class PolicyFile(pytest.File):
    """A `cors.toml`. Its errors are an error of the collection."""

    def collect(self) -> Iterable[pytest.Item]:
        """Each test of the file in each profile that it names."""
        from corsrules import loading, report
        from corsrules.analysis import filetests

        name = _shown(self.path, self.config.invocation_params.dir)
        try:
            inspection = loading.inspect(loading.read(self.path), name)
        except OSError as error:
            raise self.CollectError(f"cannot read {self.path}: {error.strerror or error}") from error
        if inspection.document is None:
            raise self.CollectError(report.text(inspection.errors, inspection.file))
        for result in filetests.run(inspection.document):
            line, _ = inspection.file.line_and_column(("tests", result.index))
            yield PolicyTest.of(self, result, line, _explanation(result, inspection.file))


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _explanation(result: Result, file: File) -> str:
    """The finding that `check` would print, and every other method that failed; empty where none did."""
    from corsrules import loading, report
    from corsrules.analysis import filetests

    findings = loading.locate(filetests.problems([result]), file)
    others = [f"  and {report.printable(filetests.why(failed))}\n" for failed in result.failed[1:]]
    return report.text(findings, file) + "".join(others)


class FailedTestError(Exception):
    """A test of the file failed; the message is the explanation."""


class PolicyTest(pytest.Item):
    """One test of the file in one profile."""

    line: int
    explanation: str

    @classmethod
    def of(cls, parent: PolicyFile, result: Result, line: int, explanation: str) -> PolicyTest:
        """The item of `result`: `line` counts from 1, and `explanation` is empty where the test holds."""
        from corsrules import report

        name = report.printable(result.test.name)
        item: PolicyTest = cls.from_parent(parent, name=name if result.profile is None else f"{name}[{result.profile}]")
        item.line = line
        item.explanation = explanation
        return item

    def runtest(self) -> None:
        """Fails where the browser would conclude something else than the file says."""
        if self.explanation:
            raise FailedTestError(self.explanation)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The explanation; no traceback, which would show this file only."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands in the file."""
        return self.path, self.line - 1, self.name


class AsksAsPage(Protocol):
    """What the fixture `cors_verdict` is."""

    def __call__(
        self,
        client: FlaskClient,
        origin: str,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        credentials: bool = False,
        data: str | bytes = b"",
    ) -> Verdict:
        """What a page of `origin` sees of the answer to its cross-origin request."""
        ...


@pytest.fixture
def cors_verdict() -> AsksAsPage:
    """Asks a Flask application as a browser would for a page; returns the browser's `corsrules.web.browser.Verdict`.

    `cors_verdict(client, "https://app.example.com", "/api/orders", method="PUT", credentials=True)` sends the preflight
    if the Fetch standard asks one, then the request unless the preflight fails. The verdict is `.readable`, or says why
    not in `.failure`; `.exposes("x-request-id")` is whether script can read that header of the answer.

    `headers` are those that the page sets. The client's cookies go with the request itself, and only with
    `credentials`, as a browser that has them does.
    """
    return _verdict


def _verdict(
    client: FlaskClient,
    origin: str,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    credentials: bool = False,
    data: str | bytes = b"",
) -> Verdict:
    from flask.testing import FlaskClient

    from corsrules.web import browser, fetch

    request = browser.PageRequest(origin, fetch.normalized_method(method), tuple((headers or {}).items()), credentials)
    for name, _ in request.headers:
        if fetch.is_forbidden_request_header(name.lower()):
            raise ValueError(f"a page cannot set the header {name!r}: browsers leave it out")
    failure = browser.request_failure(request)
    if failure is not None:
        return browser.Verdict(failure)
    without_cookies = FlaskClient(client.application, use_cookies=False)
    without_cookies.environ_base = client.environ_base

    def answer(client: FlaskClient, method: str, headers: Mapping[str, str], data: str | bytes) -> browser.ServerAnswer:
        response = client.open(path, method=method, headers={**headers, "Origin": origin}, data=data)
        response.close()
        return browser.ServerAnswer(response.status_code, tuple(response.headers))

    preflight = None
    if browser.needs_preflight(request):
        preflight = answer(without_cookies, "OPTIONS", browser.preflight_headers(request), b"")
        failure = browser.preflight_failure(request, preflight)
        if failure is not None:
            return browser.Verdict(failure)
    sender = client if credentials else without_cookies
    return browser.verdict(request, preflight, answer(sender, request.method, headers or {}, data))
