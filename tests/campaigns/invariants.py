"""What must hold of a rewritten file, asked of its bytes and of the oracle."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING

from .oracle import OTHER, Reading, Rules, Use, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_LINE_END = re.compile(rb"\r\n|\r|\n")
_MAY_DOUBLE = re.compile(r"#\s*(noqa|type:|pragma|pylint|ruff|isort|nosec|fmt|mypy|pyright|pyre)")
_MAY_LOSE_IMPORT = re.compile(rb"#\s*type:|before_ = 1;|(condition_|Line_|line_\(\)): ")
"""Planted lines on which an import may stand beside other code, and comments that are types."""


def problems(
    before: bytes,
    after: bytes,
    rules: Rules,
    module: str,
    *,
    is_package: bool,
    left: Collection[int],
) -> Iterator[str]:
    """Say what is wrong with a rewritten file.

    Args:
        before: The file; the running interpreter compiles it.
        after: What was made of it.
        rules: What moves.
        module: Its dotted name.
        is_package: Whether it is an `__init__`.
        left: Lines that are reported as left to a person.
    """
    try:
        compile(after, "<after>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        yield f"does not compile: {error}"
        return
    old, new = (read(one, module, is_package=is_package) for one in (before, after))
    yield from _bytes(before, after)
    yield from _comments(before, after)
    if old.shape != new.shape:
        yield f"code besides imports and names changed: {_first_difference(old.shape, new.shape)}"
        return
    yield from _uses(old, new, rules)
    yield from _imports(old, new, rules)
    if is_package and (gone := _public(old) - new.bound):
        yield f"a package binds {', '.join(sorted(gone))} no more"
    yield from _untouched(before, after, old, new, rules)
    if not left and (spared := _spared(new, rules)):
        yield f"says nothing about what it leaves: {spared}"


def leftovers(source: bytes, rules: Rules, module: str, *, is_package: bool) -> list[str]:
    """Deprecated paths that a module names."""
    return _spared(read(source, module, is_package=is_package), rules)


def _spared(reading: Reading, rules: Rules) -> list[str]:
    # What is bound in other ways too is not surely the import.
    surely = [use for use in reading.uses if use.is_imported and OTHER not in use.meanings]
    used = {path for use in surely for path in use.meanings}
    named = {one.plain or one.path for one in reading.imports}
    return sorted(path for path in used | named if rules.moved(path) != path)


def _bytes(before: bytes, after: bytes) -> Iterator[str]:
    if before.startswith(b"\xef\xbb\xbf") is not after.startswith(b"\xef\xbb\xbf"):
        yield "the byte order mark came or went"
    ends = set(_LINE_END.findall(before))
    if ends and not ends.issuperset(_LINE_END.findall(after)):
        yield "a line end is of a kind that the file did not have"
    if after and before.endswith(b"\n") and not after.endswith(b"\n"):
        yield "the final line end went"


def _comments(before: bytes, after: bytes) -> Iterator[str]:
    old, new = _comment_counts(before), _comment_counts(after)
    # A directive may go with the statement that it is about.
    lost = [one for one in old - new if not _MAY_DOUBLE.match(one)]
    more = [one for one in new - old if not _MAY_DOUBLE.match(one)]
    if lost:
        yield f"a comment is lost: {lost[0]}"
    if more:
        yield f"a comment is doubled: {more[0]}"


def _comment_counts(source: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def _uses(old: Reading, new: Reading, rules: Rules) -> Iterator[str]:
    if len(old.uses) != len(new.uses):
        yield f"{len(old.uses)} uses became {len(new.uses)}"
        return
    plain = {one.plain for one in new.imports if one.plain}
    for before, now in zip(old.uses, new.uses, strict=True):
        if not _means_the_same(before, now, rules):
            meant = ", ".join(sorted(now.meanings))
            yield f"line {before.line} meant {', '.join(sorted(before.meanings))}, now {meant}"
        yield from _is_loaded(before, now, rules, plain)
        if before.at_once and _is_before_use(before) and not _is_before_use(now):
            yield f"line {now.line} runs before its import"


def _means_the_same(before: Use, now: Use, rules: Rules) -> bool:
    allowed = before.meanings | {rules.moved(path) for path in before.meanings}
    if len({one.path for one in before.imports}) > 1:
        # One of them may now stand for another module, if this use is surely not of that one.
        behind = f".{now.attributes}" if now.attributes else ""
        allowed |= {one.to_module + behind for one in rules.moves}
        return now.meanings <= allowed
    kept = all({path, rules.moved(path)} & now.meanings for path in before.meanings)
    return now.meanings <= allowed and kept


def _is_loaded(before: Use, now: Use, rules: Rules, plain: set[str]) -> Iterator[str]:
    """A chain that leads through a package needs an import of the module that it leads to."""
    if not all(one.plain for one in now.imports):
        return
    for path in now.meanings - before.meanings:
        homes = [rules.home(old) for old in before.meanings if rules.moved(old) == path]
        if (
            homes
            and homes[0] != "builtins"
            and not any(
                f"{path}.".startswith(f"{one}.") and len(one) >= len(homes[0]) for one in plain
            )
        ):
            yield f"line {now.line} reads {path}, and {homes[0]} is not imported"


def _is_before_use(use: Use) -> bool:
    if not use.is_imported or OTHER in use.meanings:
        return True
    return any((one.line, one.column) < (use.line, use.column) for one in use.imports)


def _imports(old: Reading, new: Reading, rules: Rules) -> Iterator[str]:
    known = {one.plain or one.path for one in old.imports}
    used = {path for use in old.uses for path in use.meanings}
    meant = {rules.moved(path) for path in known | used}
    for one in new.imports:
        path = one.plain or one.path
        if path in known or any(f"{want}.".startswith(f"{path}.") for want in meant):
            continue
        yield f"line {one.line} imports {path}, which nobody asked for"
    suites = {one.suite for one in old.imports}
    for one in new.imports:
        if one.suite not in suites:
            yield f"line {one.line} stands in a suite that had no import: {'/'.join(one.suite)}"
    kept = {one.plain or one.path for one in new.imports}
    for one in old.imports:
        path = one.plain or one.path
        is_read = any(one in use.imports for use in old.uses)
        new_path = rules.moved(path)
        holders = {path, new_path, new_path.rpartition(".")[0]}
        if not is_read and not new_path.startswith("builtins.") and not holders & kept:
            yield f"line {one.line} imported {path}, which is gone"
    for name in old.exports & old.bound - new.bound:
        yield f"`{name}` is exported and bound no more"


def _public(reading: Reading) -> frozenset[str]:
    """Names of a module that are no roots of dotted imports."""
    return reading.bound - {one.plain.partition(".")[0] for one in reading.imports}


def _untouched(
    before: bytes, after: bytes, old: Reading, new: Reading, rules: Rules
) -> Iterator[str]:
    """Lines without an import are as they were and in their order, but for names that moved."""
    sources = (_lines(before), _lines(after))
    skipped = [set(_import_lines(source)) for source in (before, after)]
    for uses in zip(old.uses, new.uses, strict=True):
        paths = uses[0].meanings if uses[0].is_imported else ()
        if not any(rules.moved(path) != path for path in paths):
            continue
        spans = [_span(lines, use) for lines, use in zip(sources, uses, strict=True)]
        for lines, use, span, skips in zip(sources, uses, spans, skipped, strict=True):
            if None in spans or span is None:
                skips |= set(range(use.line, use.end_line + 1))
            else:
                # Of the same length, so that further names of the line are where they were.
                start, end = span
                line = lines[use.line - 1]
                lines[use.line - 1] = line[:start] + b"\0" * (end - start) + line[end:]
    moving = _comments_inside(before, skipped[0])
    kept = [
        [
            re.sub(rb"\0+", b"\0", line)
            for number, line in enumerate(lines, 1)
            if number not in skips and line.strip() not in moving and line.strip() != b"pass"
            if not _MAY_LOSE_IMPORT.search(line)
        ]
        for lines, skips in zip(sources, skipped, strict=True)
    ]
    if kept[0] != kept[1]:
        pairs = zip([*kept[0], b"(end)"], [*kept[1], b"(end)"], strict=False)
        yield f"an untouched line changed: {next((a, b) for a, b in pairs if a != b)}"


def _span(lines: Sequence[bytes], use: Use) -> tuple[int, int] | None:
    """The bytes of a name on its line; None where Python does not say where it stands."""
    text = use.text.encode()
    line = lines[use.line - 1] if use.line <= len(lines) else b""
    end = use.column + len(text)
    is_there = use.line == use.end_line and line[use.column : end] == text
    return (use.column, end) if is_there and not line[end : end + 1].isalnum() else None


def _comments_inside(source: bytes, lines: Collection[int]) -> set[bytes]:
    """The comments of import statements, which may get a line of their own."""
    return {
        line[line.index(b"#") :].strip()
        for number, line in enumerate(_lines(source), 1)
        if number in lines and b"#" in line
    }


def _lines(source: bytes) -> list[bytes]:
    """Lines with their ends, as Python counts them; a form feed or a separator ends none."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
    lines = [source[a:b] for a, b in zip(starts, [*starts[1:], len(source)], strict=True)]
    if lines and not lines[-1]:
        lines.pop()
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += b"\n" if b"\r\n" not in source else b"\r\n"
    return lines


def _import_lines(source: bytes) -> set[int]:
    return {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }


def _first_difference(one: str, other: str) -> str:
    position = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, position - 60)
    return f"{one[start : position + 60]!r} became {other[start : position + 60]!r}"
