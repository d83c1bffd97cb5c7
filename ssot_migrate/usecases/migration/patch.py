"""What a patch has to know of the repository around a project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssot_migrate.usecases.project import project_root
from ssot_migrate.workspace import git

if TYPE_CHECKING:
    from ssot_migrate.usecases.project import Request


def prefix(request: Request) -> str:
    """The way from the top of the repository to the project's root, with a slash at its end.

    `git apply` counts paths from the top, wherever it is started, and passes over others in
    silence. Empty at the top, and outside any repository.
    """
    shown = git.run(project_root(request), "rev-parse", "--show-prefix")
    return os.fsdecode((shown or b"").removesuffix(b"\n"))
