"""What must hold of a rewritten file before it may be written, as far as the file alone shows it.

Each proof looks at the bytes and the syntax of both versions, and knows nothing of how the second
was made: a file that fails one stays as it was.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import Import, ModuleFacts, Reference, Unparsable, UseFacts
from ssot_migrate.index.parse import may_be_newer_syntax, parse
from ssot_migrate.index.uses import use_facts
from ssot_migrate.rewrite.confinement import confined
from ssot_migrate.rewrite.covered import Covered
from ssot_migrate.rewrite.decisions import (
    AddImport,
    FileTask,
    MoveImport,
    MoveReference,
    RenameCall,
    ReplaceCode,
)
from ssot_migrate.rewrite.document import Document, Refused, TextEdit, parse_source
from ssot_migrate.rewrite.suites import is_pragma
from ssot_migrate.workspace.source import Undecodable, decode, source_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_LINE_END = re.compile(r"\r\n|\r|\n")


def prove(
    document: Document, after: bytes, edits: Sequence[TextEdit], task: FileTask
) -> tuple[ModuleFacts, UseFacts]:
    """Check a rewritten file against the original; returns the facts of the new content.

    Raises:
        Refused: A proof failed; says which, and where.
    """
    _compiles(document.data, "before the change")
    tree = parse_source(after)
    _compiles(after, "after the change")
    _keeps_the_rest(document, after, edits)
    _keeps_comments(document, after, edits)
    facts = module_facts(tree, after)
    uses = use_facts(tree, after, facts.imports)
    _binds_what_it_reads(document, tree, facts, uses)
    confined(document, tree, facts, task)
    covered = Covered(document, _text(after), edits, task)
    _refers_as_before(document, facts, uses, task, covered)
    return facts, uses


def _text(data: bytes) -> str:
    text = decode(data)
    return "" if isinstance(text, Undecodable) else text


def _compiles(source: bytes, when: str) -> None:
    """The interpreter compiles it; newer syntax, which it cannot, is parsed only."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        newer = parse(source)
        if isinstance(newer, Unparsable) and may_be_newer_syntax(newer):
            return
        raise Refused(f"does not compile {when}: {error.msg} (line {error.lineno})") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"does not compile {when}: {error}") from error


def _keeps_the_rest(document: Document, after: bytes, edits: Sequence[TextEdit]) -> None:
    """Whatever no edit covers is there, byte for byte, in its order."""
    text = decode(after)
    if isinstance(text, Undecodable) or source_encoding(after) != document.encoding:
        raise Refused("would be stored in another encoding")
    undone: list[str] = []
    position = shift = 0
    for edit in edits:
        start = edit.start + shift
        if text[start : start + len(edit.text)] != edit.text:
            raise Refused("an edit is not where it should be")
        undone += (text[position:start], document.text[edit.start : edit.end])
        position = start + len(edit.text)
        shift += len(edit.text) - (edit.end - edit.start)
    if document.encoded("".join((*undone, text[position:]))) != document.data:
        raise Refused("lines outside the changed statements would change")
    kinds = set(_LINE_END.findall(document.text))
    if kinds and not kinds.issuperset(_LINE_END.findall(text)):
        raise Refused("line ends of another kind would come in")


def _keeps_comments(document: Document, after: bytes, edits: Sequence[TextEdit]) -> None:
    """No comment goes; those that speak to tools may stand on both halves of a statement."""
    if not any("#" in document.text[edit.start : edit.end] or "#" in edit.text for edit in edits):
        return
    before, now = _comments(document.data), _comments(after)
    lost = {one for one in before - now if not is_pragma(one) and not _is_type(one)}
    new = {one for one in now - before if not is_pragma(one) and not _is_type(one)}
    if lost or new:
        raise Refused(f"the comment {min(lost or new)!r} would be {'lost' if lost else 'doubled'}")


def _is_type(comment: str) -> bool:
    return comment.lstrip("# ").startswith("type:")


def _comments(source: bytes) -> Counter[str]:
    try:
        return Counter(
            token.string
            for token in tokenize.tokenize(io.BytesIO(source).readline)
            if token.type == tokenize.COMMENT
        )
    except (SyntaxError, tokenize.TokenError):
        return Counter()


def _binds_what_it_reads(
    document: Document, tree: ast.Module, facts: ModuleFacts, uses: UseFacts
) -> None:
    """No name that an import bound is read once no import binds it."""
    names = {one.bound for one in document.facts.imports}
    before = _unresolved(document.tree, document.facts, document.uses, names)
    after = _unresolved(tree, facts, uses, names)
    if lost := after - before:
        raise Refused(f"`{min(lost)}` would be read and no longer be imported")


def _unresolved(
    tree: ast.Module, facts: ModuleFacts, uses: UseFacts, names: set[str]
) -> Counter[str]:
    """How often each name is read and is no import's."""
    read = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    )
    resolved = {
        (use.line, use.column): facts.imports[use.imported].bound
        for use in uses.references
        if not use.quoted
    }
    read.subtract(resolved.values())
    return Counter({name: count for name, count in read.items() if count > 0})


def _refers_as_before(
    document: Document, facts: ModuleFacts, uses: UseFacts, task: FileTask, covered: Covered
) -> None:
    """Every use of an imported name means what it meant, or what the registry has for it."""
    meaning = _Meaning(document.facts.imports, task)
    before = [
        (
            {meaning.now(one) for one in group},
            {meaning.then(one) for one in group},
            line,
            covered.is_cut(group[0], is_after=False),
        )
        for line, group in _places(document.uses)
        if not covered.goes(group[0])
    ]
    reading = _Meaning(facts.imports, task)
    after = []
    for line, group in _places(uses):
        named = {reading.now(one) for one in group}
        if reading.settles(named):
            continue
        if not covered.comes(group[0]):
            after.append((named, covered.is_cut(group[0], is_after=True)))
        elif not reading.names(named):
            raise Refused(f"line {line} would refer to {', '.join(sorted(named))}")
    if len(before) > len(after):
        # A builtin is no imported name any more.
        before = [one for one in before if not all(map(_is_builtin, one[1]))]
    if len(before) != len(after):
        raise Refused(
            f"{abs(len(before) - len(after))} uses of imported names would get another meaning"
        )
    for (now, then, line, was_cut), (found, is_cut) in zip(before, after, strict=True):
        is_replaced = was_cut and is_cut and reading.names(found)
        if not is_replaced and found not in (now, then) and not found <= now | then:
            raise Refused(
                f"line {line} would refer to {', '.join(sorted(found))}"
                f" instead of {', '.join(sorted(then))}"
            )
    _binds_as_before(document.facts, facts, meaning, reading)


def _binds_as_before(
    before: ModuleFacts, after: ModuleFacts, meaning: _Meaning, reading: _Meaning
) -> None:
    """Every imported thing is imported still, and nothing that no decision speaks of is new."""
    wanted = {meaning.target(index) for index in range(len(before.imports))} | meaning.targets
    old = {meaning.named(index) for index in range(len(before.imports))}
    new = {reading.named(index) for index in range(len(after.imports))}
    parents = {path.rpartition(".")[0] for path in old}
    for path in sorted(new - old - parents):
        if not any(f"{one}.".startswith(f"{path}.") or path == f"{one}.*" for one in wanted):
            raise Refused(f"`{path}` would be imported for no reason")


class _Meaning:
    """What uses of a version's imports spell, as absolute dotted paths."""

    def __init__(self, imports: tuple[Import, ...], task: FileTask) -> None:
        self._imports = imports
        self._package = task.module if task.is_package else task.module.rpartition(".")[0]
        self._moves = {one.index: one for one in task.decisions if isinstance(one, MoveImport)}
        self._chains = {
            (one.imported, one.path): one
            for one in task.decisions
            if isinstance(one, MoveReference)
        }
        self._added = [one for one in task.decisions if isinstance(one, AddImport)]
        self._new = {
            name.dotted
            for one in task.decisions
            if isinstance(one, ReplaceCode)
            for name in one.names
        }
        self._renames = {
            (one.span.line, one.span.column, _legacy_name(one)): one.name
            for one in task.decisions
            if isinstance(one, RenameCall)
        }

    @property
    def targets(self) -> set[str]:
        """What decisions about chains lead to, and what they import besides."""
        added = {one.target.dotted for one in self._added}
        return added | {one.target.dotted for one in self._chains.values()}

    def names(self, paths: set[str]) -> bool:
        """Whether replaced code was to name one of these."""
        return any(f"{path}.".startswith(f"{one}.") for path in paths for one in self._new)

    def settles(self, paths: set[str]) -> bool:
        """Whether these are uses of a name that nothing bound before."""
        settled = [one.target.dotted for one in self._added if one.settles]
        return all(any(f"{path}.".startswith(f"{one}.") for one in settled) for path in paths)

    def named(self, index: int) -> str:
        """What an import names."""
        one = self._imports[index]
        module = one.module
        if one.level:
            parts = self._package.split(".")
            module = ".".join([*parts[: len(parts) - one.level + 1], *filter(None, [module])])
        return f"{module}.{one.name}" if one.name else module

    def target(self, index: int) -> str:
        """What an import is to name."""
        move = self._moves.get(index)
        if move is None:
            return self.named(index)
        return f"{move.target.dotted}.*" if self._imports[index].name == "*" else move.target.dotted

    def now(self, use: Reference) -> str:
        """What a use spells."""
        one = self._imports[use.imported]
        named = self.named(use.imported)
        start = named if one.name or one.aliased else one.bound
        return f"{start}.{use.path}" if use.path else start

    def then(self, use: Reference) -> str:
        """What a use is to mean."""
        moved = self._moved(use)
        key = (use.line, use.column, use.path.rpartition(".")[2])
        name = self._renames.get(key) if use.call and use.path else None
        return f"{moved.rpartition('.')[0]}.{name}" if name else moved

    def _moved(self, use: Reference) -> str:
        chain = self._chains.get((use.imported, use.path))
        if chain is not None:
            return chain.target.dotted
        move, now, named = self._moves.get(use.imported), self.now(use), self.named(use.imported)
        if move is None or not f"{now}.".startswith(f"{named}."):
            return now
        return move.target.dotted + now[len(named) :]


def _legacy_name(decision: RenameCall) -> str:
    """The last name of what is called now: `a.B().c()` starts where `a.B` does."""
    return (decision.cause.symbol or "").replace(":", ".").rpartition(".")[2]


def _is_builtin(dotted: str) -> bool:
    return dotted.startswith("builtins.")


def _places(uses: UseFacts) -> Iterator[tuple[int, list[Reference]]]:
    for (line, _column), group in groupby(uses.references, key=lambda one: (one.line, one.column)):
        yield line, list(group)
