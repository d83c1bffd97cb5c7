"""One file's text and syntax, for questions that its facts do not answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import FileError, Span
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parse import may_exhaust_parser, parse
from ssot_migrate.index.syntax import Columns
from ssot_migrate.workspace.source import Undecodable, decode

if TYPE_CHECKING:
    import ast

    from ssot_migrate.lint.project import Project

_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """A file's text and syntax.

    Args:
        path: POSIX path relative to the root.
        text: What it holds, decoded, its line ends as they are.
        tree: Its syntax.
        data: Its bytes, in which the parser counts columns.
    """

    def __init__(self, path: str, text: str, tree: ast.Module, data: bytes) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self._columns = Columns(data)
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Where a node stands: lines and columns from 1, columns in characters."""
        end_line, end_offset = node.end_lineno or node.lineno, node.end_col_offset or 0
        at = self._columns.at
        return Span(
            node.lineno, at(node.lineno, node.col_offset), end_line, at(end_line, end_offset)
        )

    def code(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node, as it is written."""
        span = self.span(node)
        start = self._starts[span.line - 1] + span.column - 1
        return self.text[start : self._starts[span.end_line - 1] + span.end_column - 1]


def source_of(project: Project, path: str) -> Source | None:
    """Parse a file of the project; None if it cannot be read, or not by this Python."""
    data = project.index.contents.read(path)
    if isinstance(data, FileError) or may_exhaust_parser(data):
        return None
    text, tree = decode(data), parse(data)
    if isinstance(text, Undecodable) or isinstance(tree, Unparsable):
        return None
    return Source(path, text, tree, data)
