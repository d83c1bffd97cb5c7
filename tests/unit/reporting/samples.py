"""Reports to write."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, FileError, Finding, Fix, Severity
from ssot_migrate.domain.report import RuleInfo, ScanReport

if TYPE_CHECKING:
    from collections.abc import Callable

MOVED = Finding(
    code="SSOT201",
    name="deprecated-import",
    severity=Severity.ERROR,
    path="app/use.py",
    line=4,
    column=1,
    end_line=4,
    end_column=38,
    message="`app.core.engine:EngineFactory` is deprecated: use `app.engine:EngineFactory`.",
    concept="execution engine factory",
    symbol="app.core.engine:EngineFactory",
    canonical="app.engine:EngineFactory",
    chain=("app/use.py:4", "app/core/engine.py:1", "app/engine.py:12"),
    fix=Fix.SAFE,
    evidence=("app/core/engine.py only re-exports.", "The registry names the canonical."),
    fingerprint="0f3a",
)
DUPLICATE = Finding(
    code="SSOT101",
    name="duplicate-definition",
    severity=Severity.WARNING,
    path="app/wide.py",
    line=2,
    column=5,
    end_line=11,
    end_column=1,
    message="`app.wide:Outer.Emitter` duplicates `app.emitter:Emitter`.",
    concept="emitter",
    canonical="app.emitter:Emitter",
    scope="Outer",
    fix=Fix.UNSAFE,
    fingerprint="77aa",
)
NAMED = Finding(
    code="SSOT401",
    name="dotted-string",
    severity=Severity.INFO,
    path="tests/test_use.py",
    line=99,
    column=17,
    message="A string names `app.core.engine`.",
    category=Category.TEST,
)
EXCERPTS = {
    "app/use.py": {
        3: "import os\n",
        4: "from app.core.engine import EngineFactory  # noqa\n",
        5: "\n",
    },
    "app/wide.py": {
        1: "class Outer:\n",
        2: "\tclass 統一Emitter:  # \x1b[31m\n",
        3: "\t\tlimit = 3\n",
        4: "\n",
        5: "\t\tname = 'x'\n",
        6: "\t\tother = 'y'\n",
    },
    "tests/test_use.py": {99: "x = 1; " + "patch(" * 40, 100: "y = 2"},
}
RULES = (
    RuleInfo("SSOT101", "duplicate-definition", "A concept has one home.", Severity.WARNING),
    RuleInfo("SSOT201", "deprecated-import", "An import has moved.", Severity.ERROR),
)
EXAMPLE = ScanReport(
    root=".",
    files=12,
    findings=(
        MOVED,
        msgspec.structs.replace(MOVED, line=5, end_line=0, end_column=0),
        DUPLICATE,
        NAMED,
    ),
    errors=(FileError("app/broken.py", "line 3: invalid syntax"),),
    rules=RULES,
    suppressed=3,
    baselined=2,
    excerpts=EXCERPTS,
    notes=("The cache could not be written.",),
)
EMPTY = ScanReport(root=".", files=12, findings=(), rules=RULES)
ONLY_ERRORS = ScanReport(
    root=".",
    files=1,
    findings=(),
    errors=(FileError("a.py", "line 1: invalid syntax"), FileError("b", "permission denied")),
    rules=RULES,
)


@functools.cache
def many(count: int) -> ScanReport:
    """Findings of which every third is an error, every third a warning."""
    severities = tuple(Severity)
    findings = tuple(
        msgspec.structs.replace(MOVED, line=line, end_line=line, severity=severities[line % 3])
        for line in range(1, count + 1)
    )
    return ScanReport(root=".", files=count, findings=findings, rules=RULES)


def _in_path(text: str) -> ScanReport:
    finding = msgspec.structs.replace(MOVED, path=text)
    excerpts = {text: EXCERPTS["app/use.py"]}
    return msgspec.structs.replace(EXAMPLE, findings=(finding,), excerpts=excerpts)


def _in_excerpt(text: str) -> ScanReport:
    excerpts = {"app/use.py": {3: text, 4: f"{text} = {text}", 5: text}}
    return msgspec.structs.replace(EXAMPLE, findings=(MOVED,), excerpts=excerpts)


def _in_error(path: str, message: str) -> ScanReport:
    return msgspec.structs.replace(EXAMPLE, errors=(FileError(path, message),))


def _in_finding(field: str) -> Callable[[str], ScanReport]:
    def build(text: str) -> ScanReport:
        value = (text, "b.py:2") if field in {"chain", "evidence"} else text
        finding = msgspec.structs.replace(MOVED, **{field: value})
        return msgspec.structs.replace(EXAMPLE, findings=(finding,))

    return build


PLACES: dict[str, Callable[[str], ScanReport]] = {
    "path": _in_path,
    "message": _in_finding("message"),
    "symbol": _in_finding("symbol"),
    "concept": _in_finding("concept"),
    "canonical": _in_finding("canonical"),
    "chain": _in_finding("chain"),
    "evidence": _in_finding("evidence"),
    "scope": _in_finding("scope"),
    "name": _in_finding("name"),
    "excerpt": _in_excerpt,
    "error path": lambda text: _in_error(text, "invalid syntax"),
    "error message": lambda text: _in_error("a.py", text),
    "note": lambda text: msgspec.structs.replace(EXAMPLE, notes=(text,)),
    "root": lambda text: msgspec.structs.replace(EXAMPLE, root=text),
}
"""Where a text of the scanned tree can stand in a report."""
