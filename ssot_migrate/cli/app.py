"""The command group, and the one place where problems become messages and exit codes."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ssot_migrate._version import __version__
from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, complain_of, let_go_of_stdout
from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.workspace.source import plain_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = "ssot-migrate"
COMPLETING = "_SSOT_MIGRATE_COMPLETE"
_COMMANDS = {
    "init": "Write a first registry from what the code says of itself.",
    "discover": "Propose concepts and moves for a project that has no registry.",
    "scan": "Lint the project: duplicates, shims, deprecated paths.",
    "apply": "Migrate the project to its canonical paths, or show how.",
    "plan": "Plan a migration: what to keep, merge, move and delete, in waves.",
    "rollback": "Undo a run of `apply`.",
    "history": "List the runs of `apply`.",
    "verify": "Prove that a migration is done.",
    "campaign": "Scan, plan and apply one registry in many checkouts.",
    "shim": "Write a module that warns at a moved module's old path.",
    "graph": "Ask the import graph: consumers, chains, cycles, shims.",
    "compare": "Compare the APIs of definitions, and the calls that a move would break.",
    "hierarchy": "Show class trees, MROs, conflicts and overrides.",
    "which": "Say which import is the canonical one for a name.",
    "baseline": "Keep the list of known findings.",
    "progress": "Count findings over git's history.",
    "report": "Show the whole migration as one page.",
    "strings": "Index dotted paths in strings: mock targets, settings, loggers.",
    "rules": "List the rules.",
    "explain": "Explain a rule, with examples.",
    "lsp": "Serve an editor: diagnostics, quick fixes, hover.",
    "completion": "Print a script that completes words in a shell.",
    "schema": "Print the JSON schema of the registry, or of a report.",
}


class _Commands(click.Group):
    """Imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"ssot_migrate.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="ssot-migrate %(version)s")
def group() -> None:
    """Keep one home for each concept: find duplicates, shims and deprecated import paths."""


class _Terminated(BaseException):
    """Somebody wants the process to end; what it started ends first."""


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    def end(_number: int, _frame: object) -> None:
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; no traceback reaches the user."""
    try:
        if COMPLETING in os.environ:
            import_module("ssot_migrate.cli.completing")  # what it knows of the shell
        with _ending_on_sigterm():
            given = list(arguments)
            code = group.main(given, _NAME, standalone_mode=False, obj=tuple(given))
        return code if isinstance(code, int) else exits.CLEAN
    except _Terminated:
        complain("terminated")
        return exits.TERMINATED
    except SsotMigrateError as error:
        complain_of(error)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        complain(_told(error))
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        return exits.INTERRUPTED
    except OSError as problem:
        if os.environ.get("SSOT_MIGRATE_TRACEBACK"):
            raise
        let_go_of_stdout()
        place = f"{problem.filename}: " if problem.filename else ""
        complain(f"error: {visible(place)}{plain_reason(problem)}")
    except Exception as error:
        if os.environ.get("SSOT_MIGRATE_TRACEBACK"):
            raise
        kind = type(error).__name__
        complain(
            f"internal error: {kind}: {visible(str(error))}\n"
            "This is a bug. SSOT_MIGRATE_TRACEBACK=1 shows where it happened."
        )
    return exits.ERROR


def _told(error: click.ClickException) -> str:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if context is None:
        return f"error: {visible(message)}"
    usage = context.get_usage()
    # Without a command, the message is the help.
    return message if message.startswith(usage) else f"{usage}\n\nerror: {visible(message)}"


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
