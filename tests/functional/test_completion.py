"""Completion in real shells, which ask the real command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .process import COMMAND, PATIENCE_SECONDS, clean_environment, run, tool
from .trees import plant

REGISTRY = '[[concepts]]\nname = "the thing"\ncanonical = "new.mod:Thing"\n'
CASES = {
    "commands": ("ssot-migrate his", {"history"}),
    "options": ("ssot-migrate scan --stat", {"--statistics"}),
    "formats": ("ssot-migrate scan --output-format sa", {"sarif"}),
    "reports": ("ssot-migrate scan --output sar", {"sarif="}),
    "rule codes": ("ssot-migrate scan --select SSOT40", {"SSOT401", "SSOT402"}),
    "one of several rules": ("ssot-migrate scan --select SSOT201,SSOT402", {"SSOT201,SSOT402"}),
    "rule names": ("ssot-migrate explain unresolved-i", {"unresolved-import"}),
    "concepts": ("ssot-migrate apply --concept the", {r"the\ thing"}),
    "names": ("ssot-migrate which the", {r"the\ thing"}),
    "nothing": ("ssot-migrate explain SSOT9999", set()),
}
_IN_BASH = """
eval "$(ssot-migrate completion bash)"
for line; do
    COMP_WORDS=($line); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
    _ssot_migrate_completion ssot-migrate
    printf '%s;' "${COMPREPLY[@]}"
    echo
done
"""


def shell(name: str, script: str, *args: str, cwd: Path) -> str:
    """What a script prints that finds the command as a user's shell would."""
    path = f"{Path(COMMAND[0]).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [name, "-c", script, name, *args],
        cwd=cwd,
        env=clean_environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"ssot.toml": REGISTRY, "new/__init__.py": "", "new/mod.py": "class Thing: ...\n"}
    return plant(tmp_path_factory.mktemp("completion"), files)


def completed(*lines: str, cwd: Path) -> list[set[str]]:
    """What bash would offer at the end of each line."""
    rows = shell("bash", _IN_BASH, *lines, cwd=cwd).splitlines()
    return [set(filter(None, row.split(";"))) for row in rows]


def test_bash_completes_words_and_values(project: Path) -> None:
    found = completed(*(line for line, _ in CASES.values()), cwd=project)
    assert dict(zip(CASES, found, strict=True)) == {name: case[1] for name, case in CASES.items()}


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_read_their_script(project: Path, name: str) -> None:
    if tool(name) is None:
        pytest.skip(f"{name} is not installed")
    script = run("completion", name).stdout
    shell(
        name,
        "autoload -Uz compinit; compinit -u; " + script if name == "zsh" else script,
        cwd=project,
    )


def test_runs_are_completed(project: Path) -> None:
    plant(project, {"old.py": "from new.mod import Thing\n", "use.py": "from old import Thing\n"})
    moves = REGISTRY + 'deprecated = [{ path = "old" }]\n'
    (project / "ssot.toml").write_text(moves)
    run("apply", "--force", cwd=project)
    (done,) = run("history", "--output-format", "json", cwd=project).json["runs"]
    line = f"ssot-migrate rollback {done['run'][:4]}"
    assert completed(line, cwd=project) == [{done["run"]}]


def test_a_wrong_registry_completes_nothing_and_says_nothing(tmp_path: Path) -> None:
    plant(tmp_path, {"ssot.toml": "wrong"})
    assert completed("ssot-migrate which th", cwd=tmp_path) == [set()]


def test_an_unknown_shell_is_a_mistake() -> None:
    result = run("completion", "tcsh")
    assert result.code == 2
    assert "'fish'" in result.stderr
