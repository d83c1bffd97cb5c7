"""Whom a patch reaches, found by running it before and after a migration.

Packages of all shapes stand side by side in one tree: each has an old home of a name, a new one,
modules that read the name in some way, and a test that patches it where it was.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from ssot_migrate.domain.scope import Scope
from ssot_migrate.usecases.gate.scan import Gate, scan
from ssot_migrate.usecases.migration.planning import plan
from ssot_migrate.usecases.project import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Write = Callable[[Mapping[str, str], str], Path]

PACKAGES = 90
_BODY = "def f():\n    return "
READERS: Mapping[str, str] = {
    "late": "def f():\n    from APP.old import Thing\n    return Thing()\n",
    "late_alias": "def f():\n    from APP.old import Thing as T\n    return T()\n",
    "late_module": "def f():\n    from APP import old\n    return old.Thing()\n",
    "late_package": "def f():\n    import APP.old as o\n    o.other()\n    return o.Thing()\n",
    "chain": f"import APP.old\n{_BODY}APP.old.Thing()\n",
    "chain_alias": f"import APP.old as o\n{_BODY}o.Thing()\n",
    "chain_and_other": f"import APP.old\n{_BODY}(APP.old.other(), APP.old.Thing())[1]\n",
    "module": f"from APP import old\n{_BODY}old.Thing()\n",
    "module_and_other": f"from APP import old\n{_BODY}(old.other(), old.Thing())[1]\n",
    "function": "from APP import old\nf = lambda: old.Thing()\n",
    "method": "import APP.old\nclass C:\n    def g(self):\n        return APP.old.Thing()\n"
    "def f():\n    return C().g()\n",
    "two_hops": f"from APP.hop import legacy\n{_BODY}legacy.Thing()\n",
    "copy": f"from APP.old import Thing\n{_BODY}Thing()\n",
    "star": f"from APP.old import *\n{_BODY}Thing()\n",
    "eager": f"import APP.old\nthing = APP.old.Thing()\n{_BODY}thing\n",
    "by_name": f"import APP.old\n{_BODY}getattr(APP.old, 'Thing')()\n",
    "handed_on": "import APP.old\ndef get(m):\n    return m.Thing()\n"
    "def f():\n    return get(APP.old)\n",
    "dynamic": f"import importlib\n{_BODY}importlib.import_module('APP.old').Thing()\n",
    "face": f"from APP import Thing\n{_BODY}Thing()\n",
    "late_face": "def f():\n    from APP import Thing\n    return Thing()\n",
    "copy_of_new": f"from APP.new import Thing\n{_BODY}Thing()\n",
    "late_new": "def f():\n    from APP.new import Thing\n    return Thing()\n",
}
FACES = {
    "eager face": "from APP.old import Thing\n",
    "lazy face": "def __getattr__(name):\n    if name == 'Thing':\n"
    "        from APP.old import Thing\n        return Thing\n    raise AttributeError(name)\n",
}
_DEFINES = "class Thing: ...\ndef other(): ...\n"
_READS = "def f():\n    return Thing()\n"
OLD = {
    "shim": "from APP.new import Thing, other\n",
    "definition": _DEFINES,
    "reader": _DEFINES + _READS,
}
_RENAMES = "Widget = Thing\n"
NEW = {"definition": _DEFINES + _RENAMES, "reader": _DEFINES + _RENAMES + _READS}
MOVES = {
    "other name": '[[moves]]\nfrom = "APP.old:Thing"\nto = "APP.new:Widget"\n',
    "name": '[[moves]]\nfrom = "APP.old:Thing"\nto = "APP.new:Thing"\n',
    "module": '[[moves]]\nfrom = "APP.old"\nto = "APP.new"\n',
}
TEST = "from unittest.mock import patch\n\n\n@patch('APP.old.Thing')\ndef test(thing): ...\n"
RUN = """
import importlib, json, sys
from unittest.mock import patch
found = {}
for package, names in json.loads(sys.stdin.read()).items():
    modules = {name: importlib.import_module(f"{package}.{name}") for name in names}
    with open(f"{package}/test_a.py", encoding="utf-8") as file:
        target = file.read().split("@patch('")[1].split("'")[0]
    with patch(target) as thing:
        found[package] = {
            name: module.f() is thing.return_value
            for name, module in modules.items() if hasattr(module, "f")
        }
        face = sys.modules[package]
        if hasattr(face, "__getattr__"):
            found[package]["__init__"] = face.Thing is thing
print(json.dumps(found))
"""


class Package(msgspec.Struct, frozen=True):
    """One shape of a package."""

    name: str
    readers: tuple[str, ...]
    face: str
    old: str
    new: str
    move: str

    @property
    def modules(self) -> tuple[str, ...]:
        return (*self.readers, "old", "new")

    def files(self) -> Mapping[str, str]:
        sources = {
            "__init__": FACES.get(self.face, ""),
            "old": OLD[self.old],
            "new": NEW[self.new],
            "hop": "from APP import old as legacy\n",
            "test_a": TEST,
            **{reader: READERS[reader] for reader in self.readers},
        }
        return {
            f"{self.name}/{module}.py": source.replace("APP", self.name)
            for module, source in sources.items()
        }


def some_package(number: int) -> Package:
    chance = random.Random(number)
    readers = tuple(sorted(chance.sample(sorted(READERS), chance.randint(0, 4))))
    face = chance.choice(["", "", *FACES])
    if not face and not {"face", "late_face"}.isdisjoint(readers):
        face = "eager face"
    return Package(
        f"p{number}",
        readers,
        face,
        chance.choice(sorted(OLD)),
        chance.choice(sorted(NEW)),
        chance.choice(sorted(MOVES)),
    )


def reached(root: Path, packages: Sequence[Package]) -> Mapping[str, set[str]]:
    """The modules of each package whose function gets the patch instead of the name."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN],
        input=json.dumps({package.name: package.modules for package in packages}),
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Mapping[str, bool]] = json.loads(done.stdout)
    return {name: {one for one, hit in got.items() if hit} for name, got in found.items()}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_a_patch_reaches_whom_it_reached(write_tree: Write, *, unsafe: bool) -> None:
    packages = [some_package(number) for number in range(PACKAGES)]
    moves = "".join(MOVES[one.move].replace("APP", one.name) for one in packages)
    root = write_tree({k: v for one in packages for k, v in one.files().items()}, moves)
    before = reached(root, packages)
    report = plan(
        Request(root=str(root), config=str(root / "ssot.toml"), use_cache=False, jobs=1),
        Scope(strings=frozenset({"mock"}), unsafe=unsafe),
    )
    outcomes = {one.path: one for one in report.files}
    for outcome in outcomes.values():
        if outcome.after is not None:
            (root / outcome.path).write_bytes(outcome.after)
    after = reached(root, packages)
    verdicts = set()
    for package in packages:
        outcome = outcomes[f"{package.name}/test_a.py"]
        old, new = before[package.name], after[package.name]
        if outcome.edits:
            verdicts.add("moved")
            # A definition of its own is read by itself alone: it is replaced, not moved.
            assert (old - {"old"} <= new) if unsafe else (old == new), package
            continue
        (left,) = outcome.left
        verdicts.add(left.cause.code)
        if left.cause.code == "SSOT206":
            assert not old, package
    assert verdicts == {"moved", "SSOT204", "SSOT206"}


def test_a_patch_that_is_called_inert_reaches_nobody(write_tree: Write) -> None:
    packages = [some_package(number) for number in range(PACKAGES, 2 * PACKAGES)]
    moves = "".join(MOVES[one.move].replace("APP", one.name) for one in packages)
    root = write_tree({k: v for one in packages for k, v in one.files().items()}, moves)
    reach = reached(root, packages)
    report = scan(Request(root=str(root), use_cache=False, jobs=1), Gate(select=("SSOT206",)))
    inert = {one.path.partition("/")[0] for one in report.findings}
    assert inert
    assert not [(name, reach[name]) for name in inert if reach[name]]
    # Those that the rule leaves alone are in doubt, not many.
    assert len([name for name in reach if not reach[name]]) <= 3 * len(inert)
