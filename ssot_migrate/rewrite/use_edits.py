"""The uses of a file's imports as text, and their edits."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.document import Document, TextEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.index.facts import Reference

_CHAIN = re.compile(r"\w+(?:\s*\.\s*\w+)*")
_PART = re.compile(r"\w+")


class Unsure(Exception):  # noqa: N818 - a verdict, not an error
    """Why a name is left as it is."""


class UseEdits:
    """The uses of a document's imported names.

    Attributes:
        edits: What was asked to change so far.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._by_import: defaultdict[int, list[Reference]] = defaultdict(list)
        self._shared: set[tuple[int, int]] = set()
        self.edits: list[TextEdit] = []
        seen: set[tuple[int, int]] = set()
        for use in document.uses.references:
            self._by_import[use.imported].append(use)
            place = (use.line, use.column)
            (self._shared if place in seen else seen).add(place)

    def of(self, index: int) -> Sequence[Reference]:
        """The uses of one import, in order of position."""
        return self._by_import.get(index, ())

    def is_shared(self, use: Reference) -> bool:
        """Whether the name may come from several imports."""
        return (use.line, use.column) in self._shared

    @property
    def quoted(self) -> set[tuple[int, int]]:
        """Lines and columns of the uses in strings and comments."""
        return {(use.line, use.column) for use in self._document.uses.references if use.quoted}

    def is_plain(self, use: Reference) -> bool:
        """Whether a use is written as a chain of names that can be taken apart."""
        return self._prefix(use, 1) is not None

    def replace(self, uses: Sequence[Reference], parts: int, text: str, cause: Cause) -> None:
        """Replace the leading parts of chains; all or none of them.

        Raises:
            Unsure: A chain cannot be taken apart.
        """
        edits = []
        for use in uses:
            found = self._prefix(use, parts)
            if found is None:
                raise Unsure(f"the use in line {use.line} cannot be taken apart")
            edits.append(TextEdit(*found, text, cause))
        self.edits += edits

    def _prefix(self, use: Reference, parts: int) -> tuple[int, int] | None:
        """The offsets of the leading parts of a chain as written."""
        document = self._document
        start = document.offset(use.line, use.column)
        end = document.offset(use.end_line, use.end_column)
        text = document.text[start:end]
        bound = document.facts.imports[use.imported].bound
        whole = f"{bound}.{use.path}" if use.path else bound
        if not _CHAIN.fullmatch(text) or _PART.findall(text) != whole.split("."):
            return None
        ends = [match.end() for match in _PART.finditer(text)]
        return start, start + ends[parts - 1]
