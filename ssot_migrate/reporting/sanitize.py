r"""Makes every character of a scanned tree harmless to show.

Names, paths, messages and source lines come from code that nobody vouches for. A terminal, a log
viewer or a code review obeys escape sequences and bidirectional controls, so they are spelled out:
`\x1b`, `\u202e`. The spelling is for eyes; it is not meant to be undone.
"""

from __future__ import annotations

import re

from ssot_migrate.domain.spelling import encodable

__all__ = ["encodable", "visible", "visible_block"]

_SURROGATES = "\ud800-\udfff"

# Controls, format and bidirectional controls, blank letters, line separators, tags and variation
# selectors that carry hidden data, noncharacters that XML forbids. U+FE0F is left to emoji.
_HAZARD = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0"
    f"\ufff0-\ufffb\ufffe\uffff{_SURROGATES}"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TAB = "    "


def visible(text: str) -> str:
    """Spell out every character that a reader would not see or a terminal would obey."""
    return _HAZARD.sub(_spelled, text) if _HAZARD.search(text) else text


def visible_block(line: str) -> str:
    """As `visible`, for a source line: a tab becomes four spaces."""
    return visible(line.replace("\t", _TAB))


def _spelled(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if 0xDC80 <= code <= 0xDCFF:  # how os.fsdecode keeps the byte 0x80 to 0xff
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
