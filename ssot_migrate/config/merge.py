"""Lays a file over the packs it extends: what is written later, and nearer to the user, wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ssot_migrate.config.model import CallPattern, Concept, Move, Registry, RuleOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssot_migrate.config.locate import Key

Origins = dict["Key", "tuple[int, Key]"]
_Named = TypeVar("_Named", Concept, CallPattern)


def merge(layers: Sequence[tuple[int, Mapping[str, object], Registry]]) -> tuple[Registry, Origins]:
    """Merge registries into one, and note where each part came from.

    Args:
        layers: Number of the document, its table as written, and its registry; the one that wins
            comes last.
    """
    values: dict[str, Any] = {}
    concepts: list[tuple[int, int, Concept]] = []
    calls: list[tuple[int, int, CallPattern]] = []
    rules: dict[str, RuleOptions] = {}
    moves: list[Move] = []
    origins: Origins = {}
    for number, table, registry in layers:
        for field, key in zip(
            Registry.__struct_fields__, Registry.__struct_encode_fields__, strict=True
        ):
            if key in table:
                values[field] = getattr(registry, field)
                origins[(key,)] = (number, (key,))
        concepts = _overlay(concepts, number, registry.concepts)
        calls = _overlay(calls, number, registry.calls)
        for index, move in enumerate(registry.moves):
            origins[("moves", len(moves))] = (number, ("moves", index))
            moves.append(move)
        for name, options in registry.rules.items():
            origins[("rules", name)] = (number, ("rules", name))
            rules[name] = options
    for position, (number, index, _) in enumerate(concepts):
        origins[("concepts", position)] = (number, ("concepts", index))
    for position, (number, index, _) in enumerate(calls):
        origins[("calls", position)] = (number, ("calls", index))
    values |= {
        "concepts": tuple(concept for _, _, concept in concepts),
        "calls": tuple(call for _, _, call in calls),
        "moves": tuple(moves),
        "rules": rules,
    }
    return Registry(**values), origins


def _overlay(
    lower: list[tuple[int, int, _Named]], number: int, upper: Sequence[_Named]
) -> list[tuple[int, int, _Named]]:
    """Put entries in the place of those of the same name; a name twice in `upper` stays twice."""
    added = [(number, index, entry) for index, entry in enumerate(upper)]
    by_name: dict[str, tuple[int, int, _Named]] = {}
    for one in added:
        by_name.setdefault(one[2].name, one)
    replaced = [by_name.get(one[2].name, one) for one in lower]
    placed = {(document, index) for document, index, _ in replaced}
    return replaced + [one for one in added if one[:2] not in placed]
