"""The command line: parses options, calls one use case, prints what a reporter returns."""

from __future__ import annotations

from ssot_migrate.cli.app import run

__all__ = ["run"]
