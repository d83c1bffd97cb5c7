"""The version, read by the package, the cache and the build."""

# ruff: noqa: I002

__version__ = "0.1.0"
