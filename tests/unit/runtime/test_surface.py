"""What the package offers, and what importing it costs."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ssot_migrate.runtime
from ssot_migrate.config.toml import parse

ROOT = Path(__file__).parents[3]
PACK = ROOT / "rules" / "packs" / "agent-runtime.toml"

PUBLIC = {name: getattr(ssot_migrate.runtime, name) for name in ssot_migrate.runtime.__all__}

IMPORT = """
import json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import ssot_migrate.runtime
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_public_names_are_listed_once_and_in_order() -> None:
    names = ssot_migrate.runtime.__all__
    assert names == sorted(set(names))
    modules = {
        name for name, value in vars(ssot_migrate.runtime).items() if inspect.ismodule(value)
    }
    public = {name for name in vars(ssot_migrate.runtime) if not name.startswith("_")}
    assert public - modules - {"annotations"} == set(names)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_object_is_known_by_one_name_and_explained(name: str) -> None:
    value = PUBLIC[name]
    assert value.__name__ == name
    assert value.__module__.startswith("ssot_migrate.runtime.")
    assert [found for found, other in PUBLIC.items() if other is value] == [name]
    undocumented = [path for path, member in members(name, value) if not inspect.getdoc(member)]
    assert not undocumented


def members(name: str, value: Any) -> list[tuple[str, object]]:
    """An object and the public methods and properties it defines."""
    found = [(name, value)]
    for attribute, member in vars(value).items():
        function = getattr(member, "__func__", member)
        if not attribute.startswith("_") and isinstance(function, property | FUNCTION):
            found.append((f"{name}.{attribute}", function))
    return found


FUNCTION = type(members)


def test_the_docstring_of_a_dataclass_is_not_the_generated_one() -> None:
    assert not [name for name, value in PUBLIC.items() if (value.__doc__ or "").startswith(name)]


def test_everything_the_migration_leads_to_is_here() -> None:
    canonical = {
        concept["canonical"] for concept in parse(PACK.read_text(encoding="utf-8"))["concepts"]
    }
    names = {path.removeprefix("ssot_migrate.runtime:").partition(".")[0] for path in canonical}
    assert len(names) > 5
    assert names <= set(PUBLIC)


def test_importing_it_needs_the_standard_library_alone() -> None:
    """In a process that sees no other packages, and so could not import one by chance."""
    imported = imported_modules("-I", "-S")
    foreign = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert foreign == {"ssot_migrate"}
    own = {name for name in imported if name.startswith("ssot_migrate.")}
    assert own - {"ssot_migrate._version"} == {
        f"ssot_migrate.runtime.{path.stem}".removesuffix(".__init__")
        for path in (ROOT / "ssot_migrate" / "runtime").glob("*.py")
    }


def imported_modules(*options: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", IMPORT, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout)
    return names
