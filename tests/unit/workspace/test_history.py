"""When files came into a repository."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from ssot_migrate.workspace.history import first_commits

if TYPE_CHECKING:
    from pathlib import Path


def commit(root: Path, day: str) -> None:
    identity = {"NAME": "a", "EMAIL": "a@example.org", "DATE": f"{day}T00:00:00Z"}
    environment = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER")
                   for key, value in identity.items()}  # fmt: skip
    for command in (["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=root, env={**os.environ, **environment}, check=True)


def test_the_first_commit_counts_and_not_the_last(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", repository], check=True)
    inner = repository / "inner"
    inner.mkdir()
    (inner / "a [x].py").write_text("1")
    commit(repository, "2020-01-01")
    (inner / "a [x].py").write_text("2")
    (inner / "b.py").write_text("1")
    commit(repository, "2021-01-01")
    (inner / "new.py").write_text("1")
    found = first_commits(inner, ["a [x].py", "b.py", "new.py", "no\nname.py"])
    assert found == {"a [x].py": 1577836800, "b.py": 1609459200}


def test_without_a_repository_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    assert first_commits(tmp_path, ["a.py"]) == {}
