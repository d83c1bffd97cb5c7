"""`python -m tests.bench.editor TREE`: how long the language server lets an editor wait."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from tests.functional.editor import editor
from tests.functional.process import COMMAND, clean_environment

from .cases import write_registry
from .corpus import choose_modules, copy_tree, survey
from .machine import describe
from .tables import table

if TYPE_CHECKING:
    from .corpus import Corpus

_EDITS = 100
_LONGEST_PAUSE_SECONDS = 1.0
"""Longer than the silence after which all files are looked at, so that typing meets that work."""
_PATIENCE_SECONDS = 600
_TYPED = "SSOT201"


class Row(NamedTuple):
    """What an editor waited for, in seconds.

    Args:
        run: Whether a cache was there.
        start: From the start of the server to the first diagnostics of a file.
        edits: From each change to its diagnostics.
    """

    run: str
    start: float
    edits: list[float]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        typed = sorted(self.edits)
        late = typed[min(len(typed) - 1, int(len(typed) * 0.95))]
        return (
            self.run,
            f"{self.start:.1f}",
            str(len(typed)),
            f"{statistics.median(typed) * 1000:.0f}",
            f"{late * 1000:.0f}",
        )


def main() -> int:
    """Parse, measure on a copy of the tree, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.editor", description=__doc__)
    parser.add_argument("tree", help="the tree to measure on; it is only read")
    parser.add_argument("--config", type=Path, metavar="FILE", help="a registry for it")
    parser.add_argument("--file", metavar="PATH", help="the file to type in, from the tree's top")
    parser.add_argument("--edits", type=int, default=_EDITS, help=f"how many ({_EDITS})")
    arguments = parser.parse_args()
    if not os.path.isdir(arguments.tree):
        parser.error(f"{arguments.tree!r} is no folder: make bench-editor ROOT=PATH")
    if arguments.config and not arguments.config.is_file():
        parser.error(f"{arguments.config} is no file")
    if arguments.edits < 1:
        parser.error("--edits needs at least 1")
    # So that the scratch folder is removed then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with TemporaryDirectory(prefix="ssot-migrate-bench-") as scratch:
        try:
            return _measure(arguments, Path(scratch).resolve())
        except LookupError as problem:
            parser.error(str(problem))


def _measure(arguments: argparse.Namespace, scratch: Path) -> int:
    for name, value in describe().items():
        sys.stdout.write(f"{name}: {value}\n")
    for name in ("ssot-migrate", "pygls", "lsprotocol"):
        sys.stdout.write(f"{name}: {importlib.metadata.version(name)}\n")
    _say("copying the tree")
    corpus = survey(Path(arguments.tree).resolve())
    twin = copy_tree(corpus, scratch / "twin")
    moved = () if arguments.config else _chosen(corpus)
    registry = arguments.config or write_registry(scratch / "ssot.toml", moved)
    project = ("--root", ".", "--config", str(registry.resolve()))
    path = arguments.file or _usual_file(twin, project)
    if not (twin / path).is_file():
        raise LookupError(f"{path} is no file of the tree")
    # What was copied is not to be written to the disk while something is timed.
    os.sync()
    words = (*project, "--cache-dir", str(scratch / "cache"))
    rows = []
    for run in ("no cache yet", "with a cache"):
        _say(f"{run}: {arguments.edits} edits")
        rows.append(asyncio.run(_typed(run, twin, path, words, arguments.edits)))
    sys.stdout.write(
        f"tree: {len(corpus.python):,} Python files, {corpus.size / 1e6:.1f} MB\n"
        f"registry: {', '.join(moved) + ' deprecated' if moved else registry}\n"
        f"typed in: {path}, {len((twin / path).read_bytes().splitlines()):,} lines\n\n"
        + table(("run", "start s", "edits", "median ms", "95 % ms"), [row.cells for row in rows])
        + "\n"
    )
    return 0


async def _typed(run: str, root: Path, path: str, words: tuple[str, ...], edits: int) -> Row:
    """Start the server, open a file, and type at its end."""
    pauses = random.Random(0)
    seconds = []
    started = time.perf_counter()
    async with editor(root, *words, patience=_PATIENCE_SECONDS) as one:
        one.open(path)
        await one.until(lambda: one.is_current(path))
        start = time.perf_counter() - started
        text = one.texts[path]
        for number in range(edits):
            if number:
                await asyncio.sleep(pauses.uniform(0, _LONGEST_PAUSE_SECONDS))
            changed = time.perf_counter()
            one.type(path, f"{text}\n# {'.' * number}\n")
            await one.until(lambda: one.is_current(path))
            seconds.append(time.perf_counter() - changed)
    return Row(run, start, seconds)


def _chosen(corpus: Corpus) -> tuple[str, ...]:
    modules = choose_modules(corpus)
    if not modules:
        raise LookupError("no module of the tree is imported by another one: name a registry")
    return modules


def _usual_file(root: Path, project: tuple[str, ...]) -> str:
    """Of the files with something to show, the one of median length."""
    _say("looking for a file to type in")
    words = ("scan", "--no-cache", "--select", _TYPED, "--output-format", "json", *project)
    done = subprocess.run(
        (*COMMAND, *words), cwd=root, env=clean_environment(), capture_output=True, check=False
    )
    if not done.stdout:
        raise LookupError(done.stderr.decode().strip())
    found: set[str] = {one["path"] for one in json.loads(done.stdout)["findings"]}
    if not found:
        raise LookupError(f"no file has a finding of {_TYPED}: name one (--file)")
    return sorted(found, key=lambda path: ((root / path).stat().st_size, path))[len(found) // 2]


def _say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
