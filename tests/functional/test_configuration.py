"""A configuration that is wrong stops everything, and says where."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from .process import PROJECT, run
from .trees import REGISTRY, plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAMPLE = PROJECT / "tests" / "unit" / "config" / "sample.toml"
CONCEPT = '[[concepts]]\nname = "a thing"\ncanonical = "new.mod:Thing"\n'

WRONG: dict[str, tuple[bytes, int, str]] = {
    "not TOML": (b"[[moves]\n", 1, "not valid TOML"),
    "not TOML, later": (REGISTRY.encode() + b"x = \n", 4, "not valid TOML"),
    "a key twice": (b'src = ["."]\nsrc = ["."]\n', 2, "twice"),
    "wrong type": (b"src = 3\n", 1, "src"),
    "wrong type, inside": (b'[[moves]]\nfrom = "a.b"\nto = 3\n', 3, "moves"),
    "unknown key": (REGISTRY.encode() + b'saftey = "safe"\n', 4, "safety"),
    "unknown table": (b'[[concept]]\nname = "x"\n', 1, "concepts"),
    "unknown word": (REGISTRY.encode() + b'safety = "sure"\n', 4, "safety"),
    "missing key": (b'[[moves]]\nfrom = "a.b"\n', 1, "to"),
    "UTF-16": (REGISTRY.encode("utf-16"), 1, "UTF-16"),
    "not UTF-8": (b'# caf\xe9\nsrc = ["."]\n', 1, "not UTF-8"),
    "NUL": (b'src = ["\0"]\n', 1, "not valid TOML"),
    "self-move": (b'[[moves]]\nfrom = "old.mod:Thing"\nto = "old.mod:Thing"\n', 1, "old.mod"),
    "cycle": (
        b'[[moves]]\nfrom = "a.b"\nto = "c.d"\n[[moves]]\nfrom = "c.d"\nto = "a.b"\n', 1, "->",
    ),
    "two replacements": (
        REGISTRY.encode() + b'[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Other"\n',
        1, "keep one",
    ),
    "no such canonical": (CONCEPT.replace("Thing", "Thign").encode(), 3, "'Thing'"),
    "no such module": (CONCEPT.replace("new.mod", "new.mode").encode(), 3, "'new.mod'"),
    "no such pack": (b'extend = ["agent-runtim"]\n', 1, "agent-runtime"),
    "no such pack file": (b'extend = ["./none.toml"]\n', 1, "none.toml"),
    "a pack in a circle": (b'extend = ["./ssot.toml"]\n', 1, "->"),
    "a root outside": (b'src = [".."]\n', 1, "outside"),
    "a root that is none": (b'src = ["nowhere"]\n', 1, "nowhere"),
    "nested without end": (b"x = " + b"[" * 5000 + b"]" * 5000 + b"\n", 1, "nested"),
    "no end of dots": (b"a" + b".a" * 50_000 + b" = 1\n", 1, "parts"),
    "no end of digits": (b"x = 1" + b"0" * 5000 + b"\n", 1, ""),
    "too large": (b"# " + b"x" * 5_000_001 + b"\n", 0, "5 MB"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(project: Path, case: str) -> None:
    content, line, word = WRONG[case]
    plant(project, {"ssot.toml": content})
    result = run("scan", "--no-cache", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    place = f"error: ssot.toml:{line}: " if line else "error: ssot.toml: "
    assert place in result.stderr
    assert word in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("graph", "consumers", "new.mod:Thing"),
        ("graph", "shims"),
        ("graph", "cycles"),
        ("graph", "chain", "app.use"),
        ("which", "Thing"),
    ],
    ids=" ".join,
)
def test_every_command_holds_to_it(project: Path, command: tuple[str, ...]) -> None:
    plant(project, {"ssot.toml": "src = 3\n"})
    result = run(*command, "--no-cache", "--output-format", "json", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert "error: ssot.toml:1: " in result.stderr


RIGHT = {
    "empty": (b"", 0),
    "only a comment": (b"# nothing\n", 0),
    "BOM": (b"\xef\xbb\xbf" + REGISTRY.encode(), 1),
    "CRLF": (REGISTRY.replace("\n", "\r\n").encode(), 1),
    "no end of line": (REGISTRY.strip().encode(), 1),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_only_unusual_works(project: Path, case: str) -> None:
    content, code = RIGHT[case]
    plant(project, {"ssot.toml": content})
    assert run("scan", "--select", "SSOT201", "--no-cache", cwd=project).code == code


def _missing(root: Path) -> str:
    (root / "ssot.toml").unlink()
    return "ssot.toml"


def _folder(root: Path) -> str:
    (root / "ssot.toml").unlink()
    (root / "ssot.toml").mkdir()
    return "ssot.toml"


def _pipe(root: Path) -> str:
    (root / "ssot.toml").unlink()
    os.mkfifo(root / "ssot.toml")
    return "ssot.toml"


def _endless(root: Path) -> str:
    (root / "ssot.toml").unlink()
    (root / "ssot.toml").symlink_to("/dev/zero")
    return "ssot.toml"


def _pack_pipe(root: Path) -> str:
    os.mkfifo(root / "pack.toml")
    plant(root, {"ssot.toml": 'extend = ["./pack.toml"]\n'})
    return "ssot.toml"


@pytest.mark.parametrize("spoil", [_missing, _folder, _pipe, _endless, _pack_pipe])
def test_a_configuration_that_is_no_file(project: Path, spoil: Callable[[Path], str]) -> None:
    config = spoil(project)
    result = run("scan", "--no-cache", "--config", config, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert f"error: {config}" in result.stderr
    if spoil is not _missing:
        assert run("scan", "--no-cache", cwd=project).code == 2


def test_both_files_are_one_too_many(project: Path) -> None:
    plant(
        project, {"pyproject.toml": "[project]\nname = 'x'\n\n[tool.ssot-migrate]\nsrc = ['.']\n"}
    )
    result = run("scan", "--no-cache", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert "error: pyproject.toml:4: tool.ssot-migrate" in result.stderr


def test_pyproject_alone_serves(project: Path) -> None:
    (project / "ssot.toml").unlink()
    plant(project, {"pyproject.toml": REGISTRY.replace("[[moves]]", "[[tool.ssot-migrate.moves]]")})
    assert run("scan", "--no-cache", "--select", "SSOT201", cwd=project).code == 1
    plant(project, {"pyproject.toml": "[tool.ssot-migrate\n"})
    result = run("scan", "--no-cache", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert "error: pyproject.toml:1: " in result.stderr


def test_all_mistakes_come_at_once(project: Path) -> None:
    plant(project, {"ssot.toml": 'src = 3\nexclude = "x"\n[[moves]]\nfrom = "a.b"\nto = 4\n'})
    complaint = run("scan", cwd=project).stderr
    assert [line in complaint for line in ("ssot.toml:1:", "ssot.toml:2:", "ssot.toml:5:")]
    assert complaint.count("error: ") == 3


def _leaves() -> list[int]:
    """Every third line of the complete sample that gives a key a plain value."""
    lines = SAMPLE.read_text("utf-8").splitlines()
    plain = [n for n, line in enumerate(lines) if re.match(r"[\w-]+ = [^\[{]+$", line)]
    return plain[::3]


@pytest.mark.parametrize("number", _leaves())
def test_a_sample_with_one_wrong_leaf(tmp_path: Path, number: int) -> None:
    lines = SAMPLE.read_text("utf-8").splitlines()
    lines[number] = re.sub(r"= .*", "= [[{}]]", lines[number])
    plant(tmp_path, {"ssot.toml": "\n".join(lines) + "\n", "a.py": ""})
    result = run("scan", "--no-cache", "--root", ".", cwd=tmp_path)
    assert (result.code, result.stdout) == (2, "")
    assert f"error: ssot.toml:{number + 1}: " in result.stderr


def test_hostile_text_in_a_configuration_is_spelled_out(project: Path) -> None:
    plant(project, {"ssot.toml": '"\\u001b[31m" = 1\n"::error::x\\u000a" = 2\n'})
    complaint = run("scan", cwd=project).stderr
    assert "\x1b" not in complaint
    assert r"\x1b[31m" in complaint
    assert not re.search(r"^::", complaint, re.MULTILINE)
