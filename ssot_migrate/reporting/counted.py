"""Numbers with their nouns."""

from __future__ import annotations

_PLURALS = {
    "class": "classes",
    "family": "families",
    "file or folder": "files or folders",
    "info": "info",
}


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it is called for."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"
