"""Reads `__all__`, in every form that type checkers accept and a few more."""

from __future__ import annotations

import ast

from ssot_migrate.index.syntax import constant_text, dotted_name

_COPIES = ("list", "tuple", "sorted", "set")


class Exports:
    """What a module's `__all__` holds after its statements so far.

    Attributes:
        names: The names in it; None while there is no `__all__`.
        open: Whether it also has parts that cannot be read.
    """

    def __init__(self) -> None:
        self.names: list[str] | None = None
        self.open = False

    def assign(self, value: ast.expr, *, conditional: bool = False) -> None:
        """`__all__ = value`; where the statement may not run, what was there counts as well."""
        before = self.names or []
        if not conditional:
            self.names, self.open = [], self.open and _mentions_itself(value)
        self.extend(value, before)

    def extend(self, value: ast.expr, itself: list[str] | None = None) -> None:
        """`__all__ += value`.

        Args:
            value: What is added.
            itself: What `__all__` inside the value stands for.
        """
        if self.names is None:
            self.names = []
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            for element in value.elts:
                text = constant_text(element)
                if text is not None:
                    self.names.append(text)
                elif isinstance(element, ast.Starred):
                    self.extend(element.value, itself)
                else:
                    self.open = True
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.extend(value.left, itself)
            self.extend(value.right, itself)
        elif (
            isinstance(value, ast.Call)
            and dotted_name(value.func) in _COPIES
            and len(value.args) <= 1
        ):
            for argument in value.args:
                self.extend(argument, itself)
        elif dotted_name(value) == "__all__":
            self.names += itself or []
        else:
            self.open = True

    def call(self, call: ast.Call) -> bool:
        """`__all__.extend(value)`, `.append(value)` or `.remove(value)`; False for other calls."""
        owner, _, method = dotted_name(call.func).rpartition(".")
        if owner != "__all__" or method not in ("extend", "append", "remove"):
            return False
        for argument in call.args:
            if method == "extend":
                self.extend(argument)
            elif method == "append":
                self.extend(ast.List([argument], ast.Load()))
            else:
                text = constant_text(argument)
                self.names = [name for name in self.names or [] if name != text]
        return True

    def hide(self) -> None:
        """`__all__` is bound to something that cannot be read."""
        self.names, self.open = self.names or [], True


def _mentions_itself(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "__all__" for part in ast.walk(value))
