"""`progress`: lint revision after revision, as git has them, and count."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.progress import UNOWNED, Point, Tally, Work
from ssot_migrate.domain.progress import Progress as Report
from ssot_migrate.index.cache import Cache
from ssot_migrate.index.index import Index, Progress, default_jobs, no_progress
from ssot_migrate.lint.clock import as_of
from ssot_migrate.lint.engine import needed, run_rules, settle
from ssot_migrate.lint.project import Project
from ssot_migrate.usecases.past_commits import Choice, chosen
from ssot_migrate.usecases.project import Request, cluster_of, configured, open_cache
from ssot_migrate.usecases.trend import trend_of
from ssot_migrate.workspace.commits import is_shallow
from ssot_migrate.workspace.owners import Owners, prefix_of
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.roots import source_roots
from ssot_migrate.workspace.versions import sources, whole

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ssot_migrate.config.settings import Settings
    from ssot_migrate.lint.engine import Settled
    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.workspace.commits import Commit
    from ssot_migrate.workspace.versions import Version

_MOST_BYTES = 2 << 30
_MOST_TALLIES = 20_000
_CACHE = partial(Cache, name="history", answers=_MOST_TALLIES, max_bytes=_MOST_BYTES)


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
    cache, notes = open_cache(request, root, _CACHE)
    jobs, cluster = request.jobs or default_jobs(), cluster_of(request)
    replay = Replay(root, settings, rules, cache, jobs, cluster)
    try:
        points = []
        for number, commit in enumerate(commits):
            report("Replaying", number, len(commits))
            points.append(Point(commit.name, commit.time, commit.tags, replay.tally(commit)))
    finally:
        replay.close()
    return Report(
        points=tuple(points),
        registry="" if settings.source is None else settings.documents[0].name,
        rules={rule.code: rule.name() for rule in rules},
        trend=trend_of(points),
        work=replay.work,
        notes=(*notes, *_notes(root, points)),
    )


class Replay:
    """Tallies revisions; what two of them share is read and parsed once.

    Args:
        root: The project's root.
        settings: The registry that all revisions are held against.
        rules: The rules whose findings count.
        cache: What earlier replays learned, or None.
        jobs: Number of worker processes.
        cluster: Address of a Dask scheduler whose workers index instead; empty for none.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        rules: Sequence[type[Rule]],
        cache: Cache | None,
        jobs: int,
        cluster: str = "",
    ) -> None:
        self._root = root
        self._settings = settings
        self._rules = rules
        self._cache = cache
        self._prefix = prefix_of(root)
        self._index = Index(
            root,
            (),
            given={},
            cache=cache,
            jobs=jobs,
            cluster=cluster,
            progress=self._count_parsed,
        )
        self._contents: dict[bytes, bytes] = {}
        self.work = Work(0)

    def tally(self, commit: Commit) -> Tally:
        """What is found in a commit; remembered from then on."""
        self._count(revisions=1)
        key = self._key(commit.name, self._prefix)
        known = self._remembered(key)
        if known is None:
            revision = Revision.find(self._root, commit.name)
            if revision is None:
                raise UsageError(f"git cannot read the commit {commit.name}")
            # Many commits change no Python file.
            owners = Owners.at(self._root, commit.name, self._prefix)
            paths = sources(revision, self._settings.registry)
            blobs = (f"{path}\0{revision.blob(path).decode()}" for path in paths)
            text = "" if owners is None else owners.text
            same = self._key(str(commit.date), self._prefix, str(owners is None), text, *blobs)
            known = self._remembered(same)
            tally = self._tallied(revision, owners, commit.date) if known is None else known
            self._remember({key: tally, same: tally})
            return tally
        self._count(remembered=1)
        return known

    def close(self) -> None:
        """Keep what was learned, also of a revision that was not finished."""
        self._index.save()

    def _remembered(self, key: bytes) -> Tally | None:
        data = None if self._cache is None else self._cache.answer(key)
        with suppress(msgspec.DecodeError):
            return None if data is None else msgspec.msgpack.decode(data, type=Tally)
        return None

    def _remember(self, tallies: Mapping[bytes, Tally]) -> None:
        """Keep tallies in which nothing is missing, and what was learned on the way to them."""
        self._index.flush()
        if self._cache is not None:
            whole_ones = {key: tally for key, tally in tallies.items() if not tally.missing}
            encoded = {key: msgspec.msgpack.encode(one) for key, one in whole_ones.items()}
            self._cache.save({}, (), (), {}, encoded)

    def _key(self, *parts: str) -> bytes:
        codes = ",".join(rule.identity() for rule in self._rules)
        text = "\0".join(("tally", self._settings.digest, codes, *parts))
        data = text.encode("utf-8", "surrogateescape")
        return hashlib.blake2b(data, digest_size=16).digest()

    def _tallied(self, revision: Revision, owners: Owners | None, day: datetime.date) -> Tally:
        """What the rules find in a revision."""
        version = whole(revision, self._settings.registry, self._contents)
        before = self._contents
        self._contents = {revision.blob(path): data for path, data in version.given.items()}
        self._count(contents=len(self._contents.keys() - before.keys()))
        roots = source_roots(None, self._settings.registry, version.files, revision.content)
        project = self._project(version, roots.folders)
        with as_of(day):
            settled = settle(self._rules, project, run_rules(needed(self._rules, project), project))
        src = self._settings.registry.src
        return msgspec.structs.replace(
            self._counted(settled, owners),
            files=len(version.files),
            missing=len(version.missing),
            no_roots=tuple(src[position] for position, _ in roots.problems),
        )

    def _project(self, version: Version, roots: Sequence[str]) -> Project:
        self._index = self._index.of(version.files, version.given)
        return Project(self._settings, version.files, self._index, roots, (), catalogue.all_rules)

    def _counted(self, settled: Settled, owners: Owners | None) -> Tally:
        findings = settled.findings
        by_owner: Counter[str] = Counter()
        if owners is not None:
            for finding in findings:
                by_owner.update(owners.of(finding.path) or (UNOWNED,))
        return Tally(
            findings=len(findings),
            suppressed=len(settled.suppressed),
            by_rule=_sorted(Counter(one.code for one in findings)),
            by_concept=_sorted(Counter(one.concept for one in findings if one.concept)),
            by_owner=_sorted(by_owner),
        )

    def _count_parsed(self, _what: str, done: int, total: int) -> None:
        if done == total:
            self._count(parsed=total)

    def _count(self, **more: int) -> None:
        now = {name: getattr(self.work, name) + number for name, number in more.items()}
        self.work = msgspec.structs.replace(self.work, **now)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


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
