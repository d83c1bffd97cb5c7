"""A project while its files are edited: what is found in them as they stand in the editor.

Two questions are asked of it. What rules that are `by_file` say of one file is asked after every
change, and answered at once. What all rules say of all files takes longer, so its answer may come
from a process of its own, and until it comes the last one is shown where its lines are now.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ssot_migrate.lint.about import AboutFile
from ssot_migrate.lint.drift import drifted
from ssot_migrate.lint.engine import needed, order, run_rules, settle
from ssot_migrate.usecases.gate import known as knowledge
from ssot_migrate.usecases.gate.scan import chosen_rules
from ssot_migrate.workspace.discovery import discover
from ssot_migrate.workspace.source import Contents
from ssot_migrate.workspace.versions import Version, takes_in, unsaved

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.usecases.gate.baseline_file import BaselineFile
    from ssot_migrate.usecases.gate.scan import Gate
    from ssot_migrate.usecases.project import Opened

T = TypeVar("T")


class Editing:
    """A project that is open, under an editor.

    Args:
        opened: The project as it is on the disk.
        gate: Which findings count.

    Raises:
        UsageError: A selector or the baseline cannot be used.
    """

    def __init__(self, opened: Opened, gate: Gate) -> None:
        self._opened = opened
        self._gate = gate
        self._files = tuple(opened.project.files)
        self._rules = chosen_rules(opened, gate)
        self._instant = tuple(rule for rule in self._rules if rule.by_file)
        self._texts: dict[str, bytes] = {}
        self._readable: dict[str, bytes] = {}
        self._found: tuple[Finding, ...] = ()
        self._found_in = opened.project.index.contents
        self._fresh: dict[str, tuple[Finding, ...]] = {}
        self._baseline = self._read_baseline()
        self._answers: dict[Hashable, Any] = {}
        self.project = opened.project

    @property
    def opened(self) -> Opened:
        """The project as it stands in the editor, ready to be asked."""
        return msgspec.structs.replace(self._opened, project=self.project)

    def has(self, path: str) -> bool:
        """Whether a file belongs to the project, or would if it were saved."""
        return path in self._known() or takes_in(path, self.project.registry)

    def is_current(self, path: str) -> bool:
        """Whether the project holds what the editor has, and not what could last be parsed."""
        return self._texts.get(path) == self._readable.get(path)

    def text(self, path: str) -> Sequence[str]:
        """The lines of a file as the editor has it."""
        return Contents(str(self._opened.root), self._texts).rows(path)

    def edit(self, path: str, data: bytes | None) -> None:
        """Take in what a file holds in the editor; None for what is on the disk.

        A content that no parser reads does not replace one that could be parsed: who is in the
        middle of a line keeps what was found before.
        """
        if data is None:
            self._texts.pop(path, None)
            self._readable.pop(path, None)
            self._look()
        else:
            self._texts[path] = data
            before, last = self.project, self._readable.get(path)
            self._readable[path] = data
            self._look()
            if self.project.facts(path) is None and before.facts(path) is not None:
                self.project = before
                if last is None:
                    del self._readable[path]
                else:
                    self._readable[path] = last
        self._fresh.pop(path, None)

    def refresh(self) -> None:
        """Look at the disk again, under the same registry.

        Raises:
            UsageError: The baseline cannot be used any more.
        """
        self._files = discover(self._opened.root, self.project.registry).files
        self._baseline = self._read_baseline()
        self._fresh.clear()
        self._look()

    def everything(self) -> tuple[Finding, ...]:
        """What all rules say of all files now; `accept` takes it in."""
        return run_rules(needed(self._rules, self.project), self.project)

    def accept(self, findings: tuple[Finding, ...]) -> None:
        """Take in what `everything` gave for the project as it is."""
        self._found, self._found_in = findings, self.project.index.contents
        self._fresh.clear()
        self.project.index.flush()

    def remembered(self, question: Hashable, answer: Callable[[], T]) -> T:
        """The answer to a question about the project as it is, worked out once."""
        if question not in self._answers:
            self._answers[question] = answer()
        known: T = self._answers[question]
        return known

    def findings(self, path: str | None = None) -> Mapping[str, tuple[Finding, ...]]:
        """The findings that count, by path, where they are in the editor.

        Args:
            path: A file that is to be looked at now; None to repeat what is known.
        """
        if path is not None:
            view = AboutFile(self.project, path)
            self._fresh[path] = run_rules(self._instant, view) if self.has(path) else ()
        found = tuple(sorted((*self._lasting(), *self._at_once()), key=order))
        counting: Iterable[Finding] = settle(self._rules, self.project, found).findings
        if self._baseline is not None:
            held = knowledge.held_against(self._baseline, self.opened, self._rules, counting)
            counting = held.held.new
        by_path: defaultdict[str, list[Finding]] = defaultdict(list)
        for one in counting:
            if self._opened.selection.selects(one.path):
                by_path[one.path].append(one)
        return {place: tuple(self._shown(place, several)) for place, several in by_path.items()}

    def _known(self) -> frozenset[str]:
        return frozenset(file.path for file in self._files)

    def _look(self) -> None:
        """See the project through what the editor has."""
        self._answers.clear()
        version = unsaved(Version(self._files), self.project.registry, self._readable)
        self.project = self.project.of(version.files, version.given)

    def _read_baseline(self) -> BaselineFile | None:
        if not self._gate.use_baseline:
            return None
        return knowledge.baseline_of(self._opened, self._gate.baseline)

    def _at_once(self) -> Iterator[Finding]:
        for several in self._fresh.values():
            yield from several

    def _lasting(self) -> Iterator[Finding]:
        """What was last found by all rules, but for what has been asked anew."""
        instant = {rule.code for rule in self._instant}
        moved: defaultdict[str, list[Finding]] = defaultdict(list)
        for one in self._found:
            if one.path not in self._fresh:
                yield one
            elif one.code not in instant:
                moved[one.path].append(one)
        contents = self.project.index.contents
        for path, several in moved.items():
            yield from drifted(several, self._found_in.rows(path), contents.rows(path))

    def _shown(self, path: str, findings: Sequence[Finding]) -> Iterable[Finding]:
        if path not in self._texts or self.is_current(path):
            return findings
        return drifted(findings, self.project.index.contents.rows(path), self.text(path))
