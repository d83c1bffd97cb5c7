"""The demonstration application: it runs, and the tool finds what its README lists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .process import PROJECT, Result, clean_environment, run, scan_json

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = PROJECT / "fixtures" / "agent_platform" / "before"
README = BEFORE.parent / "README.md"
SUPERVISOR = "agent_platform/agents/supervisor"
SHIM = "agent_platform/core/managers/execution_engine_factory.py"

# A row of the README's table, shortened, and what tells of it: rule, file, line.
ROWS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "agent instance factory, optimized variant": (
        ("SSOT102", f"{SUPERVISOR}/agent_instance_factory_optimized.py", 116),
    ),
    "emitter 2": (
        ("SSOT102", f"{SUPERVISOR}/agent_instance_factory_optimized.py", 19),
        ("SSOT208", f"{SUPERVISOR}/agent_instance_factory_optimized.py", 19),
    ),
    "emitter 3": (
        ("SSOT101", "agent_platform/services/websocket_bridge_factory.py", 24),
        ("SSOT208", "agent_platform/services/websocket_bridge_factory.py", 24),
    ),
    "emitter 4": (
        ("SSOT101", "agent_platform/services/user_websocket_emitter.py", 11),
        ("SSOT208", "agent_platform/services/user_websocket_emitter.py", 11),
    ),
    "alias shim whose target has another constructor": (
        ("SSOT101", "agent_platform/services/emitters.py", 7),
        ("SSOT208", "agent_platform/services/emitters.py", 7),
        ("SSOT201", "agent_platform/services/emitters.py", 3),
    ),
    "`ExecutionEngineFactory`, batches": (
        ("SSOT101", f"{SUPERVISOR}/execution_factory.py", 64),
        ("SSOT104", f"{SUPERVISOR}/execution_factory.py", 121),
    ),
    "shim with `try`/`except ImportError` and fallback classes": (
        ("SSOT101", "agent_platform/agents/tool_dispatcher.py", 15),
    ),
    "wrapper that warns": (
        ("SSOT102", "agent_platform/agents/execution_engine_unified_factory.py", 21),
    ),
    "canonical module that imports its own shim": (
        ("SSOT501", f"{SUPERVISOR}/execution_engine_factory.py", 130),
        ("SSOT201", f"{SUPERVISOR}/execution_engine_factory.py", 130),
    ),
    "local function that shadows an import": (("SSOT104", "agent_platform/dependencies.py", 23),),
    "structural duplicate under another name": (
        ("SSOT103", "agent_platform/services/usage_service.py", 12),
    ),
    "lazy imports": (("SSOT201", "agent_platform/main.py", 67),),
    "`TYPE_CHECKING` imports of deprecated paths": (
        ("SSOT201", f"{SUPERVISOR}/agent_registry.py", 21),
        ("SSOT201", f"{SUPERVISOR}/agent_instance_factory.py", 16),
        ("SSOT201", "agent_platform/agents/base_agent.py", 12),
        ("SSOT201", "agent_platform/agents/default_agents.py", 10),
        ("SSOT201", "agent_platform/main.py", 21),
    ),
    "import in `try`, both branches": (("SSOT201", "agent_platform/services/batch_service.py", 8),),
    "parenthesised import with an inline comment": (
        ("SSOT201", "agent_platform/routes/agents_execute.py", 8),
    ),
    "aliased relative import": (("SSOT201", "agent_platform/services/agent_service.py", 9),),
    "`import module as x`, and `import a.b.c` used as a chain": (
        ("SSOT201", "agent_platform/services/usage_service.py", 8),
        ("SSOT203", "agent_platform/services/usage_service.py", 47),
        ("SSOT201", "scripts/nightly_report.py", 10),
        ("SSOT203", "scripts/nightly_report.py", 40),
        ("SSOT201", "tests/test_routes.py", 8),
    ),
    "use through a module attribute": (("SSOT203", "agent_platform/routes/admin.py", 41),),
    "logger name, and paths in settings": (
        ("SSOT204", "agent_platform/core/config.py", 14),
        ("SSOT204", "agent_platform/core/config.py", 20),
    ),
    "patch through the shim, read by a lazy import": (
        ("SSOT204", "tests/test_execution_engine_factory.py", 62),
    ),
    "patch where the name is looked up": (
        ("SSOT204", "tests/test_unified_factory.py", 40),
        ("SSOT204", "tests/test_execution_factory.py", 74),
    ),
    "patch through a module alias": (("SSOT204", "tests/test_routes.py", 100),),
    "patch target built from pieces": (("SSOT204", "tests/test_instance_factories.py", 60),),
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("demo") / "before"
    shutil.copytree(
        BEFORE, copy, ignore=shutil.ignore_patterns("__pycache__", ".ssot_migrate_cache", ".*")
    )
    return copy


@pytest.fixture(scope="module")
def scanned(application: Path) -> Result:
    return scan_json(application, code=1)


def test_its_own_tests_pass(application: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=application,
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.parametrize("row", ROWS)
def test_a_trouble_of_the_readme_is_found(scanned: Result, row: str) -> None:
    assert f"| {row}" in README.read_text("utf-8")
    found = {(f["code"], f["path"], f["line"]) for f in scanned.json["findings"]}
    assert set(ROWS[row]) <= found


@pytest.mark.parametrize(
    "path",
    [
        # canonical, and read through its canonical path
        f"{SUPERVISOR}/execution_engine.py",
        # a collision: the same name, nothing shared
        "agent_platform/core/validation.py",
        # a backup is no production code
        "backup/agent_instance_factory_20260902.py",
        # both are told of at their readers
        SHIM,
        "agent_platform/agents/tool_dispatcher_unified.py",
    ],
)
def test_what_is_in_order_is_left_alone(scanned: Result, path: str) -> None:
    told = [one for one in scanned.json["findings"] if one["path"] == path]
    # The way to the runtime is another matter: its classes take the place of everybody's.
    assert all(one["canonical"].startswith("ssot_migrate.runtime:") for one in told)


def test_every_chain_ends_at_a_definition(application: Path, scanned: Result) -> None:
    for finding in scanned.json["findings"]:
        for step in finding["chain"]:
            path, _, line = step.rpartition(":")
            lines = (application / path).read_text("utf-8").splitlines()
            assert 1 <= int(line) <= len(lines), step


def test_its_shims_are_listed(application: Path) -> None:
    listed = run("graph", "shims", "--no-cache", "--output-format", "json", cwd=application)
    assert {shim["path"]: shim["kind"] for shim in listed.json["shims"]} == {
        "agent_platform/agents/tool_dispatcher.py": "fallback",
        "agent_platform/core/compat.py": "getattr",
        SHIM: "static",
        "agent_platform/services/emitters.py": "assignment",
    }


def test_a_shim_of_a_shim_is_seen_through(application: Path) -> None:
    symbol = "agent_platform.core.compat:ToolDispatcher"
    result = run("graph", "chain", symbol, "--no-cache", "--output-format", "json", cwd=application)
    assert [step["symbol"] for step in result.json["steps"]] == [
        symbol,
        "agent_platform.agents.tool_dispatcher:ToolDispatcher",
        "agent_platform.agents.tool_dispatcher_unified:UnifiedToolDispatcher",
    ]


def test_the_tool_says_what_to_import(application: Path) -> None:
    text = run("which", "ExecutionEngineFactory", "--no-cache", cwd=application).stdout
    home = f"{SUPERVISOR}/execution_engine_factory".replace("/", ".")
    assert text.startswith(f"from {home} import ExecutionEngineFactory\n")
