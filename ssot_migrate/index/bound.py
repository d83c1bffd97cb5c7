"""What names and attributes are bound to, and what functions give back, as syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ast

    from ssot_migrate.index.scopes import Scope


class Bound(NamedTuple):
    """One binding of a name or an attribute.

    Args:
        kind: `value`, `type` (an annotation), `enter`, `aenter`, `parameter`, `import`,
            `definition` or `unknown`.
        node: What is bound: an expression or a parameter.
        scope: Where it is read.
        text: A definition's qualified name, or why nothing is known.
        ref: Index of an import.
        routine: The function that has the parameter.
    """

    kind: str
    node: Any
    scope: Scope
    text: str = ""
    ref: int = -1
    routine: Routine | None = None


class Routine:
    """A function, and what it gives back.

    Args:
        node: Its syntax.
        name: Qualified name.
        types: The scope of its annotations.
        holder: The class in whose body it stands, if any; `holder_name` is qualified.
    """

    __slots__ = ("gives", "holder", "holder_name", "name", "node", "types", "yields")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        name: str,
        types: Scope,
        holder: ast.ClassDef | None,
        holder_name: str,
    ) -> None:
        self.node = node
        self.name = name
        self.types = types
        self.holder = holder
        self.holder_name = holder_name
        self.gives: list[tuple[ast.expr | None, Scope]] = []
        self.yields: list[tuple[ast.expr | None, Scope]] = []
