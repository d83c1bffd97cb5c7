"""`plan` and `apply --plan`: what is planned is what is written, or nothing is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.plan import Place, Risk, Subject, UseKind
from ssot_migrate.domain.scope import Scope
from ssot_migrate.reporting.plan import FORMATS, render
from ssot_migrate.transaction.change import digest_of
from ssot_migrate.usecases.migration.apply import Writing, apply, rehearse
from ssot_migrate.usecases.migration.runs import rollback
from ssot_migrate.usecases.plans.follow import StalePlanError, read_plan
from ssot_migrate.usecases.plans.plan import consolidate
from ssot_migrate.usecases.project import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ssot_migrate.domain.outcome import ApplyReport
    from ssot_migrate.domain.plan import MigrationPlan
    from tests.unit.conftest import Write

REGISTRY = """
[[concepts]]
name = "engine factory"
canonical = "app.engine:EngineFactory"
owner = "@platform"
risk = "high"
reason = "the only one with limits"
deprecated = [
    { path = "app.legacy:EngineFactory", remove-by = 2027-03-31 },
    { path = "app.shim" },
]
delete = ["app.shim"]
methods = [{ from = "make", to = "create" }]
"""
TREE = {
    "app/__init__.py": "",
    "app/engine.py": """
        class EngineFactory:
            def __init__(self, limit=1): ...
            def create(self): ...
            def close(self): ...
        """,
    "app/legacy.py": """
        class EngineFactory:
            def __init__(self, limit=1): ...
            def make(self): ...
            def close(self, force): ...
            def warm_up(self): ...
            def _tidy(self): ...
        """,
    "app/shim.py": "from app.engine import EngineFactory\n",
    "app/routes.py": "from app.shim import EngineFactory\n\nEngineFactory().create()\n",
    "app/api/__init__.py": 'from app.shim import EngineFactory\n\n__all__ = ["EngineFactory"]\n',
    "app/late.py": """
        def warm():
            from app.legacy import EngineFactory

            EngineFactory().warm_up()
        """,
    "scripts/run.py": "from app.shim import EngineFactory\n\nEngineFactory()\n",
    "tests/test_engine.py": """
        from unittest.mock import patch

        @patch("app.shim.EngineFactory")
        def test(double): ...
        """,
    "README.md": "Use `app.shim.EngineFactory`, in app/shim.py.\n",
    "CODEOWNERS": "* @all\n/scripts/ @ops\n",
}


@pytest.fixture
def root(write_tree: Write) -> Path:
    return write_tree(TREE, REGISTRY)


def request_for(root: Path) -> Request:
    return Request(root=str(root), use_cache=False, jobs=1)


@pytest.fixture
def plan_of(root: Path) -> Callable[..., MigrationPlan]:
    def planned(batch: int = 20, **scope: Any) -> MigrationPlan:
        return consolidate(request_for(root), Scope(**scope), batch)

    return planned


def subject(plan: MigrationPlan) -> Subject:
    (only,) = plan.subjects
    return only


def contents(root: Path) -> dict[str, str]:
    return {path: (root / path).read_text() for path in TREE if (root / path).exists()}


class TestDecisions:
    def test_the_canonical_is_kept_for_reasons_in_figures(
        self, plan_of: Callable[..., MigrationPlan]
    ) -> None:
        kept = subject(plan_of()).kept
        assert kept is not None
        assert (kept.path, kept.line, kept.lines, kept.members) == ("app/engine.py", 1, 4, 3)
        assert kept.why == (
            "the only one with limits",
            "`app.engine:EngineFactory` against `app.legacy:EngineFactory`: 4 to 6 lines, "
            "3 to 4 public members, 4 to 1 importing files; 1 of those members only there",
        )

    def test_what_only_a_duplicate_has_is_to_be_merged(
        self, plan_of: Callable[..., MigrationPlan]
    ) -> None:
        (merge,) = subject(plan_of()).merges
        assert (merge.symbol, merge.into) == (
            "app.legacy:EngineFactory",
            "app.engine:EngineFactory",
        )
        # `make` is `create` there, as the registry says.
        assert [(one.name, one.is_private) for one in merge.unique] == [
            ("warm_up", False),
            ("_tidy", True),
        ]
        assert [one.name for one in merge.clashes] == ["close"]

    def test_deprecated_paths_say_what_they_are(
        self, plan_of: Callable[..., MigrationPlan]
    ) -> None:
        moved = {one.path: one for one in subject(plan_of()).moved}
        assert moved["app.legacy:EngineFactory"].state == "definition"
        assert moved["app.legacy:EngineFactory"].remove_by == "2027-03-31"
        assert moved["app.shim"].state == "shim"
        assert moved["app.shim:EngineFactory"].state == "name"

    def test_a_module_goes_once_nobody_needs_it(
        self, plan_of: Callable[..., MigrationPlan]
    ) -> None:
        (going,) = subject(plan_of()).going
        assert (going.module, going.is_asked, going.wave) == ("app.shim", True, 0)
        assert going.needed_by == ("tests/test_engine.py:3 patches it",)
        plan = plan_of(strings=frozenset({"mock"}), unsafe=True, delete=True)
        (going,) = subject(plan).going
        assert going.needed_by or going.wave == len(plan.waves)


class TestPlaces:
    def at(self, plan: MigrationPlan, path: str) -> Place:
        return next(place for place in plan.places if place.path == path)

    def test_each_has_its_kind_and_group(self, plan_of: Callable[..., MigrationPlan]) -> None:
        plan = plan_of()
        assert {(place.path, place.kind, place.group) for place in plan.places} == {
            ("app/routes.py", UseKind.IMPORT, "production"),
            ("app/api/__init__.py", UseKind.IMPORT, "production"),
            ("app/late.py", UseKind.IMPORT, "production"),
            ("app/late.py", UseKind.CALL, "production"),
            ("scripts/run.py", UseKind.IMPORT, "script"),
            ("tests/test_engine.py", UseKind.STRING, "string"),
            ("README.md", UseKind.DOCUMENT, "document"),
        }

    def test_risks(self, plan_of: Callable[..., MigrationPlan]) -> None:
        plan = plan_of()
        assert self.at(plan, "app/routes.py").risks == ()
        assert self.at(plan, "app/api/__init__.py").risks == (Risk.PUBLIC,)
        assert Risk.LAZY in self.at(plan, "app/late.py").risks
        assert self.at(plan, "tests/test_engine.py").risks == (Risk.PATCHED,)
        call = next(place for place in plan.places if place.kind is UseKind.CALL)
        assert (call.line, call.fix, call.risks) == (4, Fix.MANUAL, (Risk.SIGNATURE,))

    def test_documents_are_told_and_edited_only_on_request(
        self, plan_of: Callable[..., MigrationPlan], root: Path
    ) -> None:
        told = [place for place in plan_of().places if place.path == "README.md"]
        assert [(one.line, one.column, one.wave, one.why) for one in told] == [
            (1, 6, 0, "`--docs` makes it `app.engine.EngineFactory`"),
            (1, 34, 0, "`--docs` makes it `app/engine.py`"),
        ]
        assert all(place.wave for place in plan_of(docs=True).places if place.path == "README.md")
        apply(request_for(root), Scope(docs=True), Writing())
        assert (root / "README.md").read_text() == (
            "Use `app.engine.EngineFactory`, in app/engine.py.\n"
        )

    def test_waves_have_owners_and_a_way_back(self, plan_of: Callable[..., MigrationPlan]) -> None:
        plan = plan_of(batch=1)
        owners = {file.path: file.owners for wave in plan.waves for file in wave.files}
        assert owners["scripts/run.py"] == ("@ops",)
        assert owners["app/routes.py"] == ("@all",)
        assert [wave.rollback for wave in plan.waves[:2]] == [
            "ssot-migrate rollback --wave 1",
            "ssot-migrate rollback --wave 2",
        ]


class TestFollowing:
    """A plan that was written as JSON, and read again."""

    @pytest.fixture
    def file(self, root: Path, plan_of: Callable[..., MigrationPlan]) -> Path:
        place = root.parent / "plan.json"
        place.write_text(render(plan_of(batch=2, docs=True), "json"))
        return place

    @pytest.fixture
    def follow(self, root: Path, file: Path) -> Callable[[], ApplyReport]:
        def followed() -> ApplyReport:
            return apply(request_for(root), Scope(), Writing(), following=read_plan(str(file)))

        return followed

    def test_what_is_planned_is_what_is_written(
        self, root: Path, file: Path, follow: Callable[[], ApplyReport]
    ) -> None:
        plan = read_plan(str(file))
        report = follow()
        assert [wave.paths for wave in report.waves] == [
            tuple(one.path for one in wave.files) for wave in plan.waves
        ]
        for wave in plan.waves:
            for one in wave.files:
                assert digest_of((root / one.path).read_bytes()) == one.after

    def test_a_rehearsal_writes_nothing(self, root: Path, file: Path) -> None:
        before = contents(root)
        report = rehearse(request_for(root), Scope(), read_plan(str(file)))
        assert {one.path for one in report.changed} == {
            one.path for wave in read_plan(str(file)).waves for one in wave.files
        }
        assert contents(root) == before

    def test_a_wave_is_taken_back_with_those_after_it(
        self, root: Path, follow: Callable[[], ApplyReport]
    ) -> None:
        before = contents(root)
        report = follow()
        taken = rollback(request_for(root), wave=2)
        assert taken.paths == tuple(sorted(p for wave in report.waves[1:] for p in wave.paths))
        rollback(request_for(root))
        assert contents(root) == before

    @pytest.mark.parametrize(
        ("path", "text", "said"),
        [
            ("app/routes.py", "from app.shim import EngineFactory\n", "app/routes.py has changed"),
            ("app/engine.py", "class EngineFactory: ...\n", "app/engine.py has changed"),
            ("tests/test_engine.py", "x = 1\n", "tests/test_engine.py has changed"),
            ("ssot.toml", REGISTRY + "\n", "the registry: ssot.toml has changed"),
            (
                "app/new.py",
                "import app.shim\napp.shim.EngineFactory()\n",
                "app/new.py would change",
            ),
        ],
    )
    def test_a_tree_that_changed_is_refused(
        self,
        root: Path,
        file: Path,
        follow: Callable[[], ApplyReport],
        path: str,
        text: str,
        said: str,
    ) -> None:
        (root / path).write_text(text)
        before = contents(root)
        with pytest.raises(StalePlanError) as error:
            follow()
        assert f"  {said}" in str(error.value)
        assert contents(root) == before
        with pytest.raises(StalePlanError):
            rehearse(request_for(root), Scope(), read_plan(str(file)))

    def test_what_is_gone_or_done_is_said(
        self, root: Path, follow: Callable[[], ApplyReport]
    ) -> None:
        follow()
        (root / "scripts" / "run.py").unlink()
        with pytest.raises(StalePlanError) as error:
            follow()
        assert "  app/routes.py is what the plan makes of it\n" in str(error.value)
        assert "  scripts/run.py is gone\n" in str(error.value)

    def test_another_change_elsewhere_is_none_of_its_business(
        self, root: Path, follow: Callable[[], ApplyReport]
    ) -> None:
        (root / "app" / "other.py").write_text("x = 1\n")
        assert follow().changed

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"after": "from app.engine', '"after": "from os', "would change in another way"),
            ('"docs": true', '"docs": false', "README.md would not change any more"),
        ],
    )
    def test_a_plan_edited_by_hand_is_refused(
        self, file: Path, follow: Callable[[], ApplyReport], old: str, new: str, said: str
    ) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        with pytest.raises(StalePlanError, match=said):
            follow()

    def test_waves_may_be_regrouped_by_hand(
        self, root: Path, file: Path, follow: Callable[[], ApplyReport]
    ) -> None:
        plan = json.loads(file.read_text())
        files = [one for wave in plan["waves"] for one in wave["files"]]
        plan["waves"] = [{**plan["waves"][0], "files": files[::-1]}]
        file.write_text(json.dumps(plan))
        (wave,) = follow().waves
        assert wave.paths == tuple(one["path"] for one in files[::-1])

    def test_a_file_has_one_wave(self, file: Path, follow: Callable[[], ApplyReport]) -> None:
        plan = json.loads(file.read_text())
        plan["waves"][1]["files"] += plan["waves"][0]["files"]
        file.write_text(json.dumps(plan))
        with pytest.raises(UsageError, match="in two waves"):
            follow()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "is no plan"),
            ("[]", "is no plan"),
            ('{"version": 1}', "is no plan"),
            ('{"version": 2}', "of version 2"),
        ],
    )
    def test_what_is_no_plan_is_refused(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(UsageError, match=said):
            read_plan(str(tmp_path / "x.json"))
        with pytest.raises(UsageError, match=r"nowhere\.json"):
            read_plan(str(tmp_path / "nowhere.json"))


def test_the_json_is_the_plan(plan_of: Callable[..., MigrationPlan]) -> None:
    plan = plan_of(unsafe=True, strings=frozenset({"setting", "mock"}))
    text = render(plan, "json")
    assert msgspec.json.decode(text, type=type(plan)) == plan
    assert text == render(plan_of(unsafe=True, strings=frozenset({"mock", "setting"})), "json")


@pytest.mark.parametrize("output_format", FORMATS)
def test_what_a_tree_is_called_is_shown_and_not_obeyed(
    write_tree: Write, output_format: str
) -> None:
    name = "app/a|b`<script>\x1b[31m.py"
    tree = {**TREE, name: "from app.shim import EngineFactory\nEngineFactory()\n"}
    text = render(consolidate(request_for(write_tree(tree, REGISTRY)), Scope(), 20), output_format)
    assert "\x1b" not in text
    if output_format == "markdown":
        assert "<script>" not in text
        rows = [line for line in text.splitlines() if "script&#62;" in line]
        assert rows
        assert len({row.count(" | ") for row in rows}) == 1
