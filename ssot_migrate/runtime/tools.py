"""Tools, called on behalf of one user."""

from __future__ import annotations

import logging
import time
from contextlib import asynccontextmanager, suppress
from functools import partial
from inspect import isawaitable, iscoroutinefunction, signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.context import validate_user_context
from ssot_migrate.runtime.errors import (
    ConfigurationError,
    ContextClosedError,
    StaleEmitterError,
    ToolNotFoundError,
    ToolPermissionError,
)
from ssot_migrate.runtime.tool_threads import ToolThreads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter

    Tool = Callable[..., Any]
    Permission = Callable[[UserExecutionContext, str, Mapping[str, Any]], bool | Awaitable[bool]]

_log = logging.getLogger(__name__)

_CONTEXT = "context"


class UnifiedToolDispatcher:
    """Calls tools for one context, and tells the context's user.

    It believes the context that it is given, as a test would make one: agents get theirs from the
    agent factory, which makes it for contexts that are open.

    Args:
        context: Whom the tools are called for.
        tools: The tools by their names.
        permission: Says whether the user may call a tool with these parameters. Only `True` does,
            or an awaitable of it; an exception forbids as well.
        emitter: Where the user is told; the context's emitter where it is left out.
        threads: Runs tools that are no coroutine functions; threads of its own where left out.

    Raises:
        TypeError: `context` is no context.
        IsolationError: The emitter was made for another user, thread or run.
    """

    __slots__ = (
        *("__weakref__", "_context", "_counts", "_emitter", "_permission", "_threads", "_tools"),
    )

    def __init__(
        self,
        context: UserExecutionContext,
        tools: Mapping[str, Tool],
        *,
        permission: Permission | None = None,
        emitter: UserWebSocketEmitter | None = None,
        threads: ToolThreads | None = None,
    ) -> None:
        self._context: UserExecutionContext | None = validate_user_context(context)
        self._tools = MappingProxyType(dict(tools))
        self._permission = permission
        self._threads = ToolThreads() if threads is None else threads
        if emitter is None:
            emitter = context.websocket_emitter
        else:
            emitter.check_bound_to(context.user_id, context.thread_id, context.run_id)
        self._emitter: UserWebSocketEmitter | None = emitter
        self._counts = dict.fromkeys(("dispatched", "succeeded", "failed", "denied"), 0)

    async def dispatch(self, tool_name: str, /, **parameters: Any) -> Any:
        """Call a tool and give back what it returns; what it raises comes out unchanged.

        A tool with a parameter `context` is given the context of this dispatcher, and no other.

        A tool that is no coroutine function runs in a thread, with a copy of the context variables;
        a cancellation does not stop it, but nobody waits for it any more.

        Raises:
            ContextClosedError: The dispatcher was closed.
            ToolNotFoundError: There is no such tool.
            TypeError: The parameters hold a context, which the tool is to have of the dispatcher.
            ToolPermissionError: The user may not call it, or not so.
            RuntimeError: The tool wants to end the process, as `sys.exit` does.
            StaleEmitterError: The context has ended.
        """
        context = self._open_context()
        tool = self._tools.get(tool_name)
        if tool is None:
            raise ToolNotFoundError(
                f"no tool {tool_name!r}; there is: {', '.join(self.list_tools()) or 'none'}"
            )
        takes_context = _takes_context(tool)
        if takes_context and _CONTEXT in parameters:
            raise TypeError(f"{tool_name!r} is given its context by the dispatcher alone")
        await self._check_permission(context, tool_name, parameters)
        self._counts["dispatched"] += 1
        if self._emitter is not None:
            await self._emitter.notify_tool_executing(tool_name, parameters)
        started = time.perf_counter()
        try:
            given = {_CONTEXT: context} if takes_context else {}
            result = await self._call(context.user_id, partial(tool, **parameters, **given), tool)
        except Exception as error:
            self._counts["failed"] += 1
            await self._completed(tool_name, started, error=type(error).__name__)
            raise
        self._counts["succeeded"] += 1
        await self._completed(tool_name, started, result)
        return result

    def has_tool(self, tool_name: str) -> bool:
        """Whether there is such a tool."""
        return tool_name in self._tools

    def list_tools(self) -> list[str]:
        """The names of all tools, sorted."""
        return sorted(self._tools)

    def get_metrics(self) -> dict[str, int]:
        """How many calls began, how many of them ended well and how many badly; how many denied."""
        return dict(self._counts)

    async def close(self) -> None:
        """Call nothing any more; again does nothing."""
        self._context = self._emitter = self._permission = None
        self._tools = MappingProxyType({})

    def _open_context(self) -> UserExecutionContext:
        if self._context is None:
            raise ContextClosedError("the tool dispatcher was closed")
        return self._context

    async def _check_permission(
        self, context: UserExecutionContext, tool_name: str, parameters: Mapping[str, Any]
    ) -> None:
        if self._permission is None:
            return
        try:
            answer = self._permission(context, tool_name, MappingProxyType(parameters))
            if isawaitable(answer):
                answer = await answer
        except Exception as error:
            _log.warning("permission for %s: %s", tool_name, type(error).__qualname__)
            answer = False
        self._open_context()
        if answer is not True:
            self._counts["denied"] += 1
            await self._completed(tool_name, error=ToolPermissionError.__name__)
            raise ToolPermissionError(f"the user may not call {tool_name!r} with these parameters")

    async def _call(self, user_id: str, call: Callable[[], Any], tool: Tool) -> Any:
        try:
            if iscoroutinefunction(tool) or iscoroutinefunction(type(tool).__call__):
                return await call()
            result = await self._threads.run(user_id, partial(_call_in_thread, call))
            return await result if isawaitable(result) else result
        except SystemExit as error:  # one user's tool does not end the process of all
            raise RuntimeError("the tool raised SystemExit") from error

    async def _completed(
        self,
        tool_name: str,
        started: float | None = None,
        result: object = None,
        error: str | None = None,
    ) -> None:
        """Tell the user, unless the context ended meanwhile: what the tool did counts more."""
        if self._emitter is not None:
            milliseconds = None if started is None else (time.perf_counter() - started) * 1000
            with suppress(StaleEmitterError):
                await self._emitter.notify_tool_completed(
                    tool_name, result, milliseconds, error=error
                )


class UnifiedToolDispatcherFactory:
    """Makes a dispatcher for each request.

    Args:
        tools: The tools by their names, copied here. All users share them.
        permission: As of `UnifiedToolDispatcher`.
        threads: Runs the tools that are no coroutine functions, of all users; with its defaults
            where it is left out.

    Raises:
        ConfigurationError: A name is no name, or a tool cannot be called.
    """

    __slots__ = ("_permission", "_threads", "_tools")

    def __init__(
        self,
        tools: Mapping[str, Tool],
        *,
        permission: Permission | None = None,
        threads: ToolThreads | None = None,
    ) -> None:
        for name, tool in tools.items():
            if not name.strip() or not callable(tool):
                raise ConfigurationError(f"{name!r} is no name, or what it names cannot be called")
        self._tools = MappingProxyType(dict(tools))
        self._permission = permission
        self._threads = ToolThreads() if threads is None else threads

    def create_for_request(self, context: UserExecutionContext) -> UnifiedToolDispatcher:
        """Make the dispatcher of a request; whoever asks for it closes it.

        Raises:
            TypeError: `context` is no context.
        """
        return UnifiedToolDispatcher(
            context, self._tools, permission=self._permission, threads=self._threads
        )

    @asynccontextmanager
    async def create_scoped(
        self, context: UserExecutionContext
    ) -> AsyncIterator[UnifiedToolDispatcher]:
        """Make the dispatcher of a request, and close it however the body ends.

        Raises:
            TypeError: `context` is no context.
        """
        dispatcher = self.create_for_request(context)
        try:
            yield dispatcher
        finally:
            await dispatcher.close()


def _takes_context(tool: Tool) -> bool:
    try:
        parameter = signature(tool).parameters.get(_CONTEXT)
    except (TypeError, ValueError):  # one that is written in C
        return False
    return parameter is not None and parameter.kind in (
        parameter.POSITIONAL_OR_KEYWORD,
        parameter.KEYWORD_ONLY,
    )


def _call_in_thread(call: Callable[[], Any]) -> Any:
    """Call a tool; a thread hands on exceptions only, and a future no `StopIteration`."""
    try:
        return call()
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, StopIteration):
            raise
        raise RuntimeError(f"the tool raised {type(error).__name__}") from error
