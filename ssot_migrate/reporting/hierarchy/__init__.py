"""Formats of `hierarchy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.hierarchy.json import as_json
from ssot_migrate.reporting.hierarchy.text import as_text
from ssot_migrate.reporting.picture import picture

if TYPE_CHECKING:
    from ssot_migrate.domain.hierarchy import Hierarchy

FORMATS = ("text", "json", "dot", "mermaid")


def render(answer: Hierarchy, output_format: str, *, members: bool) -> str:
    """Write class hierarchies.

    Args:
        answer: The classes.
        output_format: One of `FORMATS`.
        members: Whether a person wants to see the members of each class.
    """
    if output_format == "json":
        return as_json(answer)
    if output_format == "text":
        return as_text(answer, members=members)
    arrows = [
        (one.name, base.name or base.text, "") for one in answer.classes for base in one.bases
    ]
    return picture(
        arrows, output_format, alone=[one.name for one in answer.classes], direction="BT"
    )
