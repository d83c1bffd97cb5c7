"""The second table: how time grows with the tree and with the registry."""

from __future__ import annotations

import shutil

import msgspec

from .cases import Bench, filled, scan_case, write_registry
from .corpus import copy_tree, many_modules
from .measure import Case, Result

_COPIES = (1, 2, 4)
_MOVES = (10, 100, 1000)
_MODES = ("gate, no cache", "full scan, no cache", "full scan, warm")


class Growth(msgspec.Struct, frozen=True):
    """A row: time per file, and how far it is from that of the smallest case of its kind."""

    title: str
    size: str
    files: int
    result: Result
    deviation: float | None = None

    @property
    def per_file(self) -> float | None:
        """Microseconds of wall time for each file."""
        return self.result.wall / self.files * 1e6 if self.result.samples else None


def growth_cases(bench: Bench) -> list[Case]:
    """The scans of one, two and four copies of the tree, then those with more and more moves."""
    cases = [case for copies in _COPIES for case in _of_copies(bench, copies)]
    for moves in _MOVES:
        file = bench.scratch / f"moves-{moves}.toml"
        registry = write_registry(file, many_modules(bench.corpus, moves))
        options = ("--select", "SSOT201", "--no-cache", "--config", str(registry))
        cases.append(
            scan_case(bench, f"moves-{moves}", "growth", f"gate, {moves:,} moves", options)
        )
    return cases


def growth_rows(bench: Bench, results: list[Result]) -> list[Growth]:
    """The results by kind, with deviations."""
    by_key = {result.case.key: result for result in results}
    files = len(bench.corpus.python)
    rows = []
    for mode in _MODES:
        rows += _with_deviation(
            [
                Growth(mode, f"{copies}x", files * copies, by_key[_key(mode, copies)])
                for copies in _COPIES
            ]
        )
    return rows + _with_deviation(
        [
            Growth("gate, no cache", f"{moves:,} moves", files, by_key[f"moves-{moves}"])
            for moves in _MOVES
        ]
    )


def _of_copies(bench: Bench, copies: int) -> list[Case]:
    # Each copy is an import root, so that its imports resolve as they do in the original.
    src = tuple(
        f"copy_{number}/{root}".removesuffix("/.")
        for number in range(1, copies + 1)
        for root in bench.corpus.roots
    )
    name = f"tree-{copies}"
    tree = bench.scratch / name
    shutil.rmtree(tree, ignore_errors=True)
    folder = copy_tree(bench.corpus, tree, copies=copies)
    everything = ("--config", str(write_registry(tree.with_suffix(".toml"), bench.modules, src)))
    by_mode = {
        "gate, no cache": (*everything, "--select", "SSOT201", "--no-cache"),
        "full scan, no cache": (*everything, "--no-cache"),
        "full scan, warm": (*everything, "--cache-dir", str(bench.scratch / f"cache-{name}")),
    }
    cases = [
        scan_case(bench, _key(mode, copies), "growth", f"{mode}, {copies}x", options, folder=folder)
        for mode, options in by_mode.items()
    ]
    return [
        filled(case, bench.scratch) if "--cache-dir" in case.command else case for case in cases
    ]


def _key(mode: str, copies: int) -> str:
    return f"{mode}, {copies}x"


def _with_deviation(rows: list[Growth]) -> list[Growth]:
    first = rows[0].per_file
    return [
        msgspec.structs.replace(row, deviation=(row.per_file / first - 1) * 100)
        if first and row.per_file
        else row
        for row in rows
    ]
