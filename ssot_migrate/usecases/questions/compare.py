"""`compare`: the APIs of definitions, and what would become of their users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.comparison import Comparison, MemberReport, MemberSide, SideReport
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.index import no_progress
from ssot_migrate.lint.classes.members import is_mangled, is_private
from ssot_migrate.lint.classes.offers import offer
from ssot_migrate.lint.classes.sites import Sites
from ssot_migrate.lint.classes.table import Classes
from ssot_migrate.lint.classes.verdicts import Verdict, verdict
from ssot_migrate.lint.consumers import consumers_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.project import open_project
from ssot_migrate.usecases.suggest import nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.comparison import CallSite
    from ssot_migrate.index.index import Progress
    from ssot_migrate.lint.classes.offers import Offer, Offered
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.project import Request


def compare(
    request: Request, names: Sequence[str], progress: Progress = no_progress
) -> tuple[Comparison, ...]:
    """Compare the first of several definitions with each of the others.

    Args:
        request: Which project.
        names: Classes, functions or modules, as dotted paths.
        progress: Called while long work goes on.

    Raises:
        UsageError: A name leads to none of these, or two lead to the same.
    """
    with open_project(request, progress) as opened:
        project = opened.project
        classes, sites = Classes(project), Sites(project)
        offers = _offers(project, classes, names)
        sides = [
            _side(project, classes, name, one) for name, one in zip(names, offers, strict=True)
        ]
        found = []
        for other, side in zip(offers[1:], sides[1:], strict=True):
            members, used = members_and_sites(sites, offers[0], other)
            found.append(Comparison(a=sides[0], b=side, members=members, call_sites=used))
        return tuple(found)


def members_and_sites(
    sites: Sites, old: Offer, new: Offer
) -> tuple[tuple[MemberReport, ...], tuple[CallSite, ...]]:
    """What either of two definitions has, and how the users of the first fare with the second."""
    members = tuple(_members(old, new))
    changed = frozenset(
        one.name
        for one in members
        if one.a is not None and one.verdict in ("incompatible", "missing")
    )
    return members, sites.of(old, new, changed - {"__init__", "__new__"})


def _offers(project: Project, classes: Classes, names: Sequence[str]) -> list[Offer]:
    offers: list[Offer] = []
    problems: list[str] = []
    for name in names:
        try:
            symbol = SymbolPath.parse(name)
        except ValueError as error:
            problems.append(str(error))
            continue
        resolution = project.resolver.path(symbol)
        found = offer(project, classes, resolution)
        if found is not None:
            offers.append(found)
        elif resolution.kind is Kind.EXTERNAL and project.modules.path_of(symbol.module) is None:
            problems.append(f"{name!r} is outside this tree{nearest_name(project, symbol)}")
        elif resolution.kind in (Kind.MISSING, Kind.EXTERNAL):
            problems.append(f"{name!r} is not in this tree{nearest_name(project, symbol)}")
        else:
            what = f"{resolution.end}: " if resolution.end.path else ""
            problems.append(f"{name!r} is no class, function or module: {what}it is a value")
    if problems:
        raise UsageError("\n".join(problems))
    for name, one in zip(names[1:], offers[1:], strict=True):
        if one.found.symbol == offers[0].found.symbol:
            raise UsageError(f"{names[0]!r} and {name!r} are the same: {one.found.symbol}")
    return offers


def _side(project: Project, classes: Classes, asked: str, one: Offer) -> SideReport:
    end = one.found.end
    data = project.index.contents.read(end.path)
    file_lines = len(data.splitlines()) if isinstance(data, bytes) else 0
    consumers = consumers_of(project, one.found.symbol)
    fact = classes.fact(one.ref) if one.ref is not None else None
    line = classes.line(one.ref) if one.ref is not None else None
    decorators = fact.decorators if fact is not None else ()
    if one.function is not None:
        decorators = one.function.decorators
    return SideReport(
        asked=asked,
        symbol=str(one.found.symbol),
        kind=one.kind,
        path=end.path,
        line=end.line,
        lines=one.end_line - end.line + 1 if one.end_line else file_lines,
        file_lines=file_lines,
        bases=tuple(base.text for base in fact.bases) if fact is not None else (),
        mro=tuple(ref.name for ref in line.refs) if line is not None else (),
        unseen=line.unseen if line is not None else (),
        conflict=line.conflict if line is not None else "",
        decorators=decorators,
        slots=fact.slots if fact is not None else None,
        importing_files=consumers.importing_files,
        by_category=consumers.by_category,
    )


def _members(old: Offer, new: Offer) -> Iterator[MemberReport]:
    """What either side has, by name; two functions are each other's only member."""
    if old.kind == new.kind == "function":
        (was,), (now,) = old.members.values(), new.members.values()
        yield _member(old.found.symbol.leaf, was, now, new, old)
        return
    for name in sorted({*old.members, *new.members}, key=_order):
        if not is_mangled(name):
            yield _member(name, old.members.get(name), new.members.get(name), new, old)


def _member(
    name: str, was: Offered | None, now: Offered | None, new: Offer, old: Offer
) -> MemberReport:
    if was is not None and now is not None:
        there, back = verdict(was.member, now.member), verdict(now.member, was.member)
    elif was is not None:
        there, back = _missing(name, new), Verdict("missing", "")
    else:
        there, back = Verdict("missing", ""), _missing(name, old)
    if was is None:
        there = Verdict("missing", f"only `{new.found.symbol.leaf}` has it")
    if now is None:
        back = Verdict("missing", f"only `{old.found.symbol.leaf}` has it")
    return MemberReport(
        name=name,
        a=_shown(was) if was is not None else None,
        b=_shown(now) if now is not None else None,
        verdict=there.word,
        why=there.why,
        reverse=back.word,
        reverse_why=back.why,
        is_private=is_private(name),
    )


def _missing(name: str, side: Offer) -> Verdict:
    may = "; it may inherit it from outside the tree" if side.is_open else ""
    return Verdict("missing", f"`{side.found.symbol.leaf}` has no `{name}`{may}")


def _shown(one: Offered) -> MemberSide:
    member = one.member
    marks = "async " if member.is_coroutine else ""
    return MemberSide(
        kind=member.kind,
        shown=f"{marks}{member.shown}",
        path=one.path,
        line=member.line,
        origin=one.origin,
    )


def _order(name: str) -> tuple[bool, bool, str]:
    """Constructors first, what is private last."""
    return (is_private(name), not name.startswith("__"), name)
