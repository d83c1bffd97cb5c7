"""Codebase migration and single-source-of-truth linting for Python."""

# ruff: noqa: I002

# Nothing else may be imported here, not even `__future__`: see `ssot_migrate.__main__`.
from ssot_migrate._version import __version__

__all__ = ["__version__"]
