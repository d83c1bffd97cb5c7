"""`rollback` and `history`: what `apply` wrote, told of and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.transaction.store import RunStore
from ssot_migrate.usecases.migration.checked import label_of
from ssot_migrate.usecases.project import Request, project_root

if TYPE_CHECKING:
    from ssot_migrate.transaction.history import RunRecord
    from ssot_migrate.transaction.store import RolledBack


def rollback(
    request: Request, run: str | None = None, *, wave: int = 0, force: bool = False
) -> RolledBack:
    """Bring back the files of a run.

    Args:
        request: Which project.
        run: The run's id; None for the newest that is in force or unfinished.
        wave: The first wave to take back; 0 for all.
        force: Whether to bring back files that somebody edited since.

    Raises:
        TransactionError: There is no such run, or its files cannot be brought back.
    """
    return RunStore(project_root(request)).rollback(
        run, since=label_of(wave) if wave else "", force=force
    )


def history(request: Request) -> tuple[RunRecord, ...]:
    """The project's runs, newest first.

    Raises:
        TransactionError: What is stored of them cannot be used.
    """
    return RunStore(project_root(request)).history()


def undoing(request: Request, run: str) -> tuple[str, ...]:
    """The command that takes back a run of a project, from the working directory."""
    root = project_root(request)
    elsewhere = () if project_root(Request()) == root else ("--root", str(root))
    return ("ssot-migrate", "rollback", run, *elsewhere)
