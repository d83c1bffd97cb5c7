"""`python -m tests.campaigns.fuzz [--examples N] [--seed S] TREE...`: real files, migrated.

Imports, uses and strings are planted in random legal shapes at random legal places, or imports
that a file has anyway are made to move. The tool migrates batches of such files, and each result
is judged by the oracle and by its bytes.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Outcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request

from . import planting
from .corpus import python_files
from .invariants import leftovers, problems
from .oracle import Move, Rules, read
from .shrinking import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BATCH = 24
_LARGEST = 40_000
_TARGETS = ("tree/other.py", "tree/pkg/far.py", "tree/pkg/near.py")
_ANYTHING = b"def __getattr__(name): ...\n"


class Planted(NamedTuple):
    """A file of a batch."""

    path: str
    module: str
    is_package: bool
    source: bytes


class Failure(NamedTuple):
    """Something that must not happen, with a file that shows it."""

    what: str
    rules: Rules
    file: Planted
    after: bytes = b""


class Tally:
    """What happened."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.refusals: list[Failure] = []

    @property
    def refused_share(self) -> float:
        """Refused files among those that would change."""
        return self.counts["refused"] / max(1, self.counts["refused"] + self.counts["changed"])


def campaign(
    sources: Sequence[Path], examples: int, seed: int, jobs: int, say: Callable[[str], None]
) -> Tally:
    """Migrate that many files, in batches; each batch follows from the seed and its number."""
    tally = Tally()
    number = 0
    while tally.counts["files"] < examples:
        random = Random(f"{seed}/{number}")
        count = min(_BATCH, examples - tally.counts["files"])
        rules, files = a_batch(random, sources, count)
        if files:
            judge(rules, files, jobs, tally)
        number += 1
        if number % 10 == 0:
            say(f"{tally.counts['files']} files, {len(tally.failures)} failures")
        if number > 100 + examples:
            break
    return tally


def a_batch(random: Random, sources: Sequence[Path], count: int) -> tuple[Rules, list[Planted]]:
    """Rules, and files that they are about."""
    rules = planting.some_rules(random)
    is_derived = bool(sources) and random.random() < 0.4
    files: list[Planted] = []
    for number in range(count):
        package = random.choice(("", *planting.PACKAGES))
        is_package = random.random() < 0.15
        stem = f"f{number}/__init__" if is_package else f"f{number}"
        path = f"{package}/{stem}.py" if package else f"{stem}.py"
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        favoured = tuple(one.module for one in rules.moves)
        own = module if is_package else package.replace("/", ".")
        text = _text(planting.Setting(random, own, favoured), sources, is_derived)
        if text is None:
            continue
        data = planting.disguised(random, text)
        if _compiles(data):
            files.append(Planted(path, module, is_package, data))
    if is_derived:
        rules = _derived(random, files)
    return rules, files


def _text(to: planting.Setting, sources: Sequence[Path], is_derived: bool) -> str | None:
    if not sources or to.random.random() < 0.3:
        return planting.a_module(to)
    data = to.random.choice(sources).read_bytes()
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        if len(text) > _LARGEST or "\r" in text or not _compiles(text.encode()):
            return None
        return text if is_derived else planting.planted(to, text)
    except (SyntaxError, UnicodeDecodeError, RecursionError):
        return None


def _derived(random: Random, files: Sequence[Planted]) -> Rules:
    """Entries for things that the files import as they are."""
    named: set[tuple[str, str]] = set()
    modules: set[str] = set()
    for file in files:
        for one in read(file.source, file.module, is_package=file.is_package).imports:
            if one.path.startswith(("?", "__future__", "tree")):
                continue
            module, _, name = one.path.rpartition(".")
            if one.is_module:
                modules.add(one.plain or one.path)
                named.add((one.plain or one.path, ""))
            else:
                modules.add(module)
                named |= {(module, name)} - {(module, "*")}
    found: dict[str, Move] = {}
    for module, name in random.sample(sorted(named), min(len(named), random.randint(1, 6))):
        old = f"{module}.{name}".strip(".")
        if name and any(f"{one}.".startswith(f"{old}.") for one in modules):
            continue
        new = random.choice([name, name, f"{name}Renamed", "Widget"]) if name else ""
        home = random.choice(["moved.home", "moved.other", f"moved.{module}"])
        found[old] = Move(module, name, home if name else f"moved.{module}", new)
    return Rules(tuple(found.values()))


def _compiles(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<planted>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def judge(rules: Rules, files: Sequence[Planted], jobs: int, tally: Tally) -> None:
    """Migrate a batch and look at what became of each file."""
    with TemporaryDirectory(prefix="ssot-migrate-fuzz-") as folder:
        root = Path(folder)
        _write(root, rules, files)
        outcomes = {one.path: one for one in _planned(root, jobs).files}
        for file in files:
            outcome = outcomes.get(file.path)
            tally.counts["files"] += 1
            tally.counts[outcome.outcome.value if outcome else "untouched"] += 1
            if outcome is not None and outcome.why:
                tally.reasons[_general(outcome.why)] += 1
                tally.refusals.append(Failure(f"refused: {outcome.why}", rules, file))
            for what in wrong(rules, file, outcome):
                tally.failures.append(
                    Failure(what, rules, file, (outcome and outcome.after) or b"")
                )
        for outcome in outcomes.values():
            if outcome.after is not None:
                (root / outcome.path).write_bytes(outcome.after)
        by_path = {file.path: file for file in files}
        for again in _planned(root, jobs).files:
            if again.outcome is Outcome.CHANGED and again.path in by_path:
                what = "a second pass changes it again"
                file, after = by_path[again.path], again.after or b""
                tally.failures.append(Failure(what, rules, file, after))


def wrong(rules: Rules, file: Planted, outcome: FileOutcome | None) -> Iterator[str]:
    """What is wrong with the outcome of one file."""
    if outcome is None or (outcome.outcome is Outcome.UNCHANGED and not outcome.left):
        if spared := leftovers(file.source, rules, file.module, is_package=file.is_package):
            yield f"says nothing about {', '.join(spared)}"
    elif outcome.after is not None:
        yield from problems(
            file.source,
            outcome.after,
            rules,
            file.module,
            is_package=file.is_package,
            left=[one.line for one in outcome.left],
        )


def alone(rules: Rules, file: Planted) -> list[str]:
    """What is wrong with one file that is migrated by itself."""
    tally = Tally()
    judge(rules, [file], 1, tally)
    return [one.what for one in (*tally.failures, *tally.refusals)]


def _write(root: Path, rules: Rules, files: Sequence[Planted]) -> None:
    (root / "ssot.toml").write_text(rules.registry)
    packages = {f"{package}/__init__.py": b"" for package in planting.PACKAGES}
    contents = {**packages, **dict.fromkeys(_TARGETS, _ANYTHING)}
    for path, data in {**contents, **{file.path: file.source for file in files}}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def _planned(root: Path, jobs: int) -> ApplyReport:
    config = str(root / "ssot.toml")
    return plan(Request(root=str(root), config=config, use_cache=False, jobs=jobs), Scope())


def _general(why: str) -> str:
    """A reason without what is particular to a file."""
    return " ".join("N" if word.isdigit() else word for word in why.split())[:80]


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, print; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.fuzz", description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, help="folders of real files; only read")
    parser.add_argument("--examples", type=int, default=2_000, help="how many files (2000)")
    parser.add_argument("--seed", type=int, default=0, help="what follows from it (0)")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--show", type=int, default=5, help="failures to shrink and show (5)")
    given = parser.parse_args(arguments)
    sources = python_files(given.trees)
    tally = campaign(sources, given.examples, given.seed, given.jobs, _say)
    sys.stdout.write(rendered(tally, given.seed, given.show))
    return 1 if tally.failures else 0


def rendered(tally: Tally, seed: int, show: int) -> str:
    """The tally as text."""
    rows = [f"seed {seed}: " + ", ".join(f"{n} {what}" for what, n in sorted(tally.counts.items()))]
    rows.append(f"refused {tally.refused_share:.2%} of what would change")
    rows += (f"  {number} {why}" for why, number in tally.reasons.most_common(12))
    rows.append(f"{len(tally.failures)} failures")
    found = [*tally.failures, *tally.refusals]
    first = {_kind(failure.what): failure for failure in reversed(found)}
    chosen = [failure for failure in found if first[_kind(failure.what)] is failure]
    chosen += [failure for failure in tally.failures if failure not in chosen]
    texts = ["\n".join(shown(failure)) for failure in chosen[:show]]
    rows += dict.fromkeys(texts)
    return "\n".join(rows) + "\n"


def shown(failure: Failure) -> list[str]:
    """A failure with a small file that shows it."""
    kind = _kind(failure.what)

    def tells(file: Planted) -> str:
        return next((one for one in alone(failure.rules, file) if _kind(one) == kind), "")

    file = shrunk(failure.file, lambda file: bool(tells(file)))
    text = file.source.decode("utf-8", "backslashreplace")
    return [f"\n== {file.path}: {tells(file) or failure.what}", failure.rules.registry, text]


def _kind(what: str) -> str:
    return " ".join(word for word in what.split() if word.strip(":").isalpha())[:32]


def _say(what: str) -> None:
    sys.stderr.write(f"fuzz: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
