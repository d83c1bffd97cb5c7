"""Trees and git repositories to discover, away from the developer's own git configuration."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Git = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_git_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder that is no git repository."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def git(root: Path) -> Git:
    """Run git in the root, or in `cwd`, and return what it prints."""

    def run(*args: str, cwd: Path | None = None) -> str:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        command = ["git", *identity, "-c", "protocol.file.allow=always", *args]
        return subprocess.run(
            command, cwd=cwd or root, check=True, capture_output=True
        ).stdout.decode()

    return run


@pytest.fixture
def repo(root: Path, git: Git) -> Path:
    """The root, as an empty git repository."""
    git("init", "-q")
    return root


@pytest.fixture(params=["git", "walked"])
def tree(request: pytest.FixtureRequest, root: Path) -> Path:
    """The root, once as a git repository and once without: both must look the same."""
    if request.param == "git":
        request.getfixturevalue("repo")
    return root
