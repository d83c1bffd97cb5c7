"""What a type checker says about code that is written against the runtime."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ..process import PATIENCE_SECONDS, PROJECT

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("mypy")
pytest.importorskip("fastapi")

HANDLER = """
from ssot_migrate.runtime import (
    AgentInstanceFactory,
    ExecutionEngineFactory,
    RegistryAdapter,
    UnifiedToolDispatcher,
    UserExecutionContext,
    UserWebSocketEmitter,
)


class Triage:
    def __init__(
        self,
        context: UserExecutionContext,
        emitter: UserWebSocketEmitter,
        tool_dispatcher: UnifiedToolDispatcher,
    ) -> None:
        self.context = context
        self.emitter = emitter
        self.tools = tool_dispatcher

    async def execute(self, question: str) -> str:
        await self.emitter.notify_agent_thinking("triage", question, progress_percentage=50.0)
        return str(await self.tools.dispatch("look_up", question=question))


async def handle(
    agents: AgentInstanceFactory, engines: ExecutionEngineFactory, user: str, question: str
) -> str:
    async with agents.user_execution_scope(user, "main", "run-1") as context:
        delivered: bool = await context.websocket_emitter.notify_agent_started("triage")
        part = context.create_child_context("part")
        await part.websocket_emitter.notify_tool_executing("look_up", {"question": question})
        agent: Triage = await agents.create_agent_instance("triage", part)
        await RegistryAdapter(agents, part).get_websocket_emitter().flush(1.0)
        async with engines.user_execution_scope(context, announce=delivered) as engine:
            await engine.execute("triage", question)
        answer = await agent.execute(question)
        await context.websocket_emitter.notify_agent_completed("triage", answer)
    return answer
"""
APPLICATIONS = """
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.applications import Starlette

from ssot_migrate.runtime import AgentInstanceFactory, ConnectionRegistry, ExecutionEngineFactory
from ssot_migrate.runtime.integrations.starlette import (
    Runtime,
    exception_handlers,
    runtime_lifespan,
)


async def configure(app: FastAPI) -> AsyncIterator[Runtime]:
    agents = AgentInstanceFactory()
    yield Runtime(agents, ExecutionEngineFactory(agents), ConnectionRegistry())


async def build(app: Starlette) -> AsyncIterator[Runtime]:
    agents = AgentInstanceFactory()
    yield Runtime(agents, ExecutionEngineFactory(agents), ConnectionRegistry())


FastAPI(lifespan=runtime_lifespan(configure), exception_handlers=exception_handlers())
FastAPI(lifespan=runtime_lifespan(build))
Starlette(lifespan=runtime_lifespan(build), exception_handlers=exception_handlers())
"""
MISTAKES = """
from ssot_migrate.runtime import UserExecutionContext


async def handle(context: UserExecutionContext) -> None:
    await context.websocket_emitter.notify_agent_done("triage")
    context.user_id = "bob"
    UserExecutionContext("ada", "main")
"""


def test_a_typical_handler_needs_neither_tests_for_none_nor_casts(tmp_path: Path) -> None:
    modules = {"handler.py": HANDLER, "applications.py": APPLICATIONS, "mistakes.py": MISTAKES}
    for name, source in modules.items():
        (tmp_path / name).write_text(source, encoding="utf-8")

    done = subprocess.run(
        (
            *(sys.executable, "-m", "mypy", "--strict", "--warn-unreachable"),
            *("--config-file=", "--no-error-summary", f"--cache-dir={tmp_path / 'cache'}"),
            *(tmp_path / name for name in modules),
        ),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    complaints = [line.split(": error: ") for line in done.stdout.splitlines()]
    assert [(place.rsplit("/", 1)[-1], what.rsplit("[")[-1]) for place, what in complaints] == [
        ("mistakes.py:6", "attr-defined]"),
        ("mistakes.py:7", "misc]"),
        ("mistakes.py:8", "call-arg]"),
    ]
