"""The baseline of `verify`: what was wrong before a migration and is not its affair."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError, Finding
from ssot_migrate.transaction.whole import write_whole
from ssot_migrate.usecases.migration.past import Past
from ssot_migrate.workspace.source import plain_reason, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.lint.project import Project

BASELINE = "ssot-verify-baseline.json"

_VERSION = 1


class Accepting(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong before, and so does not count.

    Args:
        baseline: File that lists it; None for `BASELINE` in the root, if it is there.
        is_writing: Whether to write that file: with all that is wrong if there is none yet, else
            with only what it lists and is still wrong.
        since: What was wrong at this git revision does not count either.
    """

    baseline: str | None = None
    is_writing: bool = False
    since: str | None = None


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A finding that is accepted; the fingerprint alone identifies it, the rest is for people."""

    path: str
    code: str
    symbol: str
    fingerprint: str


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted findings, and the version of their format."""

    version: int
    accepted: tuple[Entry, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Findings held against a baseline.

    Args:
        new: Those that it does not accept.
        known: Those that it does.
        mended: How many of its entries nothing corresponds to any more.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    mended: int


def weigh(
    project: Project, accepting: Accepting, findings: Sequence[Finding]
) -> tuple[list[Finding], list[str]]:
    """Leave out the findings that do not count, and say which do not; writes the baseline if asked.

    Raises:
        UsageError: The baseline cannot be used, or git knows no such revision.
    """
    found, notes = list(findings), []
    if accepting.since is not None:
        found = _new_since(Past(project, accepting.since), findings)
        notes.append(f"{len(findings) - len(found)} findings were there at {accepting.since}")
    file = Path(accepting.baseline or project.index.root / BASELINE)
    baseline = load_baseline(file)
    if baseline is None and accepting.is_writing:
        save_baseline(file, found)
        notes.append(f"{len(found)} findings were accepted in {file}")
        return [], notes
    if baseline is None and accepting.baseline:
        raise UsageError(f"{file}: there is no such baseline; --write-baseline makes it")
    if baseline is None:
        return found, notes
    compared = compare(found, baseline)
    if compared.mended:
        notes.append(_drop_mended(file, compared, is_writing=accepting.is_writing))
    return list(compared.new), notes


def _drop_mended(file: Path, compared: Comparison, *, is_writing: bool) -> str:
    count = "1 entry" if compared.mended == 1 else f"{compared.mended} entries"
    if not is_writing:
        return f"nothing is wrong any more with {count} of {file}: --write-baseline drops them"
    save_baseline(file, compared.known)
    return f"{count} of {file} dropped, since nothing is wrong with them any more"


def _new_since(past: Past, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that the past does not have as well.

    Those with a symbol are imports in vain, the others files that do not compile.
    """
    new: list[Finding] = []
    unresolved: dict[str, Counter[str]] = {}
    for one in findings:
        if one.symbol is None:
            is_old = past.was_broken(one.path)
        else:
            if one.path not in unresolved:
                unresolved[one.path] = past.unresolved(one.path)
            is_old = unresolved[one.path][one.symbol] > 0
            unresolved[one.path][one.symbol] -= is_old
        if not is_old:
            new.append(one)
    return new


def load_baseline(file: Path) -> Baseline | None:
    """Read a baseline; None where there is no such file.

    Raises:
        UsageError: It cannot be read, or is no baseline.
    """
    if not file.exists():
        return None
    data = read(file.parent, file.name)
    if isinstance(data, FileError):
        raise UsageError(f"{file}: {data.message}")
    try:
        found = msgspec.convert(json.loads(data), Baseline)
    except (ValueError, RecursionError) as problem:
        remedy = "delete it and run `ssot-migrate verify --write-baseline`"
        raise UsageError(f"{file}: is no baseline of verify ({problem}): {remedy}") from problem
    if found.version != _VERSION:
        raise UsageError(f"{file}: has format {found.version}, which this version does not read")
    return found


def compare(findings: Iterable[Finding], baseline: Baseline) -> Comparison:
    """Tell findings that a baseline accepts from new ones."""
    left = Counter(entry.fingerprint for entry in baseline.accepted)
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in findings:
        is_known = left[finding.fingerprint] > 0
        left[finding.fingerprint] -= is_known
        (known if is_known else new).append(finding)
    return Comparison(tuple(new), tuple(known), left.total())


def save_baseline(file: Path, findings: Iterable[Finding]) -> None:
    """Write a baseline of findings, a line each, so that it merges well.

    Raises:
        UsageError: It cannot be written.
    """
    entries = sorted(
        Entry(finding.path, finding.code, finding.symbol or "", finding.fingerprint)
        for finding in findings
    )
    rows = ",\n".join(f"  {json.dumps(msgspec.to_builtins(entry))}" for entry in entries)
    text = f'{{"version": {_VERSION}, "accepted": [\n{rows}\n]}}\n'
    try:
        write_whole(file, text.encode("ascii"))
    except OSError as problem:
        raise UsageError(f"{file}: cannot be written: {plain_reason(problem)}") from problem
