"""Runs one rule over a drawing of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.catalogue import find_rule
from ssot_migrate.lint.engine import run_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.lint.project import Project

    Find = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def find(project: Callable[..., Project]) -> Find:
    """The findings of the rule with this name."""

    def run(rule: str, files: Mapping[str, str], registry: str = "") -> tuple[Finding, ...]:
        return run_rules([find_rule(rule)], project(files, registry))

    return run
