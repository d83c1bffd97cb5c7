"""Structural hashes: two definitions are equal when only names of their own differ."""

from __future__ import annotations

import ast
import hashlib

from ssot_migrate.index.facts import HashFacts

_SKIPPED_FIELDS = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "type_comment",
                   "kind", "annotation", "returns", "type_params"}  # fmt: skip


def hash_facts(tree: ast.Module) -> HashFacts:
    """Hash every class and function of the module's top level.

    Left out are layout, comments, docstrings and annotations; the definition's own name and the
    names that it binds locally are numbered in order of appearance. Attribute names, keyword
    names, constants and names from outside count.
    """
    return HashFacts(
        tuple(
            (node.name, structural_hash(node))
            for node in ast.walk(tree)
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.col_offset == 0
        )
    )


def structural_hash(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The hash of one definition; 16 hexadecimal digits."""
    local = _local_names(node)
    numbers: dict[str, int] = dict.fromkeys(local, -1)
    pieces: list[str] = []
    stack: list[object] = [node]
    seen = 0
    while stack:
        item = stack.pop()
        if isinstance(item, ast.AST):
            pieces.append(type(item).__name__)
            for field in reversed(item._fields):
                if field not in _SKIPPED_FIELDS:
                    stack.append(_field(item, field))
        elif isinstance(item, list):
            pieces.append(f"[{len(item)}")
            stack.extend(reversed(item))
        elif isinstance(item, _Name):
            if item.text in numbers:
                if numbers[item.text] < 0:
                    numbers[item.text] = seen
                    seen += 1
                pieces.append(f"#{numbers[item.text]}")
            else:
                pieces.append(item.text)
        else:
            pieces.append(repr(item))
    return hashlib.blake2b("\0".join(pieces).encode("utf-8", "replace"), digest_size=8).hexdigest()


class _Name:
    """An identifier that may be local, told apart from string constants."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _field(node: ast.AST, field: str) -> object:
    value = getattr(node, field, None)
    if isinstance(value, str) and (
        (isinstance(node, ast.Name) and field == "id")
        or (isinstance(node, ast.arg) and field == "arg")
        or isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
        )
    ):
        return _Name(value)
    if field == "body" and isinstance(value, list) and value and _is_docstring(value[0]):
        return value[1:]
    return value


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _local_names(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The definition's own name and what it binds; a class's members are its API, and stay."""
    names = {node.name}
    attributes: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.ClassDef):
            for statement in part.body:
                targets = getattr(statement, "targets", [getattr(statement, "target", None)])
                attributes |= {target.id for target in targets if isinstance(target, ast.Name)}
        if isinstance(part, ast.arg):
            names.add(part.arg)
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            names.add(part.name)
    return names - attributes
