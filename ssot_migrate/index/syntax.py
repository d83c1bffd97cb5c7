"""Small readings of syntax-tree nodes, shared by the extractors."""

from __future__ import annotations

import ast
import builtins
import re
from functools import cached_property
from typing import TYPE_CHECKING

from ssot_migrate.workspace.source import Undecodable, decode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_CATEGORY = re.compile(r"(Pending)?(Deprecat|Removed|Future)\w*")
_LINE_END = re.compile(r"\r\n|\r|\n")
# Fields that hold names and operators are not looked into.
_NO_CODE = {"ctx", "op", "ops", "id", "attr", "arg", "name", "names", "asname", "kind", "module"}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(field for field in kind._fields if field not in _NO_CODE)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


_READERS = frozenset(dir(builtins)) - {"eval", "exec"}


class Columns:
    """Turns byte offsets of the parser into 1-based character columns."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._ascii = source.isascii()

    def at(self, line: int, offset: int) -> int:
        """The 1-based character column of a byte offset in a line."""
        if self._ascii or not offset or line > len(self.lines):
            return offset + 1
        return len(self.lines[line - 1][:offset].decode("utf-8", "replace")) + 1

    def span(self, node: ast.expr) -> tuple[int, int, int, int]:
        """The position of a node: line and column of its start, and of its end."""
        end_line = node.end_lineno or node.lineno
        return (
            node.lineno,
            self.at(node.lineno, node.col_offset),
            end_line,
            self.at(end_line, node.end_col_offset or 0),
        )

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines as UTF-8, in which the parser counts whatever the file's encoding is."""
        text = decode(self._source)
        lines = [] if isinstance(text, Undecodable) else _LINE_END.split(text)
        return [line.encode("utf-8", "replace") for line in lines]


def parts_of(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes directly below a node that can hold code, in order."""
    for field in _FIELDS[node.__class__]:
        part = getattr(node, field, None)
        if part.__class__ is list:
            yield from (one for one in part if isinstance(one, ast.AST))
        elif isinstance(part, ast.AST):
            yield part


def dotted_name(node: ast.AST | None) -> str:
    """`a.b.c` for a chain of plain names, else an empty string."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def constant_text(node: ast.AST | None) -> str | None:
    """The text of a string literal, else None; lone surrogates, which no encoding has, as `?`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return encodable(node.value)
    return None


def encodable(text: str) -> str:
    """The text without lone surrogates, which a literal can hold and no facts can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def spoken_text(node: ast.AST | None) -> str:
    """The readable part of a literal, an f-string, a concatenation or a `.format()` call."""
    if isinstance(node, ast.Constant):
        return constant_text(node) or ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            spoken_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    if isinstance(node, ast.BinOp):
        return spoken_text(node.left) + spoken_text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return spoken_text(node.func.value)
    return ""


def deprecation_warning(call: ast.Call) -> str:
    """The text of a call that warns of a deprecation, else an empty string."""
    leaf = dotted_name(call.func).rpartition(".")[2]
    if not leaf or ("warn" not in leaf and "deprecat" not in leaf):
        return ""
    categories = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "category")]
    if "deprecat" not in leaf and not any(
        _CATEGORY.match(dotted_name(node).rpartition(".")[2]) for node in categories
    ):
        return ""
    text = next(filter(None, map(spoken_text, call.args)), "")
    text = text or next((spoken_text(k.value) for k in call.keywords if k.arg == "message"), "")
    return text[:300] or "deprecated"


def configures_messages(node: ast.expr) -> bool:
    """Whether a call only sets up what the module says: a logger, or the filter of warnings."""
    if not isinstance(node, ast.Call):
        return False
    owner, _, leaf = dotted_name(node.func).rpartition(".")
    return leaf in ("getLogger", "get_logger") or (
        owner == "warnings" and leaf in ("simplefilter", "filterwarnings")
    )


def walrus_names(statement: ast.stmt) -> Iterator[str]:
    """The names that `:=` binds in the scope of a statement, outside the suites it holds."""
    pending = [*ast.iter_child_nodes(statement)]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.NamedExpr):
            yield part.target.id
        if isinstance(part, ast.match_case):
            pending += [part.guard] if part.guard else []
        elif not isinstance(part, (ast.stmt, ast.ExceptHandler, ast.Lambda)):
            pending += ast.iter_child_nodes(part)


def captured_names(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern of a `match` statement binds."""
    for part in ast.walk(pattern):
        name = getattr(part, "rest" if isinstance(part, ast.MatchMapping) else "name", None)
        if isinstance(name, str):
            yield name


_EVERYTHING = {"Exception", "BaseException"}
_CATCHES_IMPORT_ERROR = {"ImportError", "ModuleNotFoundError", *_EVERYTHING}
_CATCHES_LACK = {"AttributeError", "NameError", *_EVERYTHING}
_EXPECTING = ("raises", "assertRaises", "assertRaisesRegex")


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` clause catches a failing import."""
    return _catches(handler, _CATCHES_IMPORT_ERROR)


def catches_lack(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` clause catches that a name or an attribute is not there."""
    return _catches(handler, _CATCHES_LACK)


def _catches(handler: ast.ExceptHandler, errors: Collection[str]) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted_name(kind) in errors for kind in kinds)


def suppresses_import_error(node: ast.expr) -> bool:
    """Whether a `with` item is `suppress(ImportError)`."""
    return _is_about(_CATCHES_IMPORT_ERROR, node, ("suppress",))


def expects_import_error(node: ast.expr) -> bool:
    """Whether a `with` item is `pytest.raises(ImportError)`, or what unittest has for it."""
    return _is_about(_CATCHES_IMPORT_ERROR, node, _EXPECTING)


def survives_lack(node: ast.expr) -> bool:
    """Whether a `with` item suppresses, or asserts, that a name or an attribute is not there."""
    return _is_about(_CATCHES_LACK, node, ("suppress", *_EXPECTING))


def _is_about(errors: Collection[str], node: ast.expr, names: Sequence[str]) -> bool:
    """Whether it is a call of one of these names with one of these errors."""
    return (
        isinstance(node, ast.Call)
        and dotted_name(node.func).rpartition(".")[2] in names
        and any(
            dotted_name(kind) in errors
            for argument in node.args
            for kind in (argument.elts if isinstance(argument, ast.Tuple) else [argument])
        )
    )


def tests_type_checking(test: ast.expr) -> bool | None:
    """True for `if TYPE_CHECKING`, False for its negation, None for another condition."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = tests_type_checking(test.operand)
        return None if inner is None else not inner
    if dotted_name(test).rpartition(".")[2] == "TYPE_CHECKING":
        return True
    return None


def is_main_guard(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and dotted_name(test.left) == "__name__"


def names_module_namespace(node: ast.expr) -> bool:
    """Whether an expression is `globals()`, `vars()` or `sys.modules`, or a part of one."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        if dotted_name(node) == "sys.modules":
            return True
        node = node.value
    return isinstance(node, ast.Call) and dotted_name(node.func) in ("globals", "vars", "locals")


def hands_out_namespace(node: ast.expr) -> bool:
    """Whether an expression is `globals()`, or a call that is given it: others may bind names."""
    if not isinstance(node, ast.Call):
        return False
    function = dotted_name(node.func)
    if function in ("globals", "vars", "locals") and not node.args:
        return True
    given = [*node.args, *(one.value for one in node.keywords if one.arg)]
    return function not in _READERS and any(map(hands_out_namespace, given))
