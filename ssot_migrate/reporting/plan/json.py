"""The plan as JSON: the value itself, with what scripts would otherwise have to count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ssot_migrate.domain.spelling import encodable
from ssot_migrate.reporting.plan.words import summary
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from ssot_migrate.domain.plan import MigrationPlan


def as_json(plan: MigrationPlan) -> str:
    """Write what `apply --plan` reads; names, paths and code are exact."""
    value = msgspec.to_builtins(plan, order="deterministic")
    del value["version"]
    return versioned_json(_encodable({"summary": summary(plan)} | value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _encodable(one) for key, one in value.items()}
    return [_encodable(one) for one in value] if isinstance(value, list) else value
