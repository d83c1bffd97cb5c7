from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from ssot_migrate.domain.finding import FileError
from ssot_migrate.reporting import Style, render

from .samples import EMPTY, EXAMPLE, MOVED, ONLY_ERRORS

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types


def test_text(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "text", Style()), "text.txt")


def test_text_with_statistics(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "text", Style(statistics=True)), "text-statistics.txt")


def test_text_in_colour(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "text", Style(color=True)), "text-color.txt")


def test_full(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "full", Style()), "full.txt")


def test_full_on_a_narrow_terminal(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "full", Style(width=60)), "full-narrow.txt")


@pytest.mark.parametrize("format_name", ["text", "full"])
def test_nothing_found(format_name: str) -> None:
    assert render(EMPTY, format_name, Style()) == "No findings in 12 files.\n"
    assert render(EMPTY, format_name, Style(quiet=True, statistics=True)) == ""


@pytest.mark.parametrize("format_name", ["text", "full"])
def test_only_errors(format_name: str) -> None:
    errors = "a.py: error: line 1: invalid syntax\nb: error: permission denied\n"
    summary = "\nNo findings in 1 file.\nNot handled: 2 files or folders.\n"
    assert render(ONLY_ERRORS, format_name, Style()) == errors + summary
    assert render(ONLY_ERRORS, format_name, Style(quiet=True)) == errors


def test_quiet_leaves_findings_and_errors() -> None:
    lines = render(EXAMPLE, "text", Style(quiet=True)).splitlines()
    assert len(lines) == len(EXAMPLE.findings) + len(EXAMPLE.errors)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("::error::x.py", "./::error::x.py"),
        (" ::error::x.py", "./ ::error::x.py"),
        ("a::b.py", "a::b.py"),
        ("", "."),
    ],
)
def test_no_line_is_a_workflow_command(path: str, shown: str) -> None:
    finding = msgspec.structs.replace(MOVED, path=path)
    report = msgspec.structs.replace(
        EXAMPLE, findings=(finding,), errors=(FileError(path, "unreadable"),)
    )
    first, second, *_ = render(report, "text", Style()).splitlines()
    assert first.startswith(f"{shown}:4:1: SSOT201 [*] ")
    assert second == f"{shown}: error: unreadable"


@pytest.mark.parametrize(
    ("line", "column", "end_column", "carets"),
    [
        ("x = old()", 5, 8, "    ^^^"),
        ("x = old()", 5, 0, "    ^^^^^"),
        ("\tx = old()", 6, 9, "        ^^^"),
        ("é = old()", 5, 8, "    ^^^"),
        ("統一 = old()", 6, 9, "       ^^^"),
        ("a\u0301 = old()", 6, 9, "    ^^^"),
        ("'\x1b' + old()", 7, 10, "         ^^^"),
        ("x", 40, 45, " ^"),
        ("", 1, 1, "^"),
    ],
)
def test_carets_stand_under_the_range(line: str, column: int, end_column: int, carets: str) -> None:
    finding = msgspec.structs.replace(MOVED, column=column, end_column=end_column)
    report = msgspec.structs.replace(EMPTY, findings=(finding,), excerpts={"app/use.py": {4: line}})
    lines = render(report, "full", Style()).splitlines()
    assert lines[4] == f"  | {carets}"


@pytest.mark.parametrize("column", [1, 500, 9_990, 10_000])
def test_long_lines_are_cut_around_the_range(column: int) -> None:
    source = "a" * (column - 1) + "old" + "b" * 10_000
    finding = msgspec.structs.replace(MOVED, column=column, end_column=column + 3)
    report = msgspec.structs.replace(
        EMPTY, findings=(finding,), excerpts={"app/use.py": {4: source}}
    )
    lines = render(report, "full", Style(width=100)).splitlines()
    assert lines[3][lines[4].index("^") : lines[4].rindex("^") + 1] == "old"
    assert max(map(len, lines[3:5])) <= 102
