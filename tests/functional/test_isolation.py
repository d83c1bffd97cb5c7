"""Nothing of the scanned tree is imported or run, whatever it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .process import COMMAND, INTERPRETER, MODULE, clean_environment, run
from .trees import IMPORT, plant

if TYPE_CHECKING:
    from pathlib import Path

DECOYS = (
    *("libcst.py", "click.py", "rich/__init__.py", "msgspec.py", "networkx/__init__.py"),
    *("enum.py", "typing.py", "ast.py", "sqlite3.py", "json.py", "tomllib.py", "__future__.py"),
    *("concurrent/__init__.py", "multiprocessing/__init__.py", "subprocess.py", "hashlib.py"),
    *("sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "difflib.py"),
    *("dataclasses.py", "symtable.py", "signal.py", "threading.py", "resource.py", "queue.py"),
)
OWN_DECOYS = ("ssot_migrate/__init__.py", "ssot_migrate/__main__.py", "ssot_migrate/cli/app.py")
TRAP = """
import os
with open(os.environ["TRAP"], "a") as marks:
    marks.write(__name__ + "\\n")
from old.mod import Thing
"""
ISOLATED = (INTERPRETER, "-I", "-m", "ssot_migrate")
SAFE_PATH = (INTERPRETER, "-P", "-m", "ssot_migrate")
needs_safe_path = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="python -P needs Python 3.11"
)
QUESTIONS = (
    ("scan", "--no-cache", "-j2"),
    ("graph", "consumers", "new.mod:Thing", "--no-cache", "-j2"),
    ("graph", "cycles", "--no-cache", "-j2"),
)


@pytest.fixture
def trapped(project: Path) -> Path:
    """A project of decoys, large enough for worker processes."""
    plant(project, dict.fromkeys(DECOYS, TRAP))
    return plant(project, {f"many/m{number}.py": IMPORT for number in range(90)})


def _sprung(tmp_path: Path) -> list[str]:
    marks = tmp_path / "marks"
    return marks.read_text().split() if marks.exists() else []


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize(
    "program",
    [COMMAND, MODULE, ISOLATED, pytest.param(SAFE_PATH, marks=needs_safe_path)],
    ids=["command", "-m", "-I -m", "-P -m"],
)
def test_decoys_are_not_imported(
    trapped: Path, tmp_path: Path, program: tuple[str, ...], question: tuple[str, ...]
) -> None:
    if program is not MODULE:
        plant(trapped, dict.fromkeys(OWN_DECOYS, TRAP))
    env = {"TRAP": str(tmp_path / "marks")}
    result = run(*question, cwd=trapped, env=env, program=program)
    assert not _sprung(tmp_path)
    assert result.code == (1 if question[0] == "scan" else 0)


@pytest.mark.parametrize("entry", [".", "", "many/..", "{here}", ":", "{here}/.."])
@pytest.mark.parametrize("program", [COMMAND, MODULE], ids=["command", "-m"])
def test_pythonpath_into_the_tree_serves_nothing_of_ours(
    project: Path, tmp_path: Path, program: tuple[str, ...], entry: str
) -> None:
    """What the interpreter imports at its start is out of our hands: `enum` and the like."""
    ours = ("libcst.py", "click.py", "rich/__init__.py", "msgspec.py", "networkx/__init__.py")
    later = ("tomllib.py", "difflib.py", "symtable.py", "concurrent/__init__.py")
    plant(project, dict.fromkeys((*ours, *later), TRAP))
    plant(project.parent, {"click.py": TRAP})
    env = {"TRAP": str(tmp_path / "marks"), "PYTHONPATH": entry.format(here=project)}
    assert run("scan", "--no-cache", cwd=project, env=env, program=program).code == 1
    assert not _sprung(tmp_path)


@pytest.mark.parametrize("program", [ISOLATED], ids=["-I -m"])
def test_isolated_mode_ignores_pythonpath(
    trapped: Path, tmp_path: Path, program: tuple[str, ...]
) -> None:
    plant(trapped, dict.fromkeys(OWN_DECOYS, TRAP))
    env = {"TRAP": str(tmp_path / "marks"), "PYTHONPATH": "."}
    assert run("scan", "--no-cache", "-j2", cwd=trapped, env=env, program=program).code == 1
    assert not _sprung(tmp_path)


def test_the_projects_own_environment_may_lie_in_its_folder(tmp_path: Path) -> None:
    """As a developer has it: `.venv` in the project, and the project as working directory."""
    root = plant(tmp_path / "root", {"a.py": "x = 1\n"})
    site = root / ".venv" / "site-packages"
    site.mkdir(parents=True)
    for name in ("ssot_migrate", "click", "msgspec"):
        found = subprocess.run(
            [sys.executable, "-c", f"import {name}; print({name}.__path__[0])"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        (site / name).symlink_to(os.path.realpath(found))
    script = "from ssot_migrate.__main__ import main; main()"
    result = run("scan", "--no-cache", cwd=root, program=(sys.executable, "-c", script))
    assert result.code == 0


AUDITED = """
import os, sys
tree, log = os.path.realpath(sys.argv.pop(1)), sys.argv.pop(1)
method = sys.argv.pop(1)
import ssot_migrate.__main__, ssot_migrate.index.parallel as parallel

if method == "spawn":
    class Elsewhere:
        platform = "darwin"
    parallel.sys = Elsewhere

def inside(value):
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    return isinstance(value, str) and os.path.isabs(value) and (
        os.path.realpath(value).startswith(tree + os.sep)
    )

def watch(event, args):
    bad = None
    if event == "import" and inside(args[1]):
        bad = args[1]
    elif event == "exec" and inside(args[0].co_filename):
        bad = args[0].co_filename
    elif event == "compile" and inside(args[1]):
        bad = args[1]
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        words = args[1] if isinstance(args[1], (list, tuple)) else [args[1]]
        if inside(args[0]) or os.path.basename(str(args[0])) not in ("git", "python", "python3"):
            if not str(args[0]).startswith(sys.prefix) and args[0] != sys.executable:
                bad = args[0]
    elif event in ("os.system", "ctypes.dlopen", "os.spawn"):
        bad = args
    elif event == "open" and inside(args[0]) and args[1] not in ("r", "rb", None):
        bad = args[0]
    if bad is not None:
        with open(log, "a") as marks:
            marks.write(f"{event} {bad}\\n")

if __name__ == "__main__":
    sys.addaudithook(watch)
    ssot_migrate.__main__.main()
"""


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=needs_safe_path)])
@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_an_audit_sees_no_file_of_the_tree_run(
    trapped: Path, tmp_path: Path, question: tuple[str, ...], method: str
) -> None:
    """The hook sees every import, compilation, execution, process and file of the run."""
    wrapper = tmp_path / "trusted" / "audited.py"
    plant(tmp_path / "trusted", {"audited.py": AUDITED})
    log = tmp_path / "log"
    env = {"TRAP": str(tmp_path / "marks")}
    program = (sys.executable, str(wrapper), str(trapped), str(log), method)
    result = run(*question, cwd=trapped, env=env, program=program)
    assert not log.exists(), log.read_text()
    assert not _sprung(tmp_path)
    assert result.code == (1 if question[0] == "scan" else 0)


def test_the_audit_would_see_it(trapped: Path, tmp_path: Path) -> None:
    plant(tmp_path / "trusted", {"audited.py": AUDITED + "    import click_of_the_tree\n"})
    script = (tmp_path / "trusted/audited.py").read_text()
    script = script.replace("    ssot_migrate.__main__.main()\n", "    sys.path.insert(0, tree)\n")
    plant(tmp_path / "trusted", {"audited.py": script})
    plant(trapped, {"click_of_the_tree.py": "import subprocess\n"})
    log = tmp_path / "log"
    subprocess.run(
        [sys.executable, tmp_path / "trusted/audited.py", trapped, log, "fork"],
        env=clean_environment(TRAP=str(tmp_path / "marks")),
        check=False,
        capture_output=True,
    )
    assert "exec" in log.read_text()


def test_a_repository_runs_nothing_either(project: Path, tmp_path: Path) -> None:
    """A repository's configuration may name programs; git is told not to run them."""
    mark = tmp_path / "mark"
    plant(project, {"run.sh": f"#!/bin/sh\ntouch {mark}\n"})
    (project / "run.sh").chmod(0o755)
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=project, check=True)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external"):
        subprocess.run([*git, "config", key, str(project / "run.sh")], cwd=project, check=True)
    subprocess.run([*git, "config", "filter.x.clean", "./run.sh"], cwd=project, check=True)
    plant(project, {".gitattributes": "*.py filter=x\n", ".git/hooks/post-index-change": "x"})
    (project / "git").symlink_to("run.sh")
    env = {"PATH": f".:{os.environ['PATH']}"}
    assert run("scan", "--no-cache", cwd=project, env=env).code == 1
    assert not mark.exists()
