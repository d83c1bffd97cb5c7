"""Options that say which changes of a migration are meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ssot_migrate.cli.completing import concepts, selectors
from ssot_migrate.cli.options import split_list
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.scope import Scope
from ssot_migrate.lint.strings.kinds import StringKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_Command = TypeVar("_Command", bound=Callable[..., Any])
# What other processes or stored data know is never edited.
_STRING_KINDS = tuple(
    kind.value for kind in StringKind if kind not in (StringKind.WIRE, StringKind.DATA)
)

_OPTIONS = (
    click.option(
        "--concept",
        multiple=True,
        metavar="NAME",
        shell_complete=concepts,
        help="Migrate only this concept.",
    ),
    click.option(
        "--select",
        multiple=True,
        metavar="RULE",
        shell_complete=selectors,
        help="Resolve only these rules' findings.",
    ),
    click.option("--unsafe", is_flag=True, help="Make also the changes that call for a review."),
    click.option(
        "--strings",
        multiple=True,
        metavar="KINDS",
        help=f"Edit strings of these kinds: {', '.join(_STRING_KINDS)}.",
    ),
    click.option("--docs", is_flag=True, help="Edit documents, settings and scripts too."),
    click.option(
        "--no-suppressions", is_flag=True, help="Change also what comments in the code suppress."
    ),
    click.option(
        "--delete", is_flag=True, help="Delete what the registry says, once nothing reads it."
    ),
)


waves_option = click.option(
    "--batch",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    metavar="N",
    help="How many files a wave may have; 0 for any.",
)


def scope_options(command: _Command) -> _Command:
    """Add the options that say which changes are meant."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def scope_from(options: Mapping[str, Any]) -> Scope:
    """Read them.

    Raises:
        UsageError: There is no such kind of strings.
    """
    kinds = frozenset(split_list(options["strings"]))
    if unknown := sorted(kinds - {*_STRING_KINDS}):
        raise UsageError(f"--strings {unknown[0]!r}: the kinds are {', '.join(_STRING_KINDS)}")
    return Scope(
        concepts=options["concept"],
        select=split_list(options["select"]),
        unsafe=options["unsafe"],
        strings=kinds,
        docs=options["docs"],
        delete=options["delete"],
        force=options.get("force", False),
        suppressions=not options["no_suppressions"],
        since=options.get("since"),
        staged=options.get("staged", False),
    )
