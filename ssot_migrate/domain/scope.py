"""Which changes of a migration are meant."""

from __future__ import annotations

import msgspec


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which changes are meant.

    Args:
        concepts: Names of concepts; empty for all of them, and the moves.
        symbols: What is to be replaced, as findings name it; empty for all of it.
        select: Codes, prefixes or names of the rules whose findings are to be resolved.
        unsafe: Whether to make changes that the registry calls unsafe.
        strings: Kinds of strings to edit; the others are only reported.
        docs: Whether to edit documents, settings and scripts.
        delete: Whether to delete the modules that the registry wants deleted.
        force: Whether to change read-only files.
        suppressions: Whether what comments in the code suppress stays as it is.
        since: Only files that changed since this git revision.
        staged: Only files with changes that are staged in git.
    """

    concepts: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    unsafe: bool = False
    strings: frozenset[str] = frozenset()
    docs: bool = False
    delete: bool = False
    force: bool = False
    suppressions: bool = True
    since: str | None = None
    staged: bool = False
