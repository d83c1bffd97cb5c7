"""The tools beside which the times stand: where they are, and in which version."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

_PROBE = """
import sys, grimp
root, *names = sys.argv[1:]
sys.path.insert(0, root)
for name in names:
    try:
        grimp.build_graph(name, cache_dir=None)
    except Exception as problem:
        print("-", name, type(problem).__name__)
    else:
        print("+", name)
"""
# In isolated mode the tree's own modules cannot take the place of those that grimp imports.
_BUILD = (
    "import sys, grimp; root, *names = sys.argv[1:]; sys.path.insert(0, root); "
    "print(len(grimp.build_graph(*names, cache_dir=None).modules))"
)


class Peers(msgspec.Struct, frozen=True):
    """Paths of programs; None where one is not installed.

    Args:
        grimp: Whether this interpreter can import it.
    """

    ssot_migrate: str | None
    python: str
    ruff: str | None
    ast_grep: str | None
    grep: str | None
    grimp: bool


def find_peers() -> Peers:
    """Look beside this interpreter first, then on the path."""
    return Peers(
        ssot_migrate=_program("ssot-migrate"),
        python=sys.executable,
        ruff=_program("ruff"),
        ast_grep=_program("ast-grep"),
        grep=_program("grep"),
        grimp=importlib.util.find_spec("grimp") is not None,
    )


def versions(peers: Peers) -> dict[str, str]:
    """What each tool says of itself; running them also brings them into the page cache."""
    programs = {
        "ssot-migrate": peers.ssot_migrate,
        "Python": peers.python,
        "Ruff": peers.ruff,
        "ast-grep": peers.ast_grep,
        "grep": peers.grep,
        "git": _program("git"),
    }
    said = {name: _version(program) for name, program in programs.items()}
    said["grimp"] = importlib.metadata.version("grimp") if peers.grimp else "not installed"
    return said


def buildable(root: Path, packages: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The packages that grimp can build a graph of, and those it dies on."""
    command = (sys.executable, "-I", "-c", _PROBE, str(root), *packages)
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    verdicts = [line.split() for line in output.splitlines()]
    return (
        tuple(name for verdict, name, *_ in verdicts if verdict == "+"),
        tuple(f"{name} ({why[0]})" for verdict, name, *why in verdicts if verdict == "-"),
    )


def grimp_command(root: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    """A process that builds the graph of `packages`, without grimp's cache."""
    return (sys.executable, "-I", "-c", _BUILD, root, *packages)


def _program(name: str) -> str | None:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name)


def _version(program: str | None) -> str:
    if program is None:
        return "not installed"
    answer = subprocess.run((program, "--version"), capture_output=True, text=True, check=False)
    words = answer.stdout.partition("\n")[0].split()
    return next((word for word in words if word[0].isdigit()), "unknown")
