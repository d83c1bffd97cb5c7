"""Formats of `compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.compare.json import as_json
from ssot_migrate.reporting.compare.markdown import as_markdown
from ssot_migrate.reporting.compare.text import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.comparison import Comparison

FORMATS = ("text", "json", "markdown")


def render(answer: Sequence[Comparison], output_format: str, *, private: bool) -> str:
    """Write comparisons of one definition with others.

    Args:
        answer: The comparisons; at least one.
        output_format: One of `FORMATS`.
        private: Whether a person wants to see private members; scripts get them always.
    """
    if output_format == "json":
        return as_json(answer)
    write = as_markdown if output_format == "markdown" else as_text
    return write(answer, private=private)
