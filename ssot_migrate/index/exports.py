"""Reads `__all__`, in every form that type checkers accept and a few more."""

from __future__ import annotations

import ast

from ssot_migrate.index.syntax import constant_text, dotted_name


class Exports:
    """What a module's `__all__` holds after its statements so far.

    Attributes:
        names: The names in it; None while there is no `__all__`.
        open: Whether it also has parts that cannot be read.
    """

    def __init__(self) -> None:
        self.names: list[str] | None = None
        self.open = False

    def assign(self, value: ast.expr) -> None:
        """`__all__ = value`."""
        if not (isinstance(value, ast.BinOp) and self.names is not None):
            self.names, self.open = [], False
        self.extend(value)

    def extend(self, value: ast.expr) -> None:
        """`__all__ += value`."""
        if self.names is None:
            self.names = []
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            for element in value.elts:
                text = constant_text(element)
                if text is None:
                    self.open = True
                else:
                    self.names.append(text)
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.extend(value.left)
            self.extend(value.right)
        elif dotted_name(value) != "__all__":
            self.open = True

    def call(self, call: ast.Call) -> bool:
        """`__all__.extend(value)` or `__all__.append(value)`; False for any other call."""
        callee = dotted_name(call.func)
        if callee not in ("__all__.extend", "__all__.append") or len(call.args) != 1:
            return False
        added = call.args[0]
        self.extend(ast.List([added], ast.Load()) if callee == "__all__.append" else added)
        return True
