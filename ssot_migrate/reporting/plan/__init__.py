"""Formats of `plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.plan.json import as_json
from ssot_migrate.reporting.plan.markdown import as_markdown
from ssot_migrate.reporting.plan.text import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.domain.plan import MigrationPlan

_FORMATS: dict[str, Callable[[MigrationPlan], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
FORMATS = tuple(_FORMATS)


def render(plan: MigrationPlan, output_format: str) -> str:
    """Write a plan in one of `FORMATS`."""
    return _FORMATS[output_format](plan)
