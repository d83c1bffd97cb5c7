"""What plug-ins may import: everything here is stable, and nothing else of `ssot_migrate` is.

As long as `API` is 1, no name goes away and no signature changes but for new optional arguments.
Of a `Project` and a `Rule`, that holds for what `PROJECT` and `RULE` list. Tests may import
`ssot_migrate.testing` besides.
"""

from __future__ import annotations

from typing import Final

from ssot_migrate.config.model import Concept
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Category, FileError, Finding, Fix, Severity, Span
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.domain.report import RuleInfo, ScanReport
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Import, Reference
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.rule import Example, Option, Reads, Rule
from ssot_migrate.lint.sources import Source, source_of
from ssot_migrate.reporting import Style
from ssot_migrate.resolve.resolution import Resolution
from ssot_migrate.rewrite.decisions import AddImport, ReplaceCode, ReplaceString
from ssot_migrate.rewrite.pattern_rule import PatternRule
from ssot_migrate.rewrite.plugged import Change

__all__ = [
    "API",
    "PROJECT",
    "RULE",
    "AddImport",
    "Category",
    "Cause",
    "Change",
    "Concept",
    "Example",
    "FileError",
    "Finding",
    "Fix",
    "Import",
    "Left",
    "Option",
    "PatternRule",
    "Project",
    "Reads",
    "Reference",
    "ReplaceCode",
    "ReplaceString",
    "Resolution",
    "Rule",
    "RuleInfo",
    "ScanReport",
    "Severity",
    "Source",
    "Span",
    "Style",
    "SymbolPath",
    "UsageError",
    "chain_of",
    "source_of",
    "span_of",
]

API: Final = 1
"""Version of what is promised here."""

PROJECT: Final = (
    *("paths", "category", "concepts", "concept", "option", "severity", "finding"),
    *("mentioning", "naming", "readers", "text_mentions", "everything", "production"),
    *("imports", "references", "once"),
)
"""What plug-ins may use of a `Project`, which the tool makes."""

RULE: Final = (
    *("code", "severity", "reads", "options", "suppressible", "valid", "invalid"),
    *("check", "name"),
)
"""What plug-ins may define in, or use of, a `Rule`."""
