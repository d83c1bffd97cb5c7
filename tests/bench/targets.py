"""What the times are held against; a target that is missed is said, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
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
    ("--version to an empty Python", "start-version", "start-python", 3.0),
)
_MEGABYTES = 400


def judge(results: list[Result]) -> list[Verdict]:
    """Every target, as a ratio of medians, and the largest process of the tool's own rows."""
    by_key = {result.case.key: result for result in results if result.samples}
    verdicts = []
    for what, ours, theirs, target in _RATIOS:
        ratio = by_key[ours].wall / by_key[theirs].wall if {ours, theirs} <= set(by_key) else None
        verdicts.append(
            Verdict(
                what,
                f"{target:g}x",
                None if ratio is None else f"{ratio:.2f}x",
                None if ratio is None else ratio <= target,
            )
        )
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
