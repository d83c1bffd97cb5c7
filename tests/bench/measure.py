"""Runs cases in turn and keeps what each run took."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

_LAUNCHER = Path(__file__).with_name("launch.py")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a table: a command, and what is done around it untimed.

    Args:
        key: Name of the row in the targets and in the JSON file.
        group: The block of the table that the row belongs to.
        title: What the row is called.
        command: The command with the path of its program; empty where `absent` says why.
        folder: Where it runs.
        once: Done once before the first run: fills a cache, for example.
        before: Done before each run.
        accepts: Exit codes of a run that worked.
        finds: Pattern of what is counted in the output; empty to count nothing.
        ours: Whether this is the tool that is measured, and not a peer.
        absent: Why the row cannot be measured.
        share: How much of the tree the command is given, by bytes.
    """

    key: str
    group: str
    title: str
    command: tuple[str, ...] = ()
    folder: Path = Path()
    once: Callable[[], None] | None = None
    before: Callable[[], None] | None = None
    accepts: tuple[int, ...] = (0, 1)
    finds: str = ""
    ours: bool = False
    absent: str = ""
    share: float = 1


class Sample(msgspec.Struct, frozen=True):
    """One run: seconds of wall clock and CPU, megabytes of the largest process, things found."""

    wall: float
    cpu: float
    memory: float
    found: int | None = None


class Result(msgspec.Struct, frozen=True):
    """A case's runs; `trouble` says why there are none."""

    case: Case
    samples: tuple[Sample, ...] = ()
    trouble: str = ""

    @property
    def wall(self) -> float:
        """The median wall time in seconds."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def whole(self) -> float:
        """Seconds of wall time for the whole tree, extrapolated by bytes from the case's share."""
        return self.wall / self.case.share

    @property
    def cpu(self) -> float:
        """The median CPU time in seconds."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def memory(self) -> float:
        """The largest peak in megabytes."""
        return max(sample.memory for sample in self.samples)


class CommandError(Exception):
    """A timed command ended in a way that makes its time meaningless."""


def measure(
    cases: list[Case], runs: int, scratch: Path, say: Callable[[str], None]
) -> list[Result]:
    """Run every case `runs` times in turn (A B C A B C), so that a slow minute hits all alike."""
    samples: dict[str, list[Sample]] = {case.key: [] for case in cases}
    troubles = {case.key: case.absent for case in cases if case.absent}
    for turn in range(runs):
        for case in cases:
            if case.key in troubles:
                continue
            say(f"run {turn + 1} of {runs}: {case.group}, {case.title}")
            try:
                if turn == 0 and case.once:
                    case.once()
                if case.before:
                    case.before()
                samples[case.key].append(run(case, scratch))
            except CommandError as failure:
                troubles[case.key] = str(failure)
    return [
        Result(case, trouble=troubles[case.key])
        if case.key in troubles
        else Result(case, tuple(samples[case.key]))
        for case in cases
    ]


def run(case: Case, scratch: Path) -> Sample:
    """Run a case's command once.

    Raises:
        CommandError: The exit code is not one of those accepted, or nothing but an error came.
    """
    stdout, stderr = scratch / "stdout", scratch / "stderr"
    launcher = (sys.executable, "-I", "-S", str(_LAUNCHER), str(stdout), str(stderr))
    answer = subprocess.run(
        (*launcher, *case.command), cwd=case.folder, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise CommandError(_last_line(answer.stderr) or "it could not be started")
    code, wall, cpu, kilobytes = answer.stdout.split()
    output, complaint = stdout.read_text("utf-8", "replace"), stderr.read_text("utf-8", "replace")
    # ssot-migrate ends with 2 both on a file that nobody can parse and on an error of its own.
    is_dead = int(code) not in case.accepts or (int(code) == 2 and not output)
    if is_dead or "Traceback (most" in complaint or "internal error" in complaint:
        raise CommandError(f"exit code {code}: {_last_line(complaint)}")
    return Sample(
        wall=float(wall),
        cpu=float(cpu),
        memory=int(kilobytes) / 1024,
        found=len(re.findall(case.finds, output)) if case.finds else None,
    )


def _last_line(text: str) -> str:
    return next(reversed(text.strip().splitlines()), "")
