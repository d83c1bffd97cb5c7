"""Extraction of a batch of files: the function that runs in worker processes."""

from __future__ import annotations

import gc
import hashlib
import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.call_facts import CallFacts
from ssot_migrate.index.facts import (
    Facts,
    HashFacts,
    ModuleFacts,
    ShapeFacts,
    StringFacts,
    Unparsable,
    UseFacts,
)
from ssot_migrate.index.interface_facts import InterfaceFacts
from ssot_migrate.index.parse import may_be_newer_syntax, may_exhaust_parser, parse, stack_room
from ssot_migrate.index.pragmas import PragmaFacts, pragma_facts

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from ssot_migrate.workspace.source import Contents

MODULE: Final = "module"
SHAPES: Final = "shapes"
HASHES: Final = "hashes"
USES: Final = "uses"
CALLS: Final = "calls"
STRINGS: Final = "strings"
PRAGMAS: Final = "pragmas"
INTERFACES: Final = "interfaces"
UNPARSABLE: Final = "unparsable"

# What the parser accepts is nested less than 3,000 deep, and a level takes a few frames of ours.
# Before 3.11 each of them takes a share of the C stack.
_FRAMES = 20_000 if sys.version_info >= (3, 11) else 5_000

TYPES: Final[dict[str, type[msgspec.Struct]]] = {
    MODULE: ModuleFacts,
    SHAPES: ShapeFacts,
    HASHES: HashFacts,
    USES: UseFacts,
    CALLS: CallFacts,
    STRINGS: StringFacts,
    PRAGMAS: PragmaFacts,
    INTERFACES: InterfaceFacts,
    UNPARSABLE: Unparsable,
}


class Extracted(msgspec.Struct, frozen=True):
    """What a worker sends back for one file: encoded facts by kind, or an error.

    Args:
        path: The file.
        digest: Its content's identity; empty where the outcome is not to be cached.
        facts: Encoded facts by kind.
        needs_isolation: Whether `extract_isolated` has to look at it, in a process of its own.
        error: Why the file could not be read.
    """

    path: str
    digest: bytes = b""
    facts: tuple[tuple[str, bytes], ...] = ()
    needs_isolation: bool = False
    error: FileError | None = None


def digest_of(data: bytes) -> bytes:
    """The content's identity in the cache; 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


def extract_batch(contents: Contents, tasks: list[tuple[str, tuple[str, ...]]]) -> list[Extracted]:
    """Extract the asked kinds of facts of each (path, kinds); never raises for a file's content."""
    # Syntax trees hold no cycles worth collecting: without the collector parsing is twice as fast.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [extract_file(contents, path, kinds) for path, kinds in tasks]
    finally:
        if was_enabled:
            gc.enable()


def extract_file(contents: Contents, path: str, kinds: tuple[str, ...]) -> Extracted:
    """Extract the asked kinds of facts of one file with the running interpreter's grammar."""
    data = contents.read(path)
    if isinstance(data, FileError):
        return Extracted(path, error=data)
    if may_exhaust_parser(data):
        return Extracted(path, needs_isolation=True)
    return _extracted(path, data, parse(data), kinds)


def extract_isolated(contents: Contents, path: str, kinds: tuple[str, ...]) -> Extracted:
    """Extract facts of a file that may take its process down, or that only LibCST reads."""
    data = contents.read(path)
    if isinstance(data, FileError):
        return Extracted(path, error=data)
    tree = parse(data)
    if isinstance(tree, Unparsable) and may_be_newer_syntax(tree):
        tree = _parse_newer(data) or tree
    extracted = _extracted(path, data, tree, kinds)
    return msgspec.structs.replace(extracted, needs_isolation=False)


def _parse_newer(data: bytes) -> ast.Module | None:
    from ssot_migrate.index.downgrade import parse_newer

    try:
        tree = parse_newer(data)
    except Exception:  # LibCST's failures share no base class; the file stays unparsable.
        return None
    return None if isinstance(tree, Unparsable) else tree


def _extracted(
    path: str, data: bytes, tree: ast.Module | Unparsable, kinds: tuple[str, ...]
) -> Extracted:
    digest = digest_of(data)
    if isinstance(tree, Unparsable):
        facts = ((UNPARSABLE, msgspec.msgpack.encode(tree)),)
        return Extracted(path, digest, facts, may_be_newer_syntax(tree))
    return Extracted(path, digest, _encode(tree, data, kinds))


def _encode(tree: ast.Module, data: bytes, kinds: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    with stack_room(_FRAMES):
        return _encode_deep(tree, data, kinds)


def _encode_deep(
    tree: ast.Module, data: bytes, kinds: tuple[str, ...]
) -> tuple[tuple[str, bytes], ...]:
    from ssot_migrate.index.extract import module_facts

    encode = msgspec.msgpack.encode
    # Several kinds start from the module's imports.
    module = cache(partial(module_facts, tree, data))
    try:
        facts = tuple((kind, encode(_extract(kind, tree, data, module))) for kind in kinds)
    except RecursionError:
        return ((UNPARSABLE, encode(Unparsable("nested too deeply to be read"))),)
    return facts


def _extract(
    kind: str, tree: ast.Module, data: bytes, module: Callable[[], ModuleFacts]
) -> Facts | CallFacts | PragmaFacts | InterfaceFacts:
    if kind == MODULE:
        return module()
    if kind == PRAGMAS:
        return pragma_facts(data)
    if kind == SHAPES:
        from ssot_migrate.index.shapes import shape_facts

        return shape_facts(tree)
    if kind == INTERFACES:
        from ssot_migrate.index.interfaces import interface_facts

        return interface_facts(tree)
    if kind == HASHES:
        from ssot_migrate.index.hashes import hash_facts

        return hash_facts(tree)
    if kind == STRINGS:
        from ssot_migrate.index.strings import string_facts

        return string_facts(tree, data)
    if kind == CALLS:
        from ssot_migrate.index.calls import call_facts

        return call_facts(tree, data, module().imports)
    from ssot_migrate.index.uses import use_facts

    return use_facts(tree, data, module().imports)
