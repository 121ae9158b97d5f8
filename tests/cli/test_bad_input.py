"""Content that no one meant: every row ends in findings or in none, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from corsrules.cli import main

RULE = 'version = 1\n[[rules]]\norigins = ["https://app.example.com"]\n'

#: what it is, the bytes, and the first finding: code, line, column (None: there is none)
ROWS: list[tuple[str, bytes, tuple[str, int, int] | None]] = [
    ("an empty file", b"", ("CR004", 1, 1)),
    ("only a byte order mark", b"\xef\xbb\xbf", ("CR004", 1, 1)),
    ("a byte order mark", b"\xef\xbb\xbf" + RULE.encode(), None),
    ("a byte order mark before an error", b"\xef\xbb\xbfbogus = 1\n" + RULE.encode(), ("CR003", 1, 1)),
    ("CRLF", (RULE + "bogus = 1\n").replace("\n", "\r\n").encode(), ("CR003", 4, 1)),
    ("a CR alone", RULE.replace("\n", "\r").encode(), ("CR002", 1, 12)),
    ("tabs before the error", (RULE + "\t\tbogus\t=\t1").encode(), ("CR003", 4, 3)),
    ("an emoji before the error", (RULE + 'name = "😀"; x').encode(), ("CR002", 4, 11)),
    (
        "an emoji before a finding on the same line",
        'version = 1\n[[rules]]\norigins = ["https://😀.example/x", "null"]'.encode(),
        ("CR014", 3, 12),
    ),
    ("a NUL byte", RULE.encode() + b"\x00", ("CR002", 4, 1)),
    ("a NUL byte in a string", RULE.encode() + b'name = "\x00"', ("CR002", 4, 9)),
    ("an escaped NUL in a string", RULE.encode() + rb'methods = ["\u0000"]', ("CR040", 4, 12)),
    ("invalid UTF-8", RULE.encode() + b"# \xc3\x28", ("CR001", 4, 3)),
    ("an overlong encoding", RULE.encode() + b"# \xc0\xaf", ("CR001", 4, 3)),
    ("UTF-16", RULE.encode("utf-16"), ("CR001", 1, 1)),
    ("399 arrays in each other", f"x = {'[' * 399}{']' * 399}\n{RULE}".encode(), ("CR003", 1, 1)),
    ("1,000 arrays in each other", f"x = {'[' * 1000}{']' * 1000}\n{RULE}".encode(), ("CR002", 1, 405)),
    ("a path of 1,000 keys", (".".join(["x"] * 1000) + " = 1\n" + RULE).encode(), ("CR003", 1, 1)),
    ("an integer of 5,000 digits", (RULE + f"max-age = {'9' * 5000}").encode(), ("CR002", 4, 11)),
    ("infinity", (RULE + "max-age = inf").encode(), ("CR005", 4, 11)),
    ("a date", (RULE + "max-age = 1979-05-27").encode(), ("CR005", 4, 11)),
    ("a long line", f"{RULE}# {'x' * 3_000_000}\nbogus = 1\n".encode(), ("CR003", 5, 1)),
    ("a key of a megabyte", f"{'x' * 1_000_000} = 1\n{RULE}".encode(), ("CR003", 1, 1)),
    (
        "10 MB of one origin",
        f'version = 1\n[[rules]]\norigins = ["https://{"a" * 10_000_000}.example"]'.encode(),
        ("CR019", 3, 12),
    ),
    (
        "one line of a megabyte with the error at its end",
        (
            "version=1\nrules=[{origins=["
            + "".join(f'"https://a{each}.example",' for each in range(10_000, 50_000))
            + '"null"]}]'
        ).encode(),
        ("CR018", 2, 18 + 40_000 * 25),
    ),
    (
        "100,000 rules, the last one wrong",
        (
            "version = 1\n"
            + "".join(f'[[rules]]\npaths=["/{each}"]\norigins=["https://a.example"]\n' for each in range(100_000))
            + "bogus = 1\n"
        ).encode(),
        ("CR003", 300_002, 1),
    ),
]


@pytest.mark.parametrize(("content", "first"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_findings_and_no_traceback(content: bytes, first: tuple[str, int, int] | None, tmp_path: Path) -> None:
    file = tmp_path / "cors.toml"
    file.write_bytes(content)
    result = CliRunner().invoke(main, ["check", "--format", "concise", str(file)])
    assert result.exit_code == (0 if first is None else 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if first is None:
        assert result.stdout == ""
    else:
        code, line, column = first
        assert result.stdout.splitlines()[0].startswith(f"{file}:{line}:{column}: error[{code}]")
