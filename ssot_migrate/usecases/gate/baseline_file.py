"""The baseline on disk: a line of JSON for each known finding, in the order of their bytes.

Entries are a set. Lines that a merge doubles count once, and lines of both sides can be kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.baseline import Entry
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.lint.ratchet import numbered
from ssot_migrate.transaction.whole import write_whole
from ssot_migrate.workspace.source import link_target, plain_reason, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VERSION = 1
_HEAD = f'{{"ssot-migrate": "baseline", "version": {_VERSION}}}'
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_BOTH_SIDES = (
    "is an unresolved conflict: delete the marker lines and keep the entries of both sides; "
    "`ssot-migrate baseline prune` drops those that are too many"
)


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tool: str = msgspec.field(name="ssot-migrate")
    version: int


class BaselineFile(msgspec.Struct, frozen=True):
    """A baseline and where it is.

    Args:
        path: The file.
        name: The file as the user would name it.
        lines: Its entries, each once, with the 1-based line it stands on.
    """

    path: Path
    name: str
    lines: Mapping[Entry, int] = {}

    def written(self, entries: Iterable[Entry]) -> BaselineFile:
        """Write other entries in the place of these.

        Raises:
            UsageError: The file cannot be written.
        """
        ordered = sorted(numbered(entries), key=_row)
        rows = [_HEAD, *map(_row, ordered)]
        try:
            write_whole(self.path, "".join(f"{row}\n" for row in rows).encode("ascii"))
        except OSError as problem:
            reason = plain_reason(problem)
            raise UsageError(f"{self.name}: cannot be written: {reason}") from problem
        return BaselineFile(self.path, self.name, {e: n for n, e in enumerate(ordered, 2)})


def place_of(root: Path, configured: str, given: str | None) -> BaselineFile:
    """Where the baseline is, without a look at it.

    Args:
        root: The project's root.
        configured: The registry's path, relative to the root.
        given: The path on the command line, relative to the working directory; goes first.

    Raises:
        UsageError: The registry's path leads out of the root.
    """
    if given is not None:
        return BaselineFile(Path(given), given)
    target = link_target(root, configured)
    if isinstance(target, FileError):
        raise UsageError(f"{configured}: {target.message}")
    return BaselineFile(root / configured, configured)


def load(place: BaselineFile) -> BaselineFile | None:
    """Read a baseline; None where there is no such file.

    Raises:
        UsageError: It cannot be read, or is no baseline; names the line.
    """
    if not os.path.lexists(place.path):
        return None
    data = read(place.path.parent, place.path.name)
    if isinstance(data, FileError):
        raise UsageError(f"{place.name}: {data.message}")
    lines: dict[Entry, int] = {}
    reasons: dict[Entry, tuple[str, int]] = {}
    for line, entry in _entries(place.name, data):
        bare = msgspec.structs.replace(entry, reason="")
        reason, first = reasons.get(bare, ("", line))
        reasons[bare] = (reason or entry.reason, first)
    for bare, (reason, line) in reasons.items():
        lines[msgspec.structs.replace(bare, reason=reason)] = line
    return BaselineFile(place.path, place.name, lines)


def _entries(name: str, data: bytes) -> Iterator[tuple[int, Entry]]:
    decode = msgspec.json.Decoder(Entry).decode
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, decode(line)
        except msgspec.DecodeError:
            entry = _told_apart(f"{name}:{number}", line)
            if entry is not None:
                yield number, entry


def _told_apart(place: str, line: bytes) -> Entry | None:
    """What a line is that the quick way does not read: an entry with odd names, or a head.

    Raises:
        UsageError: Neither.
    """
    if line.startswith(_CONFLICT):
        raise UsageError(f"{place}: {_BOTH_SIDES}")
    try:
        value = json.loads(line)
        if isinstance(value, dict) and "code" not in value:
            version = msgspec.convert(value, _Head).version
        else:
            return msgspec.convert(value, Entry)
    except (ValueError, RecursionError) as problem:
        remedy = "delete the line, or bring the file back from version control"
        raise UsageError(f"{place}: is no entry of a baseline ({problem}): {remedy}") from problem
    if version != _VERSION:
        raise UsageError(f"{place}: has format {version}, which this version does not read")
    return None


def _row(entry: Entry) -> str:
    values = msgspec.to_builtins(entry)
    defaults = {"scope": "", "number": 1, "reason": ""}
    return json.dumps({k: value for k, value in values.items() if defaults.get(k) != value})
