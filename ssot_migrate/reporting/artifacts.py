"""How SARIF names a file, and the edits of a file that belong together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.reporting.sanitize import encodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.outcome import Edit

BASE = "SRCROOT"

_CLEAN_URI = re.compile("[A-Za-z0-9._~/-]*")


def artifact(path: str) -> dict[str, str]:
    """Name a file relative to the scanned root, from the bytes of its path."""
    uri = path if _CLEAN_URI.fullmatch(path) else _percent_encoded(path)
    return {"uri": uri, "uriBaseId": BASE}


def _percent_encoded(path: str) -> str:
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        raw = path.encode("utf-8", "surrogatepass")
    return "".join(
        char if _CLEAN_URI.fullmatch(char) else f"%{ord(char):02X}"
        for char in raw.decode("latin-1")
    )


def fix(path: str, edits: Sequence[Edit]) -> dict[str, object]:
    """Describe all edits of a file as one fix, for they were proven together."""
    number = "1 edit" if len(edits) == 1 else f"{len(edits)} edits"
    return {
        "description": {"text": f"Migrate this file: {number}, to be made together."},
        "artifactChanges": [
            {"artifactLocation": artifact(path), "replacements": [_replacement(e) for e in edits]}
        ],
    }


def _replacement(edit: Edit) -> dict[str, object]:
    return {
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": {"text": encodable(edit.after)},
    }
