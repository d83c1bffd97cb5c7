"""What is proposed for small trees, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.discover.search import search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..conftest import MakeProject

CORE = """
class Engine:
    def start(self): ...
    def stop(self): ...
    def step(self, count): ...
def connect(): ...
"""
TREE = {"app/__init__.py": "", "app/core.py": CORE}
WARN = "import warnings\nwarnings.warn({!r}, DeprecationWarning, stacklevel=2)\n"


def proposed(project: MakeProject, files: Mapping[str, str]) -> list[str]:
    """`confidence path -> replacement` of each step."""
    found = search(project({**TREE, **files}))
    return [
        f"{one.confidence.value} {step.path} -> {step.to}"
        + ("" if step.safety == "safe" else f" ({step.safety})")
        for one in found.proposals
        for step in one.steps
    ]


def undecided(project: MakeProject, files: Mapping[str, str]) -> list[str]:
    return [one.name for one in search(project({**TREE, **files})).undecided]


def test_a_shim_that_says_where_it_leads_is_certain(project: MakeProject) -> None:
    said = WARN.format("This module is deprecated. Please use `app.core`.")
    for passing in (
        "from app.core import Engine, connect\n",
        "from app.core import *\n",
        "import app.core\nEngine = app.core.Engine\nconnect = app.core.connect\n",
        "try:\n    from app.core import Engine\nexcept ImportError:\n    Engine = None\n",
    ):
        assert proposed(project, {"app/old.py": passing + said}) == ["certain app.old -> app.core"]


def test_a_docstring_announces_a_move_as_well_as_a_warning(project: MakeProject) -> None:
    said = '"""This module is deprecated. Please use :mod:`app.core`."""\n'
    old = f"{said}from app.core import Engine\n"
    assert proposed(project, {"app/old.py": old}) == ["certain app.old -> app.core"]


def test_an_announcement_without_a_place_leaves_the_code_to_say_it(project: MakeProject) -> None:
    old = '"""Kept for backwards compatibility."""\nfrom app.core import Engine\n'
    assert proposed(project, {"app/old.py": old}) == ["likely app.old -> app.core"]


def test_names_that_changed_or_scattered_are_moved_one_by_one(project: MakeProject) -> None:
    said = WARN.format("deprecated")
    renamed = {"app/old.py": f"from app.core import Engine as Motor, connect\n{said}"}
    assert proposed(project, renamed) == [
        "likely app.old -> app.core",
        "likely app.old:Motor -> app.core:Engine",
    ]
    scattered = {
        "app/far.py": "def leave(): ...\n",
        "app/old.py": f"from app.core import connect\nfrom app.far import leave\n{said}",
    }
    assert proposed(project, scattered) == [
        "likely app.old:connect -> app.core:connect",
        "likely app.old:leave -> app.far:leave",
    ]


def test_of_two_homes_the_one_that_the_words_name_is_meant(project: MakeProject) -> None:
    files = {
        "app/api.py": "from app.core import Engine\nVERSION = object()\n",
        "app/old.py": "from app.core import Engine\n" + WARN.format("Use `app.api` instead."),
    }
    assert "certain app.old -> app.api" in proposed(project, files)


def test_words_that_contradict_the_code_are_left_to_a_person(project: MakeProject) -> None:
    files = {
        "app/other.py": "def leave(): ...\n",
        "app/old.py": "from app.core import connect\n" + WARN.format("Use `app.other` instead."),
    }
    assert proposed(project, files) == ["possible app.old -> app.core"]


def test_a_table_of_deprecated_names_is_certain(project: MakeProject) -> None:
    table = """
    from app.helper import importer

    LOOKUP = {"Engine": "app.core"}
    _import = importer(__package__, deprecated_lookups=LOOKUP)

    def __getattr__(name):
        return _import(name)
    """
    files = {
        "app/helper.py": "def importer(package, deprecated_lookups): ...\n",
        "app/old.py": table,
    }
    assert proposed(project, files) == ["certain app.old -> app.core"]


def test_a_lazy_name_of_a_living_module_is_moved_alone(project: MakeProject) -> None:
    living = """
    import warnings

    def work():
        return 1

    def __getattr__(name):
        if name == "Engine":
            from app.core import Engine
            warnings.warn("Engine has moved to app.core", DeprecationWarning)
            return Engine
        raise AttributeError(name)
    """
    assert proposed(project, {"app/live.py": living}) == [
        "likely app.live:Engine -> app.core:Engine"
    ]


def test_classes_and_functions_that_warn(project: MakeProject) -> None:
    living = """
    import warnings
    from app.core import Engine, connect

    def work():
        return 1

    class Motor(Engine):
        def __init__(self):
            warnings.warn("This class is deprecated. Use app.core.Engine.", DeprecationWarning)
            super().__init__()

    def join():
        warnings.warn("join() is deprecated. Use connect() instead.", DeprecationWarning)
        return connect()

    def other():
        warnings.warn("Use `app.core.connect` instead", DeprecationWarning)
        return work() + 1 if connect() else 2

    def lost():
        warnings.warn("lost() is deprecated.", DeprecationWarning)
        return work() + 1
    """
    files = {"app/live.py": living}
    assert proposed(project, files) == [
        "certain app.live:Motor -> app.core:Engine",
        "certain app.live:join -> app.core:connect (unsafe)",
        "likely app.live:other -> app.core:connect (manual)",
    ]
    assert undecided(project, files) == ["app.live:lost"]


def test_a_decorator_names_the_alternative(project: MakeProject) -> None:
    living = """
    from app.marks import deprecated

    @deprecated("0.1", alternative="app.core.connect")
    def join():
        for _ in range(3):
            pass
    """
    files = {"app/marks.py": "def deprecated(since, alternative): ...\n", "app/live.py": living}
    assert proposed(project, files) == ["likely app.live:join -> app.core:connect (manual)"]


# --- the wrong direction is worse than none -------------------------------------------------------


def test_the_public_face_of_a_private_module_stays(project: MakeProject) -> None:
    files = {
        "app/_impl.py": "class Wheel: ...\n",
        "app/wheels.py": "from app._impl import Wheel\n",
        "app/use.py": "from app.wheels import Wheel\nWHEEL = Wheel()\n",
    }
    assert proposed(project, files) == []


def test_a_package_that_gathers_its_modules_stays(project: MakeProject) -> None:
    assert proposed(project, {"app/__init__.py": "from app.core import Engine, connect\n"}) == []


def test_without_an_announcement_the_readers_decide(project: MakeProject) -> None:
    shim = {"app/old.py": "from app.core import Engine\n"}
    direct = {f"app/u{n}.py": "from app.core import Engine\nE = Engine()\n" for n in range(3)}
    through = {f"app/v{n}.py": "from app.old import Engine\nE = Engine()\n" for n in range(3)}
    assert proposed(project, {**shim, **direct}) == ["likely app.old -> app.core"]
    assert proposed(project, {**shim, **through}) == ["possible app.old -> app.core"]


def test_settings_made_of_other_names_are_no_shim(project: MakeProject) -> None:
    assert (
        proposed(project, {"app/conf.py": "from app import core\nhandler = core.connect\n"}) == []
    )


def test_a_deprecated_name_is_not_sent_to_a_private_or_a_deprecated_one(
    project: MakeProject,
) -> None:
    living = """
    import warnings

    def _parse(): ...
    def parse():
        warnings.warn("This function is deprecated.", DeprecationWarning)
        return _parse()
    """
    said = "This module is deprecated. Please use `elsewhere.models`."
    files = {
        "app/live.py": living,
        "app/older.py": CORE + WARN.format("This module is deprecated, too."),
        "app/old.py": f'"""{said}"""\nfrom app.older import Engine\n',
    }
    assert not [one for one in proposed(project, files) if "app.live" in one or "app.old ->" in one]
    assert {"app.live:parse", "app.old"} <= set(undecided(project, files))


# --- duplicates -----------------------------------------------------------------------------------


def concepts(project: MakeProject, files: Mapping[str, str]) -> list[str]:
    found = search(project({"app/__init__.py": "", **files}))
    return [
        f"{one.confidence.value} {one.canonical}, not {', '.join(step.path for step in one.steps)}"
        + (f", never {', '.join(one.forbid)}" if one.forbid else "")
        for one in found.proposals
        if one.kind == "concept"
    ]


def test_the_one_that_is_read_and_has_what_the_other_has_is_kept(project: MakeProject) -> None:
    files = {
        "app/core.py": CORE,
        "app/copy.py": CORE.replace("Engine", "EngineV2").replace("def step(self, count): ...", ""),
        "app/twin.py": CORE,
        "app/use.py": "from app.core import Engine\nE = Engine()\n",
    }
    assert concepts(project, files) == ["likely app.core:Engine, not app.twin:Engine"]
    files["app/copy.py"] = CORE.replace("Engine", "EngineV2")
    assert concepts(project, files) == [
        "likely app.core:Engine, not app.copy:EngineV2, app.twin:Engine, never EngineV2"
    ]


def test_what_announces_its_end_is_not_kept_however_much_it_is_read(project: MakeProject) -> None:
    ending = CORE.replace(
        "class Engine:\n",
        "import warnings\nclass Engine:\n    def __init__(self):\n"
        "        warnings.warn('Engine is deprecated.', DeprecationWarning)\n"
        "        self.parts = [part for part in (1, 2, 3) if part]\n",
    )
    files = {
        "app/new.py": CORE,
        "app/core.py": ending,
        "app/use.py": "from app.core import Engine\nE = Engine()\n",
        "app/one.py": "from app.new import Engine\nE = Engine()\n",
        "app/two.py": "from app.core import Engine\nE = Engine()\n",
    }
    assert concepts(project, files) == ["likely app.new:Engine, not app.core:Engine"]


def test_evidence_on_both_sides_makes_a_proposal_only_possible(project: MakeProject) -> None:
    files = {
        "app/core.py": CORE,
        "app/big.py": CORE.replace("def stop", "def pause(self): ...\n    def stop"),
        "app/use.py": "from app.core import Engine\nE = Engine()\n",
        "tests/test_a.py": "from app.big import Engine\n",
    }
    found = search(project({"app/__init__.py": "", **files}))
    (one,) = [one for one in found.proposals if one.kind == "concept"]
    assert one.confidence.value == "possible"
    assert [why for why in one.why if why.startswith("against it")]


def test_copies_that_nobody_reads_are_not_decided(project: MakeProject) -> None:
    files = {"app/a.py": CORE, "app/b.py": CORE}
    assert concepts(project, files) == []
    assert undecided(project, files) != []


def test_what_the_registry_has_is_not_proposed(project: MakeProject) -> None:
    old = '"""Moved to app.core."""\nfrom app.core import Engine\n'
    registry = '[[moves]]\nfrom = "app.old"\nto = "app.core"\n'
    assert search(project({**TREE, "app/old.py": old}, registry)).proposals == ()


def test_factories_of_one_name_are_told_though_nothing_decides(project: MakeProject) -> None:
    files = {
        "app/a.py": "class EngineFactory:\n    def create(self): ...\n    def close(self): ...\n",
        "app/b.py": "class EngineFactory:\n    def build(self): ...\n    def drop(self): ...\n",
    }
    assert concepts(project, files) == []
    assert undecided(project, files) == ["engine factory"]


def test_a_package_that_is_named_may_have_the_name_in_one_of_its_modules(
    project: MakeProject,
) -> None:
    old = """
    from typing_extensions import deprecated

    @deprecated("In favour of the stable :py:const:`app.kinds.Engine`.")
    class Engine: ...
    """
    kinds = {"app/old.py": old, "app/kinds/__init__.py": "", "app/kinds/one.py": CORE}
    assert proposed(project, kinds) == ["likely app.old:Engine -> app.kinds.one:Engine (manual)"]
    twice = {**kinds, "app/kinds/two.py": CORE}
    assert "likely app.old:Engine -> app.kinds.one:Engine (manual)" not in proposed(project, twice)
