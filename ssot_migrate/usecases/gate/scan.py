"""`scan`: discover, index, resolve, lint, hold against what is known, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.command_rules import STALE_ENTRY
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.report import RuleInfo, ScanReport, Silenced, Silencer
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.lint.engine import order
from ssot_migrate.usecases.gate import known as knowledge
from ssot_migrate.usecases.gate.changed import Change, Changes
from ssot_migrate.usecases.gate.linting import lint, tells_of_unparsable
from ssot_migrate.usecases.project import Request, open_project
from ssot_migrate.workspace.source import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssot_migrate.domain.finding import FileError, Finding
    from ssot_migrate.lint.engine import Settled
    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.usecases.gate.known import Known
    from ssot_migrate.usecases.project import Opened
    from ssot_migrate.workspace.source import Contents

_CONTEXT_LINES = 1


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings count.

    Args:
        select: Codes, prefixes or names of the rules to run; the configuration's if empty.
        ignore: The same for rules to leave out, besides those that the configuration ignores.
        baseline: The list of known findings; None for the registry's, if it is there.
        use_baseline: Whether known findings are left out at all.
        locked: Whether the baseline is never written; then what is stale in it is a finding.
        changes: Only what this change is to blame for.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: str | None = None
    use_baseline: bool = True
    locked: bool = False
    changes: Changes | None = None


def scan(
    request: Request,
    gate: Gate | None = None,
    *,
    with_excerpts: bool = False,
    with_fixes: bool = False,
    progress: Progress = no_progress,
) -> ScanReport:
    """Lint a project.

    Args:
        request: Which project.
        gate: Which findings count; all if None.
        with_excerpts: Whether the report carries the source lines of its findings.
        with_fixes: Whether it carries the safe edits that `apply` would make on the disk.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, a selector, the baseline or the revision cannot be used.
    """
    with open_project(request, progress) as opened:
        report = scan_opened(opened, request, gate or Gate(), with_excerpts=with_excerpts)
        if not with_fixes or not report.by_fix[Fix.SAFE.value]:
            return report
        from ssot_migrate.usecases.gate.fixes import fixes_of  # a plain scan rewrites nothing

        return msgspec.structs.replace(report, fixes=fixes_of(opened, request.jobs, progress))


def scan_opened(
    opened: Opened, request: Request, gate: Gate, *, with_excerpts: bool = False
) -> ScanReport:
    """Lint a project that is open already; as `scan`."""
    rules = chosen_rules(opened, gate)
    settled = lint(rules, opened.project)
    known = _known(opened, request, gate, rules, settled)
    change = None if gate.changes is None else Change(opened, gate.changes)

    def selects(path: str) -> bool:
        is_touched = change is None or gate.changes is None or change.touches(path)
        return is_touched and opened.selection.selects(path)

    counting = [
        one
        for one in (settled.findings if known is None else known.held.new)
        if opened.selection.selects(one.path)
    ]
    if change is not None:
        counting = change.blamed(rules, counting)
    notes = (*opened.notes, *(() if change is None else change.notes))
    if known is not None and _is_whole(opened, request, gate):
        if gate.locked:
            counting += knowledge.as_findings(known)
        elif request.config is None:
            notes += knowledge.without_stale(known)
    silenced = _silenced(settled, known, selects)
    findings = tuple(sorted(counting, key=order))
    infos = tuple(map(_describe, rules))
    return ScanReport(
        root=".",
        files=sum(map(selects, opened.project.paths)),
        findings=findings,
        errors=errors_of(opened, rules, gate),
        rules=(*infos, STALE_ENTRY) if known is not None and gate.locked else infos,
        suppressed=sum(one.by is Silencer.COMMENT for one in silenced),
        baselined=sum(one.by is Silencer.BASELINE for one in silenced),
        silenced=silenced,
        excerpts=excerpts_of(opened.project.index.contents, findings) if with_excerpts else {},
        notes=notes,
        details=_details(opened, rules, known),
    )


def chosen_rules(opened: Opened, gate: Gate) -> tuple[type[Rule], ...]:
    """The rules whose findings are wanted.

    Raises:
        UsageError: A selector matches no rule.
    """
    registry = opened.project.registry
    return catalogue.selected_rules(
        gate.select or registry.select,
        (*gate.ignore, *(() if gate.select else registry.ignore)),
    )


def errors_of(opened: Opened, rules: Sequence[type[Rule]], gate: Gate) -> tuple[FileError, ...]:
    """What could not be handled and is no finding, sorted."""
    ignore = (*gate.ignore, *opened.project.registry.ignore)
    unparsed = () if tells_of_unparsable(rules, ignore) else opened.unparsable()
    return (*opened.unreadable(), *unparsed)


def _known(
    opened: Opened,
    request: Request,
    gate: Gate,
    rules: Sequence[type[Rule]],
    settled: Settled,
) -> Known | None:
    """The findings held against the baseline, if there is one that counts."""
    if not gate.use_baseline or (request.isolated and gate.baseline is None):
        return None
    file = knowledge.baseline_of(opened, gate.baseline)
    return None if file is None else knowledge.held_against(file, opened, rules, settled.findings)


def _is_whole(opened: Opened, request: Request, gate: Gate) -> bool:
    """Whether everything was looked at in the way the project means it to be."""
    is_narrowed = gate.select or gate.ignore or gate.changes is not None or request.isolated
    return not is_narrowed and request.is_disk and opened.selection.selects("")


def _silenced(
    settled: Settled, known: Known | None, selects: Callable[[str], bool]
) -> tuple[Silenced, ...]:
    """What would count but for a comment or the baseline, in order."""
    found = [
        Silenced(one.finding, Silencer.COMMENT, one.by.pragma.reason) for one in settled.suppressed
    ]
    if known is not None:
        found += (
            Silenced(finding, Silencer.BASELINE, entry.reason)
            for finding, entry in known.held.known
        )
    chosen = (one for one in found if selects(one.finding.path))
    return tuple(sorted(chosen, key=lambda one: order(one.finding)))


def _details(opened: Opened, rules: Sequence[type[Rule]], known: Known | None) -> tuple[str, ...]:
    settings = opened.project.settings
    return (
        f"root: {opened.root}",
        f"configuration: {settings.source or 'none'}",
        *(f"pack: {document.path}" for document in settings.documents[1:]),
        f"baseline: {'none' if known is None else known.file.path}",
        f"import roots: {', '.join(root or '.' for root in opened.project.roots)}",
        f"rules: {', '.join(rule.code for rule in rules) or 'none'}",
    )


def _describe(rule: type[Rule]) -> RuleInfo:
    return RuleInfo(rule.code, rule.name(), rule.summary(), rule.severity)


def excerpts_of(contents: Contents, findings: Iterable[Finding]) -> Mapping[str, Mapping[int, str]]:
    """The source lines of findings and those around them: path to line by 1-based number."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        last = min(max(finding.end_line, finding.line), finding.line + 3)
        lines = range(finding.line - _CONTEXT_LINES, last + _CONTEXT_LINES + 1)
        wanted.setdefault(finding.path, set()).update(lines)
    return {path: excerpt(contents, path, sorted(lines)) for path, lines in wanted.items()}
