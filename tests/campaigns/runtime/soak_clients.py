"""The clients of the soak: each reads everything that it receives, and believes nothing."""

from __future__ import annotations

import asyncio
import re
from random import Random

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .soak_server import Order

_TOKEN = re.compile(r"token-[0-9a-f]{32}")


class Envelope(msgspec.Struct):
    """What a client has to know of a message."""

    type: str
    run_id: str
    user_id: str = ""
    thread_id: str = ""
    sequence: int = 0


class Tally(msgspec.Struct):
    """What the clients saw; counts of events, but for the last four.

    Args:
        received: Events that came to a client.
        misrouted: Of those, the ones of another user, thread, or run.
        exposed: Of those, the ones with another user's secret.
        lost: Never came to a client that stayed connected.
        repeated: Came twice.
        reordered: Came after a later one.
        swallowed: Were sent while their client was away, after it broke the connection itself.
        runs: Runs that were started.
        unfinished: Runs that were neither cancelled nor interrupted and had no last event.
        cancelled: Runs that were cancelled.
        disconnects: Connections that a client broke, half of them without a word.
        dropped: Connections that the server broke.
    """

    received: int = 0
    misrouted: int = 0
    exposed: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    swallowed: int = 0
    runs: int = 0
    unfinished: int = 0
    cancelled: int = 0
    disconnects: int = 0
    dropped: int = 0


class Run:
    """The events of a run, as they come in."""

    def __init__(self) -> None:
        self.last = 0
        self.missing: set[int] = set()
        self.was_away = False
        self.is_whole = True
        self.has_ended = False

    def take(self, sequence: int, tally: Tally) -> None:
        """Compare a number with those before."""
        if sequence in self.missing:
            self.missing.discard(sequence)
            tally.reordered += 1
            return
        if sequence <= self.last:
            tally.repeated += 1
            return
        gap = range(self.last + 1, sequence)
        if self.was_away:
            tally.swallowed += len(gap)
            self.was_away = False
        else:
            self.missing.update(gap)
        self.last = sequence


class Client:
    """A user in a browser: runs, cancels, leaves and comes back.

    Args:
        number: The user's number.
        address: Where the server is, as `ws://host:port`.
        tally: Counts for all clients.
        share: Of all runs, the part that is cancelled, and the part that ends in a disconnect.
        seed: For what is done when.
    """

    def __init__(self, number: int, address: str, tally: Tally, share: float, seed: int) -> None:
        self._user = f"user-{number:05}"
        self._thread = f"thread-{number:05}"
        self._address = f"{address}/{self._user}/{self._thread}"
        self._tally = tally
        self._share = share
        self._chance = Random(f"{seed} {number}")
        self._token = f"token-{self._chance.getrandbits(128):032x}"
        self.runs: dict[str, Run] = {}
        self._started = 0

    async def stay(self, until: int) -> None:
        """Run after run, until all clients together have received as many events."""
        while not self._is_over(until):
            try:
                async with connect(
                    self._address,
                    compression=None,
                    ping_interval=None,
                    open_timeout=120,
                    max_queue=None,
                ) as socket:
                    while not self._is_over(until) and await self._one_run(socket):
                        pass
            except ConnectionClosed:
                self._tally.dropped += 1
                self._was_away()

    def _is_over(self, until: int) -> bool:
        """Whether there is enough, or no hope that there will be."""
        return self._tally.received >= until or self._tally.unfinished >= _HOPELESS

    async def _one_run(self, socket: ClientConnection) -> bool:
        """Whether the connection is still there afterwards."""
        self._started += 1
        name = f"run-{self._user}-{self._started}"
        thoughts = self._chance.randrange(4, 17)
        will_cancel = self._chance.random() < self._share
        will_leave = self._chance.random() < self._share
        at = self._chance.randrange(thoughts)
        run = self.runs[name] = Run()
        run.is_whole = not will_cancel
        self._tally.runs += 1
        await self._order(socket, Order("run", name, self._token, thoughts))
        if will_cancel and at == 0:
            await self._cancel(socket, name)
        async for text in socket:
            message = self.take(str(text))
            if message.run_id != name:
                continue
            if message.type == "over":
                self.settle(name)
                return True
            if message.sequence == at and will_cancel:
                await self._cancel(socket, name)
            if message.sequence >= at and will_leave:
                await self._leave(socket)
                return False
        return False

    def take(self, text: str) -> Envelope:
        """Check a message: whose it is, what is in it, and its place."""
        message = msgspec.json.decode(text, type=Envelope)
        if message.type == "over":
            return message
        tally = self._tally
        tally.received += 1
        run = self.runs.get(message.run_id)
        if run is None or (message.user_id, message.thread_id) != (self._user, self._thread):
            tally.misrouted += 1
            return message
        if any(token != self._token for token in _TOKEN.findall(text)):
            tally.exposed += 1
        run.take(message.sequence, tally)
        run.has_ended = message.type == "agent_completed"
        return message

    async def _cancel(self, socket: ClientConnection, name: str) -> None:
        self._tally.cancelled += 1
        await self._order(socket, Order("cancel", name))

    async def _leave(self, socket: ClientConnection) -> None:
        self._tally.disconnects += 1
        if self._chance.random() < 0.5:
            socket.transport.abort()
        else:
            await socket.close()
        self._was_away()

    def _was_away(self) -> None:
        for run in self.runs.values():
            run.was_away = True
            run.is_whole = False

    def settle(self, name: str) -> None:
        """Settle what can no longer come, of this run and of those it was begun after."""
        run = self.runs[name]
        self._tally.unfinished += run.is_whole and not run.has_ended
        self._tally.lost += len(run.missing)
        run.missing.clear()
        if len(self.runs) > _REMEMBERED:
            forgotten = self.runs.pop(next(iter(self.runs)))
            self._tally.lost += len(forgotten.missing)

    async def _order(self, socket: ClientConnection, order: Order) -> None:
        await socket.send(msgspec.json.encode(order).decode())


# A run that its client left can go on for a while.
_REMEMBERED = 20
# So many runs that end without an event are no accident: the server answers nobody.
_HOPELESS = 1_000


async def visit(port: int, users: int, events: int, share: float, seed: int, tally: Tally) -> None:
    """All users at once, until they have received as many events together."""
    address = f"ws://127.0.0.1:{port}"
    clients = (Client(number, address, tally, share, seed) for number in range(users))
    await asyncio.gather(*(client.stay(events) for client in clients))
