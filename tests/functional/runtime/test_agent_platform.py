"""The demonstration application served before and after its migration, called by one client."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pytest

from ..process import PATIENCE_SECONDS, PROJECT, clean_environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("uvicorn")
pytest.importorskip("websockets")
pytest.importorskip("httpx")
pytest.importorskip("sqlalchemy")

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

FIXTURE = PROJECT / "fixtures" / "agent_platform"
ADDRESS = re.compile(r"Uvicorn running on (http://\S+)")
RUNS_OF_A_TOUR = 5  # /agents/batch has two messages, and /admin/announce runs no agent
PACKAGE = "agent_platform"
RUNS = 2
LEAK = 1
NO_LEAK = 0

Inbox: TypeAlias = dict[str, list[Any]]


class Crowd(NamedTuple):
    """What each of many users received, and which of their runs were written down."""

    inboxes: dict[str, Inbox]
    rows: list[tuple[str, str]]


@contextmanager
def serving(
    version: str | Path,
    folder: Path,
    database: str | None = None,
    told: signal.Signals = signal.SIGTERM,
) -> Iterator[str]:
    """Serve one version of the application on a free port; the address it listens on."""
    database = database or f"sqlite+aiosqlite:///{folder / 'platform.db'}"
    log = folder / "service.log"
    with log.open("w") as output:
        service = subprocess.Popen(
            (sys.executable, "-m", "agent_platform", "--port", "0"),
            cwd=FIXTURE / version,
            env=clean_environment(PYTHONDONTWRITEBYTECODE="1", AGENT_PLATFORM_DATABASE=database),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield address_in(log, service)
    finally:
        service.send_signal(told)
        service.wait(PATIENCE_SECONDS)
    # Uvicorn ends by the SIGTERM that it was sent, once all is done.
    assert service.returncode == (0 if told is signal.SIGINT else -told)
    assert "Traceback" not in log.read_text(), log.read_text()


def address_in(log: Path, service: subprocess.Popen[bytes]) -> str:
    """The address that a service writes to its log once it listens."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up and service.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("before", tmp_path_factory.mktemp("before")) as url:
        yield url


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("after", tmp_path_factory.mktemp("after")) as url:
        yield url


@pytest.fixture(scope="module")
def alone_before(before: str) -> Inbox:
    return alone(before)


@pytest.fixture(scope="module")
def alone_after(after: str) -> Inbox:
    return alone(after)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """What twelve users at once received after the migration, and what the service wrote."""
    folder = tmp_path_factory.mktemp(request.param)
    database = f"sqlite+aiosqlite:///{folder / 'platform.db'}"
    if request.param == "postgres":
        database = request.getfixturevalue("postgres_url")
    asyncio.run(forget_runs(database))
    with serving("after", folder, database) as url:
        inboxes = visit(url, "--users", "12", "--runs", str(RUNS), code=NO_LEAK)
    return Crowd(inboxes, asyncio.run(finished_runs(database)))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `before` after safe edits, what a person does, and unsafe edits."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    folder = tmp_path_factory.mktemp("story") / "app"
    shutil.copytree(FIXTURE / "before", folder, ignore=ignored)
    assert run("apply", "--force", "--exit-zero", cwd=folder).code == 0
    subprocess.run(
        ("git", "apply", FIXTURE / "by_hand.patch"),
        cwd=folder,
        env=clean_environment(GIT_CEILING_DIRECTORIES=str(folder.parent)),
        check=True,
    )
    assert run("apply", "--unsafe", "--force", "--exit-zero", cwd=folder).code == 0
    return folder


def alone(url: str) -> Inbox:
    """What a user receives whom nobody else disturbs."""
    (inbox,) = visit(url, "--users", "1", "--runs", str(RUNS), code=NO_LEAK).values()
    return inbox


def visit(url: str, *options: str, code: int) -> dict[str, Inbox]:
    """Run the client; events and foreignness of each user."""
    done = subprocess.run(
        (sys.executable, FIXTURE / "client.py", "--url", url, "--json", *options),
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, "")
    inboxes: dict[str, Inbox] = json.loads(done.stdout)
    return inboxes


def test_users_at_once_receive_events_of_each_other_before(before: str) -> None:
    inboxes = visit(before, "--users", "8", "--runs", "4", code=LEAK)
    assert any(any(inbox["foreign"]) for inbox in inboxes.values())


def test_users_at_once_receive_only_their_own_events_after(crowd: Crowd) -> None:
    assert len(crowd.inboxes) == 12
    assert not any(any(inbox["foreign"]) for inbox in crowd.inboxes.values())
    assert len(crowd.rows) == 12 * RUNS * RUNS_OF_A_TOUR
    for user_id, result in crowd.rows:
        assert set(re.findall(r"of (user-\d+)\b", result)) == {user_id}


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_ends_its_runs_and_begins_again(
    told: signal.Signals, tmp_path: Path
) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path / 'platform.db'}"
    with ExitStack() as clients, serving("after", tmp_path, database, told=told) as url:
        client = clients.enter_context(calling(url))
        while not asyncio.run(finished_runs(database)):
            assert client.poll() is None
            time.sleep(0.05)
    log = (tmp_path / "service.log").read_text()
    assert "Application shutdown complete." in log
    with serving("after", tmp_path, database) as url:
        visit(url, "--users", "1", "--runs", "1", code=NO_LEAK)


@contextmanager
def calling(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The client at work, for longer than anybody waits; killed in the end."""
    client = subprocess.Popen(
        (sys.executable, FIXTURE / "client.py", "--url", url, "--users", "8", "--runs", "1000"),
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield client
    finally:
        client.kill()
        client.wait()


def test_the_tool_and_a_person_end_the_leak(
    migrated: Path, alone_before: Inbox, tmp_path: Path
) -> None:
    """The same clients, on what `apply` and `by_hand.patch` make of `before`."""
    with serving(migrated, tmp_path) as url:
        together = visit(url, "--users", "8", "--runs", str(RUNS), code=NO_LEAK)
        by_itself = alone(url)
    assert not any(any(inbox["foreign"]) for inbox in together.values())
    assert by_itself["events"] == alone_before["events"]


def test_nothing_is_left_to_do_for_the_tool(migrated: Path) -> None:
    again = run("apply", "--unsafe", "--dry-run", "--exit-zero", cwd=migrated)
    assert "No file would change." in again.stdout


def test_the_migrated_application_passes_its_own_tests(migrated: Path) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"),
        cwd=migrated,
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^30 passed", done.stdout, re.MULTILINE)


async def forget_runs(database: str) -> None:
    """Begin with a database in which the service has never been."""
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS finished_runs"))
    await engine.dispose()


async def finished_runs(database: str) -> list[tuple[str, str]]:
    """The user and the result of each row that the service wrote."""
    engine = create_async_engine(database)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT user_id, CAST(result AS TEXT) FROM finished_runs")
        )
        found = [(user_id, result) for user_id, result in rows]
    await engine.dispose()
    return found


def test_a_user_alone_receives_the_same_events_as_before(
    alone_before: Inbox, alone_after: Inbox
) -> None:
    assert alone_before["events"] == alone_after["events"] != []


def test_company_changes_nothing_for_a_user(crowd: Crowd, alone_after: Inbox) -> None:
    received = {tuple(inbox["events"]) for inbox in crowd.inboxes.values()}
    assert received == {tuple(alone_after["events"])}


@pytest.mark.parametrize(("version", "wrong"), [("before", 4), ("after", 0)])
def test_the_demonstration_counts_events_of_the_wrong_user(
    version: str, wrong: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "agent_platform"),
        cwd=FIXTURE / version,
        env=clean_environment(
            PYTHONDONTWRITEBYTECODE="1",
            AGENT_PLATFORM_DATABASE=f"sqlite+aiosqlite:///{tmp_path / 'platform.db'}",
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    counts = re.findall(r"delivered to the wrong user: (\d+)", done.stdout)
    assert counts == [str(wrong), "0"]
    assert "engines created: 2" in done.stdout


def test_the_table_of_changes_points_at_lines_that_show_them() -> None:
    section = (FIXTURE / "README.md").read_text("utf-8").split("## What changed")[1]
    table = section.split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    for row in rows:
        pattern, before, after, by = row.strip("| ").split(" | ")
        assert by.startswith(("codemod", "finding", "hand")), pattern
        for version, cell in (("before", before), ("after", after)):
            for path, line in references(cell):
                folder = FIXTURE / version
                file = folder / path if path.startswith("scripts") else folder / PACKAGE / path
                shown = file.read_text("utf-8").splitlines()[line - 1]
                assert shown.strip(), (pattern, path, line)


def references(cell: str) -> Iterator[tuple[str, int]]:
    """The lines that a cell names: `path:1`, :2."""
    path = ""
    for named, line in re.findall(r"(?:`([\w/.]+))?:(\d+)", cell):
        path = named or path
        yield path, int(line)
