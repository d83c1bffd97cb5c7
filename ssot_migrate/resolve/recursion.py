"""Room for long chains of re-exports."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Python 3.10 needs the C stack for each of them.
_FRAMES = 5_000


@contextmanager
def deep() -> Iterator[None]:
    """Allow more nested calls than usual."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
