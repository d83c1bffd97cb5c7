"""The hooks, run by pre-commit in a git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .process import COMMAND, LIBRARIES, PROJECT, clean_environment, ours_only
from .trees import PROJECT as FILES
from .trees import plant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHIPPED = ("ssot_migrate", "rules", "codemods", "pyproject.toml", "README.md", "LICENSE")
HOOKS = ".pre-commit-hooks.yaml"
INSTALL_SECONDS = 600

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def _run(
    *command: str | Path, cwd: Path, home: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(
        PRE_COMMIT_HOME=str(home), PRE_COMMIT_COLOR="never", **variables
    )
    who = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    environment |= dict.fromkeys(who, "someone@example.org")
    environment["PATH"] = f"{Path(COMMAND[0]).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository into which pre-commit is installed, and which no hooks are chosen for."""
    folder = tmp_path_factory.mktemp("fresh")
    root = plant(folder / "project", FILES)
    for command in (("git", "init", "-q"), (sys.executable, "-m", "pre_commit", "install")):
        done = _run(*command, cwd=root, home=folder / "home")
        assert done.returncode == 0, done.stdout
    return root


class Repository:
    """A copy of a git repository with hooks."""

    def __init__(
        self, fresh: Path, root: Path, home: Path, hooks: Sequence[Mapping[str, Any]]
    ) -> None:
        self.root, self._home = shutil.copytree(fresh, root), home
        repositories = {"repos": hooks}
        plant(root, {".pre-commit-config.yaml": yaml.safe_dump(repositories)})

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return _run(*command, cwd=self.root, home=self._home, **variables)

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments)

    def commit(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Commit what is staged, through the hooks."""
        return self.run("git", "commit", "-q", "-m", "change", **variables)

    @property
    def is_committed(self) -> bool:
        return self.git("rev-parse", "-q", "--verify", "HEAD").returncode == 0


def _definitions() -> dict[str, dict[str, Any]]:
    listed = yaml.safe_load((PROJECT / HOOKS).read_text("utf-8"))
    return {hook["id"]: hook for hook in listed}


def _repository(fresh: Path, folder: Path, *names: str) -> Repository:
    """A repository with hooks as they are defined, but for the installation."""
    hooks = [_definitions()[name] | {"language": "system"} for name in names]
    local = [{"repo": "local", "hooks": hooks}]
    return Repository(fresh, folder / "project", folder / "home", local)


def test_the_definitions_are_valid_and_look_at_the_whole_project(tmp_path: Path) -> None:
    done = _run(
        *(sys.executable, "-m", "pre_commit", "validate-manifest", PROJECT / HOOKS),
        cwd=tmp_path,
        home=tmp_path,
    )
    assert done.returncode == 0, done.stdout
    assert _definitions().keys() == {"ssot-migrate", "ssot-migrate-fix"}
    for hook in _definitions().values():
        assert hook["language"] == "python"
        assert (hook["pass_filenames"], hook["require_serial"]) == (False, True)


def test_a_finding_stops_the_commit(fresh: Path, tmp_path: Path) -> None:
    repository = _repository(fresh, tmp_path, "ssot-migrate")
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1
    assert "app/use.py:1:1: SSOT201" in done.stderr + done.stdout
    assert not repository.is_committed
    plant(repository.root, {"app/use.py": "from new.mod import Thing\n\nThing()\n"})
    repository.git("add", ".")
    assert repository.commit().returncode == 0
    assert repository.is_committed


def test_what_is_committed_counts_and_not_what_is_on_the_disk(fresh: Path, tmp_path: Path) -> None:
    repository = _repository(fresh, tmp_path, "ssot-migrate")
    repository.git("add", ".")
    plant(repository.root, {"app/use.py": "from new.mod import Thing\n\nThing()\n"})
    assert repository.commit().returncode == 1


def test_a_commit_that_only_deletes_is_looked_at(fresh: Path, tmp_path: Path) -> None:
    repository = _repository(fresh, tmp_path, "ssot-migrate")
    plant(repository.root, {"app/use.py": "from new.mod import Thing\n\nThing()\n"})
    repository.git("add", ".")
    assert repository.commit().returncode == 0
    repository.git("rm", "-q", "new/mod.py")
    done = repository.commit()
    assert done.returncode == 1
    assert "new.mod" in done.stderr + done.stdout


def test_the_other_hook_changes_what_is_safe_and_stops_once(fresh: Path, tmp_path: Path) -> None:
    repository = _repository(fresh, tmp_path, "ssot-migrate-fix", "ssot-migrate")
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stderr + done.stdout
    assert (repository.root / "app/use.py").read_text("utf-8").startswith("from new.mod import")
    repository.git("add", "-u")
    assert repository.commit().returncode == 0
    assert repository.git("status", "--porcelain").stdout == ""


def test_it_changes_the_files_of_the_commit_and_what_no_comment_keeps(
    fresh: Path, tmp_path: Path
) -> None:
    repository = _repository(fresh, tmp_path, "ssot-migrate-fix", "ssot-migrate")
    pinned = "from old.mod import Thing  # ssot: ignore[SSOT201] pinned\n\nThing()\n"
    plant(repository.root, {"app/pinned.py": pinned})
    repository.run(*COMMAND, "baseline", "create")
    repository.git("add", ".")
    repository.run("git", "commit", "-q", "--no-verify", "-m", "as it was")
    plant(repository.root, {"app/pinned.py": pinned + "x = 1\n", "app/more.py": "y = 1\n"})
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 0, done.stderr + done.stdout
    assert repository.git("status", "--porcelain").stdout == ""
    plant(repository.root, {"app/use.py": FILES["app/use.py"] + b"z = 1\n"})
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1
    assert "app/use.py: 1 edit\n" in done.stderr + done.stdout
    assert "pinned" not in done.stderr + done.stdout


def test_a_registry_that_is_wrong_stops_the_commit(fresh: Path, tmp_path: Path) -> None:
    for hook in ("ssot-migrate", "ssot-migrate-fix"):
        repository = _repository(fresh, tmp_path / hook, hook)
        plant(repository.root, {"ssot.toml": "concept = 1\n"})
        repository.git("add", ".")
        done = repository.commit()
        assert done.returncode == 1
        assert "ssot.toml:1" in done.stderr + done.stdout


def test_pre_commit_installs_the_hook_from_a_repository(fresh: Path, tmp_path: Path) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    for name in (*SHIPPED, HOOKS):
        if (PROJECT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PROJECT / name, source / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(PROJECT / name, source)
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "source")):
        assert _run("git", *command, cwd=source, home=home).returncode == 0
    revision = _run("git", "rev-parse", "HEAD", cwd=source, home=home).stdout.strip()
    hooks = [{"id": "ssot-migrate"}]
    repository = Repository(
        fresh, tmp_path / "project", home, [{"repo": str(source), "rev": revision, "hooks": hooks}]
    )
    variables = ours_only(tmp_path / "build_tools")
    installed = repository.run(sys.executable, "-m", "pre_commit", "install-hooks", **variables)
    if "No matching distribution" in installed.stdout + installed.stderr:
        pytest.skip("pre-commit cannot install: pip reaches no package index")
    assert installed.returncode == 0, installed.stdout
    repository.git("add", ".")
    done = repository.commit(PYTHONPATH=LIBRARIES)
    assert done.returncode == 1
    assert "app/use.py:1:1: SSOT201" in done.stderr + done.stdout
