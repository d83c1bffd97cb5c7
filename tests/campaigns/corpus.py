"""`python -m tests.campaigns.corpus TREE...`: real files, of which few or none are to change.

Every file must come back from the tool's reading byte for byte, or be refused; no more than 0.2 %
of those that Python compiles may be refused. A registry that names nothing in the tree changes and
opens nothing. One that names what many files import is judged as the fuzzer judges.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ssot_migrate.domain.outcome import FileOutcome, Outcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.index.index import no_progress
from ssot_migrate.index.worker import digest_of
from ssot_migrate.rewrite.decisions import FileTask
from ssot_migrate.rewrite.pool import rewrite_all
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request
from ssot_migrate.workspace.source import Contents

from .invariants import problems
from .oracle import Move, Rules, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_REFUSED = 0.002
_NOWHERE = Rules((Move("nowhere.at_all", "Anything", "elsewhere.at_all", "Anything"),))
_ENTRIES = 8
_STATE = {"tree": "", "is_hooked": ""}


class Corpus:
    """What a campaign over trees found."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failures: list[str] = []

    @property
    def refused_share(self) -> float:
        """Files that the tool does not dare to touch, among those that Python compiles."""
        return self.counts["refused"] / max(1, self.counts["compiled"])

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong, and the tool is not safe by doing nothing."""
        return not self.failures and self.refused_share <= MOST_REFUSED


def campaign(trees: Sequence[Path], jobs: int, say: Callable[[str], None]) -> Corpus:
    """Look at every file of some trees, which are only read."""
    corpus = Corpus()
    for tree in trees:
        files = python_files([tree])
        say(f"{tree}: reading {len(files)} files and giving them back")
        _trust(tree, files, jobs, corpus)
        say(f"{tree}: a registry that names nothing")
        for file in _planned(tree, _NOWHERE, jobs, corpus):
            corpus.failures.append(f"{file.path}: reported though nothing names it")
        rules = often_imported(files)
        say(f"{tree}: a registry of {', '.join(move.old for move in rules.moves)}")
        for file in _planned(tree, rules, jobs, corpus):
            _judge(file, rules, corpus)
    return corpus


def _trust(tree: Path, files: Sequence[Path], jobs: int, corpus: Corpus) -> None:
    sources = {path.relative_to(tree).as_posix(): path for path in files if path.is_file()}
    tasks = [
        FileTask(
            path=path,
            digest=digest_of(source.read_bytes()),
            module="module",
            is_package=False,
            decisions=(),
        )
        for path, source in sources.items()
    ]
    for one in rewrite_all(Contents(str(tree)), tasks, [], jobs, no_progress):
        outcome = one.outcome
        is_compiled = _compiles(sources[outcome.path].read_bytes())
        corpus.counts["files"] += 1
        corpus.counts["compiled"] += is_compiled
        if outcome.outcome is Outcome.CHANGED:
            corpus.failures.append(f"{outcome.path}: changed though nothing was to change")
        if outcome.outcome is Outcome.REFUSED and is_compiled:
            corpus.counts["refused"] += 1
            corpus.reasons[outcome.why] += 1


def _planned(tree: Path, rules: Rules, jobs: int, corpus: Corpus) -> tuple[FileOutcome, ...]:
    """Migrate a tree in memory; a file of it that is opened for writing ends the campaign."""
    before = _seen(tree)
    with TemporaryDirectory(prefix="ssot-migrate-corpus-") as folder, _nothing_written_in(tree):
        config = Path(folder, "ssot.toml")
        config.write_text(rules.registry)
        request = Request(root=str(tree), config=str(config), use_cache=False, jobs=jobs)
        report = plan(request, Scope())
    if changed := [path for path, state in _seen(tree).items() if state != before.get(path)]:
        corpus.failures.append(f"{len(changed)} files were written, {changed[0]} among them")
    return report.files


def _judge(file: FileOutcome, rules: Rules, corpus: Corpus) -> None:
    corpus.counts[f"of a migration {file.outcome.value}"] += 1
    if file.why:
        corpus.reasons[f"migration: {file.why}"] += 1
    if file.after is None or not _compiles(file.before):
        return
    module = file.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    is_package = file.path.endswith("__init__.py")
    # A file may name paths of a module that it is part of: nothing is said of those.
    found = problems(file.before, file.after, rules, module, is_package=is_package, left=[1])
    corpus.failures += (f"{file.path}: {problem}" for problem in found)


def often_imported(files: Sequence[Path]) -> Rules:
    """Entries for the names that most files import; every other one gets a new name."""
    counts: Counter[tuple[str, str]] = Counter()
    modules: set[str] = set()
    for path in files:
        try:
            imports = read(path.read_bytes(), "", is_package=False).imports
        except (SyntaxError, ValueError, RecursionError, OSError):
            continue
        named = {one.path for one in imports if not one.is_module and one.path[0] != "?"}
        modules |= {one.plain or one.path for one in imports if one.is_module}
        modules |= {path.rpartition(".")[0] for path in named}
        counts.update({(path.rpartition(".")[0], path.rpartition(".")[2]) for path in named})
    chosen: list[Move] = []
    for (module, name), _ in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        is_taken = f"{module}.{name}" in modules or module == "__future__" or name == "*"
        if module and not is_taken:
            new = f"{name}Renamed" if len(chosen) % 2 else name
            chosen.append(Move(module, name, "moved.home", new))
        if len(chosen) == _ENTRIES:
            break
    return Rules(tuple(chosen))


def python_files(trees: Sequence[Path]) -> list[Path]:
    """The Python files below some folders, sorted."""
    found: list[Path] = []
    for tree in trees:
        for folder, folders, names in os.walk(tree):
            folders.sort()
            found += (Path(folder, name) for name in sorted(names) if name.endswith(".py"))
    return found


@contextmanager
def _nothing_written_in(tree: Path) -> Iterator[None]:
    """Raise in whatever process opens a file of the tree for writing, meanwhile."""
    if not _STATE["is_hooked"]:
        sys.addaudithook(_forbid)
        _STATE["is_hooked"] = "yes"
    _STATE["tree"] = f"{tree}{os.sep}"
    try:
        yield
    finally:
        _STATE["tree"] = ""


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _STATE["tree"]:
        return
    path, _mode, flags = arguments
    is_writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if is_writing and str(path).startswith(_STATE["tree"]):
        raise AssertionError(f"{path} is opened for writing")


def _seen(tree: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for path in python_files([tree]):
        status = path.lstat()
        found[str(path)] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def _compiles(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<corpus>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def rendered(corpus: Corpus) -> str:
    """The campaign's result as text."""
    rows = [f"{number:>8,} {what}" for what, number in sorted(corpus.counts.items())]
    rows.append(f"refused: {corpus.refused_share:.3%} of what Python compiles (most: 0.2 %)")
    rows += (f"  {number} {why}" for why, number in corpus.reasons.most_common(15))
    rows.append(f"{len(corpus.failures)} failures")
    rows += (f"  {failure}" for failure in corpus.failures[:30])
    return "\n".join(rows) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, print; 1 if anything was wrong or too much was refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.corpus", description=__doc__)
    parser.add_argument("trees", nargs="+", type=Path, help="folders of real files; only read")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    given = parser.parse_args(arguments)
    corpus = campaign([tree.resolve() for tree in given.trees], given.jobs, _say)
    sys.stdout.write(rendered(corpus))
    return 0 if corpus.is_good else 1


def _say(what: str) -> None:
    sys.stderr.write(f"corpus: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
