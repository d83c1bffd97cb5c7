"""Generated modules and registries: what must hold of every rewrite, judged by the oracle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssot_migrate.domain.scope import Scope
from ssot_migrate.testing import migrate
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request
from tests.campaigns import planting
from tests.campaigns.invariants import leftovers, problems
from tests.campaigns.oracle import Rules, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.testing import Migration

TARGETS = dict.fromkeys(
    ("tree/other.py", "tree/pkg/far.py", "tree/pkg/near.py"), b"def __getattr__(name): ...\n"
)
PACKAGES = {f"{package}/__init__.py": b"" for package in planting.PACKAGES}

# The same examples every time: new ones are what the campaign is for.
few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# For what migrates each tree twice or thrice, to compare.
fewer = settings(few, max_examples=10)


class Tree(NamedTuple):
    """Generated modules, by path, and what moves."""

    rules: Rules
    modules: dict[str, bytes]

    @property
    def files(self) -> dict[str, bytes]:
        return {**PACKAGES, **TARGETS, **self.modules}


@st.composite
def trees(draw: st.DrawFn, size: int = 6, *, disguised: bool = True) -> Tree:
    random = draw(st.randoms(use_true_random=False))
    # A seed shrinks badly and is fast; the campaign shrinks by lines.
    return tree_of(Random(random.getrandbits(64)), size, disguised=disguised)


def tree_of(random: Random, size: int, *, disguised: bool = True) -> Tree:
    rules = planting.some_rules(random)
    modules: dict[str, bytes] = {}
    favoured = tuple(one.module for one in rules.moves)
    while len(modules) < size:
        package = random.choice(("", *planting.PACKAGES))
        stem = f"m{len(modules)}" + ("/__init__" if random.random() < 0.2 else "")
        path = f"{package}/{stem}.py".lstrip("/")
        own = module_of(path) if is_package(path) else package.replace("/", ".")
        text = planting.a_module(planting.Setting(random, own, favoured))
        data = planting.disguised(random, text) if disguised else text.encode()
        if compiles(data):
            modules[path] = data
    return Tree(rules, modules)


def compiles(data: bytes) -> bool:
    try:
        compile(data, "<made>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_package(path: str) -> bool:
    return path.endswith("__init__.py")


def wrong(tree: Tree, migration: Migration) -> Iterator[str]:
    """What is wrong with a migrated tree."""
    outcomes = {one.path: one for one in migration.report.files}
    for path, before in tree.modules.items():
        after, outcome = migration.after[path], outcomes.get(path)
        asked = (tree.rules, module_of(path))
        if after != before:
            lines = [one.line for one in outcome.left] if outcome else []
            found = problems(before, after, *asked, is_package=is_package(path), left=lines)
            yield from (f"{path}: {problem}" for problem in found)
        elif outcome is None and (spared := leftovers(before, *asked, is_package=is_package(path))):
            yield f"{path}: nothing is said about {spared}"


@few
@given(trees())
def test_every_rewrite_is_sound(tree: Tree) -> None:
    """Compiles; code, comments, bytes, names and references are as they were, but for the rules."""
    migration = migrate(tree.files, tree.rules.registry)
    assert not list(wrong(tree, migration))


@few
@given(trees())
def test_second_pass_has_nothing_to_do(tree: Tree) -> None:
    first = migrate(tree.files, tree.rules.registry)
    assert not migrate(first.after, tree.rules.registry).changed


@fewer
@given(trees(), st.randoms(use_true_random=False))
def test_no_order_matters(tree: Tree, random: Random) -> None:
    """Neither that of the registry's entries nor that in which files come."""
    once = migrate(tree.files, tree.rules.registry)
    moves, paths = list(tree.rules.moves), list(tree.files)
    random.shuffle(moves)
    random.shuffle(paths)
    again = migrate({path: tree.files[path] for path in paths}, Rules(tuple(moves)).registry)
    assert again.after == once.after
    assert again.report == once.report


def with_crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def with_mark(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


@fewer
@given(trees(disguised=False))
def test_line_ends_and_marks_do_not_matter(tree: Tree) -> None:
    """What becomes of a file is the same for CRLF, and behind a byte order mark."""
    plain = migrate(tree.files, tree.rules.registry).after
    for change in (with_crlf, with_mark):
        files = {path: change(data) for path, data in tree.files.items()}
        changed = migrate(files, tree.rules.registry).after
        assert changed == {path: change(data) for path, data in plain.items()}


@few
@given(trees(size=4), st.randoms(use_true_random=False))
def test_names_that_others_read_stay_bound(tree: Tree, random: Random) -> None:
    readers: dict[str, bytes] = {}
    wanted: dict[str, set[str]] = {}
    for path, data in tree.modules.items():
        module = module_of(path)
        bound = read(data, module, is_package=is_package(path)).imports
        names = sorted({one.bound for one in bound if not one.plain and one.bound != "*"})
        chosen = random.sample(names, min(2, len(names)))
        forms = ("from {m} import {n}", "import {m} as m_\nm_.{n}", "import {m}\n{m}.{n}.x()")
        for number, name in enumerate(chosen):
            text = random.choice(forms).format(m=module, n=name)
            readers[f"reader_{module.replace('.', '_')}_{number}.py"] = text.encode() + b"\n"
            wanted.setdefault(path, set()).add(name)
    migration = migrate({**tree.files, **readers}, tree.rules.registry)
    for path, kept in wanted.items():
        now = read(migration.after[path], module_of(path), is_package=is_package(path))
        here = read(tree.modules[path], module_of(path), is_package=is_package(path))
        assert kept & here.bound <= now.bound


@few
@given(trees(size=4))
def test_what_no_rule_names_stays_as_it_is(tree: Tree) -> None:
    registry = 'check-targets = false\n[[moves]]\nfrom = "nowhere.at:All"\nto = "new.mod:All"\n'
    migration = migrate(tree.files, registry)
    assert not migration.report.files


def plant(root: Path, tree: Tree) -> dict[str, tuple[int, int, bytes]]:
    """Write a tree; returns inode, time of change and content of each file."""
    for path, data in {**tree.files, "ssot.toml": tree.rules.registry.encode()}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return seen(root)


def seen(root: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_number_of_workers_and_cache_do_not_show_and_nothing_is_written() -> None:
    tree = tree_of(Random(7), 40)
    with TemporaryDirectory() as folder, TemporaryDirectory() as cache:
        root = Path(folder)
        planted = plant(root, tree)
        reports = [
            plan(
                Request(
                    root=folder,
                    config=str(root / "ssot.toml"),
                    jobs=jobs,
                    use_cache=bool(keep),
                    cache_dir=keep,
                ),
                Scope(),
            )
            for jobs, keep in ((1, None), (2, None), (5, None), (2, cache), (2, cache))
        ]
        assert seen(root) == planted
    assert reports[0].changed
    assert all(report == reports[0] for report in reports)


PLAN = """
import sys
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request
from ssot_migrate.domain.scope import Scope

print(plan(Request(root=sys.argv[1], use_cache=False, jobs=2), Scope()))
"""


def test_hashes_locale_time_zone_and_folder_do_not_show(tmp_path: Path) -> None:
    plant(tmp_path / "tree", tree_of(Random(11), 12))
    printed = [
        subprocess.run(
            [sys.executable, "-c", PLAN, str(tmp_path / "tree")],
            env={**os.environ, **environment},
            cwd=cwd,
            capture_output=True,
            check=True,
        ).stdout
        for environment, cwd in (
            ({"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}, tmp_path),
            ({"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}, tmp_path / "tree"),
        )
    ]
    assert b"CHANGED" in printed[0]
    assert printed[0] == printed[1]


def test_code_of_the_tree_is_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    source = f"from old.mod import Thing\nopen({str(marker)!r}, 'w')\nx = Thing\n"
    files = {"app/__init__.py": source, "old/__init__.py": source, "new/__init__.py": source}
    registry = 'check-targets = false\n[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'
    assert migrate(files, registry).changed
    assert not marker.exists()
