"""The outcome of a scan, complete, so that a reporter computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum

import msgspec

from ssot_migrate.domain.finding import FileError, Finding, Fix, Severity
from ssot_migrate.domain.outcome import Edit

OWN_FORMATS = (
    *("text", "full", "concise", "json", "sarif"),
    *("github", "gitlab", "junit", "markdown"),
)
"""The formats that the tool itself writes a report of a scan in."""


class RuleInfo(msgspec.Struct, frozen=True):
    """What a report says about a rule: code, name, one-sentence summary, default severity."""

    code: str
    name: str
    summary: str
    severity: Severity


class Silencer(str, Enum):
    """What keeps a finding from counting."""

    COMMENT = "comment"
    BASELINE = "baseline"


class Silenced(msgspec.Struct, frozen=True):
    """A finding that does not count, by what, and the reason that was given."""

    finding: Finding
    by: Silencer
    reason: str = ""


class ScanReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `scan` found.

    Args:
        root: The scanned root as a report names it; paths are relative to it.
        files: Number of files that were looked at.
        findings: Sorted by path, line, column and code.
        errors: Files and folders that could not be handled, sorted.
        rules: The rules that ran.
        suppressed: Findings left out because of a comment.
        baselined: Findings left out because the baseline accepts them.
        silenced: Those two kinds of findings, for formats that show them.
        excerpts: Path to source lines by 1-based number, for formats that show code.
        fixes: Path to the edits that would migrate a file, for formats that show them.
        notes: What the reader should know beside the findings, a sentence each.
        details: What was read and where from, for who asks.
    """

    root: str
    files: int
    findings: tuple[Finding, ...]
    errors: tuple[FileError, ...] = ()
    rules: tuple[RuleInfo, ...] = ()
    suppressed: int = 0
    baselined: int = 0
    silenced: tuple[Silenced, ...] = ()
    excerpts: Mapping[str, Mapping[int, str]] = {}
    fixes: Mapping[str, tuple[Edit, ...]] = {}
    notes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    @property
    def by_code(self) -> dict[str, int]:
        """Number of findings by code, sorted by code."""
        return dict(sorted(Counter(finding.code for finding in self.findings).items()))

    @property
    def by_fix(self) -> dict[str, int]:
        """Number of findings by who can resolve them."""
        counts = Counter(finding.fix for finding in self.findings)
        return {fix.value: counts[fix] for fix in Fix}
