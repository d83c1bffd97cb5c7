"""Tools are called for one user, who is told, and only if the user may."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.context import UserExecutionContext
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.errors import (
    ConfigurationError,
    ContextClosedError,
    IsolationError,
    StaleEmitterError,
    ToolNotFoundError,
    ToolPermissionError,
)
from ssot_migrate.runtime.tool_threads import ToolThreads
from ssot_migrate.runtime.tools import UnifiedToolDispatcher, UnifiedToolDispatcherFactory

from .service import Failure, add, open_service
from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .service import Service

IDS = ("ada", "thread-1", "run-1")
CONTEXT = UserExecutionContext(*IDS)
VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE")


async def fail(**_: Any) -> None:
    raise Failure("secret payload")


def dispatch(tool: Callable[..., Any], **parameters: Any) -> Any:
    """Call a tool with nobody to tell, in a loop that may wait for threads."""
    return asyncio.run(
        UnifiedToolDispatcher(CONTEXT, {"tool": tool}).dispatch("tool", **parameters)
    )


def with_dispatcher(
    work: Callable[[UnifiedToolDispatcher, Service], Awaitable[None]], **tools: Any
) -> None:
    """Do `work` with a dispatcher of a live context, and a client that listens."""

    async def main() -> None:
        async with (
            open_service() as service,
            service.agents.user_execution_scope(*IDS) as context,
            UnifiedToolDispatcherFactory(tools).create_scoped(context) as dispatcher,
        ):
            await work(dispatcher, service)

    run_stepped(main())


def test_the_emitter_of_another_user_is_refused() -> None:
    other = UserWebSocketEmitter("bob", "thread-2", "run-2", None)
    with pytest.raises(IsolationError) as caught:
        UnifiedToolDispatcher(CONTEXT, {"add": add}, emitter=other)
    assert "bob" not in str(caught.value)


def test_the_user_is_told_what_is_called_and_what_comes_of_it() -> None:
    async def work(dispatcher: UnifiedToolDispatcher, service: Service) -> None:
        assert await dispatcher.dispatch("add", a=2, b=3) == 5
        with pytest.raises(Failure):
            await dispatcher.dispatch("fail", why="no reason")
        await service.connections.shutdown()
        events = [(event["type"], event["data"]) for event in service.client.received]
        for _, data in events:
            data.pop("execution_time_ms", None)
        assert events == [
            ("tool_executing", {"tool_name": "add", "parameters": {"a": 2, "b": 3}}),
            ("tool_completed", {"tool_name": "add", "result": 5}),
            ("tool_executing", {"tool_name": "fail", "parameters": {"why": "no reason"}}),
            ("tool_completed", {"tool_name": "fail", "error": "Failure"}),
        ]

    with_dispatcher(work, add=add, fail=fail)


def test_what_a_tool_raises_comes_out_unchanged() -> None:
    problem = Failure()

    def fail_in_thread() -> None:
        raise problem

    with pytest.raises(Failure) as caught:
        dispatch(fail_in_thread)
    assert caught.value is problem


@pytest.mark.parametrize(
    "kind", [StopIteration, SystemExit, KeyboardInterrupt, asyncio.CancelledError]
)
def test_a_tool_in_a_thread_neither_hangs_nor_ends_the_process(kind: type[BaseException]) -> None:
    def stop() -> None:
        raise kind

    with pytest.raises(RuntimeError, match=f"the tool raised {kind.__name__}"):
        dispatch(stop)


def test_nor_does_one_that_is_a_coroutine_function_end_the_process() -> None:
    async def leave() -> None:
        sys.exit(3)

    with pytest.raises(RuntimeError, match="the tool raised SystemExit"):
        dispatch(leave)


def test_threads_of_tools_that_were_given_up_are_their_users_alone() -> None:
    goes_on = threading.Event()
    factory = UnifiedToolDispatcherFactory(
        {"block": goes_on.wait, "quick": lambda: 1},
        threads=ToolThreads(ThreadPoolExecutor(3), per_user=2),
    )

    async def main() -> None:
        ada = factory.create_for_request(CONTEXT)
        bob = factory.create_for_request(UserExecutionContext("bob", "thread-1", "run-2"))
        blocking = [asyncio.ensure_future(ada.dispatch("block")) for _ in range(5)]
        await asyncio.sleep(0.01)
        for one in blocking:
            one.cancel()
        await asyncio.wait(blocking)
        assert await bob.dispatch("quick") == 1
        waiting = asyncio.ensure_future(ada.dispatch("quick"))
        assert await bob.dispatch("quick") == 1
        assert not waiting.done()
        goes_on.set()
        assert await waiting == 1

    try:
        asyncio.run(asyncio.wait_for(main(), 30))
    finally:
        goes_on.set()


def test_a_thread_comes_back_though_the_loop_that_waited_for_it_has_ended() -> None:
    goes_on = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        threads = ToolThreads(executor, per_user=1)

        async def give_up() -> None:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(threads.run("ada", goes_on.wait), 0.01)

        asyncio.run(give_up())
        goes_on.set()
    with pytest.raises(RuntimeError, match="shutdown"):
        asyncio.run(asyncio.wait_for(threads.run("ada", goes_on.wait), 30))
    with pytest.raises(ConfigurationError, match="per_user"):
        ToolThreads(per_user=0)


def test_a_tool_that_asks_for_the_context_gets_that_of_its_dispatcher_and_no_other() -> None:
    def whose(context: UserExecutionContext, question: str) -> tuple[str, str]:
        return context.user_id, question

    assert dispatch(whose, question="who?") == ("ada", "who?")
    forged = UserExecutionContext("bob", "thread-1", "run-2")
    with pytest.raises(TypeError, match="given its context by the dispatcher alone"):
        dispatch(whose, question="who?", context=forged)


def test_a_tool_that_fails_one_that_says_so_and_one_that_is_denied_are_told_apart() -> None:
    async def say_so() -> dict[str, str]:
        return {"error": "Failure"}

    async def main() -> None:
        async with (
            open_service() as service,
            service.agents.user_execution_scope(*IDS) as context,
        ):
            dispatcher = UnifiedToolDispatcher(
                context,
                {"fail": fail, "say_so": say_so, "add": add},
                permission=lambda _, tool, __: tool != "add",
            )
            with pytest.raises(Failure):
                await dispatcher.dispatch("fail")
            await dispatcher.dispatch("say_so")
            with pytest.raises(ToolPermissionError):
                await dispatcher.dispatch("add", a=1, b=2)
            await service.connections.shutdown()
        told = [event["data"] for event in service.client.received]
        assert [
            (one.get("result"), one.get("error")) for one in told if "parameters" not in one
        ] == [
            (None, "Failure"),
            ({"error": "Failure"}, None),
            (None, "ToolPermissionError"),
        ]

    run_stepped(main())


def test_a_plain_function_runs_in_a_thread_with_a_copy_of_the_context_variables() -> None:
    def look() -> tuple[str, int]:
        seen = VARIABLE.get()
        VARIABLE.set("changed")
        return seen, threading.get_ident()

    async def main() -> None:
        VARIABLE.set("mine")
        dispatcher = UnifiedToolDispatcher(CONTEXT, {"look": look})
        seen, thread = await dispatcher.dispatch("look")
        assert seen == "mine"
        assert thread != threading.get_ident()
        assert VARIABLE.get() == "mine"

    contextvars.Context().run(asyncio.run, main())


class Callable_:  # noqa: N801
    async def __call__(self, a: int, b: int) -> int:
        assert threading.current_thread() is threading.main_thread()
        return a + b


@pytest.mark.parametrize(
    "tool",
    [add, partial(add), Callable_(), Callable_().__call__, lambda a, b: add(a, b), int.__add__],
    ids=["function", "partial", "object", "method", "lambda", "plain"],
)
def test_tools_of_every_kind(tool: Callable[..., Any]) -> None:
    if tool is int.__add__:
        tool = lambda a, b: a + b  # noqa: E731
    assert dispatch(tool, a=2, b=3) == 5


def test_a_parameter_may_have_any_name() -> None:
    def echo(**parameters: Any) -> Any:
        return parameters

    names = {"tool_name": 1, "self": 2, "func": 3, "parameters": 4}
    assert dispatch(echo, **names) == names


def test_a_tool_that_is_not_there() -> None:
    dispatcher = UnifiedToolDispatcher(CONTEXT, {"add": add})
    assert dispatcher.has_tool("add")
    assert not dispatcher.has_tool("sub")
    assert dispatcher.list_tools() == ["add"]
    with pytest.raises(ToolNotFoundError, match="no tool 'sub'; there is: add"):
        asyncio.run(dispatcher.dispatch("sub"))


def _raise(*_: Any) -> bool:
    raise Failure("secret payload")


async def _later(answer: Any) -> Any:
    return answer


@pytest.mark.parametrize(
    ("permission", "is_allowed"),
    [
        (lambda *_: True, True),
        (lambda *_: _later(True), True),
        (lambda *_: False, False),
        (lambda *_: _later(False), False),
        (lambda *_: None, False),
        (lambda *_: "yes", False),
        (lambda *_: _later("yes"), False),
        (_raise, False),
    ],
)
def test_only_true_is_a_permission(permission: Any, is_allowed: bool) -> None:
    called = []

    async def tool() -> None:
        called.append(True)

    async def main() -> None:
        dispatcher = UnifiedToolDispatcher(CONTEXT, {"tool": tool}, permission=permission)
        if is_allowed:
            await dispatcher.dispatch("tool")
        else:
            with pytest.raises(ToolPermissionError, match="'tool'") as caught:
                await dispatcher.dispatch("tool")
            assert "secret" not in str(caught.value)
        counts = dispatcher.get_metrics()
        assert (counts["succeeded"], counts["denied"]) == (is_allowed, not is_allowed)

    run_stepped(main())
    assert bool(called) is is_allowed


def test_a_permission_is_asked_for_whom_what_and_how_and_cannot_change_it() -> None:
    asked = []

    def permission(
        context: UserExecutionContext, tool_name: str, parameters: Mapping[str, Any]
    ) -> bool:
        asked.append((context, tool_name, dict(parameters)))
        with pytest.raises(TypeError):
            parameters["a"] = 1  # type: ignore[index]
        return True

    factory = UnifiedToolDispatcherFactory({"add": add}, permission=permission)
    assert asyncio.run(factory.create_for_request(CONTEXT).dispatch("add", a=2, b=3)) == 5
    assert asked == [(CONTEXT, "add", {"a": 2, "b": 3})]


def test_no_tool_is_called_for_a_context_that_has_ended() -> None:
    async def work(dispatcher: UnifiedToolDispatcher, service: Service) -> None:
        await service.agents.cleanup_inactive_contexts(0)
        with pytest.raises(StaleEmitterError):
            await dispatcher.dispatch("add", a=1, b=2)
        assert dispatcher.get_metrics()["succeeded"] == 0
        await dispatcher.close()
        with pytest.raises(ContextClosedError):
            await dispatcher.dispatch("add", a=1, b=2)

    with_dispatcher(work, add=add)


def test_what_a_tool_did_is_not_lost_where_the_context_ends_meanwhile() -> None:
    async def work(dispatcher: UnifiedToolDispatcher, service: Service) -> None:
        async def end_all() -> int:
            return await service.agents.cleanup_inactive_contexts(0)

        async with service.agents.user_execution_scope("ada", "thread-1", "run-2") as context:
            other = UnifiedToolDispatcher(context, {"end_all": end_all})
            assert await other.dispatch("end_all") == 2

    with_dispatcher(work)


def test_tools_cannot_be_added_behind_the_factory_s_back() -> None:
    tools: dict[str, Any] = {"add": add}
    factory = UnifiedToolDispatcherFactory(tools)
    tools["sub"] = add
    assert factory.create_for_request(CONTEXT).list_tools() == ["add"]


@pytest.mark.parametrize(
    "tools",
    [{"": add}, {" ": add}, {"add": "add"}],
    ids=["without a name", "with a blank one", "that cannot be called"],
)
def test_what_is_no_tool_is_refused(tools: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        UnifiedToolDispatcherFactory(tools)


def test_a_dispatcher_needs_a_context() -> None:
    with pytest.raises(TypeError, match="UserExecutionContext"):
        UnifiedToolDispatcher("ada", {})  # type: ignore[arg-type]


def test_a_call_that_is_cancelled_leaves_nothing_open() -> None:
    async def work(service: Service) -> None:
        async with (
            service.agents.user_execution_scope(*IDS) as context,
            UnifiedToolDispatcherFactory({"add": add}).create_scoped(context) as dispatcher,
        ):
            assert await dispatcher.dispatch("add", a=1, b=2) == 3

    assert sweep(open_service, work) > 5
