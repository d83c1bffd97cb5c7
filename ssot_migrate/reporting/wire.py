"""Writes values as JSON that any console, log or strict parser takes.

The tool's own formats are objects that begin with their version. SARIF, JSON schemas and the like
are what those who laid them down want.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.wire import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPED = re.compile(r"[^\n -~]")


def versioned_json(value: Mapping[str, object]) -> str:
    """Write an object of the tool's own, with `version` as its first key."""
    return ascii_json({"version": VERSION, **value})


def ascii_json(value: object) -> str:
    r"""Write indented JSON in plain ASCII, ending with a newline.

    ASCII survives every encoding of standard output, and what a terminal would obey is `\u001b`.
    """
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return _ESCAPED.sub(_escape, text) + "\n"


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
