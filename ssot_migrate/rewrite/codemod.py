"""What a codemod is: it carries out decisions of some kinds on one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ssot_migrate.domain.outcome import Left
from ssot_migrate.rewrite.document import Document, TextEdit

if TYPE_CHECKING:
    from ssot_migrate.rewrite.decisions import FileTask

Changes: TypeAlias = Iterator[TextEdit | Left]


class Codemod(Protocol):
    """A module of `ssot_migrate.codemods`, with `HANDLES` and `rewrite`."""

    @property
    def HANDLES(self) -> tuple[type, ...]:  # noqa: N802 - a constant of the module
        """The kinds of decisions that it carries out."""

    def rewrite(self, document: Document, task: FileTask, decisions: Sequence[Any]) -> Changes:
        """Yield the edits that carry out decisions, and what is left to a person.

        Raises:
            Refused: The file is to stay as it is.
        """
