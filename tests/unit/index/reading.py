"""Reads dedented source, and tells facts in few words."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import Context, Import, ModuleFacts, UseFacts
from ssot_migrate.index.uses import use_facts

if TYPE_CHECKING:
    from collections.abc import Iterable


def dedented(source: str) -> bytes:
    """The bytes of an indented source."""
    return textwrap.dedent(source).removeprefix("\n").encode()


def parsed(source: str) -> ast.Module:
    """The tree of an indented source."""
    return ast.parse(dedented(source))


def facts(source: str) -> ModuleFacts:
    """The facts of an indented source."""
    return module_facts(parsed(source), dedented(source))


def uses(source: str) -> UseFacts:
    """The uses in an indented source."""
    return use_facts(parsed(source), dedented(source), facts(source).imports)


def contexts(source: str) -> dict[str, str]:
    """The names that imports bind, and where these stand: `try, function`."""
    return {i.bound: words(i.context) for i in facts(source).imports}


def words(context: int) -> str:
    """Context flags in words, in the order of their values."""
    names = (flag.name for flag in Context if context & flag)
    return ", ".join(str(name).lower().replace("_", " ") for name in names)


def spelled(statement: Import) -> str:
    """An import as it would be written alone."""
    origin = "." * statement.level + statement.module
    alias = f" as {statement.bound}" if statement.aliased else ""
    if statement.name:
        return f"from {origin} import {statement.name}{alias}"
    return f"import {origin}{alias}"


def imports(source: str) -> list[str]:
    """The imports of a source, one name each."""
    return [spelled(statement) for statement in facts(source).imports]


def bindings(source: str) -> list[str]:
    """The module-level bindings: `kind name`, with what an alias stands for."""
    return [
        f"{b.kind} {b.name}{' = ' + b.value if b.value else ''}" for b in facts(source).bindings
    ]


def references(source: str) -> list[str]:
    """The uses of imports: `line: chain`, where the import's own dotted name starts the chain.

    A call ends with `()`, and what stands in a quoted annotation is in quotes.
    """
    read = facts(source).imports
    shown = []
    for use in uses(source).references:
        statement = read[use.imported]
        origin = "." * statement.level + statement.module
        if statement.name:
            start = f"{origin}.{statement.name}"
        else:
            start = origin if statement.aliased else origin.partition(".")[0]
        chain = f"{start}.{use.path}" if use.path else start
        chain = f"{chain}()" if use.call else chain
        shown.append(f"{use.line}: '{chain}'" if use.quoted else f"{use.line}: {chain}")
    return shown


def lazy(source: str) -> list[str]:
    """What `__getattr__` provides: `name <- target`, `name <- target or in it`."""
    return [
        f"{n.name} <- {n.target}{' or in it' if n.holder and n.name != '*' else ''}"
        for n in facts(source).lazy_names
    ]


def lines(rows: Iterable[str]) -> str:
    """Rows as one text."""
    return "\n".join(rows)
