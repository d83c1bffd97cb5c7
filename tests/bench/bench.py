"""The benchmark as a whole: survey, measure, judge, render."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import machine, tables
from .cases import FULL, GATE, START, Bench, scan_cases, start_cases
from .corpus import choose_modules, choose_rename, copy_tree, survey
from .growth import Growth, growth_cases, growth_rows
from .measure import Result, measure
from .peers import find_peers, versions
from .rename import RENAME, rename_cases
from .targets import Verdict, judge, remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

GROUPS = (GATE, FULL, RENAME, START)
"""The groups of rows, in the order of the table."""
_GROWTH_RUNS = 3


class Report(msgspec.Struct, frozen=True):
    """Everything that was learned."""

    machine: dict[str, str]
    versions: dict[str, str]
    corpus: str
    modules: dict[str, int]
    rename: tuple[str, str]
    commands: str
    results: list[Result]
    verdicts: list[Verdict]
    remarks: list[str]
    growth: list[Growth]

    @property
    def is_complete(self) -> bool:
        """Whether every row of the tool itself was measured; a missing peer is no failure."""
        rows = [*self.results, *(row.result for row in self.growth)]
        return all(row.samples for row in rows if row.case.ours)


def benchmark(
    folder: Path,
    scratch: Path,
    *,
    modules: tuple[str, ...] = (),
    rename: tuple[str, str] | None = None,
    runs: int = 5,
    groups: Collection[str] = GROUPS,
    with_growth: bool = True,
    say: Callable[[str], None],
) -> Report:
    """Measure the tool and its peers on the tree at `folder`, which is only read.

    Args:
        folder: The tree.
        scratch: An empty folder for all that is written.
        modules: The deprecated modules; chosen from the tree if empty.
        rename: The class to rename and its new path; chosen likewise if None.
        runs: How often every row runs.
        groups: The groups of rows to measure.
        with_growth: Whether to make the second table.
        say: Told what is being done.
    """
    say("reading the tree")
    host = machine.describe()
    corpus = survey(folder)
    modules = modules or choose_modules(corpus)
    if not modules:
        raise LookupError("no module of the tree is imported by another one: name some (--modules)")
    rename = rename or choose_rename(corpus)
    if rename is None:
        raise LookupError("no class of the tree is imported by another file: name one (--symbol)")
    peers = find_peers()
    said = versions(peers)
    bench = Bench(corpus, copy_tree(corpus, scratch / "twin"), modules, rename, scratch, peers)
    # What was copied is not to be written to the disk while others are timed.
    os.sync()
    cases = [*scan_cases(bench), *rename_cases(bench), *start_cases(bench)]
    results = measure([case for case in cases if case.group in groups], runs, scratch, say)
    growth = []
    if with_growth:
        say("copying the tree")
        cases = growth_cases(bench, groups)
        os.sync()
        growth = growth_rows(bench, measure(cases, min(runs, _GROWTH_RUNS), scratch, say))
    programs = {
        peers.python: "python",
        **_folders(peers.ssot_migrate, peers.ruff, peers.grep, peers.ast_grep),
        f"{Path(__file__).parents[2]}/": "",
    }
    return Report(
        machine=host,
        versions=said,
        corpus=f"{len(corpus.python):,} Python files, {corpus.size / 1e6:.1f} MB",
        modules={module: corpus.importers.get(module, 0) for module in modules},
        rename=rename,
        commands=tables.commands(results, {str(scratch): "TMP", **programs}),
        results=results,
        verdicts=judge(results),
        remarks=remarks(results),
        growth=growth,
    )


def render(report: Report) -> str:
    """The report as Markdown."""
    host = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    tools = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    chosen = ", ".join(f"`{name}` ({count} files)" for name, count in report.modules.items())
    parts = [
        f"Machine: {host}.\nTools: {tools}.\nTree: {report.corpus}.\nDeprecated: {chosen}.\n"
        f"Renamed: `{report.rename[0]}` to `{report.rename[1]}`.",
        tables.main_table(report.results),
        "\n".join(f"- {line}" for line in (*report.verdicts, *report.remarks)),
    ]
    if report.growth:
        parts.append(tables.growth_table(report.growth))
    parts.append(f"```\n{report.commands}\n```")
    return "\n\n".join(parts) + "\n"


def as_json(report: Report) -> bytes:
    """The report with every run, for programs."""
    data = {
        "machine": report.machine,
        "versions": report.versions,
        "corpus": report.corpus,
        "modules": report.modules,
        "rename": report.rename,
        "rows": list(map(_plain, report.results)),
        "targets": report.verdicts,
        "remarks": report.remarks,
        "growth": [
            {
                **_plain(row.result),
                "files": row.files,
                "microseconds_per_file": row.per_file,
                "deviation_percent": row.deviation,
            }
            for row in report.growth
        ],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


def _plain(result: Result) -> dict[str, object]:
    return {
        "key": result.case.key,
        "group": result.case.group,
        "title": result.case.title,
        "command": result.case.command,
        "share": result.case.share,
        "trouble": result.trouble,
        "runs": result.samples,
    }


def _folders(*programs: str | None) -> dict[str, str]:
    return {f"{Path(program).parent}/": "" for program in programs if program}
