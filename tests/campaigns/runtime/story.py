"""Users who ask at the same time, and everything that must hold when they are served."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from .people import Client, Eavesdropper, disordered, exposed, incomplete, misrouted, people
from .stepping import OWNER, DeadlockError, SteppedLoop, Strike

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .people import Person
    from .platforms import Platform

PEOPLE = people(3, runs=2)


class Ending(msgspec.Struct, frozen=True):
    """What came of a scenario.

    Args:
        problems: What must never be; empty if all is well.
        alive: By step, the numbers of the tasks that were alive before it.
        owners: By number of a task, the user on whose behalf it ran; empty for nobody.
        struck: Name of the task that was cancelled.
    """

    problems: tuple[str, ...]
    alive: tuple[tuple[int, ...], ...]
    owners: tuple[str, ...]
    struck: str | None


def play(
    make: Callable[[], Platform],
    *,
    seed: int | None = None,
    strike: Strike | None = None,
    everybody: Sequence[Person] = PEOPLE,
) -> Ending:
    """Let everybody ask, cancel what is to be cancelled, and look at everything."""
    loop = SteppedLoop(seed, strike)
    clients = [Client(person) for person in everybody]
    with Eavesdropper() as log:
        try:
            problems = loop.play(_story(make, clients, loop))
        except DeadlockError as deadlock:
            problems = [str(deadlock)]
    problems += loop.complaints
    for client in clients:
        problems += misrouted(client, everybody)
        problems += disordered(client)
    problems += exposed("the log", log.lines, everybody)
    owners = tuple(loop.owners)
    return Ending(tuple(problems), tuple(loop.alive), owners, loop.struck)


async def _story(
    make: Callable[[], Platform], clients: Sequence[Client], loop: SteppedLoop
) -> list[str]:
    platform = make()
    served = []
    for client in clients:
        OWNER.set(client.person.user)
        await platform.connect(client)
        served.append(asyncio.create_task(_serve(platform, client), name=client.person.user))
    OWNER.set("")
    endings = await asyncio.gather(*served, return_exceptions=True)
    problems = platform.leftovers()
    try:
        await platform.close()
    except asyncio.CancelledError:  # of a task that closing began
        await platform.close()
    problems += platform.leftovers()
    everybody = [client.person for client in clients]
    problems += exposed("the metrics", [platform.metrics()], everybody)
    for client, ending in zip(clients, endings, strict=True):
        if client.person.user != loop.struck_owner:
            problems += _unserved(client, ending)
    return problems


async def _serve(platform: Platform, client: Client) -> list[str | BaseException]:
    person = client.person
    runs = [asyncio.create_task(platform.run(person, run), name=run) for run in person.runs]
    return await asyncio.gather(*runs, return_exceptions=True)


def _unserved(client: Client, ending: list[str | BaseException] | BaseException) -> list[str]:
    """What a user has not got, though nothing of that user was cancelled."""
    if isinstance(ending, BaseException):
        return [f"{client.person.user} ended with {ending!r}"]
    problems = []
    for run, answer in zip(client.person.runs, ending, strict=True):
        if answer != client.person.token:
            kind = repr(answer) if isinstance(answer, BaseException) else "somebody's answer"
            problems.append(f"{run} ended with {kind}")
        problems += incomplete(client, run)
    return problems
