"""A campaign's file: what it names, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.campaign import load_campaign
from ssot_migrate.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_paths_start_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/x", "b/c/d", "b/e", "b/.hidden", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b/file").touch()
    (tmp_path / "a/campaign.toml").write_text(
        'registry = "../ssot.toml"\nrepositories = ["x", "../b/*", "gone"]\n'
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    campaign = load_campaign(tmp_path / "elsewhere" / "../a/campaign.toml")
    assert campaign.registry.resolve() == tmp_path / "ssot.toml"
    assert [(one.name, one.root) for one in campaign.repositories] == [
        ("x", tmp_path / "a/x"),
        ("../b/c", tmp_path / "b/c"),
        ("../b/e", tmp_path / "b/e"),
        ("gone", tmp_path / "a/gone"),
    ]


MISTAKES = {
    "no file": (None, "campaign.toml: there is no such file"),
    "no TOML": ("registry =", "campaign.toml:1: is not valid TOML"),
    "unknown key": (
        'registry = "ssot.toml"\nrepository = ["a"]\n',
        "campaign.toml:2: repository: unknown key; did you mean 'repositories'?",
    ),
    "no list": (
        'registry = "ssot.toml"\nrepositories = "a"\n',
        "campaign.toml:2: repositories: expected a list with paths of checkouts",
    ),
    "no path": (
        'registry = "ssot.toml"\nrepositories = [\n"a",\n1]\n',
        "campaign.toml:4: repositories[1]: expected the path of a checkout",
    ),
    "no match": (
        'registry = "ssot.toml"\nrepositories = ["x*"]\n',
        "campaign.toml:2: repositories[0]: no folder matches 'x*'",
    ),
    "twice": (
        'registry = "ssot.toml"\nrepositories = ["a", "./a/"]\n',
        "campaign.toml:2: repositories[1]: './a/' is 'a' already",
    ),
    "no registry": (
        'repositories = ["a"]\n',
        "campaign.toml: registry: expected the path of the registry, `ssot.toml`",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place(mistake: str, tmp_path: Path) -> None:
    text, message = MISTAKES[mistake]
    if text is not None:
        (tmp_path / "campaign.toml").write_text(text)
    with pytest.raises(ConfigError) as refusal:
        load_campaign(tmp_path / "campaign.toml")
    assert message in str(refusal.value)
