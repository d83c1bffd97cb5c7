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

_NEXT_PART = re.compile(r"(?:\s*\.\s*)?(\w+)")


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
        self._by_place: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        self.edits: list[TextEdit] = []
        for use in document.uses.references:
            self._by_import[use.imported].append(use)
            self._by_place[use.line, use.column].add(use.imported)

    def of(self, index: int) -> Sequence[Reference]:
        """The uses of one import, in order of position."""
        return self._by_import.get(index, ())

    def sources(self, use: Reference) -> set[int]:
        """The imports that the name may come from."""
        return self._by_place[use.line, use.column]

    def is_shared(self, use: Reference) -> bool:
        """Whether the name may come from several imports."""
        return len(self.sources(use)) > 1

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
            edit = TextEdit(*found, text, cause)
            earlier = next((one for one in self.edits if one.start == edit.start), None)
            if earlier is None:
                edits.append(edit)
            elif (earlier.end, earlier.text) != (edit.end, edit.text):
                raise Unsure(f"the use in line {use.line} would be written in two ways")
        self.edits += edits

    def _prefix(self, use: Reference, parts: int) -> tuple[int, int] | None:
        """The offsets of the leading parts of a chain as written."""
        document = self._document
        start = document.offset(use.line, use.column)
        end = document.offset(use.end_line, use.end_column)
        text = document.text[start:end]
        bound = document.facts.imports[use.imported].bound
        whole = f"{bound}.{use.path}" if use.path else bound
        position = 0
        for part in whole.split(".")[:parts]:
            found = _NEXT_PART.match(text, position)
            if found is None or found[1] != part:
                return None
            position = found.end()
        return start, start + position
