"""Contexts and agents begin, belong to one user, and end with everything they held."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import weakref
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.context import UserExecutionContext
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.errors import (
    ConfigurationError,
    ContextClosedError,
    InvalidContextError,
    IsolationError,
    NotConfiguredError,
    StaleEmitterError,
    UnknownAgentError,
    UserLimitError,
)
from ssot_migrate.runtime.limits import FactoryLimits
from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.process import (
    configure_agent_instance_factory,
    get_agent_class_registry,
    get_agent_instance_factory,
    reset_agent_instance_factory,
)

from .service import Adder, Failure, Session, open_service
from .sweeping import SteppedLoop, run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from .service import Service

IDS = ("ada", "thread-1", "run-1")


def with_service(
    work: Callable[[Service], Awaitable[None]], limits: FactoryLimits | None = None
) -> None:
    """Do `work` with a service, which has to be as it was afterwards."""

    async def main() -> None:
        async with open_service(limits=limits) as service:
            await work(service)

    run_stepped(main())


def contaminations(factory: AgentInstanceFactory) -> int:
    return factory.metrics.snapshot().values[Metric.CROSS_USER_CONTAMINATION_EVENTS]


# --- the scope ---------------------------------------------------------------------------------


def test_a_scope_gives_what_a_request_needs_and_takes_it_back() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        async with factory.user_execution_scope(*IDS, metadata={"plan": "free"}) as context:
            assert (context.user_id, context.thread_id, context.run_id) == IDS
            assert context.metadata["plan"] == "free"
            assert context.db_session is service.sessions[0]
            agent = await factory.create_agent_instance("adder", context)
            assert agent.context is context
            assert agent.precision == 2
            assert await agent.execute(1, 2, 3) == 6
            summary = factory.get_active_contexts_summary()
            (entry,) = summary["contexts"].values()
            assert set(summary["contexts"]) == {context.request_id}
            assert entry["agents"] == 1
            assert entry["has_websocket_emitter"]
            assert entry["has_db_session"]
        assert not service.sessions[0].is_open
        assert not agent.is_open
        types = [event["type"] for event in service.client.received]
        assert types == ["agent_thinking", *("tool_executing", "tool_completed") * 3]
        with pytest.raises(ContextClosedError):
            await factory.create_agent_instance("adder", context)
        with pytest.raises(ContextClosedError, match="closed"):
            await agent.tools.dispatch("add", a=1, b=1)
        with pytest.raises(StaleEmitterError):
            await context.websocket_emitter.notify_agent_thinking("late", "too late")

    with_service(work)


def test_what_was_told_has_left_when_the_context_has_ended() -> None:
    async def work(service: Service) -> None:
        client = service.client
        asyncio.get_running_loop().call_later(1.0, client.resume)
        async with service.agents.user_execution_scope(*IDS) as context:
            client.stall()
            for number in range(3):
                await context.websocket_emitter.notify_tool_completed("look_up", number)
            assert client.received == []
        assert client.told("result") == [0, 1, 2]

    with_service(work)


def test_a_client_that_reads_nothing_keeps_no_context_for_long() -> None:
    async def work(service: Service) -> None:
        loop = asyncio.get_running_loop()
        async with service.agents.user_execution_scope(*IDS) as context:
            service.client.stall()
            await context.websocket_emitter.notify_agent_started("adder")
            began = loop.time()
        assert loop.time() - began == 3.0

    with_service(work, FactoryLimits(flush_timeout=3.0))


async def one_request(service: Service, session: Session | None = None) -> None:
    """Everything a context can hold, in use."""
    factory = service.agents
    async with factory.user_execution_scope(*IDS, session) as context:
        agent = await factory.create_agent_instance("adder", context)
        task = factory.create_task(context, agent.execute(1, 2))
        child = context.create_child_context("part")
        await factory.create_agent_instance("adder", child)
        factory.create_task(child, asyncio.Event().wait())
        assert await task == 3


@pytest.mark.parametrize("pooling", [False, True])
def test_nothing_is_left_open_wherever_a_request_is_cancelled(pooling: bool) -> None:
    world = partial(open_service, pooling=pooling)
    assert sweep(world, one_request) > 20


def test_nothing_is_left_open_where_everything_is_cancelled_at_once() -> None:
    assert sweep(open_service, one_request, everybody=True) > 20


def test_nothing_is_left_open_where_a_request_is_cancelled_in_the_queue_of_its_user() -> None:
    @asynccontextmanager
    async def world() -> AsyncIterator[Service]:
        limits = FactoryLimits(max_concurrent_per_user=1)
        async with open_service(limits=limits) as service:
            holder = await service.agents.create_user_context("ada", "thread-1", "run-0")
            release = asyncio.get_running_loop().call_later(
                1.0, lambda: ends.append(asyncio.ensure_future(end(service, holder)))
            )
            ends: list[asyncio.Task[None]] = []
            yield service
            release.cancel()
            await end(service, holder)

    async def end(service: Service, holder: UserExecutionContext) -> None:
        await service.agents.cleanup_user_context(holder)

    assert sweep(world, one_request) > 20


@pytest.mark.parametrize(
    "problem",
    [Failure("mine"), StopIteration(), StopAsyncIteration(), TimeoutError(), KeyError("x")],
    ids=lambda problem: type(problem).__name__,
)
def test_what_the_body_raises_comes_out_unchanged(problem: Exception) -> None:
    async def work(service: Service) -> None:
        with pytest.raises(type(problem)) as caught:
            async with service.agents.user_execution_scope(*IDS):
                raise problem
        assert caught.value is problem
        assert caught.value.__cause__ is None

    with_service(work)


def test_nothing_of_a_context_is_kept_alive() -> None:
    """Not even in a reference cycle that the garbage collector would have to find."""

    async def work(service: Service) -> None:
        factory = service.agents
        left: list[weakref.ref[Any]] = []
        for run in ("run-1", "run-2"):
            try:
                async with factory.user_execution_scope("ada", "thread-1", run) as context:
                    agent = await factory.create_agent_instance("adder", context)
                    task = factory.create_task(context, asyncio.Event().wait())
                    left += map(
                        weakref.ref,
                        (context, context.db_session, context.websocket_emitter, agent, task),
                    )
                    if run == "run-2":
                        raise Failure
            except Failure:
                pass
        del context, agent, task
        service.sessions.clear()
        for _ in range(20):
            await asyncio.sleep(0)
        assert [one() for one in left] == [None] * 10

    gc.disable()
    try:
        with_service(work)
    finally:
        gc.enable()


def test_the_user_s_limit_holds_and_a_failing_request_gives_its_place_back() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        first = await factory.create_user_context("ada", "thread-1", "run-1")
        with pytest.raises(UserLimitError):
            await factory.create_user_context("ada", "thread-1", "run-2")
        await factory.create_user_context("bob", "thread-2", "run-3")
        await factory.cleanup_user_context(first)
        for attempt in range(3):
            with pytest.raises(Failure):
                async with factory.user_execution_scope("ada", "thread-1", f"run-4-{attempt}"):
                    raise Failure
        await factory.cleanup_inactive_contexts(0)

    with_service(work, FactoryLimits(max_concurrent_per_user=1, acquire_timeout=1.0))


def test_thousands_of_racing_requests_never_exceed_the_limit_of_a_user() -> None:
    inside = dict.fromkeys(("ada", "bob", "eve"), 0)
    most = dict(inside)

    async def request(service: Service, number: int) -> None:
        user = tuple(inside)[number % 3]
        async with service.agents.user_execution_scope(user, f"of-{user}", f"run-{number}"):
            inside[user] += 1
            most[user] = max(most[user], inside[user])
            for _ in range(5):
                await asyncio.sleep(0)
            inside[user] -= 1
            if number % 7 == 0:
                raise Failure

    async def work(service: Service) -> None:
        requests = [asyncio.ensure_future(request(service, number)) for number in range(3_000)]
        await asyncio.sleep(0)
        for task in requests[::11]:
            task.cancel()
        results = await asyncio.gather(*requests, return_exceptions=True)
        assert set(map(type, results)) == {type(None), Failure, asyncio.CancelledError}
        assert most == dict.fromkeys(inside, 5)

    with_service(work, FactoryLimits(acquire_timeout=1_000.0, max_waiting_per_user=1_000))


# --- how a context begins ----------------------------------------------------------------------


def test_a_factory_has_to_be_configured() -> None:
    async def main() -> None:
        factory = AgentInstanceFactory()
        with pytest.raises(NotConfiguredError, match="Factory not configured"):
            await factory.create_user_context(*IDS)
        factory.configure()
        context = await factory.create_user_context(*IDS)
        states = [factory.is_configured]
        await factory.shutdown()
        states.append(factory.is_configured)
        assert states == [True, False]
        assert not factory.is_live(context)
        with pytest.raises(NotConfiguredError):
            await factory.create_user_context(*IDS)
        factory.configure()
        async with factory.user_execution_scope(*IDS):
            pass

    run_stepped(main())


def test_without_bridge_everything_works_and_events_reach_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure()
        async with factory.user_execution_scope(*IDS) as context:
            assert not await context.websocket_emitter.notify_agent_started("adder")
        status = factory.get_factory_metrics()["configuration_status"]
        assert status == {
            "class_registry_configured": True,
            "websocket_bridge_configured": False,
            "session_factory_configured": False,
        }

    with caplog.at_level(logging.WARNING, "ssot_migrate.runtime.agent_factory"):
        run_stepped(main())
    assert sum("no websocket bridge" in line for line in caplog.messages) == 1


@pytest.mark.parametrize("ids", [("", "t", "r"), ("ada", "placeholder", "r"), ("ada", "t", " r")])
def test_a_context_that_is_not_valid_holds_nothing(ids: tuple[str, str, str]) -> None:
    async def work(service: Service) -> None:
        session = Session()
        with pytest.raises(InvalidContextError):
            await service.agents.create_user_context(*ids, session)
        assert not session.is_open
        assert service.agents.get_factory_metrics()["creation_errors"] == 1

    with_service(work)


def test_a_run_has_one_context_whoever_asks() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        async with factory.user_execution_scope(*IDS):
            for user in ("ada", "bob"):
                with pytest.raises(InvalidContextError, match="'run-1' has a context") as caught:
                    await factory.create_user_context(user, "thread-1", "run-1")
                assert "ada" not in str(caught.value)
        async with factory.user_execution_scope(*IDS):
            pass

    with_service(work)


def test_a_session_that_is_passed_in_is_closed_unless_it_is_somebody_else_s() -> None:
    async def work(service: Service) -> None:
        owned, lent = Session(), Session()
        async with service.agents.user_execution_scope(*IDS, owned) as context:
            assert context.db_session is owned
        for _ in range(2):
            async with service.agents.user_execution_scope(*IDS, lent, owns_session=False):
                pass
        assert not owned.is_open
        assert lent.is_open
        assert not service.sessions

    with_service(work)


def test_a_session_factory_that_gives_everybody_one_session_is_found_out() -> None:
    async def main() -> None:
        session = Session()
        factory = AgentInstanceFactory()
        factory.configure(session_factory=lambda: session)
        async with factory.user_execution_scope(*IDS):
            with pytest.raises(IsolationError, match="in use by another"):
                await factory.create_user_context("ada", "thread-2", "run-2")
            assert contaminations(factory) == 0
            with pytest.raises(IsolationError, match="in use by another"):
                await factory.create_user_context("bob", "thread-3", "run-3")
            assert contaminations(factory) == 1
            assert session.is_open
        assert not session.is_open

    run_stepped(main())


def test_the_session_of_another_context_is_found_out() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        async with (
            factory.user_execution_scope(*IDS) as context,
            factory.user_execution_scope("bob", "thread-2", "run-2") as other,
        ):
            mixed_up = context.with_db_session(other.db_session)
            with pytest.raises(IsolationError, match="in use by another") as caught:
                await factory.create_agent_instance("adder", mixed_up)
            assert "bob" not in str(caught.value)
            assert contaminations(factory) == 1
            own = context.with_db_session(Session())
            assert (await factory.create_agent_instance("adder", own)).context is own

    with_service(work)


def test_what_a_session_factory_raises_comes_out_and_the_slot_is_free() -> None:
    def fail() -> None:
        raise Failure

    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure(session_factory=fail)
        with pytest.raises(Failure):
            await factory.create_user_context(*IDS)
        assert factory.get_factory_metrics()["users_with_slots"] == 0

    run_stepped(main())


# --- agents and tasks --------------------------------------------------------------------------


def test_the_end_of_a_context_waits_for_nothing_but_what_it_has_to() -> None:
    async def turns_of_the_end(factory: AgentInstanceFactory) -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SteppedLoop)
        loop.act = lambda _: None  # so that it counts
        async with factory.user_execution_scope(*IDS):
            loop.steps = 0
        return loop.steps

    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure(websocket_bridge=AgentWebSocketBridge(ConnectionRegistry()))
        assert await turns_of_the_end(factory) == 0
        factory.configure(session_factory=Session)
        assert 0 < await turns_of_the_end(factory) < 8

    run_stepped(main())


def test_agents_are_made_for_live_contexts_of_this_factory_only() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        async with factory.user_execution_scope(*IDS) as former:
            pass
        own_emitter = UserWebSocketEmitter(*IDS, None)
        strangers = [UserExecutionContext(*IDS), former]
        async with factory.user_execution_scope(*IDS) as context:
            strangers.append(context.with_emitter(own_emitter))
            for stranger in strangers:
                with pytest.raises(ContextClosedError, match="'run-1'"):
                    await factory.create_agent_instance("adder", stranger)
            with pytest.raises(UnknownAgentError):
                await factory.create_agent_instance("ader", context)
            with pytest.raises(TypeError):
                await factory.create_agent_instance("adder", "ada")  # type: ignore[arg-type]
        assert factory.get_factory_metrics()["creation_errors"] == 5

    with_service(work)


def test_a_factory_that_nobody_configured_says_so_to_whoever_brings_a_context() -> None:
    async def main() -> None:
        factory, context = AgentInstanceFactory(), UserExecutionContext(*IDS)
        with pytest.raises(NotConfiguredError, match=r"call configure\(\) first"):
            await factory.create_agent_instance("adder", context)
        assert not factory.is_live(context)
        factory.configure()
        with pytest.raises(ContextClosedError):
            await factory.create_agent_instance("adder", context)

    run_stepped(main())


def test_a_child_lives_as_long_as_its_parent() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        async with factory.user_execution_scope(*IDS) as context:
            child = context.create_child_context("part")
            await factory.cleanup_user_context(child)
            agent = await factory.create_agent_instance("adder", child)
            assert agent.context is child
        assert not agent.is_open
        assert not factory.is_live(child)

    with_service(work)


def test_a_class_that_hands_out_one_instance_for_all_is_found_out() -> None:
    class Shared:
        instance: Shared | None = None

        def __new__(cls) -> Shared:
            cls.instance = cls.instance or super().__new__(cls)
            return cls.instance

    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.class_registry.register("shared", Shared, shared_attributes=("instance",))
        factory.configure()
        async with factory.user_execution_scope(*IDS) as context:
            await factory.create_agent_instance("shared", context)
            with pytest.raises(IsolationError, match="Shared gave back"):
                await factory.create_agent_instance("shared", context)
            assert contaminations(factory) == 1

    run_stepped(main())


def test_tasks_end_with_their_context_before_what_they_use() -> None:
    ends: list[bool] = []

    async def use(context: UserExecutionContext) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            told = await context.websocket_emitter.notify_agent_error("adder", "cancelled")
            ends.append(told and context.db_session.is_open)

    async def work(service: Service) -> None:
        factory = service.agents
        async with factory.user_execution_scope(*IDS) as context:
            task = factory.create_task(context, use(context), name="use")
            assert task.get_name() == "use"
            await asyncio.sleep(0)
        assert task.cancelled()
        with pytest.raises(ContextClosedError):
            factory.create_task(context, use(context))

    with_service(work)
    assert ends == [True]


@pytest.mark.parametrize("how", ["itself", "by a task", "with all others"])
def test_a_task_may_clean_up_its_own_context_and_waits_for_nothing_then(how: str) -> None:
    async def work(service: Service) -> None:
        factory, loop = service.agents, asyncio.get_running_loop()
        context = await factory.create_user_context(*IDS)

        async def end() -> str:
            if how == "itself":
                await factory.cleanup_user_context(context)
            elif how == "by a task":
                await asyncio.gather(factory.cleanup_user_context(context))
            else:
                await factory.shutdown()
            return "done"

        assert await factory.create_task(context, end()) == "done"
        assert loop.time() == 0.0
        assert not service.sessions[0].is_open

    with_service(work)


def test_a_resource_is_closed_with_the_context_unless_it_is_dropped() -> None:
    async def work(service: Service) -> None:
        kept, dropped = Session(), Session()
        async with service.agents.user_execution_scope(*IDS) as context:
            service.agents.keep(context, kept)
            service.agents.keep(context, dropped)
            service.agents.drop(context, dropped)
        service.agents.drop(context, kept)
        assert not kept.is_open
        assert dropped.is_open

    with_service(work)


def test_of_an_agent_only_aclose_is_called_for_close_may_mean_anything() -> None:
    closed: list[str] = []

    class Ticket:
        async def close(self, number: int) -> None:
            closed.append("ticket")

    class Client:
        def close(self) -> None:
            closed.append("client")

        def aclose(self) -> None:
            closed.append("connection")

    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.class_registry.register("ticket", Ticket)
        factory.class_registry.register("client", Client)
        factory.configure()
        async with factory.user_execution_scope(*IDS) as context:
            await factory.create_agent_instance("ticket", context)
            await factory.create_agent_instance("client", context)
            factory.keep(context, closing := Session())
        assert closed == ["connection"]
        assert not closing.is_open
        assert factory.get_factory_metrics()["cleanup_errors"] == 0

    run_stepped(main())


# --- clean-up ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not tell who cancelled")
def test_all_agents_are_closed_once_before_the_session_though_one_ends_cancelled() -> None:
    class Careless(Session):
        async def close(self) -> None:
            steps.append("careless")
            task = asyncio.ensure_future(asyncio.sleep(1.0))
            task.cancel()
            await task

    class Slow(Session):
        async def close(self) -> None:
            steps.append("slow")
            await asyncio.sleep(1.0)
            steps.append("slow is closed")

    class Database(Session):
        async def close(self) -> None:
            steps.append("session")

    steps: list[str] = []

    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure()
        async with factory.user_execution_scope(*IDS, Database()) as context:
            for resource in (Slow(), Careless()):
                factory.keep(context, resource)
        assert factory.get_factory_metrics()["cleanup_errors"] == 1

    run_stepped(main())
    assert steps == ["careless", "slow", "slow is closed", "session"]


class Stubborn(Session):
    """A session that takes for ever, or fails, when it is closed."""

    def __init__(self, problem: BaseException | None) -> None:
        super().__init__()
        self.problem = problem

    async def close(self) -> None:
        if self.problem is not None:
            raise self.problem
        await asyncio.Event().wait()


@pytest.mark.parametrize("problem", [None, Failure("secret payload")], ids=["hangs", "fails"])
def test_a_step_that_fails_is_counted_and_logged_without_payload_and_the_others_are_taken(
    problem: BaseException | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with open_service() as service:
            factory = service.agents
            session, resource = Stubborn(problem), Stubborn(problem)
            async with factory.user_execution_scope(*IDS, session) as context:
                agent = await factory.create_agent_instance("adder", context)
                factory.keep(context, resource)
            assert not agent.is_open
            metrics = factory.get_factory_metrics()
            assert metrics["cleanup_errors"] == 2
            assert metrics["total_contexts_cleaned"] == 1
            assert metrics["users_with_slots"] == 0
            assert service.bridge.get_status().active_runs == 0
            assert context.request_id in caplog.text
            assert "secret" not in caplog.text
            factory._contexts.cleanup_errors = 0

    run_stepped(main())


def test_a_task_that_ignores_its_end_does_not_keep_the_context_alive() -> None:
    async def ignore(released: asyncio.Event) -> None:
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    async def main() -> None:
        factory, released = AgentInstanceFactory(), asyncio.Event()
        factory.configure()
        async with factory.user_execution_scope(*IDS) as context:
            task = factory.create_task(context, ignore(released))
            await asyncio.sleep(0)
            left = weakref.ref(context)
        del context
        assert not task.done()
        assert left() is None
        assert factory.get_factory_metrics()["cleanup_errors"] == 1
        released.set()
        await task

    gc.disable()
    try:
        run_stepped(main())
    finally:
        gc.enable()


def test_clean_up_that_is_under_way_is_waited_for() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        context = await factory.create_user_context(*IDS)
        (session,) = service.sessions
        first = asyncio.ensure_future(factory.cleanup_user_context(context))
        await asyncio.sleep(0)
        states = [session.is_open]
        await factory.cleanup_user_context(context)
        states.append(session.is_open)
        assert states == [True, False]
        await first
        await factory.cleanup_user_context(context)
        assert factory.get_factory_metrics()["total_contexts_cleaned"] == 1

    with_service(work)


def test_contexts_that_nobody_uses_are_cleaned_up() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        context = await factory.create_user_context(*IDS)
        busy = await factory.create_user_context("bob", "thread-2", "run-2")
        factory.create_task(busy, asyncio.Event().wait())
        assert await factory.cleanup_inactive_contexts() == 0
        assert await factory.cleanup_inactive_contexts(max_age_seconds=0) == 1
        assert not factory.is_live(context)
        assert factory.is_live(busy)
        await factory.cleanup_user_context(busy)

    with_service(work)


def test_a_context_that_sends_events_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(service: Service) -> None:
        factory, loop = service.agents, asyncio.get_running_loop()
        monkeypatch.setattr("time.monotonic", loop.time)
        context = await factory.create_user_context(*IDS)
        cleaned = []
        for _ in range(3):
            await asyncio.sleep(200.0)
            await context.websocket_emitter.notify_agent_thinking("adder", "still")
            cleaned.append(await factory.cleanup_inactive_contexts())
        await asyncio.sleep(300.0)
        cleaned.append(await factory.cleanup_inactive_contexts())
        assert cleaned == [0, 0, 0, 1]

    with_service(work)


def test_shutdown_waits_for_contexts_that_are_being_opened() -> None:
    sessions: list[Session] = []

    async def open_session() -> Session:
        await asyncio.sleep(1.0)
        sessions.append(Session())
        return sessions[-1]

    async def main() -> None:
        factory = AgentInstanceFactory(limits=FactoryLimits(max_concurrent_per_user=1))
        factory.configure(session_factory=open_session)
        opening = [
            asyncio.ensure_future(factory.create_user_context("ada", "thread-1", f"run-{number}"))
            for number in range(3)
        ]
        await asyncio.sleep(0.5)
        await factory.shutdown()
        assert [session.is_open for session in sessions] == [False]
        for outcome in await asyncio.gather(*opening, return_exceptions=True):
            assert isinstance(outcome, NotConfiguredError)
        assert len(sessions) == 1

    run_stepped(main())


def test_shutdown_does_not_wait_for_ever_for_a_session(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure(session_factory=asyncio.Event().wait)
        opening = asyncio.ensure_future(factory.create_user_context(*IDS))
        await asyncio.sleep(0)
        await factory.shutdown()
        assert asyncio.get_running_loop().time() == 5.0
        opening.cancel()
        await asyncio.wait((opening,))

    run_stepped(main())
    assert "while 1 contexts were being opened" in caplog.text


def test_shutdown_ends_all_contexts_and_those_that_are_about_to_begin() -> None:
    async def work(service: Service) -> None:
        factory = service.agents
        open_ones = [
            await factory.create_user_context("ada", "thread-1", f"run-{number}")
            for number in range(5)
        ]
        waiting = asyncio.ensure_future(factory.create_user_context("ada", "thread-1", "run-5"))
        await asyncio.sleep(0)
        with pytest.raises(ConfigurationError, match="contexts are open"):
            factory.configure()
        await factory.shutdown()
        assert not any(map(factory.is_live, open_ones))
        with pytest.raises(NotConfiguredError):
            await waiting

    with_service(work)


# --- configuration and the factory of the process ----------------------------------------------


def test_what_is_left_out_of_a_configuration_stays_as_it_was() -> None:
    async def main() -> None:
        factory = AgentInstanceFactory()
        factory.configure(session_factory=Session)
        factory.class_registry.register("adder", Adder)
        factory.configure(services={"precision": 3, "tools": object()})
        async with factory.user_execution_scope(*IDS) as context:
            assert isinstance(context.db_session, Session)

    run_stepped(main())


@pytest.mark.parametrize("name", ["user_id", "db_session", "tool_dispatcher", "context"])
def test_what_each_request_has_of_its_own_cannot_be_shared(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        AgentInstanceFactory().configure(services={name: object()})


@pytest.fixture
def _own_process() -> Iterator[None]:
    reset_agent_instance_factory()
    yield
    reset_agent_instance_factory()


@pytest.mark.usefixtures("_own_process")
def test_the_process_has_one_factory_and_its_classes() -> None:
    async def main() -> None:
        factory = get_agent_instance_factory()
        assert not factory.is_configured
        assert await configure_agent_instance_factory(session_factory=Session) is factory
        assert get_agent_instance_factory() is factory
        assert get_agent_class_registry() is factory.class_registry
        reset_agent_instance_factory()
        assert get_agent_instance_factory() is not factory

    run_stepped(main())
