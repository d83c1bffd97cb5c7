"""What the formats for people say after the files: what is left, refused, undone, and the sums."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate import catalogue
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.sanitize import visible, visible_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.domain.outcome import ApplyReport, Cause, Edit, FileOutcome, Left, Wave
    from ssot_migrate.reporting.apply import Manner
    from ssot_migrate.reporting.paint import Line

_CHECK_LINES = 20
SAFETY_ROLES = {Fix.SAFE: "good", Fix.UNSAFE: "warning", Fix.MANUAL: "error"}


def closing_lines(report: ApplyReport, manner: Manner) -> Iterator[Line]:
    """Say what follows the files, as far as the manner asks for it."""
    left = _left(report) if manner.places else []
    is_whole = all(map(_is_whole, report.waves))
    is_told = left or report.errors or any(one.why for one in report.files)
    if report.changed and (is_told or not is_whole):
        yield []
    yield from _places(left)
    for one in report.files:
        if one.why:
            yield _told(one.path, one.outcome.value, one.why)
    for error in report.errors:
        yield _told(error.path, "error", error.message)
    if len(report.waves) > 1 or not is_whole:
        for wave in report.waves:
            yield from _wave(wave)
    if manner.statistics and (report.changed or left):
        yield []
        yield from _table(report)
    if manner.quiet:
        return
    if not report.is_done or report.errors:
        yield []
    yield from _summary(report, manner)
    for note in report.notes:
        yield [("note", "help"), (f": {visible(note)}", "")]
    yield from _following(report, manner)


def beside_a_patch(report: ApplyReport) -> Iterator[str]:
    """Say what a patch has no room for."""
    for error in report.errors:
        yield f"{visible(error.path)}: error: {visible(error.message)}"
    left, refused = len(_left(report)), len(report.refused)
    if left or refused:
        what = f"{counted(left, 'place')} left to a person and {counted(refused, 'refused file')}"
        yield f"note: not in the patch: {what}; --output-format text lists them"


def safety(edits: Iterable[Edit]) -> Fix:
    """How sure edits are together: as sure as the least sure of them."""
    fixes = {edit.cause.fix for edit in edits}
    return next((fix for fix in (Fix.MANUAL, Fix.UNSAFE) if fix in fixes), Fix.SAFE)


def reason(cause: Cause) -> str:
    """What makes a change necessary: a rule, the concept that it is about, and a reservation."""
    about = f" ({cause.concept})" if cause.concept else ""
    return visible(f"{cause.code}{about}{f', {cause.note}' if cause.note else ''}")


def subject(cause: Cause) -> str:
    """What code names, without its module where it has one; empty where it is not known."""
    return visible((cause.symbol or "").rpartition(":")[2])


def deed(outcome: FileOutcome) -> str:
    """What was done with a file that changed."""
    if outcome.is_new:
        return "created"
    return "deleted" if outcome.after is None else "changed"


def _left(report: ApplyReport) -> list[tuple[FileOutcome, Left]]:
    return [(one, left) for one in report.files for left in one.left]


def _places(places: list[tuple[FileOutcome, Left]]) -> Iterator[Line]:
    """The places left to a person, those with the same reason together."""
    for outcome, left in sorted(places, key=lambda pair: pair[1].why):
        name = subject(left.cause)
        yield [
            (place(outcome.path), "path"),
            (f":{left.line}:{left.column}: ", "separator"),
            (visible(left.cause.code), "warning"),
            (f" {name}: {visible(left.why)}" if name else f" {visible(left.why)}", ""),
        ]


def _told(path: str, label: str, why: str) -> Line:
    role = "warning" if label == Outcome.UNCHANGED.value else "error"
    return [(place(path), "path"), (": ", "separator"), (label, role), (f": {visible(why)}", "")]


def _wave(wave: Wave) -> Iterator[Line]:
    without = f" without {', '.join(map(place, wave.culprits))}" if wave.culprits else ""
    yield [
        (f"Wave {wave.number}: {counted(len(wave.paths), 'file')}, ", "strong"),
        (visible(wave.state), "good" if _is_whole(wave) else "error"),
        (without if wave.state == "applied" else "", ""),
    ]
    if not _is_whole(wave):
        for line in wave.check.splitlines()[-_CHECK_LINES:]:
            yield [("  | ", "gutter"), (visible_block(line), "")]


def _is_whole(wave: Wave) -> bool:
    return wave.state == "applied" and not wave.culprits


def _table(report: ApplyReport) -> Iterator[Line]:
    names = {rule.code: rule.name() for rule in catalogue.all_rules()}
    edits = Counter(edit.cause.code for one in report.changed for edit in one.edits)
    left = Counter(place.cause.code for _, place in _left(report))
    codes = sorted({*edits, *left}, key=lambda code: (-edits[code] - left[code], code))
    rows = [("edits", "left", "rule")]
    rows += [(str(edits[code]), str(left[code]), f"{code} {names.get(code, '')}") for code in codes]
    first, second = (max(len(row[column]) for row in rows) for column in range(2))
    for row in rows:
        counts = f"{row[0]:>{first}}  {row[1]:>{second}}  "
        yield [(counts, "strong"), (visible(row[2].rstrip()), "")]


def _summary(report: ApplyReport, manner: Manner) -> Iterator[Line]:
    if report.is_done:
        role = "warning" if report.errors else "good"
        yield [(f"Nothing to change in {counted(report.looked_at, 'file')}.", role)]
    elif not report.changed:
        yield [(f"No file {'would change' if manner.is_dry else 'changed'}.", "strong")]
    else:
        verb = "would change" if manner.is_dry else "changed"
        edits = [edit for one in report.changed for edit in one.edits]
        by_fix = Counter(edit.cause.fix for edit in edits)
        kinds = " and ".join(f"{by_fix[fix]} {fix.value}" for fix in Fix if by_fix[fix])
        told = f"{counted(len(edits), 'edit')}, {kinds}" if edits else "no edits"
        yield [(f"{counted(len(report.changed), 'file')} {verb}: {told}.", "strong")]
    if left := _left(report):
        files = len({one.path for one, _ in left})
        places = f"{counted(len(left), 'place')} in {counted(files, 'file')}"
        yield [(f"Left to a person: {places}.", "warning")]
    if report.refused:
        refused = len(report.refused)
        as_before = "left as it was" if refused == 1 else "left as they were"
        yield [(f"Refused: {counted(refused, 'file')}, {as_before}.", "error")]
    if report.errors:
        yield [(f"Not handled: {counted(len(report.errors), 'file or folder')}.", "error")]


def _following(report: ApplyReport, manner: Manner) -> Iterator[Line]:
    if report.run:
        told: Line = [("Run ", ""), (visible(report.run), "strong"), (".", "")]
        if report.changed and manner.undoing:
            told += [(" To undo it: ", "help"), (visible(manner.undoing), "")]
        yield told
    elif manner.is_dry and manner.following and report.changed:
        yield [("To write it: ", "help"), (visible(manner.following), "")]
    if manner.reviewing and any(left.cause.fix is Fix.UNSAFE for _, left in _left(report)):
        yield [("To see the unsafe changes: ", "help"), (visible(manner.reviewing), "")]
