"""Findings over a history: for people, for scripts, for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.progress import json, markdown, text
from ssot_migrate.reporting.progress.manner import Manner

if TYPE_CHECKING:
    from ssot_migrate.domain.progress import Progress

__all__ = ["FORMATS", "Manner", "render"]

FORMATS = ("text", "json", "markdown")


def render(report: Progress, output_format: str, manner: Manner) -> str:
    """Write a report in one of the formats."""
    if output_format == "json":
        return json.render(report)
    return markdown.render(report) if output_format == "markdown" else text.render(report, manner)
