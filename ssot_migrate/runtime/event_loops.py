"""What belongs to one event loop is refused to others: there, nobody would be woken up."""

from __future__ import annotations

import asyncio

from ssot_migrate.runtime.errors import WrongLoopError


def check_loop(home: asyncio.AbstractEventLoop, what: str) -> None:
    """Make sure that the running event loop is the one that something belongs to.

    Args:
        home: The loop it belongs to.
        what: What it is, for the message.

    Raises:
        WrongLoopError: Another loop runs in this thread, or none.
    """
    try:
        here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    if here is not home:
        raise WrongLoopError(
            f"{what} belongs to another event loop; from a thread, reach it by"
            " asyncio.run_coroutine_threadsafe(..., loop)"
        )
