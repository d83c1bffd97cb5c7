"""Reads the patterns of `[[calls]]`: Python with metavariables.

`$x` stands for one expression, `$x?` for one that may be absent, `$$$x` for any further arguments,
`$_` for anything. Each becomes an identifier that no program has, and Python's own parser reads
the rest.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from ssot_migrate.config.model import CallPattern, Metavariable

Kind: TypeAlias = Literal["expression", "assignment", "with"]

_ONE, _REST = "__ssot_one_", "__ssot_rest_"
_TOKEN = re.compile(
    r"""
    (?P<text> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
    | \$\$\$ (?P<rest> [A-Za-z_]\w* )?
    | \$ (?P<one> [A-Za-z_]\w* ) (?P<optional> \? )?
    """,
    re.VERBOSE,
)


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why, and what to write instead."""


class Pattern(NamedTuple):
    """A pattern that has been read.

    Args:
        kind: An expression, an assignment `$x = ...`, or the head of a `with` statement.
        code: Its text as Python: metavariables are identifiers.
        node: The expression; of a statement, the one on the right or behind `with`.
        target: The metavariable that a statement binds; empty if it binds none.
        is_async: Whether it is an `async with`.
        metavariables: Their names, with `$`, in order; `$_` left out.
        optional: Those that may be absent.
        rests: Those that stand for further arguments.
    """

    kind: Kind
    code: str
    node: ast.expr
    target: str
    is_async: bool
    metavariables: tuple[str, ...]
    optional: frozenset[str]
    rests: frozenset[str]

    @property
    def call(self) -> ast.Call | None:
        """The call that it is about: the outermost one, below an `await`."""
        node = self.node.value if isinstance(self.node, ast.Await) else self.node
        return node if isinstance(node, ast.Call) else None

    @property
    def is_awaited(self) -> bool:
        """Whether the call must be the operand of an `await`."""
        return isinstance(self.node, ast.Await)

    @property
    def method(self) -> str:
        """The name of the method that is called; empty if a metavariable is."""
        call = self.call
        func = call.func if call is not None else None
        return func.attr if isinstance(func, ast.Attribute) else ""

    @property
    def callee(self) -> str:
        """The metavariable that is called, or on which a method is called; else empty."""
        func = self.call.func if self.call is not None else None
        return metavariable(func.value if isinstance(func, ast.Attribute) else func)


def metavariable(node: ast.AST | None) -> str:
    """The metavariable that a node of a pattern is, with its `$`; empty if it is code."""
    if isinstance(node, ast.Starred):
        node = node.value
    name = node.id if isinstance(node, ast.Name) else ""
    for prefix in (_ONE, _REST):
        if name.startswith(prefix):
            return f"${name.removeprefix(prefix)}"
    return ""


def identifies(wanted: Metavariable) -> bool:
    """Whether an entry says what a metavariable of `match` is, so that this can be proven."""
    by_concept = wanted.concept is not None and wanted.as_ != "in-scope"
    return by_concept or bool(
        wanted.type or wanted.is_ or wanted.subclass_of or wanted.made_by or wanted.handed_to
    )


def anchor(pattern: Pattern, entry: CallPattern) -> str:
    """The metavariable whose proof says that a call is meant; empty if there is none.

    It is what is called; of a method, else the first argument of which the entry says what it is.
    """
    names = [pattern.callee, *(pattern.metavariables if pattern.method else ())]
    return next(
        (name for name in names if name in entry.where and identifies(entry.where[name])), ""
    )


def is_rest(node: ast.AST) -> bool:
    """Whether a node of a pattern stands for further arguments."""
    value = node.value if isinstance(node, ast.Starred) else None
    return isinstance(value, ast.Name) and value.id.startswith(_REST)


def read_pattern(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        PatternError: It is no expression, assignment or head of a `with` statement.
    """
    found: dict[str, None] = {}
    optional: set[str] = set()
    rests: set[str] = set()

    def spelled(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match[0]
        name = match["rest"] if match["one"] is None else match["one"]
        if name is not None and name != "_":
            found[f"${name}"] = None
        if match["one"] is None:
            rests.add(f"${name or ''}")
            return f"*{_REST}{name or ''}"
        if match["optional"]:
            optional.add(f"${name}")
        return f"{_ONE}{name}"

    code = _TOKEN.sub(spelled, text.strip())
    if "\n" in code:
        raise PatternError("a pattern is one line")
    if "$" in re.sub(_TOKEN, "", text):
        raise PatternError("a '$' starts a metavariable: `$name`, `$name?`, `$$$names` or `$_`")
    kind, node, target, is_async = _statement(code, text)
    return Pattern(
        kind, code, node, target, is_async, tuple(found), frozenset(optional), frozenset(rests)
    )


def _statement(code: str, text: str) -> tuple[Kind, ast.expr, str, bool]:
    is_head = code.endswith(":")
    try:
        # Outside of a function `await` is a syntax error, and `return` is none inside.
        tree = ast.parse(f"async def _():\n {code}{' pass' if is_head else ''}")
    except SyntaxError as error:
        raise PatternError(f"{text!r} is no Python: {error.msg}") from error
    (function,) = tree.body
    assert isinstance(function, ast.AsyncFunctionDef)
    match function.body:
        case [ast.Expr(value=value)]:
            return "expression", value, "", False
        case [ast.Assign(targets=[ast.Name() as name], value=value)] if metavariable(name):
            return "assignment", value, metavariable(name), False
        case [
            ast.With(items=[item], body=[ast.Pass()])
            | ast.AsyncWith(items=[item], body=[ast.Pass()])
        ]:
            target = metavariable(item.optional_vars)
            if target or item.optional_vars is None:
                is_async = isinstance(function.body[0], ast.AsyncWith)
                return "with", item.context_expr, target, is_async
        case _:
            pass
    raise PatternError(
        f"{text!r} is no pattern: write an expression, `$name = ...` or `async with ... as $name:`"
    )
