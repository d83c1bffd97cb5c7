"""JUnit XML: a suite for each file, a failed case for each finding.

There is no standard, only what readers (Jenkins, GitLab, Azure Pipelines and others) agree on.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ssot_migrate.domain.finding import FileError, Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

_NAME = "ssot-migrate"


def render(report: ScanReport, _style: Style) -> str:
    """Write the report as JUnit XML in plain ASCII, other characters as references."""
    root = ElementTree.Element("testsuites", name=_NAME)
    for path, findings in groupby(report.findings, key=lambda one: one.path):
        suite = _suite(root, path)
        seen: Counter[str] = Counter()
        for finding in findings:
            name = f"{finding.code} {finding.name} ({finding.line}:{finding.column})"
            seen[name] += 1  # GitLab shows one of those that have a name in common
            _failure(suite, finding, name if seen[name] == 1 else f"{name} #{seen[name]}")
    for error in report.errors:
        _error(_suite(root, error.path), error)
    if not len(root):
        # Several readers take a report without a case for a run that broke off.
        ElementTree.SubElement(_suite(root, _NAME), "testcase", _case(_NAME, "no findings"))
    for element in (root, *root):
        for key, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(key, str(sum(1 for _ in element.iter(tag))))
        element.set("time", "0")
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return data.decode("ascii") + "\n"


def _suite(root: Element, name: str) -> Element:
    return ElementTree.SubElement(root, "testsuite", name=visible(name), skipped="0")


def _case(path: str, name: str) -> dict[str, str]:
    return {"classname": visible(path), "name": visible(name), "time": "0"}


def _failure(suite: Element, one: Finding, name: str) -> None:
    attributes = _case(one.path, name) | {"file": visible(one.path), "line": str(one.line)}
    case = ElementTree.SubElement(suite, "testcase", attributes)
    said = {"type": visible(f"{one.code} {one.name}"), "message": visible(one.message)}
    failure = ElementTree.SubElement(case, "failure", said)
    lines = [f"{one.path}:{one.line}:{one.column}: {one.severity.value}: {one.message}"]
    if one.chain:
        lines.append(f"chain: {' -> '.join(one.chain)}")
    lines += [f"evidence: {sentence}" for sentence in one.evidence]
    failure.text = "\n".join(map(visible, lines))


def _error(suite: Element, error: FileError) -> None:
    attributes = _case(error.path, "not handled") | {"file": visible(error.path)}
    case = ElementTree.SubElement(suite, "testcase", attributes)
    said = {"type": "not handled", "message": visible(error.message)}
    ElementTree.SubElement(case, "error", said).text = visible(error.message)
