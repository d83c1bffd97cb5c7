"""The command group, and the one place where problems become messages and exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ssot_migrate._version import __version__
from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain
from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "scan": "Lint the project: duplicates, shims, deprecated paths.",
    "graph": "Ask the import graph: consumers, chains, cycles, shims.",
    "which": "Say which import is the canonical one for a name.",
    "rules": "List the rules.",
    "explain": "Explain a rule, with examples.",
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="ssot-migrate %(version)s")
def group() -> None:
    """Keep one home for each concept: find duplicates, shims and deprecated import paths."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; no traceback reaches the user."""
    try:
        code = group.main(args=list(arguments), prog_name="ssot-migrate", standalone_mode=False)
        return code if isinstance(code, int) else exits.CLEAN
    except SsotMigrateError as error:
        complain("\n".join(f"error: {visible(line)}" for line in str(error).splitlines()))
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        if context is not None:
            complain(f"{context.get_usage()}\n")
        complain(f"error: {visible(error.format_message())}")
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        return 130
    except Exception as error:
        if os.environ.get("SSOT_MIGRATE_TRACEBACK"):
            raise
        kind = type(error).__name__
        complain(
            f"internal error: {kind}: {visible(str(error))}\n"
            "This is a bug. SSOT_MIGRATE_TRACEBACK=1 shows where it happened."
        )
    return exits.ERROR


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
