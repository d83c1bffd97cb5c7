"""What a comment suppresses is left alone by a migration, and told."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from ssot_migrate.config.toml import parse
from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.testing import Migration, migrate

REGISTRY = '[[moves]]\nfrom = "old.mod"\nto = "new.mod"\n'
TREE = {
    **{f"{package}/__init__.py": "" for package in ("old", "new")},
    **{f"{package}/mod.py": "def f(): ...\ndef g(): ...\n" for package in ("old", "new")},
}
CALLS: dict[str, Any] = parse(
    Path(__file__, "../../../../data/call_cases.toml").resolve().read_text(encoding="utf-8")
)


def migrated(code: str, registry: str = REGISTRY, scope: Scope | None = None) -> Migration:
    return migrate({**TREE, "use.py": dedent(code)}, registry, scope=scope)


def skipped(migration: Migration) -> list[tuple[int, str]]:
    return [(one.line, one.cause.code) for one in migration.report.skipped]


PINNED = "from old.mod import f  # ssot: ignore[SSOT201] the vendor pins it\n"


@pytest.mark.parametrize(
    "code",
    [
        PINNED,
        "# ssot: ignore-next-line[deprecated-import] pinned\nfrom old.mod import (\n    f,\n)\n",
        '"""A module."""\n# ssot: ignore-file[SSOT201] pinned\n\nfrom old.mod import *\n',
        "from old import (  # ssot: ignore[SSOT201] pinned\n    mod as m,\n)\n",
    ],
)
def test_it_is_left_in_every_form(code: str) -> None:
    migration = migrated(code)
    assert (migration.changed, migration.left) == ({}, ())
    assert migration.report.is_done
    ((line, fetched),) = skipped(migration)
    assert (code.splitlines()[line - 1][:8], fetched) == ("from old", "SSOT201")


def test_it_is_told_with_its_reason() -> None:
    (file,) = migrated(PINNED).report.files
    assert file.outcome is Outcome.UNCHANGED
    assert file.skipped[0].why == "is left as the comment in line 1 asks: the vendor pins it"
    several = migrated(PINNED * 2).report
    assert several.notes == (
        "2 places are left as their comments ask; --no-suppressions heeds no comment",
    )


@pytest.mark.parametrize(
    ("comment", "registry"),
    [
        ("ignore[SSOT201]", REGISTRY),
        ("ignore[SSOT202] pinned", REGISTRY),
        ("ignore[SSOT201] pinned until=2020-01-31", REGISTRY),
        ("ignore[SSOT201] pinned", f'[suppressions]\nprotected = ["SSOT2"]\n{REGISTRY}'),
    ],
    ids=["no reason", "of another rule", "over", "protected"],
)
def test_a_comment_that_suppresses_nothing_keeps_nothing(comment: str, registry: str) -> None:
    migration = migrated(f"from old.mod import f  # ssot: {comment}\n", registry)
    assert migration.after["use.py"].startswith(b"from new.mod import f  # ssot: ")
    assert migration.report.skipped == ()


def test_all_is_changed_if_that_is_asked_for() -> None:
    migration = migrated(PINNED, scope=Scope(suppressions=False))
    assert migration.after["use.py"].startswith(b"from new.mod import f")


def test_one_use_is_left_and_the_others_move() -> None:
    migration = migrated(
        """\
        import old.mod

        old.mod.f()
        old.mod.f()  # ssot: ignore[SSOT203] as the old one logs
        old.mod.g()
        """
    )
    assert migration.after["use.py"].decode() == dedent(
        """\
        import old.mod
        import new.mod

        new.mod.f()
        old.mod.f()  # ssot: ignore[SSOT203] as the old one logs
        new.mod.g()
        """
    )
    assert skipped(migration) == [(4, "SSOT203")]
    (left,) = migration.left
    assert left.startswith("use.py:1: line 4 reads it and is left as the comment in line 4 asks")


def test_uses_move_without_an_import_that_is_left() -> None:
    migration = migrated(
        """\
        import old.mod  # ssot: ignore[SSOT201] loads a driver

        old.mod.f()
        """
    )
    assert migration.after["use.py"].decode() == dedent(
        """\
        import old.mod  # ssot: ignore[SSOT201] loads a driver
        import new.mod

        new.mod.f()
        """
    )
    assert (skipped(migration), migration.left) == ([(1, "SSOT201")], ())


def test_a_string_is_left() -> None:
    code = 'PATH = "old.mod.f"  # ssot: ignore[SSOT204] read by the vendor\n'
    wanted = Scope(strings=frozenset({"config", "mock", "other"}))
    assert migrated(code, scope=wanted).changed == {}


def test_a_call_is_left_with_the_import_that_its_replacement_needs() -> None:
    case = next(one for one in CALLS["cases"] if one.get("after", "").count("\nfrom "))
    tree = {path: text.removeprefix("\n") for path, text in CALLS["tree"].items()}
    registry = CALLS["settings"][case["setting"]]["registry"]
    code = case["before"].removeprefix("\n")
    free = migrate({**tree, "app/use.py": code}, registry)
    edits = [edit for one in free.report.changed for edit in one.edits]
    codes = {edit.cause.code for edit in edits}
    kept = f"# ssot: ignore-file[{', '.join(sorted(codes))}] as it is\n{code}"
    migration = migrate({**tree, "app/use.py": kept}, registry)
    assert edits
    assert migration.changed == {}
    assert len(migration.report.skipped) >= 1


def test_a_module_that_it_needs_is_not_deleted() -> None:
    registry = """
[[concepts]]
name = "f"
canonical = "new.mod:f"
deprecated = [{ path = "old.mod:f" }]
delete = ["old.mod"]
"""
    free = "from old.mod import f\n"
    gone = migrated(free, registry, Scope(delete=True))
    assert gone.deleted == ("old/mod.py",)
    migration = migrated(PINNED, registry, Scope(delete=True))
    assert (migration.deleted, migration.changed) == ((), {})
    assert "use.py:1" in "".join(migration.left)
