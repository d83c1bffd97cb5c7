from __future__ import annotations

from xml.etree import ElementTree

import msgspec

from ssot_migrate.reporting import Style, render

from .readers import read_junit
from .samples import EMPTY, EXAMPLE, MOVED, ONLY_ERRORS


def test_a_finding_is_a_failed_case() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(MOVED,))
    (case,) = read_junit(render(report, "junit", Style()))
    (failure,) = case
    assert case.attrib == {
        "classname": "app/use.py",
        "name": "SSOT201 deprecated-import (4:1)",
        "time": "0",
        "file": "app/use.py",
        "line": "4",
    }
    assert (failure.tag, failure.get("message")) == ("failure", MOVED.message)
    assert failure.get("type") == "SSOT201 deprecated-import"
    assert (failure.text or "").splitlines() == [
        f"app/use.py:4:1: error: {MOVED.message}",
        "chain: app/use.py:4 -> app/core/engine.py:1 -> app/engine.py:12",
        "evidence: app/core/engine.py only re-exports.",
        "evidence: The registry names the canonical.",
    ]


def test_a_file_is_a_suite() -> None:
    root = ElementTree.fromstring(render(EXAMPLE, "junit", Style()))
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("app/use.py", "2"),
        ("app/wide.py", "1"),
        ("tests/test_use.py", "1"),
        ("app/broken.py", "1"),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "4", "1")


def test_cases_at_one_place_are_told_apart() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(MOVED, MOVED))
    first, second = read_junit(render(report, "junit", Style()))
    assert second.get("name") == f"{first.get('name')} #2"


def test_nothing_found_is_a_case_that_passes() -> None:
    (case,) = read_junit(render(EMPTY, "junit", Style()))
    assert len(case) == 0


def test_errors_of_files_are_errors() -> None:
    cases = read_junit(render(ONLY_ERRORS, "junit", Style()))
    assert [(case.get("file"), case[0].tag) for case in cases] == [
        ("a.py", "error"),
        ("b", "error"),
    ]


def test_any_character_is_plain_ascii() -> None:
    finding = msgspec.structs.replace(MOVED, path="統一/<&>\"'.py", message="é ]]> <x>")
    report = msgspec.structs.replace(EMPTY, findings=(finding,))
    (case,) = read_junit(render(report, "junit", Style()))
    assert case.get("file") == finding.path
    assert case[0].get("message") == finding.message
