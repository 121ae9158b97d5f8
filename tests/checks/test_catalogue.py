"""The catalogue: each code is defined once, its examples hold, and its place in a file is exact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import corsrules
import corsrules.loading
from corsrules.analysis import filetests
from corsrules.cli import main
from corsrules.findings import CODES, SEVERITIES, Code
from corsrules.language import budget

#: Codes that a file shows only where a profile is to be chosen, or its coverage is asked for.
AT_START = {"CR107"}
ON_REQUEST = {"CR404"}

#: Codes of what is too much to be checked. Their examples are small, so they are shown with a limit of so many steps.
AT_A_LIMIT = {"CR306": 8, "CR307": 8, "CR410": 40}


def found(text: str) -> list[str]:
    """The codes in `text`, in which `\\xff` stands for that byte."""
    data = text.encode().replace(b"\\xff", b"\xff")
    try:
        return [finding.code for finding in corsrules.check_text(data.decode())]
    except UnicodeDecodeError:
        return [finding.code for finding in corsrules.loading.inspect(data, "cors.toml").findings]


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_the_bad_example_yields_the_code_and_the_good_one_nothing(
    code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)
    if code.code in AT_A_LIMIT:
        monkeypatch.setattr(budget, "LEAST_STEPS", AT_A_LIMIT[code.code])
        monkeypatch.setattr(budget, "STEPS_PER_ENTRY", 0)
        monkeypatch.setattr(filetests, "MOST_STEPS", AT_A_LIMIT[code.code])
    if code.code in AT_START:
        with pytest.raises(corsrules.ConfigError) as raised:
            corsrules.loads(code.bad)
        assert [finding.code for finding in raised.value.findings] == [code.code]
        corsrules.loads(code.good)
    elif code.code in ON_REQUEST:
        for text, codes in ((code.bad, [code.code]), (code.good, [])):
            Path("cors.toml").write_text(text)
            shown = CliRunner().invoke(main, ["check", "--coverage", "--format", "json"]).stdout
            assert [finding["code"] for finding in json.loads(shown)["findings"]] == codes
    else:
        assert found(code.bad) == [code.code]
        assert found(code.good) == []


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_a_definition_is_whole(code: Code) -> None:
    assert CODES[code.code] is code
    assert code.code[:2] == "CR"
    assert len(code.code) == 5
    assert code.code[2:].isdigit()
    assert code.severity in SEVERITIES
    assert code.why.endswith((".", ")"))
    assert code.source
    assert not code.title.endswith(".")
    if code.milder_than:
        assert SEVERITIES.index(CODES[code.milder_than].severity) > SEVERITIES.index(code.severity)


def test_codes_are_in_order_and_none_twice() -> None:
    codes = list(CODES)
    assert codes == sorted(codes)


EVERYTHING = """\
version = 1
colour = "red"

[profiles.production.origins]
web = ["https://app.example.com", "http://app.example.com"]
unused = []
lan = ["http://192.168.0.7"]
uk = ["https://*.co.uk"]
loose = ["https://*example.com"]
Upper = []

[profiles.staging]
inherits = "prod"

[profiles.a]
inherits = "b"

[profiles.b]
inherits = "a"

[profiles.laptop]
development = true
origins = { web = [], lan = [], uk = [], loose = [], unused = [] }

[profiles.late]
inherits = "laptop"

[profiles.bare]

[[rules]]
name = "session"
paths = ["/api/*"]
origins = ["web", "lan", "wbe"]
credentials = true

[[rules]]
name = "session"
paths = ["/bad*"]
origins = ["app.example.com", "https://app.example.com/", "https://App.example.com", "https://app.example.com:443"]
methods = ["PUT, GET", "TRACE", "put", "patch", "GET"]
request-headers = ["x a", "cookie"]

[[rules]]
paths = ["/c/*"]
origins = ["https://bücher.example", "https://a.example, https://b.example", '^https://x\\.example$', "https://a.*.example"]
response-headers = ["*", "x-a"]
max-age = 604800

[[rules]]
paths = ["/d/*"]
origins = ["null", "https://a..example", "https://a.example:0", "uk", "loose"]
request-headers = ["*"]
max-age = 7201

[[rules]]
paths = ["/e/*"]
origins = ["*"]
credentials = true

[[rules]]
paths = ["/f/*"]
origins = ["https://*.f.example", "*"]
credentials = true
methods = ["*"]

[[rules]]
paths = ["/g/*"]
origins = ["http://g.example"]
waive = ["CR201", "CR211"]
reason = "just so"

[[rules]]
paths = ["/g/*"]
origins = ["http://g.example"]
max-age = "600"

[[rules]]
paths = ["/h/*"]
origins = ["https://h.example"]
max-age = 60

[[rules]]
paths = ["/h/*"]
origins = ["https://h.example"]
max-age = 61

[[rules]]
paths = ["/i/*"]

[fallback]
headers = ["origin"]
hosts = { "api.example.com" = "https://nobody.example" }

[[tests]]
name = "empty"
origin = "null"
path = "/"

[[tests]]
name = "elsewhere"
origin = "null"
path = "/"
profiles = ["nowhere"]
deny = ["*"]
"""

#: every finding of the file above: code, line, column
PLACES = [
    ("CR003", 2, 1),
    ("CR207", 5, 35),
    ("CR209", 7, 8),
    ("CR205", 8, 7),
    ("CR206", 9, 10),
    ("CR009", 10, 1),
    ("CR104", 13, 12),
    ("CR105", 16, 12),
    ("CR106", 26, 12),
    ("CR102", 28, 11),
    ("CR101", 33, 26),
    ("CR008", 37, 8),
    ("CR030", 38, 10),
    ("CR010", 39, 12),
    ("CR011", 39, 31),
    ("CR012", 39, 59),
    ("CR013", 39, 86),
    ("CR040", 40, 12),
    ("CR041", 40, 24),
    ("CR042", 40, 33),
    ("CR048", 40, 40),
    ("CR047", 40, 49),
    ("CR043", 41, 20),
    ("CR044", 41, 27),
    ("CR014", 45, 12),
    ("CR015", 45, 38),
    ("CR016", 45, 78),
    ("CR017", 45, 102),
    ("CR045", 46, 21),
    ("CR007", 47, 11),
    ("CR018", 51, 12),
    ("CR019", 51, 20),
    ("CR020", 51, 42),
    ("CR212", 52, 20),
    ("CR213", 53, 11),
    ("CR201", 58, 1),
    ("CR211", 62, 12),
    ("CR201", 63, 1),
    ("CR202", 64, 12),
    ("CR208", 68, 12),
    ("CR049", 69, 10),
    ("CR208", 74, 12),
    ("CR005", 75, 11),
    ("CR301", 84, 12),
    ("CR004", 87, 1),
    ("CR046", 91, 12),
    ("CR403", 94, 1),
    ("CR108", 103, 13),
]


def test_every_mistake_in_one_file_is_reported_once_and_in_its_place() -> None:
    places = [(finding.code, finding.line, finding.column) for finding in corsrules.check_text(EVERYTHING)]
    assert places == PLACES


#: the codes that cannot stand beside the others: the file, and where
ALONE = [
    ("CR001", "version = 1 # ü \\xff", 1, 17),
    ("CR002", 'version = 1\nname = "é\n', 2, 10),
    ("CR006", "version = 2\n", 1, 11),
    ("CR050", CODES["CR050"].bad, 6, 10),
    ("CR051", CODES["CR051"].bad, 5, 20),
    ("CR052", CODES["CR052"].bad, 5, 20),
    ("CR053", CODES["CR053"].bad, 4, 12),
    ("CR054", CODES["CR054"].bad, 4, 12),
    ("CR103", CODES["CR103"].bad, 5, 1),
    ("CR109", CODES["CR109"].bad, 7, 21),
    ("CR203", CODES["CR203"].bad, 4, 39),
    ("CR204", CODES["CR204"].bad, 4, 16),
    ("CR210", CODES["CR210"].bad, 4, 12),
    ("CR214", CODES["CR214"].bad, 4, 16),
    ("CR215", CODES["CR215"].bad, 4, 12),
    ("CR216", CODES["CR216"].bad, 4, 12),
    ("CR217", CODES["CR217"].bad, 4, 16),
    ("CR218", CODES["CR218"].bad, 3, 11),
    ("CR219", CODES["CR219"].bad, 4, 16),
    ("CR302", CODES["CR302"].bad, 4, 12),
    ("CR303", CODES["CR303"].bad, 7, 1),
    ("CR304", CODES["CR304"].bad, 9, 12),
    ("CR302", CODES["CR302"].bad, 4, 12),
    ("CR303", CODES["CR303"].bad, 7, 1),
    ("CR304", CODES["CR304"].bad, 9, 12),
    ("CR305", CODES["CR305"].bad, 5, 10),
    ("CR401", CODES["CR401"].bad, 10, 10),
    ("CR405", CODES["CR405"].bad, 8, 10),
    ("CR407", CODES["CR407"].bad, 11, 8),
    ("CR408", CODES["CR408"].bad, 13, 8),
    ("CR409", CODES["CR409"].bad, 10, 14),
]


@pytest.mark.parametrize(("code", "text", "line", "column"), ALONE, ids=[row[0] for row in ALONE])
def test_a_mistake_that_stands_alone_is_in_its_place(code: str, text: str, line: int, column: int) -> None:
    data = text.encode().replace(b"\\xff", b"\xff")
    inspection = corsrules.loading.inspect(data, "cors.toml")
    first = corsrules.loading.prove(inspection).findings[0]
    assert (first.code, first.line, first.column) == (code, line, column)


def test_every_code_has_its_place_in_a_table() -> None:
    covered = {code for code, *_ in PLACES} | {code for code, *_ in ALONE} | AT_START | ON_REQUEST | {*AT_A_LIMIT}
    assert set(CODES) - covered == set()
