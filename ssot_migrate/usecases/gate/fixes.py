"""The safe edits of each file that `apply` would make, for reports that carry fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.scope import Scope
from ssot_migrate.usecases.migration.planning import plan_opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.domain.outcome import Edit
    from ssot_migrate.index.index import Progress
    from ssot_migrate.usecases.project import Opened


def fixes_of(opened: Opened, jobs: int, progress: Progress) -> Mapping[str, tuple[Edit, ...]]:
    """Plan a migration in memory and give its edits by path; a file's edits belong together."""
    return {
        one.path: one.edits
        for one in plan_opened(opened, Scope(), jobs, progress).report.changed
        if one.edits and not one.is_new and one.after is not None
    }
