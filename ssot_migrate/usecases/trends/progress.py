"""`progress`: what is found in each of a history's revisions, by several processes."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.progress import Point, Tally, Work
from ssot_migrate.domain.progress import Progress as Report
from ssot_migrate.index.cache import Cache
from ssot_migrate.index.index import Progress, default_jobs, no_progress
from ssot_migrate.index.parallel import worker_processes
from ssot_migrate.usecases.project import Request, cluster_of, configured, open_cache
from ssot_migrate.usecases.trends.commits import Choice, chosen
from ssot_migrate.usecases.trends.replay import Ground, Replay
from ssot_migrate.usecases.trends.trend import trend_of
from ssot_migrate.workspace.commits import is_shallow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.workspace.commits import Commit

_MOST_BYTES = 2 << 30
_MOST_TALLIES = 20_000
_CACHE = partial(Cache, name="history", answers=_MOST_TALLIES)
_SHARES = 4
"""How many shares of a history a process gets, one after the other: some take longer."""
_FEW_FILES = 5_000
"""As many files, in all revisions together, are linted sooner by one process."""


class _Done(msgspec.Struct, frozen=True):
    """What came of some revisions.

    Args:
        tallies: What was found, by the name of the commit.
        contents: Names in git of the contents that were read.
        parsed: Identities of the contents that facts were extracted from.
    """

    tallies: Mapping[str, Tally]
    contents: AbstractSet[bytes]
    parsed: AbstractSet[bytes]


def progress(
    request: Request,
    choice: Choice,
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    report: Progress = no_progress,
) -> Report:
    """Count findings over a project's history; nothing but the cache is written.

    Every revision is held against the registry as it is now, and against the day of its commit.

    Args:
        request: Which project.
        choice: Which commits.
        select: Codes, prefixes or names of the rules to run; the configuration's if empty.
        ignore: The same for rules to leave out.
        report: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: There is no history, or a selector or the choice cannot be used.
    """
    root, settings = configured(request)
    rules = catalogue.selected_rules(
        select or settings.registry.select,
        (*ignore, *(() if select else settings.registry.ignore)),
    )
    commits = chosen(root, choice)
    cache, notes = open_cache(request, root, partial(_CACHE, max_bytes=_MOST_BYTES))
    jobs, cluster = request.jobs or default_jobs(), cluster_of(request)
    with ExitStack() as stack:
        if cache is None and jobs > 1 and not cluster:
            # Processes tell each other by a cache what they have read.
            folder = stack.enter_context(TemporaryDirectory(prefix="ssot-migrate-"))
            cache = _CACHE(Path(folder))
        ground = Ground(root, settings, tuple(rules))
        replay = Replay(ground, cache, jobs, cluster)
        stack.callback(replay.close)
        known = {one.name: tally for one in commits if (tally := replay.remembered(one))}
        # The current one first: it is likely to be the largest, and to be known from last time.
        left = [commit for commit in reversed(commits) if commit.name not in known]
        work = Work(len(commits), len(known))
        contents, parsed = set[bytes](), set[bytes]()
        report("Replaying", len(known), len(commits))
        for done in _replayed(replay, ground, cache, left, 1 if cluster else jobs):
            known |= done.tallies
            contents |= done.contents
            parsed |= done.parsed
            report("Replaying", len(known), len(commits))
    points = [Point(one.name, one.time, one.tags, known[one.name]) for one in commits]
    return Report(
        points=tuple(points),
        registry="" if settings.source is None else settings.documents[0].name,
        rules={rule.code: rule.name() for rule in rules},
        trend=trend_of(points),
        work=msgspec.structs.replace(work, contents=len(contents), parsed=len(parsed)),
        notes=(*notes, *_notes(root, points)),
    )


def _replayed(
    replay: Replay, ground: Ground, cache: Cache | None, left: Sequence[Commit], jobs: int
) -> Iterator[_Done]:
    """Tally revisions: here, or the rest of them elsewhere once the first one's facts are known."""
    for position, commit in enumerate(left):
        tally = replay.tally(commit)
        yield _Done({commit.name: tally}, replay.contents, replay.parsed)
        rest = left[position + 1 :]
        is_worth = jobs > 1 and len(rest) > 1 and len(rest) * tally.files >= _FEW_FILES
        if is_worth and cache is not None:
            replay.close()  # what SQLite has open must not be taken along to another process
            yield from _elsewhere(partial(_share, ground, cache.folder), rest, jobs)
            return


def _elsewhere(
    tallied: Callable[[Sequence[Commit]], _Done], commits: Sequence[Commit], jobs: int
) -> Iterator[_Done]:
    """Tally revisions in processes; neighbours share most of what they are, and stay together."""
    size = max(1, len(commits) // (_SHARES * jobs))
    shares = [commits[start : start + size] for start in range(0, len(commits), size)]
    done = 0
    try:
        with worker_processes(min(jobs, len(shares))) as executor:
            for one in executor.map(tallied, shares):
                yield one
                done += 1
    except BrokenExecutor:  # one was killed, perhaps for want of memory
        yield from map(tallied, shares[done:])


def _share(ground: Ground, folder: Path, commits: Sequence[Commit]) -> _Done:
    """Tally some revisions, in whatever process; what it learns is in the cache of the folder."""
    replay = Replay(ground, _CACHE(folder))
    try:
        tallies = {commit.name: replay.tally(commit) for commit in commits}
    finally:
        replay.close()
    return _Done(tallies, replay.contents, replay.parsed)


def _notes(root: Path, points: Sequence[Point]) -> Iterator[str]:
    """What the reader should know of a history."""
    if is_shallow(root):
        yield "the clone is shallow: older commits are not there (`git fetch --unshallow`)"
    if empty := [point for point in points if not point.tally.files]:
        yield f"{_revisions(empty)} no Python file below the root, and do not count for the rate"
    if partial_ := [point for point in points if point.tally.missing]:
        yield (
            f"{_revisions(partial_)} files that git has no content of, and do not count for the "
            "rate; a partial clone may lack them"
        )
    lost = sorted({root for point in points if point.tally.files for root in point.tally.no_roots})
    for folder in lost:
        those = [point for point in points if folder in point.tally.no_roots and point.tally.files]
        yield (
            f"{_revisions(those)} no folder {folder!r}, which `src` of the registry names: "
            "imports from there were not resolved"
        )


def _revisions(points: Sequence[Point]) -> str:
    first = points[0]
    if len(points) == 1:
        return f"{first.commit[:9]} of {first.date} has"
    return f"{len(points)} revisions, {first.commit[:9]} of {first.date} first, have"
