"""What is wrong with a registry, as findings in its file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ssot_migrate import catalogue
from ssot_migrate.config.load import FILE_NAME, PROJECT_FILE_NAME, load_text
from ssot_migrate.domain.errors import ConfigError, SsotMigrateError
from ssot_migrate.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE = "configuration"
_TABLE = "[tool.ssot-migrate"


def is_registry(file: str) -> bool:
    """Whether a file may configure the tool, by its name."""
    return os.path.basename(file) in (FILE_NAME, PROJECT_FILE_NAME)


def problems_in(error: ConfigError) -> Mapping[str, tuple[Finding, ...]]:
    """The mistakes of configuration files, by absolute path."""
    found: dict[str, list[Finding]] = {}
    for one in error.problems:
        file = os.path.abspath(one.path)
        found.setdefault(file, []).append(
            Finding(
                code=CODE,
                name=CODE,
                severity=Severity.ERROR,
                path=file,
                line=max(1, one.line),
                message=f"{one.key}: {one.message}" if one.key else one.message,
            )
        )
    return {file: tuple(several) for file, several in found.items()}


def problems_of_text(file: str, text: str) -> tuple[Finding, ...]:
    """The mistakes of a registry that is being written, as far as the tree does not matter."""
    if os.path.basename(file) == PROJECT_FILE_NAME and _TABLE not in text:
        return ()
    try:
        load_text(text, Path(file), packs=catalogue.pack)
    except ConfigError as error:
        return problems_in(error).get(os.path.abspath(file), ())
    except SsotMigrateError:  # of a plug-in: told when the project is opened
        return ()
    return ()
