"""Says which classes of a project the concepts in a call pattern mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.model import CallPattern, Concept, Metavariable
    from ssot_migrate.lint.patterns.targets import Targets

_FIELDS = {
    "instance": "type",
    "legacy-instance": "type",
    "class": "is_",
    "subclass": "subclass_of",
    "in-scope": "in_scope",
}
_WITH_CANONICAL = {"instance", "subclass", "in-scope"}


class Meant(NamedTuple):
    """An entry whose concepts have become paths.

    Args:
        entry: The entry.
        why: What speaks against carrying it out in this project; empty if nothing does.
    """

    entry: CallPattern
    why: str = ""


def with_paths(entry: CallPattern, concepts: Sequence[Concept], targets: Targets) -> Meant | None:
    """The entry with the paths that its concepts have; None if one of them deprecates nothing.

    Args:
        entry: What the registry says.
        concepts: The registry's concepts.
        targets: Knows where paths lead.
    """
    by_name = {concept.name: concept for concept in concepts}
    where: dict[str, Metavariable] = {}
    why = ""
    for name, wanted in entry.where.items():
        concept = by_name.get(wanted.concept or "")
        if concept is None:
            where[name] = wanted
            continue
        paths = tuple(_paths(concept, wanted.as_, targets))
        if not concept.deprecated or not paths:
            return None
        why = why or _other_target(entry, concept)
        where[name] = _told(wanted, paths)
    is_not = [
        *entry.function.is_not,
        *(
            path
            for name in entry.function.is_not_concepts
            if name in by_name
            for path in _paths(by_name[name], "instance", targets)
        ),
    ]
    function = msgspec.structs.replace(entry.function, is_not=tuple(is_not))
    return Meant(msgspec.structs.replace(entry, where=where, function=function), why)


def _paths(concept: Concept, kind: str, targets: Targets) -> Iterator[str]:
    """The deprecated paths of a concept, then its canonical where that is meant too."""
    canonical = targets.symbol(concept.canonical)
    leaf = SymbolPath.parse(concept.canonical).leaf
    for one in concept.deprecated:
        path = SymbolPath.parse(one.path)
        several = [path] if path.name else [path, SymbolPath(path.module, leaf)]
        for each in several:
            if targets.symbol(str(each)) != canonical:
                yield str(each)
    if kind in _WITH_CANONICAL:
        yield concept.canonical


def _told(wanted: Metavariable, paths: tuple[str, ...]) -> Metavariable:
    if wanted.handed_to:
        methods = tuple(
            f"{path}.{name}" for path in paths if ":" in path for name in wanted.handed_to
        )
        return msgspec.structs.replace(wanted, handed_to=methods)
    field = _FIELDS[wanted.as_]
    known = getattr(wanted, field)
    changes = {field: (*known, *paths)}
    return msgspec.structs.replace(wanted, **changes)


def _other_target(entry: CallPattern, concept: Concept) -> str:
    place = f"{concept.canonical}.".replace(":", ".")
    if not entry.target or place.startswith(f"{entry.target}."):
        return ""
    return (
        f"the canonical of {concept.name!r} is `{concept.canonical}`,"
        f" and the code is for `{entry.target}`"
    )
