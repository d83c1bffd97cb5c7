"""Compares a call with a pattern, as syntax; who is called on what is for others to prove."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.config.call_patterns import is_rest, metavariable

if TYPE_CHECKING:
    from ssot_migrate.config.call_patterns import Pattern

Argument: TypeAlias = ast.expr | ast.keyword
Bindings: TypeAlias = Mapping[str, tuple[Argument, ...]]
"""What the metavariables stand for; what may be absent, and is, is missing."""


class Hidden(Exception):  # noqa: N818 - a verdict, not an error
    """Whether a call matches cannot be seen; says why."""


def matched(pattern: Pattern, call: ast.Call, parameters: Sequence[str]) -> Bindings | None:
    """What the metavariables of a pattern stand for in a call; None if it does not match.

    Args:
        pattern: The pattern.
        call: The call.
        parameters: Names of the positionals: what has one may be given either way.

    Raises:
        Hidden: Its `*` or `**` may pass what the pattern speaks of.
    """
    wanted = pattern.call
    if wanted is None:
        return None
    match = _Match(pattern, parameters)
    is_meant = match.is_same(wanted.func, call.func) and match.call(wanted, call)
    return match.found if is_meant else None


class _Match:
    """One comparison."""

    def __init__(self, pattern: Pattern, parameters: Sequence[str]) -> None:
        self._optional = pattern.optional
        self._parameters = list(parameters)
        self.found: dict[str, tuple[Argument, ...]] = {}

    def is_same(self, wanted: object, given: object) -> bool:
        """Whether a part of the pattern matches a part of the code."""
        if isinstance(wanted, ast.AST):
            name = metavariable(wanted)
            if name:
                return isinstance(given, ast.expr) and self._bind(name, given)
            if type(wanted) is not type(given):
                return False
            if isinstance(wanted, ast.Call) and isinstance(given, ast.Call):
                return self.is_same(wanted.func, given.func) and self._arguments(wanted, given, ())
            fields = [field for field in wanted._fields if field not in ("ctx", "kind")]
            return all(self.is_same(getattr(wanted, f), getattr(given, f)) for f in fields)
        if isinstance(wanted, list) and isinstance(given, list):
            return len(wanted) == len(given) and all(map(self.is_same, wanted, given))
        return type(wanted) is type(given) and wanted == given

    def call(self, wanted: ast.Call, given: ast.Call) -> bool:
        """Whether the arguments of the call in question match."""
        return self._arguments(wanted, given, self._parameters)

    def _arguments(self, wanted: ast.Call, given: ast.Call, parameters: Sequence[str]) -> bool:
        given_arguments = _Given(given)
        rest = next((metavariable(one) for one in wanted.args if is_rest(one)), None)
        positionals = [one for one in wanted.args if not is_rest(one)]
        pairs = [
            (one, given_arguments.take(number, _at(parameters, number)))
            for number, one in enumerate(positionals)
        ]
        for keyword in wanted.keywords:
            number = parameters.index(keyword.arg) if keyword.arg in parameters else -1
            pairs.append((keyword.value, given_arguments.take(number, keyword.arg)))
        for one, value in pairs:
            if value is None and metavariable(one) not in self._optional:
                given_arguments.check_hidden()
                return False
            if value is not None and not self.is_same(one, value):
                return False
        left = given_arguments.left()
        if rest is None:
            given_arguments.check_hidden()
            return not left
        if any(value is None for _, value in pairs):
            given_arguments.check_hidden()
        if rest != "$":
            self.found[rest] = left
        return True

    def _bind(self, name: str, given: ast.expr) -> bool:
        if name == "$_":
            return True
        known = self.found.setdefault(name, (given,))
        return ast.dump(known[0]) == ast.dump(given)


class _Given:
    """The arguments of a call, taken one by one."""

    def __init__(self, call: ast.Call) -> None:
        starred = [n for n, one in enumerate(call.args) if isinstance(one, ast.Starred)]
        self._plain = call.args[: starred[0]] if starred else call.args
        self._arguments: list[Argument] = [*call.args, *call.keywords]
        self._star = bool(starred)
        self._double_star = any(one.arg is None for one in call.keywords)

    def take(self, number: int, name: str | None) -> ast.expr | None:
        """The argument at a position, or of a name."""
        if 0 <= number < len(self._plain):
            value = self._plain[number]
            self._arguments.remove(value)
            return value
        for one in self._arguments:
            if isinstance(one, ast.keyword) and one.arg is not None and one.arg == name:
                self._arguments.remove(one)
                return one.value
        return None

    def left(self) -> tuple[Argument, ...]:
        """Those that nothing has taken, in order of position."""
        return tuple(sorted(self._arguments, key=lambda one: (one.lineno, one.col_offset)))

    def check_hidden(self) -> None:
        """Raise if `*` or `**` may hold more."""
        if self._star or self._double_star:
            raise Hidden(f"what `{'*' if self._star else '**'}` passes cannot be seen")


def _at(names: Sequence[str], number: int) -> str | None:
    return names[number] if number < len(names) else None
