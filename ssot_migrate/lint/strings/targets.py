"""What a mock target patches: a module's name, an attribute of an object, a whole module."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.facts import DottedString
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.strings.kinds import Kinds
    from ssot_migrate.lint.strings.paths import Paths

_OPTIONS = {"spec", "create", "spec_set", "autospec", "new_callable"}
_FORGIVING = {"create", "raising"}


class What(Enum):
    """What is patched."""

    NAME = "a name of a module"
    ATTRIBUTE = "an attribute of what a module's name stands for"
    OBJECT = "the content of what a module's name stands for"
    MODULE = "the module that an import finds"


class Target(msgspec.Struct, frozen=True):
    """What one mock target patches.

    Args:
        spelled: The target's path, divided into module and name.
        name: Of a `NAME`, where the look-up happens: module and name, past every alias of the
            module. Of the others the same as `spelled`.
        is_aliased: Whether `spelled` reaches the module by a name that another module has for it.
        is_forgiving: Whether the patch is to work where the name is missing.
    """

    what: What
    spelled: SymbolPath
    name: SymbolPath
    is_aliased: bool = False
    is_forgiving: bool = False


class Targets:
    """Reads mock targets.

    Args:
        project: The project.
        kinds: Tells what strings are for.
        paths: Divides dotted paths.
    """

    def __init__(self, project: Project, kinds: Kinds, paths: Paths) -> None:
        self._project = project
        self._kinds = kinds
        self._paths = paths

    def of(self, path: str, text: DottedString) -> Iterator[Target]:
        """The targets of one string in the file at `path`; several with `patch.multiple`."""
        written = text.callee.rpartition(".")[2]
        called = self._kinds.callee(path, text.callee or text.holder).rpartition(".")[2]
        is_forgiving = not _FORGIVING.isdisjoint(text.keywords)
        if written in ("setitem", "delitem") or text.form == "key":
            module = SymbolPath(text.value)
            yield Target(What.MODULE, module, module, is_forgiving=is_forgiving)
        elif called == "dict":
            symbol = self._paths.symbol(text.value)
            yield Target(What.OBJECT, symbol, symbol, is_forgiving=is_forgiving)
        elif called == "multiple":
            for name in text.keywords:
                if name not in _OPTIONS:
                    yield self._attribute(f"{text.value}.{name}", is_forgiving=is_forgiving)
        else:
            yield self._attribute(text.value, is_forgiving=is_forgiving)

    def _attribute(self, dotted: str, *, is_forgiving: bool) -> Target:
        head, _, leaf = dotted.rpartition(".")
        owner = self._project.resolver.dotted(head)
        if owner.kind is Kind.MODULE:
            spelled = SymbolPath(head, leaf)
            module = owner.symbol.module
            path_of = self._project.modules.path_of
            is_aliased = path_of(head) != path_of(module)
            return Target(What.NAME, spelled, SymbolPath(module, leaf), is_aliased, is_forgiving)
        spelled = self._paths.symbol(dotted)
        is_name = bool(spelled.name) and "." not in spelled.name
        what = What.NAME if is_name else What.ATTRIBUTE
        return Target(what, spelled, spelled, is_forgiving=is_forgiving)
