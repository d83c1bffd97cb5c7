from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting import FORMATS, Style, render

from .hostile import HOSTILE
from .readers import without_ansi
from .samples import EMPTY, EXAMPLE, ONLY_ERRORS, PLACES, many

if TYPE_CHECKING:
    from ssot_migrate.domain.report import ScanReport

FOR_PEOPLE = ("text", "full")
FOR_MACHINES = ("json", "sarif", "github", "gitlab", "junit", "markdown", "concise")
LIBRARIES = {
    "junit": (
        "xml",
        "pyexpat",
        "copy",
        "copyreg",
        "weakref",
        "_weakrefset",
        "_elementtree",
        "encodings",
    )
}
LIMITED = {"sarif", "markdown"}  # have limits of their own
REPORTS = {"example": EXAMPLE, "empty": EMPTY, "only errors": ONLY_ERRORS}


def test_the_formats_are_named() -> None:
    assert {*FOR_PEOPLE, *FOR_MACHINES} == set(FORMATS)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="yaml"):
        render(EMPTY, "yaml", Style())


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.parametrize("quiet", [False, True])
def test_colour_changes_no_character(
    format_name: str, report: ScanReport, statistics: bool, quiet: bool
) -> None:
    plain = render(report, format_name, Style(False, 80, statistics, quiet))
    colored = render(report, format_name, Style(True, 80, statistics, quiet))
    assert without_ansi(colored) == plain
    assert "\x1b" not in plain
    assert ("\x1b[" in colored) == bool(plain)


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
@pytest.mark.parametrize("place", PLACES)
def test_colour_changes_no_hostile_string(format_name: str, place: str) -> None:
    reports = [PLACES[place](text) for text in HOSTILE.values()]
    for report in reports:
        plain = render(report, format_name, Style())
        assert without_ansi(render(report, format_name, Style(color=True))) == plain


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"])
def test_the_caller_alone_decides_on_colour(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    colored = render(EXAMPLE, "text", Style(color=True))
    monkeypatch.setenv(variable, "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "20")
    assert render(EXAMPLE, "text", Style(color=True)) == colored


@pytest.mark.parametrize("format_name", FOR_MACHINES)
def test_machines_get_no_colour(format_name: str) -> None:
    plain = Style(quiet=format_name == "markdown")  # which has a closing, too
    style = Style(color=True, width=20, statistics=True, quiet=True)
    assert render(EXAMPLE, format_name, style) == render(EXAMPLE, format_name, plain)


@pytest.mark.parametrize("format_name", FORMATS)
def test_writing_twice_gives_the_same(format_name: str) -> None:
    assert render(EXAMPLE, format_name, Style()) == render(EXAMPLE, format_name, Style())


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_format_imports_nothing_else(format_name: str) -> None:
    code = f"""
import sys
from ssot_migrate.domain.report import ScanReport
before = set(sys.modules)
from ssot_migrate.reporting import FORMATS, Style, render
render(ScanReport(root=".", files=0, findings=()), {format_name!r}, Style())
print(*sorted(name for name in FORMATS if FORMATS[name] in sys.modules))
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("ssot_migrate")))
"""
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    formats, others = process.stdout.split("\n")[:2]
    # `full` writes a finding's heading as `text` does
    assert formats.split() == {"full": ["full", "text"]}.get(format_name, [format_name])
    allowed = LIBRARIES.get(format_name, ())
    assert [name for name in others.split() if name.split(".")[0] not in allowed] == []


@pytest.mark.parametrize("format_name", sorted(FORMATS.keys() - LIMITED))
def test_thirty_thousand_findings(format_name: str) -> None:
    output = render(many(30_000), format_name, Style())
    assert output.count("\n") >= 30_000
