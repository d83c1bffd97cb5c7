"""Lints revision after revision as git has them, and counts what is found in each."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.config.settings import Settings
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.progress import UNOWNED, Tally
from ssot_migrate.index.index import Index, Progress, no_progress
from ssot_migrate.lint.clock import as_of
from ssot_migrate.lint.engine import needed, run_rules, settle
from ssot_migrate.lint.project import Project
from ssot_migrate.lint.rule import Rule
from ssot_migrate.workspace.owners import Owners, prefix_of
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.roots import source_roots
from ssot_migrate.workspace.versions import sources, whole
from ssot_migrate.workspace.walk import COMPILED

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping

    from ssot_migrate.index.cache import Cache
    from ssot_migrate.lint.engine import Settled
    from ssot_migrate.workspace.commits import Commit

_NEW_OBJECTS = 50_000
_NEVER = 1 << 30


class Ground(msgspec.Struct, frozen=True):
    """What all revisions are held against.

    Args:
        root: The project's root.
        settings: The registry.
        rules: The rules whose findings count.
    """

    root: Path
    settings: Settings
    rules: tuple[type[Rule], ...]


class Replay:
    """Tallies revisions; what two of them share is read and parsed once.

    `contents` are the names in git of what was read, `parsed` the identities of the contents from
    which facts were extracted.

    Args:
        ground: What they are held against.
        cache: What earlier replays learned, or None.
        jobs: Number of processes that extract facts.
        cluster: Address of a Dask scheduler whose workers do that instead; empty for none.
        report: Called while long work goes on.
    """

    def __init__(
        self,
        ground: Ground,
        cache: Cache | None,
        jobs: int = 1,
        cluster: str = "",
        report: Progress = no_progress,
    ) -> None:
        self._root, self._settings, self._rules = ground.root, ground.settings, ground.rules
        self._cache = cache
        self._prefix = prefix_of(ground.root)
        self._index = Index(
            ground.root, (), given={}, cache=cache, jobs=jobs, cluster=cluster, progress=report
        )
        self.parsed = self._index.parsed
        self.contents: set[bytes] = set()
        self._held: dict[bytes, bytes] = {}
        self._tallies: dict[bytes, Tally] = {}

    def remembered(self, commit: Commit) -> Tally | None:
        """What an earlier replay found in a commit."""
        return self._remembered(self._key(commit.name, self._prefix))

    def tally(self, commit: Commit) -> Tally:
        """What is found in a commit; remembered from then on.

        Raises:
            UsageError: Git cannot read the commit.
        """
        key = self._key(commit.name, self._prefix)
        revision = Revision.find(self._root, commit.name)
        if revision is None:
            raise UsageError(f"git cannot read the commit {commit.name}")
        owners = Owners.at(self._root, commit.name, self._prefix)
        same = self._sameness(revision, owners, commit)
        known = self._remembered(same)
        if known is None:
            with _seldom_collecting():
                known = self._tallied(revision, owners, commit.date)
        self._remember({key: known, same: known})
        return known

    def _sameness(self, revision: Revision, owners: Owners | None, commit: Commit) -> bytes:
        """What commits have in common that must have the same tally: many change no Python file."""
        registry = self._settings.registry
        files = (f"{path}\0{revision.blob(path).decode()}" for path in sources(revision, registry))
        compiled = sources(revision, registry, COMPILED)
        text = "" if owners is None else owners.text
        facts = (str(commit.date), self._prefix, str(owners is None), text)
        return self._key(*facts, *files, "", *compiled)

    def close(self) -> None:
        """Keep what was learned, also of a revision that was not finished; let go of the rest."""
        self._index.save()
        self._index, self._held = self._index.of((), {}), {}

    def _remembered(self, key: bytes) -> Tally | None:
        if key in self._tallies:
            return self._tallies[key]
        data = None if self._cache is None else self._cache.answer(key)
        with suppress(msgspec.DecodeError):
            return None if data is None else msgspec.msgpack.decode(data, type=Tally)
        return None

    def _remember(self, tallies: Mapping[bytes, Tally]) -> None:
        """Keep tallies, and what was learned on the way to them.

        Those in which something is missing are of no use to another run: it may be there then.
        """
        self._tallies |= tallies
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
        registry = self._settings.registry
        version = whole(revision, registry, self._held)
        self._held = {revision.blob(path): data for path, data in version.given.items()}
        self.contents.update(self._held)
        roots = source_roots(None, registry, version.files, revision.content)
        self._index = self._index.of(version.files, version.given)
        files = version.files
        project = Project(
            self._settings,
            files,
            self._index,
            roots.folders,
            rules=catalogue.all_rules,
            compiled=sources(revision, registry, COMPILED),
        )
        with as_of(day):
            settled = settle(self._rules, project, run_rules(needed(self._rules, project), project))
        return msgspec.structs.replace(
            _tally(settled, owners),
            files=len(files),
            missing=len(version.missing),
            no_roots=tuple(registry.src[position] for position, _ in roots.problems),
        )


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for garbage among what is new, and in everything once in the end.

    A revision's facts are many and no garbage: to walk through them again and again took two fifths
    of the time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, usual[1], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.collect()


def _tally(settled: Settled, owners: Owners | None) -> Tally:
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


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
