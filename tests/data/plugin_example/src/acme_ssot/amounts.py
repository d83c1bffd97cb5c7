"""Finds amounts that are made of float literals; the rule and the codemod share it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ssot_migrate.plugin import Project, Source, SymbolPath, source_of, span_of

_DECIMAL = SymbolPath("decimal", "Decimal")


class FloatCall(NamedTuple):
    """A call `Decimal(0.1)`, and its literal."""

    source: Source
    call: ast.Call
    literal: ast.Constant


def float_amounts(project: Project) -> Iterator[FloatCall]:
    """Every call of `decimal.Decimal`, under whatever name, whose one argument is a float."""
    for path in project.naming([_DECIMAL], uses=True):
        # Where the file uses something imported that leads to Decimal.
        places = {
            span_of(use)
            for use, _, resolution in project.references(path)
            if resolution.symbol.dotted == _DECIMAL.dotted
        }
        source = source_of(project, path)
        if source is None or not places:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                literal = node.args[0]
                is_float = isinstance(literal, ast.Constant) and type(literal.value) is float
                if is_float and source.span(node.func) in places:
                    assert isinstance(literal, ast.Constant)
                    yield FloatCall(source, node, literal)
