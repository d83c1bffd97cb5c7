"""Structural hashes: two definitions are equal when only names of their own differ."""

from __future__ import annotations

import ast
import hashlib

from ssot_migrate.index.facts import HashFacts
from ssot_migrate.index.shapes import top_level_definitions

_SKIPPED_FIELDS = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "type_comment",
                   "kind", "annotation", "returns", "type_params"}  # fmt: skip


def hash_facts(tree: ast.Module) -> HashFacts:
    """Hash every class and function of the module's top level, also inside `if` and `try`.

    Left out are layout, comments, docstrings and annotations; the definition's own name and the
    names that it binds locally are numbered in order of appearance. Attribute names, keyword
    names, constants and names from outside count.
    """
    return HashFacts(
        tuple((node.name, structural_hash(node)) for node in top_level_definitions(tree.body))
    )


def structural_hash(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The hash of one definition; 16 hexadecimal digits."""
    own = _own_names(node)
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.AnnAssign) and item.value is not None and item.simple:
            pieces.append("Assign")
            stack += [item.value, [item.target]]
        elif isinstance(item, ast.AST):
            pieces.append(type(item).__name__)
            for field in reversed(item._fields):
                if field not in _SKIPPED_FIELDS:
                    stack.append(_field(item, field))
        elif isinstance(item, list):
            pieces.append(f"[{len(item)}")
            stack.extend(reversed(item))
        elif not isinstance(item, _Name):
            pieces.append(_spelled(item))
        elif item.text in own:
            pieces.append(f"#{numbers.setdefault(item.text, len(numbers))}")
        else:
            pieces.append(item.text)
    return hashlib.blake2b("\0".join(pieces).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _spelled(constant: object) -> str:
    # Python refuses to write very long integers in decimal digits.
    return hex(constant) if type(constant) is int else repr(constant)


class _Name:
    """An identifier that may be local, told apart from string constants."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_NAME_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Name: ("id",),
    ast.arg: ("arg",),
    ast.FunctionDef: ("name",),
    ast.AsyncFunctionDef: ("name",),
    ast.ClassDef: ("name",),
    ast.ExceptHandler: ("name",),
    ast.MatchAs: ("name",),
    ast.MatchStar: ("name",),
    ast.MatchMapping: ("rest",),
    ast.Nonlocal: ("names",),
}


def _field(node: ast.AST, field: str) -> object:
    value = getattr(node, field, None)
    if field in _NAME_FIELDS.get(type(node), ()):
        if isinstance(value, list):
            return [_Name(name) for name in value]
        return value if value is None else _Name(str(value))
    if field == "body" and isinstance(value, list) and value and _is_docstring(value[0]):
        return value[1:]
    return value


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _own_names(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The definition's own name and what it binds; a class's members are its API, and stay."""
    names = {node.name}
    members: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.ClassDef):
            members.update(_member_names(part))
        for field in _NAME_FIELDS.get(type(part), ()):
            value = getattr(part, field)
            is_read = isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
            if isinstance(value, str) and not is_read:
                names.add(value)
    return (names - members) | {node.name}


def _member_names(node: ast.ClassDef) -> set[str]:
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names
