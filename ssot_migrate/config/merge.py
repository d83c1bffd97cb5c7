"""Lays a file over the packs it extends: what is written later, and nearer to the user, wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssot_migrate.config.model import Concept, Move, Registry, RuleOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssot_migrate.config.locate import Key

Origins = dict["Key", "tuple[int, Key]"]


def merge(layers: Sequence[tuple[int, Mapping[str, object], Registry]]) -> tuple[Registry, Origins]:
    """Merge registries into one, and note where each part came from.

    Args:
        layers: Number of the document, its table as written, and its registry; the one that wins
            comes last.
    """
    values: dict[str, Any] = {}
    concepts: list[tuple[int, int, Concept]] = []
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
        for index, move in enumerate(registry.moves):
            origins[("moves", len(moves))] = (number, ("moves", index))
            moves.append(move)
        for name, options in registry.rules.items():
            origins[("rules", name)] = (number, ("rules", name))
            rules[name] = options
    for position, (number, index, _) in enumerate(concepts):
        origins[("concepts", position)] = (number, ("concepts", index))
    values |= {
        "concepts": tuple(concept for _, _, concept in concepts),
        "moves": tuple(moves),
        "rules": rules,
    }
    return Registry(**values), origins


def _overlay(
    lower: list[tuple[int, int, Concept]], number: int, upper: Sequence[Concept]
) -> list[tuple[int, int, Concept]]:
    """Put concepts in the place of those of the same name; a name twice in `upper` stays twice."""
    added = [(number, index, concept) for index, concept in enumerate(upper)]
    by_name: dict[str, tuple[int, int, Concept]] = {}
    for one in added:
        by_name.setdefault(one[2].name, one)
    replaced = [by_name.get(one[2].name, one) for one in lower]
    placed = {(document, index) for document, index, _ in replaced}
    return replaced + [one for one in added if one[:2] not in placed]
