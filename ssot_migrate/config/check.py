"""Finds what contradicts itself in a merged registry whose shape is right."""

from __future__ import annotations

import posixpath
from itertools import chain
from typing import TYPE_CHECKING

from ssot_migrate.config.replacements import Entries, Replacement, declared, is_self_move
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.locate import Key
    from ssot_migrate.config.model import Concept, MethodRename
    from ssot_migrate.config.settings import Settings
    from ssot_migrate.domain.errors import ConfigProblem


def check(settings: Settings) -> tuple[ConfigProblem, ...]:
    """Return every contradiction of the merged registry.

    Whether a path exists in the tree is not asked here: that takes a resolver.
    """
    entries = Entries(declared(settings.registry))
    problems = chain(
        _invalid_paths(settings),
        _self_moves(settings),
        _cycles(settings, entries),
        _contradicting_replacements(settings, entries),
        _deprecated_canonicals(settings, entries),
        _shared_names(settings),
        _deleted_canonicals(settings),
        _bad_methods(settings),
        _bad_dates(settings),
        _bad_baseline(settings),
        _bad_calls(settings),
    )
    return tuple(problems)


def _invalid_paths(settings: Settings) -> Iterator[ConfigProblem]:
    for key, text in _paths(settings):
        try:
            SymbolPath.parse(text)
        except ValueError as error:
            yield settings.problem(key, str(error))


def _paths(settings: Settings) -> Iterator[tuple[Key, str]]:
    for index, move in enumerate(settings.registry.moves):
        yield ("moves", index, "from"), move.from_
        yield ("moves", index, "to"), move.to
    for index, concept in enumerate(settings.registry.concepts):
        yield ("concepts", index, "canonical"), concept.canonical
        for number, entry in enumerate(concept.deprecated):
            yield ("concepts", index, "deprecated", number, "path"), entry.path
            if entry.to is not None:
                yield ("concepts", index, "deprecated", number, "to"), entry.to
        for number, module in enumerate(concept.delete):
            yield ("concepts", index, "delete", number), module


def _self_moves(settings: Settings) -> Iterator[ConfigProblem]:
    for entry in declared(settings.registry):
        if not is_self_move(entry):
            continue
        path, target = str(entry.path), str(entry.target)
        if entry.path.dotted == entry.target.dotted:
            message = f"'{path}' would be replaced by itself"
        else:
            message = (
                f"the replacement '{target}' lies in the deprecated module '{path}'; "
                f"name the deprecated symbols, such as '{path}:OldName'"
            )
        yield settings.problem(entry.origin, message)


def _cycles(settings: Settings, entries: Entries) -> Iterator[ConfigProblem]:
    seen = set()
    for path in entries.paths():
        cycle = _cycle_from(path, entries)
        origins = frozenset(entry.origin for entry, _ in cycle)
        if not cycle or origins in seen:
            continue
        seen.add(origins)
        places = [settings.place(entry.origin) for entry, _ in cycle]
        first = places.index(min(places))
        cycle = cycle[first:] + cycle[:first]
        shown = " -> ".join(str(source) for _, source in [*cycle, cycle[0]])
        others = ", ".join(str(settings.place(entry.origin)) for entry, _ in cycle[1:])
        message = f"the replacements form a cycle: {shown}; remove one of them"
        yield settings.problem(
            cycle[0][0].origin, f"{message}; the others: {others}" if others else message
        )


def _cycle_from(path: SymbolPath, entries: Entries) -> list[tuple[Replacement, SymbolPath]]:
    """Return the entries of the cycle that a path leads into, each with the path it replaces."""
    steps = entries.walk(path)
    taken = [entry.origin for entry, _ in steps]
    if not taken or taken.index(taken[-1]) == len(taken) - 1:
        return []
    sources = [path, *(target for _, target in steps)]
    start = taken.index(taken[-1])
    return [(entry, sources[start + i]) for i, (entry, _) in enumerate(steps[start:-1])]


def _contradicting_replacements(settings: Settings, entries: Entries) -> Iterator[ConfigProblem]:
    by_path: dict[str, list[Replacement]] = {}
    for entry in declared(settings.registry):
        if not is_self_move(entry) and not _cycle_from(entry.target, entries):
            by_path.setdefault(entry.path.dotted, []).append(entry)
    for same in by_path.values():
        if len(same) == 1:
            continue
        same.sort(key=lambda entry: settings.place(entry.origin))
        first = same[0]
        for other in same[1:]:
            if _lead_to_one_place(first, other, entries):
                continue
            yield settings.problem(
                first.origin,
                f"'{first.path}' is replaced by '{first.target}' here and by '{other.target}' "
                f"at {settings.place(other.origin)}; keep one, or name the symbols apart",
            )


def _lead_to_one_place(one: Replacement, other: Replacement, entries: Entries) -> bool:
    ends = []
    for entry in (one, other):
        steps = entries.walk(entry.target)
        ends.append(steps[-1][1] if steps else entry.target)
    if one.path.is_module:
        return ends[0].module == ends[1].module or ends[0].dotted == ends[1].dotted
    return ends[0].dotted == ends[1].dotted


def _deprecated_canonicals(settings: Settings, entries: Entries) -> Iterator[ConfigProblem]:
    """Refuse what two concepts disagree on; a plain move of a canonical only extends the chain."""
    for key, concept, canonical in _canonicals(settings):
        step = entries.step(canonical)
        if not step or step[0].concept is None or _cycle_from(canonical, entries):
            continue
        entry = step[0]
        whose = "it itself" if entry.origin[:2] == key[:2] else f"the concept {entry.concept!r}"
        advice = "; name the symbol instead of its module" if entry.path.is_module else ""
        yield settings.problem(
            key,
            f"'{concept.canonical}' is the canonical of {concept.name!r}, yet {whose} deprecates "
            f"'{entry.path}' at {settings.place(entry.origin)}{advice}",
        )


def _shared_names(settings: Settings) -> Iterator[ConfigProblem]:
    names: dict[str, Key] = {}
    for index, concept in enumerate(settings.registry.concepts):
        key: Key = ("concepts", index, "name")
        if not concept.name.strip():
            yield settings.problem(key, "a concept needs a name")
        elif concept.name in names:
            place = settings.place(names[concept.name])
            yield settings.problem(key, f"{concept.name!r} is also the concept at {place}")
        names.setdefault(concept.name, key)
    canonicals: dict[str, tuple[Key, str]] = {}
    for key, concept, canonical in _canonicals(settings):
        first, owner = canonicals.setdefault(canonical.dotted, (key, concept.name))
        if first != key and owner != concept.name:
            yield settings.problem(
                key,
                f"'{concept.canonical}' is also the canonical of {owner!r} "
                f"at {settings.place(first)}",
            )


def _deleted_canonicals(settings: Settings) -> Iterator[ConfigProblem]:
    canonicals = list(_canonicals(settings))
    for index, concept in enumerate(settings.registry.concepts):
        for number, text in enumerate(concept.delete):
            key: Key = ("concepts", index, "delete", number)
            if ":" in text:
                yield settings.problem(key, f"{text!r} is no module; write it without the colon")
                continue
            for _, other, canonical in canonicals:
                if f"{canonical.module}.".startswith(f"{text}."):
                    yield settings.problem(
                        key,
                        f"'{text}' holds '{other.canonical}', the canonical of {other.name!r}",
                    )


def _bad_methods(settings: Settings) -> Iterator[ConfigProblem]:
    for index, concept in enumerate(settings.registry.concepts):
        first: dict[str, Key] = {}
        for number, rename in enumerate(concept.methods):
            key: Key = ("concepts", index, "methods", number)
            for part, name in _method_names(rename):
                if not name.isidentifier():
                    yield settings.problem((*key, *part), f"{name!r} is no Python identifier")
            if rename.from_ in first:
                place = settings.place(first[rename.from_])
                yield settings.problem(key, f"{rename.from_!r} is also renamed at {place}")
            first.setdefault(rename.from_, key)
            if rename.from_ == rename.to and not _changes_calls(rename):
                yield settings.problem(key, f"{rename.from_!r} would be renamed to itself")


def _method_names(rename: MethodRename) -> Iterator[tuple[Key, str]]:
    yield ("from",), rename.from_
    yield ("to",), rename.to
    for legacy, keyword in rename.keywords.items():
        yield ("keywords", legacy), legacy
        yield ("keywords", legacy), keyword
    for position, name in enumerate(rename.positional):
        yield ("positional", position), name


def _changes_calls(rename: MethodRename) -> bool:
    keywords_change = any(legacy != keyword for legacy, keyword in rename.keywords.items())
    return keywords_change or bool(rename.positional) or rename.awaits != "keep"


def _bad_dates(settings: Settings) -> Iterator[ConfigProblem]:
    for index, concept in enumerate(settings.registry.concepts):
        base: Key = ("concepts", index)
        dates = {(*base, "remove-by"): concept.remove_by}
        for number, entry in enumerate(concept.deprecated):
            place: Key = (*base, "deprecated", number, "remove-by")
            dates[place] = entry.remove_by
        for key, date in dates.items():
            if date and concept.since and date < concept.since:
                yield settings.problem(key, f"{date} is before its since, {concept.since}")


def _bad_calls(settings: Settings) -> Iterator[ConfigProblem]:
    if settings.registry.calls:
        from ssot_migrate.config.check_calls import check_calls

        yield from check_calls(settings)


def _bad_baseline(settings: Settings) -> Iterator[ConfigProblem]:
    path = posixpath.normpath(settings.registry.baseline)
    if path.startswith(("/", "..")) or path == "." or "\0" in path:
        message = f"{settings.registry.baseline!r} is no file below the root"
        yield settings.problem(("baseline",), message)


def _canonicals(settings: Settings) -> Iterator[tuple[Key, Concept, SymbolPath]]:
    for index, concept in enumerate(settings.registry.concepts):
        try:
            yield ("concepts", index, "canonical"), concept, SymbolPath.parse(concept.canonical)
        except ValueError:
            continue
