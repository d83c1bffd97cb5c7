"""Every rule flags what its examples say, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.catalogue import all_rules
from ssot_migrate.lint.about import AboutFile
from ssot_migrate.lint.engine import run_rules
from ssot_migrate.usecases.gate.scan import Gate, scan
from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.lint.rule import Example, Rule


def _cases(kind: str, verb: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.name()} {verb} {example.title}")
        for rule in all_rules()
        for example in getattr(rule, kind)
    ]


def _scan(root: Path, rule: type[Rule], *, use_cache: bool = False) -> tuple[Finding, ...]:
    request = Request(root=str(root), use_cache=use_cache, jobs=1)
    # A file that no parser reads is an error, unless SSOT903 tells of it or is left out.
    report = scan(request, Gate(select=(rule.code,), ignore=tuple({"SSOT903"} - {rule.code})))
    assert report.errors == ()
    return report.findings


@pytest.mark.parametrize(
    ("rule", "example"),
    [*_cases("valid", "stays silent on"), *_cases("invalid", "flags")],
)
def test_a_rule_and_its_example_agree(
    rule: type[Rule], example: Example, write_tree: Callable[..., Path]
) -> None:
    root = write_tree(example.files, example.registry)
    findings = _scan(root, rule)
    assert sorted(f"{one.path}:{one.line}" for one in findings) == sorted(example.flagged)
    assert {one.code for one in findings} <= {rule.code}


@pytest.mark.parametrize(("rule", "example"), _cases("invalid", "finds the same with a cache in"))
def test_a_cache_changes_nothing(
    rule: type[Rule], example: Example, write_tree: Callable[..., Path]
) -> None:
    root = write_tree(example.files, example.registry)
    without = _scan(root, rule)
    assert _scan(root, rule, use_cache=True) == without
    assert _scan(root, rule, use_cache=True) == without


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.by_file])
def test_a_rule_by_file_needs_no_other_file(
    rule: type[Rule], write_tree: Callable[..., Path]
) -> None:
    for example in (*rule.valid, *rule.invalid):
        root = write_tree(example.files, example.registry)
        with open_project(Request(root=str(root), use_cache=False, jobs=1)) as opened:
            whole = run_rules([rule], opened.project)
            for path in opened.project.paths:
                alone = run_rules([rule], AboutFile(opened.project, path))
                assert alone == tuple(one for one in whole if one.path == path)
