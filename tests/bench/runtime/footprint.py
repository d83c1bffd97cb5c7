"""What a context costs in memory while it is there."""

from __future__ import annotations

import gc
import tracemalloc

from .application import Application, names


async def bytes_per_context(users: int) -> tuple[float, float]:
    """Bytes of a context with emitter and agent, and of the user's connection before that."""
    async with Application() as application:
        async with application.factory.user_execution_scope(*names(users)) as context:
            await application.factory.create_agent_instance("sleeper", context)
        tracemalloc.start()
        empty = _traced()
        application.connect(users)
        connected = _traced()
        contexts = [
            await application.factory.create_user_context(*names(number)) for number in range(users)
        ]
        for context in contexts:
            await application.factory.create_agent_instance("sleeper", context)
        full = _traced()
        tracemalloc.stop()
        for context in contexts:
            await application.factory.cleanup_user_context(context)
    return (full - connected) / users, (connected - empty) / users


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
