"""The process of one project: takes in edits, answers questions, says what is to be shown.

It has one thread, so that it can fork, and waits in one place. Edits are looked at when the editor
has been silent for a moment; what takes longer, when it has been silent for longer.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from ssot_migrate.domain.errors import ConfigError, SsotMigrateError, UsageError
from ssot_migrate.editor.background import Background
from ssot_migrate.editor.messages import (
    Answered,
    AskActions,
    AskHome,
    Edited,
    Idle,
    OnDisk,
    Published,
    Questions,
    Said,
    Working,
    packed,
)
from ssot_migrate.editor.registry import is_registry, problems_in, problems_of_text
from ssot_migrate.usecases.editor.actions import actions_at, migration, prepare
from ssot_migrate.usecases.editor.editing import Editing
from ssot_migrate.usecases.editor.pointing import pointed_at
from ssot_migrate.usecases.project import Request, configured, open_project
from ssot_migrate.workspace.selection import path_below
from ssot_migrate.workspace.source import Undecodable, source_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.domain.editor import Action
    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.editor.messages import Question, Report
    from ssot_migrate.usecases.gate.scan import Gate

_SILENCE_SECONDS = 0.05
_LONG_SILENCE_SECONDS = 0.4
_PROGRESS_SECONDS = 0.2
_READ_BYTES = 1 << 20


def serve(request: Request, gate: Gate, questions: int, reports: int) -> None:
    """Answer until there is nobody to answer any more.

    Args:
        request: Which project.
        gate: Which findings count.
        questions: Descriptor that questions are read from.
        reports: Descriptor that reports are written to.
    """
    project = _Project(request, gate, questions, reports)
    try:
        with suppress(BrokenPipeError):
            project.run()
    finally:
        project.close()


class _Project:
    def __init__(self, request: Request, gate: Gate, questions: int, reports: int) -> None:
        self._request = request
        self._gate = gate
        self._questions = questions
        self._reports = reports
        self._incoming = Questions()
        self._background = Background()
        self._opened = ExitStack()
        self._editing: Editing | None = None
        self._buffers: dict[str, Edited] = {}
        self._unseen: dict[str, None] = {}
        self._is_stale = False
        self._is_prepared = False
        self._before: frozenset[str] = frozenset()
        self._shown: set[str] = set()
        self._wrong: set[str] = set()
        self._told_at = 0.0

    # The one place that waits

    def run(self) -> None:
        """Open the project, then do what comes."""
        self._open()
        while True:
            result = self._background.result
            ready = wait([self._questions, *([] if result is None else [result])], self._patience())
            if self._questions in ready:
                data = os.read(self._questions, _READ_BYTES)
                if not data:
                    return
                for question in self._incoming.take(data):
                    self._guarded(question)
            elif ready:
                self._accept(self._background.take())
            elif self._unseen:
                self._look()
            else:
                self._begin()

    def close(self) -> None:
        """Let go of everything."""
        self._background.stop()
        self._opened.close()

    def _patience(self) -> float | None:
        """How long to wait for more, in seconds; None for ever."""
        if self._unseen:
            return _SILENCE_SECONDS
        is_waiting = self._background.result is None and (self._is_stale or not self._is_prepared)
        return _LONG_SILENCE_SECONDS if is_waiting else None

    def _guarded(self, question: Question) -> None:
        """Take a question; a mistake of ours ends the answer, not the process."""
        try:
            self._take(question)
        except Exception as problem:
            self._say(Said(f"internal error: {type(problem).__name__}: {problem}"))
            if isinstance(question, (AskActions, AskHome)):
                self._say(Answered(question.number))

    def _take(self, question: Question) -> None:
        match question:
            case Edited(file=file):
                self._edited(file, question)
            case OnDisk(files=files):
                self._on_disk(files)
            case AskActions():
                self._say(self._actions(question))
            case AskHome():
                self._say(self._home(question))

    # What the editor says

    def _edited(self, file: str, edited: Edited) -> None:
        if edited.text is None:
            self._buffers.pop(file, None)
        else:
            self._buffers[file] = edited
        self._background.stop()  # what it would find is not so any more
        if is_registry(file):
            found = () if edited.text is None else problems_of_text(file, edited.text)
            self._publish(file, found)
            return
        self._unseen[file] = None

    def _on_disk(self, files: Iterable[str]) -> None:
        self._background.stop()
        if self._editing is None or self._is_reconfigured(files):
            self._open()
            return
        self._editing.refresh()
        self._unseen |= dict.fromkeys(self._buffers)
        self._is_stale = True

    def _is_reconfigured(self, files: Iterable[str]) -> bool:
        """Whether the registry is another one; a pyproject.toml may change for other reasons."""
        if self._editing is None:
            return True
        settings = self._editing.project.settings
        known = {os.path.realpath(document.path) for document in settings.documents}
        if not any(is_registry(file) or os.path.realpath(file) in known for file in files):
            return False
        try:
            return bool(self._wrong) or configured(self._request)[1].digest != settings.digest
        except SsotMigrateError:
            return True

    # What is found

    def _open(self) -> None:
        """Open the project anew, for its registry changed; where it is wrong, the old one stays."""
        self._background.stop()
        opened, problems = ExitStack(), {}
        try:
            project = opened.enter_context(open_project(self._request, self._progress))
            self._editing = Editing(project, self._gate)
            opened, self._opened = self._opened, opened
            self._take_in(self._buffers)
            self._editing.accept(self._editing.everything())
            self._before = _fingerprints(self._editing)
            self._unseen.clear()
            self._is_stale = False
            self._publish_all()
        except ConfigError as error:
            problems = dict(problems_in(error))
            self._say(Said(str(error), is_error=True))
        except (SsotMigrateError, OSError) as problem:
            self._say(Said(str(problem), is_error=True))
        finally:
            opened.close()
        for file in {*problems, *self._wrong}:
            self._publish(file, problems.get(file, ()))
        self._wrong = set(problems)
        self._say(Idle())

    def _look(self) -> None:
        """Look at the files that were edited, each by itself."""
        files, self._unseen = list(self._unseen), {}
        if self._editing is None:
            return
        self._background.stop()
        self._take_in(files)
        for file in files:
            path = self._path(file)
            if path is not None:
                self._publish(file, self._editing.findings(path).get(path, ()))
                self._is_stale = True

    def _begin(self) -> None:
        """Look at everything, in a process of its own; or get ready for what may be asked."""
        if not self._is_stale:
            self._is_prepared = True
            prepare()
            return
        self._is_stale = False
        if self._editing is not None:
            self._background.start(self._editing.everything)

    def _accept(self, findings: tuple[Finding, ...] | None) -> None:
        if self._editing is not None and findings is not None:
            self._editing.accept(findings)
            self._publish_all()
        self._say(Idle())

    def _take_in(self, files: Iterable[str]) -> None:
        """See files as the editor has them."""
        for file in files:
            path = self._path(file)
            if path is not None and self._editing is not None:
                buffer = self._buffers.get(file)
                text = None if buffer is None else buffer.text
                self._editing.edit(path, None if text is None else _encoded(text))

    def _path(self, file: str) -> str | None:
        """A file's path in the project; None if it does not belong there."""
        if self._editing is None:
            return None
        with suppress(UsageError):
            path = path_below(self._editing.opened.root, file)
            return path if self._editing.has(path) else None
        return None

    # What is said

    def _publish_all(self) -> None:
        """Show what is found in open files, and what is new in others."""
        if self._editing is None:
            return
        findings = self._editing.findings()
        own = {path for file in self._buffers if (path := self._path(file)) is not None}
        shown: set[str] = set()
        for path in sorted({*own, *findings, *self._shown}):
            found = findings.get(path, ())
            if path not in own:
                found = tuple(one for one in found if one.fingerprint not in self._before)
                if found:
                    shown.add(path)
                elif path not in self._shown:
                    continue
            self._publish(os.path.join(self._editing.opened.root, path), found)
        self._shown = shown

    def _publish(self, file: str, findings: tuple[Finding, ...]) -> None:
        buffer = self._buffers.get(file)
        self._say(Published(file, None if buffer is None else buffer.version, findings))

    def _actions(self, question: AskActions) -> Answered:
        self._catch_up()
        path = self._path(question.file)
        if self._editing is None or path is None:
            return Answered(question.number)
        found: list[Action] = []
        if question.wants_fixes:
            here = [
                one
                for one in self._editing.findings(path).get(path, ())
                if one.line <= question.last and max(one.line, one.end_line) >= question.first
            ]
            found += actions_at(self._editing, path, here, question.line, question.column)
        if question.wants_all:
            found += migration(self._editing, path)
        return Answered(question.number, self._version(question.file), tuple(found))

    def _home(self, question: AskHome) -> Answered:
        self._catch_up()
        path = self._path(question.file)
        if self._editing is None or path is None or not self._editing.is_current(path):
            return Answered(question.number)
        home = pointed_at(self._editing.project, path, question.line, question.column)
        return Answered(question.number, self._version(question.file), home=home)

    def _catch_up(self) -> None:
        if self._unseen:
            self._look()

    def _version(self, file: str) -> int | None:
        buffer = self._buffers.get(file)
        return None if buffer is None else buffer.version

    def _progress(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told_at > _PROGRESS_SECONDS:
            self._told_at = now
            self._say(Working(what, done, total))

    def _say(self, report: Report) -> None:
        data = memoryview(packed(report))
        while data:
            data = data[os.write(self._reports, data) :]


def _fingerprints(editing: Editing) -> frozenset[str]:
    return frozenset(one.fingerprint for many in editing.findings().values() for one in many)


def _encoded(text: str) -> bytes:
    """A text as its file would hold it."""
    data = text.encode("utf-8", "surrogatepass")
    encoding = source_encoding(data)
    if isinstance(encoding, Undecodable) or encoding in ("utf-8", "utf-8-sig"):
        return data
    try:
        return text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return data
