"""What an editor is offered at a place in a file."""

from __future__ import annotations

import msgspec

from ssot_migrate.domain.outcome import Edit


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A change that an editor offers.

    Args:
        title: What it does.
        edits: The change, in order of position; they belong together.
        codes: Codes of the rules whose findings it is about.
        line: 1-based line of the finding that it is about; 0 for what is about the whole file.
        preferred: Whether it is what to do about the finding, and safe.
        whole: Whether it is about all safe changes of the file.
    """

    title: str
    edits: tuple[Edit, ...]
    codes: tuple[str, ...] = ()
    line: int = 0
    preferred: bool = False
    whole: bool = False


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Where a name leads, and what to import instead of it.

    Args:
        line: 1-based line of the name; `column` is 1-based and counts characters; the end is
            exclusive.
        name: As it is written.
        symbol: What it leads to, as `module:Name`; None where that is not in the tree.
        canonical: What to use instead, as `module:Name`; None where nothing is decided.
        statement: The import to write.
        concept: The registry's concept.
        owner: Who owns it.
        reason: Why it is the canonical one.
        chain: The way from the name to its definition, as `path:line`.
        is_deprecated: Whether the way leads over a deprecated path.
        is_gone: Whether nothing binds the name where the way ends.
    """

    line: int
    column: int
    end_column: int
    name: str
    symbol: str | None = None
    canonical: str | None = None
    statement: str | None = None
    concept: str | None = None
    owner: str = ""
    reason: str = ""
    chain: tuple[str, ...] = ()
    is_deprecated: bool = False
    is_gone: bool = False
