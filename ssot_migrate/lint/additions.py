"""Names that modules may have although they do not bind them: others set them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.needles import Needle
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ssot_migrate.lint.project import Project

# What a module does to its own names in a way that cannot be read, wherever it stands in it.
_SELF_MADE = re.compile(
    rb"\b(?:globals|locals|vars)\s*\(\s*\)|\bexec\s*\(|\bsys\.modules\b|\bglobal_enum\b"
    rb"|,\s*__name__\s*[,)]"
)
_REPLACING = ("sys.modules", "meta_path")
_REPLACES = re.compile(rb"\bsys\.(?:modules|meta_path)\b")
_OPENED = re.compile(
    rb"""\bsetattr\s*\(\s*([\w.]+)\s*,\s*(?!["'])"""
    rb"""|\bvars\s*\(\s*([\w.]+)\s*\)|([\w.]+)\.__dict__\b"""
)
_QUOTED = re.compile(rb"""["']([\w.]+)["']""")
_SETTING = (
    rb"""(?<![\w.])([\w.]+)\.%(name)b[\s)\]]*(?::[^=\n]+)?=(?!=)"""
    rb"""|\bas\s+([\w.]+)\.%(name)b\b"""
    rb"""|\bset(?:attr|item)\s*\(\s*([\w.]+)\s*,\s*["']%(name)b["']"""
    rb"""|\bobject\s*\(\s*([\w.]+)\s*,\s*["']%(name)b["'][^)]*create"""
)
_OWN = (b"self", b"cls")


class Additions:
    """What is set on modules from outside. Build one for the names in question.

    It goes by the text: what only looks like an assignment keeps a name from being missed. Those
    who import a module are looked at first, as what they do not explain takes a search of the tree.

    Args:
        project: The tree.
        wanted: Paths of modules, and names that they do not bind themselves.
    """

    def __init__(self, project: Project, wanted: Collection[tuple[str, str]]) -> None:
        self._project = project
        self._open: set[str] = set()
        self._set: set[tuple[str, str]] = set()
        self._open.update(path for path, _ in wanted if self._makes_its_own(path))
        left = [one for one in sorted(wanted) if one[0] not in self._open]
        if left:
            self._ask_importers(left)
        left = [one for one in left if not self.may_bind(*one)]
        if left:
            self._ask_all(left)

    def may_bind(self, path: str, name: str) -> bool:
        """Whether a module may have a name all the same."""
        return path in self._open or (path, name) in self._set

    def _makes_its_own(self, path: str) -> bool:
        return _SELF_MADE.search(self._text(path)) is not None

    def _ask_importers(self, wanted: Collection[tuple[str, str]]) -> None:
        """Look at the files that import one of the modules, or a package around it."""
        packages = {above for path, _ in wanted for above in self._names_above(path)}
        names = {name for _, name in wanted}
        for path in self._project.everything():
            imported = (found for _, found in self._project.imports(path))
            if any(one.kind is Kind.MODULE and one.symbol.module in packages for one in imported):
                text = self._text(path)
                for found in _OPENED.finditer(text):
                    self._open.update(self._modules(path, next(filter(None, found.groups()))))
                for name in names:
                    for owner in _owners(text, name):
                        self._set.update((one, name) for one in self._modules(path, owner))

    def _ask_all(self, wanted: Collection[tuple[str, str]]) -> None:
        """Look at all files that spell a module, for one that gets it by other ways."""
        ways = []
        for path, name in wanted:
            module_name = self._project.modules.name_of(path)
            ways.append((path, name, module_name.encode(), module_name.rpartition(".")[2]))
        needles = [Needle(word, leaf) for _, name, _, leaf in ways for word in (name, *_REPLACING)]
        for path in sorted(self._project.index.search(needles)):
            text = self._text(path)
            quoted = set(_QUOTED.findall(text)) if _REPLACES.search(text) else set()
            bound = {statement.bound.encode() for statement, _ in self._project.imports(path)}
            for module, name, dotted, leaf in ways:
                if dotted in quoted:
                    self._open.add(module)
                elif leaf.encode() in text and any(
                    owner.split(b".")[0] not in bound for owner in _owners(text, name)
                ):
                    self._set.add((module, name))

    def _modules(self, path: str, owner: bytes) -> Iterator[str]:
        """The files of the modules that a dotted name stands for in a file."""
        head, _, rest = owner.decode().partition(".")
        for statement, _resolution in self._project.imports(path):
            if statement.bound == head:
                found = self._project.resolver.reference(path, statement, rest)
                if found.kind is Kind.MODULE:
                    yield found.end.path

    def _names_above(self, path: str) -> list[str]:
        """The name of a module, and those of the packages around it."""
        parts = self._project.modules.name_of(path).split(".")
        return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]

    def _text(self, path: str) -> bytes:
        data = self._project.index.contents.read(path)
        return b"" if isinstance(data, FileError) else data


def _owners(text: bytes, name: str) -> Iterator[bytes]:
    """What a text sets a name on, as it is spelled."""
    spelled = name.encode()
    if not any(mark + spelled in text for mark in (b".", b'"', b"'")):
        return  # most texts have it as a word of its own, if at all
    for found in re.finditer(_SETTING % {b"name": re.escape(name).encode()}, text):
        owner: bytes = next(filter(None, found.groups()))
        if owner.split(b".")[0] not in _OWN:
            yield owner
