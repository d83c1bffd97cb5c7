"""Finds everything that would break, or may break, if modules were deleted.

Whoever reads a module over another one depends on that one: only what names the module itself
counts, in whatever way and wherever, in tests and in code that hardly ever runs too.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.reach import files_naming
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.workspace.source import Undecodable, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.index.facts import DottedString
    from ssot_migrate.lint.project import Project

_IMPORTERS = ("import_module", "find_spec", "importorskip", "resolve_name", "import_string")
_PACKAGES = {"__package__": 0, "__spec__.parent": 0, "__name__": 1}
_ENTRY_FILES = ("pyproject.toml", "setup.cfg")
_SECTION = re.compile(r"^[ \t]*\[\[?([^\]\r\n]+)\]\]?[ \t]*(?:#.*)?$")
_ENTRY_POINTS = re.compile(
    r"project\.(?:scripts|gui-scripts|entry-points\b.*)|options\.entry_points|entry_points"
    r"|tool\.poetry\.(?:scripts|plugins\b.*)"
)
_ENTRY_KEYS = re.compile(r"[ \t]*(?:scripts|gui-scripts|entry-points)\b")
_NAMED_AS = {
    StringKind.MOCK: "patches it",
    StringKind.IMPORT: "imports it by name",
    StringKind.ENTRY_POINT: "names it as an entry point",
    StringKind.SETTING: "names it in a setting",
    StringKind.WIRE: "names it for other processes or stored data",
    StringKind.DATA: "names it in a string",
}


class Dependent(msgspec.Struct, frozen=True, order=True):
    """A place that needs a module.

    Args:
        path: The file.
        line: 1-based.
        how: What it does with the module, as a verb with its object: `imports it`.
        module: The module.
    """

    path: str
    line: int
    how: str
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.how}"


def dependents(project: Project, modules: Iterable[str]) -> tuple[Dependent, ...]:
    """The places that need any of some modules, or anything in them; sorted.

    What stands in a module's own files is not left out: whether they go is for the caller to say.

    Args:
        project: The project.
        modules: Dotted names; of a package, whatever is in it counts.
    """
    finder = _Finder(project, frozenset(modules))
    return tuple(sorted(set(finder.everywhere())))


class _Finder:
    def __init__(self, project: Project, modules: frozenset[str]) -> None:
        self._project = project
        self._modules = modules
        self._kinds = Kinds(project)

    def everywhere(self) -> Iterator[Dependent]:
        project = self._project
        targets = [SymbolPath(module) for module in sorted(self._modules)]
        spelling = files_naming(project, targets)
        dynamic = project.mentioning(_IMPORTERS)
        files = sorted({*spelling, *dynamic})
        project.load_uses(files)
        for path in files:
            if project.facts(path) is not None:
                yield from self._imports(path)
                yield from self._references(path)
                yield from self._strings(path)
                yield from self._attributes(path)
        for path in sorted(spelling & project.index.unparsable.keys()):
            yield from self._unparsable(path)
        yield from self._entry_points()

    def _imports(self, path: str) -> Iterator[Dependent]:
        for statement, resolution in self._project.imports(path):
            named = self._project.resolver.named(path, statement)
            symbols = {resolution.hops[0].symbol, *filter(None, [named])}
            for module in {one for symbol in symbols for one in self._around(symbol)}:
                yield Dependent(path, statement.line, "imports it", module)

    def _references(self, path: str) -> Iterator[Dependent]:
        for reference, statement, resolution in self._project.references(path):
            named = self._project.resolver.named(path, statement)
            told = set(self._around(named)) if named is not None else set()
            # Of a longer way only the first step is this file's own.
            for module in self._around(resolution.hops[0].symbol):
                if reference.path and module not in told:
                    yield Dependent(path, reference.line, "refers to it", module)

    def _strings(self, path: str) -> Iterator[Dependent]:
        uses = self._project.index.uses(path)
        for text in uses.strings if uses is not None else ():
            kind = self._kinds.of(path, text)
            if kind is None or kind is StringKind.LOGGING:
                continue
            for module in self._around(SymbolPath(self._named(path, text))):
                yield Dependent(path, text.line, _NAMED_AS[kind], module)
            if text.form == "prefix" and kind is StringKind.IMPORT:
                how = f"may import it: what follows `{text.value}.` is computed"
                for module in self._modules:
                    if module.rpartition(".")[0] == text.value:
                        yield Dependent(path, text.line, how, module)

    def _named(self, path: str, text: DottedString) -> str:
        """The dotted path that a string spells."""
        value = text.value
        if text.form == "entry":
            value = value.partition("=")[2].partition("[")[0].strip()
        elif text.form == "relative":
            bare = value.lstrip(".")
            package = text.beside
            if package in _PACKAGES:
                package = self._project.modules.name_of(path)
                if text.beside == "__name__" or not is_package_file(path):
                    package = package.rpartition(".")[0]
            for _ in range(len(value) - len(bare) - 1):
                package = package.rpartition(".")[0]
            value = f"{package}.{bare}"
        return value.replace(":", ".")

    def _attributes(self, path: str) -> Iterator[Dependent]:
        """`getattr(package, "module")`."""
        uses = self._project.index.uses(path)
        if uses is None or not uses.attributes:
            return
        owners = {
            (reference.line, reference.column): resolution.symbol.module
            for reference, _, resolution in self._project.references(path)
            if resolution.kind is Kind.MODULE
        }
        for one in uses.attributes:
            owner = owners.get((one.owner_line, one.owner_column))
            module = f"{owner}.{one.name}"
            if module in self._modules:
                yield Dependent(path, one.line, _NAMED_AS[StringKind.DATA], module)

    def _unparsable(self, path: str) -> Iterator[Dependent]:
        for module in sorted(self._modules):
            leaf = module.rpartition(".")[2]
            lines = self._project.text_mentions(path, [leaf])
            if lines:
                how = f"cannot be parsed, and spells `{leaf}`"
                yield Dependent(path, lines[0], how, module)

    def _entry_points(self) -> Iterator[Dependent]:
        """What packaging files above the modules say is to be run or loaded."""
        root = self._project.index.root
        folders = {""}
        for module in self._modules:
            home = os.path.dirname(self._project.modules.path_of(module) or "")
            while home:
                folders.add(home)
                home = os.path.dirname(home)
        for folder in sorted(folders):
            for name in _ENTRY_FILES:
                path = f"{folder}/{name}" if folder else name
                if os.path.lexists(root / path):
                    yield from self._entries(path)

    def _entries(self, path: str) -> Iterator[Dependent]:
        data = self._project.index.contents.read(path)
        text = decode(data) if isinstance(data, bytes) else ""
        section = ""
        rows = [] if isinstance(text, Undecodable) else text.splitlines()
        for number, row in enumerate(rows, 1):
            heading = _SECTION.match(row)
            section = heading[1].strip() if heading else section
            if heading is None and _are_entry_points(section, row):
                for module in sorted(self._modules):
                    if re.search(rf"(?<![\w.]){re.escape(module)}(?!\w)", row):
                        yield Dependent(path, number, _NAMED_AS[StringKind.ENTRY_POINT], module)

    def _around(self, symbol: SymbolPath) -> Iterator[str]:
        """Which of the modules a name is, or lies in."""
        head = symbol.dotted
        while head:
            if head in self._modules:
                yield head
            head = head.rpartition(".")[0]


def _are_entry_points(section: str, row: str) -> bool:
    if section == "project":
        return _ENTRY_KEYS.match(row) is not None
    return _ENTRY_POINTS.fullmatch(section) is not None
