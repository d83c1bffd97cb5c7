"""What is to change in a file: decided with the whole project in view, carried out without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from ssot_migrate.domain.finding import Span
from ssot_migrate.domain.outcome import Cause
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from ssot_migrate.index.facts import Reference


class MoveImport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What an import fetches is found elsewhere.

    Args:
        index: Number of the import among the file's, as `ModuleFacts.imports` counts them.
        target: Where it is found; a name behind a colon, or a module, or (of a
            `from package import name`) either of them.
    """

    index: int
    target: SymbolPath
    cause: Cause


class MoveReference(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A chain of attributes that starts at an import leads elsewhere.

    Args:
        imported: Number of the import.
        path: The attributes behind the bound name, dotted, as `Reference.path` has them.
        target: What replaces the whole chain.
        is_through_module: Whether the import binds a module, and no class.
        kept: Lines and columns of uses that stay as they are, and of the import if it does.
    """

    imported: int
    path: str
    target: SymbolPath
    is_through_module: bool = True
    kept: frozenset[tuple[int, int]] = frozenset()
    cause: Cause

    def moves(self, use: Reference) -> bool:
        """Whether a use of the import is to lead elsewhere."""
        return use.path == self.path and (use.line, use.column) not in self.kept


class ReplaceString(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A string literal names a dotted path that is found elsewhere.

    Args:
        span: The literal's position, all parts of an implicit concatenation included.
        before: The value that it has.
        after: The value that it is to have.
    """

    span: Span
    before: str
    after: str
    cause: Cause


class RenameCall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A call of a method, constructor or accessor goes to another API.

    Args:
        span: Position of the call expression, from the start of its receiver.
        name: The new last name of the called chain.
        keywords: Keywords as written -> as they are to be.
        positional: The legacy order of the positionals, by canonical name; empty if it stays.
        awaits: What becomes of `await`.
        along: Lines and columns of the references in its file that have to move with it. Empty if
            the class is replaced in another file; None if the class need not be replaced.
    """

    span: Span
    name: str
    keywords: dict[str, str] = {}
    positional: tuple[str, ...] = ()
    awaits: Literal["keep", "add", "drop"] = "keep"
    along: tuple[tuple[int, int], ...] | None = None
    cause: Cause


class Shift(msgspec.Struct, frozen=True):
    """Lines that go into a suite, or out of one.

    Args:
        first: The first line; `last` is the last one.
        is_deeper: Whether they go into one.
    """

    first: int
    last: int
    is_deeper: bool


class ReplaceCode(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An expression, or the head of a statement, becomes another one.

    Args:
        span: Its position.
        parts: What it becomes: new text, and the positions of what is kept of it.
        shift: Lines below a statement that change their suite with it.
        names: What the new text names, each bound under its last name.
        moving: Deprecated classes whose successors alone have what the new text reads.
    """

    span: Span
    parts: tuple[str | Span, ...]
    shift: Shift | None = None
    names: tuple[SymbolPath, ...] = ()
    moving: tuple[str, ...] = ()
    cause: Cause


class AddImport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A name is to be imported by the module itself.

    Args:
        target: The name.
        above: The line of the first statement that needs it.
        moving: As of the code that needs it.
        settles: Whether the module reads the name already, and binds it nowhere.
    """

    target: SymbolPath
    above: int
    moving: tuple[str, ...] = ()
    settles: bool = False
    cause: Cause


Decision: TypeAlias = (
    MoveImport | MoveReference | ReplaceString | RenameCall | ReplaceCode | AddImport
)


class FileTask(msgspec.Struct, frozen=True, kw_only=True):
    """A file and what is to change in it.

    Args:
        path: POSIX path relative to the root.
        digest: Identity of the content that the decisions were made from.
        module: The file's dotted module name.
        is_package: Whether it is an `__init__`.
        decisions: What is to change.
        kept_names: Names of the module that others read: they keep their local name.
    """

    path: str
    digest: bytes
    module: str
    is_package: bool
    decisions: tuple[Decision, ...]
    kept_names: frozenset[str] = frozenset()
