"""Real clients on real sockets: what each of a hundred users hears, and what they never do."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import struct
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import websockets
import websockets.sync.client

from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

from .server import served
from .service import ANSWERED, FAILED, PATIENCE_SECONDS, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from websockets.asyncio.client import ClientConnection

    from .server import Address

USERS = 100
RUNS = 2


@dataclass
class User:
    """One person with a browser: a secret, sockets, and everything that came through them."""

    name: str
    at: Address
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    received: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def socket(self, query: str = "", **options: Any) -> AsyncIterator[ClientConnection]:
        async with websockets.connect(
            f"{self.at.ws}/events{query}",
            additional_headers={"user": self.name},
            compression=None,
            open_timeout=PATIENCE_SECONDS,
            **options,
        ) as connected:
            yield connected

    async def hear(self, client: ClientConnection, runs: int) -> list[dict[str, Any]]:
        """The events of one socket until so many runs have ended."""
        events = []
        while runs:
            message = await asyncio.wait_for(client.recv(decode=False), PATIENCE_SECONDS)
            self.received.append(message)
            events.append(json.loads(message))
            runs -= events[-1]["type"] in ("agent_completed", "agent_error")
        return events

    async def ask(
        self, http: httpx.AsyncClient, thread: str = "main", *, fail: bool = False
    ) -> httpx.Response:
        response = await http.post(
            f"{self.at.http}/runs",
            headers={"user": self.name},
            json={
                "thread": thread,
                "run": f"run-{secrets.token_hex(8)}",
                "secret": self.secret,
                "fail": fail,
            },
        )
        self.received.append(response.content)
        return response


@contextmanager
def logged() -> Iterator[list[str]]:
    """Every log record of the runtime, and what servers log by default."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record) + repr(record.__dict__))

    handler = Keep()
    levels = {"": logging.WARNING, "ssot_migrate": logging.DEBUG, "uvicorn": logging.INFO}
    former = {name: logging.getLogger(name).level for name in levels}
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in former.items():
            logging.getLogger(name).setLevel(level)


def client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits)


def by_run(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    runs = defaultdict(list)
    for event in events:
        runs[event["run_id"]].append(event)
    return dict(runs)


def assert_whole(events: list[dict[str, Any]], expected: list[str]) -> None:
    """A run was told from its start to its end: in order, everything once."""
    assert [event["type"] for event in events] == expected
    assert [event["sequence"] for event in events] == list(range(1, len(expected) + 1))


@pytest.fixture
def service(sqlite_url: str) -> Service:
    return Service(sqlite_url)


def test_a_hundred_users_hear_of_their_own_runs_in_order_and_once(sqlite_url: str) -> None:
    """What their emitters work with goes from hand to hand: there are fewer than users."""
    pooled = FactoryPerformanceConfig(
        enable_emitter_pooling=True, pool_initial_size=2, pool_max_size=USERS // 2
    )
    service = Service(sqlite_url, performance=pooled)

    async def everyone(at: Address) -> tuple[list[User], str]:
        users = [User(f"user-{number}", at) for number in range(USERS)]

        async def use(user: User, http: httpx.AsyncClient) -> None:
            async with user.socket() as connected:
                events, *answers = await asyncio.gather(
                    user.hear(connected, RUNS),
                    *(user.ask(http, fail=number == 0) for number in range(RUNS)),
                )
            assert [answer.status_code for answer in answers] == [500, *[200] * (RUNS - 1)]
            assert {event["user_id"] for event in events} == {user.name}
            runs = by_run(events)
            assert len(runs) == RUNS
            for told in runs.values():
                assert_whole(told, FAILED if told[-1]["type"] == "agent_error" else ANSWERED)

        async with client() as http:
            await asyncio.gather(*(use(user, http) for user in users))
            metrics = await http.get(f"{at.http}/metrics")
        return users, metrics.text

    with logged() as lines, served(service.app) as at:
        users, metrics = asyncio.run(everyone(at))

    secret_of = {user.name: user.secret.encode() for user in users}
    for user in users:
        heard = b"\n".join(user.received)
        assert heard.count(secret_of[user.name]) >= RUNS * (len(ANSWERED) - 1)
        others = [name for name, secret in secret_of.items() if secret in heard]
        assert others == [user.name]
    elsewhere = "\n".join((metrics, *lines))
    assert lines
    assert not [user.name for user in users if user.secret in elsewhere]
    assert not [user.name for user in users if f'"{user.name}"' in metrics]

    counted = service.metrics.snapshot()
    for told in (Metric.WEBSOCKET_EVENTS_ACCEPTED, Metric.WEBSOCKET_EVENTS_SENT):
        assert counted.values[told] == USERS * RUNS * len(ANSWERED)
    assert counted.values[Metric.CROSS_USER_CONTAMINATION_EVENTS] == 0
    assert counted.websocket_event_accuracy == 1
    for left in (Metric.ACTIVE_CONTEXTS, Metric.ACTIVE_ENGINES, Metric.OPEN_CONNECTIONS):
        assert counted.values[left] == 0
    assert counted.values[Metric.CONTEXT_CLEANUP_ERRORS] == 0


def test_two_sockets_of_a_user_hear_the_same(service: Service) -> None:
    async def story(at: Address) -> None:
        user = User("alice", at)
        async with client() as http, user.socket() as phone, user.socket() as laptop:
            await user.ask(http)
            on_phone, on_laptop = await user.hear(phone, 1), await user.hear(laptop, 1)
        assert on_phone == on_laptop
        assert_whole(on_phone, ANSWERED)

    with served(service.app) as at:
        asyncio.run(story(at))


def test_a_socket_may_be_for_one_conversation(service: Service) -> None:
    async def story(at: Address) -> None:
        user = User("alice", at)
        async with client() as http, user.socket("?thread=work") as work:
            await user.ask(http, "private")
            await user.ask(http, "work")
            assert {event["thread_id"] for event in await user.hear(work, 1)} == {"work"}

    with served(service.app) as at:
        asyncio.run(story(at))


def test_who_is_unknown_is_refused_before_the_socket_opens(service: Service) -> None:
    async def story(at: Address) -> None:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"{at.ws}/events")
        assert refused.value.response.status_code == 403
        assert not service.connections.open_connections()

    with served(service.app) as at:
        asyncio.run(story(at))


def test_one_socket_too_many_is_told_to_try_again_later(service: Service) -> None:
    async def story(at: Address) -> None:
        user, other = User("alice", at), User("berta", at)
        async with AsyncExitStack() as sockets, client() as http:
            mine = [await sockets.enter_async_context(user.socket()) for _ in range(20)]
            async with user.socket() as refused:
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await refused.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
            theirs = await sockets.enter_async_context(other.socket())
            for someone, connected in ((user, mine[0]), (other, theirs)):
                await someone.ask(http)
                assert_whole(await someone.hear(connected, 1), ANSWERED)

    with served(service.app) as at:
        asyncio.run(story(at))


def test_what_a_client_says_changes_nothing(service: Service) -> None:
    async def story(at: Address) -> None:
        user, other = User("alice", at), User("berta", at)
        async with client() as http, user.socket() as mine, other.socket() as theirs:
            await theirs.send("ping")
            await theirs.send(json.dumps({"user_id": "alice", "subscribe": "alice"}))
            await theirs.send(b"\x00" * 1000)
            await asyncio.wait_for(await theirs.ping(), PATIENCE_SECONDS)
            await user.ask(http)
            await other.ask(http)
            assert {event["user_id"] for event in await other.hear(theirs, 1)} == {"berta"}
            assert {event["user_id"] for event in await user.hear(mine, 1)} == {"alice"}

    with served(service.app) as at:
        asyncio.run(story(at))


def test_after_a_reconnect_nothing_is_replayed_and_nothing_is_missed_from_then_on(
    service: Service,
) -> None:
    async def story(at: Address) -> None:
        user = User("alice", at)
        async with client() as http:
            async with user.socket() as first:
                await user.ask(http)
                before = await user.hear(first, 1)
            assert (await user.ask(http)).status_code == 200
            async with user.socket() as second:
                await user.ask(http)
                after = await user.hear(second, 1)
        assert_whole(before, ANSWERED)
        assert_whole(after, ANSWERED)
        assert set(by_run(before)).isdisjoint(by_run(after))

    with served(service.app) as at:
        asyncio.run(story(at))


def test_a_client_that_vanishes_takes_nothing_with_it(service: Service) -> None:
    """Its machine resets the connection in the middle of a run; all runs go on."""

    async def story(at: Address) -> None:
        user, other = User("alice", at), User("berta", at)
        async with client() as http, other.socket() as theirs, user.socket() as gone:
            asked = [asyncio.create_task(user.ask(http)) for _ in range(RUNS)]
            await gone.recv()
            reset(gone.transport.get_extra_info("socket"))
            gone.transport.abort()
            heard, _ = await asyncio.gather(other.hear(theirs, 1), other.ask(http))
            answers = await asyncio.gather(*asked)
        assert [answer.status_code for answer in answers] == [200] * RUNS
        assert_whole(heard, ANSWERED)

    with served(service.app) as at:
        asyncio.run(story(at))
    counted = service.metrics.snapshot().values
    assert counted[Metric.OPEN_CONNECTIONS] == counted[Metric.ACTIVE_CONTEXTS] == 0


def test_a_client_that_does_not_read_slows_nobody_but_itself(sqlite_url: str) -> None:
    """Its outbox fills, it is dropped in the end, and all the while others hear everything."""
    service = Service(sqlite_url, outbox_size=8, send_timeout=0.5)

    async def story(at: Address) -> None:
        slow, other = User("alice", at), User("berta", at)
        slow.secret *= 20_000
        async with client() as http, other.socket() as theirs:
            stuck = await deaf_client(slow)
            asked = asyncio.create_task(slow.ask(http))
            for _ in range(RUNS):
                heard, answer = await asyncio.gather(other.hear(theirs, 1), other.ask(http))
                assert_whole(heard, ANSWERED)
                assert answer.status_code == 200
            assert (await asked).status_code == 200
            while service.connections.for_run("alice", "main"):
                await asyncio.sleep(0.02)
            reset(stuck)
            stuck.close()

    with served(service.app) as at:
        asyncio.run(asyncio.wait_for(story(at), PATIENCE_SECONDS))
    counted = service.metrics.snapshot().values
    assert counted[Metric.WEBSOCKET_EVENTS_LOST] > 0
    assert counted[Metric.OPEN_CONNECTIONS] == counted[Metric.ACTIVE_CONTEXTS] == 0


def test_a_shutdown_closes_sockets(service: Service) -> None:
    with served(service.app) as at:
        connected = websockets.sync.client.connect(
            f"{at.ws}/events", additional_headers={"user": "alice"}
        )
    with connected, pytest.raises(websockets.ConnectionClosed) as closed:
        connected.recv(PATIENCE_SECONDS)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert not service.connections.open_connections()


async def deaf_client(user: User) -> socket.socket:
    """Open a socket by hand, with as little room as the system allows, and never read from it."""
    host, port = user.at.ws.removeprefix("ws://").split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET /events HTTP/1.1\r\nHost: {host}\r\nUser: {user.name}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    assert raw.recv(12) == b"HTTP/1.1 101"
    return raw


def reset(raw: socket.socket) -> None:
    """Let the client's machine vanish when it closes: the server gets a reset, and no goodbye."""
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
