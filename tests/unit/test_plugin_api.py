"""What plug-ins may rely on: every name and signature, as a snapshot.

A line that goes or changes breaks somebody's plug-in: raise `API`, and say so in the change log.
"""

from __future__ import annotations

import enum
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from ssot_migrate import plugin, testing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "plugin"
EXAMPLE = Path(__file__).parents[1] / "data" / "plugin_example"
# What else they have is between the tool's own parts.
PROMISED: dict[type, tuple[str, ...]] = {
    plugin.ReplaceCode: ("span", "parts", "names", "cause"),
    plugin.AddImport: ("target", "above", "cause"),
}
LISTED = {plugin.Project: plugin.PROJECT, plugin.Rule: plugin.RULE}
MADE_BY_THE_TOOL = (plugin.Project, plugin.Rule, plugin.PatternRule, plugin.Source)
PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


def surface(module: ModuleType) -> str:
    lines = [f"# {module.__name__}"]
    for name in sorted(module.__all__):
        lines += described(name, getattr(module, name))
    return "\n".join(lines) + "\n"


def described(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, type) and issubclass(value, enum.Enum):
        yield f"{name}: {', '.join(f'{one.name}={one.value!r}' for one in value)}"
    elif isinstance(value, type):
        members = LISTED.get(value) or own_members(value)
        yield name if value in MADE_BY_THE_TOOL else f"{name}{signature(value)}"
        yield from (f"  {line}" for one in members for line in member_of(value, one))
    elif kinds := get_args(value):
        yield f"{name} = {' | '.join(one.__name__ for one in kinds)}"
    elif callable(value):
        yield f"{name}{signature(value)}"
    else:
        yield f"{name} = {value!r}"


def own_members(kind: type) -> list[str]:
    fields = getattr(kind, "__struct_fields__", ())
    return sorted(one for one in vars(kind) if not one.startswith("_") and one not in fields)


def member_of(kind: type, name: str) -> Iterator[str]:
    value = inspect.getattr_static(kind, name, None)
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if inspect.isfunction(value):
        yield f".{name}{signature(value)}"
    else:
        yield f".{name}"


def signature(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, msgspec.Struct):
        return (
            "("
            + ", ".join(
                field.name if field.required else f"{field.name}=..."
                for field in msgspec.structs.fields(value)
                if field.name in PROMISED.get(value, (field.name,))
            )
            + ")"
        )
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    # Annotations differ between versions of Python; names, kinds and defaults are what calls need.
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()]
    return str(inspect.Signature(bare))


def test_the_surface_is_what_it_was(snapshot: Snapshot) -> None:
    snapshot.snapshot_dir = SNAPSHOTS
    snapshot.assert_match(f"{surface(plugin)}\n{surface(testing)}", "api.txt")


def test_the_page_lists_it_all() -> None:
    listed = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert not {*plugin.__all__, *plugin.PROJECT, *testing.__all__} - listed


def test_what_a_rule_imports_is_light() -> None:
    program = "import sys, ssot_migrate.plugin; print('libcst' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_the_page_shows_the_example_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sources = [
        file.read_text(encoding="utf-8")
        for suffix in ("py", "toml")
        for file in EXAMPLE.rglob(f"*.{suffix}")
    ]
    blocks = re.findall(r"^```(?:python|toml)\n(.*?)^```", text, flags=re.S | re.M)
    assert len(blocks) > 10
    assert not [block for block in blocks if not any(block in source for source in sources)]
