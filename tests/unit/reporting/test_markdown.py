from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.reporting import Style, markdown, render

from .hostile import HOSTILE
from .readers import read_markdown
from .samples import EMPTY, EXAMPLE, MOVED, many

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types


def test_markdown(snapshot: Snapshot) -> None:
    snapshot.assert_match(render(EXAMPLE, "markdown", Style()), "markdown.md")


def test_a_finding_is_a_row() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(MOVED,))
    texts, rows = read_markdown(render(report, "markdown", Style()))
    assert texts[0] == "ssot-migrate: 1 finding in 12 files"
    assert ["SSOT201", "deprecated-import", "1"] in rows
    assert ["app/use.py:4:1", "SSOT201", MOVED.message.replace("`", "")] in rows


def test_nothing_found_is_a_heading() -> None:
    assert render(EMPTY, "markdown", Style()) == "## ssot-migrate: no findings in 12 files\n"


def test_quiet_leaves_the_tables() -> None:
    texts, rows = read_markdown(render(EXAMPLE, "markdown", Style(quiet=True)))
    assert len(texts) == 1
    assert ["app/broken.py", "line 3: invalid syntax"] in rows


def test_names_in_a_message_are_code_and_an_odd_backtick_is_text() -> None:
    def written(message: str) -> str:
        finding = msgspec.structs.replace(MOVED, message=message)
        report = msgspec.structs.replace(EMPTY, findings=(finding,))
        return render(report, "markdown", Style()).splitlines()[-3].split(" | ")[-1]

    assert written("use `a` now") == "use `a` now |"
    assert read_markdown(f"| x |\n|---|\n| {written('one ` two')}\n").rows[-1] == ["one ` two"]


def test_no_row_but_the_most_severe_beyond_the_limit() -> None:
    texts, rows = read_markdown(render(many(30_000), "markdown", Style()))
    assert len([row for row in rows if row[0].startswith("app/use.py")]) == markdown.MAX_ROWS
    assert "29000 more findings: a full report has them." in texts


def test_a_summary_keeps_to_the_size_that_github_takes() -> None:
    long = msgspec.structs.replace(MOVED, path="統" * 5_000, message="[`" * 5_000)
    error = FileError(HOSTILE["4,096 bytes"], "統" * 5_000)
    report = msgspec.structs.replace(EMPTY, findings=(long,) * 1_500, errors=(error,) * 1_500)
    output = render(report, "markdown", Style())
    assert len(output) < 1024 * 1024
    texts, rows = read_markdown(output)
    assert any(text.endswith("more findings: a full report has them.") for text in texts)
    assert "Not handled besides: 1450 files or folders." in texts
    assert len(rows) > 50
