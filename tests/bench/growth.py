"""The second table: how time grows with the tree and with the registry."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from .cases import FULL, GATE, Bench, filled, scan_case, write_registry
from .corpus import copy_tree, many_modules
from .measure import Case, Result
from .rename import CHANGED, RENAME, apply_case

if TYPE_CHECKING:
    from collections.abc import Collection

_COPIES = (1, 2, 4)
_MOVES = (10, 100, 1000)
_APPLY = "apply --dry-run, no cache"
_MODES = ("gate, no cache", "full scan, no cache", "full scan, warm")


class Growth(msgspec.Struct, frozen=True):
    """A row: time per file, and how far it is from that of the smallest case of its kind.

    Args:
        files: Files of the tree; of `apply`, those that change.
    """

    title: str
    size: str
    files: int
    result: Result
    deviation: float | None = None

    @property
    def per_file(self) -> float | None:
        """Microseconds of wall time for each file."""
        is_there = self.result.samples and self.files
        return self.result.wall / self.files * 1e6 if is_there else None


def growth_cases(bench: Bench, groups: Collection[str]) -> list[Case]:
    """The scans of one, two and four copies of the tree, then more and more moves.

    Args:
        bench: What the rows are made from.
        groups: The groups of the first table whose growth is measured.
    """
    cases = []
    if not {GATE, FULL}.isdisjoint(groups):
        cases += [case for copies in _COPIES for case in _of_copies(bench, copies)]
    if GATE in groups:
        cases += [_gate_of(bench, moves) for moves in _MOVES]
    if RENAME in groups:
        cases += [_apply_of(bench, moves) for moves in _MOVES]
    return cases


def growth_rows(bench: Bench, results: list[Result]) -> list[Growth]:
    """The results by kind, with deviations."""
    by_key = {result.case.key: result for result in results}
    files = len(bench.corpus.python)
    kinds = [
        [(mode, f"{copies}x", files * copies, _key(mode, copies)) for copies in _COPIES]
        for mode in _MODES
    ]
    kinds.append([(_MODES[0], f"{n:,} moves", files, f"moves-{n}") for n in _MOVES])
    kinds.append([(_APPLY, f"{n:,} moves", 0, f"renames-{n}") for n in _MOVES])
    rows = []
    for kind in kinds:
        rows += _with_deviation(
            [
                Growth(title, size, count or _found(by_key[key]), by_key[key])
                for title, size, count, key in kind
                if key in by_key
            ]
        )
    return rows


def _found(result: Result) -> int:
    return (result.samples[-1].found or 0) if result.samples else 0


def _gate_of(bench: Bench, moves: int) -> Case:
    modules = many_modules(bench.corpus, moves)
    registry = write_registry(bench.scratch / f"moves-{moves}.toml", modules)
    options = ("--select", "SSOT201", "--no-cache", "--config", str(registry))
    return scan_case(bench, f"moves-{moves}", "growth", f"gate, {moves:,} moves", options)


def _apply_of(bench: Bench, moves: int) -> Case:
    # Each changes a file or two: what grows is the registry, and the files only with it.
    modules = many_modules(bench.corpus, moves, most=2)
    registry = write_registry(bench.scratch / f"renames-{moves}.toml", modules)
    options = ("--dry-run", "--no-cache")
    title = f"{_APPLY}, {moves:,} moves"
    return apply_case(bench, "growth", registry, f"renames-{moves}", title, *options, finds=CHANGED)


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
    first = rows[0].per_file if rows else None
    return [
        msgspec.structs.replace(row, deviation=(row.per_file / first - 1) * 100)
        if first and row.per_file
        else row
        for row in rows
    ]
