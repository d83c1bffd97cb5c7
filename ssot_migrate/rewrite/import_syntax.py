"""Concrete syntax of import statements: names are taken out, put in and redirected.

Comments travel with their name: one behind a name with the name, one above it as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import libcst as cst
import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

ImportStatement: TypeAlias = cst.Import | cst.ImportFrom | cst.LazyImport | cst.LazyImportFrom
FromImport: TypeAlias = cst.ImportFrom | cst.LazyImportFrom
FROM_IMPORTS = (cst.ImportFrom, cst.LazyImportFrom)
_MODULE = cst.Module(body=[])


class Item(msgspec.Struct, frozen=True):
    """A name of a from-import.

    Args:
        above: Comments on the lines above it.
        alias: The name, without its comma.
        behind: The comment behind it, or empty.
    """

    above: tuple[str, ...]
    alias: cst.ImportAlias
    behind: str

    @property
    def has_comments(self) -> bool:
        """Whether comments go where the name goes."""
        return bool(self.above or self.behind)


def parse_import(text: str) -> ImportStatement | None:
    """Parse one import statement; None for what LibCST sees otherwise."""
    # Line ends like the text's first are not kept, and code_of writes `\n` for them.
    statement = cst.parse_module(f"\n{text}").body[0]
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        node = statement.body[0]
        if isinstance(node, (cst.Import, cst.ImportFrom, cst.LazyImport, cst.LazyImportFrom)):
            return node
    return None


def code_of(node: cst.CSTNode) -> str:
    """The text of a node."""
    return _MODULE.code_for_node(node)


def alias_of(name: str, bound: str | None) -> cst.ImportAlias:
    """`name`, or `name as bound`."""
    dotted = cst.parse_expression(name)
    assert isinstance(dotted, (cst.Name, cst.Attribute))
    return cst.ImportAlias(dotted, cst.AsName(cst.Name(bound)) if bound else None)


def items_of(node: FromImport) -> list[Item]:
    """The names of a from-import that is no star import."""
    assert not isinstance(node.names, cst.ImportStar)
    gaps = _gaps(node)
    found = []
    for number, alias in enumerate(node.names):
        bare = alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        above = tuple(
            line.comment.value for line in _lines(gaps[number]) if line.comment is not None
        )
        if number == 0 and node.lpar is None:
            above = ()
        found.append(Item(above, bare, _comment(gaps[number + 1])))
    return found


def without(node: FromImport, numbers: Sequence[int]) -> FromImport:
    """A from-import without some of its names, and without their comments."""
    assert not isinstance(node.names, cst.ImportStar)
    gaps = _gaps(node)
    kept = [n for n in range(len(node.names)) if n not in numbers]
    names: list[cst.ImportAlias] = []
    rpar = node.rpar
    for place, number in enumerate(kept):
        alias = node.names[number]
        following = kept[place + 1] if place + 1 < len(kept) else None
        if following is not None:
            gap = _between(gaps[number + 1], gaps[following])
            comma = alias.comma
            if not isinstance(comma, cst.Comma):
                comma = cst.Comma()
            names.append(alias.with_changes(comma=comma.with_changes(whitespace_after=gap)))
            continue
        last = node.names[-1]
        gap = _joined(gaps[number + 1], gaps[-1])
        if isinstance(last.comma, cst.Comma):
            comma = alias.comma if isinstance(alias.comma, cst.Comma) else last.comma
            names.append(alias.with_changes(comma=comma.with_changes(whitespace_after=gap)))
        else:
            names.append(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT))
            if rpar is not None:
                rpar = rpar.with_changes(whitespace_before=gap)
    lpar = node.lpar
    if lpar is not None and kept:
        lpar = lpar.with_changes(whitespace_after=_leading(gaps[0], gaps[kept[0]]))
    return node.with_changes(names=names, lpar=lpar, rpar=rpar)


def with_names(node: FromImport, added: Sequence[cst.ImportAlias]) -> FromImport:
    """A from-import with more names at its end, laid out as the others are."""
    assert not isinstance(node.names, cst.ImportStar)
    names = list(node.names)
    for alias in added:
        last = names[-1]
        if isinstance(last.comma, cst.Comma):
            end = last.comma
            between = names[-2].comma if len(names) > 1 else None
            if isinstance(between, cst.Comma):
                gap = _plain(between.whitespace_after)
            else:
                gap = _plain(_gaps(node)[0])
            names[-1] = last.with_changes(comma=end.with_changes(whitespace_after=_led(end, gap)))
            names.append(alias.with_changes(comma=end.with_changes(whitespace_after=_bare(end))))
        else:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            if len(names) > 1 and isinstance(names[-2].comma, cst.Comma):
                comma = comma.with_changes(
                    whitespace_after=_plain(names[-2].comma.whitespace_after)
                )
            names[-1] = last.with_changes(comma=comma)
            names.append(alias)
    return node.with_changes(names=names)


def redirected(node: FromImport, level: int, module: str) -> FromImport:
    """A from-import of another module, its layout as it is."""
    relative = node.relative if len(node.relative) == level else [cst.Dot()] * level
    changes: dict[str, object] = {
        "relative": relative,
        "module": cst.parse_expression(module) if module else None,
    }
    after = node.whitespace_after_from
    if not level and not code_of(after):
        changes["whitespace_after_from"] = cst.SimpleWhitespace(" ")
    if module and not code_of(node.whitespace_before_import):
        changes["whitespace_before_import"] = cst.SimpleWhitespace(" ")
    return node.with_changes(**changes)


def _gaps(node: FromImport) -> list[cst.BaseParenthesizableWhitespace]:
    """White space before the first name, between names, and behind the last one."""
    assert not isinstance(node.names, cst.ImportStar)
    none = cst.SimpleWhitespace("")
    gaps = [node.lpar.whitespace_after if node.lpar else none]
    for alias in node.names:
        comma = alias.comma
        gaps.append(comma.whitespace_after if isinstance(comma, cst.Comma) else none)
    if node.rpar is not None and not isinstance(node.names[-1].comma, cst.Comma):
        gaps[-1] = node.rpar.whitespace_before
    return gaps


def _joined(
    before: cst.BaseParenthesizableWhitespace, after: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """What is left of two gaps when the names between them go.

    The comment behind the earlier name stays with it, the comments above the later one too.
    """
    if before is after:
        return before
    is_open = isinstance(before, cst.ParenthesizedWhitespace)
    if isinstance(after, cst.ParenthesizedWhitespace):
        first = before.first_line if is_open else _without_comment(after.first_line)  # type: ignore[attr-defined]
        return after.with_changes(first_line=first)
    if is_open and before.first_line.comment is not None:  # type: ignore[attr-defined]
        return before.with_changes(empty_lines=[])
    return after


def _between(
    before: cst.BaseParenthesizableWhitespace, after: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """The same between two names that stay: a line end on either side of what goes stays."""
    if isinstance(before, cst.ParenthesizedWhitespace) and not isinstance(
        after, cst.ParenthesizedWhitespace
    ):
        return before.with_changes(empty_lines=[])
    return _joined(before, after)


def _leading(
    before: cst.BaseParenthesizableWhitespace, after: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """The same behind the opening parenthesis, whose layout stays."""
    if any(line.comment is not None for line in _lines(after)):
        return _joined(before, after)
    if isinstance(before, cst.ParenthesizedWhitespace):
        return before.with_changes(empty_lines=[])
    return before


def _without_comment(line: cst.TrailingWhitespace) -> cst.TrailingWhitespace:
    return line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))


def _plain(gap: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """A gap without its comments."""
    if isinstance(gap, cst.ParenthesizedWhitespace):
        return gap.with_changes(first_line=_without_comment(gap.first_line), empty_lines=[])
    return gap


def _led(
    end: cst.Comma, gap: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """The gap between what was the last name and a new one; the old one keeps its comment."""
    behind = end.whitespace_after
    if isinstance(behind, cst.ParenthesizedWhitespace) and isinstance(
        gap, cst.ParenthesizedWhitespace
    ):
        return gap.with_changes(first_line=behind.first_line)
    return gap


def _bare(end: cst.Comma) -> cst.BaseParenthesizableWhitespace:
    """The gap behind the new last name: the old last name's, without its comment."""
    behind = end.whitespace_after
    if isinstance(behind, cst.ParenthesizedWhitespace):
        return behind.with_changes(first_line=_without_comment(behind.first_line))
    return behind


def _lines(gap: cst.BaseParenthesizableWhitespace) -> Sequence[cst.EmptyLine]:
    return gap.empty_lines if isinstance(gap, cst.ParenthesizedWhitespace) else ()


def _comment(gap: cst.BaseParenthesizableWhitespace) -> str:
    if isinstance(gap, cst.ParenthesizedWhitespace) and gap.first_line.comment is not None:
        return gap.first_line.comment.value
    return ""
