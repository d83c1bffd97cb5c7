"""`campaign`: one registry, many checkouts; each is a project of its own, with its own journal."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.campaign import Action, CampaignReport, Checkout, State
from ssot_migrate.domain.errors import SsotMigrateError, UsageError
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.scope import Scope
from ssot_migrate.index.index import default_jobs, no_progress
from ssot_migrate.index.parallel import worker_processes
from ssot_migrate.transaction.history import RunState
from ssot_migrate.transaction.uncommitted import changed_files
from ssot_migrate.usecases.gate.scan import Gate, scan
from ssot_migrate.usecases.migration import apply as applying
from ssot_migrate.usecases.migration.runs import history, undoing
from ssot_migrate.usecases.plans.plan import consolidate
from ssot_migrate.usecases.project import Request, configured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from ssot_migrate.config.campaign import Campaign, Repository
    from ssot_migrate.domain.finding import FileError
    from ssot_migrate.index.index import Progress

_SHOWN_FILES = 3


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done in every checkout.

    Args:
        action: Which command.
        request: How to read the projects; their roots and the registry come from the campaign.
        gate: Which findings count; of `scan`.
        scope: Which changes are meant; of `plan` and `apply`.
        batch: How many files a wave may have, 0 for any; of `plan` and `apply`.
        is_dry: Whether `apply` only says what it would do.
        verify: A command that `apply` runs in a checkout after each wave.
        command: The command line, for the history of each checkout.
    """

    action: Action
    request: Request
    gate: Gate = Gate()
    scope: Scope = Scope()
    batch: int = 0
    is_dry: bool = False
    verify: str | None = None
    command: tuple[str, ...] = ()


def carry_out(
    campaign: Campaign, order: Order, jobs: int = 1, progress: Progress = no_progress
) -> CampaignReport:
    """Do it in every checkout; one that fails stops no other.

    Args:
        campaign: The registry and the checkouts.
        order: What to do.
        jobs: How many checkouts at a time. One uses all processors by itself.
        progress: Called as checkouts are done.

    Raises:
        ConfigError: The registry is wrong, whatever the checkout.
        PlugInError: A plug-in cannot be used.
    """
    _keep_out_of_all(campaign)
    catalogue.all_rules()
    folder = os.fspath(campaign.registry.parent)
    configured(_request(campaign, order, folder))
    done: list[Checkout] = []
    for one in _done(campaign, order, min(jobs, len(campaign.repositories))):
        done.append(one)
        progress("Checkouts", len(done), len(campaign.repositories))
    return CampaignReport(
        action=order.action,
        registry=os.fspath(campaign.registry),
        checkouts=tuple(done),
        is_dry=order.is_dry,
    )


def _done(campaign: Campaign, order: Order, jobs: int) -> Iterator[Checkout]:
    """The outcomes, in order."""
    if jobs <= 1:
        for repository in campaign.repositories:
            yield _one(campaign, order, repository)
        return
    share = max(1, (order.request.jobs or default_jobs()) // jobs)
    order = msgspec.structs.replace(
        order, request=msgspec.structs.replace(order.request, jobs=share)
    )
    with worker_processes(jobs) as executor:
        waiting: list[tuple[Repository, Future[Checkout] | None]] = []
        for repository in campaign.repositories:
            try:
                waiting.append((repository, _submitted(executor, campaign, order, repository)))
            except BrokenExecutor:
                waiting.append((repository, None))
        for repository, future in waiting:
            try:
                done = None if future is None else future.result()
            except BrokenExecutor:
                done = None
            yield done or _alone(campaign, order, repository)


def _alone(campaign: Campaign, order: Order, repository: Repository) -> Checkout:
    """The outcome of a checkout whose process died, or another's beside it; tried once more."""
    with worker_processes(1) as executor:
        try:
            return _submitted(executor, campaign, order, repository).result()
        except BrokenExecutor:
            return _failed(repository, "its process was killed, perhaps for want of memory")


def _submitted(
    executor: Executor, campaign: Campaign, order: Order, repository: Repository
) -> Future[Checkout]:
    """The outcome of a checkout, to come from another process."""
    return executor.submit(_elsewhere, catalogue.admitted(), campaign, order, repository)


def _elsewhere(
    plug_ins: Sequence[str], campaign: Campaign, order: Order, repository: Repository
) -> Checkout:
    """Do it in a process that, where it was not forked, has to be told of the plug-ins."""
    catalogue.admit(plug_ins)
    _keep_out_of_all(campaign)
    return _one(campaign, order, repository)


def _keep_out_of_all(campaign: Campaign) -> None:
    """Load no plug-in that lies in a checkout: each would have other rules, by the order."""
    for repository in campaign.repositories:
        catalogue.keep_out_of(repository.root)


def _one(campaign: Campaign, order: Order, repository: Repository) -> Checkout:
    """Do it in one checkout; what goes wrong there is its outcome."""
    root = os.fspath(repository.root)
    if not os.path.isdir(root):
        return _failed(repository, "there is no such folder")
    try:
        return _ACTIONS[order.action](repository, order, _request(campaign, order, root))
    except SsotMigrateError as problem:
        return _failed(repository, *str(problem).splitlines())
    except Exception as problem:  # a bug that one tree brings to light is no reason to stop
        return _failed(repository, f"internal error: {type(problem).__name__}: {problem}")


def _request(campaign: Campaign, order: Order, root: str) -> Request:
    return msgspec.structs.replace(
        order.request, root=root, config=os.fspath(campaign.registry), isolated=False
    )


def _failed(repository: Repository, *why: str) -> Checkout:
    root = os.fspath(repository.root)
    return Checkout(name=repository.name, root=root, state=State.FAILED, why=why)


def _settled(
    repository: Repository, counts: dict[str, int], *, is_open: bool, errors: Iterable[FileError]
) -> Checkout:
    why = tuple(f"{one.path or '.'}: {one.message}" for one in errors)
    state = State.FAILED if why else State.OPEN if is_open else State.CLEAN
    root = os.fspath(repository.root)
    return Checkout(name=repository.name, root=root, state=state, why=why, counts=counts)


def _scan(repository: Repository, order: Order, request: Request) -> Checkout:
    report = scan(request, order.gate)
    counts = {
        "files": report.files,
        "findings": len(report.findings),
        **report.by_fix,
        "suppressed": report.suppressed,
        "baselined": report.baselined,
    }
    settled = _settled(repository, counts, is_open=bool(report.findings), errors=report.errors)
    return msgspec.structs.replace(settled, report=report)


def _plan(repository: Repository, order: Order, request: Request) -> Checkout:
    plan = consolidate(request, order.scope, order.batch)
    edits = {fix: sum(wave.edits(fix) for wave in plan.waves) for fix in (Fix.SAFE, Fix.UNSAFE)}
    counts = {
        "files": plan.looked_at,
        "changes": sum(len(wave.files) for wave in plan.waves),
        "waves": len(plan.waves),
        **{fix.value: number for fix, number in edits.items()},
        "left": sum(not place.wave for place in plan.places),
        "refused": len(plan.refused),
    }
    is_open = any((counts["changes"], counts["left"], counts["refused"]))
    settled = _settled(repository, counts, is_open=is_open, errors=plan.errors)
    return msgspec.structs.replace(settled, report=plan)


def _apply(repository: Repository, order: Order, request: Request) -> Checkout:
    if order.is_dry:
        report = applying.rehearse(request, order.scope)
    else:
        _require_committed(repository)
        writing = applying.Writing(batch=order.batch, verify=order.verify)
        report = applying.apply(request, order.scope, writing, command=order.command)
    counts = {
        "files": report.looked_at,
        "changed": len(report.changed),
        "edits": sum(len(one.edits) for one in report.changed),
        "left": sum(len(one.left) for one in report.files),
        "refused": len(report.refused),
    }
    undone = any(wave.state != "applied" for wave in report.waves)
    is_open = undone or bool((order.is_dry and report.changed) or counts["left"] or report.refused)
    return msgspec.structs.replace(
        _settled(repository, counts, is_open=is_open, errors=report.errors),
        run=report.run,
        undo=undoing(request, report.run) if report.run else (),
        report=report,
    )


def _require_committed(repository: Repository) -> None:
    """Raise if the migration would not be the only change of a commit.

    Raises:
        UsageError: With the first files.
    """
    changed = changed_files(repository.root)
    if changed:
        more = len(changed) - _SHOWN_FILES
        shown = ", ".join(changed[:_SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")
        raise UsageError(f"has uncommitted changes: {shown}; commit or stash them first")


def _status(repository: Repository, _order: Order, request: Request) -> Checkout:
    runs = history(request)
    changed = changed_files(repository.root)
    counts = {
        "runs": len(runs),
        "in force": sum(bool(run.paths_in_force) for run in runs),
        "unfinished": sum(run.state is RunState.UNFINISHED for run in runs),
        "uncommitted": len(changed),
    }
    is_open = bool(counts["unfinished"] or changed)
    settled = _settled(repository, counts, is_open=is_open, errors=())
    return msgspec.structs.replace(settled, run=runs[0].id if runs else "")


_ACTIONS = {
    Action.SCAN: _scan,
    Action.PLAN: _plan,
    Action.APPLY: _apply,
    Action.STATUS: _status,
}
