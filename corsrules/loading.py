"""From a file or a text to findings or a matcher: the doors through which everything else is used.

A file is read whole, all of its profiles are checked, and either everything in it holds or nothing does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pydantic import ValidationError

from corsrules import checks, report
from corsrules.checks.profiles import unknown_profile
from corsrules.checks.subject import Subject
from corsrules.findings import Finding, Label, Place, Problem, severity_of
from corsrules.findings.wording import Suggestions, listed
from corsrules.language import model, rewriting, shape, toml
from corsrules.language.model import Document
from corsrules.language.policy import resolve
from corsrules.language.toml import File

if TYPE_CHECKING:
    from corsrules.analysis.filetests import Result
    from corsrules.engine.matcher import Matcher

#: The environment variable that chooses the profile where no argument does.
PROFILE_VARIABLE = "CORSRULES_PROFILE"

#: How many hexadecimal digits tell revisions apart: a person compares them, and nobody is to find two alike.
REVISION_LENGTH = 12
#: The environment variable that names the file where no argument does, and what it is called where nothing names it.
FILE_VARIABLE = "CORSRULES_FILE"
DEFAULT_FILE = "cors.toml"

#: How a document of the right shape is judged.
Look: TypeAlias = Callable[[Subject], list[Problem]]

#: What a file is called in findings where the text did not come from one.
TEXT_NAME = "<text>"


class ConfigError(ValueError):
    """A `cors.toml` has errors. `findings` holds all of them; the message is what `check` would print.

    `file` is the file that they are about.
    """

    def __init__(self, findings: Iterable[Finding], file: File) -> None:
        self.findings = list(findings)
        self.file = file
        super().__init__("\n" + report.text(self.findings, file))


class Inspection(NamedTuple):
    """What came of reading a file: the document where it is free of errors, and every finding in order of place.

    `results` are those of the document's tests, once they have run.
    """

    file: File
    document: Document | None
    findings: list[Finding]
    results: tuple[Result, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        """The findings that are errors."""
        return [finding for finding in self.findings if finding.severity == "error"]

    def with_problems(self, problems: Iterable[Problem]) -> Inspection:
        """The inspection with what else was found."""
        return self._replace(findings=in_order([*self.findings, *locate(problems, self.file)]))


class Accepted(NamedTuple):
    """A file without errors, and the document that it holds."""

    file: File
    document: Document

    def choose_profile(self, requested: str | None, named_by: str = "") -> str | None:
        """The profile to use (see the function of this name); `ConfigError` if there is none."""
        profile, problem = choose_profile(self.document, requested, named_by)
        if problem is not None:
            raise ConfigError(locate([problem], self.file), self.file)
        return profile


def load(path: str | os.PathLike[str], *, profile: str | None = None) -> Matcher:
    """The matcher for one profile of the file at `path`.

    `profile` defaults to the environment variable CORSRULES_PROFILE, then to the file's only profile if that is not a
    development profile. Raises `ConfigError` if any profile of the file has an error or none can be chosen, `OSError`
    if the file cannot be read.
    """
    return matcher_of(read(path), os.fspath(path), profile, "the argument `profile`")


def loads(text: str, *, profile: str | None = None) -> Matcher:
    """The matcher for one profile of a `cors.toml` given as text; otherwise like `load`."""
    return matcher_of(text, TEXT_NAME, profile, "the argument `profile`")


def check(path: str | os.PathLike[str]) -> list[Finding]:
    """All findings on the file at `path`, its failed tests too, for all its profiles, in the order of the file.

    Never raises for what the file says; `OSError` if it cannot be read.
    """
    return prove(inspect(read(path), os.fspath(path))).findings


def check_text(text: str) -> list[Finding]:
    """All findings on a `cors.toml` given as text; see `check`."""
    return prove(inspect(text, TEXT_NAME)).findings


def read(path: str | os.PathLike[str]) -> bytes:
    """The bytes of the file; `OSError`, with the absolute path tried, if it cannot be read."""
    with open(os.path.abspath(path), "rb") as file:
        return file.read()


def files_above(name: str, folder: str) -> Iterator[str]:
    """The files of this name in `folder` and the folders that it is in, from the nearest on."""
    folder = os.path.abspath(folder)
    for each in (folder, *map(str, PurePath(folder).parents)):
        path = os.path.join(each, name)
        if os.path.isfile(path):
            yield path


def inspect(content: str | bytes, name: str) -> Inspection:
    """Reads and checks `content`, the file that findings call `name`."""
    return _inspect(content, name, checks.run)


def _inspect(content: str | bytes, name: str, look: Look) -> Inspection:
    try:
        text = toml.decode(content) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    except toml.Unparsable as error:
        assert isinstance(content, bytes)
        file = File(name, content.decode("utf-8-sig", errors="replace"))
        return Inspection(file, None, [_at(error.offset, file, "CR001", error.message)])
    file = File(name, text)
    try:
        values = toml.parse(text)
    except toml.Unparsable as error:
        return Inspection(file, None, [_at(error.offset, file, "CR002", error.message)])
    document, problems = _examine(values, look)
    inspection = Inspection(file, document, locate(problems, file))
    return inspection._replace(document=None) if inspection.errors else inspection


def prove(inspection: Inspection) -> Inspection:
    """The inspection with the failed tests of its document among the findings; a document with errors runs none."""
    if inspection.document is None or not inspection.document.tests:
        return inspection
    from corsrules.analysis import filetests  # compiles every profile, which a file without tests does without

    results = tuple(filetests.run(inspection.document))
    return inspection.with_problems(filetests.problems(results))._replace(results=results)


def _examine(values: dict[str, object], look: Look) -> tuple[Document | None, list[Problem]]:
    newer = shape.newer_version(values)
    if newer is not None:
        return None, [newer]
    try:
        document = model.validate(values)
    except ValidationError as error:
        broken = list(shape.problems(error, values))
    else:
        return document, look(Subject.of(document))
    try:
        shape.remove_broken(values, broken)
        rest = model.validate(values)
    except ValidationError:
        return None, broken  # too little is left to look at
    return None, broken + look(Subject.of(rest, (problem.place.path for problem in broken)))


def accept(content: str | bytes, name: str) -> Accepted:
    """Reads `content`, the file that findings call `name`; `ConfigError` if it has errors."""
    inspection = _inspect(content, name, checks.errors)
    if inspection.document is None:
        raise ConfigError(inspection.errors, inspection.file)
    return Accepted(inspection.file, inspection.document)


def matcher_of(content: str | bytes, name: str, requested: str | None, named_by: str) -> Matcher:
    """The matcher for the profile `requested` of `content`, the file that findings call `name`; see `load`.

    `named_by` says to a person where `requested` comes from.
    """
    accepted = accept(content, name)
    document = accepted.document
    profile = accepted.choose_profile(requested, named_by)
    from corsrules.engine.compiler import compile_policy  # nothing else here needs it
    from corsrules.engine.matcher import Source

    source = Source(
        name,
        profile,
        profile is not None and document.profiles[profile].development,
        tuple(dict.fromkeys(path for rule in document.rules for path in rule.paths)),
        len(document.rules),
        _revision(content, profile),
    )
    return replace(compile_policy(resolve(document, profile)), source=source)


def _revision(content: str | bytes, profile: str | None) -> str:
    from hashlib import sha256  # nothing else here needs it

    digest = sha256(content.encode(errors="surrogatepass") if isinstance(content, str) else content)
    digest.update(b"\0" + (profile or "").encode())
    return digest.hexdigest()[:REVISION_LENGTH]


def choose_profile(document: Document, requested: str | None, named_by: str = "") -> tuple[str | None, Problem | None]:
    """The profile to use (None for a document without profiles), or why there is none.

    `requested`, else CORSRULES_PROFILE, else the only profile; a development profile only if it is named. `named_by`
    says to a person where `requested` comes from, if that is known.
    """
    name = requested or os.environ.get(PROFILE_VARIABLE) or None
    names = list(document.profiles)
    place = Place(("profiles",), "key") if names else Place(())
    if name is not None:
        by = named_by if requested else f"{PROFILE_VARIABLE} in the environment"
        return (name, None) if name in names else (None, unknown_profile(name, names, place, Suggestions(names), by))
    if not names:
        return None, None
    if len(names) == 1 and not document.profiles[names[0]].development:
        return names[0], None
    message = (
        f"no profile is chosen; the profiles are {listed(names)}"
        if len(names) > 1
        else f"no profile is chosen, and `{names[0]}`, a development profile, is used only if it is named"
    )
    return None, Problem(
        "CR107",
        message,
        place,
        f"name one: `--profile` on the command line, profile=... in Python, or {PROFILE_VARIABLE}",
    )


def locate(problems: Iterable[Problem], file: File) -> list[Finding]:
    """The problems of `file` with line and column, in the order of its text."""

    def label(place: Place) -> Label:
        location = file.locations[place.path]
        start, end = location.key if place.part == "key" and location.key is not None else location.value
        return Label(*file.lines.place(start), *file.lines.place(end), place.label)

    findings = [
        Finding(
            problem.code,
            severity_of(problem.code),
            problem.message,
            file.name,
            *label(problem.place)[:4],
            help=problem.help,
            label=problem.place.label,
            related=tuple(map(label, problem.related)),
            proposal=rewriting.text_edits(problem.proposal, file),
            repair=problem.repair,
        )
        for problem in problems
    ]
    return in_order(findings)


def in_order(findings: list[Finding]) -> list[Finding]:
    """The findings in the order of the text."""
    return sorted(findings, key=lambda finding: (finding.line, finding.column, finding.code))


def _at(offset: int, file: File, code: str, message: str) -> Finding:
    line, column = file.lines.place(offset)
    return Finding(code, severity_of(code), message, file.name, line, column, line, column + 1)
