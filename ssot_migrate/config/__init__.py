"""The registry: what a team decided, read from `ssot.toml` or `pyproject.toml`."""
