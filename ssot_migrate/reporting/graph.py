"""Answers of `graph` and `which`, for people, for scripts and as pictures."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.picture import picture
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.domain.graph import Chain, Consumers, Cycle, ShimReport
    from ssot_migrate.usecases.questions.which import Answer

FORMATS = ("text", "json", "dot", "mermaid")


def consumers(answer: Consumers, output_format: str) -> str:
    """Write who reads a symbol."""
    if output_format == "json":
        return versioned_json(
            {
                "symbol": encodable(answer.symbol),
                "definition": encodable(answer.definition) or None,
                "files": [
                    {
                        "path": encodable(file.path),
                        "category": file.category.value,
                        "lines": file.lines,
                        "chain": [encodable(step) for step in file.chain],
                        "kind": file.kind,
                        "direct": file.direct,
                        "columns": file.columns,
                    }
                    for file in answer.files
                ],
                "counts": {
                    "importing_files": answer.importing_files,
                    "direct_files": answer.direct_files,
                    "import_statements": answer.statements,
                    "by_category": answer.by_category,
                    "call_sites": answer.call_sites,
                    "mentioning_files": len(answer.mentions),
                    "documents": sum(file.kind == "document" for file in answer.files),
                },
                "mentions": [encodable(path) for path in answer.mentions],
            }
        )
    if output_format != "text":
        return picture(
            [(file.path, answer.symbol, file.kind) for file in answer.files], output_format
        )
    lines = [f"{answer.symbol}  {answer.definition}".rstrip()]
    for file in answer.files:
        is_document = file.kind == "document"
        what = file.kind if is_document else f"{file.category.value}, {file.kind}"
        columns = (f":{column}" for column in file.columns or ())
        numbers = ", ".join(
            f"{line}{column}" for line, column in zip_longest(file.lines, columns, fillvalue="")
        )
        lines.append(f"  {file.path}:{numbers}  {what}")
        if not file.direct:
            lines.append(f"    {' -> '.join(file.chain)}")
    categories = ", ".join(f"{count} {name}" for name, count in answer.by_category.items())
    lines += [
        "",
        f"{counted(answer.importing_files, 'file')} import it"
        + (f" ({categories})" if categories else "")
        + f", {answer.direct_files} of them directly; "
        f"{counted(answer.statements, 'import statement')}, "
        f"{counted(answer.call_sites, 'call site')}.",
        f"{counted(len(answer.mentions), 'more file')} only spell its name: a search for text "
        f"would count {answer.importing_files + len(answer.mentions)}.",
    ]
    if documents := sum(file.kind == "document" for file in answer.files):
        lines.append(f"{counted(documents, 'document')} name it.")
    return _text(lines)


def shims(answer: Sequence[ShimReport], output_format: str) -> str:
    """Write the tree's shims."""
    if output_format == "json":
        return versioned_json(
            {
                "shims": [
                    {
                        "module": encodable(shim.module),
                        "path": encodable(shim.path),
                        "kind": shim.kind,
                        "targets": {
                            encodable(name): encodable(target)
                            for name, target in shim.targets.items()
                        },
                        "message": visible(shim.message),
                        "category": shim.category.value,
                    }
                    for shim in answer
                ]
            }
        )
    if output_format != "text":
        return picture(
            [
                (shim.module, target.partition(":")[0], shim.kind)
                for shim in answer
                for target in shim.targets.values()
            ],
            output_format,
        )
    lines = []
    for shim in answer:
        lines.append(f"{shim.module}  {shim.path}  {shim.kind}")
        lines += [f"  {name} -> {target}" for name, target in shim.targets.items()]
    return _text([*lines, "", f"{counted(len(answer), 'shim')}."])


def cycles(answer: Sequence[Cycle], output_format: str) -> str:
    """Write the groups of modules that import each other."""
    if output_format == "json":
        return versioned_json(
            {
                "cycles": [
                    {
                        "modules": [encodable(module) for module in cycle.modules],
                        "example": [
                            {
                                "from": encodable(edge.source),
                                "to": encodable(edge.target),
                                "when": edge.when,
                                "path": encodable(edge.path),
                                "line": edge.line,
                            }
                            for edge in cycle.example
                        ],
                    }
                    for cycle in answer
                ]
            }
        )
    if output_format != "text":
        edges = [(e.source, e.target, e.when) for cycle in answer for e in cycle.example]
        return picture(edges, output_format)
    lines = []
    for cycle in answer:
        lines.append(f"{counted(len(cycle.modules), 'module')}, for example:")
        lines += [f"  {e.source} -> {e.target}  {e.path}:{e.line}" for e in cycle.example]
    return _text([*lines, "", f"{counted(len(answer), 'cycle')} at run time."])


def chain(answer: Chain, output_format: str) -> str:
    """Write the way from a name to its definition, or between two modules."""
    if output_format == "json":
        return versioned_json(
            {
                "from": encodable(answer.source),
                "to": encodable(answer.target),
                "outcome": answer.outcome,
                "steps": [
                    {
                        "symbol": encodable(step.symbol),
                        "how": step.how or None,
                        "path": encodable(step.path) or None,
                        "line": step.line or None,
                    }
                    for step in answer.steps
                ],
            }
        )
    if output_format != "text":
        names = [step.symbol for step in answer.steps]
        arrows = [
            (a, b, step.how) for a, b, step in zip(names, names[1:], answer.steps, strict=False)
        ]
        return picture(arrows, output_format)
    if not answer.steps:
        return _text([f"{answer.source} does not import {answer.target}, directly or indirectly."])
    lines = []
    for depth, step in enumerate(answer.steps):
        line = f":{step.line}" if step.line else ""
        place = f"  {step.path}{line}" if step.path else ""
        how = f"  ({step.how})" if step.how else ""
        lines.append(f"{'  ' * depth}{'-> ' if depth else ''}{step.symbol}{place}{how}")
    if answer.outcome in ("missing", "unknown", "external"):
        lines.append({"missing": "nothing binds it", "unknown": "cannot be read any further",
                      "external": "outside this tree"}[answer.outcome])  # fmt: skip
    return _text(lines)


def which(answer: Answer, output_format: str) -> str:
    """Write the canonical import for a name, and what not to use."""
    if output_format == "json":
        return versioned_json(
            {
                "name": encodable(answer.name),
                "canonical": answer.canonical and encodable(answer.canonical),
                "statement": answer.statement and encodable(answer.statement),
                "concept": answer.concept and encodable(answer.concept),
                "owner": visible(answer.owner),
                "reason": visible(answer.reason),
                "others": [
                    {
                        "symbol": encodable(other.symbol),
                        "path": encodable(other.path),
                        "line": other.line,
                        "verdict": other.verdict,
                        "canonical": encodable(other.canonical) or None,
                    }
                    for other in answer.others
                ],
            }
        )
    lines = [answer.statement or f"no canonical home of {answer.name} is decided"]
    if answer.concept:
        owner = f", owned by {answer.owner}" if answer.owner else ""
        lines.append(f"  {answer.concept}{owner}")
    if answer.reason:
        lines.append(f"  {answer.reason}")
    if answer.others:
        lines += ["", "not:" if answer.canonical else "found:"]
    for other in answer.others:
        instead = f" of {other.canonical}" if other.verdict in ("shim", "re-export") else ""
        lines.append(f"  {other.symbol}  {other.path}:{other.line}  {other.verdict}{instead}")
    return _text(lines)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(map(visible, lines)).strip("\n") + "\n"
