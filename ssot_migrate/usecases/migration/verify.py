"""`verify`: proves that a migration is done, by asking the tree and not the journal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.config.replacements import declared
from ssot_migrate.domain.command_rules import BROKEN_FILE, FAILING_COMMAND, REMAINING_MODULE
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Finding
from ssot_migrate.domain.report import RuleInfo, ScanReport
from ssot_migrate.index.index import Progress, default_jobs, no_progress
from ssot_migrate.lint.clock import today
from ssot_migrate.lint.engine import fingerprint, run_rules
from ssot_migrate.lint.reach import files_naming
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite import kept
from ssot_migrate.usecases.migration.accepted import Accepting, weigh
from ssot_migrate.usecases.migration.compiling import Fault, faults
from ssot_migrate.usecases.migration.delete import files_of, planned
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.workspace.command import Ran, run_command
from ssot_migrate.workspace.source import Contents, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ssot_migrate.lint.project import Project

_REACHING = ("SSOT201", "SSOT202", "SSOT203", "SSOT204")
_UNRESOLVED = "SSOT205"
_MAY_BE_OLD = (_UNRESOLVED, BROKEN_FILE.code)
_MOST_TOLD = 5
_TAIL_LINES = 20


class Checks(msgspec.Struct, frozen=True, kw_only=True):
    """What to hold a project against, besides its registry.

    Args:
        accepting: What was wrong before and does not count.
        run: A command of the user's that has to succeed.
        timeout: How many seconds it may take; None for any.
        with_excerpts: Whether the report carries the source lines of its findings.
    """

    accepting: Accepting = Accepting()
    run: str | None = None
    timeout: float | None = None
    with_excerpts: bool = False


def verify(request: Request, checks: Checks, progress: Progress = no_progress) -> ScanReport:
    """Hold a project against its registry: is everything where it should be, and whole?

    Nothing may reach a deprecated path, modules to be deleted must be gone, imports of the tree
    must lead somewhere, every file must compile, and the user's command must succeed. The report's
    notes say for each check what it looked at. What comments suppress is counted and let pass, as
    `apply` leaves it. What the registry or a baseline tells the gate to ignore counts here.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, the baseline or the revision cannot be used.
    """
    if checks.accepting.is_writing and request.paths:
        raise UsageError("--write-baseline is about the whole project: leave out the paths")
    with open_project(request, progress) as opened:
        project = opened.project
        rules = catalogue.selected_rules((*_REACHING, _UNRESOLVED), ())
        faulty = _Faults(opened, request.jobs, progress)
        reached, suppressed = project.suppressions.divided(run_rules(rules, project))
        found = [*reached, *_remaining(project), *faulty.findings()]
        may_be_old = [one for one in found if one.code in _MAY_BE_OLD]
        counting, told = weigh(project, checks.accepting, may_be_old)
        accepted = len(may_be_old) - len(counting)
        found = [*(one for one in found if one.code not in _MAY_BE_OLD), *counting]
        selected = [one for one in found if opened.selection.selects(one.path)]
        notes = (
            *opened.notes,
            _about_paths(project, found),
            _about_modules(project, found),
            _about_imports(project, found),
            faulty.note(found),
            *([kept.told(len(suppressed))] if suppressed else ()),
            *told,
        )
        errors, root = opened.unreadable(), opened.root
    ran = run_command(root, checks.run, timeout=checks.timeout) if checks.run else None
    if ran is not None:
        notes += (f"`{checks.run}`: {ran.ending}",)
        selected += [] if ran.passed else [_failing(str(checks.run), ran)]
    findings = tuple(sorted(selected, key=_order))
    return ScanReport(
        root=".",
        files=sum(map(opened.selection.selects, project.paths)),
        findings=findings,
        errors=errors,
        rules=(*(RuleInfo(r.code, r.name(), r.summary(), r.severity) for r in rules),
               REMAINING_MODULE, BROKEN_FILE, FAILING_COMMAND),
        suppressed=len(suppressed),
        baselined=accepted,
        excerpts=_excerpts(root, findings) if checks.with_excerpts else {},
        notes=notes,
    )  # fmt: skip


# --- deprecated paths ---------------------------------------------------------------------------


def _about_paths(project: Project, found: Iterable[Finding]) -> str:
    paths = project.deprecations.paths
    if not paths:
        return "deprecated paths: the registry names none"
    reached = sum(one.code in _REACHING for one in found)
    named = {entry.path.dotted for entry in declared(project.registry)}
    note = (
        f"deprecated paths: {len(named)} looked for, {len(project.readers(paths))} of "
        f"{len(project.paths)} files could read them, reads found: {reached}"
    )
    unread = sorted(files_naming(project, paths) & project.index.unparsable.keys())
    if unread:
        note += f"; files that cannot be parsed spell such names: {_listed(unread)}"
    return note


# --- modules that are to be gone ----------------------------------------------------------------


def _remaining(project: Project) -> Iterator[Finding]:
    for one in planned(project):
        why = f"`{one.module}` is to be deleted and still there"
        told = [*map(str, one.needed_by[:_MOST_TOLD])]
        yield _finding(
            project, REMAINING_MODULE, one.paths[0], 1, why, one.module, one.concept, told
        )
    deleted = {module for concept in project.concepts for module in concept.delete}
    for module, day in sorted(_overdue(project).items()):
        if module not in deleted:
            for path in files_of(project, module)[:1]:
                why = f"`{module}` should have gone by {day} and is still there"
                yield _finding(project, REMAINING_MODULE, path, 1, why, module)


def _overdue(project: Project) -> dict[str, str]:
    """Deprecated modules whose day is over, with the day."""
    return {
        entry.path.module: entry.remove_by.isoformat()
        for entry in declared(project.registry)
        if entry.path.is_module and entry.remove_by is not None and entry.remove_by < today()
    }


def _about_modules(project: Project, found: Iterable[Finding]) -> str:
    wanted = {module for concept in project.concepts for module in concept.delete}
    wanted |= _overdue(project).keys()
    if not wanted:
        return "modules to be gone: the registry names none"
    left = sum(one.code == REMAINING_MODULE.code for one in found)
    return f"modules to be gone: {len(wanted)} looked for, still there: {left}"


# --- imports ------------------------------------------------------------------------------------


def _about_imports(project: Project, found: Iterable[Finding]) -> str:
    files = project.everything()
    kinds = [resolution.kind for path in files for _, resolution in project.imports(path)]
    own = sum(kind is not Kind.EXTERNAL for kind in kinds)
    lost = sum(one.code == _UNRESOLVED for one in found)
    return f"imports: {len(kinds)} in {len(files)} files, {own} of this tree, in vain: {lost}"


# --- compiling ----------------------------------------------------------------------------------


class _Faults:
    """The files that do not compile; what only newer grammars read is parsed."""

    def __init__(self, opened: Opened, jobs: int, progress: Progress) -> None:
        self._project = opened.project
        self._newer = 0
        self._compiled = 0
        self._jobs = jobs
        self._progress = progress

    def findings(self) -> Iterator[Finding]:
        project = self._project
        project.everything()
        unparsable, errors = project.index.unparsable, project.index.errors
        paths = [p for p in project.paths if p not in unparsable and p not in errors]
        found = [Fault(path, one.line, one.message, True) for path, one in unparsable.items()]
        for one in self._asked(paths):
            if one.is_syntax:
                self._newer += 1
            else:
                found.append(one)
        self._compiled = len(paths) - self._newer
        for one in sorted(found):
            verb = "cannot be parsed" if one.is_syntax else "does not compile"
            yield _finding(project, BROKEN_FILE, one.path, one.line or 1, f"{verb}: {one.message}")

    def note(self, found: Iterable[Finding]) -> str:
        """Say what was compiled."""
        broken = sum(one.code == BROKEN_FILE.code for one in found)
        version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        note = f"files: {self._compiled} compiled with {version}, broken: {broken}"
        if self._newer:
            note += f"; parsed only, since their syntax is newer: {self._newer}"
        return note

    def _asked(self, paths: Sequence[str]) -> tuple[Fault, ...]:
        index = self._project.index
        question = f"compiles\0{sys.version}"
        remembered = index.answer(question)
        if remembered is not None:
            try:
                return msgspec.msgpack.decode(remembered, type=tuple[Fault, ...])
            except msgspec.DecodeError:
                pass
        jobs = self._jobs or default_jobs()
        found = tuple(sorted(faults(index.root, paths, jobs, self._progress)))
        if not any("\udc80" <= char <= "\udcff" for one in found for char in one.path):
            index.keep_answer(question, msgspec.msgpack.encode(found))
        return found


# --- findings -----------------------------------------------------------------------------------


def _finding(
    project: Project,
    rule: RuleInfo,
    path: str,
    line: int,
    message: str,
    symbol: str | None = None,
    concept: str | None = None,
    evidence: Sequence[str] = (),
) -> Finding:
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        path=path,
        line=line,
        message=message,
        concept=concept,
        symbol=symbol,
        category=project.category(path),
        evidence=tuple(evidence),
        fingerprint=fingerprint(rule.code, path, symbol or ""),
    )


def _failing(command: str, ran: Ran) -> Finding:
    return Finding(
        code=FAILING_COMMAND.code,
        name=FAILING_COMMAND.name,
        severity=FAILING_COMMAND.severity,
        path=".",
        line=1,
        message=f"`{command}` fails: {ran.ending}",
        evidence=tuple(ran.tail.splitlines()[-_TAIL_LINES:]),
        fingerprint=fingerprint(FAILING_COMMAND.code, ".", command),
    )


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.line, finding.column, finding.code


def _excerpts(root: Path, findings: Iterable[Finding]) -> dict[str, dict[int, str]]:
    wanted: dict[str, set[int]] = {}
    for one in findings:
        wanted.setdefault(one.path, set()).update(range(one.line - 1, one.line + 3))
    contents = Contents(str(root))
    return {path: dict(excerpt(contents, path, sorted(lines))) for path, lines in wanted.items()}


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST_TOLD} more" if len(paths) > _MOST_TOLD else ""
    return f"{', '.join(paths[:_MOST_TOLD])}{more}"
