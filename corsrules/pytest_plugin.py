"""The pytest plugin: the `[[tests]]` of a `cors.toml` as test items, and a browser's verdict on a Flask application.

pytest imports this module in every run of every project that has corsrules installed, so nothing but pytest is
imported until a file or the fixture is asked for, and no file is collected that was not named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from corsrules.analysis.filetests import Result
    from corsrules.language.toml import File
    from corsrules.web.browser import Failure, PageRequest, ServerAnswer, Verdict

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

    findings = loading.locate(filetests.failures([result]), file)
    others = [f"  and {report.printable(filetests.why(failed))}\n" for failed in result.failed[1:]]
    others += [f"  and {result.more_failed:,} more\n"] if result.more_failed else []
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

        name = report.printable(result.name)
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


@dataclass(frozen=True, slots=True, repr=False)
class PageVerdict:
    """What a page sees of an application's answer: the browser's verdict on it, and the answer.

    `response` is what the application answered to the page's request, whether or not the page can read it. It is None
    where the browser sends no such request, because the preflight failed.

    It is neither true nor false: that a page can read an answer says nothing of the answer, which may be a 404.
    """

    verdict: Verdict
    response: TestResponse | None

    @property
    def readable(self) -> bool:
        """Whether script can read the answer, whatever its status is."""
        return self.verdict.readable

    @property
    def failure(self) -> Failure | None:
        """Why script cannot read the answer: the step of the Fetch standard that failed, and a sentence."""
        return self.verdict.failure

    @property
    def status(self) -> int | None:
        """The status that script reads; None where it cannot read the answer."""
        return self.response.status_code if self.readable and self.response is not None else None

    def exposes(self, name: str) -> bool:
        """Whether script may read the response header `name`."""
        return self.verdict.exposes(name)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a verdict is neither true nor false: assert `.status == 200` for what works, `.readable` for what a page "
            "can read whatever its status is, `not .readable` for what it cannot"
        )

    def __repr__(self) -> str:
        answered = "no answer" if self.response is None else f"the answer is {self.response.status}"
        if self.failure is not None:
            return f"<blocked: {self.failure.message}; {answered}>"
        exposed = "every header" if self.verdict.exposes_every else ", ".join(self.verdict.exposed) or "no more headers"
        return f"<readable: {answered}, and exposes {exposed}>"


class AsksAsPage:
    """What the fixture `cors_verdict` is: it asks Flask applications as a browser would for a page."""

    def __init__(self, responses: ExitStack) -> None:
        self._responses = responses

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
    ) -> PageVerdict:
        """What a page of `origin` sees of the answer to its cross-origin request.

        Raises `ValueError` for what no browser sends: a denial of that would prove nothing.
        """
        from flask.testing import FlaskClient

        from corsrules.web import browser, fetch

        method = fetch.normalized_method(method)
        request = browser.PageRequest(origin, method, tuple((headers or {}).items()), credentials)
        _refuse_what_no_browser_sends(request)
        failure = browser.request_failure(request)
        if failure is not None:
            return PageVerdict(browser.Verdict(failure), None)
        without_cookies = FlaskClient(client.application, use_cookies=False)
        without_cookies.environ_base = client.environ_base
        preflight = None
        if browser.needs_preflight(request):
            answered = without_cookies.options(path, headers=browser.preflight_headers(request))
            answered.close()
            preflight = _answer(answered)
            failure = browser.preflight_failure(request, preflight)
            if failure is not None:
                return PageVerdict(browser.Verdict(failure), None)
        sender = client if credentials else without_cookies
        response = sender.open(path, method=method, headers={**(headers or {}), "Origin": origin}, data=data)
        self._responses.callback(response.close)
        return PageVerdict(browser.verdict(request, preflight, _answer(response)), response)


def _refuse_what_no_browser_sends(request: PageRequest) -> None:
    from corsrules.language import spelling
    from corsrules.web import fetch

    mistake = spelling.origin_mistake(request.origin)
    if mistake is not None:
        raise ValueError(f"{mistake.message}: {mistake.advice}")
    for name, _ in request.headers:
        if fetch.is_forbidden_request_header(name.lower()):
            raise ValueError(f"a page cannot set the header {name!r}: browsers leave it out")


def _answer(response: TestResponse) -> ServerAnswer:
    from corsrules.web.browser import ServerAnswer

    return ServerAnswer(response.status_code, tuple(response.headers))


@pytest.fixture
def cors_verdict() -> Iterator[AsksAsPage]:
    """Asks a Flask application as a browser would for a page; returns what the page sees, a `PageVerdict`.

    `cors_verdict(client, "https://app.example.com", "/api/orders", method="PUT", credentials=True)` sends the preflight
    if the Fetch standard asks one, then the request unless the preflight fails.

    Assert `verdict.status == 200` for what must work: `.status` is what script reads, None where the page is blocked.
    `.readable` is also true of a 404 or a 401 that the page can read; where it is not, `.failure` says why.
    `.exposes("x-request-id")` is whether script can read that header. `.response` is the application's answer.
    The verdict itself is neither true nor false.

    `headers` are those that the page sets. The client's cookies go with the request itself, and only with
    `credentials`, as a browser that has them does. An origin or a header that no browser sends is a `ValueError`.
    """
    with ExitStack() as responses:
        yield AsksAsPage(responses)
