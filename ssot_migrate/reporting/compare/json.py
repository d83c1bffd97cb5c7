"""Comparisons for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.sanitize import encodable
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.comparison import (
        CallSite,
        Comparison,
        MemberReport,
        MemberSide,
        SideReport,
    )


def as_json(answer: Sequence[Comparison]) -> str:
    """Write the first comparison, and the further ones under `others`."""
    first, *others = answer
    return versioned_json({**_comparison(first), "others": [_comparison(one) for one in others]})


def _comparison(one: Comparison) -> dict[str, object]:
    return {
        "a": encodable(one.a.symbol),
        "b": encodable(one.b.symbol),
        "sides": {"a": _side(one.a), "b": _side(one.b)},
        "members": [_member(member) for member in one.members],
        "unique": {
            "a": [encodable(member.name) for member in one.only_a],
            "b": [encodable(member.name) for member in one.only_b],
        },
        "clashes": [encodable(member.name) for member in one.clashes],
        "call_sites": [_site(site) for site in one.call_sites],
    }


def _side(one: SideReport) -> dict[str, object]:
    return {
        "asked": encodable(one.asked),
        "kind": one.kind,
        "path": encodable(one.path),
        "line": one.line,
        "lines": one.lines,
        "file_lines": one.file_lines,
        "bases": [encodable(text) for text in one.bases],
        "mro": [encodable(name) for name in one.mro],
        "unseen": [encodable(name) for name in one.unseen],
        "conflict": encodable(one.conflict) or None,
        "decorators": [encodable(name) for name in one.decorators],
        "slots": None if one.slots is None else [encodable(name) for name in one.slots],
        "importing_files": one.importing_files,
        "by_category": one.by_category,
    }


def _member(one: MemberReport) -> dict[str, object]:
    return {
        "name": encodable(one.name),
        "a": None if one.a is None else encodable(one.a.shown),
        "b": None if one.b is None else encodable(one.b.shown),
        "verdict": one.verdict,
        "why": encodable(one.why),
        "reverse": one.reverse,
        "reverse_why": encodable(one.reverse_why),
        "private": one.is_private,
        "at": {"a": _at(one.a), "b": _at(one.b)},
    }


def _at(one: MemberSide | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "kind": one.kind,
        "path": encodable(one.path),
        "line": one.line,
        "origin": encodable(one.origin) or None,
    }


def _site(one: CallSite) -> dict[str, object]:
    return {
        "path": encodable(one.path),
        "line": one.line,
        "name": encodable(one.name),
        "verdict": one.verdict,
        "why": encodable(one.why),
        "category": one.category,
    }
