"""Names that a file reads and nothing in it binds."""

from __future__ import annotations

import builtins
import symtable
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STAR = "import *"


def unbound_names(text: str) -> frozenset[str]:
    """The names that a source reads of its module, and that its module has not.

    Where a star import may bind them, there are none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(text, "module", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    read: set[str] = set()
    bound = {*dir(builtins), "__file__", "__path__"}
    for table in _below(top):
        for symbol in table.get_symbols():
            is_ours = table is top or symbol.is_global()
            if is_ours and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            elif is_ours and symbol.is_referenced():
                read.add(symbol.get_name())
    return frozenset() if _STAR in text else frozenset(read - bound)


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _below(child)
