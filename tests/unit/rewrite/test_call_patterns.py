"""Calls that patterns of the registry replace: before and after, and what always holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.config.toml import parse
from ssot_migrate.testing import check_migrated, migrate

CASES: dict[str, Any] = parse(
    Path(__file__, "../../../data/call_cases.toml").resolve().read_text(encoding="utf-8")
)
TREE = {path: text.removeprefix("\n") for path, text in CASES["tree"].items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES["cases"]])
def test_case(case: dict[str, Any]) -> None:
    before = case["before"].removeprefix("\n")
    after = case.get("after", case["before"]).removeprefix("\n")
    registry = CASES["settings"][case["setting"]]["registry"]
    migration = check_migrated(
        {**TREE, "app/use.py": before}, {"app/use.py": after}, registry=registry
    )
    said = "\n".join(migration.left)
    for reason in case.get("left", ()):
        assert reason in said
    assert bool(migration.left) == bool(case.get("left"))


REGISTRY = "\n".join(
    CASES["settings"][name]["registry"] for name in ("lookup", "notify", "session", "classes")
)
HEAD = """\
from app.agents import Triage
from app.bridge import Bridge
from app.db import open_session
from app.factory import Context, get_factory
from app.registry import Registry
"""
CHANGED = (
    'registry.get("a")',
    "agent = registry.get(\n    name,  # {é}\n)",
    'await bridge.notify_thinking(run, name, f"{name!r}", step=1)',
    "await bridge.notify_thinking(\n    run,\n    name,\n    [1,\n     2],\n)",
    "bridge.notify_started(run, name)",
    "rows = (await open_session()).rows",
    'registry.register("a", Triage(1, 2))',
    "print(registry.get(registry.get(name)))",
)
UNCHANGED = (
    '{}.get("a")',
    'registry.get("a", None)',
    'registry.fetch("a")  # registry.get("a")',
    'text = """\n  registry.get("a")\n"""',
    "registry.get = name",
    "bridge.notify_thinking",
    "register(name, Triage)",
    'opened = "await open_session()"',
    "name = [one for one in name if one.get(1)]",
    "lambda registry: registry.get(1)",
)
BLOCKS = ("", "if name:", "with name:", "try:", "async for name in name:", "for _ in name:")


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A module of one coroutine, and the lines in it that are nobody's business."""
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    lines: list[str] = []
    kept: list[str] = []
    for _ in range(draw(st.integers(1, 8))):
        is_kept = draw(st.booleans())
        block = draw(st.sampled_from(BLOCKS))
        depth = indent * (2 if block else 1)
        lines += [f"{indent}{block}"] if block else []
        snippet = draw(st.sampled_from(UNCHANGED if is_kept else CHANGED))
        rows = snippet.split("\n")
        inside = '"""' in snippet
        written = [depth + rows[0], *(row if inside else depth + row for row in rows[1:])]
        lines += written
        kept += written if is_kept else []
        lines += [f"{indent}finally:", f"{indent}{indent}pass"] if block == "try:" else []
    signature = "context: Context, registry: Registry, bridge: Bridge, run, name"
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = (
        f"{HEAD}\nasync def go({signature}):\n"
        + "\n".join(lines)
        + draw(st.sampled_from(["", "\n", "\n\n# é\n"]))
    )
    return text.replace("\n", end), kept


@settings(max_examples=60, deadline=None, derandomize=True)
@given(modules())
def test_only_what_matches_changes_and_only_once(made: tuple[str, list[str]]) -> None:
    text, kept = made
    first = migrate({**TREE, "app/use.py": text}, REGISTRY)
    assert [one.why for one in first.report.files if one.why] == []
    after = first.after["app/use.py"].decode()
    compile(after, "<after>", "exec")
    there = after.splitlines()
    for line in kept:
        place = there.index(line)
        there = there[place + 1 :]
    again = migrate(first.after, REGISTRY)
    assert again.changed == {}
    assert [one.why for one in again.report.files if one.why] == []
