"""Rewrites newer syntax into older syntax with the same facts, for interpreters that lag behind.

LibCST's grammar does not depend on the running interpreter. Where `ast` rejects a file that
LibCST accepts, the constructs that `ast` is too old for are replaced by plain ones that bind,
import and define the same names on the same lines; only expressions lose their content.
"""

from __future__ import annotations

import threading

import libcst as cst

_STACK_BYTES = 256 << 20


def downgrade(source: bytes) -> bytes:
    """Return source that older grammars accept.

    Raises:
        Exception: LibCST rejects the source as well; its errors share no base class.
    """
    outcome: list[bytes | Exception] = []

    def work() -> None:
        try:
            module = cst.parse_module(source)
            outcome.append(module.visit(_Downgrade()).bytes)
        except Exception as error:
            outcome.append(error)

    # LibCST recurses natively; a deep expression overflows an ordinary stack and kills the process.
    previous = threading.stack_size(_STACK_BYTES)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(previous)
    result = outcome[0] if outcome else RecursionError("the parser gave no answer")
    if isinstance(result, Exception):
        raise result
    return result


def _blank(node: cst.BaseExpression) -> cst.SimpleString:
    """A string literal that spans as many lines as `node`."""
    lines = cst.Module(body=[]).code_for_node(node).count("\n")
    return cst.SimpleString('"""' + "\n" * lines + '"""' if lines else '""')


class _Downgrade(cst.CSTTransformer):
    """PEP 695, 701, 750, 758 and 810 to what Python 3.9 reads; `except*` and `match` stay."""

    def leave_FormattedString(  # noqa: N802 - the name LibCST dispatches on
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        return _blank(original_node)

    def leave_TemplatedString(  # noqa: N802
        self, original_node: cst.TemplatedString, updated_node: cst.TemplatedString
    ) -> cst.BaseExpression:
        return _blank(original_node)

    def leave_ClassDef(  # noqa: N802
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        return updated_node.with_changes(type_parameters=None)

    def leave_FunctionDef(  # noqa: N802
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return updated_node.with_changes(type_parameters=None)

    def leave_TypeAlias(  # noqa: N802
        self, original_node: cst.TypeAlias, updated_node: cst.TypeAlias
    ) -> cst.Assign:
        return cst.Assign([cst.AssignTarget(updated_node.name)], updated_node.value)

    def leave_LazyImport(  # noqa: N802
        self, original_node: cst.LazyImport, updated_node: cst.LazyImport
    ) -> cst.Import:
        return cst.Import(updated_node.names)

    def leave_LazyImportFrom(  # noqa: N802
        self, original_node: cst.LazyImportFrom, updated_node: cst.LazyImportFrom
    ) -> cst.ImportFrom:
        return cst.ImportFrom(
            module=updated_node.module,
            names=updated_node.names,
            relative=updated_node.relative,
            lpar=updated_node.lpar,
            rpar=updated_node.rpar,
        )

    def leave_ExceptHandler(  # noqa: N802
        self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler
    ) -> cst.ExceptHandler:
        kinds = updated_node.type
        if isinstance(kinds, cst.Tuple) and not kinds.lpar:
            kinds = kinds.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            return updated_node.with_changes(type=kinds)
        return updated_node
