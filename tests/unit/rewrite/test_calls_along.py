"""Calls of renamed methods whose class is replaced in the same run: with it, and not without."""

from __future__ import annotations

import pytest

from ssot_migrate.testing import Scope, migrate

REGISTRY = """
[[concepts]]
name = "factory"
canonical = "app.new:Factory"
deprecated = [{ path = "app.old:OldFactory", safety = "unsafe" }]
methods = [{ from = "make_it", to = "make" }]
"""
TREE = {
    "app/__init__.py": "",
    "app/new.py": "class Factory:\n    def __init__(self, a): ...\n    def make(self): ...\n",
    "app/old.py": "class OldFactory:\n    def __init__(self, a): ...\n    def make_it(self): ...\n",
    "app/shim.py": "from app.old import OldFactory as Short\n",
    "app/made.py": "from app.old import OldFactory\n\ndef made():\n    return OldFactory(1)\n",
}
USES = {
    "fits": "from app.old import OldFactory\nOldFactory(1).make_it()\n",
    "does not fit": "from app.old import OldFactory\nOldFactory().make_it()\n",
    "through a module": "import app.old\napp.old.OldFactory(1).make_it()\n",
    "through a shim": "from app.shim import Short\nShort(1).make_it()\n",
    "made in another file": "from app.made import made\nmade().make_it()\n",
}


@pytest.mark.parametrize("use", USES)
def test_one_pass_does_it_all(use: str) -> None:
    first = migrate({**TREE, "app/use.py": USES[use]}, REGISTRY, scope=Scope(unsafe=True))
    assert b".make()" in first.after["app/use.py"]
    again = migrate(first.after, REGISTRY, scope=Scope(unsafe=True))
    assert again.changed == {}


@pytest.mark.parametrize("use", USES)
def test_nothing_is_renamed_on_a_class_that_stays(use: str) -> None:
    scope = Scope(unsafe=True, select=("SSOT307",))
    migration = migrate({**TREE, "app/use.py": USES[use]}, REGISTRY, scope=scope)
    assert migration.changed == {}
    assert "its class must be replaced first" in "\n".join(migration.left)
