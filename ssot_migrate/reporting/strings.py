"""Strings that read as dotted paths, told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate.domain.strings import Standing
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.strings import NamedPath

FORMATS = ("text", "json")


def render(found: Sequence[NamedPath], output_format: str, none: str = "No such string.") -> str:
    """Write a line for each string and a summary, or one JSON object.

    Args:
        found: The strings.
        output_format: One of `FORMATS`.
        none: What to say where there are none.
    """
    if output_format == "json":
        return _json(found)
    lines = [_line(one) for one in found]
    return "\n".join([*lines, _summary(found) if found else none, ""])


def _line(one: NamedPath) -> str:
    line = f"{visible(one.path)}:{one.line}:{one.column}: {one.kind} {visible(one.text)!s}"
    if one.standing is Standing.NOTHING:
        hint = f"; did you mean {' or '.join(map(visible, one.near))}?" if one.near else ""
        return f"{line} names nothing in this tree{hint}"
    if one.symbol and one.symbol.replace(":", ".") != one.spelled.replace(":", "."):
        line += f" -> {visible(one.symbol)}"
    return f"{line} ({one.how})" if one.how in ("below", "through") else line


def _summary(found: Sequence[NamedPath]) -> str:
    counts = Counter(one.kind for one in found)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    files = len({one.path for one in found})
    where = "1 file" if files == 1 else f"{files} files"
    return f"{len(found)} {'string' if len(found) == 1 else 'strings'} in {where}: {told}"


def _json(found: Sequence[NamedPath]) -> str:
    return versioned_json(
        {
            "summary": {
                "strings": len(found),
                "by_kind": dict(sorted(Counter(one.kind for one in found).items())),
                "by_standing": dict(sorted(Counter(one.standing.value for one in found).items())),
            },
            "strings": [
                {
                    "path": encodable(one.path),
                    "line": one.line,
                    "column": one.column,
                    "text": encodable(one.text),
                    "spelled": encodable(one.spelled),
                    "kind": one.kind,
                    "scope": encodable(one.scope),
                    "standing": one.standing.value,
                    "symbol": encodable(one.symbol) or None,
                    "near": list(map(encodable, one.near)),
                    "how": one.how or None,
                }
                for one in found
            ],
        }
    )
