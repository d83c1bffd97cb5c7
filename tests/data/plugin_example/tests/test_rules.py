"""Every rule is complete, and flags what its examples say and nothing else."""

from __future__ import annotations

import pytest
from ssot_migrate.plugin import Example, Rule
from ssot_migrate.testing import check_example, check_rule, examples_in, rules_in

from acme_ssot import rules


@pytest.mark.parametrize("rule", rules_in(rules), ids=lambda rule: str(rule.code))
def test_rule_is_complete(rule: type[Rule]) -> None:
    check_rule(rule)


@pytest.mark.parametrize(("rule", "example"), examples_in(rules))
def test_rule_and_example_agree(rule: type[Rule], example: Example) -> None:
    check_example(rule, example)
