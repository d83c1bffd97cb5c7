"""Fills the `replace` of a call pattern with what its metavariables stand for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.config.call_patterns import Pattern, is_rest, metavariable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ssot_migrate.index.scenes import Scene
    from ssot_migrate.lint.patterns.matching import Argument, Bindings
    from ssot_migrate.rewrite.splicing import Part

_PRIMARY = (
    *(ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.JoinedStr),
    *(ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp),
)
_WRAPPER = "async def _():\n "


class Unfit(Exception):  # noqa: N818 - a verdict, not an error
    """The template cannot be filled; says why."""


def filled(
    template: Pattern,
    bindings: Bindings,
    names: Mapping[str, str],
    scene: Scene,
    bounds: tuple[int, int],
) -> tuple[Part, ...]:
    """The parts of a replacement.

    Args:
        template: What is to be filled.
        bindings: What stands in the code for the metavariables of `match`.
        names: Names in scope for the others.
        scene: The file.
        bounds: Offsets between which the arguments stand, inside the call's parentheses.

    Raises:
        Unfit: Something that is needed is absent.
    """
    code = template.code
    while (gap := _absent_argument(code, bindings, names)) is not None:
        code = code[: gap[0]] + code[gap[1] :]
    parts: list[Part] = []
    position = 0
    for node, parent, start, end in _holes(code):
        name = metavariable(node)
        parts.append(code[position:start])
        position = end
        if name in names:
            parts.append(names[name])
        elif name not in bindings:
            raise Unfit(f"`{name}` is absent, and the replacement needs it")
        else:
            parts += _arguments(bindings[name], node, parent, scene, bounds)
    parts.append(code[position:])
    return tuple(part for part in parts if part)


def _arguments(
    several: Sequence[Argument],
    hole: ast.AST,
    parent: ast.AST,
    scene: Scene,
    bounds: tuple[int, int],
) -> Iterator[Part]:
    for number, one in enumerate(several):
        if number:
            yield ", "
        start, end = outside_parentheses(scene, one, bounds)
        is_bare = (start, end) == (scene.start(one), scene.end(one))
        needs_parentheses = is_bare and not is_rest(hole) and _is_weak(one, hole, parent)
        if needs_parentheses:
            yield "("
        yield start, end
        if needs_parentheses:
            yield ")"


def outside_parentheses(scene: Scene, node: ast.AST, bounds: tuple[int, int]) -> tuple[int, int]:
    """The offsets of a node with the parentheses of its own, inside of `bounds`."""
    text, (start, end) = scene.text, (scene.start(node), scene.end(node))
    if not bounds[0] <= start <= end <= bounds[1]:
        return start, end
    while True:
        before = text[bounds[0] : start].rstrip()
        behind = text[end : bounds[1]]
        inside = behind.lstrip()
        if not before.endswith("(") or not inside.startswith(")"):
            return start, end
        start = bounds[0] + len(before) - 1
        end += len(behind) - len(inside) + 1


def _is_weak(node: Argument, hole: ast.AST, parent: ast.AST) -> bool:
    """Whether an expression needs parentheses in the place of a metavariable."""
    if isinstance(node, ast.keyword):
        return False
    if isinstance(parent, ast.keyword) or (isinstance(parent, ast.Call) and hole in parent.args):
        return isinstance(node, (ast.NamedExpr, ast.Yield, ast.YieldFrom))
    if isinstance(parent, (ast.Assign, ast.withitem, ast.Expr)):
        return False
    is_text = isinstance(node, ast.Constant) and not isinstance(node.value, (int, float, complex))
    return not isinstance(node, _PRIMARY) and not is_text


def _absent_argument(
    code: str, bindings: Bindings, names: Mapping[str, str]
) -> tuple[int, int] | None:
    """The place of an argument that is left out, with its comma."""
    tree, at = _parsed(code)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        several = sorted(given, key=lambda one: one.col_offset)
        for number, one in enumerate(several):
            name = metavariable(one.value if isinstance(one, ast.keyword) else one)
            if not name or name in names or bindings.get(name):
                continue
            if number + 1 < len(several):
                return at(one.col_offset), at(several[number + 1].col_offset)
            start = several[number - 1].end_col_offset if number else one.col_offset
            return at(start), at(one.end_col_offset)
    return None


def _holes(code: str) -> Iterator[tuple[ast.AST, ast.AST, int, int]]:
    """The metavariables of a template, what they stand in, and their places; in order."""
    tree, at = _parsed(code)
    found = []
    for parent in ast.walk(tree):
        for node in ast.iter_child_nodes(parent):
            is_hole = metavariable(node) and not isinstance(parent, ast.Starred)
            if is_hole and isinstance(node, ast.expr):
                found.append((node, parent, at(node.col_offset), at(node.end_col_offset)))
    yield from sorted(found, key=lambda one: one[2])


def _parsed(code: str) -> tuple[ast.Module, Callable[[int | None], int]]:
    """A template's syntax, and what turns its columns into offsets."""
    suffix = " pass" if code.endswith(":") else ""
    tree = ast.parse(f"{_WRAPPER}{code}{suffix}")
    data = code.encode()

    def at(column: int | None) -> int:
        return len(data[: (column or 1) - 1].decode())

    return tree, at


def parsed_statement(text: str) -> ast.stmt:
    """The statement that a filled template is.

    Raises:
        SyntaxError: It is none.
    """
    suffix = " pass" if text.rstrip().endswith(":") else ""
    function = ast.parse(f"{_WRAPPER}{text}{suffix}").body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    return function.body[0]
