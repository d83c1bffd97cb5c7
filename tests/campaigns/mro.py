"""Holds method resolution orders against those of the same package, imported elsewhere.

The package is imported in a process of its own, with the Python that has it installed; the tool
reads a copy of its source::

    python -m tests.campaigns.mro FOLDER PACKAGE --python VENV/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

_DUMP = """
import importlib, json, os, pkgutil, sys, warnings
warnings.simplefilter("ignore")
package = importlib.import_module(sys.argv[1])
if sys.argv[2]:
    exec(sys.argv[2])
def skip(_name): pass
for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".", skip):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
    except BaseException:
        pass
def name(one):
    module = one.__module__
    if module in ("builtins", "typing") and one.__name__ != "Generic":
        return one.__qualname__ if module == "builtins" else f"typing.{one.__qualname__}"
    return f"{module}:{one.__qualname__}"
seen, pending = {}, [object]
while pending:
    for one in type.__subclasses__(pending.pop()):
        if one not in seen:
            seen[one] = [name(above) for above in one.__mro__]
            pending.append(one)
wanted = package.__name__
lines = {}
for one, line in seen.items():
    if (one.__module__ or "").split(".")[0] == wanted and "<locals>" not in one.__qualname__:
        module = sys.modules.get(one.__module__)
        held = module
        for part in one.__qualname__.split("."):
            held = getattr(held, part, None)
        if held is one:
            lines[line[0]] = line
sys.stdout = sys.__stdout__
print("\\n" + json.dumps(lines))
"""


def main() -> int:
    """Compare, print what differs, and return 1 if something does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the source that the tool reads")
    parser.add_argument("package", help="the package in it, to be imported elsewhere")
    parser.add_argument("--python", default=sys.executable, help="the Python that has it")
    parser.add_argument("--setup", default="", help="code to run after the first import")
    given = parser.parse_args()
    real = _real(given.python, given.package, given.setup)
    told = _told(given.folder / given.package)
    package = given.package
    real = _as_written(real, told)
    lines: list[str] = []
    agreeing = differing = partial = absent = made = 0
    for name, line in sorted(real.items()):
        report = told.get(name)
        if report is None:
            # What a call makes, a named tuple or what a metaclass adds, is no class statement.
            is_stated = _is_stated(given.folder, name)
            absent += is_stated
            made += not is_stated
            if is_stated:
                lines.append(f"not found: {name}")
            continue
        ours = [one for one in report["mro"] if one.startswith(f"{package}.")]
        theirs = [one for one in line if one.startswith((f"{package}.", f"{package}:"))]
        is_told = bool(report["unseen"]) and _is_within(ours, theirs)
        if report["conflict"] or (ours != theirs and not is_told):
            differing += 1
            lines.append(f"{name}\n  tool:   {ours}\n  Python: {theirs}\n  {report['unseen']}")
        elif report["unseen"]:
            partial += 1
        else:
            whole = [one.replace(":", ".") for one in report["mro"]]
            if whole == [one.replace(":", ".") for one in line]:
                agreeing += 1
            else:
                differing += 1
                lines.append(f"{name}\n  tool:   {report['mro']}\n  Python: {line}")
    lines.append(
        f"{len(real)} classes imported: {agreeing} MROs agree completely, {partial} as far as the "
        f"tree shows, {differing} differ, {absent} are not found, {made} have no class statement."
    )
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if differing or absent else 0


def _as_written(real: dict[str, list[str]], told: dict[str, Any]) -> dict[str, list[str]]:
    """Classes that call themselves members of another module, by the one that defines them."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for name in told:
        homes[name.partition(":")[2]].append(name)

    def written(name: str) -> str:
        own = homes.get(name.partition(":")[2], ())
        return own[0] if name not in told and ":" in name and len(own) == 1 else name

    return {written(name): list(map(written, line)) for name, line in real.items()}


def _is_stated(folder: Path, name: str) -> bool:
    module, _, qualified = name.partition(":")
    base = folder.joinpath(*module.split("."))
    files = [one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()]
    leaf = qualified.rpartition(".")[2]
    return any(re.search(rf"^\s*class {leaf}\b", one.read_text(), re.M) for one in files)


def _is_within(part: list[str], whole: list[str]) -> bool:
    """Whether the names stand in the same order in the other list, with others between them."""
    rest = iter(whole)
    return all(one in rest for one in part)


def _real(python: str, package: str, setup: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [python, "-c", _DUMP, package, setup],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
        cwd="/",
    )
    lines: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return lines


def _told(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "ssot_migrate", "hierarchy", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--output-format", "json", str(folder), "--root", str(folder.parent)],
        check=False,
        capture_output=True,
        text=True,
    )
    return {one["name"]: one for one in json.loads(done.stdout)["classes"]}


if __name__ == "__main__":
    sys.exit(main())
