"""The code that a finding is about, in a form that survives moving and reformatting."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.finding import Finding

_MOST_LINES = 40
_LONGEST = 160
_KEPT = 120

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_INSIDE_BRACKETS = re.compile(r"(?<=[(\[{]) | (?=[)\]},])")
_LAST_COMMA = re.compile(r",(?=[)\]}])")
_IMPORT = re.compile(r"(from \S+ import|import) \(?([^()]+)\)?")


def snippet(rows: Sequence[str], finding: Finding) -> str:
    """What a finding points at, without comments, line ends and the blanks that formatters move.

    The same code always gives the same text; a long one ends in a digest of what is left out. Of an
    import of several names, it is the one that the finding is about.

    Args:
        rows: The lines of its file.
        finding: The finding.
    """
    last = max(finding.line, min(finding.end_line, finding.line + _MOST_LINES - 1))
    lines = list(rows[finding.line - 1 : last])
    if not lines:
        return ""
    # From the end: where both ends are on one line, the first cut would shift the second.
    if finding.end_line == last and finding.end_column:
        lines[-1] = lines[-1][: finding.end_column - 1]
    if finding.end_line:
        lines[0] = lines[0][finding.column - 1 :]
    return _shortened(_one_import(_normalised(lines), finding.symbol or ""))


def _normalised(lines: Sequence[str]) -> str:
    code = " ".join(_COMMENT.sub("", line) for line in lines)
    text = " ".join((code if code.strip() else " ".join(lines)).split())
    return _LAST_COMMA.sub("", _INSIDE_BRACKETS.sub("", text))


def _one_import(text: str, symbol: str) -> str:
    found = _IMPORT.fullmatch(text)
    if found is None:
        return text
    module, _, name = symbol.partition(":")
    leaves = {name, name.partition(".")[0], module, module.rpartition(".")[2]} - {""}
    parts = found[2].split(", ")
    one = next((part for part in parts if part.split(" ")[0] in leaves), found[2])
    return f"{found[1]} {one}"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{text[:_KEPT]}... {digest}"
