"""The catalogue of rules, and one rule's page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.lint.rule import Example, Rule


def listing(rules: Sequence[type[Rule]], output_format: str) -> str:
    """Write all rules with their summaries."""
    if output_format == "json":
        return versioned_json({"rules": [_described(rule) for rule in rules]})
    if output_format == "markdown":
        rows = [f"| {r.code} | {r.name()} | {r.summary()}{_whose(r)} |" for r in rules]
        return "\n".join(["| code | name | what it finds |", "|---|---|---|", *rows, ""])
    width = max(len(rule.name()) for rule in rules)
    codes = max(len(rule.code) for rule in rules)
    return "".join(
        f"{r.code:<{codes}}  {r.name():<{width}}  {visible(r.summary())}{_whose(r)}\n"
        for r in rules
    )


def page(rule: type[Rule], output_format: str) -> str:
    """Write a rule's documentation, options and examples."""
    if output_format == "json":
        return versioned_json(_described(rule))
    parts = [f"# {rule.name()} ({rule.code})", rule.documentation()]
    parts.append(f"Severity: {rule.severity.value}.")
    if rule.origin is not None:
        parts.append(f"From the plug-in {visible(rule.origin.name)}.")
    if rule.options:
        parts.append("## Options")
        parts.append(f"Set under `[rules.{rule.code}.options]`.")
        parts += [f"- `{n}` (default `{o.default}`): {o.help}" for n, o in rule.options.items()]
    for title, examples in (("Flagged", rule.invalid), ("Not flagged", rule.valid)):
        for example in examples:
            parts.append(f"## {title}: {example.title}")
            parts += _files(example)
    return "\n\n".join(parts) + "\n"


def _whose(rule: type[Rule]) -> str:
    return f" (plug-in {visible(rule.origin.name)})" if rule.origin is not None else ""


def _files(example: Example) -> list[str]:
    blocks = []
    if example.registry:
        blocks.append(f"`ssot.toml`\n\n```toml\n{_dedented(example.registry)}\n```")
    for path, source in example.files.items():
        text = _dedented(source)
        if not text:
            continue
        marked = [
            f"{line}  # <- here" if f"{path}:{number}" in example.flagged else line
            for number, line in enumerate(text.split("\n"), 1)
        ]
        blocks.append(f"`{path}`\n\n```python\n" + "\n".join(marked) + "\n```")
    return blocks


def _dedented(text: str) -> str:
    return visible_lines(textwrap.dedent(text).strip("\n"))


def visible_lines(text: str) -> str:
    """Make a block of text harmless line by line."""
    return "\n".join(map(visible, text.split("\n")))


def _described(rule: type[Rule]) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name(),
        "summary": rule.summary(),
        "severity": rule.severity.value,
        "reads": rule.reads.value,
        "documentation": rule.documentation(),
        "plugin": rule.origin.name if rule.origin is not None else None,
        "options": {
            name: {"default": option.default, "help": option.help}
            for name, option in rule.options.items()
        },
    }
