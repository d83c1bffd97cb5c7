"""Class hierarchies for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.sanitize import encodable
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from ssot_migrate.domain.hierarchy import ClassMember, ClassReport, Hierarchy


def as_json(answer: Hierarchy) -> str:
    """Write the classes as a list, sorted by path and line."""
    return versioned_json(
        {
            "classes": [_class(one) for one in answer.classes],
            "conflicts": [encodable(one.name) for one in answer.conflicts],
        }
    )


def _class(one: ClassReport) -> dict[str, object]:
    return {
        "name": encodable(one.name),
        "path": encodable(one.path),
        "line": one.line,
        "end_line": one.end_line,
        "category": one.category,
        "bases": [
            {
                "text": encodable(base.text),
                "name": encodable(base.name) or None,
                "path": encodable(base.path) or None,
                "line": base.line or None,
            }
            for base in one.bases
        ],
        "mro": [encodable(name) for name in one.mro],
        "unseen": [encodable(name) for name in one.unseen],
        "conflict": encodable(one.conflict) or None,
        "subclasses": [encodable(name) for name in one.subclasses],
        "metaclass": encodable(one.metaclass) or None,
        "decorators": [encodable(name) for name in one.decorators],
        "slots": None if one.slots is None else [encodable(name) for name in one.slots],
        "members": [_member(member) for member in one.members],
        "shadowed": [
            {
                "name": encodable(two.name),
                "hidden": encodable(two.hidden),
                "hidden_at": f"{encodable(two.hidden_path)}:{two.hidden_line}",
                "by": encodable(two.by),
                "by_at": f"{encodable(two.by_path)}:{two.by_line}",
            }
            for two in one.shadowed
        ],
    }


def _member(one: ClassMember) -> dict[str, object]:
    above = one.overrides
    return {
        "name": encodable(one.name),
        "kind": one.kind,
        "line": one.line,
        "shown": encodable(one.shown),
        "async": one.is_coroutine,
        "abstract": one.is_abstract,
        "overrides": None
        if above is None
        else {
            "holder": encodable(above.holder),
            "path": encodable(above.path),
            "line": above.line,
            "verdict": above.verdict,
            "why": encodable(above.why),
        },
    }
