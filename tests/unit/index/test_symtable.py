"""The standard library's own symbol tables as a judge of the scope rules."""

from __future__ import annotations

import ast
import symtable
import sysconfig
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.parse import parse
from ssot_migrate.index.uses import use_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(
    file
    for folder in ("", "asyncio", "concurrent/futures", "email", "importlib", "json", "logging")
    for file in (LIBRARY / folder).glob("*.py")
    if file.stat().st_size < 60_000
)


def test_there_is_enough_to_compare() -> None:
    assert len(FILES) > 150


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LIBRARY)))
def test_references_agree_with_the_symbol_table(file: Path) -> None:
    """What the compiler takes for local is no import, and an import read as a global is."""
    source = file.read_bytes()
    tree = parse(source)
    assert isinstance(tree, ast.Module)
    facts = module_facts(tree, source)
    tables: defaultdict[str, list[symtable.SymbolTable]] = defaultdict(list)
    for name, table in _functions(symtable.symtable(source.decode(), str(file), "exec"), ""):
        tables[name].append(table)

    read: defaultdict[str, set[str]] = defaultdict(set)
    for use in use_facts(tree, source, facts.imports).references:
        statement = facts.imports[use.imported]
        read[use.scope].add(statement.bound)
        same_scope = statement.scope == use.scope
        for table in tables[use.scope]:
            if statement.bound in table.get_identifiers() and not same_scope and not use.quoted:
                symbol = table.lookup(statement.bound)
                are_alone = len(tables[use.scope]) == 1
                assert not (are_alone and (symbol.is_local() or symbol.is_parameter())), use

    imported_only = {b.name for b in facts.bindings if b.kind == "import"} - {
        b.name for b in facts.bindings if b.kind != "import"
    }
    for name, namesakes in tables.items():
        for symbol in (symbol for table in namesakes for symbol in table.get_symbols()):
            is_read = symbol.is_global() and symbol.is_referenced() and not symbol.is_assigned()
            if is_read and symbol.get_name() in imported_only:
                assert symbol.get_name() in read[name], (name, symbol.get_name())


def _functions(
    table: symtable.SymbolTable, around: str
) -> Iterator[tuple[str, symtable.SymbolTable]]:
    """Functions with their qualified names; lambdas and comprehensions are left out."""
    for child in table.get_children():
        name = f"{around}.{child.get_name()}" if around else child.get_name()
        is_plain = child.get_name().isidentifier() and child.get_name() not in _UNNAMED
        if child.get_type() == "function" and is_plain:
            yield name, child
        if is_plain:
            yield from _functions(child, name)


_UNNAMED = {"lambda", "listcomp", "setcomp", "dictcomp", "genexpr", "top"}
