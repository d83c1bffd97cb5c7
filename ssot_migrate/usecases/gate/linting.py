"""Runs the rules over a project, unless what they find is remembered, and settles the outcome."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.finding import Finding
from ssot_migrate.lint.clock import today
from ssot_migrate.lint.engine import Settled, needed, run_rules, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.rule import Rule

_UNPARSABLE_FILE = "unparsable-file"


def lint(rules: Sequence[type[Rule]], project: Project, *, often: bool = False) -> Settled:
    """What the rules find in a project, comments that suppress findings considered.

    Args:
        rules: The rules.
        project: The project.
        often: Whether this tree will be asked about again when others have come between.
    """
    return settle(rules, project, _found(needed(rules, project), project, often=often))


def tells_of_unparsable(rules: Sequence[type[Rule]], ignore: Sequence[str]) -> bool:
    """Whether a rule reports files that no parser reads, or was left out by its own name."""
    speaker = catalogue.find_rule(_UNPARSABLE_FILE)
    return speaker in rules or not catalogue.selected_rules((speaker.code,), ignore)


def _found(rules: Sequence[type[Rule]], project: Project, *, often: bool) -> tuple[Finding, ...]:
    """The findings of a project; those of an unchanged one are remembered."""
    question = "\0".join(
        (
            *("findings", project.settings.digest, today().isoformat()),
            *(rule.identity() for rule in rules),
            # What makes modules of files.
            *project.roots,
            *map("\n".join, project.links),
            *project.compiled,
        )
    )
    remembered = project.index.answer(question)
    if remembered is not None:
        with contextlib.suppress(msgspec.DecodeError):
            found = msgspec.msgpack.decode(remembered, type=tuple[Finding, ...])
            if often:  # the cache keeps what was written last
                project.index.keep_answer(question, remembered)
            return found
    findings = run_rules(rules, project)
    if not project.index.unparsable or catalogue.find_rule(_UNPARSABLE_FILE) in rules:
        with contextlib.suppress(UnicodeEncodeError):  # a path need not be UTF-8
            project.index.keep_answer(question, msgspec.msgpack.encode(findings))
    return findings
