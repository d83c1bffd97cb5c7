"""Finds the configuration file, reads it with its packs and merges them into settings."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.check import check
from ssot_migrate.config.locate import Key, Locations
from ssot_migrate.config.merge import merge
from ssot_migrate.config.model import Registry
from ssot_migrate.config.settings import Document, Settings
from ssot_migrate.config.toml import Mistake, decode, parse_document, read_bytes
from ssot_migrate.domain.errors import ConfigError, ConfigProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_NAME = "ssot.toml"
PROJECT_FILE_NAME = "pyproject.toml"
_PROJECT_TABLE = ("tool", "ssot-migrate")
_PROJECT_KEY = ".".join(_PROJECT_TABLE)

Packs = Callable[[str], Path | None]
"""Finds a bundled or plugged-in pack by its name."""


def load(
    config: Path | None,
    root: Path,
    *,
    isolated: bool = False,
    packs: Packs,
    pack_names: Callable[[], Iterable[str]] = tuple,
) -> Settings:
    """Read a configuration file and the packs it extends.

    Args:
        config: The file to read; None for the nearest one at `root` or above.
        isolated: Read no file at all.
        packs: Finds a pack's file by the pack's name.
        pack_names: The names that `packs` knows; only asked to mend a misspelt one.

    Raises:
        ConfigError: With every problem of every file.
        UsageError: Both a file and no file were asked for.
    """
    if isolated and config:
        raise UsageError("--isolated reads no configuration file: leave out --config")
    source = None if isolated else config or find_config(root)
    if source is None:
        return Settings(registry=Registry(), source=None, digest=_digest(()))
    reader = _Reader(packs, pack_names)
    reader.read_source(source, beside=config is None)
    return reader.settings(source)


def load_text(text: str, source: Path, *, packs: Packs) -> Settings:
    """Read a registry that is not written yet.

    Args:
        text: The registry, as TOML.
        source: Where it is going to be; packs that it names by path lie beside it.
        packs: Finds a pack's file by the pack's name.

    Raises:
        ConfigError: With every problem.
    """
    reader = _Reader(packs, tuple)
    reader.read(source, _shown(source), text.encode())
    return reader.settings(source)


def find_config(start: Path) -> Path | None:
    """Find the nearest configuration file in a folder or above it.

    A folder's ssot.toml goes before its pyproject.toml, which counts if it has the tool's table.
    One that names the table and cannot be parsed counts too: it is not to be ignored in silence.
    """
    folder = start.absolute()
    for place in (folder, *folder.parents):
        if os.path.lexists(place / FILE_NAME):
            return place / FILE_NAME
        if _may_configure(place / PROJECT_FILE_NAME):
            return place / PROJECT_FILE_NAME
    return None


def _may_configure(path: Path) -> bool:
    if not os.path.isfile(path):
        return False
    data = read_bytes(path)
    if isinstance(data, Mistake):
        return True
    if not _names_the_tool(data):
        return False
    text = decode(data)
    table = text if isinstance(text, Mistake) else parse_document(text)
    return isinstance(table, Mistake) or _descend(table, _PROJECT_TABLE) is not None


def _names_the_tool(data: bytes) -> bool:
    """Whether a search finds the tool's name; the NUL bytes left out are those of UTF-16."""
    return b"ssot-migrate" in data.replace(b"\0", b"")


def _descend(table: object, key: Key) -> object | None:
    for part in key:
        if not isinstance(table, dict) or part not in table:
            return None
        table = table[part]
    return table


class _Reader:
    """Reads files depth first; each is kept once, behind the packs it extends."""

    def __init__(self, packs: Packs, pack_names: Callable[[], Iterable[str]]) -> None:
        self.problems: list[ConfigProblem] = []
        self._packs = packs
        self._pack_names = pack_names
        self._layers: list[tuple[Document, Registry]] = []
        self._bytes: list[bytes] = []
        self._open: dict[str, str] = {}
        self._done: set[str] = set()

    def read_source(self, path: Path, *, beside: bool) -> None:
        name = _shown(path)
        data = read_bytes(path)
        if isinstance(data, Mistake):
            self.problems.append(ConfigProblem(name, data.line, "", data.message))
            return
        if beside and path.name == FILE_NAME:
            self._refuse_second_file(path.with_name(PROJECT_FILE_NAME))
        self.read(path, name, data)

    def settings(self, source: Path) -> Settings:
        """Merge what was read.

        Raises:
            ConfigError: With every problem.
        """
        if self.problems:
            raise ConfigError(tuple(self.problems))
        ranked = list(enumerate(reversed(self._layers)))
        registry, origins = merge(
            [(rank, document.table, registry) for rank, (document, registry) in reversed(ranked)]
        )
        settings = Settings(
            registry=registry,
            source=source,
            digest=_digest(self._bytes),
            documents=tuple(document for _, (document, _) in ranked),
            origins=origins,
        )
        if problems := check(settings):
            raise ConfigError(problems)
        return settings

    def _refuse_second_file(self, path: Path) -> None:
        data = read_bytes(path)
        if isinstance(data, Mistake) or not _names_the_tool(data):
            return
        document = _document(path, _shown(path), data)
        if isinstance(document, Document):
            message = f"{FILE_NAME} beside it configures the tool already; keep one of the two"
            line = document.locations.line(document.base)
            self.problems.append(ConfigProblem(document.name, line, _PROJECT_KEY, message))

    def read(self, path: Path, name: str, data: bytes) -> None:
        document = _document(path, name, data)
        if isinstance(document, ConfigProblem):
            self.problems.append(document)
            return
        self._bytes.append(data)
        registry = self._convert(document)
        identity = os.path.realpath(path)
        self._open[identity] = name
        for index, pack in enumerate(_strings(document.table.get("extend"))):
            self._extend(document, ("extend", index), pack)
        del self._open[identity]
        self._done.add(identity)
        self._layers.append((document, registry))

    def _convert(self, document: Document) -> Registry:
        try:
            return msgspec.convert(document.table, Registry)
        except msgspec.ValidationError as error:
            from ssot_migrate.config.validate import mistakes

            found = list(mistakes(document.table)) or [((), str(error))]
            self.problems += [document.problem(key, message) for key, message in found]
            return Registry()

    def _extend(self, document: Document, key: Key, pack: str) -> None:
        path = self._pack_path(document, pack)
        if isinstance(path, str):
            self.problems.append(document.problem(key, path))
            return
        identity = os.path.realpath(path)
        if identity in self._open:
            names = list(self._open.values())[list(self._open).index(identity) :]
            cycle = " -> ".join([*names, names[0]])
            self.problems.append(document.problem(key, f"the packs extend in a cycle: {cycle}"))
        elif identity not in self._done:
            data = read_bytes(path)
            if isinstance(data, Mistake):
                self.problems.append(document.problem(key, f"{pack!r}: {data.message}"))
            else:
                self.read(path, _shown(path), data)

    def _pack_path(self, document: Document, pack: str) -> Path | str:
        if "\0" in pack or not pack.strip():
            return f"{pack!r} names no pack"
        if "/" in pack or pack.endswith(".toml"):
            return document.path.parent / pack
        path = self._packs(pack)
        if path is None:
            from ssot_migrate.config.validate import nearest

            meant = nearest(pack, self._pack_names())
            advice = f"did you mean '{meant}'?" if meant else "a file is written './name.toml'"
            return f"there is no pack {pack!r}; {advice}"
        return path


def _document(path: Path, name: str, data: bytes) -> Document | ConfigProblem:
    text = decode(data)
    if isinstance(text, Mistake):
        return ConfigProblem(name, text.line, "", text.message)
    table = parse_document(text)
    if isinstance(table, Mistake):
        return ConfigProblem(name, table.line, "", table.message)
    base: Key = _PROJECT_TABLE if path.name == PROJECT_FILE_NAME else ()
    found = _descend(table, base)
    if found is None:
        return ConfigProblem(name, 0, "", "has no [tool.ssot-migrate] table")
    if not isinstance(found, Mapping):
        line = Locations(text).line(base)
        return ConfigProblem(name, line, _PROJECT_KEY, "expected a table")
    return Document(name=name, path=path, base=base, table=found, locations=Locations(text))


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _shown(path: Path) -> str:
    """Name a file as the user would: from the current folder, if it lies there."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _digest(files: Sequence[bytes]) -> str:
    digest = hashlib.blake2b(msgspec.json.encode(Registry()), digest_size=16)
    for data in files:
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()
