"""Class hierarchies for people: trees, and what is in each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.hierarchy import (
        ClassMember,
        ClassReport,
        Hierarchy,
        Shadowed,
        Tree,
    )

_TEE, _END, _BAR, _GAP = "├── ", "└── ", "│   ", "    "
_KINDS = {"static": "static ", "class": "classmethod ", "property": "property ", "nested": "class "}


def as_text(answer: Hierarchy, *, members: bool) -> str:
    """Draw the trees; with members, a description of each class below."""
    lines: list[str] = []
    for tree in answer.trees:
        lines += _tree(answer.classes, tree, "", "")
    if members:
        for one in answer.classes:
            lines += ["", *_class(one)]
    lines += ["", *_closing(answer)]
    return "\n".join(map(visible, lines)).strip("\n") + "\n"


def _tree(classes: Sequence[ClassReport], tree: Tree, first: str, rest: str) -> Iterator[str]:
    one = classes[tree.position]
    bases = f"({', '.join(base.text for base in one.bases)})" if one.bases else ""
    told = "  CONFLICT" if one.conflict else "  (shown elsewhere)" if tree.is_repeated else ""
    yield f"{first}{_short(one.name)}{bases}  {one.path}:{one.line}{told}"
    for number, inner in enumerate(tree.below, 1):
        is_last = number == len(tree.below)
        yield from _tree(
            classes, inner, rest + (_END if is_last else _TEE), rest + (_GAP if is_last else _BAR)
        )


def _class(one: ClassReport) -> Iterator[str]:
    yield f"{one.name}  {one.path}:{one.line}"
    facts = [
        ("decorated with", ", ".join(one.decorators)),
        ("metaclass", one.metaclass),
        ("slots", "" if one.slots is None else ", ".join(one.slots) or "none"),
        ("conflict", one.conflict),
    ]
    bases = ", ".join(
        base.text if not base.path else f"{base.text} ({base.path}:{base.line})"
        for base in one.bases
    )
    yield f"  bases: {bases or 'none'}"
    yield f"  MRO: {' -> '.join(map(_short, one.mro))}"
    if one.unseen:
        yield f"    not known: what {', '.join(one.unseen)} derives from"
    for name, text in facts:
        if text:
            yield f"  {name}: {text}"
    for member in one.members:
        yield from _member(member)
    for shadowed in one.shadowed:
        yield from _shadow(shadowed)


def _member(one: ClassMember) -> Iterator[str]:
    marks = ("abstract " if one.is_abstract else "") + ("async " if one.is_coroutine else "")
    separator = ": " if one.shown and not one.shown.startswith("(") else ""
    kind = _KINDS.get(one.kind, "")
    yield f"  :{one.line} {marks}{kind}{one.name}{separator}{one.shown}"
    above = one.overrides
    if above is not None:
        why = f" -- {above.why}" if above.why else ""
        word = f", {above.verdict}" if above.verdict == "incompatible" else ""
        yield f"      overrides {_short(above.holder)} ({above.path}:{above.line}){word}{why}"


def _shadow(one: Shadowed) -> Iterator[str]:
    yield (
        f"  {one.name}: {_short(one.by)} ({one.by_path}:{one.by_line}) hides "
        f"{_short(one.hidden)} ({one.hidden_path}:{one.hidden_line})"
    )


def _closing(answer: Hierarchy) -> Iterator[str]:
    incompatible = sum(
        member.overrides is not None and member.overrides.verdict == "incompatible"
        for one in answer.classes
        for member in one.members
    )
    shadowed = sum(len(one.shadowed) for one in answer.classes)
    yield (
        f"{counted(len(answer.classes), 'class')}, "
        f"{counted(len(answer.conflicts), 'conflict')}, "
        f"{counted(incompatible, 'incompatible override')}, "
        f"{counted(shadowed, 'shadowed member')}."
    )
    for one in answer.conflicts:
        yield f"{one.path}:{one.line}: {_short(one.name)} cannot be created: {one.conflict}"


def _short(name: str) -> str:
    return name.partition(":")[2] or name
