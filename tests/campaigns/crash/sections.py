"""The parts of the campaign: each is a stream of scenarios, more of them or fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from . import disks, processes
from .defects import DEFECTS
from .faults import DIES, Fault
from .points import (
    DIRECTIONS,
    BrokenPromiseError,
    Scene,
    crash_of_rollback,
    faults,
    link_out_of_the_root,
    loss_of_power,
    meddled_with,
    one_crash,
    two_crashes,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .defects import Defect

Scenario = Callable[[], object]
"""Plays one scenario, or as many as it returns; raises an error if something is wrong."""


class Scale(msgspec.Struct, frozen=True):
    """How much of everything.

    Args:
        every: Faults at every so many operations.
        twice: Second deaths after a death at every so many operations.
        kills: Processes that are killed, and as many that are interrupted.
        files: Files that each of them changes.
        races: Pairs that begin at once.
        disks: Sizes of a disk that is too small.
        seed: What the moments of the kills depend on.
    """

    every: int = 1
    twice: int = 1
    kills: int = 2000
    files: int = 300
    races: int = 500
    disks: int = 50
    seed: int = 0


SHORT = Scale(every=37, twice=230, kills=20, files=40, races=10, disks=5)


def crashes(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Every fault at every operation of a run, then recovery, or rollback."""
    scene = Scene(place)
    for fault in faults(scene.operations(), scale.every):
        for direction in DIRECTIONS:
            yield partial(one_crash, scene, fault, direction)


def rollbacks(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Every fault at every operation of a rollback, then recovery, or rollback."""
    scene = Scene(place)
    operations = crash_of_rollback(scene, None, "recover").log
    for fault in faults(operations, scale.every):
        for direction in DIRECTIONS:
            yield partial(crash_of_rollback, scene, fault, direction)


def second_crashes(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Death during a run, and death again at every operation of the recovery or the rollback."""
    scene = Scene(place)
    for at in range(0, len(scene.operations()), scale.twice):
        for direction in DIRECTIONS:
            yield partial(two_crashes, scene, at, direction)


def meddlers(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Somebody saves a file at every operation of a run."""
    scene = Scene(place)
    for at in range(0, len(scene.operations()), scale.every):
        yield partial(meddled_with, scene, at)
    yield partial(link_out_of_the_root, scene)


def power(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Loss of power, read off the operations of a run, a rollback, and recoveries."""
    scene = Scene(place)
    yield partial(loss_of_power, scene, None)
    for at in range(0, len(scene.operations()), scale.every):
        yield partial(loss_of_power, scene, at)


def defects(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Planted mistakes, every one of which the parts above have to notice."""
    yield partial(_noticed, place, None)
    for defect in DEFECTS:
        yield partial(_noticed, place, defect)


def kills(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Real processes, killed at random moments of a large commit."""
    yield from processes.ended(place, scale.kills, scale.files, scale.seed, is_gentle=False)


def interrupts(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Real processes, interrupted as by Ctrl-C."""
    yield from processes.ended(place, scale.kills, scale.files, scale.seed, is_gentle=True)


def races(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Two real processes that begin at once."""
    yield from processes.racing(place, scale.races)


def full_disks(place: Path, scale: Scale) -> Iterator[Scenario]:
    """Real file systems that are too small, by more or by less."""
    yield from disks.too_small(place, scale.disks)


SECTIONS: dict[str, Callable[[Path, Scale], Iterator[Scenario]]] = {
    "crashes": crashes,
    "rollbacks": rollbacks,
    "second-crashes": second_crashes,
    "meddlers": meddlers,
    "power": power,
    "defects": defects,
    "kills": kills,
    "interrupts": interrupts,
    "races": races,
    "full-disks": full_disks,
}


def _noticed(place: Path, defect: Defect | None) -> None:
    """Go through a part of the campaign with a mistake, or with none."""
    sound = Scene(place)
    if defect is None:
        for scenario in _sample(sound):
            scenario()
        return
    with defect.planted():
        scene = Scene(place, defect.ops, sound.states)
        try:
            for scenario in _sample(scene):
                scenario()
        except BrokenPromiseError:
            return
    raise BrokenPromiseError(f"nobody noticed a program that {defect.name}")


def _sample(scene: Scene) -> Iterator[Scenario]:
    yield scene.operations
    yield partial(loss_of_power, scene, None)
    yield partial(link_out_of_the_root, scene)
    count = len(scene.operations())
    for at in range(0, count, 5):
        yield partial(one_crash, scene, Fault(at, DIES), "recover")
    for at in range(0, count, 17):
        yield partial(one_crash, scene, Fault(at, "ENOSPC"), "roll back")
        yield partial(meddled_with, scene, at)
