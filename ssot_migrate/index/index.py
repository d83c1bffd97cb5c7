"""Facts on demand: from memory, from the cache, or extracted now, in parallel where it pays."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index import needles as needle_search
from ssot_migrate.index.facts import (
    Facts,
    HashFacts,
    ModuleFacts,
    ShapeFacts,
    StringFacts,
    Unparsable,
    UseFacts,
)
from ssot_migrate.index.searches import Searches
from ssot_migrate.index.stamps import Stamps
from ssot_migrate.index.worker import (
    CALLS,
    HASHES,
    INTERFACES,
    MODULE,
    PRAGMAS,
    SHAPES,
    STRINGS,
    TYPES,
    UNPARSABLE,
    USES,
    Extracted,
    digest_of,
)
from ssot_migrate.workspace.source import Contents

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.index.cache import Cache
    from ssot_migrate.index.call_facts import CallFacts
    from ssot_migrate.index.interface_facts import InterfaceFacts
    from ssot_migrate.index.needles import Needle
    from ssot_migrate.index.pragmas import PragmaFacts
    from ssot_migrate.workspace.discovery import SourceFile

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_AnyFacts: TypeAlias = "Facts | CallFacts | PragmaFacts | InterfaceFacts"


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


class Index:
    """The facts of a set of files.

    `parsed` are the identities of the contents that facts were extracted from in this run.

    Args:
        root: Folder that the files' paths are relative to.
        files: What discovery found.
        given: Contents by path that stand for those on the disk; None for the tree on the disk.
        cache: Facts of earlier runs, or None.
        jobs: Number of worker processes; 1 stays in this process.
        cluster: Address of a Dask scheduler whose workers do the work instead; empty for none.
        progress: Called while long work goes on.
    """

    def __init__(
        self,
        root: Path,
        files: Sequence[SourceFile],
        *,
        given: Mapping[str, bytes] | None = None,
        cache: Cache | None = None,
        jobs: int = 1,
        cluster: str = "",
        progress: Progress = no_progress,
    ) -> None:
        self._root = root
        self._files = {file.path: file for file in files}
        self.contents = Contents(os.fspath(root), given or {})
        self._is_disk = given is None
        self._cache = cache
        self._jobs, self._cluster = jobs, cluster
        self._progress = progress
        self._decoded: dict[tuple[str, str], _AnyFacts] = {}
        self._stamps = Stamps(cache)
        self._digests = self._stamps.unchanged(self._files, self.contents.given)
        self._fresh_facts: list[tuple[bytes, str, bytes]] = []
        self._answers: dict[bytes, bytes] = {}
        self._tree_digest = b""
        self._found: dict[bytes, frozenset[str]] = {}
        self._searches = Searches(cache)
        self.parsed: set[bytes] = set()
        self.errors: dict[str, FileError] = {}
        self.unparsable: dict[str, Unparsable] = {}
        self._digest_given()

    @property
    def root(self) -> Path:
        """The folder that the files' paths are relative to."""
        return self._root

    @property
    def paths(self) -> tuple[str, ...]:
        """All files, sorted."""
        return tuple(sorted(self._files))

    def search(self, needles: Iterable[Needle]) -> set[str]:
        """The files that spell what any of the needles asks for; unreadable files are errors."""
        wanted = sorted(set(needles))
        if not wanted:
            return set()
        search_key = needle_search.key(wanted)
        if search_key not in self._found:
            self._found[search_key] = self._searches.find(
                wanted, self._files, self.contents, self._digests, self.errors
            )
        return set(self._found[search_key])

    def spelled(self, path: str, names: Iterable[str]) -> set[str]:
        """Which of the identifiers a file spells."""
        data = self.contents.read(path)
        if isinstance(data, FileError):
            self.errors[path] = data
            return set()
        return needle_search.spelled(data, names)

    def answer(self, question: str) -> bytes | None:
        """What was kept under `question` when every file held what it holds now."""
        key = self._identity(question)
        return self._cache.answer(key) if self._cache is not None and key is not None else None

    def keep_answer(self, question: str, answer: bytes) -> None:
        """Keep an answer that follows from the question and the files alone."""
        key = self._identity(question)
        if key is not None and not self.errors:
            self._answers[key] = answer

    def _identity(self, question: str) -> bytes | None:
        """A digest of the question and of every file; None unless all contents are known."""
        if self._cache is None or len(self._digests) < len(self._files):
            return None
        if not self._tree_digest:
            parts = (
                f"{path}\0{self._digests[path].hex()}{file.category.value}"
                for path, file in self._files.items()
            )
            self._tree_digest = digest_of("\n".join(parts).encode("utf-8", "surrogateescape"))
        return digest_of(self._tree_digest + question.encode("utf-8", "surrogateescape"))

    def module(self, path: str) -> ModuleFacts | None:
        """Imports, bindings and definitions; None where the file cannot be read or parsed."""
        return cast("ModuleFacts | None", self._get(path, MODULE))

    def shapes(self, path: str) -> ShapeFacts | None:
        """Members and signatures of the definitions; None as for `module`."""
        return cast("ShapeFacts | None", self._get(path, SHAPES))

    def hashes(self, path: str) -> HashFacts | None:
        """Structural hashes of the definitions; None as for `module`."""
        return cast("HashFacts | None", self._get(path, HASHES))

    def strings(self, path: str) -> StringFacts | None:
        """Dotted strings; None as for `module`."""
        return cast("StringFacts | None", self._get(path, STRINGS))

    def uses(self, path: str) -> UseFacts | None:
        """References and dotted strings; None as for `module`."""
        return cast("UseFacts | None", self._get(path, USES))

    def calls(self, path: str) -> CallFacts | None:
        """Calls, and where values come from; None as for `module`."""
        return cast("CallFacts | None", self._get(path, CALLS))

    def pragmas(self, path: str) -> PragmaFacts | None:
        """The comments that suppress findings; None as for `module`."""
        return cast("PragmaFacts | None", self._get(path, PRAGMAS))

    def interfaces(self, path: str) -> InterfaceFacts | None:
        """Classes and functions as their users see them; None as for `module`."""
        return cast("InterfaceFacts | None", self._get(path, INTERFACES))

    def _get(self, path: str, kind: str) -> _AnyFacts | None:
        if (path, kind) not in self._decoded:
            self.load({path: (kind,)})
        return self._decoded.get((path, kind))

    def as_if(self, facts: Mapping[tuple[str, str], Facts]) -> Index:
        """The same files, some of them with other facts, by path and kind; it is not to be saved.

        What it learns of the other files is kept for the next run all the same.
        """
        view = copy.copy(self)
        view._decoded = {**self._decoded, **facts}
        return view

    def of(self, files: Sequence[SourceFile], given: Mapping[str, bytes]) -> Index:
        """The index of another version of the tree; it is not to be saved.

        What is known of files that both have is not read again, and what it learns is kept for the
        next run with what this one learns.

        Args:
            files: The version's files.
            given: Contents by path that stand for those on the disk.
        """
        view = copy.copy(self)
        before = self.contents.given
        view._files = {file.path: file for file in files}
        view.contents = Contents(os.fspath(self._root), given)
        differing = {path for path in given.keys() | before if given.get(path) != before.get(path)}
        differing.update(path for path, file in view._files.items() if self._is_newer(path, file))
        shared = view._files.keys() - differing
        view._digests = {path: self._digests[path] for path in shared & self._digests.keys()}
        view._decoded = {key: facts for key, facts in self._decoded.items() if key[0] in shared}
        view.errors = {path: error for path, error in self.errors.items() if path in shared}
        view.unparsable = {path: one for path, one in self.unparsable.items() if path in shared}
        view._tree_digest, view._found = b"", {}
        view._digest_given()
        return view

    def _is_newer(self, path: str, file: SourceFile) -> bool:
        """Whether a file was written to since this index got to know it."""
        known = self._files.get(path)
        is_disk = path not in self.contents.given
        return known is not file and known is not None and is_disk and known.stamp != file.stamp

    def _digest_given(self) -> None:
        """Know contents that are given by themselves; stamps are those of files on the disk."""
        if self._cache is not None:
            given, known = self.contents.given, self._digests
            new = (path for path in given if path in self._files and path not in known)
            known |= {path: digest_of(given[path]) for path in new}

    def digest(self, path: str) -> bytes:
        """Identity of the content that a file's facts were read from; empty where none were."""
        return self._digests.get(path, b"")

    def load(self, wanted: Mapping[str, tuple[str, ...]], *, what: str = "Indexing") -> None:
        """Bring facts into memory: asked kinds by path. Later calls find them there."""
        missing: dict[str, tuple[str, ...]] = {}
        for path, kinds in wanted.items():
            if path in self._files and path not in self.errors and path not in self.unparsable:
                absent = tuple(kind for kind in kinds if (path, kind) not in self._decoded)
                if absent:
                    missing[path] = absent
        if self._cache is not None:
            missing = self._from_cache(missing, self._cache)
        if missing:
            self._extract(missing, what)

    def _from_cache(
        self, wanted: Mapping[str, tuple[str, ...]], cache: Cache
    ) -> dict[str, tuple[str, ...]]:
        by_digest: dict[bytes, list[str]] = {}
        for path in wanted:
            if path not in self._digests and self._stamps.are_known:
                self._rehash(path)
            if path in self._digests:
                by_digest.setdefault(self._digests[path], []).append(path)
        missing: dict[str, tuple[str, ...]] = {}
        kinds = sorted({kind for asked in wanted.values() for kind in asked})
        for kind in (*kinds, UNPARSABLE):
            for digest, data in cache.facts(kind, by_digest):
                for path in by_digest[digest]:
                    self._keep(path, kind, data)
        for path, asked in wanted.items():
            if path in self.unparsable or path in self.errors:
                continue
            absent = tuple(kind for kind in asked if (path, kind) not in self._decoded)
            if absent:
                missing[path] = absent
        return missing

    def _rehash(self, path: str) -> None:
        """A touched or moved file may hold what a file held before: its facts are in the cache."""
        data = self.contents.read(path)
        if isinstance(data, FileError):
            self.errors[path] = data
        else:
            self._digests[path] = digest_of(data)

    def _extract(self, wanted: Mapping[str, tuple[str, ...]], what: str) -> None:
        from ssot_migrate.index.parallel import extract_all, workers_at

        tasks, workers = sorted(wanted.items()), workers_at(self._cluster, self._jobs)
        for extracted in extract_all(self.contents, tasks, workers, self._progress, what):
            self._accept(extracted)

    def _accept(self, extracted: Extracted) -> None:
        if extracted.error is not None:
            self.errors[extracted.path] = extracted.error
            return
        if extracted.digest:
            self._digests[extracted.path] = extracted.digest
            self.parsed.add(extracted.digest)
        for kind, data in extracted.facts:
            if self._cache is not None and extracted.digest:
                self._fresh_facts.append((extracted.digest, kind, data))
            self._keep(extracted.path, kind, data)

    def _keep(self, path: str, kind: str, data: bytes) -> None:
        try:
            facts = msgspec.msgpack.decode(data, type=TYPES[kind])
        except msgspec.DecodeError:
            return
        if isinstance(facts, Unparsable):
            self.unparsable[path] = facts
        else:
            self._decoded[path, kind] = cast("_AnyFacts", facts)

    def save(self) -> None:
        """Write what was learned to the cache, if there is one, and release it."""
        self.flush()
        self.close()

    def flush(self) -> None:
        """Write what was learned since the last time to the cache, if there is one."""
        if self._cache is None:
            return
        changed = self._stamps.news(self._files, self._digests, self.contents.given)
        gone = self._stamps.gone(self._files) if self._is_disk else set()
        searches = self._searches.learned
        if changed or gone or self._fresh_facts or searches or self._answers:
            self._cache.save(changed, gone, self._fresh_facts, searches, self._answers)
        self._fresh_facts.clear()
        self._searches.learned.clear()
        self._answers.clear()

    def close(self) -> None:
        """Release the cache without writing to it."""
        if self._cache is not None:
            self._cache.close()


def default_jobs() -> int:
    """The number of processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
