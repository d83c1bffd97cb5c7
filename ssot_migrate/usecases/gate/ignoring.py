"""`scan --add-ignore`: writes a comment for each finding, so that the gate lets it pass."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError, Finding
from ssot_migrate.domain.outcome import ApplyReport, Cause, FileOutcome, Left, Outcome
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.index.pragmas import LINE, MARK, Pragma, read_directives, settings_of
from ssot_migrate.rewrite.ignores import with_ignores
from ssot_migrate.transaction.store import RunStore
from ssot_migrate.usecases.gate.scan import Gate, scan_opened
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.usecases.writing import change_of, require_order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from ssot_migrate.lint.project import Project

_NO_COMMENT = "no comment suppresses it"


def add_ignores(
    request: Request,
    gate: Gate,
    reason: str,
    *,
    command: Sequence[str],
    progress: Progress = no_progress,
) -> ApplyReport:
    """Suppress every finding that counts, with a comment where it stands.

    Files with uncommitted changes are written to as well, for only comments are added.

    Args:
        request: Which project.
        gate: Which findings count.
        reason: What each comment says; `owner=NAME` and `until=2026-12-31` in it are read.
        command: The command line, for the history.
        progress: Called while long work goes on.

    Returns:
        What was written, and the findings that are left.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: The reason is none that a comment can have, or as for `scan`.
        TransactionError: Nothing was changed, or all of it was brought back.
    """
    with open_project(request, progress) as opened:
        require_usable(opened.project, reason)
        store = RunStore(opened.root)
        require_order(store)
        report = scan_opened(opened, request, gate)
        by_path: defaultdict[str, list[Finding]] = defaultdict(list)
        for finding in report.findings:
            by_path[finding.path].append(finding)
        codes = suppressible(opened.project)
        files = tuple(_outcome(opened, path, many, codes, reason) for path, many in by_path.items())
        changes = [change_of(one) for one in files if one.outcome is Outcome.CHANGED]
        run_id = ""
        if changes:
            with store.begin(command=command) as run:
                run.commit(changes)
                run.finish({Outcome.CHANGED.value: len(changes)})
                run_id = run.id
        return ApplyReport(
            root=".",
            files=files,
            run=run_id,
            looked_at=report.files,
            errors=report.errors,
            notes=report.notes,
        )


def require_usable(project: Project, reason: str) -> None:
    """Make sure that a comment with this reason would be valid.

    Raises:
        UsageError: It would not; the message says why.
    """
    comment = f"# {MARK} {LINE}[CODE] {reason}"
    directives = [*read_directives(comment)] if reason.isprintable() else []
    is_read_back = len(directives) == 1 and directives[0][0]["rest"].strip() == reason.strip()
    if not is_read_back:
        raise UsageError("--add-ignore: the reason has to be one line of text without ` # `")
    said, owner, until = settings_of(reason)
    pragma = Pragma(LINE, ("CODE",), said, owner, until, 1, 1, 1, 1, 1, False)
    for problem in project.suppressions.problems_with(pragma):
        raise UsageError(f"--add-ignore: {problem}")


def _outcome(
    opened: Opened, path: str, findings: Sequence[Finding], codes: AbstractSet[str], reason: str
) -> FileOutcome:
    """What becomes of a file with findings."""
    left = tuple(
        Left(
            line=one.line,
            column=one.column,
            why=_NO_COMMENT,
            cause=Cause(code=one.code, fix=one.fix, symbol=one.symbol),
        )
        for one in findings
        if one.code not in codes
    )
    meant = [one for one in findings if one.code in codes]
    data = opened.project.index.contents.read(path)
    if isinstance(data, FileError):
        return FileOutcome(path=path, outcome=Outcome.REFUSED, why=data.message, left=left)
    if not meant:
        return FileOutcome(path=path, outcome=Outcome.UNCHANGED, left=left, before=data)
    commented = with_ignores(data, meant, reason)
    if isinstance(commented, str):
        return FileOutcome(path=path, outcome=Outcome.REFUSED, why=commented, left=left)
    return FileOutcome(
        path=path,
        outcome=Outcome.CHANGED,
        edits=commented.edits,
        left=left,
        before=data,
        after=commented.after,
    )


def suppressible(project: Project) -> frozenset[str]:
    """The codes of the rules whose findings a comment can suppress."""
    return frozenset(
        rule.code
        for rule in project.rules
        if rule.suppressible and not project.suppressions.is_protected(rule)
    )
