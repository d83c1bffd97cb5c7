"""What `apply` makes of the demonstration application's calls, with its registry of the runtime."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .process import PROJECT, clean_environment, run, scan_json

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = PROJECT / "fixtures" / "agent_platform" / "before"
START = "import asyncio; from agent_platform.main import create_app; asyncio.run(create_app())"
CALLS = "SSOT301,SSOT302,SSOT303,SSOT304,SSOT305,SSOT306,SSOT308,SSOT309,SSOT310,SSOT311"


@pytest.fixture
def application(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    return shutil.copytree(BEFORE, tmp_path / "before", ignore=ignored)


def test_findings_say_which_calls_are_rewritten_and_which_are_not(application: Path) -> None:
    told = scan_json(application, "--select", CALLS, code=1).json["findings"]
    assert Counter((one["code"], one["fix"]) for one in told) == {
        ("SSOT301", "manual"): 3,
        ("SSOT302", "manual"): 6,
        ("SSOT303", "manual"): 2,
        ("SSOT305", "unsafe"): 1,
        ("SSOT305", "manual"): 5,
        ("SSOT309", "manual"): 2,
        ("SSOT311", "manual"): 5,
    }
    (startup, *_) = [one["message"] for one in told if one["code"] == "SSOT302"]
    assert 'registry.register("triage", TriageAgent); registry.register("data", ' in startup


def test_safe_edits_leave_its_tests_passing(application: Path) -> None:
    assert run("apply", "--force", "--exit-zero", cwd=application).code == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=application,
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    again = run("apply", "--dry-run", "--exit-zero", cwd=application)
    assert "No file would change." in again.stdout


def test_unsafe_edits_start_and_are_made_once(application: Path) -> None:
    assert run("apply", "--unsafe", "--force", "--exit-zero", cwd=application).code == 0
    registry = (application / "agent_platform/agents/supervisor/agent_registry.py").read_text()
    assert registry.count('self.register("triage", TriageAgent(') == 1
    service = (application / "agent_platform/services/agent_service.py").read_text()
    assert "from ssot_migrate.runtime import UserExecutionContext\n" in service
    assert 'context.websocket_emitter.notify_agent_thinking(agent_name, reasoning="' in service
    subprocess.run(
        [sys.executable, "-c", START], cwd=application, env=clean_environment(), check=True
    )
    again = run("apply", "--unsafe", "--dry-run", "--exit-zero", cwd=application)
    assert "No file would change." in again.stdout


def test_a_call_waits_for_the_class_that_it_counts_on(application: Path) -> None:
    """Without the move of the context, its emitter would not be there."""
    result = run("apply", "--unsafe", "--dry-run", "--select", "SSOT305", cwd=application)
    assert "No file would change." in result.stdout
    assert "`agent_platform.core.context:UserExecutionContext` must be replaced" in result.stdout
