from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.reporting import Style, render

from .readers import Command, read_commands
from .samples import DUPLICATE, EMPTY, EXAMPLE, MOVED, ONLY_ERRORS

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types


def test_github(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "github", Style()), "github.txt")


def test_a_finding_is_an_annotation() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(MOVED,))
    place = {"file": "app/use.py", "line": "4", "endLine": "4", "col": "1", "endColumn": "38"}
    title = {"title": "SSOT201 deprecated-import"}
    assert read_commands(render(report, "github", Style())) == [
        Command("error", {**place, **title}, MOVED.message)
    ]


def test_a_range_over_lines_has_no_columns() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(DUPLICATE,))
    (command,) = read_commands(render(report, "github", Style()))
    assert command.properties.keys() == {"file", "line", "endLine", "title"}


def test_properties_and_messages_are_escaped() -> None:
    finding = msgspec.structs.replace(MOVED, path="a,b:c%.py", message="100%: a, b::c")
    report = msgspec.structs.replace(EMPTY, findings=(finding,))
    output = render(report, "github", Style())
    assert output.startswith("::error file=a%2Cb%3Ac%25.py,line=4,")
    assert output.endswith("::100%25: a, b::c\n")


def test_nothing_found_says_nothing() -> None:
    assert render(EMPTY, "github", Style()) == ""


def test_errors_of_files_are_errors() -> None:
    commands = read_commands(render(ONLY_ERRORS, "github", Style()))
    assert [command.name for command in commands] == ["error", "error"]
    assert [command.properties["file"] for command in commands] == ["a.py", "b"]


def test_an_error_without_a_place() -> None:
    report = msgspec.structs.replace(EMPTY, errors=(FileError("", "no files"),))
    (command,) = read_commands(render(report, "github", Style()))
    assert "file" not in command.properties
