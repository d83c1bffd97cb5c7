"""Rewrites newer syntax into older syntax with the same facts, for interpreters that lag behind.

LibCST's grammar does not depend on the running interpreter. Where `ast` rejects a file that
LibCST accepts, the constructs that `ast` is too old for are replaced by plain ones that bind,
import, define and read the same names at the same places. Type parameters are taken out and hung
onto the tree again.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from ssot_migrate.index.parse import parse, run_with_stack, stack_room
from ssot_migrate.index.plain_strings import is_formatted, plain
from ssot_migrate.index.type_parameters import attach_type_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.index.facts import Unparsable

_STACK_BYTES = 256 << 20
_FRAMES = 20_000
_LINE_END = re.compile(rb"\r\n|\r|\n")
_Generic = TypeVar("_Generic", cst.ClassDef, cst.FunctionDef)


def parse_newer(source: bytes) -> ast.Module | Unparsable:
    """Parse source whose grammar the running interpreter does not know.

    Raises:
        Exception: LibCST rejects the source as well; its errors share no base class.
    """
    tree = parse(downgrade(source))
    if isinstance(tree, ast.Module):
        attach_type_parameters(tree, source)
        lines = _LINE_END.split(source)
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                written = lines[node.lineno - 1][node.col_offset :]
                node.is_lazy = written.startswith(b"lazy")  # type: ignore[union-attr] # PEP 810
    return tree


def downgrade(source: bytes) -> bytes:
    """Return source that older grammars accept.

    Raises:
        Exception: LibCST rejects the source as well; its errors share no base class.
    """
    outcome: list[bytes | Exception] = []

    def work() -> None:
        try:
            with stack_room(_FRAMES):
                module = cst.parse_module(source)
                outcome.append(module.visit(_Downgrade()).bytes)
        except Exception as error:
            outcome.append(error)

    # LibCST recurses natively; a deep expression overflows an ordinary stack and kills the process.
    run_with_stack(_STACK_BYTES, work)
    result = outcome[0] if outcome else RecursionError("the parser gave no answer")
    if isinstance(result, Exception):
        raise result
    return result


def _blank(*nodes: cst.CSTNode | None) -> cst.SimpleWhitespace:
    """As much white space as the nodes take, lines included."""
    code = "".join(cst.Module(body=[]).code_for_node(node) for node in nodes if node is not None)
    lines = (" " * len(line.encode()) for line in code.split("\n"))
    return cst.SimpleWhitespace("\\\n".join(lines))


def _without_type_parameters(node: _Generic) -> _Generic:
    if node.type_parameters is None:
        return node
    return node.with_changes(
        type_parameters=None,
        whitespace_after_name=_blank(
            node.whitespace_after_name,
            node.type_parameters,
            node.whitespace_after_type_parameters,
        ),
    )


class _Downgrade(cst.CSTTransformer):
    """PEP 646, 654, 695, 701, 750, 758 and 810 to what Python 3.10 reads."""

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:  # noqa: N802 - LibCST's names
        return False

    def visit_TemplatedString(self, node: cst.TemplatedString) -> bool:  # noqa: N802
        return False

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:  # noqa: N802
        return False

    def leave_FormattedString(  # noqa: N802
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        return plain(original_node, self)

    def leave_TemplatedString(  # noqa: N802
        self, original_node: cst.TemplatedString, updated_node: cst.TemplatedString
    ) -> cst.BaseExpression:
        return plain(original_node, self)

    def leave_ConcatenatedString(  # noqa: N802
        self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
    ) -> cst.BaseExpression:
        return plain(original_node, self) if is_formatted(original_node) else original_node

    def leave_ClassDef(  # noqa: N802
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        return _without_type_parameters(updated_node)

    def leave_FunctionDef(  # noqa: N802
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return _without_type_parameters(updated_node)

    def leave_TypeAlias(  # noqa: N802
        self, original_node: cst.TypeAlias, updated_node: cst.TypeAlias
    ) -> cst.Assign:
        node = updated_node
        filler = _blank(
            cst.Name("type"),
            node.whitespace_after_type,
            _when_node(node.whitespace_after_name),
            node.type_parameters,
            _when_node(node.whitespace_after_type_parameters) if node.type_parameters else None,
        )
        # An alias is a thing of its own: `(value,)` is nobody else's name.
        target = cst.AssignTarget(
            node.name,
            whitespace_before_equal=filler,
            whitespace_after_equal=cst.SimpleWhitespace(""),
        )
        element = cst.Element(node.value, comma=cst.Comma())
        return cst.Assign([target], cst.Tuple([element]), semicolon=node.semicolon)

    def leave_Index(self, original_node: cst.Index, updated_node: cst.Index) -> cst.Index:  # noqa: N802
        node = updated_node
        if node.star is None:
            return node
        return cst.Index(_plus(node.value, node.whitespace_after_star))

    def leave_Annotation(  # noqa: N802
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        kind = updated_node.annotation
        if not isinstance(kind, cst.StarredElement):
            return updated_node
        return updated_node.with_changes(annotation=_plus(kind.value, kind.whitespace_before_value))

    def leave_LazyImport(  # noqa: N802
        self, original_node: cst.LazyImport, updated_node: cst.LazyImport
    ) -> cst.Import:
        return cst.Import(
            names=updated_node.names,
            semicolon=updated_node.semicolon,
            whitespace_after_import=_blank(
                cst.Name("lazy"),
                updated_node.whitespace_after_lazy,
                updated_node.whitespace_after_import,
            ),
        )

    def leave_LazyImportFrom(  # noqa: N802
        self, original_node: cst.LazyImportFrom, updated_node: cst.LazyImportFrom
    ) -> cst.ImportFrom:
        return cst.ImportFrom(
            module=updated_node.module,
            names=updated_node.names,
            relative=updated_node.relative,
            lpar=updated_node.lpar,
            rpar=updated_node.rpar,
            semicolon=updated_node.semicolon,
            whitespace_after_from=_blank(
                cst.Name("lazy"),
                updated_node.whitespace_after_lazy,
                updated_node.whitespace_after_from,
            ),
            whitespace_before_import=updated_node.whitespace_before_import,
            whitespace_after_import=updated_node.whitespace_after_import,
        )

    def leave_ExceptHandler(  # noqa: N802
        self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler
    ) -> cst.ExceptHandler:
        return updated_node.with_changes(type=_in_parentheses(updated_node.type))

    def leave_ExceptStarHandler(  # noqa: N802
        self, original_node: cst.ExceptStarHandler, updated_node: cst.ExceptStarHandler
    ) -> cst.ExceptStarHandler:
        return updated_node.with_changes(type=_in_parentheses(updated_node.type))

    def leave_TryStar(  # noqa: N802
        self, original_node: cst.TryStar, updated_node: cst.TryStar
    ) -> cst.BaseCompoundStatement:
        if sys.version_info >= (3, 11):
            return updated_node
        return cst.Try(
            body=updated_node.body,
            handlers=_plain_handlers(updated_node.handlers),
            orelse=updated_node.orelse,
            finalbody=updated_node.finalbody,
            leading_lines=updated_node.leading_lines,
            whitespace_before_colon=updated_node.whitespace_before_colon,
        )


def _when_node(part: object) -> cst.CSTNode | None:
    """White space that LibCST leaves open."""
    return part if isinstance(part, cst.CSTNode) else cst.SimpleWhitespace(" ")


def _plus(value: cst.BaseExpression, space: object) -> cst.UnaryOperation:
    """An expression behind a sign that takes the place of its star."""
    behind = space if isinstance(space, cst.SimpleWhitespace) else cst.SimpleWhitespace("")
    return cst.UnaryOperation(cst.Plus(whitespace_after=behind), value)


def _in_parentheses(kinds: cst.BaseExpression | None) -> cst.BaseExpression | None:
    if isinstance(kinds, cst.Tuple) and not kinds.lpar:
        return kinds.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return kinds


def _plain_handlers(handlers: Sequence[cst.ExceptStarHandler]) -> list[cst.ExceptHandler]:
    return [
        cst.ExceptHandler(
            body=handler.body,
            type=handler.type,
            name=handler.name,
            leading_lines=handler.leading_lines,
            whitespace_after_except=_blank(
                handler.whitespace_after_except, cst.Name("x"), handler.whitespace_after_star
            ),
            whitespace_before_colon=handler.whitespace_before_colon,
        )
        for handler in handlers
    ]
