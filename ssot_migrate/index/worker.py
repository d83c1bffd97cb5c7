"""Extraction of a batch of files: the function that runs in worker processes."""

from __future__ import annotations

import gc
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import (
    Facts,
    HashFacts,
    ModuleFacts,
    ShapeFacts,
    Unparsable,
    UseFacts,
)
from ssot_migrate.index.parse import may_be_newer_syntax, parse
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    import ast

MODULE: Final = "module"
SHAPES: Final = "shapes"
HASHES: Final = "hashes"
USES: Final = "uses"
UNPARSABLE: Final = "unparsable"

TYPES: Final[dict[str, type[msgspec.Struct]]] = {
    MODULE: ModuleFacts,
    SHAPES: ShapeFacts,
    HASHES: HashFacts,
    USES: UseFacts,
    UNPARSABLE: Unparsable,
}


class Extracted(msgspec.Struct, frozen=True):
    """What a worker sends back for one file: encoded facts by kind, or an error."""

    path: str
    digest: bytes = b""
    facts: tuple[tuple[str, bytes], ...] = ()
    newer_syntax: bool = False
    error: FileError | None = None


def digest_of(data: bytes) -> bytes:
    """The content's identity in the cache; 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


def extract_batch(root: str, tasks: list[tuple[str, tuple[str, ...]]]) -> list[Extracted]:
    """Extract the asked kinds of facts of each (path, kinds); never raises for a file's content."""
    # Syntax trees hold no cycles worth collecting: without the collector parsing is twice as fast.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [extract_file(Path(root), path, kinds) for path, kinds in tasks]
    finally:
        if was_enabled:
            gc.enable()


def extract_file(root: Path, path: str, kinds: tuple[str, ...]) -> Extracted:
    """Extract the asked kinds of facts of one file with the running interpreter's grammar."""
    data = read(root, path)
    if isinstance(data, FileError):
        return Extracted(path, error=data)
    tree = parse(data)
    digest = digest_of(data)
    if isinstance(tree, Unparsable):
        facts = ((UNPARSABLE, msgspec.msgpack.encode(tree)),)
        return Extracted(path, digest, facts, may_be_newer_syntax(tree))
    return Extracted(path, digest, _encode(tree, data, kinds))


def extract_newer(root: str, path: str, kinds: tuple[str, ...]) -> Extracted:
    """Extract facts of a file that only a newer grammar reads; falls back to `Unparsable`."""
    from ssot_migrate.index.downgrade import downgrade

    plain = extract_file(Path(root), path, kinds)
    data = read(Path(root), path)
    if isinstance(data, FileError) or not plain.newer_syntax:
        return plain
    try:
        tree = parse(downgrade(data))
    except Exception:  # LibCST's failures share no base class; the file stays unparsable.
        return plain
    if isinstance(tree, Unparsable):
        return plain
    return Extracted(path, plain.digest, _encode(tree, data, kinds))


def _encode(tree: ast.Module, data: bytes, kinds: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    encode = msgspec.msgpack.encode
    try:
        module = module_facts(tree, data)
        facts: list[tuple[str, bytes]] = [(MODULE, encode(module))]
        for kind in kinds:
            if kind != MODULE:
                facts.append((kind, encode(_extract(kind, tree, data, module))))
    except RecursionError:
        return ((UNPARSABLE, encode(Unparsable("nested too deeply to be read"))),)
    return tuple(facts)


def _extract(kind: str, tree: ast.Module, data: bytes, module: ModuleFacts) -> Facts:
    if kind == SHAPES:
        from ssot_migrate.index.shapes import shape_facts

        return shape_facts(tree)
    if kind == HASHES:
        from ssot_migrate.index.hashes import hash_facts

        return hash_facts(tree)
    from ssot_migrate.index.uses import use_facts

    return use_facts(tree, data, module.imports)
