"""The same report as a document, for a wiki or a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import left_out_of
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.marked import code, plain, prose, table
from ssot_migrate.reporting.page.words import series, share, standing, tallies, titles
from ssot_migrate.reporting.progress import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.domain.overview import Home, Overview, Siblings

MAX_ROWS = 500
"""Of a table; a page has more."""


def render(view: Overview) -> str:
    """Write headings, sentences and tables."""
    return "\n".join(_lines(view)).rstrip("\n") + "\n"


def _lines(view: Overview) -> Iterator[str]:
    yield from (f"# {plain(view.title)}", "", _about(view), "")
    writers = {
        "summary": _summary,
        "progress": _progress,
        "concepts": _concepts,
        "graph": _graph,
        "consumers": _consumers,
        "families": _families,
        "findings": _findings,
        "notes": _notes,
    }
    for name, title in titles(view):
        yield from (f"## {title}", "")
        yield from writers[name](view)


def _about(view: Overview) -> str:
    parts = [counted(view.scan.files, "file")]
    if view.revision is not None:
        changed = ", with changes that are not committed" if view.revision.is_changed else ""
        parts[0] += f" at commit {code(view.revision.commit[:9])} of {view.revision.date}{changed}"
    parts.append(f"registry {code(view.registry)}" if view.registry else "no registry")
    if view.day is not None:
        parts.append(f"deadlines as of {view.day}")
    return f"{', '.join(parts)}."


def _summary(view: Overview) -> Iterator[str]:
    scan = view.scan
    found = counted(len(scan.findings), "finding") if scan.findings else "No findings"
    yield from (f"{found} that {'counts' if len(scan.findings) == 1 else 'count'}.", "")
    if sentence := left_out_of(scan):
        yield from (prose(sentence), "")
    if view.homes:
        left = counted(view.left, "file")
        yield from (f"{left} on an old path, {view.migrated} that have moved.", "")
    rules = {rule.code: rule.summary for rule in scan.rules}
    rows = [(code(key), prose(rules[key]), str(n)) for key, n in scan.by_code.items()]
    yield from table(("rule", "what it finds", "findings:"), rows)
    for title, counts in tallies(view):
        cells = [(plain(name), str(number)) for name, number in counts.items()]
        yield from table((title.removeprefix("by "), "findings:"), cells)


def _progress(view: Overview) -> Iterator[str]:
    assert view.progress is not None
    yield from (f"{plain(words.headline(view.progress))}.", "")
    for sentence in words.outlook(view.progress):
        yield from (sentence, "")
    yield from table(
        ("revision", "date", "findings:"),
        [
            (code(words.label(one)), str(one.date), str(one.tally.findings))
            for one in view.progress.points
        ],
    )
    for title, rows in series(view.progress):
        yield from table(
            (title.removeprefix("by "), "first:", "last:", "change:"),
            [(plain(n), str(a), str(b), f"{b - a:+}") for n, a, b in rows],
        )


def _concepts(view: Overview) -> Iterator[str]:
    if not view.homes:
        yield from ("The registry names no concept and no move.", "")
    yield from table(
        ("concept", "state", "migrated:", "left:", "owner", "risk", "since", "remove by"),
        [_home(home) for home in view.homes],
    )
    yield from table(
        ("old path", "use", "consumers:", "what is left of it", "change", "remove by"),
        [
            (
                code(old.path),
                code(home.canonical),
                str(old.readers),
                _remains(old.place, is_shim=old.is_shim),
                old.safety,
                str(old.remove_by or ""),
            )
            for home in view.homes
            for old in home.old
        ],
    )


def _home(home: Home) -> tuple[str, ...]:
    name = f"{plain(home.name)} {code(home.canonical)}" if home.is_concept else code(home.canonical)
    every = home.migrated + home.left
    return (
        name,
        home.state.value,
        f"{home.migrated} of {every} ({share(home)} %)" if every else "no consumer",
        str(home.left),
        plain(home.owner),
        home.risk,
        str(home.since or ""),
        str(home.remove_by or ""),
    )


def _remains(place: str, *, is_shim: bool) -> str:
    if not place:
        return "nothing"
    return f"{'a shim' if is_shim else 'a definition'} at {code(place)}"


def _graph(view: Overview) -> Iterator[str]:
    for graph in view.graphs:
        yield from (f"### {plain(view.home(graph.home).name)}", "")
        rows = (
            (
                code(edge.source),
                graph.nodes[edge.source].role,
                code(edge.target),
                graph.nodes[edge.target].role,
                edge.when,
            )
            for edge in graph.edges
        )
        yield from _cut(("module", "is", "imports", "which is", "when"), rows, "import")
        if graph.hidden:
            yield from (f"{counted(graph.hidden, 'consumer')} more, left out.", "")
    if view.hidden_graphs:
        yield from (f"{counted(view.hidden_graphs, 'graph')} more, left out.", "")


def _consumers(view: Overview) -> Iterator[str]:
    rows = (
        (
            code(f"{one.path}:{one.lines[0]}"),
            code(one.reads),
            code(one.use) if one.use else "",
            plain(view.home(one.home).name) if view.home(one.home).is_concept else "",
            one.category.value,
            plain(", ".join(one.owners)),
            view.home(one.home).risk,
            plain(", ".join(one.how)),
            one.safety,
        )
        for one in view.readers
    )
    head = ("file", "reads", "use", "concept", "category", "owner", "risk", "how", "change")
    yield from _cut(head, rows, "row", sum(view.hidden_readers))


def _families(view: Overview) -> Iterator[str]:
    if not view.families:
        yield from ("No finding tells of duplicates.", "")
    for family in view.families:
        yield from _family(family)
    if view.hidden_families:
        yield from (f"{counted(view.hidden_families, 'family')} more, left out.", "")


def _family(family: Siblings) -> Iterator[str]:
    yield from (f"### {plain(family.name)}", "", f"To keep: {code(family.canonical)}", "")
    for sentence in family.evidence:
        yield from (f"{prose(sentence)}.", "")
    members = family.members
    yield from table(
        ("", *(code(one.symbol) for one in members)),
        (
            ("is", *(one.kind for one in members)),
            ("place", *(code(f"{one.path}:{one.line}") for one in members)),
            ("lines", *(str(one.lines or "") for one in members)),
            ("imported by", *(counted(one.readers, "file") for one in members)),
            *(
                (
                    code(row.name),
                    *(f"{cell.verdict} {code(cell.signature)}".strip() for cell in row.cells),
                )
                for row in family.rows
            ),
        ),
    )
    for number, noun in ((family.hidden_members, "definition"), (family.hidden_rows, "member")):
        if number:
            yield from (f"{counted(number, noun)} more, left out.", "")


def _findings(view: Overview) -> Iterator[str]:
    rows = (
        (
            code(f"{one.finding.path}:{one.finding.line}"),
            one.finding.code,
            prose(one.finding.message),
            one.finding.severity.value,
            plain(one.finding.concept or ""),
            standing(one),
        )
        for one in view.findings
    )
    head = ("place", "code", "finding", "severity", "concept", "counts")
    yield from _cut(head, rows, "finding", view.hidden_findings)


def _notes(view: Overview) -> Iterator[str]:
    yield from (f"- {plain(note)}" for note in view.notes)
    errors = view.scan.errors
    yield from (f"- {code(one.path or '.')} {plain(one.message)}" for one in errors[:MAX_ROWS])
    if len(errors) > MAX_ROWS:
        yield f"- {len(errors) - MAX_ROWS} more that could not be handled"


def _cut(
    head: tuple[str, ...], rows: Iterable[tuple[str, ...]], noun: str, hidden: int = 0
) -> Iterator[str]:
    """A table as far as there is room, and how many rows are left out."""
    every = list(rows)
    yield from table(head, every[:MAX_ROWS])
    if left_out := max(0, len(every) - MAX_ROWS) + hidden:
        yield from (f"{counted(left_out, noun)} more, left out.", "")
