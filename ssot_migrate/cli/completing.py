"""What a shell may complete: rules, concepts and runs, without a look at the tree; and how.

Whatever is wrong is not told here: the command will tell it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
)

from ssot_migrate.domain.errors import SsotMigrateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from ssot_migrate.usecases.project import Request


_OBEYED = re.compile(r"[^\w@%+=:,./-]")
"""What a shell does not take as it stands in a word."""


class _Bash(BashComplete):
    """Bash puts words on the line as they are, other than zsh and fish, and a space behind."""

    source_template = BashComplete.source_template.replace("read type", "read -r type").replace(
        "COMPREPLY+=($value)",
        'COMPREPLY+=("$value"); [[ $value == *= ]] && compopt -o nospace 2>/dev/null',
    )

    def format_completion(self, item: CompletionItem) -> str:
        value = _OBEYED.sub(lambda found: f"\\{found[0]}", str(item.value))
        return f"{item.type},{value}"


def shell_class(shell: str) -> type[ShellComplete]:
    """What knows a shell's ways, once this module is imported also for click itself."""
    kind = get_completion_class(shell)
    assert kind is not None, shell
    return kind


add_completion_class(_Bash, "bash")


def selectors(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Codes and names of rules, the last of a list between commas."""
    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(f"{before}{comma}{item.value}", help=item.help) for item in _rules(last)]


def rules(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Codes and names of rules."""
    return [*_rules(incomplete)]


def concepts(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of the registry's concepts."""
    from ssot_migrate.usecases.project import configured

    with suppress(SsotMigrateError, OSError):
        _root, settings = configured(_request(context))
        return [*_starting(incomplete, ((c.name, c.reason) for c in settings.registry.concepts))]
    return []


def runs(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Ids of runs that `rollback` takes."""
    from ssot_migrate.usecases.migration.runs import history

    with suppress(SsotMigrateError, OSError):
        found = history(_request(context))
        return [*_starting(incomplete, ((run.id, run.state) for run in found))]
    return []


def _rules(incomplete: str) -> Iterator[CompletionItem]:
    from ssot_migrate.catalogue import all_rules

    with suppress(SsotMigrateError):
        every = all_rules()
        if incomplete[:1].islower():
            yield from _starting(incomplete, ((rule.name(), rule.code) for rule in every))
        else:
            yield from _starting(incomplete.upper(), ((rule.code, rule.name()) for rule in every))


def _starting(incomplete: str, known: Iterable[tuple[str, str]]) -> Iterator[CompletionItem]:
    for value, about in known:
        if value.startswith(incomplete) and value.isprintable():
            yield CompletionItem(value, help=" ".join(about.split()) or None)


def _request(context: click.Context) -> Request:
    from ssot_migrate.usecases.project import Request

    params = context.params
    return Request(
        root=params.get("root"),
        config=params.get("config"),
        isolated=bool(params.get("isolated")),
    )
