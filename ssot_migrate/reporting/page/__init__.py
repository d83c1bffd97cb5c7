"""The state of a project, as a page for a browser or as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.domain.overview import Overview

FORMATS = ("html", "markdown")


def render(view: Overview, output_format: str) -> str:
    """Write a report in one of the formats."""
    if output_format == "html":
        from ssot_migrate.reporting.page import html  # Jinja is for this format alone

        return html.render(view)
    from ssot_migrate.reporting.page.markdown import render as as_markdown

    return as_markdown(view)
