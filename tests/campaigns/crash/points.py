"""Every operation of a run, its recovery and its rollback, with everything that can happen."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Literal

from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.errors import EditedError, TransactionError, UnfinishedRunError
from ssot_migrate.transaction.store import RunStore

from .durability import weaknesses
from .faults import DIES, ERRORS, INTERRUPTS, MEDDLES, TEARS, Died, Fault, FaultyOps
from .story import (
    MEDDLED_WITH,
    STEPS,
    TEMPORARY,
    Progress,
    States,
    difference,
    perform,
    performed,
    plant,
    tree,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssot_migrate.transaction.fileops import FileOps

    from .faults import Operation

    MakeOps = Callable[[], FileOps]

Direction = Literal["recover", "roll back"]
DIRECTIONS: tuple[Direction, ...] = ("recover", "roll back")
_EDIT = b"an edit that nobody wants to lose\n"


class BrokenPromiseError(Exception):
    """Something that must never happen; the message says what."""


class Scene:
    """A folder to play in, and what to compare it with.

    Args:
        place: The folder.
        inner: Makes the file system that is to fail; a planted defect is one that errs.
        states: The states that the story leads through; found out if not given.
    """

    def __init__(
        self, place: Path, inner: MakeOps | None = None, states: States | None = None
    ) -> None:
        self._place = place
        self._inner = inner
        self.states = self._told() if states is None else states

    def fresh(self) -> Path:
        """A root with the tree as it is before the story."""
        root = Path(mkdtemp(dir=self._place))
        plant(root)
        return root

    def ops(
        self, fault: Fault | None = None, meddler: Callable[[], None] | None = None
    ) -> FaultyOps:
        """The file system, with a fault."""
        return FaultyOps(fault, None if self._inner is None else self._inner(), meddler)

    def performed(self, fault: Fault | None = None) -> tuple[Path, FaultyOps, int]:
        """A root after the story, as far as it came: how many steps are done."""
        root = self.fresh()
        ops = self.ops(fault)
        progress = Progress()
        error: BaseException | None = None
        try:
            perform(RunStore(root, ops), backup_of(root), progress)
        except Died:
            ops.let_go()
        except (TransactionError, KeyboardInterrupt) as known:
            error = known
        if ops.is_dead or isinstance(error, UnfinishedRunError):
            _never_torn(self.states, root)
        elif error is None and progress.done < len(STEPS):
            raise BrokenPromiseError("the run ended early and said nothing")
        elif isinstance(error, KeyboardInterrupt) and RunStore(root).unfinished():
            raise BrokenPromiseError("an interrupted run was not put in order")
        else:
            _must_be(root, self.states.all[progress.done], f"after {error!r}")
        return root, ops, progress.done

    def operations(self) -> list[Operation]:
        """What a run does that nothing happens to."""
        root, ops, _done = self.performed()
        _next_run_works(root)
        _remove(root)
        return ops.log

    def _told(self) -> States:
        root = self.fresh()
        states = [tree(root)]
        for _step in performed(RunStore(root), backup_of(root)):
            states.append(tree(root))
        _remove(root)
        return States(tuple(states))


def faults(operations: list[Operation], step: int = 1) -> Iterator[Fault]:
    """All that can happen at every operation, or at every so many."""
    for at in range(0, len(operations), step):
        yield Fault(at, DIES)
        yield Fault(at, INTERRUPTS)
        if operations[at].name == "write":
            yield Fault(at, TEARS)
        for error in ERRORS:
            if error == "EACCES" and operations[at].name == "set_extended":
                continue  # attributes are kept as far as that is permitted
            yield Fault(at, error)
            yield Fault(at, error, lasts=True)


def one_crash(scene: Scene, fault: Fault, direction: Direction) -> None:
    """A fault during the run; then what the user is told to do.

    Raises:
        BrokenPromiseError: Something was torn, lost or left behind.
    """
    root, _ops, done = scene.performed(fault)
    after_it(scene, root, done, direction)
    _remove(root)


def two_crashes(scene: Scene, first: int, direction: Direction) -> int:
    """Death during the run, and again at every operation of the recovery; how many there are."""
    second = 0
    while True:
        root, _ops, done = scene.performed(Fault(first, DIES))
        ops = scene.ops(Fault(second, DIES))
        try:
            _put_right(RunStore(root, ops), direction)
        except Died:
            ops.let_go()
            _never_torn(scene.states, root)
        after_it(scene, root, done, direction)
        _remove(root)
        if not ops.is_dead:
            return second
        second += 1


def crash_of_rollback(scene: Scene, fault: Fault | None, direction: Direction) -> FaultyOps:
    """A fault while a whole run is rolled back; then what the user is told to do."""
    root, _ops, _done = scene.performed()
    ops = scene.ops(fault)
    first, last = scene.states.all[0], scene.states.all[-1]
    try:
        RunStore(root, ops).rollback()
        _must_be(root, first, "rolled back")
    except Died:
        ops.let_go()
        _never_torn(scene.states, root)
    except UnfinishedRunError:
        _never_torn(scene.states, root)
    except TransactionError:
        _must_be(root, last, "after a rollback that failed")
    except KeyboardInterrupt:
        if tree(root) not in (first, last):
            raise BrokenPromiseError("an interrupted rollback was not put in order") from None
    store = RunStore(root)
    if direction == "recover":
        for record in store.unfinished():
            store.recover(record.id)
        if tree(root) not in (first, last):
            raise BrokenPromiseError(f"neither old nor new: {difference(tree(root), last)}")
    else:
        _put_right(store, direction)
        _must_be(root, first, "rolled back again")
    _next_run_works(root)
    _remove(root)
    return ops


def meddled_with(scene: Scene, at: int) -> None:
    """Somebody saves a file during the run: it is never lost, whatever is done then."""
    root = scene.fresh()
    file = root / MEDDLED_WITH
    ops = scene.ops(Fault(at, MEDDLES), lambda: _save(file))
    with suppress(TransactionError):
        perform(RunStore(root, ops), backup_of(root), Progress())
    if ops.log[at].target == str(file):  # between the last look at it and its replacement
        _remove(root)
        return
    if file.read_bytes() != _EDIT:
        raise BrokenPromiseError("an edit was overwritten")
    try:
        RunStore(root).rollback()
    except EditedError:
        if file.read_bytes() != _EDIT:
            raise BrokenPromiseError("an edit was lost by a rollback that was refused") from None
        kept = RunStore(root).rollback(force=True).kept
        if kept != (MEDDLED_WITH,):
            raise BrokenPromiseError(f"a rollback by force kept {kept}") from None
    except TransactionError:
        pass
    images = {image.read_bytes() for image in root.glob(".ssot_migrate/runs/*/before/*")}
    if _EDIT not in images | {file.read_bytes()}:
        raise BrokenPromiseError("an edit was lost")
    _remove(root)


def loss_of_power(scene: Scene, at: int | None) -> None:
    """Power fails at any moment of a run and its rollback, or of the recovery after a death."""
    root, ops, _done = scene.performed(None if at is None else Fault(at, DIES))
    back = scene.ops()
    _put_right(RunStore(root, back), "roll back" if at is None else "recover")
    for log in (ops.log, back.log):
        # What the dead process did not wait for, the recovery has to.
        for weakness in weaknesses(str(root), log):
            raise BrokenPromiseError(f"when power fails: {weakness}")
    _remove(root)


def link_out_of_the_root(scene: Scene) -> None:
    """A link that leads out of the root is refused, and the file there stays as it is."""
    root = scene.fresh()
    outside = root.with_name(f"{root.name}-outside.py")
    outside.write_bytes(_EDIT)
    (root / "out.py").symlink_to(outside)
    with (
        suppress(TransactionError),
        RunStore(root, scene.ops()).begin(command=("ssot-migrate", "apply")) as run,
    ):
        run.commit([Change("out.py", digest_of(_EDIT), b"")])
    if outside.read_bytes() != _EDIT:
        raise BrokenPromiseError("a file outside the root was changed")
    outside.unlink()
    _remove(root)


def after_it(scene: Scene, root: Path, done: int, direction: Direction) -> None:
    """Do what the user is told to do, and look whether all is well."""
    _put_right(RunStore(root), direction)
    _never_torn(scene.states, root)
    if direction == "roll back":
        _must_be(root, scene.states.all[0], "rolled back")
    elif tree(root) not in scene.states.all[done : done + 2]:
        raise BrokenPromiseError(
            f"neither old nor new: {difference(tree(root), scene.states.all[done])}"
        )
    _next_run_works(root)


def _save(file: Path) -> None:
    """Save a file as an editor does."""
    file.with_name("editors").write_bytes(_EDIT)
    file.with_name("editors").replace(file)


def _put_right(store: RunStore, direction: Direction) -> None:
    if direction == "recover":
        for record in store.unfinished():
            store.recover(record.id)
        return
    records = store.history()
    if any(record.problem for record in records):
        raise BrokenPromiseError(f"a damaged run: {records[0].problem}")
    if any(record.paths_in_force for record in records) or store.unfinished():
        store.rollback()


def _next_run_works(root: Path) -> None:
    try:
        with RunStore(root).begin(command=("ssot-migrate", "apply")) as run:
            run.finish()
    except SsotMigrateError as error:
        raise BrokenPromiseError(f"the next run is refused: {error}") from error
    backup = backup_of(root)
    left = [*root.rglob("*.tmp"), *root.glob(".ssot_migrate/runs/*.new"), *backup.rglob("*.tmp")]
    if left:
        raise BrokenPromiseError(f"left behind: {left[0].name}")


def _never_torn(states: States, root: Path) -> None:
    torn = states.torn(tree(root))
    if torn:
        raise BrokenPromiseError(f"neither old nor new: {torn[0]!r}")
    if backup_of(root).exists():
        for path, there in tree(backup_of(root)).items():
            is_temporary = os.path.basename(path).startswith(TEMPORARY)
            if not is_temporary and there not in [state.get(path) for state in states.all]:
                raise BrokenPromiseError(f"not the original: {path!r} in the backup")


def _must_be(root: Path, wanted: dict[str, tuple[object, ...]], when: str) -> None:
    now = tree(root)
    if now != wanted:
        raise BrokenPromiseError(f"differs {when}: {difference(now, wanted)}")


def backup_of(root: Path) -> Path:
    """The folder to which a run copies originals."""
    return root.with_name(f"{root.name}-backup")


def _remove(root: Path) -> None:
    shutil.rmtree(root)
    shutil.rmtree(backup_of(root), ignore_errors=True)
