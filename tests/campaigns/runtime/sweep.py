"""`python -m tests.campaigns.runtime.sweep`: a cancellation of every task at every step."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec

from .defects import DEFECTS
from .platforms import IsolatedPlatform
from .singleton import SingletonPlatform
from .stepping import Strike
from .story import Ending, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .defects import Defect
    from .platforms import Platform

_SHOWN = 10
_MAIN = 0


class Scale(msgspec.Struct, frozen=True):
    """How much of everything.

    Args:
        orders: Orders of steps that are tried without a cancellation.
        swept: Orders in which every task is cancelled at every step; the first is asyncio's own.
        every: Of the cancellations, one in so many.
        defective: The same, where the program has a planted mistake.
    """

    orders: int = 300
    swept: int = 4
    every: int = 1
    defective: int = 5


SHORT = Scale(orders=20, swept=2, every=23, defective=7)


class Tally:
    """What came of a program."""

    def __init__(self) -> None:
        self.orders = 0
        self.cancellations = 0
        self.noticed_by_order = 0
        self.noticed_by_cancellation = 0
        self.problems: Counter[str] = Counter()

    @property
    def is_sound(self) -> bool:
        return not self.problems

    def note(self, ending: Ending, what: str) -> None:
        """Count a scenario."""
        for problem in ending.problems:
            self.problems[f"{problem} ({what})"] += 1


def sweep(make: Callable[[], Platform], scale: Scale, every: int) -> Tally:
    """Play every order, and in some orders every cancellation; one in `every` of them."""
    tally = Tally()
    _settle()
    for seed in (None, *range(1, scale.orders)):
        ending = play(make, seed=seed)
        tally.orders += 1
        tally.noticed_by_order += bool(ending.problems)
        tally.note(ending, f"order {seed}")
        if seed is None or seed < scale.swept:
            _cancel(make, seed, strikes(ending, every), tally)
    return tally


def notices(make: Callable[[], Platform], every: int) -> bool:
    """Whether any cancellation, of one in so many, brings a problem to light."""
    _settle()
    return any(play(make, strike=strike).problems for strike in strikes(play(make), every))


def _settle() -> None:
    """Have each scenario, which collects its own garbage, not look at what was there before."""
    gc.collect()
    gc.freeze()


def _cancel(
    make: Callable[[], Platform], seed: int | None, places: Iterable[Strike], tally: Tally
) -> None:
    for strike in places:
        ending = play(make, seed=seed, strike=strike)
        tally.cancellations += 1
        tally.noticed_by_cancellation += bool(ending.problems)
        tally.note(ending, f"order {seed}, {strike}, {ending.struck}")


def strikes(ending: Ending, every: int) -> Iterator[Strike]:
    """Each task that was alive, before each step; one in so many of them."""
    all_of_them = [
        Strike(step, task)
        for step, alive in enumerate(ending.alive)
        for task in alive
        if task != _MAIN
    ]
    yield from all_of_them[::every]


def main() -> int:
    """Sweep the runtime, the planted mistakes and the old design; 1 if the wrong ones fail."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.runtime.sweep")
    parser.add_argument("--short", action="store_true", help="a few of everything")
    parser.add_argument("--every", type=int, help="one cancellation in so many (1)")
    parser.add_argument("--only", help="one row: sound, old, or words of a planted mistake")
    arguments = parser.parse_args()
    scale = SHORT if arguments.short else Scale()
    if arguments.every:
        scale = msgspec.structs.replace(scale, every=arguments.every, defective=arguments.every)
    failed = False
    sys.stdout.write(_line("program", "orders", "noticed", "cancellations", "noticed", "seconds"))
    for name, defect, make, every in _programs(scale):
        if arguments.only and arguments.only not in name:
            continue
        started = time.monotonic()
        with defect.planted() if defect else nullcontext():
            tally = sweep(make, scale, every)
        is_right = tally.is_sound == (name == _SOUND)
        failed |= not is_right
        cells = (
            f"{tally.orders:,}",
            f"{tally.noticed_by_order:,}",
            f"{tally.cancellations:,}",
            f"{tally.noticed_by_cancellation:,}",
            f"{time.monotonic() - started:.0f}",
            "right" if is_right else "WRONG",
        )
        sys.stdout.write(_line(name, *cells))
        if not is_right:
            for problem in list(tally.problems)[:_SHOWN]:
                sys.stdout.write(f"  {problem}\n")
    return int(failed)


_SOUND = "the runtime, sound"
_OLD = "the old design"


def _programs(
    scale: Scale,
) -> Iterator[tuple[str, Defect | None, Callable[[], Platform], int]]:
    yield _SOUND, None, IsolatedPlatform, scale.every
    for defect in DEFECTS:
        yield f"the runtime {defect}", defect, IsolatedPlatform, scale.defective
    yield _OLD, None, SingletonPlatform, scale.defective


def _line(name: str, *cells: str) -> str:
    return f"{name:<62}" + "".join(f"{cell:>15}" for cell in cells) + "\n"


if __name__ == "__main__":
    sys.exit(main())
