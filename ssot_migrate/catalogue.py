"""Finds the rules and the codemods; knows none by name."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from ssot_migrate import rules as bundled_rules
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def all_rules() -> tuple[type[Rule], ...]:
    """Every bundled rule, sorted by code."""
    return tuple(sorted(_bundled(), key=lambda rule: rule.code))


def selected_rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[type[Rule], ...]:
    """The rules that `select` names (all of them if it is empty) and `ignore` does not.

    Args:
        select: Codes, prefixes of codes, or names.
        ignore: The same; it wins over `select` unless `select` is more specific.

    Raises:
        UsageError: A selector matches no rule.
    """
    rules = all_rules()
    for selector in (*select, *ignore):
        if (problem := wrong_selector(selector)) is not None:
            raise UsageError(problem)
    chosen = []
    for rule in rules:
        wanted = max((rule.answers_to(s) for s in select), default=0 if select else 1)
        unwanted = max((rule.answers_to(s) for s in ignore), default=0)
        if wanted > unwanted:
            chosen.append(rule)
    return tuple(chosen)


def wrong_selector(selector: str) -> str | None:
    """Say that a selector matches no rule, and what was meant; None if it matches one."""
    rules = all_rules()
    known = any(rule.answers_to(selector) for rule in rules)
    return None if known else _unknown(selector, rules)


def find_rule(selector: str) -> type[Rule]:
    """The rule with that code or name.

    Raises:
        UsageError: There is none; the message names the nearest.
    """
    rules = all_rules()
    for rule in rules:
        if rule.is_called(selector):
            return rule
    raise UsageError(_unknown(selector, rules))


def codemod_names() -> tuple[str, ...]:
    """The modules of the bundled codemods, sorted."""
    from ssot_migrate import codemods as bundled_codemods

    return tuple(
        f"{bundled_codemods.__name__}.{module.name}"
        for module in pkgutil.iter_modules(bundled_codemods.__path__)
    )


def pack(name: str) -> Path | None:
    """The file of a bundled pack."""
    return _packs().get(name)


def pack_names() -> tuple[str, ...]:
    """The names of the bundled packs, sorted."""
    return tuple(sorted(_packs()))


def _packs() -> dict[str, Path]:
    return {
        file.stem: file
        for folder in bundled_rules.__path__
        for file in Path(folder, "packs").glob("*.toml")
    }


def _bundled() -> Iterator[type[Rule]]:
    for module_info in pkgutil.walk_packages(bundled_rules.__path__, f"{bundled_rules.__name__}."):
        module = importlib.import_module(module_info.name)
        for _, value in inspect.getmembers(module, inspect.isclass):
            if issubclass(value, Rule) and value.__module__ == module.__name__:
                yield value


def _unknown(selector: str, rules: Sequence[type[Rule]]) -> str:
    known = [text for rule in rules for text in (rule.code, rule.name())]
    near = difflib.get_close_matches(selector, known, 1, 0.5) or difflib.get_close_matches(
        selector.upper(), known, 1, 0.5
    )
    hint = f"; did you mean {near[0]!r}?" if near else "; `ssot-migrate rules` lists them"
    return f"no rule is called {selector!r}{hint}"
