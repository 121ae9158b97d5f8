"""Findings to report: one made to measure, and some that no format may break on."""

from __future__ import annotations

from corsrules.findings import Finding, Label, Severity

Position = tuple[int, int, int, int]


def finding(
    at: Position = (1, 1, 1, 2),
    *related: Label,
    code: str = "CR201",
    severity: Severity = "error",
    message: str = "the message",
    help_: str = "",
    file: str = "cors.toml",
    label: str = "",
) -> Finding:
    return Finding(code, severity, message, file, *at, help=help_, label=label, related=related)


#: what no format may break on
AWKWARD = [
    finding(
        (3, 4, 5, 6), Label(1, 1, 1, 1, "a\x00\ud800"), help_="50 %, really: yes\r\n]]>", message="<&\"'>\x00\x1b\ufffe"
    ),
    finding(severity="warning", code="CR301", message="日本 💥 e\u0301", file="a b/c,d:e%f.toml"),
    finding(severity="note", code="CR003", message="", file="\udcff\x07.toml"),
    finding(file="/etc/cors.toml"),
    finding(file="<stdin>"),
]
