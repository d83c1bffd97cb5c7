"""Verbs for tests of registries, rules and codemods: the real pipeline, on a small tree of its own.

Each verb writes a temporary tree, decides, rewrites and proves as `apply` does, and then asks more
than an expected text can: that the result parses, that a second pass finds nothing to do, that
nothing changed outside the edits, and that line ends and encoding are as they were.
"""

from __future__ import annotations

import difflib
import importlib
import re
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec

from ssot_migrate.domain.outcome import ApplyReport, FileOutcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.rewrite.document import Refused, parse_source
from ssot_migrate.rewrite.engine import rewrite_file
from ssot_migrate.rewrite.plugged import Decider
from ssot_migrate.rule_testing import (
    REGISTRY,
    check_example,
    check_rule,
    examples_in,
    planted,
    rules_in,
)
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request
from ssot_migrate.workspace.source import Undecodable, decode, source_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.index.index import Progress
    from ssot_migrate.rewrite.codemod import Codemod
    from ssot_migrate.rewrite.decisions import FileTask
    from ssot_migrate.rewrite.engine import Rewritten
    from ssot_migrate.rewrite.plugged import Deciding
    from ssot_migrate.workspace.source import Contents

__all__ = [
    "Migration",
    "Scope",
    "check_example",
    "check_migrated",
    "check_noop",
    "check_rewritten",
    "check_rule",
    "examples_in",
    "migrate",
    "rules_in",
]

Content: TypeAlias = str | bytes
"""What a file holds; a text is stored as UTF-8, its line ends as they are."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class Migration(msgspec.Struct, frozen=True):
    """What a migration makes of a tree.

    Args:
        before: Every file of the tree.
        after: Every file after the migration; deleted ones are missing, new ones are there.
        report: What `apply` would say.
    """

    before: dict[str, bytes]
    after: dict[str, bytes]
    report: ApplyReport

    @property
    def changed(self) -> dict[str, bytes]:
        """The files that are new, or not as they were."""
        return {path: data for path, data in self.after.items() if data != self.before.get(path)}

    @property
    def deleted(self) -> tuple[str, ...]:
        """The files that are gone; sorted."""
        return tuple(sorted(self.before.keys() - self.after.keys()))

    @property
    def left(self) -> tuple[str, ...]:
        """What is left to a person: `path:line: why`, or `path: why` of a whole file."""
        lines: list[str] = []
        for file in self.report.files:
            lines += [f"{file.path}: {file.why}"] if file.why else ()
            lines += (f"{file.path}:{place.line}: {place.why}" for place in file.left)
        return tuple(lines)


def migrate(
    files: Mapping[str, Content],
    registry: str,
    *,
    codemods: Sequence[Codemod | Deciding] = (),
    scope: Scope | None = None,
) -> Migration:
    """Migrate a tree in memory, in this process; checks nothing that `apply` does not.

    Args:
        files: What the tree holds, by path.
        registry: The text of its `ssot.toml`.
        codemods: What carries the changes out; the bundled codemods if empty,
            which also carry out what modules with a function `decide` want.
        scope: Which changes are meant; those that `apply` makes by itself if None.

    Raises:
        ConfigError: The registry is wrong.
    """
    before = {path: _bytes(content) for path, content in files.items()}

    def rewriting(
        contents: Contents,
        tasks: Sequence[FileTask],
        names: Sequence[str],
        _jobs: int,
        _done: Progress,
    ) -> Iterator[Rewritten]:
        bundled = (cast("Codemod", importlib.import_module(name)) for name in names)
        chosen = [cast("Codemod", one) for one in codemods if not _decides(one)] or list(bundled)
        return (rewrite_file(contents, task, chosen) for task in tasks)

    deciding = [cast("Deciding", one) for one in codemods if _decides(one)]
    deciders = [Decider("tested", str(one), one.decide) for one in deciding]
    with planted({**before, REGISTRY: registry.encode()}) as folder:
        request = Request(root=str(folder), config=str(folder / REGISTRY), use_cache=False, jobs=1)
        report = plan(
            request, scope or Scope(), rewriting=rewriting, deciders=deciders if codemods else None
        )
    after = dict(before)
    for outcome in report.changed:
        if outcome.after is None:
            after.pop(outcome.path, None)
        else:
            after[outcome.path] = outcome.after
    return Migration(before, after, report)


def check_rewritten(
    before: Content,
    after: Content,
    *,
    registry: str,
    path: str = "module.py",
    files: Mapping[str, Content] | None = None,
    codemods: Sequence[Codemod | Deciding] = (),
    scope: Scope | None = None,
) -> Migration:
    """Check that a file becomes `after`, and that the tree's other files stay as they are.

    Args:
        before: The file.
        after: What a careful person would make of it.
        registry: The text of `ssot.toml`.
        path: Where the file lies; relative imports and re-exports depend on it.
        files: The tree's other files.
        codemods: What carries the changes out; the bundled codemods if empty,
            which also carry out what modules with a function `decide` want.
        scope: Which changes are meant.

    Returns:
        The migration, to ask it for more.

    Raises:
        AssertionError: The file becomes something else, or the result is unsound; says how.
    """
    return check_migrated(
        {**(files or {}), path: before},
        {path: after},
        registry=registry,
        codemods=codemods,
        scope=scope,
    )


def check_noop(
    source: Content,
    *,
    registry: str,
    path: str = "module.py",
    files: Mapping[str, Content] | None = None,
    codemods: Sequence[Codemod | Deciding] = (),
    scope: Scope | None = None,
    left: Sequence[str] = (),
) -> Migration:
    """Check that a file stays as it is, byte for byte, and the tree's other files too.

    Args:
        source: The file.
        registry: The text of `ssot.toml`.
        path: Where the file lies.
        files: The tree's other files.
        codemods: What carries changes out; the bundled codemods if empty,
            which also carry out what modules with a function `decide` want.
        scope: Which changes are meant.
        left: What the reasons have to say why it stays, a part of a sentence each.

    Returns:
        The migration, to ask it for more.

    Raises:
        AssertionError: A file changes, or a reason is missing.
    """
    migration = check_migrated(
        {**(files or {}), path: source}, {}, registry=registry, codemods=codemods, scope=scope
    )
    said = "\n".join(migration.left)
    for reason in left:
        if reason not in said:
            raise AssertionError(f"no reason says {reason!r}; those given:\n{said or '(none)'}")
    return migration


def check_migrated(
    before: Mapping[str, Content],
    after: Mapping[str, Content | None],
    *,
    registry: str,
    codemods: Sequence[Codemod | Deciding] = (),
    scope: Scope | None = None,
) -> Migration:
    """Check what becomes of a tree.

    Args:
        before: Its files, by path.
        after: What those become that change, None for those that go; all others are to stay.
        registry: The text of `ssot.toml`.
        codemods: What carries the changes out; the bundled codemods if empty,
            which also carry out what modules with a function `decide` want.
        scope: Which changes are meant.

    Returns:
        The migration, to ask it for more.

    Raises:
        AssertionError: A file becomes something else, or the result is unsound; says how.
    """
    migration = migrate(before, registry, codemods=codemods, scope=scope)
    expected: dict[str, bytes | None] = dict(migration.before)
    expected |= {path: None if text is None else _bytes(text) for path, text in after.items()}
    paths = sorted({*expected, *migration.after})
    wrong = [path for path in paths if migration.after.get(path) != expected.get(path)]
    problems = [_difference(p, expected.get(p), migration.after.get(p)) for p in wrong]
    if wrong and migration.left:
        problems.append("Left to a person:\n" + "\n".join(migration.left))
    for file in migration.report.changed:
        is_python = file.path.endswith((".py", ".pyi")) and file.path in migration.after
        problems += (f"{file.path} {problem}" for problem in _unsound(file) if is_python)
    if migration.after != migration.before:
        problems += _unsettled(
            migration, migrate(migration.after, registry, codemods=codemods, scope=scope)
        )
    if problems:
        raise AssertionError("\n\n".join(problems))
    return migration


def _decides(codemod: Codemod | Deciding) -> bool:
    return hasattr(codemod, "decide")


def _unsettled(first: Migration, again: Migration) -> Iterator[str]:
    """What a second pass makes of files that a first one changed."""
    for path, data in again.changed.items():
        difference = _difference(path, first.after.get(path), data)
        yield f"a second pass changes it again: {difference}"
    for file in again.report.refused:
        if file.path in first.changed:
            yield f"a second pass refuses {file.path}: {file.why}"


def _unsound(file: FileOutcome) -> Iterator[str]:
    """What is wrong with a changed file whatever it was to become."""
    before, after = file.before, file.after or b""
    try:
        parse_source(after)
    except Refused as refused:
        yield f"does not parse any more: {refused.why}"
        return
    encoding, old, new = source_encoding(before), decode(before), decode(after)
    if isinstance(old, Undecodable) or isinstance(new, Undecodable):
        yield "cannot be decoded"
        return
    if source_encoding(after) != encoding:
        yield f"is stored as {source_encoding(after)}, no longer as {encoding}"
    if _with_edits(old, file) != new:
        yield "changes outside its edits"
    kinds = set(_LINE_END.findall(old))
    if kinds and not kinds.issuperset(_LINE_END.findall(new)):
        yield "has line ends that it did not have"


def _with_edits(text: str, file: FileOutcome) -> str:
    """A text with a file's edits, as the report has them."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    pieces: list[str] = []
    position = 0
    for edit in file.edits:
        start = starts[edit.line - 1] + edit.column - 1
        pieces += (text[position:start], edit.after)
        position = starts[edit.end_line - 1] + edit.end_column - 1
    return "".join((*pieces, text[position:]))


def _difference(path: str, expected: bytes | None, got: bytes | None) -> str:
    if expected is None or got is None:
        return f"{path} should {'not ' if expected is None else ''}be there"
    if expected.decode("utf-8", "replace") == got.decode("utf-8", "replace"):
        return f"{path} differs in bytes that are no UTF-8: expected {expected!r}, got {got!r}"
    old, new = _lines(expected), _lines(got)
    lines = difflib.unified_diff(old, new, "expected", "got", lineterm="")
    return f"{path} is not what was expected:\n" + "\n".join(lines)


def _lines(data: bytes) -> list[str]:
    """Lines with what an eye would miss at their ends."""
    lines = data.decode("utf-8", "replace").split("\n")
    shown = [
        line.replace("\r", "\\r").replace("\f", "\\f").replace("\ufeff", "\\ufeff")
        for line in lines
    ]
    return shown[:-1] if not shown[-1] else [*shown[:-1], f"{shown[-1]}\\ no newline"]


def _bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content
