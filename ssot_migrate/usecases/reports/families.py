"""Families of duplicates side by side: each definition with its members, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.overview import Cell, Row, Sibling, Siblings
from ssot_migrate.lint.families import Definitions, Family, FamilyMember, definitions, families

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ssot_migrate.index.facts import Parameter, Signature
    from ssot_migrate.lint.project import Project

MOST_FAMILIES = 60
MOST_MEMBERS = 5
MOST_ROWS = 25
_LONGEST = 90  # characters of a signature
_RANKS = ("differs", "not canonical", "only here", "missing", "same", "canonical", "")


def siblings(
    project: Project, told: Collection[tuple[str | None, str | None]]
) -> tuple[tuple[Siblings, ...], int]:
    """The families that findings tell of.

    Args:
        project: The project.
        told: Symbol and canonical of the findings.

    Returns:
        The first of them, and how many more there are.
    """
    wanted = [
        family
        for family in families(project)
        if any((str(member.symbol), str(family.canonical)) in told for member in family.members)
    ]
    known = project.once(definitions) if wanted else None
    if known is None:
        return (), 0
    ranked = sorted(wanted, key=lambda one: (one.concept is None, -len(one.members), one.name))
    shown = tuple(_side_by_side(known, family) for family in ranked[:MOST_FAMILIES])
    return shown, len(ranked) - len(shown)


def _side_by_side(known: Definitions, family: Family) -> Siblings:
    members = sorted(family.members, key=lambda member: member.symbol != family.canonical)
    shown = members[:MOST_MEMBERS]
    rows = sorted(_rows(known, shown), key=_rank)
    return Siblings(
        name=family.name,
        is_concept=family.concept is not None,
        canonical=str(family.canonical),
        evidence=family.evidence,
        members=tuple(_sibling(known, member) for member in shown),
        hidden_members=len(members) - len(shown),
        rows=tuple(rows[:MOST_ROWS]),
        hidden_rows=max(0, len(rows) - MOST_ROWS),
    )


def _sibling(known: Definitions, member: FamilyMember) -> Sibling:
    site = known.by_symbol.get(member.symbol)
    return Sibling(
        symbol=str(member.symbol),
        path=member.path,
        line=member.line,
        kind=member.kind,
        lines=0 if site is None or site.kind == "alias" else site.lines,
        readers=0 if site is None else known.readers(site),
        evidence=member.evidence,
    )


def _rows(known: Definitions, members: Sequence[FamilyMember]) -> Iterator[Row]:
    apis = _apis(known, members)
    for name in sorted({name for api in apis for name in api}):
        present = sum(name in api for api in apis)
        yield Row(
            name,
            tuple(
                Cell(_verdict(number, name, apis, present), _spelled(api[name]))
                if name in api
                else Cell("missing" if api else "")
                for number, api in enumerate(apis)
            ),
        )


def _apis(
    known: Definitions, members: Sequence[FamilyMember]
) -> list[Mapping[str, Signature | None]]:
    """What readers may use of each definition, by name; nothing of what is no class.

    If all are functions, each is its own only member.
    """
    sites = [known.by_symbol.get(member.symbol) for member in members]
    called = [site.shape.signature for site in sites if site is not None]
    if len(called) == len(sites) and all(called):
        return [{"(call)": signature} for signature in called]
    return [
        {} if site is None else {name: one.signature for name, one in known.api(site).items()}
        for site in sites
    ]


def _verdict(
    number: int, name: str, apis: Sequence[Mapping[str, Signature | None]], present: int
) -> str:
    if present == 1:
        return "only here"
    if number == 0:
        return "canonical"
    if name not in apis[0]:
        return "not canonical"
    return "same" if apis[number][name] == apis[0][name] else "differs"


def _spelled(signature: Signature | None) -> str:
    if signature is None:
        return ""
    text = f"({', '.join(_parameters(signature.parameters))})"
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if signature.returns in ("value", "awaitable"):
        return f"async {text}" if signature.returns == "awaitable" else text
    return f"{text} -> {signature.returns}"


def _parameters(parameters: Sequence[Parameter]) -> Iterator[str]:
    """A signature's parameters as they are written, with `/` and `*` where they belong."""
    kinds = [parameter.kind for parameter in parameters]
    for number, parameter in enumerate(parameters):
        kind = parameter.kind
        if kind == "kw" and not {"kw", "*args"} & set(kinds[:number]):
            yield "*"
        stars = "*" * kind.count("*")
        yield f"{stars}{parameter.name}" + (f"={parameter.default}" if parameter.default else "")
        if kind == "/" and "/" not in kinds[number + 1 :]:
            yield "/"


def _rank(row: Row) -> tuple[int, str]:
    return (min(_RANKS.index(cell.verdict) for cell in row.cells), row.name)
