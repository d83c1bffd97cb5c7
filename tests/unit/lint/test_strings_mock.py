"""Mock targets: patched is a name where it is looked up, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.lint.strings import string_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.strings import StringUse

    MakeProject = Callable[..., Project]
    Judge = Callable[..., str]

SHIM: Mapping[str, str] = {
    "app/__init__.py": "",
    "app/old.py": "from app.new import Thing\n",
    "app/new.py": "class Thing:\n    def go(self): ...\n",
}
REAL: Mapping[str, str] = {
    **SHIM,
    "app/old.py": "class Thing:\n    def go(self): ...\n",
}
SYMBOL = '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Thing"\n'
RENAMED = '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Widget"\n'
MODULE = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'
TEST = "from unittest.mock import patch\n\n@patch('app.old.Thing')\ndef test(thing): ...\n"

LATE = {"app/late.py": "def f():\n    from app.old import Thing\n    return Thing()\n"}
CHAIN = {"app/chain.py": "import app.old\ndef f():\n    return app.old.Thing()\n"}
COPY = {"app/copy.py": "from app.old import Thing\ndef f():\n    return Thing()\n"}
EAGER = {"app/eager.py": "import app.old\nthing = app.old.Thing()\n"}


def shown(use: StringUse) -> str:
    verdict = use.verdict
    if verdict.after:
        return f"{verdict.fix.value} -> {verdict.after}"
    return f"{verdict.code}: {verdict.why}"


@pytest.fixture
def judge(project: MakeProject) -> Judge:
    """The verdict on the one string of `tests/test_a.py`."""

    def judged(files: Mapping[str, str], registry: str = SYMBOL, test: str = TEST) -> str:
        made = project({**files, "tests/test_a.py": test}, registry)
        (use,) = (one for one in string_uses(made) if one.path == "tests/test_a.py")
        assert use.kind.value == "mock"
        return shown(use)

    return judged


class TestWhatIsAPatch:
    @pytest.mark.parametrize(
        "call",
        [
            "from unittest.mock import patch\n@patch('app.old.Thing')\ndef test(): ...",
            "from unittest.mock import patch as p\nwith p('app.old.Thing'): ...",
            "from unittest import mock\nmock.patch('app.old.Thing').start()",
            "from unittest import mock as m\nm.patch('app.old.Thing')",
            "import unittest.mock\nunittest.mock.patch('app.old.Thing')",
            "import unittest.mock as um\num.patch('app.old.Thing')",
            "import mock\nmock.patch('app.old.Thing')",
            "from mock import patch\npatch(target='app.old.Thing')",
            "from unittest.mock import *\npatch('app.old.Thing')",
            "from unittest import mock\npatch = mock.patch\npatch('app.old.Thing')",
            "def test():\n    from unittest.mock import patch\n    patch('app.old.Thing')",
            "from tests.lib import patch\npatch('app.old.Thing')",
            "def test(mocker):\n    mocker.patch('app.old.Thing')",
            "class T:\n    def test(self):\n        self.mocker.patch('app.old.Thing')",
            "def test(session_mocker):\n    session_mocker.patch('app.old.Thing')",
            "def test(monkeypatch):\n    monkeypatch.setattr('app.old.Thing', 1)",
            "def test(monkeypatch):\n    monkeypatch.delattr('app.old.Thing')",
            "with MonkeyPatch.context() as m:\n    m.setattr('app.old.Thing', 1)",
            "from unittest.mock import patch\npatch('app.old.' 'Thing')",
            "from unittest.mock import patch\nx = [patch('app.old.Thing')]",
        ],
    )
    def test_in_every_way(self, judge: Judge, call: str) -> None:
        lib = {"tests/lib.py": "from unittest.mock import patch\n"}
        assert judge({**SHIM, **LATE, **lib}, test=f"{call}\n") == "safe -> app.new.Thing"

    @pytest.mark.parametrize(
        "call",
        [
            "from requests import patch\npatch('app.old.Thing')",
            "client.patch('app.old.Thing')",
            "from app.lib import patch\npatch('app.old.Thing')",
            "setattr('app.old.Thing', 'x', 1)",
            "from unittest.mock import patch\npatch('other', 'app.old.Thing')",
            "from unittest.mock import patch\npatch(f'app.old.{x}', 'app.old.Thing')",
        ],
    )
    def test_what_is_none(self, project: MakeProject, call: str) -> None:
        files = {**SHIM, "app/lib.py": "def patch(x): ...\n", "tests/test_a.py": f"{call}\n"}
        kinds = {use.kind.value for use in string_uses(project(files, SYMBOL))}
        assert "data" in kinds

    def test_a_computed_target_is_told(self, judge: Judge) -> None:
        test = "from unittest.mock import patch\npatch(f'app.old.{x}')  # Thing\n"
        assert judge(SHIM, MODULE, test) == "SSOT204: what follows `app.old.` is computed"


class TestLookedUpWhenItRuns:
    @pytest.mark.parametrize("readers", [LATE, CHAIN, {**LATE, **CHAIN}, {**LATE, **COPY}])
    def test_the_target_goes_where_the_readers_go(
        self, judge: Judge, readers: Mapping[str, str]
    ) -> None:
        assert judge({**SHIM, **readers}) == "safe -> app.new.Thing"
        assert judge({**SHIM, **readers}, MODULE) == "safe -> app.new.Thing"

    def test_under_its_new_name(self, judge: Judge) -> None:
        files = {**SHIM, **LATE, "app/new.py": "class Thing: ...\nclass Widget: ...\n"}
        assert judge(files, RENAMED) == "safe -> app.new.Widget"

    def test_the_test_itself_may_be_the_reader(self, judge: Judge) -> None:
        test = TEST.replace("...", "\n    from app.old import Thing\n    Thing()")
        assert judge(SHIM, test=test) == "safe -> app.new.Thing"

    def test_helpers_of_tests_may_be_the_readers(self, judge: Judge) -> None:
        helper = {"tests/helper.py": LATE["app/late.py"]}
        assert judge({**SHIM, **helper}) == "safe -> app.new.Thing"

    def test_other_tests_are_not(self, judge: Judge) -> None:
        other = {"tests/test_b.py": LATE["app/late.py"]}
        assert judge({**SHIM, **other}).startswith("SSOT206")

    def test_through_the_tables_of_a_package(self, judge: Judge) -> None:
        files = {
            **SHIM,
            "app/__init__.py": """
            _WHERE = {"Thing": "app.old"}
            def __getattr__(name):
                import importlib
                return getattr(importlib.import_module(_WHERE[name]), name)
            """,
            "app/late.py": "def f():\n    from app import Thing\n    return Thing()\n",
        }
        assert judge(files) == (
            "SSOT204: how `app.old:Thing` is read in app/__init__.py:1, app/late.py:2"
            " cannot be followed"
        )

    def test_others_that_would_see_the_patch_too(self, judge: Judge) -> None:
        new = {"app/new.py": "class Thing: ...\ndef make():\n    return Thing()\n"}
        assert judge({**SHIM, **LATE, **new}) == "unsafe -> app.new.Thing"
        direct = {"app/direct.py": "def f():\n    from app.new import Thing\n    Thing()\n"}
        assert judge({**SHIM, **LATE, **direct}) == "unsafe -> app.new.Thing"

    def test_the_registry_decides_how_safe_it_is_at_best(self, judge: Judge) -> None:
        files = {**SHIM, **LATE}
        assert judge(files, f'{SYMBOL}safety = "unsafe"\n') == "unsafe -> app.new.Thing"
        assert judge(files, f'{SYMBOL}safety = "manual"\n') == (
            "SSOT204: the registry leaves it to a person"
        )


class TestInert:
    @pytest.mark.parametrize("readers", [{}, COPY, EAGER])
    def test_nobody_looks_the_name_up(self, judge: Judge, readers: Mapping[str, str]) -> None:
        assert judge({**SHIM, **readers}).startswith(
            "SSOT206: nothing looks `Thing` up in `app.old` when it runs"
        )

    def test_the_copies_are_told(self, judge: Judge) -> None:
        assert judge({**SHIM, **COPY}) == (
            "SSOT206: nothing looks `Thing` up in `app.old` when it runs:"
            " app/copy.py:1 copied it; patch `app.copy.Thing`"
        )

    def test_only_the_new_home_reads_it(self, judge: Judge) -> None:
        new = {"app/new.py": "class Thing: ...\ndef make():\n    return Thing()\n"}
        assert judge({**SHIM, **new}) == (
            "SSOT206: nothing looks `Thing` up in `app.old` when it runs;"
            " `app.new` reads its own: patch `app.new.Thing`"
        )

    def test_a_copy_that_may_be_made_under_the_patch(self, judge: Judge) -> None:
        test = TEST.replace("...", "\n    from app.copy import f\n    f()")
        assert judge({**SHIM, **COPY}, test=test) == (
            "SSOT204: app/copy.py:1 copies `app.old:Thing` when it is first imported,"
            " which may be under this patch"
        )

    @pytest.mark.parametrize(
        "reader",
        [
            "from app.old import Thing\nclass C(Thing): ...\n",
            "from app.old import Thing\ndef f(x: Thing = Thing()) -> Thing: ...\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.old\n"
            "def f(x: 'app.old.Thing'): ...\n",
            "import app.old\ndef f(x: 'app.old.Thing'): ...\n",
            "import app.old\nclass C:\n    x = app.old.Thing()\n",
        ],
    )
    def test_what_is_read_on_import_only(self, judge: Judge, reader: str) -> None:
        assert judge({**SHIM, "app/use.py": reader}).startswith("SSOT206")


class TestTheOldHomeReadsItself:
    OLD: Mapping[str, str] = {
        **REAL,
        "app/old.py": "class Thing: ...\ndef make():\n    return Thing()\n",
    }

    def test_a_name_that_moves_alone(self, judge: Judge) -> None:
        assert judge(self.OLD) == (
            "SSOT204: it is right as long as app/old.py:1 reads `Thing` there"
        )

    def test_and_so_do_others(self, judge: Judge) -> None:
        assert judge({**self.OLD, **LATE}) == (
            "SSOT204: app/old.py:1 goes on to read `app.old:Thing`, but app/late.py:2 moves"
        )

    def test_of_a_module_that_is_replaced_the_counterpart_is_meant(self, judge: Judge) -> None:
        new = {"app/new.py": self.OLD["app/old.py"]}
        assert judge({**self.OLD, **new}, MODULE) == "unsafe -> app.new.Thing"
        assert judge(self.OLD, MODULE) == (
            "SSOT204: app/old.py:1 reads it, but nothing does in `app.new`"
        )

    def test_a_name_that_the_new_home_lacks(self, judge: Judge) -> None:
        test = TEST.replace("Thing", "helper")
        old = {"app/old.py": "def helper(): ...\ndef make():\n    return helper()\n"}
        assert judge({**REAL, **old}, MODULE, test) == "SSOT204: `app.new` has no `helper`"


class TestGone:
    GONE: Mapping[str, str] = {
        "app/__init__.py": "",
        "app/new.py": "class Thing:\n    def go(self): ...\ndef make():\n    return Thing()\n",
    }

    def test_the_new_home_is_read(self, judge: Judge) -> None:
        assert judge(self.GONE, MODULE) == "safe -> app.new.Thing"

    def test_imports_of_the_old_home_are_left_over(self, judge: Judge) -> None:
        new = {"app/new.py": "class Thing: ...\n"}
        assert judge({**self.GONE, **new, **LATE}, MODULE) == "safe -> app.new.Thing"

    def test_nobody_reads_it(self, judge: Judge) -> None:
        new = {"app/new.py": "class Thing: ...\n"}
        assert judge({**self.GONE, **new}, MODULE).startswith("SSOT206: nothing looks `Thing`")

    def test_nor_has_it(self, judge: Judge) -> None:
        test = TEST.replace("Thing", "Other")
        assert judge(self.GONE, MODULE, test) == "SSOT206: `app.new` has no `Other`"

    def test_an_attribute_of_its_class(self, judge: Judge) -> None:
        assert judge(self.GONE, MODULE, TEST.replace("Thing", "Thing.go")) == (
            "safe -> app.new.Thing.go"
        )
        assert judge(self.GONE, MODULE, TEST.replace("Thing", "Thing.stop")) == (
            "SSOT206: `app.new:Thing` has no `stop`"
        )


class TestObjects:
    def test_an_attribute_of_a_class_is_seen_by_all(self, judge: Judge) -> None:
        test = TEST.replace("Thing", "Thing.go")
        assert judge({**SHIM, **COPY}, test=test) == "safe -> app.new.Thing.go"
        assert judge({**REAL, **COPY}, test=test) == "unsafe -> app.new.Thing.go"

    def test_of_another_class_that_may_inherit_it(self, judge: Judge) -> None:
        test = TEST.replace("Thing", "Thing.stop")
        assert judge(REAL, test=test) == "SSOT206: `app.new:Thing` has no `stop`"
        new = {"app/new.py": "from x import Base\nclass Thing(Base): ...\n"}
        assert judge({**REAL, **new}, test=test) == "unsafe -> app.new.Thing.stop"

    def test_the_content_of_a_dict(self, judge: Judge) -> None:
        files = {**SHIM, "app/old.py": "from app.new import MAP\n", "app/new.py": "MAP = {}\n"}
        test = "from unittest.mock import patch\npatch.dict('app.old.MAP', {})\n"
        assert judge(files, MODULE, test) == "safe -> app.new.MAP"
        old = {"app/old.py": "MAP = {}\n"}
        assert judge({**files, **old}, MODULE, test) == "unsafe -> app.new.MAP"

    @pytest.mark.parametrize(
        "call",
        [
            "from unittest.mock import patch\npatch.dict('sys.modules', {'app.old': 1})",
            "import sys\nfrom unittest import mock\nmock.patch.dict(sys.modules, {'app.old': 1})",
            "import sys\nwith MonkeyPatch() as m:\n    m.setitem(sys.modules, 'app.old', 1)",
            "import sys\ndef test(monkeypatch):\n    monkeypatch.delitem(sys.modules, 'app.old')",
        ],
    )
    def test_a_stand_in_for_a_module(self, judge: Judge, call: str) -> None:
        assert judge(SHIM, MODULE, f"{call}\n") == (
            "SSOT204: it stands in for a module that is to be imported as `app.new`"
        )

    def test_a_module_as_a_name_of_its_package(self, judge: Judge) -> None:
        test = "from unittest.mock import patch\npatch('app.old')\n"
        late = {"app/late.py": "def f():\n    from app import old\n    return old.Thing()\n"}
        assert judge({**SHIM, **late}, MODULE, test) == "safe -> app.new"

    def test_the_object_beside_its_name(self, judge: Judge) -> None:
        test = "import app.old\nfrom unittest.mock import patch\npatch.object(app.old, 'Thing')\n"
        assert judge({**SHIM, **LATE}, test=test) == (
            "SSOT204: the module beside it and `Thing` have to change together"
        )


class TestMultiple:
    CALL = "from unittest.mock import patch\npatch.multiple('app.old', {})\n"

    def test_names_that_go_the_same_way(self, judge: Judge) -> None:
        test = self.CALL.format("Thing=1, spec=True")
        assert judge({**SHIM, **LATE}, test=test) == "safe -> app.new"

    def test_names_that_do_not(self, judge: Judge) -> None:
        test = self.CALL.format("Thing=1, Other=2")
        assert judge({**SHIM, **LATE}, test=test) == "SSOT204: `app.old:Other` stays where it is"

    def test_a_keyword_would_have_to_change(self, judge: Judge) -> None:
        files = {**SHIM, **LATE, "app/new.py": "class Thing: ...\nclass Widget: ...\n"}
        assert judge(files, RENAMED, self.CALL.format("Thing=1")) == (
            "SSOT204: `app.old:Thing` becomes `app.new.Widget`, a keyword here"
        )


class TestUnsure:
    @pytest.mark.parametrize(
        "reader",
        [
            "FACTORY = 'app.old:Thing'\n",
            "import importlib\ndef f():\n    return importlib.import_module('app.old').Thing\n",
            "import app.old\ndef f(x):\n    return getattr(app.old, x)  # Thing\n",
            "import app.old\ndef f(x):\n    return x(app.old)  # Thing\n",
            "import app.old\nREGISTRY = {1: app.old}\n",
            "import app.old\ndef f():\n    return getattr(app.old, 'Thing')\n",
            "from app import old\ndef f():\n    return old.Thing()\n",
        ],
    )
    def test_a_reader_that_cannot_be_followed(self, judge: Judge, reader: str) -> None:
        files = {**SHIM, "app/use.py": reader}
        line = reader.count("\n")
        assert judge(files) == (
            f"SSOT204: how `app.old:Thing` is read in app/use.py:{line} cannot be followed"
        )
        is_string = reader.startswith("FACTORY")
        assert judge({**files, **LATE}) == (
            "unsafe -> app.new.Thing"
            if is_string
            else f"SSOT204: app/late.py:2 will move, but how app/use.py:{line} reads it is not sure"
        )

    def test_two_names_of_a_module(self, judge: Judge) -> None:
        files = {
            **SHIM,
            "app/hop.py": "from app import old as legacy\n",
            "app/use.py": "from app.hop import legacy\ndef f():\n    legacy.Thing()\n",
        }
        assert judge(files, MODULE) == "safe -> app.new.Thing"
        assert judge(files, SYMBOL) == (
            "SSOT204: how `app.old:Thing` is read in app/use.py:3 cannot be followed"
        )

    def test_a_whole_module_moves_with_those_who_hold_it(self, judge: Judge) -> None:
        use = {"app/use.py": "from app import old\ndef f():\n    return old.Thing()\n"}
        assert judge({**SHIM, **use}, MODULE) == "safe -> app.new.Thing"

    def test_a_target_through_another_module(self, judge: Judge) -> None:
        use = {"app/use.py": "from app import old\ndef f():\n    return old.Thing()\n"}
        test = TEST.replace("app.old.Thing", "app.use.old.Thing")
        assert judge({**SHIM, **use}, test=test) == (
            "SSOT204: it reaches `app.old` through another module's name"
        )


class TestStays:
    def test_a_module_under_the_name_that_its_reader_has_for_it(self, project: MakeProject) -> None:
        use = {"app/use.py": "from app import old\ndef f():\n    return old.Thing()\n"}
        files = {**SHIM, **use, "tests/test_a.py": TEST.replace("app.old", "app.use.old")}
        assert list(string_uses(project(files, MODULE))) == []
        assert len(list(string_uses(project(files, SYMBOL)))) == 1

    @pytest.mark.parametrize("name", ["app.copy.Thing", "app.other.Thing", "app.new.Thing"])
    def test_a_target_where_the_name_is_read(self, project: MakeProject, name: str) -> None:
        test = TEST.replace("app.old.Thing", name)
        other = {"app/other.py": "from app.copy import Thing\n"}
        files = {**SHIM, **COPY, **other, "tests/test_a.py": test}
        assert list(string_uses(project(files, SYMBOL))) == []

    def test_another_name_of_the_old_module(self, project: MakeProject) -> None:
        files = {**SHIM, "tests/test_a.py": TEST.replace("Thing", "Things")}
        assert list(string_uses(project(files, SYMBOL))) == []
