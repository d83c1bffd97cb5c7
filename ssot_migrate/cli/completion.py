"""`ssot-migrate completion`."""

from __future__ import annotations

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.app import COMPLETING
from ssot_migrate.cli.completing import shell_class
from ssot_migrate.cli.console import write

_NAME = "ssot-migrate"


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print a script that makes SHELL complete commands, options and their values.

    \b
    bash, in ~/.bashrc:                    eval "$(ssot-migrate completion bash)"
    zsh, in ~/.zshrc behind `compinit`:    eval "$(ssot-migrate completion zsh)"
    fish, in ~/.config/fish/config.fish:   ssot-migrate completion fish | source
    """
    write(shell_class(shell)(context.find_root().command, {}, _NAME, COMPLETING).source())
    return exits.CLEAN
