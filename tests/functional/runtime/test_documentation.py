"""`docs/runtime.md` says what the runtime does: its examples run, its tables are complete."""

from __future__ import annotations

import asyncio
import builtins
import json
import re
import socket
import subprocess
import sys
import time
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import yaml

import ssot_migrate.runtime
from ssot_migrate.runtime import errors
from ssot_migrate.runtime.events import EventType
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[3].joinpath("docs", "runtime.md").read_text(encoding="utf-8")
PATIENCE_SECONDS = 30


def example(name: str) -> str:
    """The Python code that follows the mention of a file."""
    found = re.search(rf"`{re.escape(name)}`:\n\n```python\n(.*?)^```", PAGE, flags=re.S | re.M)
    assert found, name
    return found[1]


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the tables under a heading, without their backticks."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def test_the_quick_start_runs(tmp_path: Path) -> None:
    for name in ("service.py", "client.py"):
        (tmp_path / name).write_text(example(name), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "service:app", "--port", str(port)],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        asked = {
            user: subprocess.Popen(
                [sys.executable, "client.py", f"127.0.0.1:{port}", user],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                text=True,
            )
            for user in ("alice", "berta")
        }
        told = {
            user: client.communicate(timeout=PATIENCE_SECONDS)[0] for user, client in asked.items()
        }
        url = f"http://127.0.0.1:{port}/ask?question=love"
        at_once = asyncio.run(statuses(*[f"{url}&user=alice"] * 5, url))
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)

    assert at_once == [*[200] * 5, 422]
    for user, printed in told.items():
        *events, answer = map(json.loads, printed.splitlines())
        kinds = [event["type"] for event in events]
        assert kinds == ["agent_started", "agent_thinking", "agent_completed"]
        assert {event["user_id"] for event in events} == {user}
        assert answer == {"answer": f"I do not know, {user}."}


async def statuses(*urls: str) -> list[int]:
    """How requests are answered that come all at once."""
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        return [one.status_code for one in await asyncio.gather(*map(client.get, urls))]


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections."""
    for _ in range(PATIENCE_SECONDS * 20):
        assert server.poll() is None, "the server did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


def test_every_example_is_python() -> None:
    for code in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.S | re.M):
        compile(code, "docs/runtime.md", "exec")


def test_every_public_name_is_told_of() -> None:
    told = set(re.findall(r"\w+", PAGE))
    assert set(ssot_migrate.runtime.__all__) <= told


def test_every_error_is_told_with_its_builtin_class() -> None:
    told = {
        name: builtin
        for line in PAGE.splitlines()
        for group in re.findall(r"((?:`\w+Error`(?:, )?)+) \(`(\w+)`\)", line.split(" | ")[0])
        for name in re.findall(r"\w+", group[0])
        for builtin in (group[1],)
    }
    faults = [one for one in vars(errors).values() if isinstance(one, type)]
    public = {one for one in faults if issubclass(one, errors.RuntimeFault)} - {errors.RuntimeFault}
    assert set(told) == {one.__name__ for one in public}
    for one in public:
        assert issubclass(one, getattr(builtins, told[one.__name__]))


def test_an_event_looks_as_told() -> None:
    found = re.search(r"^```json\n(.*?)^```", PAGE, flags=re.S | re.M)
    assert found
    names = ["type", "user_id", "thread_id", "run_id", "sequence", "timestamp", "data"]
    assert list(json.loads(found[1])) == names
    assert all(f"`{kind.value}`" in PAGE for kind in EventType)


def test_every_variable_is_told_with_its_default() -> None:
    told = {
        name: default
        for name, default, *_ in rows("Configuration")
        if name.startswith("SSOT_RUNTIME_")
    }
    settings = FactoryPerformanceConfig().to_dict()
    assert told == {f"SSOT_RUNTIME_{name.upper()}": str(v) for name, v in settings.items()}
    assert FactoryPerformanceConfig.from_environment(told) == FactoryPerformanceConfig()


def test_every_limit_is_told_with_its_default() -> None:
    told = {name: default for name, default, *_ in rows("Configuration") if "." in name}
    assert told == {
        f"{limits.__name__}.{one.name}": str(one.default)
        for limits in (FactoryLimits, EngineLimits)
        for one in fields(limits)
    }


def test_every_alert_is_told_with_its_severity() -> None:
    text = (files("ssot_migrate.runtime") / "alerts.yml").read_text(encoding="utf-8")
    told = {name: severity for name, severity, *_ in rows("Metrics and alerts")}
    assert told == {
        rule["alert"]: rule["labels"]["severity"]
        for group in yaml.safe_load(text)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
