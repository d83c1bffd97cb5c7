"""`python -m tests.campaigns.crash [SECTION...]`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from .disks import UnplayableError
from .points import BrokenPromiseError
from .sections import SECTIONS, SHORT, Scale

# What a process leaves behind when it dies does not depend on the disk.
_MEMORY = "/dev/shm"
_SHOWN_FAILURES = 10


class Tally:
    """What came of a section."""

    def __init__(self) -> None:
        self.scenarios = 0
        self.failures: list[str] = []
        self.skipped: list[str] = []
        self.seconds = 0.0


def main() -> int:
    """Play the sections and count; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.crash", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--short", action="store_true", help="a few of everything")
    parser.add_argument("--seed", type=int, default=0, help="for the moments of the kills")
    parser.add_argument("--json", action="store_true", help="print the result for programs")
    arguments = parser.parse_args()
    for unknown in set(arguments.sections) - set(SECTIONS):
        parser.error(f"there is no section {unknown}")
    os.umask(0o022)
    # So that the scratch folder is removed then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    scale = msgspec.structs.replace(SHORT if arguments.short else Scale(), seed=arguments.seed)
    tallies = {}
    for name in arguments.sections or SECTIONS:
        tallies[name] = play(name, scale)
        if not arguments.json:
            sys.stderr.write(f"crash: {name} took {tallies[name].seconds} s\n")
    if arguments.json:
        sys.stdout.write(json.dumps({name: vars(tally) for name, tally in tallies.items()}))
    else:
        sys.stdout.write(f"seed {scale.seed}\n{_table(tallies)}")
    return int(any(tally.failures for tally in tallies.values()))


def play(name: str, scale: Scale) -> Tally:
    """Play the scenarios of a section."""
    tally = Tally()
    started = time.monotonic()
    memory = _MEMORY if os.path.isdir(_MEMORY) else None
    with TemporaryDirectory(prefix="ssot-migrate-crash-", dir=memory) as folder:
        for number, scenario in enumerate(SECTIONS[name](Path(folder), scale)):
            try:
                played = scenario()
                tally.scenarios += played if isinstance(played, int) else 1
            except UnplayableError as reason:
                tally.skipped.append(str(reason))
            except Exception as problem:
                tally.scenarios += 1
                kind = (
                    "" if isinstance(problem, BrokenPromiseError) else f"{type(problem).__name__}: "
                )
                tally.failures.append(f"{name} {number}: {_told(scenario)}: {kind}{problem}")
    tally.seconds = round(time.monotonic() - started, 1)
    return tally


def _told(scenario: object) -> str:
    return ", ".join(str(argument)[:60] for argument in getattr(scenario, "args", ())[1:])


def _table(tallies: dict[str, Tally]) -> str:
    rows = [f"{'section':<16}{'scenarios':>10}{'failures':>10}{'seconds':>9}"]
    for name, tally in tallies.items():
        row = f"{name:<16}{tally.scenarios:>10}{len(tally.failures):>10}{tally.seconds:>9}"
        rows += [row, *(f"  {failure}" for failure in tally.failures[:_SHOWN_FAILURES])]
        rows += [f"  skipped: {reason}" for reason in sorted(set(tally.skipped))]
    scenarios = sum(tally.scenarios for tally in tallies.values())
    failures = sum(len(tally.failures) for tally in tallies.values())
    rows.append(f"{'all':<16}{scenarios:>10}{failures:>10}")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
