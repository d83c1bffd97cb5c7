"""Moves imports, and the uses of what they bind, to where the registry sends them.

An import is edited where it stands, in its own suite; what is split off follows directly below.
A name joins an import of its new module only if that one runs earlier in the same suite, has room
on its line, and the file does not import one name a line.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.decisions import MoveImport, MoveReference
from ssot_migrate.rewrite.document import Document, Refused, TextEdit
from ssot_migrate.rewrite.drafts import Come, Draft
from ssot_migrate.rewrite.fates import Fates
from ssot_migrate.rewrite.suites import (
    are_one_a_line,
    comment_behind,
    has_comment_above,
    has_own_lines,
    import_places,
    indentation,
    is_pragma,
    line_end,
    only_imports_between,
)
from ssot_migrate.rewrite.wanted import Fate, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.outcome import Cause, Left
    from ssot_migrate.rewrite.decisions import FileTask


HANDLES = (MoveImport, MoveReference)


def rewrite(
    document: Document, task: FileTask, decisions: Sequence[MoveImport | MoveReference]
) -> Iterator[TextEdit | Left]:
    """Carry out the moves in one file.

    Args:
        document: The file.
        task: Its module, and which of its names others read.
        decisions: What moves.

    Raises:
        Refused: LibCST and the parser disagree about an import.
    """
    if not decisions:
        return
    fates = Fates(
        document,
        decisions,
        task.kept_names,
        is_interface=task.is_package or task.path.endswith(".pyi"),
    )
    yield from _Layout(document, task, fates).edits()
    yield from fates.edits
    yield from fates.left


class _Layout:
    """All import statements of a file, as they will be."""

    def __init__(self, document: Document, task: FileTask, fates: Fates) -> None:
        self._document = document
        self._fates = fates
        self._package = task.module if task.is_package else task.module.rpartition(".")[0]
        self._drafts: list[Draft] = []
        self._is_one_a_line = False
        self._offered: defaultdict[int, dict[Wanted, Draft]] = defaultdict(dict)

    def edits(self) -> Iterator[TextEdit]:
        """The edits of import statements, in order of position."""
        first, places = 0, import_places(self._document)
        self._is_one_a_line = are_one_a_line(places)
        for place in places:
            draft = Draft(self._document.text[place.start : place.end], place, first)
            first += draft.count
            self._draft(draft)
            self._drafts.append(draft)
        if first != len(self._document.facts.imports):
            raise Refused("its imports are counted in two ways")
        deleted: defaultdict[int, list[Draft]] = defaultdict(list)
        for draft in self._drafts:
            if draft.is_deleted:
                deleted[draft.place.suite].append(draft)
        for drafts in deleted.values():
            if len(drafts) == len(drafts[0].place.siblings):
                place = drafts.pop().place
                yield TextEdit(place.start, place.end, "pass", self._cause_at(place.start))
        for draft in self._drafts:
            if draft in deleted[draft.place.suite]:
                yield self._deletion(draft)
            elif draft.cause is not None and not draft.is_deleted:
                yield from self._rewritten(draft)

    # What is imported

    def _draft(self, draft: Draft) -> None:
        """Decide what a statement will import, with what earlier ones of its suite do in view."""
        offered = self._offered[draft.place.suite]
        for number in range(draft.count):
            fate = self._fates.of(draft.first + number)
            written = self._written(draft, number)
            if written in fate.wanted:
                # Only what is read of it changes.
                rest = tuple(one for one in fate.wanted if one != written)
                fate = Fate(True, rest, fate.cause)
            draft.take(number, fate)
            for wanted in fate.wanted:
                if self._is_offered(draft, wanted) and not draft.has_comments(number):
                    continue
                if wanted.name and self._module_of(draft, number) == wanted.module:
                    draft.rename(number, wanted)
                    offered[wanted] = draft
                else:
                    self._place(draft, Come(number, wanted))
        for number in draft.stays:
            if number not in draft.renamed:
                offered.setdefault(self._written(draft, number), draft)

    def _is_offered(self, draft: Draft, wanted: Wanted) -> bool:
        if not self._fates.can_be_told_once(wanted.local):
            return False
        if wanted in self._offered[draft.place.suite]:
            return True
        return any(self._written(draft, number) == wanted for number in range(draft.count))

    def _may_join(self, draft: Draft, come: Come) -> bool:
        """Whether a name may leave its statement for an earlier one, comments and all."""
        place = draft.place
        return (
            not self._is_one_a_line
            and come.wanted.name not in ("", "*")
            and not draft.has_comments(come.number)
            and not comment_behind(self._document, place)
            and not has_comment_above(self._document, place)
        )

    def _place(self, draft: Draft, come: Come) -> None:
        """Let a name join an earlier import of its module, or the statement it replaces."""
        offered = self._offered[draft.place.suite]
        wanted = come.wanted
        host = next(
            (
                earlier
                for other, earlier in offered.items()
                if other.module == wanted.module
                and other.name not in ("", "*")
                and earlier.is_lazy == draft.is_lazy
                and earlier is not draft
                and earlier.has_room_for(wanted)
                and only_imports_between(earlier.place, draft.place)
                and self._document.facts.imports[earlier.first].name
            ),
            None,
        )
        if host is not None and self._may_join(draft, come) and self._joins(host, wanted):
            host.cause = host.cause or draft.cause
        else:
            draft.come.append(come)
            host = draft
        offered[wanted] = host

    def _joins(self, host: Draft, wanted: Wanted) -> bool:
        """Add a name to an earlier statement, if that one imports from its module alone."""
        coming = {come.wanted.module for come in host.come}
        if host.come and (host.stays or len(coming) > 1):
            # It is split: the name belongs to the half that comes.
            if wanted.module in coming:
                host.let_in(wanted, host.come[-1].number)
                return True
            return False
        host.let_in(wanted)
        return True

    def _module_of(self, draft: Draft, number: int) -> str:
        """The module that a from-import names; empty for `import module`."""
        one = self._document.facts.imports[draft.first + number]
        return self._absolute(one.level, one.module) if one.name else ""

    def _written(self, draft: Draft, number: int) -> Wanted:
        """What a name of a statement imports, as written."""
        one = self._document.facts.imports[draft.first + number]
        bound = one.bound if one.aliased else None
        if not one.name:
            return Wanted(one.module, bound=bound)
        return Wanted(self._absolute(one.level, one.module), one.name, bound)

    def _absolute(self, level: int, module: str) -> str:
        if not level:
            return module
        parts = self._package.split(".")
        head = ".".join(parts[: len(parts) - level + 1])
        return f"{head}.{module}" if module and head else head or module

    # Text

    def _spell(self, wanted: Wanted, is_relative: bool) -> tuple[int, str]:
        """A module as dots and name: relative if the statement is, and both share a package."""
        module = wanted.module
        if is_relative and self._package:
            parents = self._package.split(".")
            parts = module.split(".")
            shared = 0
            while shared < min(len(parents), len(parts)) and parents[shared] == parts[shared]:
                shared += 1
            if shared:
                return len(parents) - shared + 1, ".".join(parts[shared:])
        return 0, module

    def _rewritten(self, draft: Draft) -> Iterator[TextEdit]:
        document, place = self._document, draft.place
        cause = draft.cause
        assert cause is not None
        is_alone = has_own_lines(document, place)
        comment = comment_behind(document, place) or ""
        tail = comment if is_pragma(comment) else ""
        indent = indentation(document, place) if is_alone else ""
        text, new = draft.rendered(self._spell, tail, indent, document.newline)
        if not is_alone and any("\n" in one or "#" in one for one in new):
            raise Refused(f"line {place.node.lineno} has no room for a comment that moves")
        if not text:
            # The first statement that comes takes the place, with the comment behind it.
            text, *new = new
            text = text.removesuffix(f"  {tail}") if tail else text
        if text != draft.text:
            yield TextEdit(place.start, place.end, text, cause)
        if new and is_alone:
            at = line_end(document, place.end)
            yield TextEdit(at, at, "".join(f"{document.newline}{indent}{s}" for s in new), cause)
        elif new:
            yield TextEdit(place.end, place.end, "".join(f"; {s}" for s in new), cause)

    def _deletion(self, draft: Draft) -> TextEdit:
        document, place = self._document, draft.place
        cause = self._cause_at(place.start)
        if has_own_lines(document, place):
            comment = comment_behind(document, place) or ""
            end = line_end(document, place.end)
            if comment and not is_pragma(comment):
                return TextEdit(place.start, document.text.index("#", place.end), "", cause)
            behind = document.text[end : end + 2]
            end += len(behind) if behind == "\r\n" else len(behind[:1])
            return TextEdit(document.line_start(place.start), end, "", cause)
        rest = document.text[place.end :]
        gap = len(rest) - len(rest.lstrip(" \t"))
        if rest[gap : gap + 1] == ";":
            tail = rest[gap + 1 :]
            skip = len(tail) - len(tail.lstrip(" \t"))
            return TextEdit(place.start, place.end + gap + 1 + skip, "", cause)
        start = document.text.rindex(";", 0, place.start)
        return TextEdit(start, place.end, "", cause)

    def _cause_at(self, start: int) -> Cause:
        return next(one.cause for one in self._drafts if one.place.start == start and one.cause)
