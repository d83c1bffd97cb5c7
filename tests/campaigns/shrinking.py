"""Makes a file that shows a failure smaller, as long as it shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fuzz import Planted

_MOST_ATTEMPTS = 400


def shrunk(file: Planted, fails: Callable[[Planted], bool]) -> Planted:
    """The smallest version found by leaving out lines; the file itself if it does not fail."""
    attempts = 0

    def still(candidate: list[bytes]) -> bool:
        nonlocal attempts
        attempts += 1
        smaller = file._replace(source=b"".join(candidate))
        try:
            compile(smaller.source, "<shrunk>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return fails(smaller)

    lines = re.split(rb"(?<=\n)", file.source)
    if not still(lines):
        return file
    size = len(lines) // 2
    while size and attempts < _MOST_ATTEMPTS:
        position = 0
        while position < len(lines) and attempts < _MOST_ATTEMPTS:
            candidate = lines[:position] + lines[position + size :]
            if still(candidate):
                lines = candidate
            else:
                position += size
        size //= 2
    return file._replace(source=b"".join(lines))
