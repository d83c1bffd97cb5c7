"""`hierarchy`: which classes derive from which, and what they inherit, override and hide."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.hierarchy import (
    BaseReport,
    ClassMember,
    ClassReport,
    Hierarchy,
    OverrideReport,
    Shadowed,
    Tree,
)
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.index import no_progress
from ssot_migrate.lint.classes.members import overrides, shadows
from ssot_migrate.lint.classes.table import Classes
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.project import open_project
from ssot_migrate.usecases.suggest import nearest_class, nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssot_migrate.index.index import Progress
    from ssot_migrate.index.interface_facts import MemberFact
    from ssot_migrate.lint.classes.ancestry import ClassRef
    from ssot_migrate.lint.classes.members import Override
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.project import Request

_DEEPEST = 100


def hierarchy(
    request: Request, asked: Sequence[str] = (), progress: Progress = no_progress
) -> Hierarchy:
    """Describe classes: those of files and folders, or those of a name with all below them.

    Args:
        request: Which project.
        asked: Files, folders, modules, classes by dotted path, or plain names of classes; empty
            for the whole project.
        progress: Called while long work goes on.

    Raises:
        UsageError: Nothing in the tree is called that.
    """
    paths = tuple(one for one in asked if os.path.exists(one))
    names = [one for one in asked if one not in paths]
    request = msgspec.structs.replace(request, paths=paths)
    with open_project(request, progress) as opened:
        project = opened.project
        classes = Classes(project)
        found: dict[ClassRef, None] = {}
        for name in names:
            found |= dict.fromkeys(_named(project, classes, name))
        found |= dict.fromkeys(_below(project, classes, list(found)))
        if paths or not names:
            selected = [path for path in project.paths if opened.selection.selects(path)]
            classes.preload(selected)
            for path in selected:
                found |= dict.fromkeys(classes.in_file(path))
        return _described(project, classes, sorted(found, key=_place), asked=bool(names))


def _named(project: Project, classes: Classes, name: str) -> Iterable[ClassRef]:
    """The classes that a name on the command line means."""
    try:
        symbol = SymbolPath.parse(name)
    except ValueError as error:
        raise UsageError(str(error)) from error
    resolution = project.resolver.path(symbol)
    if resolution.kind is Kind.MODULE and resolution.end.path:
        return classes.in_file(resolution.end.path)
    ref = classes.at(resolution)
    if ref is not None:
        return (ref,)
    if symbol.is_module and "." not in symbol.module:
        return _by_leaf(project, classes, name)
    if resolution.kind in (Kind.SYMBOL, Kind.UNKNOWN, Kind.MODULE):
        what = "a package without a file" if resolution.kind is Kind.MODULE else "no class"
        raise UsageError(f"{name!r} is {what}")
    raise UsageError(f"{name!r} is not in this tree{nearest_name(project, symbol)}")


def _by_leaf(project: Project, classes: Classes, name: str) -> Iterable[ClassRef]:
    """Every class of a plain name."""
    paths = project.mentioning([name])
    classes.preload(paths)
    found = [
        ref
        for path in paths
        for ref in classes.in_file(path)
        if ref.name.rpartition(":")[2].rpartition(".")[2] == name
    ]
    if not found:
        raise UsageError(f"no class in this tree is called {name!r}{nearest_class(project, name)}")
    return found


def _below(project: Project, classes: Classes, above: list[ClassRef]) -> Iterable[ClassRef]:
    """The classes that derive from some, directly or not, in the order in which they turn up."""
    found: dict[ClassRef, None] = {}
    new = above
    while new:
        targets = {SymbolPath.parse(ref.name) for ref in new}
        paths = {*project.readers(targets), *(ref.path for ref in new)}
        classes.preload(paths)
        parents, new = set(new), []
        for path in sorted(paths):
            for ref in classes.in_file(path):
                bases = {base.ref for base in classes.bases(ref)}
                if ref not in found and bases & parents:
                    found[ref] = None
                    new.append(ref)
    return found


def _described(
    project: Project, classes: Classes, refs: Sequence[ClassRef], *, asked: bool
) -> Hierarchy:
    below: dict[ClassRef, list[ClassRef]] = {ref: [] for ref in refs}
    for ref in refs:
        for base in dict.fromkeys(base.ref for base in classes.bases(ref)):
            if base in below and base != ref:
                below[base].append(ref)
    reports = tuple(_report(project, classes, ref, below[ref]) for ref in refs)
    return Hierarchy(classes=reports, trees=_trees(refs, below), asked=asked)


def _report(
    project: Project, classes: Classes, ref: ClassRef, below: Sequence[ClassRef]
) -> ClassReport:
    fact, line = classes.fact(ref), classes.line(ref)
    assert fact is not None
    overriding = {one.own.name: one for one in overrides(classes, ref)}
    return ClassReport(
        name=ref.name,
        path=ref.path,
        line=ref.line,
        end_line=fact.end_line,
        bases=tuple(
            BaseReport(
                text=base.text,
                name="" if base.ref.is_computed else base.ref.name,
                path=base.ref.path,
                line=base.ref.line,
            )
            for base in classes.bases(ref)
        ),
        mro=tuple(one.name for one in line.refs),
        unseen=line.unseen,
        conflict=line.conflict,
        subclasses=tuple(one.name for one in below),
        members=tuple(_member(one, overriding.get(one.name)) for one in fact.members),
        shadowed=tuple(
            Shadowed(
                name=one.hidden.member.name,
                hidden=one.hidden.holder.name,
                hidden_path=one.hidden.holder.path,
                hidden_line=one.hidden.member.line,
                by=one.by.holder.name,
                by_path=one.by.holder.path,
                by_line=one.by.member.line,
            )
            for one in shadows(classes, ref)
        ),
        category=project.category(ref.path).value,
        metaclass=fact.metaclass,
        decorators=fact.decorators,
        slots=fact.slots,
    )


def _member(member: MemberFact, override: Override | None) -> ClassMember:
    above = None
    if override is not None:
        above = OverrideReport(
            holder=override.above.holder.name,
            path=override.above.holder.path,
            line=override.above.member.line,
            verdict=override.verdict.word,
            why=override.verdict.why,
        )
    return ClassMember(
        name=member.name,
        kind=member.kind,
        line=member.line,
        shown=member.shown,
        is_coroutine=member.is_coroutine,
        is_abstract=member.is_abstract,
        overrides=above,
    )


def _trees(
    refs: Sequence[ClassRef], below: Mapping[ClassRef, Sequence[ClassRef]]
) -> tuple[Tree, ...]:
    """The classes as trees; what stands below several others is shown in full once."""
    position = {ref: number for number, ref in enumerate(refs)}
    shown: set[ClassRef] = set()

    def tree(ref: ClassRef, depth: int = 0) -> Tree:
        if ref in shown or depth == _DEEPEST:
            return Tree(position[ref], is_repeated=bool(below[ref]))
        shown.add(ref)
        return Tree(position[ref], tuple(tree(one, depth + 1) for one in below[ref]))

    children = {one for several in below.values() for one in several}
    roots = [tree(ref) for ref in refs if ref not in children]
    # Classes that derive from each other in a circle have no root; very deep ones start a new tree.
    return (*roots, *(tree(ref) for ref in refs if ref not in shown))


def _place(ref: ClassRef) -> tuple[str, int, str]:
    return (ref.path, ref.line, ref.name)
