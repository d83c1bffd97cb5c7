r"""Spells what UTF-8 cannot encode: a byte of a file name that is none becomes `\x80`."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    r"""Spell out only what UTF-8 cannot encode: an undecodable byte becomes `\x80`."""
    return _SURROGATE.sub(_spelled, text) if _SURROGATE.search(text) else text


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    # How os.fsdecode keeps the bytes 0x80 to 0xff.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
