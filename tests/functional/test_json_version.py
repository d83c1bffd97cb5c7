"""Whatever the command line writes as JSON says first of which version it is."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from ssot_migrate.cli.app import group

from .process import clean_environment, run
from .trees import PROJECT, plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("baseline", "create"): ("--force",),
    ("campaign", "apply"): ("--dry-run",),
    ("compare",): ("new.mod:Thing", "new.mod:Other"),
    ("explain",): ("SSOT201",),
    ("graph", "chain"): ("old.mod:Thing",),
    ("graph", "consumers"): ("new.mod:Thing",),
    ("shim",): ("old.mod", "--dry-run"),
    ("strings", "where"): ("new.mod:Thing",),
    ("which",): ("Thing",),
}
"""What some commands need to be told."""


def commands_with_json(
    command: click.Command = group, name: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The commands that `--output-format json` can be said to, as click knows them."""
    for parameter in command.params:
        if parameter.name == "output_format" and "json" in getattr(parameter.type, "choices", ()):
            yield name
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from commands_with_json(below, (*name, word))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a commit, a baseline, a run and a campaign, so that all have an answer."""
    root = plant(
        tmp_path_factory.mktemp("migrated"),
        {
            **PROJECT,
            "new/mod.py": "class Thing: ...\n\n\nclass Other: ...\n",
            "campaign.toml": 'registry = "ssot.toml"\nrepositories = ["."]\n',
        },
    )
    user = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*user, "commit", "-q", "-m", "first")):
        subprocess.run(["git", "-C", root, *words], env=clean_environment(), check=True)
    assert run("baseline", "create", cwd=root).code == 0
    assert run("apply", cwd=root).code == 0
    return root


@pytest.mark.parametrize("command", [*commands_with_json()], ids=" ".join)
def test_the_first_key_is_the_version(command: tuple[str, ...], migrated: Path) -> None:
    result = run(*command, "--output-format", "json", *WORDS.get(command, ()), cwd=migrated)
    assert result.code in (0, 1), result.stderr
    assert next(iter(json.loads(result.stdout).items())) == ("version", 1)
