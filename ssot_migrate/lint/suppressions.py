"""Which findings the comments of a tree suppress, and which comments mean nothing."""

from __future__ import annotations

import datetime
import difflib
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Finding, Span
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.pragmas import FILE, LINE, MARK, NEXT_LINE, SPELLINGS, Pragma
from ssot_migrate.index.worker import PRAGMAS
from ssot_migrate.lint.clock import today

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssot_migrate.config.model import Suppressions as Policy
    from ssot_migrate.index.index import Index
    from ssot_migrate.lint.rule import Rule

_VERBS = (LINE, NEXT_LINE, FILE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Suppression(msgspec.Struct, frozen=True):
    """A comment that suppresses findings of some rules.

    Args:
        path: The file.
        pragma: The comment.
        codes: The rules it may suppress, of those that it names.
    """

    path: str
    pragma: Pragma
    codes: frozenset[str]

    def covers(self, code: str, place: Span) -> bool:
        """Whether what a rule has to say of a place in the same file is meant."""
        one = self.pragma
        is_there = one.first <= place.line <= one.last
        return code in self.codes and (
            is_there or (one.verb == LINE and place.end_line == one.line)
        )

    @property
    def width(self) -> int:
        """How many lines it is about."""
        return self.pragma.last - self.pragma.first


class Mistake(msgspec.Struct, frozen=True):
    """What keeps a comment from suppressing what it is meant to, as a sentence."""

    path: str
    pragma: Pragma
    message: str


class Suppressed(msgspec.Struct, frozen=True):
    """A finding, and the comment that suppresses it."""

    finding: Finding
    by: Suppression


class Suppressions:
    """The comments of a tree that suppress findings.

    Args:
        index: The tree.
        policy: What the registry asks of them.
        rules: The rules there are.
    """

    def __init__(self, index: Index, policy: Policy, rules: Sequence[type[Rule]]) -> None:
        self._index = index
        self._policy = policy
        self._rules = rules

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that are suppressed somewhere."""
        return frozenset(
            code for many in self._valid.values() for one in many for code in one.codes
        )

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What is wrong with comments, by path and line."""
        return tuple(mistake for mistakes, _ in self._judged for mistake in mistakes)

    def divided(
        self, findings: Iterable[Finding]
    ) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        """The findings that count, and those that a comment suppresses."""
        counting: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            place = Span(finding.line, finding.column, finding.end_line, finding.end_column)
            by = self.of(finding.path, finding.code, place)
            if by is None:
                counting.append(finding)
            else:
                suppressed.append(Suppressed(finding, by))
        return tuple(counting), tuple(suppressed)

    def unused(self, findings: Iterable[Finding]) -> Iterator[tuple[Suppression, tuple[str, ...]]]:
        """The comments that suppress none of the findings, with the codes that are too many."""
        used: defaultdict[Suppression, set[str]] = defaultdict(set)
        for suppressed in self.divided(findings)[1]:
            used[suppressed.by].add(suppressed.finding.code)
        for many in self._valid.values():
            for one in many:
                if surplus := sorted(one.codes - used[one]):
                    yield one, tuple(surplus)

    def of(self, path: str, code: str, place: Span) -> Suppression | None:
        """What keeps a rule from speaking of a place; of several, the one about fewest lines."""
        meant = (one for one in self._valid.get(path, ()) if one.covers(code, place))
        return min(meant, key=lambda one: one.width, default=None)

    @cached_property
    def _valid(self) -> Mapping[str, list[Suppression]]:
        found: defaultdict[str, list[Suppression]] = defaultdict(list)
        for _, one in self._judged:
            if one is not None and one.codes:
                found[one.path].append(one)
        return dict(found)

    @cached_property
    def _judged(self) -> tuple[tuple[tuple[Mistake, ...], Suppression | None], ...]:
        paths = sorted(self._index.search(map(Needle, SPELLINGS)))
        self._index.load(dict.fromkeys(paths, (PRAGMAS,)))
        facts = ((path, self._index.pragmas(path)) for path in paths)
        return tuple(
            self._judge(path, pragma)
            for path, one in facts
            for pragma in (one.pragmas if one is not None else ())
        )

    def _judge(self, path: str, pragma: Pragma) -> tuple[tuple[Mistake, ...], Suppression | None]:
        """What is wrong with a comment, and what it suppresses all the same."""
        problems = [*self.problems_with(pragma)]
        codes: set[str] = set()
        wrong: list[str] = []
        for word in pragma.codes or ():
            rule = next((rule for rule in self._rules if rule.is_called(word)), None)
            why = self._unsuppressible(word, rule)
            if why is not None:
                wrong.append(why)
            elif rule is not None:
                codes.add(rule.code)
        mistakes = tuple(Mistake(path, pragma, message) for message in (*problems, *wrong))
        return mistakes, None if problems else Suppression(path, pragma, frozenset(codes))

    def problems_with(self, pragma: Pragma) -> Iterator[str]:
        """What is wrong with a comment as a whole: a sentence each, with the remedy."""
        if pragma.verb not in _VERBS:
            near = difflib.get_close_matches(pragma.verb.lower(), _VERBS, 1)
            meant = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(_VERBS)}"
            yield f"`{MARK} {pragma.verb}` is no suppression; {meant}"
            return
        if not pragma.codes:
            yield (
                f"`{MARK} {pragma.verb}` names no rule, so it suppresses nothing: "
                f"write `{pragma.verb}[CODE]` and the reason"
            )
            return
        if self._policy.require_reason and not any(map(str.isalnum, pragma.reason)):
            yield "the suppression gives no reason: write it behind the brackets"
        if self._policy.require_owner and not pragma.owner:
            yield "the suppression names nobody who answers for it: add `owner=NAME`"
        if pragma.until:
            last = _day(pragma.until)
            if last is None:
                yield f"`until={pragma.until}` is no date: write it as `until=2026-12-31`"
            elif last < today():
                yield f"the suppression ended on {last}: mend the code, or decide anew"

    def _unsuppressible(self, word: str, rule: type[Rule] | None) -> str | None:
        """Why no comment may name a rule."""
        if rule is None:
            near = difflib.get_close_matches(word.upper(), [rule.code for rule in self._rules], 1)
            meant = f"did you mean {near[0]}?" if near else "`ssot-migrate rules` lists them"
            return f"no rule is called `{word}`; {meant}"
        if not rule.suppressible:
            return f"{rule.code} cannot be suppressed by a comment"
        if self.is_protected(rule):
            return f"{rule.code} is protected by the registry: no comment suppresses it"
        return None

    def is_protected(self, rule: type[Rule]) -> bool:
        """Whether the registry lets no comment suppress what a rule finds."""
        return any(rule.answers_to(selector) for selector in self._policy.protected)


def _day(text: str) -> datetime.date | None:
    if _DAY.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return None
    return None
