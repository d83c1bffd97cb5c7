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
        since: Only files that changed since this git revision.
    """

    concepts: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    unsafe: bool = False
    strings: frozenset[str] = frozenset()
    docs: bool = False
    delete: bool = False
    force: bool = False
    since: str | None = None
