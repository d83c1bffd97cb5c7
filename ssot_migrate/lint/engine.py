"""Runs rules over a project and puts their findings into one order."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Finding
from ssot_migrate.lint.guests import findings_of
from ssot_migrate.lint.rule import Reads, Rule
from ssot_migrate.lint.snippets import snippet
from ssot_migrate.lint.suppressions import Suppressed
from ssot_migrate.workspace.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ssot_migrate.lint.project import Project


class Settled(msgspec.Struct, frozen=True):
    """What rules found, held against the comments of the tree.

    Args:
        findings: What counts, sorted.
        suppressed: What a comment suppresses.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()


def needed(rules: Sequence[type[Rule]], project: Project) -> tuple[type[Rule], ...]:
    """The rules, and those that must run with them so that comments can be judged."""
    if not any(rule.judges_findings for rule in rules):
        return tuple(rules)
    named = project.suppressions.codes
    return (*rules, *(rule for rule in project.rules if rule.code in named and rule not in rules))


def settle(rules: Sequence[type[Rule]], project: Project, found: Sequence[Finding]) -> Settled:
    """Tell findings that count from those that comments suppress, and review the comments.

    Args:
        rules: The rules whose findings are wanted.
        project: The project.
        found: What `run_rules` found for those that are `needed`.
    """
    codes = {rule.code for rule in rules}
    reviews: list[Finding] = []
    for rule in rules:
        if rule.judges_findings:
            is_excluded = _exclusion(rule, project)
            reviewed = findings_of(rule, lambda one: one.review(project, found))
            reviews += (f for f in reviewed if not is_excluded(f.path))
    counting, suppressed = project.suppressions.divided(one for one in found if one.code in codes)
    findings = sorted((*counting, *_identified(project, sorted(reviews, key=order))), key=order)
    return Settled(tuple(findings), suppressed)


def run_rules(rules: Sequence[type[Rule]], project: Project) -> tuple[Finding, ...]:
    """Run the rules; findings come sorted and with fingerprints."""
    if any(rule.reads is Reads.TREE for rule in rules):
        project.preload(project.paths, shapes=any(rule.reads_shapes for rule in rules))
    findings: list[Finding] = []
    for rule in rules:
        is_excluded = _exclusion(rule, project)
        found = findings_of(rule, lambda one: one.check(project))
        findings += (f for f in found if not is_excluded(f.path))
    return tuple(_identified(project, sorted(findings, key=order)))


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


def order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """The key by which findings are sorted."""
    return (
        finding.path,
        finding.line,
        finding.column,
        finding.code,
        finding.symbol or "",
        finding.message,
    )


def fingerprint(*parts: str) -> str:
    """What identifies a finding, made of what it says: hexadecimal."""
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _identified(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Identify findings by what they say and the scope they stand in, not by line.

    Equal ones in one scope are numbered in order. Besides, each gets the code it is about.
    """
    seen: Counter[str] = Counter()
    path: str | None = None
    rows: Sequence[str] = ()
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
        digest = fingerprint(identity, str(seen[identity]))
        if finding.path != path:
            path, rows = finding.path, project.index.contents.rows(finding.path)
        yield msgspec.structs.replace(finding, fingerprint=digest, snippet=snippet(rows, finding))
