"""Codebase migration and single-source-of-truth linting for Python."""

from __future__ import annotations

from ssot_migrate._version import __version__

__all__ = ["__version__"]
