"""An engine runs the agents of one context, in time, and tells the user how they end."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.engine import UserExecutionEngine
from ssot_migrate.runtime.errors import (
    AgentCancelledError,
    ContextClosedError,
    EngineTimeoutError,
    UnknownAgentError,
)
from ssot_migrate.runtime.events import Event, EventType
from ssot_migrate.runtime.metrics import Metric

from .service import Failure, open_service
from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from .service import Service

IDS = ("ada", "thread-1", "run-1")
OUTBOX = 256
"""Events that a client may be behind before senders wait."""


def with_engine(
    work: Callable[[UserExecutionEngine, Service], Awaitable[None]], **options: Any
) -> None:
    """Do `work` with an engine for a live context, which leaves nothing open."""

    async def main() -> None:
        async with (
            open_service() as service,
            service.agents.user_execution_scope(*IDS) as context,
        ):
            engine = UserExecutionEngine(context, service.agents, **options)
            try:
                await work(engine, service)
            finally:
                await engine.close()

    run_stepped(main())


async def told(service: Service) -> list[str]:
    """The types of what the client received."""
    await service.connections.shutdown()
    return [event["type"] for event in service.client.received]


def test_an_agent_is_announced_run_and_its_result_told() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        assert await engine.execute("adder", 2, 3) == 5
        status = engine.get_status()
        assert (status["executions"], status["failures"], status["running"]) == (1, 0, 0)
        assert await told(service) == [
            "agent_started",
            "agent_thinking",
            *("tool_executing", "tool_completed") * 2,
            "agent_completed",
        ]
        last = service.client.received[-1]["data"]
        assert (last["agent_name"], last["result"]) == ("adder", 5)
        assert last["execution_time_ms"] >= 0

    with_engine(work)


def test_agents_that_announce_themselves_are_not_announced_twice() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        assert await engine.execute("adder") == 0
        assert await told(service) == ["agent_thinking"]

    with_engine(work, announce=False)


def test_what_an_agent_raises_comes_out_and_the_user_is_told() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        with pytest.raises(Failure) as caught:
            await engine.execute("failing")
        assert caught.value.__cause__ is None
        assert engine.get_status()["failures"] == 1
        assert await told(service) == ["agent_started", "agent_error"]
        assert service.client.received[-1]["data"]["error_type"] == "Failure"

    with_engine(work)


@pytest.mark.parametrize(("given", "expected"), [(None, 300.0), (2.0, 2.0)])
def test_an_agent_that_takes_too_long_is_cancelled(given: float | None, expected: float) -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        with pytest.raises(EngineTimeoutError, match=f"longer than {expected:g} s"):
            await engine.execute("sleeper", timeout=given)
        assert asyncio.get_running_loop().time() == expected
        assert engine.get_status()["timeouts"] == 1
        assert service.metrics.snapshot().values[Metric.ENGINE_TIMEOUTS] == 1
        assert await told(service) == ["agent_started", "agent_error"]

    with_engine(work)


def test_an_agent_ends_with_whoever_waits_for_it_and_the_user_is_told() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        waiting = asyncio.ensure_future(engine.execute("sleeper"))
        while not engine.running:
            await asyncio.sleep(0)
        (agent,) = engine.running
        waiting.cancel()
        await asyncio.wait((waiting,))
        assert waiting.cancelled()
        assert agent.cancelled()
        assert await told(service) == ["agent_started", "agent_error"]

    with_engine(work)


@pytest.mark.parametrize("how", ["time limit", "cancellation"])
def test_an_end_does_not_wait_for_a_client_that_reads_nothing(how: str) -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        await deafen(service)
        if how == "time limit":
            with pytest.raises(EngineTimeoutError):
                await engine.execute("sleeper", timeout=0.5)
        else:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(engine.execute("sleeper"), 0.5)
        assert asyncio.get_running_loop().time() == 0.5
        assert not engine.running
        service.client.resume()
        assert (await told(service))[-2:] == ["agent_started", "agent_error"]

    with_engine(work)


async def deafen(service: Service, *, is_full: bool = False) -> None:
    """Let the client read nothing, and fill its outbox so that one or two more events fit."""
    (connection,) = service.connections.open_connections()
    service.client.stall()
    room = 1 if is_full else 2
    for number in range(OUTBOX + 1 - room):
        connection.accept(Event.now(EventType.TOOL_EXECUTING, *IDS, {}).numbered(number))
        await asyncio.sleep(0)


def test_who_is_cancelled_before_the_start_was_sent_is_told_of_as_ended() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        await deafen(service, is_full=True)
        waiting = asyncio.ensure_future(engine.execute("sleeper"))
        await asyncio.sleep(0)
        assert not engine.running
        waiting.cancel()
        await asyncio.wait((waiting,))
        assert waiting.cancelled()
        service.client.resume()
        assert (await told(service))[-2:] == ["agent_started", "agent_error"]
        details = service.client.received[-1]["data"]
        assert (details["error"], details["error_type"]) == ("CancelledError",) * 2

    with_engine(work)


def test_an_agent_that_is_not_known_is_not_announced() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        with pytest.raises(UnknownAgentError):
            await engine.execute("ader")
        assert await told(service) == []

    with_engine(work)


def test_an_agent_may_be_a_plain_function() -> None:
    class Plain:
        def execute(self, *numbers: int, scale: int) -> int:
            return sum(numbers) * scale

    async def main() -> None:
        async with open_service() as service:
            service.agents.class_registry = registry = type(service.agents.class_registry)()
            registry.register("plain", Plain)
            async with service.agents.user_execution_scope(*IDS) as context:
                engine = UserExecutionEngine(context, service.agents)
                assert await engine.execute("plain", 1, 2, scale=10) == 30

    run_stepped(main())


@pytest.mark.parametrize("ends", ["engine", "context"])
def test_who_waits_for_an_agent_hears_that_its_engine_or_context_ended(ends: str) -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        waiting = asyncio.ensure_future(engine.execute("sleeper"))
        while not engine.running:
            await asyncio.sleep(0)
        if ends == "engine":
            await engine.close()
        else:
            await service.agents.cleanup_user_context(engine.context)
        with pytest.raises(ContextClosedError):
            await waiting
        with pytest.raises(ContextClosedError):
            await engine.execute("adder")

    with_engine(work)


@asynccontextmanager
async def engine_of(agent_class: type) -> AsyncIterator[UserExecutionEngine]:
    """An engine that knows one class, as "agent"."""
    async with open_service() as service:
        service.agents.class_registry = registry = type(service.agents.class_registry)()
        registry.register("agent", agent_class)
        async with service.agents.user_execution_scope(*IDS) as context:
            yield UserExecutionEngine(context, service.agents)


@pytest.mark.parametrize("by_a_task", [False, True])
def test_an_agent_may_close_its_own_engine_and_goes_on(by_a_task: bool) -> None:
    class Closing:
        is_open = True

        async def execute(self, engine: UserExecutionEngine) -> bool:
            await (asyncio.wait_for(engine.close(), 60.0) if by_a_task else engine.close())
            return self.is_open and not engine.is_active

        async def aclose(self) -> None:
            self.is_open = False

    async def main() -> None:
        async with engine_of(Closing) as engine:
            assert await engine.execute("agent", engine)
        assert asyncio.get_running_loop().time() == 0.0

    run_stepped(main())


def test_agents_are_closed_with_their_engine_for_results_may_need_them_till_then() -> None:
    class Reading:
        opened = 0

        def __init__(self) -> None:
            type(self).opened += 1

        async def execute(self) -> AsyncIterator[int]:
            yield type(self).opened

        async def aclose(self) -> None:
            await asyncio.sleep(1.0)
            type(self).opened -= 1

    async def main() -> None:
        async with engine_of(Reading) as engine:
            first, second = [await engine.execute("agent") for _ in range(2)]
            assert [number async for number in first] == [2]
            closing = asyncio.ensure_future(engine.close())
            await asyncio.sleep(0)
            assert Reading.opened == 2
            await engine.close()  # waits for who closes it
            assert Reading.opened == 0
            await closing
            del second

    run_stepped(main())


def test_nobody_is_cancelled_by_an_agent_that_ends_cancelled_by_itself() -> None:
    class Careless:
        async def execute(self) -> None:
            task = asyncio.ensure_future(asyncio.sleep(1.0))
            task.cancel()
            await task

    async def main() -> None:
        async with engine_of(Careless) as engine:
            with pytest.raises(AgentCancelledError, match="'agent' ended cancelled"):
                await engine.execute("agent")

    run_stepped(main())


async def one_run(service: Service) -> None:
    async with service.agents.user_execution_scope(*IDS) as context:
        engine = UserExecutionEngine(context, service.agents)
        assert await engine.execute("adder", 1, 2) == 3


async def one_timeout(service: Service) -> None:
    async with service.agents.user_execution_scope(*IDS) as context:
        engine = UserExecutionEngine(context, service.agents)
        with pytest.raises(EngineTimeoutError):
            await engine.execute("sleeper", timeout=1.0)


@pytest.mark.parametrize("work", [one_run, one_timeout])
@pytest.mark.parametrize("everybody", [False, True])
def test_nothing_is_left_open_wherever_a_run_is_cancelled(
    work: Callable[[Service], Any], everybody: bool
) -> None:
    assert sweep(open_service, work, everybody=everybody) > 10


def test_the_user_is_told_of_a_cancellation_exactly_once() -> None:
    @asynccontextmanager
    async def world() -> AsyncIterator[Service]:
        async with open_service() as service:
            yield service
        types = [event["type"] for event in service.client.received]
        begun = types.count("agent_started")
        assert types.count("agent_completed") + types.count("agent_error") == begun

    assert sweep(world, one_run) > 10


def test_nothing_of_a_run_is_kept_alive() -> None:
    async def work(engine: UserExecutionEngine, service: Service) -> None:
        with pytest.raises(Failure) as caught:
            await engine.execute("failing")
        problem = weakref.ref(caught.value)
        del caught
        await service.connections.shutdown()
        assert problem() is None

    gc.disable()
    try:
        with_engine(work)
    finally:
        gc.enable()
