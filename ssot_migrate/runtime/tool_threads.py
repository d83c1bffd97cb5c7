"""The threads of tools that are no coroutine functions, so many for each user."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ssot_migrate.runtime.errors import ConfigurationError
from ssot_migrate.runtime.limits import UserSlots

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")

_THREADS = 64


class ToolThreads:
    """Runs functions in threads; a user who has as many as allowed waits in line.

    Nobody can stop a thread. It counts until its function returns, although whoever called it was
    cancelled, so that calls that are given up do not take all threads from everybody.

    It belongs to the event loop that uses it.

    Args:
        executor: Has the threads, and is shut down by whoever made it; one of its own, with 64
            threads, where it is left out. Never the loop's, in which names of hosts are looked up.
        per_user: How many threads a user may have at a time.

    Raises:
        ConfigurationError: `per_user` is less than 1.
    """

    __slots__ = ("_executor", "_slots")

    def __init__(self, executor: ThreadPoolExecutor | None = None, *, per_user: int = 4) -> None:
        if per_user < 1:
            raise ConfigurationError(f"per_user must be at least 1, not {per_user}")
        self._executor = executor or ThreadPoolExecutor(_THREADS, thread_name_prefix="tool")
        self._slots = UserSlots(per_user)

    async def run(self, user_id: str, function: Callable[[], T]) -> T:
        """Call a function in a thread of the user's, with a copy of the context variables.

        Raises:
            RuntimeError: The executor was shut down. What the function raises comes out unchanged.
        """
        await self._slots.acquire(user_id, None)
        try:
            running = self._executor.submit(copy_context().run, function)
        except BaseException:
            self._slots.release(user_id)
            raise
        running.add_done_callback(partial(self._release, user_id, asyncio.get_running_loop()))
        return await asyncio.wrap_future(running)

    def _release(self, user_id: str, loop: asyncio.AbstractEventLoop, _: Future[T]) -> None:
        try:
            loop.call_soon_threadsafe(self._slots.release, user_id)
        except RuntimeError:  # the loop has ended, and with it all who waited
            self._slots.release(user_id)
