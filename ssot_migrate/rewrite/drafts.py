"""Import statements as they will be: which names leave, which come, and how the text runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
import msgspec

from ssot_migrate.rewrite.document import Refused
from ssot_migrate.rewrite.import_syntax import (
    FROM_IMPORTS,
    ImportStatement,
    Item,
    alias_of,
    code_of,
    items_of,
    parse_import,
    redirected,
    with_names,
    without,
)
from ssot_migrate.rewrite.suites import is_pragma
from ssot_migrate.rewrite.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.rewrite.suites import Place
    from ssot_migrate.rewrite.wanted import Fate

_OPENING_COMMENT = re.compile(r"[^(#]*\([ \t]*(#[^\r\n]*)")
_LONGEST_LINE = 88
"""New statements that would be longer are put in parentheses, a name a line; no name joins a
statement on one line that would be longer."""


class Come(msgspec.Struct, frozen=True):
    """A name that is to be imported by a draft: number of the name it replaces, and itself."""

    number: int
    wanted: Wanted


class Draft:
    """One import statement, and what becomes of it.

    Args:
        text: The statement as written.
        place: Where it stands.
        first: Number of its first name among the file's imports.

    Raises:
        Refused: LibCST sees something else in the text.
    """

    def __init__(self, text: str, place: Place, first: int) -> None:
        self.text = text
        self.place = place
        self.first = first
        self.cause: Cause | None = None
        self.come: list[Come] = []
        self.added: list[Wanted] = []
        self.renamed: dict[int, Wanted] = {}
        self._width = place.node.col_offset + len(text)
        self._gone: set[int] = set()
        # Names whose comments have been written: one that becomes two names has them once.
        self._told: set[int] = set()
        self._node: ImportStatement | None = None

    @property
    def count(self) -> int:
        """How many names it has."""
        return len(self.place.node.names)

    @property
    def is_lazy(self) -> bool:
        """Whether it is a PEP 810 import."""
        return self.text.startswith("lazy")

    @property
    def stays(self) -> list[int]:
        """The numbers of the names that stay as they are."""
        return [number for number in range(self.count) if number not in self._gone]

    @property
    def is_deleted(self) -> bool:
        """Whether nothing is left of it, and nothing comes in its place."""
        return not (self.stays or self.come or self.added)

    @property
    def node(self) -> ImportStatement:
        """The statement's concrete syntax."""
        if self._node is None:
            self._node = parse_import(self.text)
        if self._node is None:
            raise Refused(f"LibCST reads line {self.place.node.lineno} in another way")
        return self._node

    def take(self, number: int, fate: Fate) -> None:
        """Note the fate of one of its names."""
        if fate.cause is not None:
            self.cause = self.cause or fate.cause
            if not fate.stays:
                self._gone.add(number)

    def rename(self, number: int, wanted: Wanted) -> None:
        """Let a name of the same module take another one's place."""
        self._gone.discard(number)
        self.renamed[number] = wanted

    def has_comments(self, number: int) -> bool:
        """Whether comments inside the statement belong to one of its names."""
        return "#" in self.text and self._items()[number].has_comments

    def has_room_for(self, wanted: Wanted) -> bool:
        """Whether a name that joins it leaves its line as short as lines should be."""
        return "\n" in self.text or self._width + len(_joined(wanted)) <= _LONGEST_LINE

    def let_in(self, wanted: Wanted, number: int | None = None) -> None:
        """Let a name join it.

        Args:
            wanted: The name.
            number: Of the name that goes and whose half of the statement it belongs to.
        """
        self._width += len(_joined(wanted))
        if number is None:
            self.added.append(wanted)
        else:
            self.come.append(Come(number, wanted))

    # Text

    def rendered(
        self,
        spell: Callable[[Wanted, bool], tuple[int, str]],
        tail: str,
        indent: str,
        newline: str,
    ) -> tuple[str, list[str]]:
        """The statement as it will be, and the statements that follow it.

        Args:
            spell: Gives a wanted module as dots and name; told whether the statement is relative.
            tail: A comment that every statement is to carry, or empty.
            indent: White space in front of the statement.
            newline: The file's line end.

        Returns:
            The text in the statement's place, empty if it goes, and the new statements, each of
            which may have several lines.
        """
        if isinstance(self.node, FROM_IMPORTS):
            text, rest = self._from_text(spell)
        else:
            text, rest = self._import_text()
        new = [self._new_statement(group, spell, tail, indent, newline) for group in _grouped(rest)]
        return text, new

    def _from_text(
        self, spell: Callable[[Wanted, bool], tuple[int, str]]
    ) -> tuple[str, list[Come]]:
        node, rest = self.node, list(self.come)
        assert isinstance(node, FROM_IMPORTS)
        if self.renamed and not isinstance(node.names, cst.ImportStar):
            aliases = list(node.names)
            for number, wanted in self.renamed.items():
                aliases[number] = _renamed(aliases[number], wanted)
            node = node.with_changes(names=aliases)
        stays = self.stays
        if stays:
            if self._gone:
                node = without(node, sorted(self._gone))
        else:
            # The whole statement goes to another module: its layout is kept.
            group = next((group for group in _grouped(rest) if group[0].wanted.name), None)
            numbers = [come.number for come in group or ()]
            if group is None or len(set(numbers)) != len(numbers):
                return "", rest
            rest = [come for come in rest if come not in group]
            level, module = spell(group[0].wanted, bool(node.relative))
            if isinstance(node.names, cst.ImportStar):
                return code_of(redirected(node, level, module)), rest
            names = list(node.names)
            for come in group:
                names[come.number] = _renamed(names[come.number], come.wanted)
            self._told.update(numbers)
            node = node.with_changes(names=names)
            node = without(node, [n for n in range(self.count) if n not in numbers])
            node = redirected(node, level, module)
        if self.added:
            node = with_names(node, [alias_of(one.name, one.bound) for one in self.added])
        return code_of(node), rest

    def _import_text(self) -> tuple[str, list[Come]]:
        node, rest = self.node, []
        assert isinstance(node, (cst.Import, cst.LazyImport))
        replaced: dict[int, cst.ImportAlias] = {}
        for come in self.come:
            if come.wanted.name or come.number not in self._gone or come.number in replaced:
                rest.append(come)
            else:
                replaced[come.number] = _renamed(node.names[come.number], come.wanted)
        kept = {number: node.names[number] for number in self.stays} | replaced
        names = [kept[number] for number in sorted(kept)]
        if not names:
            return "", rest
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return code_of(node.with_changes(names=names)), rest

    def _new_statement(
        self,
        group: Sequence[Come],
        spell: Callable[[Wanted, bool], tuple[int, str]],
        tail: str,
        indent: str,
        newline: str,
    ) -> str:
        lazy = "lazy " if self.is_lazy else ""
        tail = tail or self._pragma_inside()
        behind = f"  {tail}" if tail else ""
        wanted = group[0].wanted
        if not wanted.name:
            bound = f" as {wanted.bound}" if wanted.bound else ""
            return f"{lazy}import {wanted.module}{bound}{behind}"
        level, module = spell(wanted, bool(getattr(self.node, "relative", ())))
        head = f"{lazy}from {'.' * level}{module} import "
        items = [self._item(come) for come in group]
        names = [_name(come.wanted) for come in group]
        line = head + ", ".join(names) + behind
        is_long = len(indent) + len(line) > _LONGEST_LINE and len(names) > 1
        if len(names) == 1 and (items[0] is None or not (tail and items[0].behind)):
            item = items[0]
            comments = [*item.above] if item else []
            last = line + (f"  {item.behind}" if item and item.behind else "")
            return (newline + indent).join([*comments, last])
        if not is_long and not any(item and item.has_comments for item in items):
            return line
        inner = f"{newline}{indent}    "
        rows = ""
        for name, item in zip(names, items, strict=True):
            for comment in item.above if item else ():
                rows += inner + comment
            rows += f"{inner}{name}," + (f"  {item.behind}" if item and item.behind else "")
        return f"{head}({rows}{newline}{indent}){behind}"

    def _pragma_inside(self) -> str:
        """What is said to tools behind the opening parenthesis."""
        found = _OPENING_COMMENT.match(self.text)
        return found[1] if found and is_pragma(found[1]) else ""

    def _item(self, come: Come) -> Item | None:
        """The name that one replaces, if it leaves the statement with its comments."""
        if "#" not in self.text or come.number not in self._gone or come.number in self._told:
            return None
        self._told.add(come.number)
        return self._items()[come.number] if isinstance(self.node, FROM_IMPORTS) else None

    def _items(self) -> list[Item]:
        node = self.node
        if isinstance(node, FROM_IMPORTS) and not isinstance(node.names, cst.ImportStar):
            return items_of(node)
        return [Item((), alias_of("x", None), "")] * self.count


def _grouped(come: Sequence[Come]) -> Iterator[list[Come]]:
    """What comes, by module; each `import module` on its own."""
    groups: dict[tuple[str, int], list[Come]] = {}
    for position, one in enumerate(come):
        key = (one.wanted.module, -1 if one.wanted.name else position)
        groups.setdefault(key, []).append(one)
    yield from groups.values()


def _renamed(alias: cst.ImportAlias, wanted: Wanted) -> cst.ImportAlias:
    """An imported name that becomes another one, its layout as it is."""
    new = alias_of(wanted.name or wanted.module, wanted.bound)
    as_name = alias.asname
    if as_name is not None and wanted.bound and code_of(as_name.name) == wanted.bound:
        new = new.with_changes(asname=as_name)
    if code_of(alias.name) == code_of(new.name):
        new = new.with_changes(name=alias.name)
    return new.with_changes(comma=alias.comma)


def _joined(wanted: Wanted) -> str:
    return f", {_name(wanted)}"


def _name(wanted: Wanted) -> str:
    return f"{wanted.name} as {wanted.bound}" if wanted.bound else wanted.name
