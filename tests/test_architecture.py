"""The shape of the code: layers, sizes, who may print and write, what is imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "fixtures" / "agent_platform" / "before"

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 60
MAX_CLI_SHARE = 0.10

MAY_PRINT_AND_EXIT = (
    "ssot_migrate/cli/",
    "ssot_migrate/__main__.py",
    "ssot_migrate/config/schema.py",  # run as a module, it prints the JSON schema
)
MAY_WRITE = {
    "ssot_migrate/cli/lsp.py": "what it says to the editor, through a descriptor of its own",
    "ssot_migrate/index/cache.py": "the marker files of the cache's own folder",
    "ssot_migrate/rule_testing.py": "the temporary tree that rules and codemods are tried on",
}

HEAVY = ("libcst", "networkx", "rich", "jinja2", "ssot_migrate.runtime", "ssot_migrate.codemods")
HEAVY_FOR_VERSION = (*HEAVY, "click", "msgspec", "ast", "asyncio", "ssot_migrate.cli")

FOLDERS = ("ssot_migrate", "rules", "codemods")
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    # `ssot_migrate/rules` and `ssot_migrate/codemods` are links to the other two.
    if not any(parent.is_symlink() for parent in path.parents)
)


def test_imports_run_one_way() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_sources_are_found() -> None:
    assert {source.partition("/")[0] for source in SOURCES} == set(FOLDERS)


def test_files_are_short() -> None:
    lengths = {source: len(_text(source).splitlines()) for source in SOURCES}
    assert not {source: n for source, n in lengths.items() if n > MAX_FILE_LINES}


def test_functions_are_short() -> None:
    lengths = {
        f"{source}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for source in SOURCES
        for node in _nodes(source)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES}


def test_command_line_is_thin() -> None:
    lines = {source: len(_text(source).splitlines()) for source in SOURCES}
    cli = sum(n for source, n in lines.items() if source.startswith("ssot_migrate/cli/"))
    total = sum(lines.values())
    assert cli <= MAX_CLI_SHARE * total, (
        f"the command line is {cli} of {total} lines, {cli / total:.1%};"
        f" {cli - MAX_CLI_SHARE * total:.0f} lines too many"
    )


def test_only_the_command_line_prints_and_exits() -> None:
    elsewhere = [source for source in SOURCES if not source.startswith(MAY_PRINT_AND_EXIT)]
    calls = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write"}
    # A worker process ends with the process that started it.
    allowed = {"ssot_migrate/index/parallel.py: os._exit"}
    found = {
        f"{source}: {_callee(node)}"
        for source in elsewhere
        for node in _calls(source)
        if _callee(node) in calls
    }
    assert not found - allowed


def test_files_are_written_in_known_places_only() -> None:
    found = {source for source in SOURCES if any(map(_writes_a_file, _calls(source)))}
    assert found == set(MAY_WRITE)


def test_descriptors_are_opened_for_writing_in_one_place() -> None:
    flags = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND)\b")
    to_nowhere = "os.open(os.devnull, os.O_WRONLY)"
    found = {source for source in SOURCES if flags.search(_text(source).replace(to_nowhere, ""))}
    assert found == {"ssot_migrate/transaction/fileops.py"}


@pytest.mark.parametrize(
    ("call", "writes"),
    [
        ("open(path)", False),
        ("open(path, 'rb')", False),
        ("open(path, 'w')", True),
        ("open(path, mode='ab')", True),
        ("open(path, mode)", True),
        ("path.open('x')", True),
        ("path.open()", False),
        ("path.write_text(text)", True),
        ("path.write_bytes(data)", True),
        ("click.open_file(file, 'w')", True),
        ("stream.write(text)", False),
    ],
)
def test_what_counts_as_writing(call: str, *, writes: bool) -> None:
    (node,) = (node for node in ast.walk(ast.parse(call)) if isinstance(node, ast.Call))
    assert _writes_a_file(node) is writes


def test_nothing_unpickles() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    assert not [
        f"{source} imports {module}"
        for source in SOURCES
        for module in _imported(source)
        if module.partition(".")[0] in forbidden
    ]


def test_version_imports_nothing_heavy() -> None:
    assert not _loaded(HEAVY_FOR_VERSION, "--version")


def test_plain_scan_imports_nothing_heavy(tmp_path: Path) -> None:
    cache_folder = str(tmp_path / "cache")
    for _state in ("cold", "warm"):
        assert not _loaded(HEAVY, "scan", "-j", "1", "--cache-dir", cache_folder, exit_code=1)


def test_import_times_are_read_right() -> None:
    assert _loaded(("networkx",), "graph", "cycles", "--no-cache", "-j", "1") == {"networkx"}


def _loaded(modules: tuple[str, ...], *arguments: str, exit_code: int = 0) -> set[str]:
    """Which of the modules a command imports, with its output going to a pipe."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ssot_migrate", *arguments],
        cwd=DEMO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr[-2000:]
    seen = set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, flags=re.MULTILINE))
    assert "ssot_migrate._version" in seen
    return seen.intersection(modules)


@cache
def _text(source: str) -> str:
    return (ROOT / source).read_text(encoding="utf-8")


@cache
def _nodes(source: str) -> Sequence[ast.AST]:
    """What the checks look at of a source: its functions, calls and imports."""
    wanted = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Call, ast.Import, ast.ImportFrom)
    return [node for node in ast.walk(ast.parse(_text(source))) if isinstance(node, wanted)]


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in _nodes(source) if isinstance(node, ast.Call))


def _callee(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _imported(source: str) -> Iterator[str]:
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _writes_a_file(call: ast.Call) -> bool:
    """Whether a call opens a file for writing, as far as it says so itself."""
    name = _callee(call).rpartition(".")[2]
    if name in ("write_text", "write_bytes"):
        return True
    if name not in ("open", "open_file", "fdopen") or _callee(call) == "os.open":
        return False
    is_method = isinstance(call.func, ast.Attribute) and name == "open"
    positional = call.args[0 if is_method else 1 :][:1]
    modes = positional + [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    return any(
        not isinstance(mode, ast.Constant) or not set("wax+").isdisjoint(str(mode.value))
        for mode in modes
    )
