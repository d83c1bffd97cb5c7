"""The classes of a project and their method resolution orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.index.worker import INTERFACES, MODULE
from ssot_migrate.lint.classes.ancestry import Ancestor, ClassRef, Line
from ssot_migrate.lint.classes.bases import Bases
from ssot_migrate.lint.classes.c3 import InconsistentError, merged
from ssot_migrate.lint.classes.outside import GENERIC, OBJECT, PROTOCOL, is_builtin, line_of
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssot_migrate.index.interface_facts import ClassInterface
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution


class Classes:
    """Answers what classes there are, and what they derive from. Facts are read on demand.

    Args:
        project: The tree.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._bases = Bases(project, self._nearest)
        self._files: dict[str, Mapping[str, list[ClassInterface]]] = {}
        self._ancestors: dict[ClassRef, tuple[Ancestor, ...]] = {}
        self._lines: dict[ClassRef, Line] = {}
        self._in_progress: set[ClassRef] = set()

    def preload(self, paths: Iterable[str]) -> None:
        """Read many files at once."""
        self._project.index.load(dict.fromkeys(paths, (MODULE, INTERFACES)))

    def in_file(self, path: str) -> tuple[ClassRef, ...]:
        """The classes of a file, in source order."""
        found = (
            ClassRef(self._name(path, name), path, fact.line)
            for name, facts in self._file(path).items()
            for fact in facts
        )
        return tuple(sorted(found, key=lambda ref: ref.line))

    def fact(self, ref: ClassRef) -> ClassInterface | None:
        """What its file says of a class; None outside the tree."""
        if not ref.path:
            return None
        named = self._file(ref.path).get(ref.name.partition(":")[2], [])
        return next((fact for fact in named if fact.line == ref.line), None)

    def at(self, found: Resolution) -> ClassRef | None:
        """The class at the end of a resolution; None if that is no class of the tree."""
        if found.kind is not Kind.SYMBOL or not found.end.path:
            return None
        return self._nearest(found.end.path, found.symbol.name, found.end.line)

    def bases(self, ref: ClassRef) -> tuple[Ancestor, ...]:
        """The bases of a class, in order; none outside the tree."""
        if ref not in self._ancestors:
            fact = self.fact(ref)
            self._ancestors[ref] = self._bases.of(ref.path, fact) if fact is not None else ()
        return self._ancestors[ref]

    def line(self, ref: ClassRef) -> Line:
        """The method resolution order of a class."""
        if ref not in self._lines and not self._in_progress:
            # From the top, so that a long chain of classes is no deep recursion.
            found = {ref: None}
            pending = [ref]
            while pending:
                new = [base.ref for one in pending for base in self.bases(one)]
                pending = [one for one in dict.fromkeys(new) if one not in found]
                found |= dict.fromkeys(pending)
            for one in reversed(found):
                self._line(one)
        return self._line(ref)

    def _line(self, ref: ClassRef) -> Line:
        if ref in self._lines:
            return self._lines[ref]
        if ref in self._in_progress:
            return Line((ref, OBJECT), f"`{ref.name}` derives from itself")
        self._in_progress.add(ref)
        self._lines[ref] = self._computed(ref)
        self._in_progress.discard(ref)
        return self._lines[ref]

    def _computed(self, ref: ClassRef) -> Line:
        if not ref.path:
            known = line_of(ref)
            return Line(known) if known else Line((ref, OBJECT), unseen=(ref.name,))
        bases = self._effective(ref)
        lines = [self._line(base) for base in bases]
        unseen = tuple(dict.fromkeys(name for line in lines for name in line.unseen))
        conflict = next((line.conflict for line in lines if line.conflict), "")
        above = [line.refs for line in lines] or [(OBJECT,)]
        if not conflict and len(set(bases)) < len(bases):
            twice = next(base for base in bases if bases.count(base) > 1)
            conflict = f"`{twice.name}` is a base twice"
        if not conflict:
            try:
                return Line((ref, *merged([*above, bases])), unseen=unseen)
            except InconsistentError as problem:
                heads = " and ".join(map(str, problem.heads))
                conflict = f"no order agrees with all bases: {heads} contradict each other"
        some = dict.fromkeys(one for line in above for one in line if one not in (ref, OBJECT))
        return Line((ref, *some, OBJECT), conflict, unseen)

    def _effective(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The bases as Python takes them: a `Generic[T]` gives way to a generic base behind it."""
        bases = self.bases(ref)
        refs = [base.ref for base in bases]
        found = []
        for position, base in enumerate(bases):
            behind = bases[position + 1 :]
            is_generic = base.ref == GENERIC and base.is_subscripted
            if not is_generic or not (PROTOCOL in refs or any(map(self._is_generic, behind))):
                found.append(base.ref)
        return tuple(found)

    def _is_generic(self, base: Ancestor) -> bool:
        if not base.is_subscripted or (not base.ref.path and is_builtin(base.ref.name)):
            return False
        return not base.ref.path or GENERIC in self.line(base.ref).refs

    def _nearest(self, path: str, name: str, line: int) -> ClassRef | None:
        """The class of that name in a file, at a line if there are several.

        A class inside another one may be inherited from a class above that.
        """
        named = self._file(path).get(name, [])
        if named:
            fact = next((one for one in named if one.line == line), None)
            if fact is None:
                above = [one for one in named if one.line <= line]
                fact = (above or named)[-1]
            return ClassRef(self._name(path, name), path, fact.line)
        outer, _, inner = name.rpartition(".")
        holder = self._nearest(path, outer, line) if outer else None
        if holder is None or holder in self._in_progress:
            return None
        for above_it in self.line(holder).refs[1:]:
            if above_it.path:
                own = f"{above_it.name.partition(':')[2]}.{inner}"
                facts = self._file(above_it.path).get(own, [])
                if facts:
                    return ClassRef(self._name(above_it.path, own), above_it.path, facts[-1].line)
        return None

    def _file(self, path: str) -> Mapping[str, list[ClassInterface]]:
        if path not in self._files:
            facts = self._project.index.interfaces(path)
            found: dict[str, list[ClassInterface]] = {}
            for one in facts.classes if facts is not None else ():
                found.setdefault(one.name, []).append(one)
            self._files[path] = found
        return self._files[path]

    def _name(self, path: str, name: str) -> str:
        return f"{self._project.modules.name_of(path)}:{name}"
