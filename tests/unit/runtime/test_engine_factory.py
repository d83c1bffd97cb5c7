"""Engines are few for each user, end with their context, and are never forgotten."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.context import UserExecutionContext
from ssot_migrate.runtime.engine_factory import (
    ExecutionEngineFactory,
    configure_execution_engine_factory,
    get_execution_engine_factory,
    reset_execution_engine_factory,
)
from ssot_migrate.runtime.errors import ContextClosedError, NotConfiguredError, UserLimitError
from ssot_migrate.runtime.limits import EngineLimits
from ssot_migrate.runtime.process import (
    get_agent_instance_factory,
    reset_agent_instance_factory,
)

from .service import Failure, Session, open_service
from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from .service import Service

IDS = ("ada", "thread-1", "run-1")


def with_service(
    work: Callable[[Service], Awaitable[None]], limits: EngineLimits | None = None
) -> None:
    """Do `work` with a service, which has to be as it was afterwards."""

    async def main() -> None:
        async with open_service(engine_limits=limits) as service:
            await work(service)

    run_stepped(main())


async def one_request(service: Service) -> None:
    """A context, an engine, and an agent at work."""
    async with (
        service.agents.user_execution_scope(*IDS) as context,
        service.engines.user_execution_scope(context) as engine,
    ):
        assert await engine.execute("adder", 2, 3) == 5


async def one_forgotten(service: Service) -> None:
    """An engine that nobody closes, with an agent that never ends."""
    async with service.agents.user_execution_scope(*IDS) as context:
        engine = await service.engines.create_for_user(context)
        service.agents.create_task(context, engine.execute("sleeper"))
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.mark.parametrize("work", [one_request, one_forgotten])
@pytest.mark.parametrize("everybody", [False, True])
def test_nothing_is_left_open_wherever_a_request_is_cancelled(
    work: Callable[[Service], Any], everybody: bool
) -> None:
    assert sweep(open_service, work, everybody=everybody) > 10


def test_a_scope_gives_an_engine_and_takes_it_back() -> None:
    async def work(service: Service) -> None:
        engines = service.engines
        async with service.agents.user_execution_scope(*IDS) as context:
            async with engines.user_execution_scope(context) as engine:
                assert engines.get_active_contexts() == {"ada": 1}
                (status,) = engines.get_active_engines_summary()["engines"].values()
                assert status["run_id"] == "run-1"
            assert not engine.is_active
            assert engines.get_active_contexts() == {}
            await engines.cleanup_engine(engine)
        metrics = engines.get_factory_metrics()
        assert metrics["total_engines_created"] == metrics["total_engines_cleaned"] == 1
        assert metrics["active_engine_keys"] == []

    with_service(work)


def test_what_the_body_raises_comes_out_unchanged() -> None:
    async def work(service: Service) -> None:
        problem = Failure()
        async with service.agents.user_execution_scope(*IDS) as context:
            with pytest.raises(Failure) as caught:
                async with service.engines.user_execution_scope(context):
                    raise problem
            assert caught.value is problem

    with_service(work)


def test_a_user_has_no_more_engines_than_the_limit() -> None:
    async def work(service: Service) -> None:
        engines = service.engines
        async with (
            service.agents.user_execution_scope(*IDS) as context,
            service.agents.user_execution_scope("bob", "thread-2", "run-2") as other,
        ):
            first = await engines.create_for_user(context)
            await engines.create_for_user(context.create_child_context("part"))
            with pytest.raises(UserLimitError, match="limit of 2"):
                await engines.create_for_user(context)
            await engines.create_for_user(other)
            assert engines.get_factory_metrics()["user_limit_rejections"] == 1
            await engines.cleanup_engine(first)
            await engines.create_for_user(context)
            assert await engines.cleanup_user_context("ada")
            assert not await engines.cleanup_user_context("ada")
            assert engines.get_active_contexts() == {"bob": 1}

    with_service(work, EngineLimits(max_engines_per_user=2))


def test_an_engine_is_made_for_a_live_context_only() -> None:
    async def work(service: Service) -> None:
        with pytest.raises(ContextClosedError):
            await service.engines.create_for_user(UserExecutionContext(*IDS))
        with pytest.raises(TypeError):
            await service.engines.create_for_user("ada")  # type: ignore[arg-type]
        assert service.engines.get_factory_metrics()["creation_errors"] == 2

    with_service(work)


def test_an_engine_that_is_idle_for_too_long_is_closed_but_none_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work(service: Service) -> None:
        engines = service.engines
        loop = asyncio.get_running_loop()
        monkeypatch.setattr("ssot_migrate.runtime.engine.time.monotonic", loop.time)
        async with service.agents.user_execution_scope(*IDS) as context:
            idle = await engines.create_for_user(context)
            busy = await engines.create_for_user(context)
            running = asyncio.ensure_future(busy.execute("sleeper", timeout=1_000.0))
            states = [idle.is_active]
            for seconds in (290.0, 100.0):
                await asyncio.sleep(seconds)
                states.append(idle.is_active)
            assert states == [True, True, False]
            assert busy.is_active
            assert engines.get_factory_metrics()["timeout_cleanups"] == 1
            running.cancel()
            await asyncio.wait((running,))

    with_service(work, EngineLimits(engine_timeout=300.0, cleanup_interval=60.0))


def test_an_engine_works_while_a_client_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(service: Service) -> None:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr("time.monotonic", loop.time)
        service.client.stall()
        async with (
            service.agents.user_execution_scope(*IDS) as context,
            service.engines.user_execution_scope(context) as engine,
        ):
            for number in range(256):  # with the one that is being sent, an outbox is full
                await context.websocket_emitter.notify_tool_completed("add", number)
            waiting = asyncio.ensure_future(engine.execute("adder"))
            await asyncio.sleep(8.0)
            assert not engine.running
            service.client.resume()
            assert await waiting == 0

    with_service(work, EngineLimits(engine_timeout=2.0, cleanup_interval=1.0))


@pytest.mark.parametrize("how", ["user", "engines", "agents"])
def test_an_agent_may_end_its_own_engine_in_any_way_and_waits_for_nothing_then(how: str) -> None:
    class Ending:
        async def execute(self, service: Service) -> str:
            if how == "user":
                assert await service.engines.cleanup_user_context("ada")
            elif how == "engines":
                await service.engines.shutdown()
            else:
                await service.agents.shutdown()
            return "done"

    async def work(service: Service) -> None:
        service.agents.class_registry = registry = type(service.agents.class_registry)()
        registry.register("ending", Ending)
        async with (
            service.agents.user_execution_scope(*IDS) as context,
            service.engines.user_execution_scope(context) as engine,
        ):
            assert await engine.execute("ending", service) == "done"
            assert not engine.is_active
        assert asyncio.get_running_loop().time() == 0.0

    with_service(work)


def test_finished_agents_do_not_wait_for_the_end_of_the_context() -> None:
    async def work(service: Service) -> None:
        async with service.agents.user_execution_scope(*IDS) as context:
            before = len(service.agents._contexts.lease_of(context).resources)
            for _ in range(3):
                async with service.engines.user_execution_scope(context) as engine:
                    await engine.execute("adder", 1)
            assert len(service.agents._contexts.lease_of(context).resources) == before == 0

    with_service(work)


def test_the_task_that_looks_for_idle_engines_remembers_nothing_of_a_request() -> None:
    class Secret:
        pass

    variable: contextvars.ContextVar[Secret] = contextvars.ContextVar("variable")

    async def request(service: Service) -> weakref.ref[Secret]:
        secret = Secret()
        variable.set(secret)
        await one_request(service)
        return weakref.ref(secret)

    async def work(service: Service) -> None:
        left = await asyncio.get_running_loop().create_task(request(service))
        await asyncio.sleep(1_000.0)  # the loop keeps the variables of a timer for its time
        assert service.engines.get_factory_metrics()["cleanup_task_running"]
        assert left() is None

    gc.disable()
    try:
        with_service(work)
    finally:
        gc.enable()


@pytest.mark.parametrize(("drain_timeout", "is_finished"), [(5.0, True), (0.0, False)])
def test_shutdown_lets_agents_end_by_themselves_for_a_while(
    drain_timeout: float, is_finished: bool
) -> None:
    async def work(service: Service) -> None:
        async with service.agents.user_execution_scope(*IDS) as context:
            engine = await service.engines.create_for_user(context)
            running = asyncio.ensure_future(engine.execute("adder", *range(20)))
            while not engine.running:
                await asyncio.sleep(0)
            await service.engines.shutdown(drain_timeout)
            if is_finished:
                assert await running == 190
            else:
                with pytest.raises(ContextClosedError):
                    await running
            with pytest.raises(NotConfiguredError, match="shut down"):
                await service.engines.create_for_user(context)
        assert not service.engines.get_factory_metrics()["cleanup_task_running"]
        await service.engines.shutdown()

    with_service(work)


class Application:
    """An application, or a request of one, as far as it is looked at."""

    def __init__(self, **state: Any) -> None:
        self.state = type("State", (), state)()


class Request:
    def __init__(self, app: Application) -> None:
        self.app = app
        self.state = type("State", (), {})()


@pytest.fixture
def _own_process() -> Iterator[None]:
    reset_agent_instance_factory()
    reset_execution_engine_factory()
    yield
    reset_agent_instance_factory()
    reset_execution_engine_factory()


@pytest.mark.usefixtures("_own_process")
def test_the_factory_of_the_application_comes_before_that_of_the_process() -> None:
    async def main() -> None:
        with pytest.raises(NotConfiguredError, match="execution_engine_factory"):
            await get_execution_engine_factory()
        of_process = await configure_execution_engine_factory(session_factory=Session)
        assert of_process.agent_factory is get_agent_instance_factory()
        of_app = ExecutionEngineFactory()
        app = Application(execution_engine_factory=of_app)
        for with_factory in (app, Request(app)):
            assert await get_execution_engine_factory(with_factory) is of_app
        for without in (None, Application(), Request(Application())):
            assert await get_execution_engine_factory(without) is of_process

    run_stepped(main())


@pytest.mark.usefixtures("_own_process")
def test_a_new_factory_of_the_process_shuts_the_former_one_down() -> None:
    async def main() -> None:
        former = await configure_execution_engine_factory(session_factory=Session)
        async with former.agent_factory.user_execution_scope(*IDS) as context:
            engine = await former.create_for_user(context)
            limits = EngineLimits(max_engines_per_user=1)
            factory = await configure_execution_engine_factory(limits=limits)
            assert not engine.is_active
            assert await get_execution_engine_factory() is factory
            assert factory.limits is limits
            async with factory.user_execution_scope(context):
                pass
        await factory.shutdown()

    run_stepped(main())
