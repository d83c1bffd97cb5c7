from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Severity

if TYPE_CHECKING:
    from .conftest import Find

FILES = {"new.py": "def f(): ...\n", "old.py": "from new import f\n", "use.py": "import old\n"}
MOVE = '[[moves]]\nfrom = "old"\nto = "new"\nremove-by = 2030-06-15\n'


def set_today(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    moment = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))


def test_the_last_day_still_counts(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    set_today(monkeypatch, "2030-06-15")
    assert find("expired-shim", FILES, MOVE) == ()
    set_today(monkeypatch, "2030-06-16")
    (finding,) = find("expired-shim", FILES, MOVE)
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "`old` should have gone by 2030-06-15: move its readers to `new` and delete it"
    )
    assert finding.evidence == ("use.py still reads it",)


def test_without_a_consumer_it_is_a_warning_before_the_day_and_an_error_after(
    find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {**FILES, "use.py": "import new\n"}
    set_today(monkeypatch, "2030-01-01")
    (finding,) = find("expired-shim", files, MOVE)
    assert finding.severity is Severity.WARNING
    assert finding.message == "nothing imports deprecated `old` any more: delete it"
    set_today(monkeypatch, "2031-01-01")
    (finding,) = find("expired-shim", files, MOVE)
    assert finding.severity is Severity.ERROR
    assert finding.message.endswith("nothing imports it any more: delete it")


def test_a_configured_severity_holds_for_both(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    set_today(monkeypatch, "2031-01-01")
    (finding,) = find("expired-shim", FILES, f'[rules.SSOT207]\nseverity = "info"\n{MOVE}')
    assert finding.severity is Severity.INFO


PACKAGE = {
    "app/__init__.py": "",
    "app/old.py": "from app.new import f\n",
    "app/new.py": "def f(): ...\n",
}
PACKAGE_MOVE = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'


@pytest.mark.parametrize(
    "use",
    [
        "import app.old\n",
        "from app.old import f as g\n",
        "def late():\n    from app.old import *\n",
        "try:\n    from app import old\nexcept ImportError:\n    old = None\n",
        "import importlib\nimportlib.import_module('app.old')\n",
        "TARGET = 'app.old:f'\n",
        "import app\nprint(app.old.f)\n",
        "from app.old import (\n",
    ],
    ids=["import", "alias", "lazy", "guarded", "dynamic", "entry point", "chain", "unparsable"],
)
def test_every_way_to_read_a_module_is_a_consumer(find: Find, use: str) -> None:
    assert find("expired-shim", {**PACKAGE, "use.py": use}, PACKAGE_MOVE) == ()


def test_a_comment_is_no_consumer(find: Find) -> None:
    (finding,) = find("expired-shim", {**PACKAGE, "use.py": "# app.old\n"}, PACKAGE_MOVE)
    assert finding.path == "app/old.py"


def test_a_method_past_its_day_stands_where_its_class_does(find: Find) -> None:
    files = {"a.py": "class A:\n    def go(self): ...\n    def run(self): ...\n"}
    registry = '[[moves]]\nfrom = "a:A.go"\nto = "a:A.run"\nremove-by = 2000-01-01\n'
    (finding,) = find("expired-shim", files, registry)
    assert (finding.line, finding.symbol) == (1, "a:A.go")
