"""What the times are held against; a target that is missed is said, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .measure import Result


class Verdict(msgspec.Struct, frozen=True):
    """A target and what was measured; `measured` is None where a row is missing."""

    what: str
    target: str
    measured: str | None
    met: bool | None

    def __str__(self) -> str:
        if self.measured is None:
            return f"{self.what}: target {self.target}, not measured"
        verdict = "met" if self.met else "missed"
        return f"{self.what}: target {self.target}, measured {self.measured}, {verdict}"


_RATIOS = (
    ("gate, no cache, to Ruff without cache", "gate-cold", "gate-ruff", 0.35),
    ("gate, warm, to Ruff warm", "gate-warm", "gate-ruff-warm", 2.5),
    ("full scan, no cache, to ast-grep with one pattern", "full-cold", "full-ast-grep", 1.0),
    ("full scan, no cache, to grimp (a stretch)", "full-cold", "full-grimp", 2.0),
    ("full scan, warm, to Ruff analyze graph", "full-warm", "full-ruff", 0.25),
    ("rename, no cache, to ast-grep", "rename-cold", "rename-ast-grep", 0.2),
    ("rename, no cache, to RenameCommand", "rename-cold", "rename-command", 0.002),
    ("--version to an empty Python", "start-version", "start-python", 3.0),
)
_MEGABYTES = 400
# Of processor time, for one of the two works in several processes.
_OF_LIBCST = 1.5


def judge(results: list[Result]) -> list[Verdict]:
    """Every target, as a ratio of medians, and the largest process of the tool's own rows."""
    by_key = {result.case.key: result for result in results if result.samples}
    verdicts = []
    for what, ours, theirs, target in _RATIOS:
        is_there = {ours, theirs} <= set(by_key)
        ratio = by_key[ours].wall / by_key[theirs].whole if is_there else None
        verdicts.append(_verdict(what, ratio, target))
    verdicts.append(_rename(by_key))
    peak = max((r.memory for r in by_key.values() if r.case.ours), default=None)
    verdicts.append(
        Verdict(
            "largest process",
            f"{_MEGABYTES} MB",
            None if peak is None else f"{peak:.0f} MB",
            None if peak is None else peak <= _MEGABYTES,
        )
    )
    return verdicts


def remarks(results: list[Result]) -> list[str]:
    """What is told without a target."""
    by_key = {result.case.key: result for result in results if result.samples}
    if not {"rename-cold", "rename-write"} <= set(by_key):
        return []
    planned, written = by_key["rename-cold"], by_key["rename-write"]
    files = written.samples[-1].found
    if not files:
        return []
    each = (written.wall - planned.wall) / files * 1000
    return [f"writing {files} files takes {each:.0f} ms a file, beyond the dry run"]


def _rename(by_key: Mapping[str, Result]) -> Verdict:
    """A rename against what cannot be spared: to look for it, and LibCST's own work."""
    ratio = None
    if {"rename-cold", "rename-gate", "rename-libcst"} <= set(by_key):
        least = by_key["rename-gate"].cpu + _OF_LIBCST * by_key["rename-libcst"].cpu
        ratio = by_key["rename-cold"].cpu / least
    what = f"rename, no cache, to gate + {_OF_LIBCST:g} LibCST (CPU)"
    return _verdict(what, ratio, 1.0)


def _verdict(what: str, ratio: float | None, target: float) -> Verdict:
    if ratio is None:
        return Verdict(what, f"{target:g}x", None, None)
    shown = f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"
    return Verdict(what, f"{target:g}x", f"{shown}x", ratio <= target)
