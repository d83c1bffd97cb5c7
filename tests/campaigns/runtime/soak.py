"""`python -m tests.campaigns.runtime.soak --users 1000 --events 10000000`: over real sockets."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from .soak_clients import Tally, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[3]
_SECRET = re.compile(r"token-[0-9a-f]{32}")
_TROUBLE = re.compile(
    rf"{_SECRET.pattern}|was destroyed|never retrieved|never awaited|^[\w.]*(Error|Exception)\b"
)
# With 95 % confidence, where none was seen in N: the "rule of three".
_RULE_OF_THREE = 3
_FORBIDDEN = ("misrouted", "exposed", "lost", "repeated", "reordered", "unfinished", "dropped")
_SECONDS_A_SAMPLE = 2.0


class Soak(msgspec.Struct, frozen=True):
    """How much.

    Args:
        users: Clients at the same time.
        events: Events that are received before all stop.
        share: Of all runs, the part that is cancelled, and the part left by its client.
        pool: Emitters that all runs share; 0 to make one for each run.
        seed: For what the clients do.
    """

    users: int = 1000
    events: int = 10_000_000
    share: float = 0.01
    pool: int = 100
    seed: int = 0


SHORT = Soak(users=20, events=4000, share=0.1, pool=5)


class Report(NamedTuple):
    """What came of a soak.

    Args:
        tally: What the clients saw.
        account: What the server said of itself at its end.
        seconds: From the first connection to the last event.
        memory: Megabytes of the server, sampled while it ran.
        trouble: Lines of the server's log that should not be there.
    """

    tally: Tally
    account: dict[str, Any]
    seconds: float
    memory: tuple[float, ...]
    trouble: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        """What must never be."""
        found = [f"{count} {name}" for name in _FORBIDDEN if (count := getattr(self.tally, name))]
        found += [f"{n} {what} left over" for what, n in self.account["leftovers"].items() if n]
        if _SECRET.search(json.dumps(self.account)):
            found.append("there is a secret in the metrics")
        return [*found, *self.trouble]


def soak(scale: Soak) -> Report:
    """Start a server, let the clients visit it, and stop it."""
    tally = Tally()
    with _server(scale.pool) as (process, log):
        said = json.loads(process.stdout.readline() if process.stdout else "")
        started = time.monotonic()
        memory = asyncio.run(_visit(said["port"], said["pid"], scale, tally))
        seconds = time.monotonic() - started
        process.send_signal(signal.SIGTERM)
        account, _ = process.communicate(timeout=120)
        log.seek(0)
        trouble = [line for line in log.read().splitlines() if _TROUBLE.search(line)]
    if process.returncode not in (0, -signal.SIGTERM) or not account.strip():
        log_line = f"the server ended with {process.returncode} and without an account"
        return Report(tally, {"leftovers": {}}, seconds, memory, (log_line, *trouble))
    return Report(tally, json.loads(account), seconds, memory, tuple(trouble))


async def _visit(port: int, pid: int, scale: Soak, tally: Tally) -> tuple[float, ...]:
    samples: list[float] = []
    watching = asyncio.create_task(_watch(pid, samples, tally))
    gc.freeze()
    try:
        await visit(port, scale.users, scale.events, scale.share, scale.seed, tally)
    finally:
        samples.append(_megabytes(pid))
        watching.cancel()
    return tuple(samples)


async def _watch(pid: int, samples: list[float], tally: Tally) -> None:
    """Sample the memory, and say now and then how far it is."""
    while True:
        await asyncio.sleep(_SECONDS_A_SAMPLE)
        samples.append(_megabytes(pid))
        if len(samples) % 30 == 0:
            sys.stderr.write(f"soak: {tally.received:,} events, {samples[-1]:.0f} MB\n")


@contextmanager
def _server(pool: int) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    module = "tests.campaigns.runtime.soak_server"
    with TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", module, str(pool)),
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _megabytes(pid: int) -> float:
    """The resident memory of a process."""
    found = re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def told(scale: Soak, report: Report) -> str:
    """The report, a line each."""
    tally, memory = report.tally, report.memory
    received = tally.received or 1
    settled = memory[len(memory) // 4] if memory else 0.0
    bound = _RULE_OF_THREE / received
    lines = [
        f"{scale.users:,} users, pool {scale.pool or 'off'}, seed {scale.seed}",
        f"{tally.received:,} events in {report.seconds:.0f} s: "
        f"{received / report.seconds:,.0f} events/s",
        *(f"{name}: {getattr(tally, name):,}" for name in _FORBIDDEN),
        f"rate of misrouted events, if none was seen: below {bound:.1e} (95 %)",
        f"{tally.runs:,} runs, {tally.cancelled:,} cancelled, {tally.disconnects:,} left",
        f"swallowed while a client was away by its own doing: {tally.swallowed:,}",
        f"server's memory in MB: {memory[0]:.0f} at first, {settled:.0f} after a quarter, "
        f"{max(memory):.0f} at most, {memory[-1]:.0f} at the end",
        *(
            f"server's {name}: {told_of(value)}"
            for group in (report.account, report.account.get("metrics", {}))
            for name, value in group.items()
            if name != "metrics"
        ),
        *(f"PROBLEM: {problem}" for problem in report.problems[:20]),
        "failed" if report.problems else "passed",
    ]
    return "\n".join(lines) + "\n"


def told_of(value: Any) -> str:
    """A value, or the values of a mapping, in one line."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(
        f"{name} {one:.4g}" if isinstance(one, float) else f"{name} {one}"
        for name, one in value.items()
    )


def main() -> int:
    """Soak and report; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.runtime.soak")
    parser.add_argument("--short", action="store_true", help="a few users and events")
    parser.add_argument("--users", type=int, help="clients at the same time (1,000)")
    parser.add_argument("--events", type=int, help="events to receive (10,000,000)")
    parser.add_argument("--share", type=float, help="of runs: cancelled, and left (0.01)")
    parser.add_argument("--pool", type=int, help="emitters that runs share, 0 for none (100)")
    parser.add_argument("--seed", type=int, help="for what the clients do (0)")
    arguments = vars(parser.parse_args())
    base = SHORT if arguments.pop("short") else Soak()
    given = {name: value for name, value in arguments.items() if value is not None}
    scale = msgspec.structs.replace(base, **given)
    report = soak(scale)
    sys.stdout.write(told(scale, report))
    return int(bool(report.problems))


if __name__ == "__main__":
    sys.exit(main())
