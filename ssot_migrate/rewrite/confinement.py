"""What a rewrite may touch: imports where they stand, and what its decisions name; nothing else.

Both versions are walked side by side. It does not matter how the second was made.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.decisions import (
    AddImport,
    MoveImport,
    MoveReference,
    RenameCall,
    ReplaceString,
)
from ssot_migrate.rewrite.document import Document, Refused
from ssot_migrate.rewrite.expected import expected_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import Import, ModuleFacts
    from ssot_migrate.rewrite.decisions import FileTask

_IMPORTS = (ast.Import, ast.ImportFrom)
_CHAINS = (ast.Name, ast.Attribute)
_OWN_TEXT = re.compile(r"[\w.\s]+=\s*\Z")


def confined(document: Document, tree: ast.Module, facts: ModuleFacts, task: FileTask) -> None:
    """Check that nothing but what was decided is different.

    Args:
        document: The original.
        tree: The syntax of the new version.
        facts: Its imports.
        task: The decisions.

    Raises:
        Refused: Something else changed; says where.
    """
    _Comparison(document, task).module(expected_tree(document, task), tree)
    bound = {one.bound for one in facts.imports}
    for one in document.facts.imports:
        if one.bound not in bound and _is_public(document.facts, one, task):
            raise Refused(f"`{one.bound}` of line {one.line} would not be bound any more")


class _Comparison:
    """Compares two trees, but for what may differ.

    Raises:
        Refused: They differ elsewhere.
    """

    def __init__(self, document: Document, task: FileTask) -> None:
        self._package = task.module if task.is_package else task.module.rpartition(".")[0]
        self._imports = document.facts.imports
        self._targets: dict[int, SymbolPath] = {}
        self._read_through: set[int] = set()
        self._strings: list[tuple[str, str]] = []
        self._calls: list[RenameCall] = []
        self._adds = False
        for one in task.decisions:
            if isinstance(one, MoveImport):
                self._targets[one.index] = one.target
            elif isinstance(one, MoveReference):
                self._read_through.add(one.imported)
            elif isinstance(one, ReplaceString):
                self._strings.append((one.before, one.after))
            elif isinstance(one, RenameCall):
                self._calls.append(one)
            elif isinstance(one, AddImport):
                self._adds = True
        decided = {*self._targets, *self._read_through}
        self._roots = {self._imports[index].bound for index in decided}
        self._line = 1

    def module(self, old: ast.Module, new: ast.Module) -> None:
        """Compare two modules; imports that replaced code needs are their own."""
        self.suite(old.body, new.body, may_add=self._adds)

    def suite(
        self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], *, may_add: bool = False
    ) -> None:
        """Compare two lists of statements; imports may only stand where imports stood."""
        rest, now = ([s for s in one if not _may_go(s)] for one in (old, new))
        if len(rest) != len(now):
            raise self._stray()
        gaps = _gaps(old)
        for gap, line in _gaps(new).items():
            if gap not in gaps and not may_add:
                raise Refused(f"line {line} would import where nothing was imported before")
        self._fetches_as_before(old, new)
        for before, after in zip(rest, now, strict=True):
            self._node(before, after)

    def _fetches_as_before(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> None:
        """What a suite imports is imported in it still, or what was decided instead."""
        there = {(path, bound) for _, path, bound in self._fetched(new)}
        paths = {path for path, _ in there}
        for line, path, bound in self._fetched(old):
            if (path, bound) in there:
                continue
            indices = self._indices(line, bound)
            targets = [self._targets[index] for index in indices if index in self._targets]
            is_decided = targets or not self._read_through.isdisjoint(indices)
            if not is_decided or not all(_is_fetched(target, paths) for target in targets):
                raise Refused(f"the import of `{bound}` in line {line} would be lost")

    def _fetched(self, suite: Sequence[ast.stmt]) -> Iterator[tuple[int, str, str]]:
        """Line, absolute path (`module`, or `module:name`) and local name of what is imported."""
        for node in suite:
            if isinstance(node, ast.Import):
                for one in node.names:
                    bound = one.asname or one.name.partition(".")[0]
                    yield node.lineno, one.name, bound
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if node.level:
                    parts = self._package.split(".")
                    head = parts[: len(parts) - node.level + 1]
                    module = ".".join([*head, *filter(None, [module])])
                for one in node.names:
                    yield node.lineno, f"{module}:{one.name}", one.asname or one.name

    def _indices(self, line: int, bound: str) -> list[int]:
        return [
            index
            for index, one in enumerate(self._imports)
            if one.line == line and one.bound == bound
        ]

    def _node(self, old: ast.AST, new: ast.AST) -> None:
        self._line = getattr(old, "lineno", self._line)
        if isinstance(old, ast.Await) and not isinstance(new, ast.Await) and self._waits("drop"):
            self._node(old.value, new)
        elif isinstance(new, ast.Await) and not isinstance(old, ast.Await) and self._waits("add"):
            self._node(old, new.value)
        elif type(old) is not type(new) and not (
            isinstance(old, _CHAINS) and isinstance(new, _CHAINS)
        ):
            raise self._stray()
        elif isinstance(old, _CHAINS) and isinstance(new, _CHAINS):
            self._chain(old, new)
        elif isinstance(old, ast.JoinedStr) and isinstance(new, ast.JoinedStr):
            self._formatted(old, new)
        elif isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
            self._constant(old.value, new.value)
        elif isinstance(old, ast.Call) and isinstance(new, ast.Call) and self._renames(new):
            self._call(old, new)
        else:
            self._fields(old, new)

    def _formatted(self, old: ast.JoinedStr, new: ast.JoinedStr) -> None:
        """An f-string; what `{name=}` shows of its own text changes with the name."""
        if len(old.values) != len(new.values):
            raise self._stray()
        for number, (before, after) in enumerate(zip(old.values, new.values, strict=True)):
            follower = old.values[number + 1 : number + 2]
            if (
                isinstance(before, ast.Constant)
                and isinstance(after, ast.Constant)
                and any(isinstance(one, ast.FormattedValue) for one in follower)
                and _OWN_TEXT.search(str(before.value))
                and _OWN_TEXT.search(str(after.value))
            ):
                continue
            self._node(before, after)

    def _fields(self, old: ast.AST, new: ast.AST) -> None:
        for field in old._fields:
            before, after = getattr(old, field, None), getattr(new, field, None)
            if isinstance(before, list) and isinstance(after, list):
                if before and isinstance(before[0], ast.stmt):
                    self.suite(before, after)
                    continue
                if len(before) != len(after):
                    raise self._stray()
                for one, other in zip(before, after, strict=True):
                    self._value(one, other)
            else:
                self._value(before, after)

    def _value(self, old: object, new: object) -> None:
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            self._node(old, new)
        elif type(old) is not type(new) or old != new:
            raise self._stray()

    def _chain(self, old: ast.Name | ast.Attribute, new: ast.Name | ast.Attribute) -> None:
        """A chain may differ where its first name is that of a moved import."""
        if type(old.ctx) is not type(new.ctx):
            raise self._stray()
        before, after = _dotted(old), _dotted(new)
        if before == after and before:
            return
        if before and after and before.partition(".")[0] in self._roots:
            return
        if not isinstance(old, ast.Attribute) or not isinstance(new, ast.Attribute):
            raise self._stray()
        self._value(old.attr, new.attr)
        self._node(old.value, new.value)

    def _constant(self, old: object, new: object) -> None:
        if type(old) is type(new) and repr(old) == repr(new):
            return
        if not isinstance(old, str) or not isinstance(new, str):
            raise self._stray()
        if any(old.replace(before, after, 1) == new for before, after in self._strings):
            return
        try:
            quoted = [ast.parse(text.strip(), mode="eval").body for text in (old, new)]
        except (SyntaxError, ValueError):
            raise self._stray() from None
        line = self._line
        self._node(*quoted)
        self._line = line

    # Calls

    def _waits(self, change: str) -> bool:
        return any(one.awaits == change for one in self._calls)

    def _renames(self, call: ast.Call) -> bool:
        return any(one.name == _last_name(call.func) for one in self._calls)

    def _call(self, old: ast.Call, new: ast.Call) -> None:
        """Name and keywords of a renamed call may differ; receiver and values may not."""
        if isinstance(old.func, ast.Attribute) and isinstance(new.func, ast.Attribute):
            if _dotted(new.func) is None or not self._is_moved(old.func):
                self._node(old.func.value, new.func.value)
        elif not isinstance(old.func, _CHAINS) or not isinstance(new.func, _CHAINS):
            raise self._stray()
        before, after = _values(old), _values(new)
        if len(before) != len(after):
            raise self._stray()
        names = {name for one in self._calls for name in (*one.keywords.values(), *one.positional)}
        for (name, value), (new_name, new_value) in zip(before, after, strict=True):
            if name != new_name and new_name not in names:
                raise self._stray()
            self._node(value, new_value)

    def _is_moved(self, func: ast.expr) -> bool:
        return (_dotted(func) or "").partition(".")[0] in self._roots

    def _stray(self) -> Refused:
        return Refused(f"line {self._line} would change in a way that nothing asked for")


def _is_public(facts: ModuleFacts, one: Import, task: FileTask) -> bool:
    """Whether others read a name; that of a package that `import a.b` binds is nobody's."""
    if one.scope or not (one.name or one.aliased):
        return False
    return (
        task.is_package
        or task.path.endswith(".pyi")
        or one.bound in (facts.exports or ())
        or one.bound in task.kept_names
        or (one.aliased and one.name == one.bound)
    )


def _is_fetched(target: SymbolPath, paths: set[str]) -> bool:
    """Whether something, or what it is an attribute of, is imported; a builtin is there anyway."""
    if target.module == "builtins":
        return True
    for path in paths:
        module, colon, name = path.partition(":")
        if module == target.module and (not colon or name == "*"):
            return True
        if colon and f"{target.dotted}.".startswith(f"{module}.{name}."):
            return True
    return False


def _may_go(statement: ast.stmt) -> bool:
    """Whether a statement is an import, or what keeps a suite that lost its imports alive."""
    return isinstance(statement, (*_IMPORTS, ast.Pass))


def _gaps(suite: Sequence[ast.stmt]) -> dict[int, int]:
    """Before which of the other statements imports stand, with a line each."""
    found: dict[int, int] = {}
    others = 0
    for statement in suite:
        if isinstance(statement, _IMPORTS):
            found.setdefault(others, statement.lineno)
        elif not isinstance(statement, ast.Pass):
            others += 1
    return found


def _dotted(node: ast.expr) -> str | None:
    """A chain of attributes that starts at a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _values(call: ast.Call) -> list[tuple[str | None, ast.expr]]:
    keywords = [(one.arg or "**", one.value) for one in call.keywords]
    return [*((None, one) for one in call.args), *keywords]
