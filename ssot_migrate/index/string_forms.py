"""In which forms a literal names a path, and how it is passed to a call."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from ssot_migrate.index.syntax import constant_text, dotted_name

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_PATH = re.compile(rf"{_DOTTED}(?::{_DOTTED})?")
_RELATIVE = re.compile(rf"\.+{_DOTTED}")
_ENTRY = re.compile(rf"\s*[\w.-]+\s*=\s*{_DOTTED}:{_DOTTED}\s*(?:\[[\w\s,]*\])?\s*")
_PATTERN = re.compile(rf"\^?{_NAME}(?:\\\.{_NAME})+(?:\\?\.\*|\\b|\$)?")
_PREFIX = re.compile(rf"({_DOTTED})\.(?:$|[%{{])")
_LONGEST = 400
# A single word is a module only where it is imported.
_IMPORTERS = {"__import__", "find_spec", "import_module", "importorskip"}
_TAKE_PREFIXES = {*_IMPORTERS, "patch", "dict", "multiple", "setattr", "delattr", "resolve_name"}


class Passed(NamedTuple):
    """How a literal is passed to a call; empty where it is no argument.

    The fields are those of `DottedString`.
    """

    callee: str = ""
    argument: int = -1
    keyword: str = ""
    beside: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def leaf(self) -> str:
        """The last name of the called chain."""
        return self.callee.rpartition(".")[2]


class Around(NamedTuple):
    """What a literal is a part of: `holder` and `key` as in `DottedString`."""

    holder: str = ""
    key: str = ""


NOT_PASSED = Passed()
NOWHERE = Around()


def passed(call: ast.Call, callee: str, argument: int, keyword: str = "") -> Passed:
    """How one argument of a call is passed: its position, or -1 and its keyword."""
    first = argument == 0
    beside = ""
    if argument in (0, 1) and len(call.args) > 1:
        beside = _told(call.args[1 - argument])
    elif first:
        beside = next((_told(k.value) for k in call.keywords if k.arg == "package"), "")
    keywords = tuple(k.arg for k in call.keywords if k.arg) if first else ()
    return Passed(callee, argument, keyword, beside, keywords)


def held_by(target: ast.expr) -> Around:
    """What a value is a part of that is assigned to `target`."""
    if isinstance(target, ast.Subscript):
        return Around(dotted_name(target.value), constant_text(target.slice) or "")
    return Around(dotted_name(target))


def form_of(value: object, how: Passed, *, is_key: bool = False) -> str | None:
    """In which form a literal names a path, as `DottedString.form` has it; None if it does not."""
    if not isinstance(value, str) or len(value) >= _LONGEST:
        return None
    is_imported = how.argument == 0 and how.leaf in _IMPORTERS
    if (is_imported or "." in value or ":" in value) and _PATH.fullmatch(value):
        return "key" if is_key else ""
    if is_imported and _RELATIVE.fullmatch(value):
        return "relative"
    if "=" in value and ":" in value and _ENTRY.fullmatch(value):
        return "entry"
    if how.keyword == "module" and "\\" in value and _PATTERN.fullmatch(value):
        return "pattern"
    return None


def path_prefix(node: ast.expr, how: Passed) -> str | None:
    """The path before the part that is computed, `old.mod` of `f"old.mod.{name}"`."""
    if how.leaf not in _TAKE_PREFIXES:
        return None
    if isinstance(node, ast.JoinedStr) and node.values:
        text = constant_text(node.values[0])
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        text = constant_text(node.left)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        text = constant_text(node.func.value) if node.func.attr == "format" else None
    else:
        text = None
    found = _PREFIX.match(text) if text and len(text) < _LONGEST else None
    return found[1] if found else None


def _told(node: ast.expr) -> str:
    text = constant_text(node)
    return dotted_name(node) if text is None else text[:_LONGEST]
