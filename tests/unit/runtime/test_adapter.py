"""Code that still asks a registry, bound to one context."""

from __future__ import annotations

import asyncio
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.adapter import RegistryAdapter
from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.errors import ContextClosedError, UnknownAgentError

if TYPE_CHECKING:
    from ssot_migrate.runtime.context import UserExecutionContext

pytestmark = pytest.mark.filterwarnings("ignore:RegistryAdapter:DeprecationWarning")


class Triage:
    def __init__(self, context: UserExecutionContext) -> None:
        self.context = context


@pytest.fixture
def factory() -> AgentInstanceFactory:
    factory = AgentInstanceFactory()
    factory.class_registry.register("triage", Triage)
    factory.class_registry.freeze()
    factory.configure()
    return factory


def test_each_user_gets_agents_of_their_own(factory: AgentInstanceFactory) -> None:
    async def serve(user_id: str, together: asyncio.Event) -> Any:
        async with factory.user_execution_scope(user_id, "thread-7", f"run-{user_id}") as context:
            adapter = RegistryAdapter(factory, context)
            if user_id == "bob":
                together.set()
            await together.wait()
            agent = await adapter.get("triage")
            assert agent.context is context
            assert adapter.get_websocket_emitter() is context.websocket_emitter
            return agent

    async def serve_both() -> list[Any]:
        together = asyncio.Event()
        return list(await asyncio.gather(serve("alice", together), serve("bob", together)))

    agents = asyncio.run(serve_both())
    assert [agent.context.user_id for agent in agents] == ["alice", "bob"]


def test_an_adapter_is_nobodys_without_a_context(factory: AgentInstanceFactory) -> None:
    with pytest.raises(TypeError, match="UserExecutionContext"):
        RegistryAdapter(factory, None)  # type: ignore[arg-type]


def test_what_the_factory_refuses_is_refused_here(factory: AgentInstanceFactory) -> None:
    async def ask() -> None:
        async with factory.user_execution_scope("alice", "thread-7", "run-42") as context:
            adapter = RegistryAdapter(factory, context)
            with pytest.raises(UnknownAgentError):
                await adapter.get("nobody")
        with pytest.raises(ContextClosedError):
            await adapter.get("triage")

    asyncio.run(ask())


def test_the_warning_points_to_the_call_once_for_each_place(factory: AgentInstanceFactory) -> None:
    async def ask() -> None:
        async with factory.user_execution_scope("alice", "thread-7", "run-42") as context:
            adapter = RegistryAdapter(factory, context)
            for _ in range(3):
                await adapter.get("triage")
            # Neither awaited here nor by the caller itself.
            await asyncio.gather(*[adapter.get("triage") for _ in range(2)])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        asyncio.run(ask())
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    told = [(one.filename, lines[one.lineno - 1].strip()) for one in caught]
    assert told == [
        (__file__, 'await adapter.get("triage")'),
        (__file__, 'await asyncio.gather(*[adapter.get("triage") for _ in range(2)])'),
    ]
    assert "use await factory.create_agent_instance(name, context)" in str(caught[0].message)
