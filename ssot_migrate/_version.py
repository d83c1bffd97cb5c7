"""The version, read by the package, the cache and the build."""

from __future__ import annotations

__version__ = "0.1.0"
