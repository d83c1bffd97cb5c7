"""Reads what `progress --output-format json` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.progress import Point, Progress, Tally, Trend, Work
from ssot_migrate.domain.wire import VERSION
from ssot_migrate.workspace.source import plain_reason

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 50_000_000
_REMEDY = "write it with `ssot-migrate progress --output-format json --output-file FILE`"


class _Point(Tally, frozen=True, kw_only=True):
    commit: str
    time: int
    tags: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    registry: str | None
    rules: dict[str, str]
    points: tuple[_Point, ...]
    trend: Trend | None = None
    work: Work = Work(0)
    notes: tuple[str, ...] = ()


def read_progress(file: Path) -> Progress:
    """The findings over a history, from a file.

    Raises:
        UsageError: The file cannot be read, or holds something else.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {plain_reason(problem)}") from problem
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{file} is larger than {_MOST_BYTES // 1_000_000} MB: {_REMEDY}")
    try:
        found = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file} is no report of `progress`: {problem}; {_REMEDY}") from problem
    if found.version != VERSION or not found.points:
        what = "has no revision" if found.points == () else f"has version {found.version}"
        raise UsageError(f"{file} {what}, and cannot be shown: {_REMEDY}")
    return Progress(
        points=tuple(map(_point, found.points)),
        registry=found.registry or "",
        rules=found.rules,
        trend=found.trend,
        work=found.work,
        notes=found.notes,
    )


def _point(point: _Point) -> Point:
    tally = {name: getattr(point, name) for name in Tally.__struct_fields__}
    return Point(point.commit, point.time, point.tags, Tally(**tally))
