"""What holds for all rules together, and for each of them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.catalogue import all_rules
from ssot_migrate.domain.finding import Severity
from ssot_migrate.lint.rule import Reads

if TYPE_CHECKING:
    from ssot_migrate.lint.rule import Rule

RULES = [pytest.param(rule, id=rule.name()) for rule in all_rules()]


@pytest.mark.parametrize("of", ["code", "name"])
def test_no_two_rules_share(of: str) -> None:
    told = Counter(rule.code if of == "code" else rule.name() for rule in all_rules())
    assert [value for value, count in told.items() if count > 1] == []


@pytest.mark.parametrize("rule", RULES)
class TestEveryRule:
    def test_has_a_code_and_a_kebab_case_name(self, rule: type[Rule]) -> None:
        assert re.fullmatch(r"SSOT\d{3}", rule.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name())

    def test_is_a_class_called_like_its_file(self, rule: type[Rule]) -> None:
        assert re.sub(r"(?<!^)(?=[A-Z])", "-", rule.__name__).lower() == rule.name()

    def test_says_in_one_sentence_what_it_finds(self, rule: type[Rule]) -> None:
        summary = rule.summary()
        assert summary.endswith(".")
        assert not re.search(r"[.!?]\s+[A-Z]", summary), "more than one sentence"
        assert len(rule.documentation()) > len(summary), "the reason is missing"

    def test_declares_what_it_is(self, rule: type[Rule]) -> None:
        assert isinstance(rule.severity, Severity)
        assert isinstance(rule.reads, Reads)
        assert all(option.help for option in rule.options.values())

    def test_carries_examples_of_both_kinds(self, rule: type[Rule]) -> None:
        assert rule.valid
        assert rule.invalid
        assert all(example.flagged for example in rule.invalid)

    def test_titles_its_examples_apart(self, rule: type[Rule]) -> None:
        titles = [example.title for example in (*rule.valid, *rule.invalid)]
        assert all(titles)
        assert len(set(titles)) == len(titles)

    def test_has_examples_that_python_reads(self, rule: type[Rule]) -> None:
        for example in (*rule.valid, *rule.invalid):
            for path, source in example.files.items():
                if path.endswith((".py", ".pyi")) and "broken" not in path:
                    ast.parse(textwrap.dedent(source).removeprefix("\n"), path)

    def test_flags_lines_that_exist(self, rule: type[Rule]) -> None:
        for example in (*rule.valid, *rule.invalid):
            for place in example.flagged:
                path, line = place.rsplit(":", 1)
                source = textwrap.dedent(example.files[path]).removeprefix("\n")
                assert 1 <= int(line) <= max(1, len(source.splitlines())), place
