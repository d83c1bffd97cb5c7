"""Asks about each proposal: accept it, reverse it, or leave it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ssot_migrate.cli.console import complain
from ssot_migrate.cli.interactive import Quit
from ssot_migrate.reporting.discover import proposal_text
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.discover.proposal import Proposal

_HELP = """\
y - accept this proposal
n - leave it out
r - reverse it: keep another one
a - accept this one and all that follow
d - leave out this one and all that follow
q - quit, and write nothing
? - say this again"""


class Decider:
    """Answers for each proposal what becomes of it."""

    def __init__(self, before_asking: Callable[[], None], *, color: bool) -> None:
        self._before_asking = before_asking
        self._color = color
        self._settled: bool | None = None

    def __call__(self, proposal: Proposal) -> Proposal | None:
        """Show a proposal and ask; None to leave it out.

        Raises:
            Quit: Nothing is to be written at all.
        """
        if self._settled is not None:
            return proposal if self._settled else None
        self._before_asking()
        complain(proposal_text(proposal, color=self._color).rstrip("\n"))
        while True:
            match _asked("Accept this [y,n,r,a,d,q,?]?").lower():
                case "y":
                    return proposal
                case "n":
                    return None
                case "r" if proposal.others:
                    return proposal.reversed(self._other(proposal))
                case "r":
                    complain("There is nothing else to keep.")
                case "a" | "d" as word:
                    self._settled = word == "a"
                    return proposal if self._settled else None
                case "q":
                    raise Quit
                case _:
                    complain(_HELP)

    def _other(self, proposal: Proposal) -> str:
        """Which of the others is to be kept."""
        if len(proposal.others) == 1:
            return proposal.others[0]
        for number, other in enumerate(proposal.others, 1):
            complain(f"  {number} {visible(other)}")
        while True:
            text = _asked(f"Keep which [1-{len(proposal.others)}]?")
            if text.isdecimal() and 1 <= int(text) <= len(proposal.others):
                return proposal.others[int(text) - 1]


def _asked(question: str) -> str:
    answer: str = click.prompt(question, "", show_default=False, prompt_suffix=" ", err=True)
    return answer.strip()
