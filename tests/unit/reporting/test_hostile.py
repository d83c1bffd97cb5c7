"""Every hostile string at every place of a report, read back from every format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.domain.finding import FileError
from ssot_migrate.reporting import FORMATS, Style, render
from ssot_migrate.reporting.sanitize import encodable, visible

from .hostile import HOSTILE
from .readers import (
    hazards,
    read_code_quality,
    read_commands,
    read_json,
    read_junit,
    read_markdown,
    read_sarif,
)
from .samples import EMPTY, EXAMPLE, MOVED, PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport

STYLES = (Style(), Style(width=20, statistics=True, quiet=True))


def _drenched(text: str) -> ScanReport:
    """A report with one text at every place at once."""
    finding = msgspec.structs.replace(
        MOVED,
        path=text,
        message=text,
        name=text,
        concept=text,
        symbol=text,
        canonical=text,
        chain=(text, f"{text}:7"),
        evidence=(text,),
        scope=text,
        fingerprint=text,
    )
    return msgspec.structs.replace(
        EMPTY,
        root=text,
        findings=(finding, MOVED),
        errors=(FileError(text, text),),
        excerpts={text: {3: text, 4: text * 2, 5: text}},
        notes=(text,),
    )


def _check_json(report: ScanReport) -> None:
    log = read_json(render(report, "json", Style()))
    assert log["root"] == encodable(report.root)
    for written, finding in zip(log["findings"], report.findings, strict=True):
        _check_finding(written, finding)
    assert [(error["path"], error["message"]) for error in log["errors"]] == [
        (encodable(error.path), visible(error.message)) for error in report.errors
    ]


def _check_finding(written: dict[str, object], finding: Finding) -> None:
    for key in ("code", "name", "path", "concept", "symbol", "canonical", "scope"):
        assert written[key] == encodable(getattr(finding, key))
    assert written["chain"] == [encodable(step) for step in finding.chain]
    assert written["message"] == visible(finding.message)
    assert written["evidence"] == [visible(sentence) for sentence in finding.evidence]


def _check_sarif(report: ScanReport) -> None:
    run = read_sarif(render(report, "sarif", Style()))
    for result, finding in zip(run["results"], report.findings, strict=True):
        text = result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", uri)
        errors = "surrogateescape" if _is_file_name(finding.path) else "surrogatepass"
        assert unquote_to_bytes(uri) == finding.path.encode("utf-8", errors)
        assert not re.search(r"\[[^\]]*\]\([^)]+\)", text)
        assert not hazards(text)
        plain = text.replace("{{", "{").replace("}}", "}")
        assert plain == visible(finding.message).replace("](", "] (")


def _is_file_name(path: str) -> bool:
    """Whether a path can come from `os.fsdecode`."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", path)


def _check_github(report: ScanReport) -> None:
    output = render(report, "github", Style())
    commands = read_commands(output)
    expected = [
        *(finding.message for finding in report.findings),
        *(error.message for error in report.errors),
        *report.notes,
    ]
    assert [command.message for command in commands] == [visible(text) for text in expected]
    for command, finding in zip(commands, report.findings, strict=False):
        assert command.properties["file"] == visible(finding.path)
        assert command.properties["title"] == visible(f"{finding.code} {finding.name}")
        assert command.properties["line"] == str(finding.line)
    assert not hazards(output)


def _check_text(report: ScanReport, benign: ScanReport) -> None:
    for style in STYLES:
        for format_name in ("text", "full"):
            output = render(report, format_name, style)
            expected = render(benign, format_name, style)
            assert not hazards(output)
            assert output.splitlines() == output.split("\n")[:-1]
            assert output.count("\n") == expected.count("\n")
            assert not any(line.lstrip().startswith("::") for line in output.splitlines())


def _check_gitlab(report: ScanReport) -> None:
    entries = read_code_quality(render(report, "gitlab", Style()))
    described = [f"{one.code}: {one.message}" for one in report.findings]
    described += [f"not handled: {one.message}" for one in report.errors]
    assert [entry["description"] for entry in entries] == [visible(text) for text in described]
    for entry, finding in zip(entries, report.findings, strict=False):
        assert entry["location"]["path"] == (encodable(finding.path) or ".")


def _check_junit(report: ScanReport) -> None:
    output = render(report, "junit", Style())
    cases = read_junit(output)
    assert len(cases) == len(report.findings) + len(report.errors)
    expected = [(one.path, one.message) for one in report.findings]
    expected += [(one.path, one.message) for one in report.errors]
    for case, (path, message) in zip(cases, expected, strict=True):
        assert case.get("file") == visible(path)
        assert case[0].get("message") == visible(message)
        assert not hazards(case[0].text or "")


def _check_markdown(report: ScanReport) -> None:
    output = render(report, "markdown", Style())
    assert not hazards(output)
    rows = iter(read_markdown(output).rows)
    assert ["place", "code", "finding"] in rows
    for row, finding in zip(rows, report.findings, strict=False):
        shown = visible(f"{finding.path}:{finding.line}:{finding.column}")
        assert _is_shown(row[0], shown)
        assert _is_shown(row[2].replace("`", ""), visible(finding.message).replace("`", ""))


def _is_shown(cell: str, text: str) -> bool:
    """Whether a cell holds a text, but for spaces at its ends, which a table drops."""
    return cell.strip() == text.strip() or (len(text) > 400 and cell.endswith("…"))


def _check_concise(report: ScanReport) -> None:
    output = render(report, "concise", Style())
    lines = output.splitlines()
    assert output.split("\n")[:-1] == lines
    assert not hazards(output)
    assert len(lines) == len(report.findings) + len(report.errors)
    assert not any(line.lstrip().startswith("::") for line in lines)


def test_the_corpus_is_large() -> None:
    assert len(set(HOSTILE.values())) >= 60


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_each_place_alone(place: str, format_name: str) -> None:
    benign = PLACES[place]("x")
    for text in HOSTILE.values():
        report = PLACES[place](text)
        if format_name == "json":
            _check_json(_without_gaps(report))
        elif format_name == "sarif":
            read_json(render(report, "sarif", Style()))
        elif format_name in CHECKS:
            CHECKS[format_name](report)
        else:
            _check_text(report, benign)


CHECKS: dict[str, Callable[[ScanReport], None]] = {
    "github": _check_github,
    "gitlab": _check_gitlab,
    "junit": _check_junit,
    "markdown": _check_markdown,
    "concise": _check_concise,
}


def _without_gaps(report: ScanReport) -> ScanReport:
    """Leave out the findings of the example that lack a name."""
    named = tuple(finding for finding in report.findings if finding.symbol is not None)
    return msgspec.structs.replace(report, findings=named)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_place_at_once(text: str) -> None:
    report = _drenched(text)
    _check_json(report)
    _check_sarif(report)
    for check in CHECKS.values():
        check(report)
    _check_text(report, _drenched("x"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_output_can_be_written_in_utf_8(format_name: str) -> None:
    for text in HOSTILE.values():
        render(_drenched(text), format_name, Style(color=True)).encode()


@given(st.text(st.characters()))
@settings(deadline=None, max_examples=100)
def test_any_text(text: str) -> None:
    report = _drenched(text)
    read_json(render(report, "sarif", Style()))
    _check_json(report)
    for check in CHECKS.values():
        check(report)
    _check_text(report, _drenched("x"))


@given(
    st.text(st.characters(), max_size=50),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 80),
)
@settings(deadline=None, max_examples=100)
def test_any_range_in_any_line(source: str, column: int, end_column: int, width: int) -> None:
    finding = msgspec.structs.replace(MOVED, column=column, end_column=end_column)
    report = msgspec.structs.replace(
        EXAMPLE, findings=(finding,), excerpts={"app/use.py": {4: source}}
    )
    output = render(report, "full", Style(width=width))
    assert not hazards(output)
    assert "^" in output
