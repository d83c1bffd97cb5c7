"""The JSON report of a scan as types: what is written, and what its JSON schema is made of."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ssot_migrate.domain.finding import Category, Fix, Severity

_Count = Annotated[int, Meta(ge=0)]
_Position = Annotated[int, Meta(ge=1)]


class Fixable(msgspec.Struct, frozen=True):
    """Number of findings by who can resolve them."""

    safe: _Count
    unsafe: _Count
    manual: _Count


class Summary(msgspec.Struct, frozen=True):
    """Counts.

    Args:
        files: Files that were looked at.
        findings: What makes the exit code 1.
        by_code: The same by code.
        fixable: The same by who can resolve them.
        suppressed: What a comment suppresses; not among the findings.
        baselined: What the baseline knows; not among the findings.
    """

    files: _Count
    findings: _Count
    by_code: dict[str, _Count]
    fixable: Fixable
    suppressed: _Count
    baselined: _Count


class ReportedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding.

    Args:
        code: The rule's code, `SSOT201`.
        name: The rule's name, `deprecated-import`.
        path: Relative to the root, with `/`.
        line: From 1, as `column`, which counts characters; the end is exclusive.
        message: A sentence for people.
        concept: The registry's concept, where one is concerned.
        symbol: What was found, as `module:Name`.
        canonical: What to use instead.
        chain: The way to the definition, as `path:line`.
        category: What the file is for.
        fix: Who can resolve it.
        fingerprint: Identity that survives moved lines.
        evidence: Sentences behind the verdict.
        scope: The function or class around it; empty at module level.
    """

    code: Annotated[str, Meta(pattern="^[A-Z]+[0-9]{3}$")]
    name: str
    severity: Severity
    path: str
    line: _Position
    column: _Position
    end_line: _Position | None
    end_column: _Position | None
    message: str
    concept: str | None
    symbol: str | None
    canonical: str | None
    chain: tuple[str, ...]
    category: Category
    fix: Fix
    fingerprint: str
    evidence: tuple[str, ...]
    scope: str


class ReportedError(msgspec.Struct, frozen=True):
    """A file that could not be handled, and why."""

    path: str
    message: str


class Report(msgspec.Struct, frozen=True):
    """What `scan --output-format json` writes; keys may be added while `version` is 1."""

    version: Literal[1]
    root: str
    summary: Summary
    findings: tuple[ReportedFinding, ...]
    errors: tuple[ReportedError, ...]


def json_schema() -> dict[str, Any]:
    """Return the schema of a report."""
    (schema,), definitions = msgspec.json.schema_components([Report])
    report = definitions.pop(schema["$ref"].rpartition("/")[2])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **report,
        "title": "ssot-migrate scan report",
        "$defs": {name: _tidied(one) for name, one in sorted(definitions.items())},
    }


def _tidied(definition: dict[str, Any]) -> dict[str, Any]:
    """The same without the indentation of a docstring."""
    text = definition.get("description")
    return {**definition, "description": inspect.cleandoc(text)} if text else definition
