"""What dotted strings are for, and what becomes of those that are no mock targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.lint.strings import string_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]
    Told = Callable[..., list[str]]

TREE = {
    "old/__init__.py": "",
    "old/mod.py": "class Thing: ...\ndef main(): ...\nurls = []\n",
    "new/__init__.py": "",
    "new/mod.py": "class Thing: ...\ndef main(): ...\nurls = []\n",
}
MODULE = '[[moves]]\nfrom = "old.mod"\nto = "new.mod"\n'
SYMBOL = '[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'


@pytest.fixture
def told(project: MakeProject) -> Told:
    """The strings of one file: `line kind fix -> after`, or why it is left."""

    def tell(
        source: str, path: str = "app/use.py", registry: str = MODULE, **files: str
    ) -> list[str]:
        found = string_uses(project({**TREE, **files, path: source}, registry))
        return [
            f"{use.text.line} {use.kind.value} "
            + (
                f"{use.verdict.fix.value} -> {use.verdict.after}"
                if use.verdict.after
                else use.verdict.why
            )
            for use in sorted(found, key=lambda one: (one.text.line, one.text.column))
            if use.path == path
        ]

    return tell


def kinds(rows: Iterable[str]) -> list[str]:
    return [row.split()[1] for row in rows]


class TestNoPaths:
    @pytest.mark.parametrize(
        "source",
        [
            "x = 'see old.mod.Thing'",
            "x = 'old.model'",
            "x = 'old.modern.Thing'",
            "x = 'bold.mod.Thing'",
            "x = 'https://old.mod/Thing'",
            "x = 'old/mod.py'",
            "x = 'old.mod.'",
            "x = f'old.mod.{y}'",
            "x = b'old.mod.Thing'",
            "'''old.mod.Thing'''",
            "def f():\n    '''old.mod'''",
            "x: 'old.mod.Thing' = 1",
            "x = cast('old.mod.Thing', y)",
            "x = 'mod.Thing'",
            "x = 'new.mod.Thing'",
        ],
    )
    def test_only_whole_paths_count(self, told: Told, source: str) -> None:
        assert told(f"{source}\n") == []

    def test_what_moves_may_name_itself(self, project: MakeProject) -> None:
        files = {**TREE, "old/mod.py": "class Thing: ...\nX = 'old.mod.Thing'\n"}
        assert list(string_uses(project(files, MODULE))) == []

    def test_a_path_below_its_old_self(self, project: MakeProject) -> None:
        files = {
            "foo/__init__.py": "",
            "foo/core.py": "A = 1\n",
            "use.py": "x = 'foo.core.A', 'foo.core', 'foo.A'\n",
        }
        registry = '[[moves]]\nfrom = "foo"\nto = "foo.core"\n'
        found = string_uses(project(files, registry))
        assert [str(use.match.canonical) for use in found] == ["foo.core:A"]

    @pytest.mark.parametrize(
        "source",
        [
            "AUTH_USER_MODEL = 'old.mod'",
            "x = models.ForeignKey('old.mod', on_delete=1)",
            "x = apps.get_model('old.mod')",
            "x = {'AUTH_USER_MODEL': 'old.mod'}",
        ],
    )
    def test_labels_of_applications_are_no_paths(self, told: Told, source: str) -> None:
        assert told(f"{source}\n", "app/settings.py") == []

    def test_a_module_called_like_a_name_of_its_package(self, told: Told) -> None:
        registry = '[[moves]]\nfrom = "old:mod"\nto = "new:mod"\n'
        assert (
            told("from importlib import import_module as i\ni('old.mod')\n", "u.py", registry) == []
        )


class TestImports:
    @pytest.mark.parametrize(
        "call",
        [
            "import importlib\nimportlib.import_module('old.mod')",
            "from importlib import import_module\nimport_module('old.mod')",
            "from importlib import import_module as load\nload('old.mod')",
            "import importlib as il\nil.import_module('old.mod')",
            "import importlib.util\nimportlib.util.find_spec('old.mod')",
            "import pytest\npytest.importorskip('old.mod')",
            "import pkgutil\npkgutil.resolve_name('old.mod')",
            "def f():\n    from importlib import import_module as i\n    i('old.mod')",
        ],
    )
    def test_a_function_that_imports(self, told: Told, call: str) -> None:
        (row,) = told(f"{call}\n")
        assert row.endswith("import_module safe -> new.mod")

    @pytest.mark.parametrize(
        ("argument", "after"),
        [
            ("old.mod.Thing", "new.mod.Thing"),
            ("old.mod:Thing", "new.mod:Thing"),
            ("old.mod:Thing.x.y", "new.mod:Thing.x.y"),
        ],
    )
    def test_a_path_to_a_name(self, told: Told, argument: str, after: str) -> None:
        (row,) = told(f"from pkgutil import resolve_name\nresolve_name('{argument}')\n")
        assert row == f"2 import_module safe -> {after}"

    def test_a_single_name_moves(self, told: Told) -> None:
        source = "from pkgutil import resolve_name as r\nr('old.mod:Thing'), r('old.mod:main')\n"
        assert told(source, registry=SYMBOL) == ["2 import_module safe -> new.mod:Thing"]

    def test_a_replacement_without_all_of_the_names(self, told: Told) -> None:
        source = "import importlib\nimportlib.import_module('old.mod')\n"
        new = {"new/mod.py": "class Thing: ...\n"}
        assert told(source, **new) == ["2 import_module unsafe -> new.mod"]

    def test_the_registry_decides_how_safe_it_is_at_best(self, told: Told) -> None:
        source = "import importlib\nimportlib.import_module('old.mod')\n"
        assert told(source, registry=f'{MODULE}safety = "unsafe"\n') == [
            "2 import_module unsafe -> new.mod"
        ]
        assert told(source, registry=f'{MODULE}safety = "manual"\n') == [
            "2 import_module the registry leaves it to a person"
        ]

    @pytest.mark.parametrize(
        ("call", "why"),
        [
            ("__import__('old.mod')",
             "`__import__` returns the topmost package, so its uses would change"),
            ("import importlib\nimportlib.import_module('.mod', 'old')", "it is relative to old"),
            ("import importlib\nimportlib.import_module('.mod', package='old')",
             "it is relative to old"),
            ("import importlib\nimportlib.import_module(f'old.{x}')",
             "what follows `old.` is computed"),
            ("import importlib\nimportlib.import_module('old.' + x)",
             "what follows `old.` is computed"),
            ("import importlib\nimportlib.import_module('old.%s' % x)",
             "what follows `old.` is computed"),
            ("import importlib\nimportlib.import_module('old.{}'.format(x))",
             "what follows `old.` is computed"),
        ],
    )  # fmt: skip
    def test_what_is_left(self, told: Told, call: str, why: str) -> None:
        (row,) = told(f"{call}\n")
        assert row.partition(" ")[2] == f"import_module {why}"

    def test_relative_to_the_own_package(self, told: Told) -> None:
        source = "import importlib\nimportlib.import_module('.mod', __package__)\n"
        assert told(source, "old/use.py") == ["2 import_module it is relative to __package__"]
        assert told(source, "app/use.py") == []

    def test_a_function_of_the_tree_is_not_known(self, told: Told) -> None:
        source = "from app.lib import import_module\nimport_module('old.mod')\n"
        lib = {"app/lib.py": "def import_module(name): ...\n"}
        assert kinds(told(source, **lib)) == ["data"]

    def test_names_beside_a_module(self, told: Told) -> None:
        source = "import old.mod\ngetattr(old.mod, 'Thing'), hasattr(old.mod, 'main')\n"
        why = "the module beside it and `Thing` have to change together"
        assert told(source, registry=SYMBOL) == [f"2 data {why}"]
        assert told(source, registry=MODULE) == []


class TestSettings:
    @pytest.mark.parametrize(
        "source",
        [
            "INSTALLED_APPS = ['old.mod']",
            "INSTALLED_APPS = env.list('X', default=['old.mod'])",
            "INSTALLED_APPS += ['old.mod']",
            "INSTALLED_APPS.append('old.mod')",
            "MIDDLEWARE: list[str] = ['old.mod']",
            "ROOT_URLCONF = 'old.mod'",
            "DATABASES = {'default': {'ENGINE': 'old.mod'}}",
            "class Base:\n    ROOT_URLCONF = 'old.mod'",
        ],
    )
    def test_values_of_a_settings_file(self, told: Told, source: str) -> None:
        (row,) = told(f"{source}\n", "app/settings.py")
        assert row.partition(" ")[2] == "setting unsafe -> new.mod"
        assert kinds(told(f"{source}\n", "app/models.py")) == ["data"]

    @pytest.mark.parametrize(
        "source",
        [
            "urlpatterns = [path('', include('old.mod'))]",
            "default_app_config = 'old.mod'",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'old.mod')",
            "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'old.mod'",
            "LOG = {'handlers': {'a': {'class': 'old.mod'}}}",
            "LOG = {'formatters': {'a': {'()': 'old.mod'}}}",
            "x = {'_target_': 'old.mod'}",
            "@override_settings(MIDDLEWARE=['old.mod'])\ndef f(): ...",
            "@override_settings(ROOT_URLCONF='old.mod')\ndef f(): ...",
        ],
    )
    def test_settings_anywhere(self, told: Told, source: str) -> None:
        (row,) = told(f"{source}\n")
        assert row.partition(" ")[2] == "setting unsafe -> new.mod"

    def test_tests_hold_legacy_names_as_data(self, told: Told) -> None:
        source = "LEGACY = ['old.mod']\nMOVED = {'old.mod': 'new.mod'}\n"
        assert kinds(told(source, "tests/config/test_compliance.py")) == ["data", "data"]
        assert kinds(told(source, "scripts/migrate_config.py")) == ["data", "data"]
        assert kinds(told(source, "tests/settings.py")) == ["setting", "setting"]

    def test_an_entry_point_of_setup(self, told: Told) -> None:
        source = """
        setup(entry_points={"console_scripts": ["run = old.mod:main", "x=old.mod:main [extra]"]})
        """
        assert told(source, "setup.py") == [
            "1 entry-point unsafe -> run = new.mod:main",
            "1 entry-point unsafe -> x=new.mod:main [extra]",
        ]
        assert kinds(told(source, "app/text.py")) == ["data", "data"]


class TestOthers:
    @pytest.mark.parametrize(
        "source",
        [
            "import logging\nlogging.getLogger('old.mod')",
            "def test(caplog):\n    caplog.at_level(0, 'old.mod')",
            "def test(caplog):\n    caplog.set_level(0, logger='old.mod')",
            "with self.assertLogs('old.mod'): ...",
            "warnings.filterwarnings('ignore', module='old.mod')",
            "LOGGING = {'loggers': {'old.mod': {}}}",
            "LOG_LEVELS = {'old.mod': 'DEBUG'}",
        ],
    )
    def test_names_of_loggers(self, told: Told, source: str) -> None:
        (row,) = told(f"{source}\n")
        assert row.partition(" ")[2] == "logging unsafe -> new.mod"

    def test_a_pattern_of_a_filter(self, told: Told) -> None:
        source = "warnings.filterwarnings('ignore', module=r'old\\.mod')\n"
        assert told(source) == [r"1 logging unsafe -> new\.mod"]

    @pytest.mark.parametrize(
        "source",
        [
            "app.send_task('old.mod.Thing')",
            "@app.task(name='old.mod.Thing')\ndef f(): ...",
            "@shared_task(name='old.mod.Thing')\ndef f(): ...",
            "app.conf.task_routes = {'old.mod.Thing': {}}",
            "CELERY_BEAT_SCHEDULE = {'a': {'task': 'old.mod.Thing'}}",
            "class A:\n    __module__ = 'old.mod'",
            "x = {'polymorphic_identity': 'old.mod.Thing'}",
        ],
    )
    def test_names_that_others_know(self, told: Told, source: str) -> None:
        (row,) = told(f"{source}\n", "app/settings.py")
        assert row.partition(" ")[2] == ("wire other processes or stored data may know this name")

    @pytest.mark.parametrize(
        "source",
        [
            "_LAZY = {'Thing': 'old.mod'}",
            "x = ['old.mod.Thing', 1]",
            "assert y == 'old.mod.Thing'",
            "import sys\nsys.modules['old.mod']",
            "import operator\noperator.attrgetter('old.mod.Thing')",
            "x = lazy.attach('old.mod')",
        ],
    )
    def test_anything_else_is_data(self, told: Told, source: str) -> None:
        (row,) = told(f"{source}\n")
        assert row.partition(" ")[2] == "data what reads it is not known, so it may be mere data"

    def test_a_replacement_that_is_not_there(self, told: Told) -> None:
        source = "from pkgutil import resolve_name\nresolve_name('old.mod.gone')\n"
        assert told(source) == ["2 import_module there is no `new.mod:gone`"]


def test_the_most_specific_entry_decides(told: Told) -> None:
    registry = f'{MODULE}[[moves]]\nfrom = "old.mod:Thing"\nto = "other:T"\n'
    source = "from pkgutil import resolve_name as r\nr('old.mod:Thing'), r('old.mod:main')\n"
    assert told(source, registry=registry, **{"other.py": "T = 1\n"}) == [
        "2 import_module safe -> other:T",
        "2 import_module safe -> new.mod:main",
    ]


def test_a_module_that_is_gone(project: MakeProject) -> None:
    files: Mapping[str, str] = {
        "old/__init__.py": "",
        "new/__init__.py": "",
        "new/mod.py": "class Thing: ...\n",
        "use.py": "from pkgutil import resolve_name as r\nr('old.mod.Thing'), r('old.mod')\n",
    }
    found = string_uses(project(files, MODULE))
    assert [use.verdict.after for use in found] == ["new.mod.Thing", "new.mod"]


def test_two_paths_that_change_places(project: MakeProject) -> None:
    files = {
        "m.py": "a = 1\nb = 2\n",
        "use.py": "from pkgutil import resolve_name as r\nr('m:a'), r('m:b')\n",
    }
    registry = '[[moves]]\nfrom = "m:a"\nto = "n:b"\n[[moves]]\nfrom = "m:b"\nto = "n:a"\n'
    found = string_uses(project(files, f"check-targets = false\n{registry}"))
    assert [use.verdict.after for use in found] == ["n:b", "n:a"]
