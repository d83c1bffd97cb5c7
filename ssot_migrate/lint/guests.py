"""Runs rules, and tells whose mistake it is where a plug-in's rule fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ssot_migrate.domain.errors import PlugInError, SsotMigrateError
from ssot_migrate.domain.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ssot_migrate.lint.rule import Rule


def findings_of(rule: type[Rule], ask: Callable[[Rule], Iterable[object]]) -> Iterator[Finding]:
    """What a rule says.

    Args:
        rule: The rule.
        ask: Calls it.

    Raises:
        PlugInError: The rule is of a plug-in and fails, or yields what is no finding of its own.
    """
    if rule.origin is None:
        yield from cast("Iterable[Finding]", ask(rule()))
        return
    try:
        for one in ask(rule()):
            if not isinstance(one, Finding) or one.code != rule.code:
                raise _problem(rule, f"it yields {one!r}, which is no Finding of its code")
            yield one
    except SsotMigrateError:
        raise
    except Exception as problem:  # of somebody else's code
        raise _problem(rule, f"it fails: {type(problem).__name__}: {problem}") from problem


def _problem(rule: type[Rule], what: str) -> PlugInError:
    assert rule.origin is not None
    remedy = f"report it to its authors, or leave it out with `--ignore {rule.code}`"
    return PlugInError(f"{rule.origin.name}, rule {rule.code}", what, remedy)
