"""Adds imports that replaced code needs, below those that a module starts with."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.decisions import AddImport, MoveImport
from ssot_migrate.rewrite.document import Document, Refused, TextEdit
from ssot_migrate.rewrite.drafts import Draft
from ssot_migrate.rewrite.suites import Place, has_own_lines, import_places, line_end
from ssot_migrate.rewrite.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.outcome import Left
    from ssot_migrate.rewrite.decisions import FileTask

HANDLES = (AddImport,)

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def rewrite(
    document: Document, task: FileTask, decisions: Sequence[AddImport]
) -> Iterator[TextEdit | Left]:
    """Add what one file lacks.

    Args:
        document: The file.
        task: What else is to happen in it.
        decisions: The names that it lacks.

    Raises:
        Refused: There is no place for them.
    """
    wanted: defaultdict[str, dict[str, AddImport]] = defaultdict(dict)
    for one in decisions:
        wanted[one.target.module].setdefault(one.target.name, one)
    if not wanted:
        return
    above = min(one.above for one in decisions)
    places = list(_at_the_top(document, above))
    new: list[str] = []
    for module, named in sorted(wanted.items()):
        host = next((place for place in places if _takes(document, place, module, task)), None)
        if host is not None:
            yield _joined(document, host, sorted(named), next(iter(named.values())))
        else:
            new.append(f"from {module} import {', '.join(sorted(named))}")
    if new:
        yield _inserted(document, places, new, decisions[0])


def _at_the_top(document: Document, above: int) -> Iterator[Place]:
    """The imports of the module itself that surely run before anything is defined."""
    body = document.tree.body
    stop = next((one.lineno for one in body if isinstance(one, _DEFINITIONS)), above)
    for place in import_places(document):
        is_own = len(place.siblings) == len(body) and place.siblings[0] is body[0]
        if is_own and place.node.lineno < min(stop, above) and has_own_lines(document, place):
            yield place


def _takes(document: Document, place: Place, module: str, task: FileTask) -> bool:
    """Whether an import may take further names of a module."""
    node = place.node
    if not isinstance(node, ast.ImportFrom) or node.level or node.module != module:
        return False
    moved = {one.index for one in task.decisions if isinstance(one, MoveImport)}
    lines = {document.facts.imports[index].line for index in moved}
    return node.lineno not in lines and all(one.name != "*" for one in node.names)


def _joined(document: Document, place: Place, names: Sequence[str], one: AddImport) -> TextEdit:
    draft = Draft(document.text[place.start : place.end], place, 0)
    draft.added += [Wanted(one.target.module, name) for name in names]
    text, _rest = draft.rendered(lambda wanted, _: (0, wanted.module), "", "", document.newline)
    return TextEdit(place.start, place.end, text, one.cause)


def _inserted(
    document: Document, places: Sequence[Place], lines: Sequence[str], one: AddImport
) -> TextEdit:
    newline = document.newline
    if places:
        at = line_end(document, places[-1].end)
        text = "".join(f"{newline}{line}" for line in lines)
        return TextEdit(at, at, text, one.cause)
    body = document.tree.body
    first = body[1] if _is_text(body[0]) and len(body) > 1 else body[0]
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))])
    if _is_text(first) or line > one.above:
        raise Refused("there is no place for an import that it needs")
    at = document.offset(line, 1)
    text = "".join(f"{line}{newline}" for line in lines)
    return TextEdit(at, at, f"{text}{newline}", one.cause)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
