"""What every JSON of the command line has in common."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Of the keys and their meaning: while it stays, keys may be added, and none goes or changes."""
