"""Decides which strings that name deprecated paths are replaced, and what is left of them.

A string is edited only if its kind was asked for and its new value follows from the project. All
others are left, with the reason: what is not told here names no deprecated path.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, FileError, Fix, Span
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.index.facts import NamedAttribute, Unparsable
from ssot_migrate.index.parse import parse
from ssot_migrate.index.syntax import Columns
from ssot_migrate.lint.strings import StringKind, StringUse, string_uses
from ssot_migrate.rewrite.decisions import ReplaceString
from ssot_migrate.rewrite.mentions import Mention, Mentions
from ssot_migrate.rewrite.text_files import held_back
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.moves import Moves

KINDS = frozenset(kind.value for kind in StringKind) - {StringKind.WIRE, StringKind.DATA}
"""The kinds that can be asked for."""
_UNTOUCHED = {
    Category.GENERATED: "the file is generated",
    Category.BACKUP: "the file is a backup copy",
}


def decide_strings(
    project: Project,
    kinds: frozenset[str],
    *,
    docs: bool = False,
    moves: Iterable[Moves] | None = None,
) -> dict[str, tuple[ReplaceString | Left, ...]]:
    """Decide for every Python file, by path.

    Args:
        project: The project.
        kinds: The kinds of strings to edit; others are left.
        docs: Whether to edit docstrings too.
        moves: The moves of imports and references that this run makes, with what it leaves; None
            where it makes all of them. A mock target moves only if those who read its name do.
    """
    moving = None if moves is None else _Moving(moves)
    found: defaultdict[str, list[ReplaceString | Left]] = defaultdict(list)
    for use in string_uses(project):
        found[use.path].append(_decided(project, use, kinds, moving))
    if docs and project.deprecations:
        mentions = Mentions(project)
        for path in project.naming(project.deprecations.paths):
            found[path] += _docstrings(project, path, mentions)
    return {
        path: tuple(sorted(decisions, key=_place))
        for path, decisions in sorted(found.items())
        if decisions
    }


class _Moving:
    """What moves in this run.

    Args:
        moves: What moves, and what is left.
    """

    def __init__(self, moves: Iterable[Moves]) -> None:
        self._by_path = {one.path: one for one in moves}

    def moves(self, path: str, symbol: str) -> bool:
        """Whether all that reads a name in a file moves."""
        found = self._by_path.get(path)
        if found is None or not found.decisions:
            return False
        dotted = symbol.replace(":", ".")
        left = ((place.cause.symbol or "").replace(":", ".") for place in found.left)
        return not any(f"{dotted}.".startswith(f"{one}.") for one in left if one)


def _decided(
    project: Project, use: StringUse, kinds: frozenset[str], moving: _Moving | None
) -> ReplaceString | Left:
    text, verdict = use.text, use.verdict
    cause = Cause(
        code=verdict.code,
        fix=verdict.fix,
        concept=use.match.replacement.concept,
        symbol=str(use.match.found),
        canonical=str(use.match.canonical),
    )
    why = _obstacle(project, use, moving)
    if why:
        cause = msgspec.structs.replace(cause, fix=Fix.MANUAL)
    elif use.kind.value not in kinds:
        why = f"{held_back(use.kind.value, verdict.after)}: {verdict.why}"
    if why or isinstance(text, NamedAttribute):
        return Left(line=text.line, column=text.column, why=why, cause=cause)
    return ReplaceString(
        span=Span(text.line, text.column, text.end_line, text.end_column),
        before=text.value,
        after=verdict.after,
        cause=cause,
    )


def _obstacle(project: Project, use: StringUse, moving: _Moving | None) -> str:
    """Why a string stays, whatever was asked for."""
    if not use.verdict.after:
        return use.verdict.why
    untouched = _UNTOUCHED.get(project.category(use.path))
    if untouched:
        return untouched
    if moving is not None:
        for reader in use.verdict.readers:
            if not moving.moves(reader.path, str(use.match.found)):
                return f"{reader}, which reads the name, does not move"
    return ""


def _docstrings(project: Project, path: str, mentions: Mentions) -> Iterator[ReplaceString | Left]:
    data = read(project.index.root, path)
    tree = None if isinstance(data, FileError) else parse(data)
    if tree is None or isinstance(tree, Unparsable) or isinstance(data, FileError):
        return
    columns = Columns(data)
    module = project.modules.name_of(path)
    for node in ast.walk(tree):
        literal = _docstring(node)
        if literal is not None and isinstance(literal.value, str):
            last = literal.end_lineno or literal.lineno
            span = Span(
                literal.lineno,
                columns.at(literal.lineno, literal.col_offset),
                last,
                columns.at(last, literal.end_col_offset or 0),
            )
            yield from _in_docstring(literal.value, span, mentions.of(literal.value, module))


def _in_docstring(
    text: str, span: Span, mentions: Sequence[Mention]
) -> Iterator[ReplaceString | Left]:
    value, position = "", 0
    causes = []
    for one in mentions:
        if one.after:
            value += text[position : one.start] + one.after
            position = one.end
            causes.append(one.cause(Fix.SAFE))
        else:
            line = span.line + text.count("\n", 0, one.start)
            column = span.column if line == span.line else 1
            yield Left(line=line, column=column, why=one.why, cause=one.cause(Fix.SAFE))
    if causes:
        yield ReplaceString(
            span=span,
            before=text,
            after=value + text[position:],
            cause=max(causes, key=lambda cause: list(Fix).index(cause.fix)),
        )


def _docstring(node: ast.AST) -> ast.Constant | None:
    """The literal that begins a module, a class or a function."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr):
        literal = node.body[0].value
        return literal if isinstance(literal, ast.Constant) else None
    return None


def _place(decision: ReplaceString | Left) -> tuple[int, int]:
    if isinstance(decision, Left):
        return decision.line, decision.column
    return decision.span.line, decision.span.column
