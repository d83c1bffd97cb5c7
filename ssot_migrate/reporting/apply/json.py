"""The versioned JSON that scripts rely on; names, paths and code are exact, as in `scan`'s."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate import catalogue
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.reporting.apply.closing import deed
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.domain.outcome import ApplyReport, Cause, Edit, FileOutcome, Left, Wave
    from ssot_migrate.reporting.apply import Manner


def render(report: ApplyReport, manner: Manner) -> str:
    """Write the report as one JSON object."""
    names = {rule.code: rule.name() for rule in catalogue.all_rules()}
    return versioned_json(
        {
            "root": encodable(report.root),
            "run": encodable(report.run) or None,
            "dry_run": manner.is_dry,
            "summary": _summary(report),
            "files": [_file(outcome, names) for outcome in report.files],
            "waves": [_wave(wave) for wave in report.waves],
            "errors": [
                {"path": encodable(error.path), "message": visible(error.message)}
                for error in report.errors
            ],
            "notes": [visible(note) for note in report.notes],
        }
    )


def _summary(report: ApplyReport) -> dict[str, object]:
    edits = [edit for outcome in report.changed for edit in outcome.edits]
    by_fix = Counter(edit.cause.fix for edit in edits)
    left = [place for outcome in report.files for place in outcome.left]
    return {
        "files": report.looked_at,
        "changed": len(report.changed),
        "refused": len(report.refused),
        "edits": len(edits),
        "by_fix": {fix.value: by_fix[fix] for fix in (Fix.SAFE, Fix.UNSAFE)},
        "by_code": _by_code(edits),
        "left": len(left),
        "left_by_code": _by_code(left),
        "skipped": len(report.skipped),
    }


def _by_code(changes: list[Edit] | list[Left]) -> dict[str, int]:
    counts = Counter(encodable(change.cause.code) for change in changes)
    return dict(sorted(counts.items()))


def _file(outcome: FileOutcome, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "path": encodable(outcome.path),
        "outcome": outcome.outcome.value,
        "change": deed(outcome) if outcome.outcome is Outcome.CHANGED else None,
        "why": visible(outcome.why),
        "edits": [
            {
                **_cause(edit.cause, names),
                "line": edit.line,
                "column": edit.column,
                "end_line": edit.end_line,
                "end_column": edit.end_column,
                "before": encodable(edit.before),
                "after": encodable(edit.after),
            }
            for edit in outcome.edits
        ],
        "left": [_place(place, names) for place in outcome.left],
        "skipped": [_place(place, names) for place in outcome.skipped],
    }


def _place(place: Left, names: Mapping[str, str]) -> dict[str, object]:
    return {
        **_cause(place.cause, names),
        "line": place.line,
        "column": place.column,
        "why": visible(place.why),
    }


def _cause(cause: Cause, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "code": encodable(cause.code),
        "name": names.get(cause.code, ""),
        "fix": cause.fix.value,
        "concept": _name(cause.concept),
        "symbol": _name(cause.symbol),
        "canonical": _name(cause.canonical),
        "note": visible(cause.note),
    }


def _wave(wave: Wave) -> dict[str, object]:
    return {
        "number": wave.number,
        "paths": [encodable(path) for path in wave.paths],
        "state": encodable(wave.state),
        "check": visible(wave.check),
        "culprits": [encodable(path) for path in wave.culprits],
    }


def _name(name: str | None) -> str | None:
    return None if name is None else encodable(name)
