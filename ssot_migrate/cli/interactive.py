"""Asks about each file's change, as `git add --patch` does about a hunk.

A file is the least that can be chosen: its proof holds for all of its edits together.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ssot_migrate.cli.console import complain
from ssot_migrate.reporting.apply.closing import deed
from ssot_migrate.reporting.apply.diff import file_diff
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.domain.outcome import FileOutcome

_HELP = """\
y - write this file
n - leave this file as it is
a - write this file and all that follow
d - leave this file and all that follow
q - quit, and write nothing
? - say this again"""
_VERBS = {"changed": "Write", "created": "Create", "deleted": "Delete"}


class Quit(Exception):  # noqa: N818 - an answer, not an error
    """The user wants nothing to be written."""


class Asker:
    """Answers for each file whether it is to be written."""

    def __init__(self, before_asking: Callable[[], None], *, color: bool) -> None:
        self._before_asking = before_asking
        self._color = color
        self._settled: bool | None = None

    @staticmethod
    def can_ask() -> bool:
        """Whether somebody sits at a terminal."""
        streams = (sys.stdin, sys.stderr)
        return all(stream is not None and stream.isatty() for stream in streams)

    def __call__(self, outcome: FileOutcome) -> FileOutcome | None:
        """Show a file's change and ask; None to leave the file.

        Raises:
            Quit: Nothing is to be written at all.
        """
        if self._settled is None:
            self._before_asking()
            complain(file_diff(outcome, color=self._color).rstrip("\n"))
        is_wanted = self._settled if self._settled is not None else self._ask(outcome)
        return outcome if is_wanted else None

    def _ask(self, outcome: FileOutcome) -> bool:
        question = f"{_VERBS[deed(outcome)]} {visible(outcome.path)} [y,n,a,d,q,?]?"
        while True:
            answer = click.prompt(question, "", show_default=False, prompt_suffix=" ", err=True)
            match answer.strip().lower():
                case "y" | "n" as word:
                    return bool(word == "y")
                case "a" | "d" as word:
                    self._settled = word == "a"
                    return self._settled
                case "q":
                    raise Quit
                case _:
                    complain(_HELP)
