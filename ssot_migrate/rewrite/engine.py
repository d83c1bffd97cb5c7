"""Rewrites one file: decisions to edits, edits to bytes, bytes to a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.outcome import Edit, FileOutcome, Left, Outcome
from ssot_migrate.index.facts import Facts, ModuleFacts, UseFacts
from ssot_migrate.index.worker import MODULE, USES, digest_of
from ssot_migrate.rewrite.document import Document, Refused, TextEdit
from ssot_migrate.rewrite.proofs import prove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.rewrite.codemod import Codemod
    from ssot_migrate.rewrite.decisions import FileTask
    from ssot_migrate.workspace.source import Contents


class Rewritten(msgspec.Struct, frozen=True):
    """A file's outcome, and the facts of its new content."""

    outcome: FileOutcome
    module: ModuleFacts | None = None
    uses: UseFacts | None = None


def facts_of(rewritten: Rewritten) -> dict[tuple[str, str], Facts]:
    """The facts of the new content, by path and kind."""
    path = rewritten.outcome.path
    found = {MODULE: rewritten.module, USES: rewritten.uses}
    return {(path, kind): facts for kind, facts in found.items() if facts is not None}


def rewrite_file(contents: Contents, task: FileTask, codemods: Sequence[Codemod]) -> Rewritten:
    """Carry out a file's decisions in memory and prove the result; never raises for its content."""
    data = contents.read(task.path)
    if isinstance(data, FileError):
        return _refused(task.path, data.message)
    if digest_of(data) != task.digest:
        return _refused(task.path, "has changed since it was read")
    return rewrite_bytes(data, task, codemods)


def rewrite_bytes(data: bytes, task: FileTask, codemods: Sequence[Codemod]) -> Rewritten:
    """The same for content that has been read."""
    edits: list[TextEdit] = []
    left: list[Left] = []
    try:
        document = Document(data)
        for codemod in codemods:
            decisions = [one for one in task.decisions if isinstance(one, codemod.HANDLES)]
            for change in codemod.rewrite(document, task, decisions):
                if isinstance(change, Left):
                    left.append(change)
                else:
                    edits.append(change)
        edits.sort(key=lambda edit: (edit.start, edit.end))
        text = spliced(document, edits)
        after = document.encoded(text)
        if after == data:
            edits.clear()
        module, uses = prove(document, after, edits, task) if edits else (None, None)
    except Refused as refused:
        return _refused(task.path, refused.why, data, tuple(left))
    except RecursionError:
        return _refused(task.path, "is nested too deeply", data, tuple(left))
    except Exception as error:  # of a codemod, which may be anybody's
        why = f"a codemod failed on it: {type(error).__name__}: {error}"
        return _refused(task.path, why, data, tuple(left))
    outcome = FileOutcome(
        path=task.path,
        outcome=Outcome.CHANGED if edits else Outcome.UNCHANGED,
        edits=tuple(_shown(document, edit) for edit in edits),
        left=tuple(sorted(left, key=lambda one: (one.line, one.column, one.why))),
        before=data,
        after=after if edits else None,
    )
    return Rewritten(outcome, module, uses)


def spliced(document: Document, edits: Sequence[TextEdit]) -> str:
    """The text with its edits, which are in order.

    Raises:
        Refused: Two edits overlap.
    """
    pieces: list[str] = []
    position = 0
    for edit in edits:
        if edit.start < position:
            line, _column = document.position(edit.start)
            raise Refused(f"two changes meet in line {line}")
        pieces += (document.text[position : edit.start], edit.text)
        position = edit.end
    return "".join((*pieces, document.text[position:]))


def _shown(document: Document, edit: TextEdit) -> Edit:
    line, column = document.position(edit.start)
    end_line, end_column = document.position(edit.end)
    return Edit(
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        before=document.text[edit.start : edit.end],
        after=edit.text,
        cause=edit.cause,
    )


def _refused(path: str, why: str, data: bytes = b"", left: tuple[Left, ...] = ()) -> Rewritten:
    outcome = FileOutcome(path=path, outcome=Outcome.REFUSED, why=why, left=left, before=data)
    return Rewritten(outcome)
