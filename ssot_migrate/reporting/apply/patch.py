"""A patch that `git apply` takes: the files' own bytes, so it is nothing for a terminal.

The paths start where git counts from: at the top of the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.apply.hunks import hunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.outcome import ApplyReport, FileOutcome
    from ssot_migrate.reporting.apply import Manner

_NOWHERE = b"/dev/null"
_NAMED = {0x07: b"a", 0x08: b"b", 0x09: b"t", 0x0A: b"n", 0x0B: b"v", 0x0C: b"f", 0x0D: b"r"}
_BACKSLASH, _QUOTE = b'\\"'


def render(report: ApplyReport, manner: Manner) -> bytes:
    """Write the changed files as one patch; what is left to a person is not in it."""
    return b"".join(line for outcome in report.changed for line in _file(outcome, manner.prefix))


def _file(outcome: FileOutcome, prefix: str) -> Iterator[bytes]:
    before, after = outcome.before, outcome.after or b""
    is_deleted = outcome.after is None
    if before == after and not outcome.is_new and not is_deleted:
        return
    path = (prefix + outcome.path).encode("utf-8", "surrogateescape")
    old, new = _quoted(b"a/" + path), _quoted(b"b/" + path)
    yield b"diff --git %b %b\n" % (old, new)
    if outcome.is_new:
        yield b"new file mode 100644\n"
    elif is_deleted:
        yield b"deleted file mode 100644\n"
    if before == after:
        return
    yield b"--- %b\n" % _ended(_NOWHERE if outcome.is_new else old)
    yield b"+++ %b\n" % _ended(_NOWHERE if is_deleted else new)
    for hunk in hunks(_lines(before), _lines(after)):
        yield hunk.place.encode() + b"\n"
        for kind, line in hunk.rows:
            yield kind.encode() + line
            if not line.endswith(b"\n"):
                yield b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    """Lines as git sees them: with a newline at the end of each, but perhaps of the last."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _quoted(name: bytes) -> bytes:
    """Spell a path as git does: in quotes, with escapes, if it has a byte that is not plain."""
    if all(0x20 <= byte < 0x7F and byte not in (_BACKSLASH, _QUOTE) for byte in name):
        return name
    return b'"%b"' % b"".join(map(_escaped, name))


def _escaped(byte: int) -> bytes:
    if byte in (_BACKSLASH, _QUOTE):
        return b"\\%c" % byte
    if byte in _NAMED:
        return b"\\" + _NAMED[byte]
    return b"%c" % byte if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _ended(name: bytes) -> bytes:
    """A tab says where a name with spaces ends."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name
