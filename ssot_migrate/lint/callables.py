"""How a definition is called: its own signature, and those of its public methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Member, Signature
from ssot_migrate.lint.signatures import differences, migrated, parameter_differences
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssot_migrate.config.model import MethodRename
    from ssot_migrate.index.facts import Shape
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Hop, Resolution

_CALLED = ("method", "static", "class")
_CONSTRUCTORS = ("__init__", "__new__")
_DEPTH = 10


class Callables(msgspec.Struct, frozen=True):
    """How a definition is called.

    Args:
        symbol: The definition.
        own: The signature of the function, or of the class as a constructor; None where it
            cannot be read, as a base outside the tree or a decorator may give one.
        members: A class's members, those of first-party bases included.
    """

    symbol: SymbolPath
    line: int
    own: Signature | None
    members: Mapping[str, Member] = {}


def callables_of(project: Project, resolution: Resolution) -> Callables | None:
    """How the definition at the end of a resolution is called; None if it is no definition."""
    if resolution.kind is not Kind.SYMBOL:
        return None
    end = resolution.end
    outer, _, attribute = end.symbol.name.partition(".")
    shape = _shape(project, end, outer)
    if shape is None:
        return None
    if shape.kind != "class":
        return None if attribute else Callables(end.symbol, shape.line, shape.signature)
    members = dict(_members(project, end.symbol.module, shape, _DEPTH))
    if attribute:
        member = members.get(attribute)
        return Callables(end.symbol, member.line, member.signature) if member else None
    constructors = (members[name].signature for name in _CONSTRUCTORS if name in members)
    return Callables(end.symbol, shape.line, next(constructors, None), members)


def call_differences(
    old: Callables,
    new: Callables,
    renames: Mapping[str, MethodRename],
    passes_on: Callable[[str], bool],
) -> Iterator[str]:
    """Say how calls that were written for one definition fare with another.

    Args:
        old: What they were written for.
        new: What replaces it.
        renames: What the registry does to calls of methods, by their legacy names.
        passes_on: Whether the old definition's method of that name, or the old function for an
            empty one, may return whatever the new one does: then only its parameters count.
    """
    if old.own is not None and new.own is not None:
        compare = parameter_differences if passes_on("") else differences
        yield from compare(old.own, new.own)
    for name, member in old.members.items():
        rename = renames.get(name)
        target = rename.to if rename is not None else name
        other = new.members.get(target)
        if other is None or name.startswith("_") or not member.signature or not other.signature:
            continue
        if member.kind in _CALLED and other.kind in _CALLED:
            signature = migrated(member.signature, rename) if rename else member.signature
            compare = parameter_differences if passes_on(name) else differences
            for sentence in compare(signature, other.signature):
                yield _about(target, sentence)
        elif member.kind in _CALLED:
            yield f"{target} is read without a call"
        elif other.kind in _CALLED:
            yield f"{target}() must be called"


def _about(name: str, sentence: str) -> str:
    return f"{name}() {sentence[3:]}" if sentence.startswith("it ") else f"{name}(): {sentence}"


def _shape(project: Project, hop: Hop, name: str) -> Shape | None:
    """The shape of what stands at a hop, or the last one of that name in its file."""
    facts = project.index.shapes(hop.path) if hop.path else None
    named = [shape for shape in facts.shapes if shape.name == name] if facts is not None else []
    return next((shape for shape in named if shape.line == hop.line), named[-1] if named else None)


def _members(
    project: Project, module: str, shape: Shape, depth: int
) -> Iterator[tuple[str, Member]]:
    """The members of a class, inherited ones first, so that later ones win."""
    for base in reversed(shape.bases if depth else ()):
        found = project.resolver.dotted(f"{module}.{base}")
        parent = (
            _shape(project, found.end, found.symbol.name) if found.kind is Kind.SYMBOL else None
        )
        if parent is not None and parent is not shape:
            yield from _members(project, found.symbol.module, parent, depth - 1)
    for member in shape.members:
        yield member.name, member
