"""Patches that fail or change nothing, and those of which that cannot be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .conftest import Find

TREE: Mapping[str, str] = {
    "app/__init__.py": "",
    "app/core.py": "class Engine:\n    def run(self): ...\n",
    "app/shim.py": "from app.core import Engine\n",
}
MOVE = '[[moves]]\nfrom = "app.shim"\nto = "app.core"\n'


def patching(target: str, call: str = "patch('{}')") -> str:
    return f"from unittest.mock import patch\ndef test():\n    {call.format(target)}\n"


def messages(find: Find, files: Mapping[str, str], test: str, registry: str = "") -> list[str]:
    found = find("inert-patch", {**TREE, **files, "tests/test_a.py": test}, registry)
    return [one.message for one in found]


class TestFails:
    @pytest.mark.parametrize(
        ("target", "message"),
        [
            ("app.core.Gone", "`app.core` has no `Gone`"),
            ("app.core.Gone.run", "`app.core` has no `Gone`"),
            ("app.gone", "`app` has no `gone`"),
            ("app.gone.Engine", "there is no module `app.gone`"),
            ("app.gone.sub.Engine", "there is no module `app.gone`"),
        ],
    )
    def test_what_is_gone(self, find: Find, target: str, message: str) -> None:
        assert messages(find, {}, patching(target)) == [f"this patch fails: {message}"]

    def test_where_the_functions_of_a_module_take_it_from(self, find: Find) -> None:
        use = {"app/use.py": "def f():\n    from app.core import Engine\n    Engine()\n"}
        assert messages(find, use, patching("app.use.Engine")) == [
            "this patch fails: `app.use` has no `Engine`, which its functions import:"
            " patch `app.core.Engine`"
        ]

    @pytest.mark.parametrize(
        "call",
        [
            "patch('{}', create=True)",
            "patch.object('{}', 'x')",
            "monkeypatch.setattr('{}', 1, raising=False)",
            "client.patch('{}')",
            "print('{}')",
            "patch(f'{}')",
            "patch.dict('{}', x=1)",
        ],
    )
    def test_what_is_no_claim(self, find: Find, call: str) -> None:
        assert messages(find, {}, patching("app.core.Gone", call)) == []

    @pytest.mark.parametrize(
        "module",
        [
            "def __getattr__(name): ...\n",
            "globals().update(x)\n",
            "from outside import *\n",
            "if x:\n    N = 1\n",
            "try:\n    import N\nexcept ImportError:\n    N = None\n",
            "def f():\n    global N\n    N = 1\n",
            "for N in (): ...\n",
            "from app.stars import *\n",
            "N: int = 1\n",
            "def f(:\n",
        ],
    )
    def test_names_that_a_module_may_have(self, find: Find, module: str) -> None:
        files = {"app/m.py": module, "app/stars.py": "N = 1\n"}
        found = messages(find, files, patching("app.m.N"))
        assert not [one for one in found if one.startswith("this patch fails")]

    @pytest.mark.parametrize("name", ["open", "print", "__file__", "__version__"])
    def test_names_that_every_module_has(self, find: Find, name: str) -> None:
        assert messages(find, {}, patching(f"app.core.{name}")) == []

    @pytest.mark.parametrize("target", ["docker.from_env", "docker.errors.X", "json.loads", "os.x"])
    def test_packages_from_elsewhere(self, find: Find, target: str) -> None:
        assert messages(find, {"docker/build.py": ""}, patching(target)) == []

    def test_an_attribute_of_a_class_is_not_judged(self, find: Find) -> None:
        assert messages(find, {}, patching("app.core.Engine.stop")) == []

    def test_copies_are_out_of_the_way(self, find: Find) -> None:
        files = {**TREE, "backup/test_a.py": patching("app.core.Gone")}
        assert find("inert-patch", files) == ()


class TestChangesNothing:
    COPY: Mapping[str, str] = {
        "app/use.py": "from app.shim import Engine\ndef f():\n    return Engine()\n"
    }
    MESSAGE = "this patch changes nothing: nothing looks `Engine` up in `app.shim` when it runs"

    @pytest.mark.parametrize("registry", ["", MOVE])
    def test_every_reader_has_a_copy(self, find: Find, registry: str) -> None:
        assert messages(find, self.COPY, patching("app.shim.Engine"), registry) == [
            f"{self.MESSAGE}: app/use.py:1 copied it; patch `app.use.Engine`"
        ]

    def test_nobody_reads_it(self, find: Find) -> None:
        assert messages(find, {}, patching("app.shim.Engine")) == [self.MESSAGE]

    @pytest.mark.parametrize(
        "reader",
        [
            "def f():\n    from app.shim import Engine\n",
            "import app.shim\ndef f():\n    app.shim.Engine()\n",
            "from app import shim\nf = lambda: shim.Engine()\n",
            "from app import shim as s\nclass C:\n    def f(self):\n        s.Engine()\n",
            "from app import shim\nregister(shim)\n",
            "import app.shim\ndef f(n):\n    getattr(app.shim, n)  # Engine\n",
            "ENGINE = 'app.shim.Engine'\n",
            "import importlib\ndef f():\n    importlib.import_module('app.shim').Engine\n",
        ],
    )
    def test_somebody_looks_it_up(self, find: Find, reader: str) -> None:
        assert messages(find, {"app/late.py": reader}, patching("app.shim.Engine")) == []

    def test_the_test_itself_looks_it_up(self, find: Find) -> None:
        test = patching("app.shim.Engine") + "    from app.shim import Engine\n"
        assert messages(find, {}, test) == []

    def test_another_test_does(self, find: Find) -> None:
        other = {"tests/test_b.py": "def test():\n    from app.shim import Engine\n"}
        assert messages(find, other, patching("app.shim.Engine")) == [self.MESSAGE]

    def test_a_copy_may_be_made_under_the_patch(self, find: Find) -> None:
        test = patching("app.shim.Engine") + "    from app.use import f\n"
        assert messages(find, self.COPY, test) == []

    def test_through_the_table_of_a_package(self, find: Find) -> None:
        table = {
            "app/__init__.py": """
            from importlib import import_module
            _WHERE = {"Engine": ".shim"}
            def __getattr__(name):
                return getattr(import_module(_WHERE[name], __name__), name)
            """,
            "app/late.py": "def f():\n    from app import Engine\n    Engine()\n",
        }
        assert messages(find, table, patching("app.shim.Engine")) == []

    def test_a_module_with_code_of_its_own_reads_its_names(self, find: Find) -> None:
        old = {"app/old.py": "class Engine: ...\ndef make():\n    return Engine()\n"}
        registry = '[[moves]]\nfrom = "app.old"\nto = "app.core"\n'
        assert messages(find, old, patching("app.old.Engine"), registry) == []
        old = {"app/old.py": "class Engine: ...\n"}
        (message,) = messages(find, old, patching("app.old.Engine"), registry)
        assert message.startswith("this patch changes nothing")

    def test_a_public_face_is_no_shim(self, find: Find) -> None:
        face = {"app/__init__.py": "from app.core import Engine\n"}
        assert messages(find, face, patching("app.Engine")) == []

    def test_a_finding_says_what_the_registry_has(self, find: Find) -> None:
        registry = (
            '[[concepts]]\nname = "engine"\ncanonical = "app.core:Engine"\n'
            'deprecated = [{ path = "app.shim" }]\n'
        )
        files = {**TREE, "tests/test_a.py": patching("app.shim.Engine")}
        (finding,) = find("inert-patch", files, registry)
        assert (finding.line, finding.column, finding.end_column) == (3, 11, 28)
        assert (finding.concept, finding.scope) == ("engine", "test")
        assert (finding.symbol, finding.canonical) == ("app.shim:Engine", "app.core:Engine")
        assert finding.chain == ("tests/test_a.py:3", "app/shim.py:1", "app/core.py:1")
