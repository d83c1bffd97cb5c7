"""What a plug-in's modules offer, held against what the tool expects."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from ssot_migrate.domain.errors import PlugInError
from ssot_migrate.domain.finding import Severity
from ssot_migrate.lint.rule import Example, Option, Origin, Reads, Rule
from ssot_migrate.plugged_in.registered import Group
from ssot_migrate.rewrite.plugged import Decider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType

    from ssot_migrate.plugged_in.registered import PlugIn

RESERVED = ("SSOT", "BASELINE", "ALL")
"""Prefixes of codes that are the tool's own, and the word that selects all rules."""

_PREFIX = re.compile(r"[A-Z]{2,10}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DECIDE = "decide"
_RENDER = "render"


def check_registered(plug_ins: Sequence[PlugIn], taken: Mapping[Group, Iterable[str]]) -> None:
    """Check the names of plug-ins, as far as they need not be loaded for it.

    Args:
        plug_ins: All that are registered.
        taken: The tool's own names, by group.

    Raises:
        PlugInError: A name cannot be used, or belongs to somebody else.
    """
    seen: list[PlugIn] = []
    for one in plug_ins:
        if one.group is Group.RULES:
            if problem := check_prefix(one.name):
                raise one.problem(problem)
        elif not _NAME.fullmatch(one.name):
            raise one.problem("the name must be in kebab-case, such as 'acme-platform'")
        if one.group is not None and one.name in taken.get(one.group, ()):
            raise one.problem(f"{one.name!r} is the tool's own: it must take another name")
        for other in seen:
            if other.group is one.group and _is_same(one, other):
                remedy = f"uninstall one of the two: the other is of {other.provider}"
                raise one.problem(f"{one.name!r} clashes with {other.name!r}", remedy)
        seen.append(one)


def _is_same(one: PlugIn, other: PlugIn) -> bool:
    if one.group is Group.RULES:
        return one.name.startswith(other.name) or other.name.startswith(one.name)
    return one.group is not Group.CODEMODS and one.name == other.name


def check_prefix(prefix: str) -> str:
    """What keeps a plug-in's codes from starting so; empty if nothing does."""
    if not _PREFIX.fullmatch(prefix):
        return f"{prefix!r} is no prefix of codes: it must be 2 to 10 capital letters, as 'ACME'"
    for own in RESERVED:
        # A selector is the start of a code, so neither may be the start of the other.
        if own.startswith(prefix) or prefix.startswith(own):
            return f"the prefix {prefix!r} clashes with the tool's own {own!r}"
    return ""


def rules_of(plug_in: PlugIn, modules: Sequence[ModuleType], digest: str) -> Iterator[type[Rule]]:
    """The rules that modules define, each marked with its origin.

    Raises:
        PlugInError: One of them is not what a rule has to be.
    """
    origin = Origin(plug_in.provider or plug_in.name, digest)
    for module in modules:
        for _, value in inspect.getmembers(module, inspect.isclass):
            if not issubclass(value, Rule) or value.__module__ != module.__name__:
                continue
            if not inspect.isabstract(value) and not value.__name__.startswith("_"):
                _check_rule(plug_in, value)
                value.origin = origin
                yield value


def _check_rule(plug_in: PlugIn, rule: type[Rule]) -> None:
    """Raise if a class is no rule that can be run, explained and tested."""
    where = f"the rule {rule.__name__} in {rule.__module__}"
    code = getattr(rule, "code", None)
    if not isinstance(code, str):
        raise plug_in.problem(f"{where} has no `code`")
    prefix = code.rstrip("0123456789")
    if plug_in.group is not None and prefix != plug_in.name:
        raise plug_in.problem(f"{where}: the code {code!r} must be {plug_in.name} and three digits")
    if not re.fullmatch(r"[A-Z]+\d{3}", code):
        raise plug_in.problem(f"{where}: {code!r} is no code: it must be a prefix and three digits")
    if problem := check_prefix(prefix):
        raise plug_in.problem(f"{where}: {problem}")
    if not isinstance(getattr(rule, "severity", None), Severity):
        raise plug_in.problem(f"{where}: `severity` is no Severity")
    if not isinstance(getattr(rule, "reads", None), Reads):
        raise plug_in.problem(f"{where}: `reads` is no Reads")
    if not rule.documentation():
        raise plug_in.problem(f"{where} has no docstring, which is its documentation")
    options: object = rule.options
    if not isinstance(options, Mapping) or not all(
        isinstance(one, Option) for one in options.values()
    ):
        raise plug_in.problem(f"{where}: `options` is no mapping of names to Options")
    examples: tuple[Iterable[object], ...] = (rule.valid, getattr(rule, "invalid", ()))
    if not all(isinstance(one, Example) for several in examples for one in several):
        raise plug_in.problem(f"{where}: `valid` and `invalid` must hold Examples")


def deciders_of(plug_in: PlugIn, modules: Sequence[ModuleType]) -> Iterator[Decider]:
    """The codemods among modules: those with a function `decide` of their own.

    Raises:
        PlugInError: A `decide` is no function of one argument.
    """
    for module in modules:
        decide = getattr(module, _DECIDE, None)
        if decide is not None and getattr(decide, "__module__", None) == module.__name__:
            _check_callable(plug_in, module, _DECIDE, 1)
            yield Decider(plug_in.provider or plug_in.name, module.__name__, decide)


def renderer_of(plug_in: PlugIn, module: ModuleType) -> Callable[..., str] | None:
    """The function that writes a report; None if the module has none.

    Raises:
        PlugInError: It takes something else than a report and a style.
    """
    if not hasattr(module, _RENDER):
        return None
    _check_callable(plug_in, module, _RENDER, 2)
    return cast("Callable[..., str]", module.render)


def _check_callable(plug_in: PlugIn, module: ModuleType, name: str, count: int) -> None:
    try:
        inspect.signature(getattr(module, name)).bind(*range(count))
    except (TypeError, ValueError) as problem:
        what = f"`{name}` of {module.__name__} is no function of {count} positional arguments"
        raise plug_in.problem(what) from problem


def check_together(rules: Sequence[type[Rule]], own: Sequence[type[Rule]]) -> None:
    """Check that no two rules share a code or a name.

    Args:
        rules: Those of plug-ins.
        own: The tool's.

    Raises:
        PlugInError: Two do.
    """
    codes = {rule.code: rule for rule in own}
    names = {rule.name(): rule for rule in own}
    for rule in rules:
        for key, known in ((rule.code, codes), (rule.name(), names)):
            other = known.setdefault(key, rule)
            if other is not rule:
                raise _clash(rule, other, key)


def _clash(rule: type[Rule], other: type[Rule], key: str) -> PlugInError:
    assert rule.origin is not None
    place = f"{rule.__module__}:{rule.__name__}"
    theirs = f"{other.__module__}:{other.__name__}"
    whose = f"{theirs} of {other.origin.name}" if other.origin else f"the tool's own {theirs}"
    return PlugInError(
        f"{rule.origin.name}, {place}", f"{key!r} is taken by {whose}", "rename one of the two"
    )
