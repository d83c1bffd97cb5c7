"""What a shell may complete: rules, concepts and runs, without a look at the tree.

Whatever is wrong is not told here: the command will tell it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from ssot_migrate.domain.errors import SsotMigrateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from ssot_migrate.usecases.project import Request


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
