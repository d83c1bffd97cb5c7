"""Says in words what becomes of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.rewrite.decisions import RenameCall

_AWAITS = {"keep": (), "add": ("it must be awaited",), "drop": ("it must not be awaited",)}


def changes_of_call(decision: RenameCall) -> tuple[str, ...]:
    """Say what else than its name changes in a call, a sentence for each thing."""
    keywords = (f"'{old}' is now '{new}'" for old, new in decision.keywords.items())
    positionals = ("its positionals become keywords",) if decision.positional else ()
    return (*keywords, *positionals, *_AWAITS[decision.awaits])
