"""Reads string literals that name dotted paths, and what stands around them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.index.facts import DottedString, NamedAttribute
from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.index.scopes import Scope

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
_NAME_ATTRIBUTES = {"getattr", "hasattr", "setattr", "delattr", "object", "spy", "stub"}


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


class Strings:
    """Collects the strings of a file.

    Args:
        span: Gives a node's position.

    Attributes:
        around: What the node that is being read is a part of.
    """

    def __init__(self, span: Callable[[ast.expr], tuple[int, int, int, int]]) -> None:
        self._span = span
        self._paths: list[DottedString] = []
        self._attributes: list[NamedAttribute] = []
        self.around = NOWHERE

    @property
    def paths(self) -> tuple[DottedString, ...]:
        """The dotted strings, in order of position."""
        return tuple(sorted(self._paths, key=lambda s: (s.line, s.column)))

    @property
    def attributes(self) -> tuple[NamedAttribute, ...]:
        """The attributes that strings name, in order of position."""
        return tuple(sorted(self._attributes, key=lambda a: (a.line, a.column)))

    def literal(
        self, node: ast.Constant, scope: Scope, how: Passed = NOT_PASSED, *, is_key: bool = False
    ) -> None:
        """Read a literal."""
        form = form_of(node.value, how, is_key=is_key)
        if form is not None:
            self._add(str(node.value), node, scope, how, form)

    def beginning(self, node: ast.expr, scope: Scope, how: Passed) -> None:
        """Read an argument that may begin with the text of a path."""
        prefix = path_prefix(node, how)
        if prefix is not None:
            self._add(prefix, node, scope, how, "prefix")

    def call(self, call: ast.Call, callee: str, scope: Scope) -> None:
        """Read a call that may name an attribute, as `getattr(owner, "name")` does."""
        if callee.rpartition(".")[2] not in _NAME_ATTRIBUTES or len(call.args) < 2:
            return
        owner, literal = call.args[:2]
        name, chain = constant_text(literal), dotted_name(owner)
        if name is None or not name.isidentifier() or not chain:
            return
        line, column, _, _ = self._span(owner)
        keywords = tuple(keyword.arg for keyword in call.keywords if keyword.arg)
        span = self._span(literal)
        self._attributes.append(
            NamedAttribute(name, callee, *span, scope.name, chain, line, column, keywords)
        )

    def _add(self, path: str, node: ast.expr, scope: Scope, how: Passed, form: str) -> None:
        callee, argument, keyword, beside, keywords = how
        holder, key = self.around
        self._paths.append(
            DottedString(
                path,
                *self._span(node),
                scope=scope.name,
                callee=callee,
                argument=argument,
                keyword=keyword,
                beside=beside,
                keywords=keywords,
                holder=holder,
                key=key,
                form=form,
            )
        )


def _told(node: ast.expr) -> str:
    text = constant_text(node)
    return dotted_name(node) if text is None else text[:_LONGEST]
