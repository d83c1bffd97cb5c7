"""`scan`: discover, index, resolve, lint, report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.finding import Finding
from ssot_migrate.domain.report import RuleInfo, ScanReport
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.lint.clock import today
from ssot_migrate.lint.engine import run_rules
from ssot_migrate.usecases.project import Request, open_project
from ssot_migrate.workspace.source import excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.usecases.project import Opened

_CONTEXT_LINES = 1
_UNPARSABLE_FILE = "unparsable-file"


def scan(
    request: Request,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    with_excerpts: bool = False,
    progress: Progress = no_progress,
) -> ScanReport:
    """Lint a project.

    Args:
        request: Which project.
        select: Codes, prefixes or names of the rules to run; the configuration's if empty.
        ignore: The same for rules to leave out, besides those that the configuration ignores.
        with_excerpts: Whether the report carries the source lines of its findings.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path or a selector cannot be used.
    """
    with open_project(request, progress) as opened:
        registry = opened.project.registry
        rules = catalogue.selected_rules(
            select or registry.select, (*ignore, *(() if select else registry.ignore))
        )
        findings = tuple(
            finding
            for finding in _findings(opened.project, rules)
            if opened.selection.selects(finding.path)
        )
        unparsed = (
            ()
            if _tells_of_unparsable(rules, (*ignore, *registry.ignore))
            else (opened.unparsable())
        )
        return ScanReport(
            root=".",
            files=sum(map(opened.selection.selects, opened.project.paths)),
            findings=findings,
            errors=(*opened.unreadable(), *unparsed),
            rules=tuple(map(_describe, rules)),
            excerpts=_excerpts(opened.root, findings) if with_excerpts else {},
            notes=opened.notes,
            details=_details(opened, rules),
        )


def _details(opened: Opened, rules: Sequence[type[Rule]]) -> tuple[str, ...]:
    settings = opened.project.settings
    return (
        f"root: {opened.root}",
        f"configuration: {settings.source or 'none'}",
        *(f"pack: {document.path}" for document in settings.documents[1:]),
        f"import roots: {', '.join(root or '.' for root in opened.project.roots)}",
        f"rules: {', '.join(rule.code for rule in rules) or 'none'}",
    )


def _findings(project: Project, rules: Sequence[type[Rule]]) -> tuple[Finding, ...]:
    """The findings of a project; those of an unchanged one are remembered."""
    question = "\0".join(
        ("findings", project.settings.digest, today().isoformat(), *(rule.code for rule in rules))
    )
    remembered = project.index.answer(question)
    if remembered is not None:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(remembered, type=tuple[Finding, ...])
    findings = run_rules(rules, project)
    if not project.index.unparsable or catalogue.find_rule(_UNPARSABLE_FILE) in rules:
        with contextlib.suppress(UnicodeEncodeError):  # a path need not be UTF-8
            project.index.keep_answer(question, msgspec.msgpack.encode(findings))
    return findings


def _describe(rule: type[Rule]) -> RuleInfo:
    return RuleInfo(rule.code, rule.name(), rule.summary(), rule.severity)


def _tells_of_unparsable(rules: Sequence[type[Rule]], ignore: Sequence[str]) -> bool:
    """Whether a rule reports files that no parser reads, or was left out by its own name."""
    speaker = catalogue.find_rule(_UNPARSABLE_FILE)
    return speaker in rules or not catalogue.selected_rules((speaker.code,), ignore)


def _excerpts(root: Path, findings: Sequence[Finding]) -> Mapping[str, Mapping[int, str]]:
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        last = min(max(finding.end_line, finding.line), finding.line + 3)
        lines = range(finding.line - _CONTEXT_LINES, last + _CONTEXT_LINES + 1)
        wanted.setdefault(finding.path, set()).update(lines)
    return {path: excerpt(root, path, sorted(lines)) for path, lines in wanted.items()}
