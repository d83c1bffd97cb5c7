"""Reads a campaign: one registry, and the checkouts that it is to hold for."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.locate import Locations
from ssot_migrate.config.settings import Document
from ssot_migrate.config.toml import Mistake, decode, parse_document, read_bytes
from ssot_migrate.config.validate import nearest
from ssot_migrate.domain.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = ("registry", "repositories")


class Repository(msgspec.Struct, frozen=True):
    """A checkout.

    Args:
        name: As the campaign has it: a path from the campaign's folder.
        root: Where it lies, whether or not anything does.
    """

    name: str
    root: Path


class Campaign(msgspec.Struct, frozen=True):
    """What is to be done everywhere, and where.

    Args:
        registry: The registry's file.
        repositories: In the order of the file; what a pattern matches, sorted.
    """

    registry: Path
    repositories: tuple[Repository, ...]


def load_campaign(file: Path) -> Campaign:
    """Read a campaign; its paths start from its folder.

    Raises:
        ConfigError: With every problem.
    """
    document = _document(file)
    folder, table = Path(os.path.abspath(file)).parent, document.table
    problems = list(_mistakes(document))
    repositories: dict[str, Repository] = {}
    entries = table.get("repositories")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        key = ("repositories", number)
        if not isinstance(entry, str) or not entry.strip() or "\0" in entry:
            problems.append(document.problem(key, "expected the path of a checkout"))
            continue
        names = _expanded(folder, entry)
        if not names:
            problems.append(document.problem(key, f"no folder matches {entry!r}"))
        for name in names:
            root = folder / name
            identity = os.path.realpath(root)
            if identity in repositories:
                twice = f"{name!r} is {repositories[identity].name!r} already"
                problems.append(document.problem(key, twice))
            else:
                repositories[identity] = Repository(name, Path(os.path.normpath(root)))
    if problems:
        raise ConfigError(tuple(problems))
    return Campaign(folder / str(table["registry"]), tuple(repositories.values()))


def _document(file: Path) -> Document:
    data = read_bytes(file)
    text = data if isinstance(data, Mistake) else decode(data)
    table = text if isinstance(text, Mistake) else parse_document(text)
    if isinstance(table, Mistake):
        raise ConfigError((ConfigProblem(str(file), table.line, "", table.message),))
    return Document(str(file), file, (), table, Locations(str(text)))


def _mistakes(document: Document) -> Iterator[ConfigProblem]:
    for key in document.table:
        if key not in _KEYS:
            meant = nearest(key, _KEYS)
            advice = f"; did you mean {meant!r}?" if meant else f"; the keys are {', '.join(_KEYS)}"
            yield document.problem((key,), f"unknown key{advice}")
    registry = document.table.get("registry")
    if not isinstance(registry, str) or not registry.strip() or "\0" in registry:
        yield document.problem(("registry",), "expected the path of the registry, `ssot.toml`")
    repositories = document.table.get("repositories")
    if not isinstance(repositories, list) or not repositories:
        yield document.problem(("repositories",), "expected a list with paths of checkouts")


def _expanded(folder: Path, entry: str) -> list[str]:
    """The folders that a pattern matches; a plain path is itself, even if nothing is there."""
    if not glob.has_magic(entry):
        return [entry]
    found = glob.glob(entry, root_dir=folder)
    return sorted(name for name in found if os.path.isdir(folder / name))
