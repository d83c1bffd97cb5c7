"""Quotes float literals in calls of Decimal: the fix of ACME101."""

from __future__ import annotations

from collections.abc import Iterator

from ssot_migrate.plugin import Cause, Change, Fix, Project, ReplaceCode

from acme_ssot.amounts import float_amounts
from acme_ssot.rules.float_amount import FloatAmount

_CAUSE = Cause(code=FloatAmount.code, fix=Fix.SAFE)


def decide(project: Project) -> Iterator[tuple[str, Change]]:
    """Yield each literal with what is to stand in its place; the tool writes and proves it."""
    allowed = project.option(FloatAmount, "allowed")
    assert isinstance(allowed, (tuple, list))
    for one in float_amounts(project):
        text = one.source.code(one.literal)
        if text not in allowed:
            span = one.source.span(one.literal)
            yield one.source.path, ReplaceCode(span=span, parts=(f'"{text}"',), cause=_CAUSE)
