"""Checks of a registry that its model cannot make: they need the catalogue, or the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate import catalogue
from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.lint.targets import missing_targets
from ssot_migrate.rewrite.pattern_rule import PatternRule

if TYPE_CHECKING:
    from ssot_migrate.config.settings import Settings
    from ssot_migrate.lint.project import Project


def check_protected(settings: Settings) -> None:
    """Look for the rules that the registry protects.

    Raises:
        ConfigError: There are no such rules.
    """
    problems = tuple(
        settings.problem(("suppressions", "protected", number), problem)
        for number, selector in enumerate(settings.registry.suppressions.protected)
        if (problem := catalogue.wrong_selector(selector)) is not None
    )
    if problems:
        raise ConfigError(problems)


def check_reporting(settings: Settings) -> None:
    """Look for the rules that are to report call patterns.

    Raises:
        ConfigError: There are no such rules, or they report no calls.
    """
    calls = settings.registry.calls
    rules = catalogue.all_rules() if calls else ()
    known = {rule.name() for rule in rules if issubclass(rule, PatternRule)}
    problems = tuple(
        settings.problem(
            ("calls", number, "rule"),
            catalogue.wrong_selector(one.rule)
            or f"{one.rule!r} reports no calls; these do: {', '.join(sorted(known))}",
        )
        for number, one in enumerate(calls)
        if one.rule not in known
    )
    if problems:
        raise ConfigError(problems)


def check_targets(project: Project) -> None:
    """Look for what the registry sends code to; asked once for an unchanged tree.

    Raises:
        ConfigError: There is nothing.
    """
    question = f"targets\0{project.settings.digest}"
    if project.index.answer(question) is None:
        if problems := missing_targets(project):
            raise ConfigError(problems)
        project.index.keep_answer(question, b"exist")
