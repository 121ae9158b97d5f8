"""docs/architecture.md shows the repository as it is, and whatever is cited or linked somewhere exists."""

from __future__ import annotations

import ast
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "corsrules"
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: The part of the map about the files that lie in no folder.
BESIDE = "Beside the folders"


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one of any level."""
    return page.partition(f"# {heading}\n")[2].partition("\n#")[0]


def first_cells(table: str) -> list[str]:
    """The first cell of each row, which is one piece of code."""
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def lines_of(table: str) -> list[list[str]]:
    """The cells of each row below the heading."""
    lines = re.findall(r"^\|(.*)\|$", table, re.MULTILINE)[2:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


# --- folders and rooms ------------------------------------------------------------------------------------------------


def rooms(folder: Path) -> set[str]:
    """The Python files in `folder` in which something lives: a docstring alone only says what the folder is for."""
    trees = {file.name: ast.parse(file.read_text(encoding="utf-8")) for file in folder.glob("*.py")}
    return {name for name, tree in trees.items() if tree.body[ast.get_docstring(tree) is not None :]}


def folders(root: Path) -> set[str]:
    """The folders with Python files directly in `root`."""
    return {folder.name for folder in root.iterdir() if any(folder.glob("*.py"))}


#: The headings of the map's folders by the folders' names.
HEADINGS = {name: heading for heading, name in re.findall(r"^### (`(\w+)/`.*)$", MAP, re.MULTILINE)}


def test_every_folder_is_on_the_map_and_no_other() -> None:
    assert set(HEADINGS) == folders(PACKAGE)


@pytest.mark.parametrize("folder", [*sorted(HEADINGS), ""], ids=lambda folder: folder or BESIDE)
def test_every_room_is_on_the_map_and_no_other(folder: str) -> None:
    on_the_map = first_cells(section(MAP, HEADINGS.get(folder, BESIDE)))
    assert sorted(on_the_map) == sorted(rooms(PACKAGE / folder))


@pytest.mark.parametrize("folder", [*sorted(HEADINGS), ""], ids=lambda folder: folder or BESIDE)
def test_of_every_room_is_said_what_lives_there_and_what_does_not(folder: str) -> None:
    lines = lines_of(section(MAP, HEADINGS.get(folder, BESIDE)))
    assert [line for line in lines if len(line) != 3 or not all(line)] == []


def test_every_folder_of_tests_is_on_the_map_and_no_other() -> None:
    on_the_map = first_cells(section(MAP, "Tests"))
    assert sorted(on_the_map) == sorted(f"tests/{name}/" for name in folders(ROOT / "tests"))


def test_every_file_that_the_map_names_exists() -> None:
    """In the text; the tables of rooms name files of their folder."""
    text = re.sub(r"^\|.*", "", MAP, flags=re.MULTILINE)
    named = re.findall(r"\b[\w/]+\.py\b", text) + re.findall(r"`([\w/]+/)`", text)
    assert [name for name in named if not any((root / name).exists() for root in (ROOT, PACKAGE))] == []


def test_every_name_in_the_code_that_the_map_calls_exists() -> None:
    tops = "|".join(sorted({*folders(PACKAGE), *(file.stem for file in PACKAGE.glob("[a-z]*.py"))}))
    named = re.findall(rf"`((?:{tops})\.(?!py`)[\w.]+)`", MAP)
    assert named != []
    for name in named:
        pkgutil.resolve_name(f"corsrules.{name}")


def test_the_layers_of_the_map_are_those_of_the_contract() -> None:
    (contract,) = [each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    drawn = re.findall(r"^```text\n(.*?)^```$", section(MAP, "Layers"), re.MULTILINE | re.DOTALL)[0]
    assert [re.split(r"\s{2,}", line)[0] for line in drawn.splitlines()] == contract["layers"]


# --- what is cited ----------------------------------------------------------------------------------------------------


def files() -> Iterator[Path]:
    """Every file of the repository: those of the source distribution, to which the gate compares what git tracks."""
    sources = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for name in (*sources, ".ci", ".gitignore", "pyproject.toml"):
        path = ROOT / name.strip("/")
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def texts() -> Iterator[tuple[str, str]]:
    """The name and the text of every file that is UTF-8 (some of the fuzzer's are not)."""
    for file in files():
        try:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


TEXTS = dict(texts())
PAGES = {name: text for name, text in TEXTS.items() if name.endswith(".md")}


def test_every_document_that_is_named_exists() -> None:
    """By its path, or by its name alone."""
    paths = tuple(f"/{name}" for name in PAGES)
    named = {(file, name) for file, text in TEXTS.items() for name in re.findall(r"\b[\w./-]*\w\.md\b", text)}
    assert {(file, name) for file, name in named if not any(path.endswith(f"/{name}") for path in paths)} == set()


def numbered() -> Iterator[str]:
    """The numbers of the sections of docs/semantics.md and of the items in their lists: 2.2, 2.2.3."""
    for part in re.split(r"^#+ (?=\d)", PAGES["docs/semantics.md"], flags=re.MULTILINE)[1:]:
        number = part.split()[0]
        yield number
        yield from (f"{number}.{item}" for item in re.findall(r"^(\d+)\. ", part, re.MULTILINE))


def test_every_section_that_is_cited_exists_and_its_page_is_named() -> None:
    known = set(numbered())
    cited = {file: set(re.findall(r"§(\d(?:\.\d)*)", text)) for file, text in TEXTS.items() if "§" in text}
    assert {file: numbers - known for file, numbers in cited.items() if numbers - known} == {}
    assert {
        file for file, numbers in cited.items() if numbers and "semantics.md" not in f"{file} {TEXTS[file]}"
    } == set()


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[Any]:
    """Each link of a page to a place in this repository."""
    for name, page in PAGES.items():
        prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if not target.startswith(("http:", "https:")):
                yield pytest.param(name, *target.partition("#")[::2], id=f"{name} {target}")


@pytest.mark.parametrize(("page", "path", "anchor"), list(links()))
def test_a_link_leads_somewhere(page: str, path: str, anchor: str) -> None:
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    assert not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


def test_the_readme_leads_to_both_pages() -> None:
    for name in ("docs/architecture.md", "docs/semantics.md"):
        assert f"]({name})" in PAGES["README.md"]
