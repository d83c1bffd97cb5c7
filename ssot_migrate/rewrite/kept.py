"""What stays as it is because a comment in the code suppresses what would be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.outcome import Skipped

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import Span
    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.lint.suppressions import Suppressions


def told(count: int) -> str:
    """How many places comments keep, as half a sentence."""
    if count == 1:
        return "1 place is left as its comment asks"
    return f"{count} places are left as their comments ask"


class Kept:
    """Tells the places that comments keep.

    Args:
        suppressions: The comments of the tree; None to heed none.
    """

    def __init__(self, suppressions: Suppressions | None = None) -> None:
        self._suppressions = suppressions

    def at(self, path: str, place: Span, cause: Cause) -> Skipped | None:
        """A place that is not to be changed for this cause; None where no comment says so."""
        if self._suppressions is None:
            return None
        by = self._suppressions.of(path, cause.code, place)
        if by is None:
            return None
        said = f": {by.pragma.reason}" if by.pragma.reason else ""
        why = f"is left as the comment in line {by.pragma.line} asks{said}"
        return Skipped(line=place.line, column=place.column, why=why, cause=cause)
