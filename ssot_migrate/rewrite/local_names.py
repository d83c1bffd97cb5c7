"""Which local names of a file can go, and which can be given to what it is to import."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import Context
from ssot_migrate.rewrite.names import Names
from ssot_migrate.rewrite.use_edits import Unsure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.index.facts import Import
    from ssot_migrate.rewrite.document import Document
    from ssot_migrate.rewrite.use_edits import UseEdits
    from ssot_migrate.rewrite.wanted import Wanted

_UNCONDITIONAL = Context.FUNCTION | Context.CLASS


class LocalNames:
    """The names that a document's imports bind.

    Args:
        document: The file.
        uses: The uses of its imports.
        kept_names: Names of the module that others read.
        becomes: Level, module and name of what imports move to, by their numbers.
        is_interface: Whether the file's names are imported by design (`__init__`, stubs).

    Attributes:
        names: Every identifier of the file.
    """

    def __init__(
        self,
        document: Document,
        uses: UseEdits,
        kept_names: frozenset[str],
        becomes: Mapping[int, tuple[int, str, str]],
        *,
        is_interface: bool,
    ) -> None:
        self.names = Names(document)
        self._uses = uses
        self._document = document
        self._imports = document.facts.imports
        self._kept_names = kept_names
        self._is_interface = is_interface
        self._becomes = becomes
        self._taken: defaultdict[str, list[tuple[Import, Wanted]]] = defaultdict(list)

    def can_rename(self, index: int, statement: Import, wanted: Wanted) -> bool:
        """Whether an import can bind what is wanted under its own name, in all uses."""
        try:
            self.require_rename(index, statement)
            self.require_free(index, wanted)
        except Unsure:
            return False
        return True

    def require_rename(self, index: int, statement: Import) -> None:
        """Raise unless every use of an import's local name is known and nobody else reads it."""
        old = statement.bound
        if not self.is_private(statement):
            raise Unsure(f"`{old}` is read from other modules")
        if not self.names.is_only_binding(statement):
            raise Unsure(f"`{old}` is bound more than once")
        if _is_mangled(old) or self.names.is_spelled_as_type(old, self._uses.quoted):
            raise Unsure(f"`{old}` may be spelled in ways that the text does not show")
        if self.names.is_dynamic:
            raise Unsure(f"the file may look `{old}` up by name at run time")
        if not self._uses.of(index):
            raise Unsure(f"nothing here reads `{old}`, so something else may")
        for one in self._uses.of(index):
            if self._uses.is_shared(one):
                raise Unsure(f"`{old}` may come from another import in line {one.line}")
            if not self._uses.is_plain(one):
                raise Unsure(f"`{old}` cannot be renamed in line {one.line}")

    def is_private(self, statement: Import) -> bool:
        """Whether nothing outside the file reads the local name."""
        if statement.context & Context.FUNCTION:
            return True
        if statement.context & Context.CLASS:
            return False
        facts = self._document.facts
        name = statement.bound
        is_exported = name in (facts.exports or ()) or facts.exports_open
        is_explicit = statement.aliased and statement.name == name
        return not (self._is_interface or is_exported or is_explicit or name in self._kept_names)

    def require_fixed(self, statement: Import) -> None:
        """Raise if something else may bind a package's name."""
        if self.names.is_bound_otherwise(statement):
            raise Unsure(f"`{statement.bound}` is bound to something else as well")

    def require_free(self, index: int, wanted: Wanted) -> None:
        """Raise if another thing has the name of what is wanted."""
        if not self.can_take(index, wanted):
            raise Unsure(f"`{wanted.local}` is bound to something else in this file")

    def can_take(self, index: int, wanted: Wanted) -> bool:
        """Whether a name can be bound here: unused, or bound by imports of the same thing."""
        statement, name = self._imports[index], wanted.local
        if _is_mangled(name):
            return False
        for other, taken in self._taken[name]:
            if taken != wanted and self.names.are_related(statement, other):
                return False
        if self.names.is_unused(name, statement):
            return True
        return self.names.is_imported_as(name, self._imports_of(wanted, index))

    def _imports_of(self, wanted: Wanted, index: int) -> list[int]:
        """The file's imports of what is wanted, under its own name, in the same scope."""
        here = self.names.scope_key(self._imports[index])
        return [
            number
            for number, one in enumerate(self._imports)
            if one.bound == wanted.local
            and self._becomes.get(number, (one.level, one.module, one.name))
            == (0, wanted.module, wanted.name)
            and self.names.scope_key(one) == here
            and not one.context & ~_UNCONDITIONAL
        ]

    def take(self, statement: Import, wanted: Wanted) -> None:
        """Note that an import will bind what is wanted under its own name."""
        if wanted.bound is None and wanted.name:
            self._taken[wanted.local].append((statement, wanted))


def _is_mangled(name: str) -> bool:
    """Whether a class body reads a name as another one."""
    return name.startswith("__") and not name.endswith("__")
