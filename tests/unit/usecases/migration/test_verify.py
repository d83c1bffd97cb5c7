from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.usecases.migration.accepted import BASELINE, Accepting
from ssot_migrate.usecases.migration.verify import Checks, verify
from ssot_migrate.usecases.project import Request

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.domain.report import ScanReport
    from tests.unit.conftest import Write

DONE = {
    "app/__init__.py": "",
    "app/core.py": "class Engine: ...\n",
    "app/use.py": "from app.core import Engine\n",
}
REGISTRY = """
[[concepts]]
name = "engine"
canonical = "app.core:Engine"
deprecated = [{ path = "app.old" }]
delete = ["app.old"]
"""


@pytest.fixture(autouse=True)
def _own_git_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def _verify(root: Path, *paths: str, run: str | None = None, **accepting: object) -> ScanReport:
    request = Request(
        root=str(root),
        paths=tuple(str(root / path) for path in paths),
        config=str(root / "ssot.toml"),
        use_cache=False,
        jobs=1,
    )
    given = Accepting(**accepting)  # type: ignore[arg-type]  # any field
    return verify(request, Checks(accepting=given, run=run))


def _found(report: ScanReport) -> list[str]:
    return [f"{one.path}:{one.line} {one.code}" for one in report.findings]


def _about(report: ScanReport, start: str) -> str:
    (note,) = (note for note in report.notes if note.startswith(start))
    return note.partition(": ")[2]


def test_a_migration_that_is_done(write_tree: Write) -> None:
    report = _verify(write_tree(DONE, REGISTRY))
    assert not report.findings
    assert not report.errors
    assert report.files == 3
    assert _about(report, "deprecated").startswith("1 looked for, ")
    assert _about(report, "deprecated").endswith(", reads found: 0")
    assert _about(report, "modules") == "1 looked for, still there: 0"
    assert _about(report, "imports") == "1 in 3 files, 1 of this tree, in vain: 0"
    assert _about(report, "files").startswith("3 compiled with Python 3.")


def test_what_is_left_of_a_migration(write_tree: Write) -> None:
    root = write_tree(
        {
            **DONE,
            "app/old.py": "from app.core import Engine\n",
            "app/late.py": "def f():\n    from app.old import Engine\n",
            "app/shim.py": "from app.old import Engine\n",
            "app/over.py": "from app.shim import Engine\n",
            "app/chain.py": "import app\napp.old.Engine\n",
            "tests/test_a.py": "from unittest.mock import patch\npatch('app.old.Engine')\n",
        },
        REGISTRY,
    )
    report = _verify(root)
    assert _found(report) == [
        "app/chain.py:2 SSOT203",
        "app/late.py:2 SSOT201",
        "app/old.py:1 VERIFY101",
        "app/over.py:1 SSOT202",
        "app/shim.py:1 SSOT201",
        "tests/test_a.py:2 SSOT204",
    ]
    remaining = report.findings[2]
    assert remaining.message == "`app.old` is to be deleted and still there"
    assert remaining.evidence[0] == "app/chain.py:2 refers to it"
    assert remaining.concept == "engine"
    assert _about(report, "deprecated").endswith("reads found: 5")
    assert len({one.fingerprint for one in report.findings}) == 6


def test_what_the_gate_ignores_counts(write_tree: Write) -> None:
    root = write_tree({**DONE, "app/x.py": "import app.old\n"}, f'ignore = ["SSOT2"]\n{REGISTRY}')
    assert "app/x.py:1 SSOT201" in _found(_verify(root))


def test_a_module_whose_day_is_over_is_to_be_gone(write_tree: Write) -> None:
    registry = """
    [[moves]]
    from = "app.old"
    to = "app.core"
    remove-by = 2020-01-01
    [[moves]]
    from = "app.older"
    to = "app.core"
    remove-by = 9999-01-01
    """
    shim = "from app.core import Engine\n"
    root = write_tree({**DONE, "app/old.py": shim, "app/older.py": shim}, registry)
    report = _verify(root)
    assert _found(report) == ["app/old.py:1 VERIFY101"]
    assert report.findings[0].message.startswith("`app.old` should have gone by 2020-01-01")


def test_imports_in_vain_and_broken_files(write_tree: Write) -> None:
    root = write_tree(
        {
            **DONE,
            "app/a.py": "from app.gone import x\n",
            "app/b.py": "x = 1\nreturn\n",
            "app/c.py": "import app.old\ndef f(:\n",
            "app/d.py": "type X = int\ndef f[T](x: T) -> T: ...\n",
        },
        REGISTRY,
    )
    report = _verify(root)
    assert _found(report) == ["app/a.py:1 SSOT205", "app/b.py:2 VERIFY102", "app/c.py:2 VERIFY102"]
    assert report.findings[1].message.startswith("does not compile: 'return' outside function")
    assert report.findings[2].message.startswith("cannot be parsed: ")
    assert not report.errors
    spelled = "files that cannot be parsed spell such names: app/c.py"
    assert _about(report, "deprecated").endswith(spelled)


def test_paths_limit_the_report(write_tree: Write) -> None:
    files = {**DONE, "app/a.py": "import app.gone\n", "app/b.py": "import app.gone\n"}
    assert _found(_verify(write_tree(files, ""), "app/b.py")) == ["app/b.py:1 SSOT205"]


def test_the_users_command(write_tree: Write) -> None:
    root = write_tree(DONE, REGISTRY)
    good = _verify(root, run="test -f ssot.toml && python3 -c 'import app.use'")
    assert not good.findings
    assert good.notes[-1].endswith(
        "`: exit code 0 after " + good.notes[-1].rpartition(" after ")[2]
    )
    bad = _verify(root, run="echo told; echo why >&2; exit 5")
    assert _found(bad) == [".:1 VERIFY103"]
    assert "fails: exit code 5 after " in bad.findings[0].message
    assert bad.findings[0].evidence == ("told", "why")


# --- the baseline


BROKEN = {**DONE, "app/a.py": "import app.gone\n", "app/b.py": "return\n"}


def test_a_baseline_accepts_what_was_broken(write_tree: Write) -> None:
    root = write_tree(BROKEN, REGISTRY)
    first = _verify(root, is_writing=True)
    assert not first.findings
    assert first.baselined == 2
    assert f"2 findings were accepted in {root / BASELINE}" in first.notes
    written = (root / BASELINE).read_text()
    assert len(written.splitlines()) == 4
    assert [one["path"] for one in json.loads(written)["accepted"]] == ["app/a.py", "app/b.py"]
    (root / "app/a.py").write_text("\n\nimport app.gone\nimport app.gone2\n")
    again = _verify(root)
    assert _found(again) == ["app/a.py:4 SSOT205"]
    assert again.baselined == 2


def test_a_baseline_only_shrinks(write_tree: Write) -> None:
    root = write_tree(BROKEN, REGISTRY)
    _verify(root, is_writing=True)
    (root / "app/a.py").write_text("import app.gone2\n")
    told = _verify(root)
    assert "nothing is wrong any more with 1 entry" in told.notes[-1]
    assert _found(_verify(root, is_writing=True)) == ["app/a.py:1 SSOT205"]
    kept = json.loads((root / BASELINE).read_text())["accepted"]
    assert [one["path"] for one in kept] == ["app/b.py"]
    assert _found(_verify(root, is_writing=True)) == ["app/a.py:1 SSOT205"]


def test_a_baseline_accepts_nothing_that_is_deprecated(write_tree: Write) -> None:
    root = write_tree({**DONE, "app/old.py": "", "app/x.py": "import app.old\n"}, REGISTRY)
    assert _found(_verify(root, is_writing=True)) == [
        "app/old.py:1 VERIFY101",
        "app/x.py:1 SSOT201",
    ]


def test_a_baseline_elsewhere(write_tree: Write, tmp_path: Path) -> None:
    root, file = write_tree(BROKEN, REGISTRY), tmp_path / "elsewhere.json"
    with pytest.raises(UsageError, match="no such baseline"):
        _verify(root, baseline=str(file))
    _verify(root, baseline=str(file), is_writing=True)
    assert not (root / BASELINE).exists()
    assert not _verify(root, baseline=str(file)).findings
    with pytest.raises(UsageError, match="cannot be written"):
        _verify(root, baseline=str(tmp_path / "no" / "folder.json"), is_writing=True)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"version": 2, "accepted": []}', "[" * 100_000, "\xff"]
)
def test_what_is_no_baseline(write_tree: Write, content: str) -> None:
    root = write_tree(DONE, "")
    (root / BASELINE).write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match=BASELINE):
        _verify(root)


def test_a_baseline_is_about_everything(write_tree: Write) -> None:
    with pytest.raises(UsageError, match="leave out the paths"):
        _verify(write_tree(DONE, ""), "app", is_writing=True)


# --- the past


def _git(root: Path, *args: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", *identity, *args], cwd=root, check=True, capture_output=True)


def _committed(root: Path) -> Path:
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "x")
    return root


def test_what_was_broken_at_a_revision_does_not_count(write_tree: Write) -> None:
    root = _committed(
        write_tree(
            {
                **BROKEN,
                "app/same.py": "from app.gone import x\nfrom app.core import Nothing\n",
                "app/old.py": "class Engine: ...\n",
                "app/was.py": "from app.old import Engine\nfrom app.core import Never\n",
                "app/syntax.py": "def f(:\n",
            },
            "",
        )
    )
    (root / "app/old.py").unlink()
    (root / "app/a.py").write_text("x = 1\nimport app.gone\nimport app.gone\n")
    (root / "app/b.py").write_text("x = 1\nreturn\n")
    (root / "app/new.py").write_text("import app.gone\n")
    (root / "app/syntax.py").write_text("def f(:::\n")
    (root / "app/core.py").write_text("class Engine: ...\nbreak\n")
    report = _verify(root, since="HEAD")
    assert _found(report) == [
        "app/a.py:3 SSOT205",  # a second time
        "app/core.py:2 VERIFY102",
        "app/new.py:1 SSOT205",
        "app/was.py:1 SSOT205",  # it was there
    ]
    assert "6 findings were there at HEAD" in report.notes
    assert report.baselined == 6


def test_since_needs_a_revision(write_tree: Write) -> None:
    with pytest.raises(UsageError, match="no such revision"):
        _verify(write_tree(DONE, ""), since="HEAD")


def test_the_past_has_its_own_modules(write_tree: Write) -> None:
    root = _committed(
        write_tree(
            {
                "app/__init__.py": "",
                "app/deep/__init__.py": "from app.deep.impl import *\n",
                "app/deep/impl.py": "A = 1\n",
                "app/use.py": "from app.deep import A, B\n",
            },
            "",
        )
    )
    (root / "app/deep/impl.py").write_text("C = 1\n")
    report = _verify(root, since="HEAD")
    assert [one.symbol for one in report.findings] == ["app.deep:A"]
