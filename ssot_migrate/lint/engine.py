"""Runs rules over a project and puts their findings into one order."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.lint.rule import Reads, Rule
from ssot_migrate.workspace.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.lint.project import Project


def run_rules(rules: Sequence[type[Rule]], project: Project) -> tuple[Finding, ...]:
    """Run the rules; findings come sorted and with fingerprints."""
    if any(rule.reads is Reads.TREE for rule in rules):
        project.preload(project.paths, shapes=any(rule.reads_shapes for rule in rules))
    findings: list[Finding] = []
    for rule in rules:
        is_excluded = _exclusion(rule, project)
        findings += (f for f in rule().check(project) if not is_excluded(f.path))
    return tuple(_with_fingerprints(sorted(findings, key=_order)))


def _exclusion(rule: type[Rule], project: Project) -> Callable[[str], bool]:
    patterns = [
        pattern
        for key in (rule.code, rule.name())
        if key in project.registry.rules
        for pattern in project.registry.rules[key].exclude
    ]
    return Globs(patterns).matches if patterns else _never


def _never(_path: str) -> bool:
    return False


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    return (
        finding.path,
        finding.line,
        finding.column,
        finding.code,
        finding.symbol or "",
        finding.message,
    )


def _with_fingerprints(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Identify findings by what they say and the scope they stand in, not by line.

    Equal ones in one scope are numbered in order.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = "\0".join(
            (
                finding.code,
                finding.path,
                finding.scope,
                finding.symbol or "",
                finding.canonical or "",
            )
        )
        seen[identity] += 1
        text = f"{identity}\0{seen[identity]}".encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        yield msgspec.structs.replace(finding, fingerprint=digest)
