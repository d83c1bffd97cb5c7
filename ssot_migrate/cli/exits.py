"""Exit codes, the same as Ruff's."""

from __future__ import annotations

from typing import Final

CLEAN: Final = 0
"""Nothing found, everything seen."""
FINDINGS: Final = 1
"""Findings, or files would change."""
ERROR: Final = 2
"""Wrong usage or configuration, a file that could not be handled, or an internal error."""
INTERRUPTED: Final = 130
"""Stopped by SIGINT, as a shell says it."""
TERMINATED: Final = 143
"""Stopped by SIGTERM."""
