"""The catalogue of rules, and one rule's page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ssot_migrate.domain.command_rules import CommandRule
from ssot_migrate.lint.rule import Reads
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.lint.rule import Example, Rule


def listing(
    rules: Sequence[type[Rule]], of_commands: Sequence[CommandRule], output_format: str
) -> str:
    """Write all rules with their summaries, and what commands find by themselves."""
    every: list[type[Rule] | CommandRule] = [*rules, *of_commands]
    every.sort(key=lambda one: one.code)
    if output_format == "json":
        return versioned_json({"rules": [_described(one) for one in every]})
    rows = [(one.code, _name(one), f"{_summary(one)}{_whose(one)}") for one in every]
    if output_format == "markdown":
        lines = [f"| {code} | {name} | {summary} |" for code, name, summary in rows]
        return "\n".join(["| code | name | what it finds |", "|---|---|---|", *lines, ""])
    codes, names = (max(len(row[column]) for row in rows) for column in range(2))
    return "".join(
        f"{code:<{codes}}  {name:<{names}}  {visible(summary)}\n" for code, name, summary in rows
    )


def page(rule: type[Rule] | CommandRule, output_format: str) -> str:
    """Write a rule's documentation, options and examples."""
    if output_format == "json":
        return versioned_json(_described(rule))
    if isinstance(rule, CommandRule):
        heading = f"# {rule.name} ({rule.code})"
        ending = f"Severity: {rule.severity.value}. `{rule.command}` finds it."
        return f"{heading}\n\n{rule.documentation}\n\n{ending}\n"
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


def _name(rule: type[Rule] | CommandRule) -> str:
    return rule.name if isinstance(rule, CommandRule) else rule.name()


def _summary(rule: type[Rule] | CommandRule) -> str:
    return rule.summary if isinstance(rule, CommandRule) else rule.summary()


def _whose(rule: type[Rule] | CommandRule) -> str:
    if isinstance(rule, CommandRule):
        return f" (`{rule.command}`)"
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


def _described(rule: type[Rule] | CommandRule) -> dict[str, object]:
    if isinstance(rule, CommandRule):
        return {
            "code": rule.code,
            "name": rule.name,
            "summary": rule.summary,
            "severity": rule.severity.value,
            "reads": Reads.NOTHING.value,
            "documentation": rule.documentation,
            "plugin": None,
            "command": rule.command,
            "options": {},
        }
    return {
        "code": rule.code,
        "name": rule.name(),
        "summary": rule.summary(),
        "severity": rule.severity.value,
        "reads": rule.reads.value,
        "documentation": rule.documentation(),
        "plugin": rule.origin.name if rule.origin is not None else None,
        "command": None,
        "options": {
            name: {"default": option.default, "help": option.help}
            for name, option in rule.options.items()
        },
    }
