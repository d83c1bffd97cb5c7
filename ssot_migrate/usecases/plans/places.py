"""Every place that names what a migration replaces: what it is, who changes it, what is risky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.outcome import Edit, Outcome
from ssot_migrate.domain.plan import Place, Risk, UseKind
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.lint.strings.verdicts import DEPRECATED, INERT
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.rewrite.text_files import decide_text_files, rewrite_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.domain.outcome import FileOutcome, Left
    from ssot_migrate.domain.scope import Scope
    from ssot_migrate.index.facts import DottedString, Import, NamedAttribute
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.migration.wanted import Wanted

_CONDITIONS = Context.TRY | Context.HANDLER | Context.CONDITIONAL | Context.TYPE_CHECKING
_IMPORTS = ("SSOT201", "SSOT203")
_SEVERAL = Context.FUNCTION | Context.LAZY


class Located(msgspec.Struct, frozen=True):
    """A place, and the concept whose it is."""

    place: Place
    concept: str | None


def places_of(
    project: Project, files: Sequence[FileOutcome], wave_of: Mapping[str, int]
) -> Iterator[Located]:
    """The places in Python files.

    Args:
        project: The project as it is.
        files: What would become of its files.
        wave_of: The number of the wave that writes a file.
    """
    kinds = Kinds(project)
    for file in files:
        if not project.modules.has_file(file.path) or not (file.edits or file.left):
            continue
        project.load_uses([file.path])
        reader = _Reader(project, kinds, file)
        is_made = file.outcome is Outcome.CHANGED
        changes: tuple[Edit | Left, ...] = (*file.edits, *file.left)
        for change in changes:
            wave = wave_of.get(file.path, 0) if is_made and isinstance(change, Edit) else 0
            yield reader.located(change, wave)


def concept_of(project: Project, place: Place) -> str | None:
    """The concept whose registered path a place names."""
    match = project.deprecations.match(SymbolPath.parse(place.symbol)) if place.symbol else None
    return match.replacement.concept if match is not None else None


def documented(
    project: Project, scope: Scope, wanted: Wanted, wave_of: Mapping[str, int]
) -> Iterator[Located]:
    """The places in documents, settings and scripts, whether or not they are to be edited."""
    made = {
        (file.path, edit.start)
        for file in decide_text_files(project, scope.strings, docs=scope.docs)
        for edit in file.edits
        if wanted.makes(edit.cause)
    }
    for file in decide_text_files(project, scope.strings, docs=True):
        told = rewrite_text(project.index.root, file)
        starts = [edit.start for edit in file.edits]
        for edit, start in zip(told.edits, starts, strict=False):
            is_made = (file.path, start) in made
            why = "" if is_made else f"`--docs` makes it `{edit.after}`"
            wave = wave_of.get(file.path, 0) if is_made else 0
            yield _document(file.path, edit, wave, why)
        for place in told.left:
            yield _document(file.path, place, 0, place.why)


def _document(path: str, change: Edit | Left, wave: int, why: str) -> Located:
    cause = change.cause
    place = Place(
        path=path,
        line=change.line,
        column=change.column,
        kind=UseKind.DOCUMENT,
        category="document",
        symbol=cause.symbol or "",
        to=cause.canonical or "",
        fix=cause.fix,
        wave=wave,
        why=why,
    )
    return Located(place, cause.concept)


class _Reader:
    """Tells of the changes of one file what they are about."""

    def __init__(self, project: Project, kinds: Kinds, file: FileOutcome) -> None:
        self._project = project
        self._kinds = kinds
        self._file = file
        facts, uses = project.facts(file.path), project.index.uses(file.path)
        self._facts = facts
        self._imports = facts.imports if facts is not None else ()
        self._strings = uses.strings if uses is not None else ()
        self._attributes = uses.attributes if uses is not None else ()

    def located(self, change: Edit | Left, wave: int) -> Located:
        """The place of a change."""
        cause = change.cause
        statement = self._statement(change)
        if statement is not None:
            kind, line, column = UseKind.IMPORT, statement.line, statement.column
        else:
            kind, line, column = self._kind(change), change.line, change.column
        reservation = cause.note or (self._file.why if not wave else "")
        place = Place(
            path=self._file.path,
            line=line,
            column=column,
            kind=kind,
            category=self._project.category(self._file.path).value,
            symbol=cause.symbol or "",
            to=cause.canonical or "",
            fix=cause.fix,
            wave=wave,
            why=reservation if isinstance(change, Edit) else change.why,
            risks=tuple(self._risks(change, kind, statement)),
        )
        return Located(place, cause.concept)

    def _risks(
        self, change: Edit | Left, kind: UseKind, statement: Import | None
    ) -> Iterator[Risk]:
        if statement is not None:
            if statement.context & _SEVERAL:
                yield Risk.LAZY
            if statement.context & _CONDITIONS:
                yield Risk.CONDITIONAL
        if kind is UseKind.STRING:
            yield from self._risks_of_string(change)
        if statement is not None and self._is_passed_on(statement):
            yield Risk.PUBLIC
        if change.cause.note or kind is UseKind.CALL:
            yield Risk.SIGNATURE

    def _risks_of_string(self, change: Edit | Left) -> Iterator[Risk]:
        text = next((one for one in self._strings if _holds(one, change)), None)
        found = self._kinds.of(self._file.path, text) if text is not None else None
        if found is StringKind.IMPORT:
            yield Risk.DYNAMIC
        elif found is StringKind.MOCK or any(_holds(one, change) for one in self._attributes):
            yield Risk.PATCHED

    def _is_passed_on(self, statement: Import) -> bool:
        """Whether others may read the imported name from this module on purpose."""
        facts = self._facts
        if statement.context & Context.FUNCTION or facts is None:
            return False
        is_listed = statement.bound in (facts.exports or ())
        return is_listed or (is_package_file(self._file.path) and facts.exports is None)

    def _statement(self, change: Edit | Left) -> Import | None:
        """The import that a change stands in."""
        if change.cause.code not in _IMPORTS:
            return None
        around = [one for one in self._imports if _holds(one, change)]
        leaf = (change.cause.symbol or "").replace(":", ".").rpartition(".")[2]
        return next((one for one in around if one.name == leaf), around[0] if around else None)

    def _kind(self, change: Edit | Left) -> UseKind:
        code = change.cause.code
        if code in (DEPRECATED, INERT):
            # What is no dotted string is a mention in a docstring.
            named = any(_holds(one, change) for one in self._strings)
            named = named or any(_holds(one, change) for one in self._attributes)
            return UseKind.STRING if named else UseKind.DOCUMENT
        return UseKind.REFERENCE if code in _IMPORTS else UseKind.CALL


def _holds(fact: Import | DottedString | NamedAttribute, change: Edit | Left) -> bool:
    """Whether a change stands in a statement or a literal."""
    place = (change.line, change.column)
    return (fact.line, fact.column) <= place <= (fact.end_line, fact.end_column)
