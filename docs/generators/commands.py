"""The reference of commands: what each says of itself, option by option."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from ssot_migrate.cli.app import group
from ssot_migrate.cli.options import project_options
from ssot_migrate.reporting.marked import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = """\
# Commands

Every command has `--help`, which says the same. A script may rely on the exit code:

| code | means |
|---|---|
| 0 | nothing found, and every file was seen |
| 1 | findings, or something that is left to a person |
| 2 | wrong usage or configuration, a file that could not be handled, or an internal error |
| 130 | interrupted |
"""
_PROJECT = """\
## Options of the project

Commands that read a project take these as well:
"""


def page() -> str:
    """All commands, in the order of `ssot-migrate --help`, as Markdown."""
    commands = list(_below(click.Context(group, info_name="ssot-migrate")))
    rows = [
        (
            f"[{code(name)}](#{name.replace(' ', '-')})",
            prose(context.command.get_short_help_str(99)),
        )
        for name, context in commands
    ]
    parts = [
        _HEAD,
        "\n".join(table(("command", "does"), rows)),
        *(_section(name, context) for name, context in commands),
        _PROJECT,
        _options(click.Context(group), _project_parameters()),
    ]
    return "\n".join(parts)


def _below(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Each command under a group, and its own commands after it."""
    above = context.command
    if not isinstance(above, click.Group):
        return
    for name in above.list_commands(context):
        command = above.get_command(context, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, parent=context, info_name=name)
            yield inner.command_path.partition(" ")[2], inner
            yield from _below(inner)


def _section(name: str, context: click.Context) -> str:
    parameters = context.command.get_params(context)
    shared = {parameter.name for parameter in _project_parameters()}
    reads_project = shared <= {parameter.name for parameter in parameters}
    own = [one for one in parameters if not (reads_project and one.name in shared)]
    usage = " ".join((context.command_path, *context.command.collect_usage_pieces(context)))
    paragraphs = cleandoc(context.command.help or "").split("\n\n")
    parts = [
        f"## {name}\n",
        f"```text\n{usage}\n```\n",
        *map(_paragraph, paragraphs),
        _options(context, own),
    ]
    if reads_project:
        parts.append("Besides, [the options of the project](#options-of-the-project).\n")
    return "\n".join(part for part in parts if part)


def _paragraph(text: str) -> str:
    """A paragraph of a help text; click keeps the lines of one that starts with a backspace."""
    if text.startswith("\b\n"):
        return f"```text\n{text[2:]}\n```\n"
    return f"{prose(' '.join(text.split()))}\n"


def _project_parameters() -> list[click.Parameter]:
    @click.command()
    @project_options
    def bare(**_options: Any) -> None: ...

    return bare.params


def _options(context: click.Context, parameters: Iterable[click.Parameter]) -> str:
    rows = []
    for one in parameters:
        record = one.get_help_record(context)
        if isinstance(one, click.Option) and record and "--help" not in one.opts:
            told, _, default = record[1].partition("[default: ")
            meaning = [prose(told.strip())]
            if default:
                meaning.append(f"Default: {code(default.removesuffix(']'))}.")
            if one.envvar:
                meaning.append(f"Also from {code(str(one.envvar))}.")
            rows.append((code(record[0]), " ".join(filter(None, meaning))))
    return "\n".join(table(("option", "meaning"), rows))
