"""What an editor may offer about findings: the very edits that `apply` would make, and comments."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.editor import Action
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.domain.outcome import Cause, Outcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.index import no_progress
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.rewrite.decisions import AddImport, FileTask, MoveImport
from ssot_migrate.rewrite.ignores import with_ignores
from ssot_migrate.rewrite.pool import rewrite_all
from ssot_migrate.usecases.editor.pointing import pointed_at
from ssot_migrate.usecases.gate.ignoring import require_usable, suppressible
from ssot_migrate.usecases.migration.planning import plan_opened
from ssot_migrate.workspace.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.editor import Home
    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.outcome import Edit
    from ssot_migrate.rewrite.decisions import Decision
    from ssot_migrate.usecases.editor.editing import Editing

REASON = "TODO: say why"
"""What a comment gives as its reason until somebody writes a better one."""

_MISSING_IMPORT = "unresolved-import"


def prepare() -> None:
    """Import what rewrites code before it is asked for: the processes that do it are forked."""
    for name in catalogue.codemod_names():
        importlib.import_module(name)


def migration(editing: Editing, path: str) -> Iterator[Action]:
    """All safe changes of a file, as `apply` would make them; nothing where there are none."""
    edits = _planned(editing, path, Scope()) if editing.is_current(path) else ()
    if edits:
        codes = tuple(sorted({edit.cause.code for edit in edits}))
        yield Action(
            title="Migrate this file to its canonical paths", edits=edits, codes=codes, whole=True
        )


def actions_at(
    editing: Editing, path: str, findings: Sequence[Finding], line: int, column: int
) -> Iterator[Action]:
    """What may be done about findings, and about the name at a place.

    Args:
        editing: The project.
        path: The file.
        findings: Those of the file that are meant.
        line: Where the cursor is, from 1.
        column: The same, in characters.
    """
    if not editing.is_current(path):  # edits would be of a text that is not there any more
        return
    offered: set[tuple[str, str | None]] = set()
    for one in findings:
        key = (one.code, one.symbol)
        if one.fix is not Fix.MANUAL and key not in offered:
            offered.add(key)
            yield from _replaced(editing, path, one)
    yield from _imported(editing, path, line, column)
    codes = suppressible(editing.project)
    told: set[tuple[str, int]] = set()
    for one in findings:
        if one.code in codes and (one.code, one.line) not in told:
            told.add((one.code, one.line))
            yield from _ignored(editing, path, one)


def _replaced(editing: Editing, path: str, finding: Finding) -> Iterator[Action]:
    """What a finding is about, replaced in its whole file: its parts are proven together."""
    symbols = (finding.symbol,) if finding.symbol else ()
    select = () if symbols else (finding.code,)
    title = f"Use {finding.canonical or finding.name} in this file"
    for unsafe in (False, True):
        edits = _planned(editing, path, Scope(symbols=symbols, select=select, unsafe=unsafe))
        if not edits:
            continue
        notes = "; ".join(sorted({edit.cause.note for edit in edits if edit.cause.note}))
        yield Action(
            title=f"{title} (unsafe{notes and f': {notes}'})" if unsafe else title,
            edits=edits,
            codes=(finding.code,),
            line=finding.line,
            preferred=not unsafe,
        )
        return


def _planned(editing: Editing, path: str, scope: Scope) -> tuple[Edit, ...]:
    selection = Selection(folders=(), explicit=(path,), files=frozenset({path}))
    opened = msgspec.structs.replace(editing.opened, selection=selection)

    def edits() -> tuple[Edit, ...]:
        report = plan_opened(opened, scope, jobs=1).report
        return next((one.edits for one in report.changed if one.path == path), ())

    return editing.remembered((path, scope), edits)


def _imported(editing: Editing, path: str, line: int, column: int) -> Iterator[Action]:
    """An import of the canonical, for a name that the file does not bind, or imports in vain."""
    home = pointed_at(editing.project, path, line, column)
    if home is None or home.canonical is None or home.symbol:
        return
    target = SymbolPath.parse(home.canonical)
    if not target.name or target.module == editing.project.modules.name_of(path):
        return
    code = catalogue.find_rule(_MISSING_IMPORT).code
    cause = Cause(code=code, fix=Fix.UNSAFE, concept=home.concept, canonical=home.canonical)
    edits = _carried_out(editing, path, _import_of(editing, path, home, target, cause))
    if edits:
        yield Action(
            title=f"Import {home.name} from {target.module}",
            edits=edits,
            codes=(code,),
            line=line,
        )


def _import_of(
    editing: Editing, path: str, home: Home, target: SymbolPath, cause: Cause
) -> Decision:
    facts = editing.project.facts(path)
    for number, one in enumerate(facts.imports if facts is not None else ()):
        if one.name == home.name and one.line <= home.line <= one.end_line:
            return MoveImport(index=number, target=target, cause=cause)
    return AddImport(target=target, above=home.line, settles=True, cause=cause)


def _carried_out(editing: Editing, path: str, decision: Decision) -> tuple[Edit, ...]:
    project = editing.project
    task = FileTask(
        path=path,
        digest=project.index.digest(path),
        module=project.modules.name_of(path),
        is_package=is_package_file(path),
        decisions=(decision,),
    )
    names = catalogue.codemod_names()
    (done,) = rewrite_all(project.index.contents, [task], names, 1, no_progress)
    return done.outcome.edits if done.outcome.outcome is Outcome.CHANGED else ()


def _ignored(editing: Editing, path: str, finding: Finding) -> Iterator[Action]:
    """A comment that suppresses a finding, where the registry lets one without an owner count."""

    def edits() -> tuple[Edit, ...]:
        data = editing.project.index.contents.read(path)
        commented = "" if isinstance(data, FileError) else with_ignores(data, [finding], REASON)
        return () if isinstance(commented, str) else commented.edits

    try:
        require_usable(editing.project, REASON)
    except UsageError:
        return
    if found := editing.remembered((path, finding.code, finding.line), edits):
        title = f"Ignore {finding.code} here"
        yield Action(title=title, edits=found, codes=(finding.code,), line=finding.line)
