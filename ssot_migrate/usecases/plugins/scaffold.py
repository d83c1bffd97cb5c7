"""`rules new`: a first rule with its examples, in a plug-in project that is there or a new one."""

from __future__ import annotations

import keyword
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate._version import __version__
from ssot_migrate.config.toml import Mistake, decode, parse_document, read_bytes
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.plugged_in.checks import check_prefix
from ssot_migrate.plugged_in.registered import Group
from ssot_migrate.transaction.whole import write_whole
from ssot_migrate.usecases.plugins.texts import PROJECT, RULE

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIRST, _LAST = 101, 999
_MANIFEST = "pyproject.toml"
_TABLE = f'[project.entry-points."{Group.RULES.value}"]'


class Scaffold(msgspec.Struct, frozen=True):
    """A rule that was written.

    Args:
        folder: The plug-in's project.
        files: What was written, relative to it.
        code: The rule's code.
        is_new: Whether the project was made for it.
    """

    folder: Path
    files: tuple[str, ...]
    code: str
    is_new: bool


class _Home(msgspec.Struct, frozen=True):
    """Where a rule goes: a project, the package of its rules, and what their codes start with."""

    folder: Path
    package: str
    prefix: str
    is_new: bool


def new_rule(name: str, prefix: str | None, into: str | None) -> Scaffold:
    """Write a rule with its examples, and the project around it if there is none.

    Args:
        name: The rule's name without its prefix, in kebab-case.
        prefix: What codes start with; None where the project says so.
        into: The project's folder; None for the working directory if that is a plug-in's, else for
            a new folder in it.

    Raises:
        UsageError: A name cannot be used, a file is there, or cannot be written.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module):
        raise UsageError(f"{name!r} is no name of a rule: write it as 'shared-client'")
    home = _home(prefix, into)
    files = dict(_project(home)) if home.is_new else {}
    code = f"{home.prefix}{_FIRST if home.is_new else _next_number(home)}"
    klass = "".join(part.capitalize() for part in name.split("-"))
    files[f"{home.package}/{module}.py"] = RULE.format(code=code, klass=klass)
    _write(home.folder, files)
    return Scaffold(home.folder, tuple(sorted(files)), code, home.is_new)


def _home(prefix: str | None, into: str | None) -> _Home:
    folder = Path(into or ".")
    if (folder / _MANIFEST).exists():
        registered = _registered(folder / _MANIFEST)
        if registered or into is not None:
            return _existing(folder, registered, prefix)
    if prefix is None:
        raise UsageError("a new plug-in needs to know what its codes start with: add --prefix ACME")
    if problem := check_prefix(prefix):
        raise UsageError(problem)
    package = f"{prefix.lower()}_ssot"
    folder = folder if into is not None else Path(package.replace("_", "-"))
    return _Home(folder, f"src/{package}/rules", prefix, is_new=True)


def _registered(manifest: Path) -> Mapping[str, object]:
    """The entry points for rules that a project declares, by name."""
    data = read_bytes(manifest)
    text = data if isinstance(data, Mistake) else decode(data)
    table: object = text if isinstance(text, Mistake) else parse_document(text)
    if isinstance(table, Mistake):
        raise UsageError(f"{manifest}: {table.message}")
    for key in ("project", "entry-points", Group.RULES.value):
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _existing(folder: Path, registered: Mapping[str, object], prefix: str | None) -> _Home:
    manifest = folder / _MANIFEST
    if not registered:
        raise UsageError(f"{manifest} has no {_TABLE}: add it, as docs/plugins.md shows")
    if prefix is None and len(registered) > 1:
        raise UsageError(f"{manifest} has several prefixes: add --prefix {min(registered)}")
    chosen = prefix or next(iter(registered))
    module = registered.get(chosen)
    if not isinstance(module, str):
        listed = ", ".join(registered)
        raise UsageError(f"{manifest} has no prefix {chosen!r} in {_TABLE}; it has: {listed}")
    path = module.replace(".", "/")
    for package in (f"src/{path}", path):
        if (folder / package).is_dir():
            return _Home(folder, package, chosen, is_new=False)
    raise UsageError(f"{manifest}: {module} is no package in {folder / 'src'} or {folder}")


def _next_number(home: _Home) -> int:
    pattern = re.compile(rf'"{re.escape(home.prefix)}(\d{{3}})"'.encode())
    numbers = [
        int(found)
        for file in (home.folder / home.package).rglob("*.py")
        for found in pattern.findall(file.read_bytes())
    ]
    number = max(numbers, default=_FIRST - 1) + 1
    if number > _LAST:
        raise UsageError(f"no code of {home.prefix} is left: take another prefix")
    return number


def _project(home: _Home) -> Mapping[str, str]:
    package = home.package.split("/")[1]
    words = {
        "distribution": package.replace("_", "-"),
        "package": package,
        "prefix": home.prefix,
        "version": __version__,
    }
    return {path.format(**words): text.format(**words) for path, text in PROJECT.items()}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files that are not there; none if one is."""
    there = [folder / path for path in sorted(files) if os.path.lexists(folder / path)]
    if there:
        raise UsageError(
            f"{there[0]} is there already, and is not written over: nothing was written"
        )
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / path, text.encode())
    except OSError as problem:
        raise UsageError(f"{problem.filename or folder}: {problem.strerror}") from problem
