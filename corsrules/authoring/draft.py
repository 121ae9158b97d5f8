"""What another configuration says, as the text of a `cors.toml`.

Only what certainly means the same becomes part of a rule; everything else is listed at the end with why, so that
nothing is dropped in silence and nobody is let in by a guess. The text has no errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from corsrules import loading, report
from corsrules.findings.wording import written
from corsrules.language import origin_pattern
from corsrules.language.network import INSECURE_SCHEMES, is_local
from corsrules.language.policy import EVERY_ORIGIN
from corsrules.language.spelling import certain_spelling, pattern_mistake
from corsrules.web.origin import parse as parse_origin

#: A group of origins for each list of them that rules name.
GROUP = "web"


class Left(NamedTuple):
    """Something that was not migrated, why, and what to do about it."""

    text: str
    why: str
    help: str = ""


class Draft(NamedTuple):
    """A rule with its patterns written out; `name` says what it comes from."""

    name: str
    paths: tuple[str, ...]
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    request_headers: tuple[str, ...] = ()
    response_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None


class Migration(NamedTuple):
    """The text of a `cors.toml`, and what it does not say."""

    text: str
    left: tuple[Left, ...]


def from_allowed_urls(value: str) -> Migration:
    """The migration of an environment variable that lists origins, with `|` between them."""
    origins: list[str] = []
    left: list[Left] = []
    for entry in value.split("|"):
        spelling = certain_spelling(entry)
        if parse_origin(spelling) is None:
            left.append(_uncertain(entry, spelling))
        elif spelling not in origins:
            origins.append(spelling)
    return migration("a list of allowed URLs", [Draft(GROUP, ("/*",), tuple(origins), credentials=True)], left)


def _uncertain(entry: str, spelling: str) -> Left:
    if not entry.strip():
        return Left('""', "an empty entry is a part of every origin, so it let everybody in", "write nothing for it")
    if origin_pattern.parse(spelling) is not None:
        return Left(
            entry, "it was compared as it stands, so its `*` stood for nothing", f'if meant, write "{spelling}"'
        )
    mistake = pattern_mistake(entry)
    if any(separator in entry.strip() for separator in ", ;[\n"):
        return Left(entry, mistake.message, "if it is a list, write `|` between the origins")
    return Left(entry, mistake.message, mistake.advice or "name the origins that are meant")


def migration(source: str, drafts: Iterable[Draft], left: Iterable[Left]) -> Migration:
    """The file with those rules; what would be an error in it is left too."""
    left, rules = list(left), []
    for draft in drafts:
        rule, refused = _without_errors(draft)
        rules.append(rule)
        left += [*refused, *_forgeable(rule)]
    return Migration(_text(source, rules or [Draft("nobody", ("/*",))], left), tuple(left))


def _without_errors(draft: Draft) -> tuple[Draft, list[Left]]:
    """The draft with those of its values that are no error each by itself, and the others."""
    bare = draft._replace(origins=(), methods=(), request_headers=(), response_headers=())
    left: list[Left] = []

    def kept(rules: Iterable[Draft], values: Iterable[str]) -> tuple[str, ...]:
        good = []
        for rule, value in zip(rules, values, strict=True):
            errors = loading.inspect(_text("", [rule], []), "").errors
            if errors:
                left.append(Left(value, errors[0].message, errors[0].help))
            else:
                good.append(value)
        return tuple(good)

    return (
        draft._replace(
            origins=kept((bare._replace(origins=(each,)) for each in draft.origins), draft.origins),
            methods=kept((bare._replace(methods=(each,)) for each in draft.methods), draft.methods),
            request_headers=kept(
                (bare._replace(request_headers=(each,)) for each in draft.request_headers), draft.request_headers
            ),
            response_headers=kept(
                (bare._replace(response_headers=(each,)) for each in draft.response_headers), draft.response_headers
            ),
        ),
        left,
    )


def _forgeable(rule: Draft) -> Iterator[Left]:
    """The origins that production loses: anyone on the network can answer in their name."""
    for text in rule.origins:
        found = origin_pattern.parse(text)
        if found is not None and found.scheme in INSECURE_SCHEMES and not is_local(found):
            why = "anyone on the network can forge its pages, so only the development profile allows it"
            yield Left(text, why, "serve it over https, or add it to production")


# --- the text ---------------------------------------------------------------------------------------------------------


def _text(source: str, rules: Sequence[Draft], left: Sequence[Left]) -> str:
    groups: dict[tuple[str, ...], str] = {}
    for rule in rules:
        if rule.origins and rule.origins != (EVERY_ORIGIN,):
            groups.setdefault(rule.origins, GROUP if not groups else f"{GROUP}-{len(groups) + 1}")
    lines = [
        f"# Who may read this API from a browser, migrated from {source}. Check it with: corsrules check",
        "",
        "version = 1",
        *_profiles(groups),
        "",
        "# WHERE and WHAT: the same in every profile. GET, HEAD and POST are always allowed.",
    ]
    for rule in rules:
        lines += _rule(rule, [groups[rule.origins]] if rule.origins in groups else rule.origins)
    lines += [*_proof(rules), *_listed(left)]
    return "".join(f"{line}\n" for line in lines)


def _profiles(groups: dict[tuple[str, ...], str]) -> Iterator[str]:
    yield from ("", "# WHO: the only thing that differs between environments.", "[profiles.production.origins]")
    for origins, name in groups.items():
        yield f"{name} = {_array([text for text in origins if not _is_for_development(text)])}"
    if not any(map(_is_for_development, (text for origins in groups for text in origins))):
        return
    yield from ("", "# Only a development profile may hold localhost and http origins. It is never chosen by default.")
    yield from ("[profiles.development]", "development = true")
    for origins, name in groups.items():
        yield f"origins.{name} = {_array([text for text in origins if _is_for_development(text)])}"


def _is_for_development(text: str) -> bool:
    found = origin_pattern.parse(text)
    return found is not None and (is_local(found) or found.scheme in INSECURE_SCHEMES)


def _rule(rule: Draft, origins: Sequence[str]) -> Iterator[str]:
    yield from ("", "[[rules]]", f"name = {written(rule.name)}", f"paths = {_array(rule.paths)}")
    yield f"origins = {_array(origins)}"
    for key, values in (
        ("methods", rule.methods),
        ("request-headers", rule.request_headers),
        ("response-headers", rule.response_headers),
    ):
        if values:
            yield f"{key} = {_array(values)}"
    if rule.credentials:
        yield "credentials = true"
    if rule.max_age is not None:
        yield f"max-age = {rule.max_age}"


def _proof(rules: Sequence[Draft]) -> Iterator[str]:
    """The test that a substring test fails, where one rule decides and names one plain origin."""
    named = [parse_origin(text) for text in rules[0].origins] if len(rules) == 1 else []
    for origin in named[:1]:
        if origin is not None:
            longer = origin._replace(host=f"{origin.host}.evil.test")
            yield from ("", "# PROOF: run by every check.", "[[tests]]", 'name = "a longer name is another site"')
            yield f"origin = {written(str(longer))}"
            yield from (f"path = {written(rules[0].paths[0].removesuffix('/*') or '/')}", 'deny = ["*"]')


def _listed(left: Sequence[Left]) -> Iterator[str]:
    if left:
        yield from ("", f"# NOT MIGRATED ({len(left)}): it is not certain what these mean here.")
    for each in left:
        yield f"#   {report.printable(each.text)}"
        yield f"#     {report.printable(each.why)}" + (f"; {report.printable(each.help)}" if each.help else "")


def _array(texts: Sequence[str]) -> str:
    line = written(tuple(texts))
    return line if len(line) <= 100 else "[\n" + "".join(f"  {written(text)},\n" for text in texts) + "]"
