from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.rewrite.shim_source import Style
from ssot_migrate.transaction.errors import TransactionError
from ssot_migrate.transaction.store import RunStore
from ssot_migrate.usecases.gate.scan import Gate, scan
from ssot_migrate.usecases.migration.shim import Wanted, shim
from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.outcome import ApplyReport
    from tests.unit.conftest import Write

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
STYLES = tuple(Style)
TREE = {
    "app/__init__.py": "",
    "app/core.py": """
    LIMIT = 3

    class Pool:
        def size(self) -> int:
            return LIMIT

    def connect(name: str) -> Pool:
        return Pool()
    """,
    "app/old.py": """
    from .helpers import shout

    LIMIT = 1

    class Engine:
        def size(self) -> int:
            return LIMIT

    def connect(name: str) -> str:
        return shout(name)
    """,
    "app/helpers.py": "def shout(text: str) -> str: return text.upper()\n",
}
REGISTRY = """
[[moves]]
from = "app.old"
to = "app.core"
remove-by = 2099-12-31

[[moves]]
from = "app.old:Engine"
to = "app.core:Pool"
"""


def _request(root: Path) -> Request:
    return Request(root=str(root), config=str(root / "ssot.toml"), use_cache=False, jobs=1)


def _shim(root: Path, module: str = "app.old", *, is_dry: bool = False, force: bool = True,
          **wanted: object) -> ApplyReport:  # fmt: skip
    asked = Wanted(module=module, **wanted)  # type: ignore[arg-type]  # any field
    return shim(_request(root), asked, is_dry=is_dry, force=force, command=("test",))


def _refusal(root: Path, module: str = "app.old", style: Style = Style.GETATTR) -> str:
    (refused,) = _shim(root, module, style=style).files
    assert refused.outcome is Outcome.REFUSED
    return refused.why


def _python(version: str) -> str:
    """An interpreter of that version, wherever it is."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [*map(str, pyenv.glob(f"{version}.*/bin/python"))]
    found += filter(None, [shutil.which(f"python{version}")])
    for program in found:
        if not subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode:
            return program
    pytest.skip(f"no Python {version} here")


def _run(root: Path, program: str, version: str = "", **environment: str) -> str:
    command = [
        _python(version) if version else sys.executable,
        "-B",
        "-c",
        textwrap.dedent(program),
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=root, env={**kept, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- what it does


@pytest.mark.parametrize("version", VERSIONS)
def test_names_are_passed_on_when_they_are_read(write_tree: Write, version: str) -> None:
    root = write_tree(TREE, REGISTRY)
    _shim(root)
    program = """
        import sys, warnings
        warnings.simplefilter("error")
        import app.old
        assert "app.core" not in sys.modules
        assert "Engine" in dir(app.old) and not hasattr(app.old, "Gone")
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            exec(compile("from app.old import Engine, connect", "reader.py", "exec"))
            app.old.LIMIT
        import app.core
        assert Engine is app.core.Pool and connect is app.core.connect
        assert {one.filename for one in seen} == {"reader.py", "<string>"}
        assert all(one.category is DeprecationWarning for one in seen)
        print(sorted({str(one.message) for one in seen})[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            space = {}
            exec("from app.old import *", space)
        assert {"Engine", "LIMIT", "connect"} < space.keys()
    """
    told = "app.old.Engine is deprecated: use app.core.Pool; it goes by 2099-12-31\n"
    assert _run(root, program, version) == told


@pytest.mark.parametrize("version", VERSIONS)
def test_names_are_passed_on_at_once(write_tree: Write, version: str) -> None:
    root = write_tree(TREE, REGISTRY)
    _shim(root, style=Style.STATIC)
    program = """
        import warnings
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            exec(compile("from app.old import Engine, connect", "reader.py", "exec"))
        import app.core, app.old
        assert Engine is app.core.Pool and vars(app.old)["connect"] is app.core.connect
        (one,) = seen
        assert one.filename == "reader.py" and one.category is DeprecationWarning
        print(one.message)
    """
    told = "app.old is deprecated: use app.core; it goes by 2099-12-31\n"
    assert _run(root, program, version) == told


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("style", STYLES)
def test_a_switch_brings_the_old_implementation_back(
    write_tree: Write, style: Style, version: str
) -> None:
    root = write_tree(TREE, REGISTRY)
    before = (root / "app/old.py").read_bytes()
    report = _shim(root, style=style, env="ARCH=singleton")
    assert [(one.path, one.is_new) for one in report.files] == [
        ("app/_old_legacy.py", True),
        ("app/old.py", False),
    ]
    assert (root / "app/_old_legacy.py").read_bytes() == before
    program = "import app.old as o; print(o.Engine().size(), o.LIMIT, o.connect('a'))"
    assert _run(root, program, version, ARCH="singleton") == "1 1 A\n"
    assert _run(root, program, version).startswith("3 3 <app.core.Pool")
    assert _run(root, program, version, ARCH="split").startswith("3 3 ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_package_has_a_shim_too(write_tree: Write, version: str) -> None:
    files = {
        "app/__init__.py": "",
        "app/legacy/__init__.py": "from .parts import Engine\nfrom . import parts\nX = 1\n",
        "app/legacy/parts.py": "class Engine: old = True\n",
        "app/new.py": "class Engine: old = False\nX = 2\n",
    }
    root = write_tree(files, '[[moves]]\nfrom = "app.legacy"\nto = "app.new"\n'
                             '[[moves]]\nfrom = "app.legacy.parts"\nto = "app.new"\n')  # fmt: skip
    report = _shim(root, "app.legacy", env="BACK=1")
    assert [one.path for one in report.changed] == [
        "app/legacy/__init__.py",
        "app/legacy/_legacy.py",
    ]
    assert "modules inside need shims of their own: app.legacy.parts" in report.notes
    program = "from app.legacy import Engine, X; import app.legacy.parts; print(Engine.old, X)"
    assert _run(root, program, version) == "False 2\n"
    assert _run(root, program, version, BACK="1") == "True 1\n"


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the standard library."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("env", [None, "ARCH=singleton"])
def test_linters_and_type_checkers_are_content(
    write_tree: Write, style: Style, env: str | None, shared_cache: Path
) -> None:
    files = {
        **TREE,
        "app/use.py": """
        from app.old import Engine, connect

        size: int = Engine().size()
        pool: Engine = connect("a")
        """,
        "app/wrong.py": """
        import app.old

        wrong: str = app.old.Engine().size()
        gone = app.old.Gone
        """,
    }
    root = write_tree(files, REGISTRY)
    _shim(root, style=style, env=env)
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["check", "--isolated", "--no-cache", "--select", "E,F,W,I,UP,B,C4,SIM,RUF,D2,D3,D4",
             "--ignore", "D203,D212,D213,D413"]  # fmt: skip
    for arguments in (rules, ["format", "--isolated", "--no-cache", "--diff"]):
        done = subprocess.run(
            [*ruff, *arguments, "app/old.py"], cwd=root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    mypy = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--no-error-summary",
            "--cache-dir", str(shared_cache), "--config-file", "", "-p", "app"]  # fmt: skip
    done = subprocess.run(mypy, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "app/wrong.py:3: error: Incompatible types in assignment"
        ' (expression has type "int", variable has type "str")  [assignment]',
        'app/wrong.py:4: error: Module has no attribute "Gone"  [attr-defined]',
    ]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("env", [None, "ARCH=singleton"])
def test_the_scanner_knows_a_shim_when_it_sees_one(
    write_tree: Write, style: Style, env: str | None
) -> None:
    files = {**TREE, "app/use.py": "from app.old import Engine\n"}
    root = write_tree(files, REGISTRY)
    _shim(root, style=style, env=env)
    with open_project(_request(root)) as opened:
        assert opened.project.shims.is_shim("app/old.py")
        found = opened.project.shims.describe("app/old.py")
    assert found.kind == "deprecation"
    assert {name: str(target) for name, target in found.targets.items()} == {
        "Engine": "app.core:Pool",
        "LIMIT": "app.core:LIMIT",
        "connect": "app.core:connect",
    }
    codes = {(one.code, one.path) for one in _scan(root)}
    assert ("SSOT201", "app/use.py") in codes
    assert not codes & {("SSOT207", "app/old.py"), ("SSOT210", "app/old.py")}
    (root / "ssot.toml").write_text(REGISTRY.replace("2099", "2000"))
    assert ("SSOT207", "app/old.py") in {(one.code, one.path) for one in _scan(root)}
    (root / "ssot.toml").write_text("")
    assert ("SSOT210", "app/old.py") in {(one.code, one.path) for one in _scan(root)}


def _scan(root: Path) -> tuple[Finding, ...]:
    return scan(_request(root), Gate(select=("SSOT201", "SSOT207", "SSOT210"))).findings


# --- how it is written


def test_a_rollback_takes_it_back(write_tree: Write) -> None:
    root = write_tree(TREE, REGISTRY)
    before = {path: (root / path).read_bytes() for path in TREE}
    report = _shim(root, env="A=b")
    assert report.run
    assert (root / "app/_old_legacy.py").exists()
    RunStore(root).rollback(report.run)
    assert {path: (root / path).read_bytes() for path in TREE} == before
    assert not (root / "app/_old_legacy.py").exists()


def test_a_second_time_there_is_nothing_to_do(write_tree: Write) -> None:
    root = write_tree(TREE, REGISTRY)
    _shim(root)
    again = _shim(root)
    assert not again.files
    assert not again.run


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_comments_at_the_top_and_line_ends_stay(write_tree: Write, end: bytes) -> None:
    root = write_tree(TREE, REGISTRY)
    old = root / "app/old.py"
    head = "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n# \u00a9 The Team \n#\n# All of it\n"
    source = textwrap.dedent(TREE["app/old.py"]).encode()
    old.write_bytes((head.encode("latin-1") + source).replace(b"\n", end))
    _shim(root)
    written = old.read_bytes()
    told = '#!/usr/bin/env python\n# \u00a9 The Team\n#\n# All of it\n"""Deprecated: use '
    assert written.startswith(told.encode().replace(b"\n", end))
    assert written.count(b"\n") == written.count(end)
    _run(root, "import app.old; app.old.Engine")


def test_a_dry_run_writes_nothing(write_tree: Write) -> None:
    root = write_tree(TREE, REGISTRY)
    before = (root / "app/old.py").read_bytes()
    report = _shim(root, is_dry=True)
    assert report.changed
    assert not report.run
    assert (root / "app/old.py").read_bytes() == before
    assert not (root / ".ssot_migrate").exists()


def test_uncommitted_changes_are_not_written_over(write_tree: Write) -> None:
    root = write_tree(TREE, REGISTRY)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    with pytest.raises(TransactionError, match=r"app/old\.py.*not known to git"):
        _shim(root, force=False)
    assert _shim(root).run


# --- what it passes on


def _passed(root: Path, module: str = "app.old") -> list[str]:
    (found,) = _shim(root, module).changed
    space: dict[str, Mapping[str, tuple[str, str]]] = {}
    assert found.after is not None
    table = found.after.decode().partition("\n_MOVED = ")[2].partition("\n}\n")[0] + "}"
    exec(f"moved = {table}", space)
    return [f"{name} {home}:{original}" for name, (home, original) in space["moved"].items()]


def test_what_others_take_is_passed_on_whatever_it_is(write_tree: Write) -> None:
    files = {
        **TREE,
        "app/old.py": """
        import logging
        from typing import Any
        from app.helpers import shout, whisper

        logger = logging.getLogger(__name__)
        _private = 1
        LIMIT = 1
        """,
        "app/core.py": "LIMIT = 2\n_private = 3\n",
        "app/helpers.py": "def shout(): ...\ndef whisper(): ...\n",
        "app/use.py": "from app.old import shout, _private, Any\n",
        "app/other.py": "import app\nprint(app.old.whisper)\n",
    }
    root = write_tree(files, '[[moves]]\nfrom = "app.old"\nto = "app.core"\n')
    assert (
        "left out, since the registry has no replacement for them: logger"
        in _shim(root, is_dry=True).notes
    )
    assert _passed(root) == [
        "LIMIT app.core:LIMIT",
        "Any typing:Any",
        "_private app.core:_private",
        "shout app.helpers:shout",
        "whisper app.helpers:whisper",
    ]


def test_a_shim_of_a_shim_leads_to_the_end(write_tree: Write) -> None:
    files = {
        "app/__init__.py": "",
        "app/core.py": "class A: ...\nclass B: ...\n",
        "app/mid.py": "from app.core import A as C, B\n__all__ = ['C', 'B']\n",
        "app/old.py": "from app.mid import *\n",
    }
    registry = """
    [[moves]]
    from = "app.mid:C"
    to = "app.core:A"
    [[moves]]
    from = "app.old"
    to = "app.mid"
    """
    assert _passed(write_tree(files, registry)) == ["B app.mid:B", "C app.core:A"]


def test_a_module_that_is_gone_gets_what_its_replacement_has(write_tree: Write) -> None:
    files = {
        "app/__init__.py": "",
        "app/core.py": "import os\nclass A: ...\nLIMIT = 1\n_hidden = 1\n",
        "app/use.py": "from app.old import _hidden, Gone\n",
    }
    registry = """
    [[moves]]
    from = "app.old"
    to = "app.core"
    [[moves]]
    from = "app.old:B"
    to = "app.core:A"
    """
    root = write_tree(files, registry)
    report = _shim(root, is_dry=True)
    assert [(one.path, one.is_new) for one in report.files] == [("app/old.py", True)]
    assert report.notes[-1].endswith("for them: Gone")
    assert _passed(root) == [
        "LIMIT app.core:LIMIT",
        "A app.core:A",
        "B app.core:A",
        "_hidden app.core:_hidden",
    ]
    assert _run(root, "from app.old import B; print(B.__name__)") == "A\n"


def test_a_concept_needs_no_more_than_its_canonical(write_tree: Write) -> None:
    registry = """
    [[concepts]]
    name = "engine"
    canonical = "app.core:Pool"
    remove-by = 2099-01-01
    deprecated = [{ path = "app.old:Engine" }]
    """
    files = {
        "app/__init__.py": "",
        "app/core.py": "class Pool: ...\n",
        "app/old.py": "class Engine: ...\n",
    }
    assert _passed(write_tree(files, registry)) == ["Engine app.core:Pool"]


# --- what it refuses


@pytest.mark.parametrize("listed", [True, False])
def test_nothing_may_be_lost(write_tree: Write, *, listed: bool) -> None:
    old = "class Engine: ...\nclass Helper: ...\ndef tool(): ...\nEXTRA = 1\n"
    if listed:
        old += "__all__ = ['Engine', 'EXTRA']\n"
    files = {**TREE, "app/old.py": old, "app/use.py": "from app.old import EXTRA\n"}
    root = write_tree(files, REGISTRY)
    lost = "EXTRA" if listed else "EXTRA, Helper, tool"
    assert _refusal(root).startswith(f"the registry has no replacement for {lost}, so nothing")
    assert (root / "app/old.py").read_text() == old


@pytest.mark.parametrize("style", STYLES)
def test_a_circle_is_refused(write_tree: Write, style: Style) -> None:
    files = {**TREE, "app/helpers.py": "x = 1\nfrom app.old import LIMIT\n"}
    files["app/core.py"] = "import app.helpers\n" + textwrap.dedent(TREE["app/core.py"])
    root = write_tree(files, REGISTRY)
    assert _refusal(root, style=style).startswith("app/helpers.py:2 imports `app.old` when the")
    (root / "app/helpers.py").write_text("def shout(x):\n    from app.old import LIMIT\n")
    assert _shim(root, style=style).changed
    _run(root, "import app.core, app.helpers, app.old; app.old.connect; app.helpers.shout(1)")


def test_a_circle_that_is_there_already_is_no_obstacle(write_tree: Write) -> None:
    files = {
        "app/__init__.py": "",
        "app/core.py": "class A: ...\nfrom app import helpers\n",
        "app/helpers.py": "from app.old import A\n",
        "app/old.py": "from app.core import A\n",
    }
    for style in STYLES:
        root = write_tree(files, '[[moves]]\nfrom = "app.old"\nto = "app.core"\n')
        assert _shim(root, style=style).changed
        for first in ("core", "helpers"):
            _run(root, f"import app.{first}; import app.old, app.helpers; app.old.A")


def test_a_replacement_that_comes_from_the_old_module_is_none(write_tree: Write) -> None:
    files = {
        "app/__init__.py": "",
        "app/old.py": "class A: ...\n",
        "app/new.py": "def f():\n    ...\nfrom app.old import A\n",
    }
    root = write_tree(files, '[[moves]]\nfrom = "app.old"\nto = "app.new"\n')
    assert "no replacement for A" in _refusal(root)


def test_a_module_that_cannot_be_parsed(write_tree: Write) -> None:
    root = write_tree({**TREE, "app/old.py": "def f(:\n"}, REGISTRY)
    assert "cannot be parsed" in _refusal(root)


def test_a_module_that_the_registry_does_not_know(write_tree: Write) -> None:
    root = write_tree(TREE, REGISTRY)
    with pytest.raises(UsageError, match=r"no replacement for 'app\.helpers'$"):
        _shim(root, "app.helpers")
    with pytest.raises(UsageError, match=r"did you mean 'app\.helpers'"):
        _shim(root, "app.helper")


def test_a_package_that_is_gone_is_not_made(write_tree: Write) -> None:
    root = write_tree(TREE, '[[moves]]\nfrom = "gone.old"\nto = "app.core"\n')
    with pytest.raises(UsageError, match="no package 'gone'"):
        _shim(root, "gone.old")


@pytest.mark.parametrize(
    "env",
    ["", "A", "=b", "1A=b", "A B=c", "A='", 'A="', "A=\\", "A=\n", "A={x}", "É=1", "A=\u202e"],
)
def test_what_is_no_switch(write_tree: Write, env: str) -> None:
    with pytest.raises(UsageError, match="--env"):
        _shim(write_tree(TREE, REGISTRY), env=env)


def test_a_switch_needs_something_to_go_back_to(write_tree: Write) -> None:
    root = write_tree({**TREE, "app/old.py": "from app.core import *\n"}, REGISTRY)
    with pytest.raises(UsageError, match="no implementation of its own"):
        _shim(root, env="A=b")
    root = write_tree({**TREE, "app/_old_legacy.py": ""}, REGISTRY)
    with pytest.raises(UsageError, match="is there already"):
        _shim(root, env="A=b")
