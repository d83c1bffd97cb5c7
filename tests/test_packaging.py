"""What users install: wheel and sdist, built from a copy of this tree and run elsewhere."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import ssot_migrate
from ssot_migrate.config.toml import parse

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "fixtures" / "agent_platform" / "before"
MAPPED = {"ssot_migrate/codemods": "codemods", "ssot_migrate/rules": "rules"}
FUNCTIONAL = (
    "tests/functional/test_strings.py::test_a_list_says_what_each_is_for_and_what_is_behind_it",
    "tests/functional/test_apply_run.py::test_apply_writes_and_is_done",
)
SHIPPED = ("ssot_migrate", "rules", "codemods", "pyproject.toml", "README.md", "LICENSE")


class Dist(NamedTuple):
    """What was built of which copy, and an interpreter that has the wheel and nothing else."""

    copy: Path
    sdist: Path
    wheel: Path
    python: Path


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    folder = tmp_path_factory.mktemp("dist")
    # In a copy, for setuptools leaves files behind and would ship what older builds left.
    copy = folder / "copy"
    copy.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy)
    # Without further options, `build` makes the sdist, and the wheel from the sdist alone.
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    run(*build, folder, copy)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    run(*build, folder / "direct", "--wheel", copy)
    environment = folder / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--python", python)
    run(*pip, "install", "--no-compile", wheel)  # few of the modules are ever imported
    return Dist(copy, sdist, wheel, python)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    exit_code: int = 0,
) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**environment, "SOURCE_DATE_EPOCH": "1790000000", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def setuptools_table() -> Any:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return parse(text)["tool"]["setuptools"]


def real_place(imported: str) -> str:
    """Where a file of the package lies in the repository."""
    for link, folder in MAPPED.items():
        if imported.startswith(f"{link}/"):
            return folder + imported.removeprefix(link)
    return imported


def files_of(tree: Path) -> set[str]:
    """What a wheel should hold of a tree's package, under its imported names."""
    return {
        path.relative_to(tree).as_posix()
        for link in ("ssot_migrate", *MAPPED)
        for path in (tree / link).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_packages_are_those_of_the_tree() -> None:
    listed = setuptools_table()["packages"]
    folders = {name.rpartition("/")[0] for name in files_of(ROOT) if name.endswith(".py")}
    assert listed == sorted(folder.replace("/", ".") for folder in folders)


def test_links_stand_for_the_mapping() -> None:
    mapping = setuptools_table()["package-dir"]
    assert mapping == {link.replace("/", "."): folder for link, folder in MAPPED.items()}
    for link, folder in MAPPED.items():
        assert os.readlink(ROOT / link) == f"../{folder}"


def test_wheel_holds_the_package_once_and_nothing_else(dist: Dist) -> None:
    with zipfile.ZipFile(dist.wheel) as wheel:
        names = wheel.namelist()
        links = [info.filename for info in wheel.infolist() if info.external_attr >> 28 == 0xA]
        contents = {name: wheel.read(name) for name in names if name.startswith("ssot_migrate/")}
    assert not links
    assert len(set(names)) == len(names)
    assert {name.partition("/")[0] for name in names} == {
        "ssot_migrate",
        f"ssot_migrate-{ssot_migrate.__version__}.dist-info",
    }
    assert set(contents) == files_of(dist.copy)
    assert "ssot_migrate/py.typed" in contents
    assert "ssot_migrate/rules/packs/agent-runtime.toml" in contents
    assert all(
        data == (dist.copy / real_place(name)).read_bytes() for name, data in contents.items()
    )


def test_same_sources_make_the_same_wheel(dist: Dist) -> None:
    """From the sdist or from the tree, to the byte, where the time of the build is fixed."""
    (direct,) = (dist.wheel.parent / "direct").glob("*.whl")
    assert direct.name == dist.wheel.name
    assert direct.read_bytes() == dist.wheel.read_bytes()


def test_sdist_holds_sources_and_no_links(dist: Dist) -> None:
    with tarfile.open(dist.sdist) as sdist:
        members = sdist.getmembers()
    names = {member.name.partition("/")[2] for member in members if member.isfile()}
    assert all(member.isfile() or member.isdir() for member in members)
    assert {real_place(name) for name in files_of(dist.copy)} <= names
    assert {"LICENSE", "README.md", "pyproject.toml"} <= names
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", *MAPPED))]


def test_installed_wheel_runs(dist: Dist, elsewhere: Path) -> None:
    command = dist.python.with_name("ssot-migrate")
    version = f"ssot-migrate {ssot_migrate.__version__}\n"
    assert run(command, "--version", cwd=elsewhere) == version
    assert run(dist.python, "-I", "-m", "ssot_migrate", "--version", cwd=elsewhere) == version
    explained = run(command, "explain", "SSOT201", cwd=elsewhere)
    assert explained.startswith("# deprecated-import (SSOT201)")
    listed = json.loads(run(command, "rules", "--output-format", "json", cwd=elsewhere))
    assert "SSOT201" in [rule["code"] for rule in listed["rules"]]


def test_installed_wheel_scans(dist: Dist, elsewhere: Path) -> None:
    command = dist.python.with_name("ssot-migrate")
    arguments = ("scan", "--no-cache", "--output-format", "json", "--root", DEMO)
    report = json.loads(run(command, *arguments, cwd=elsewhere, exit_code=1))
    assert report["summary"]["findings"] == len(report["findings"]) > 0
    assert report["errors"] == []
    assert list(elsewhere.iterdir()) == []


def test_functional_tests_pass_on_the_installed_wheel(dist: Dist, tmp_path: Path) -> None:
    """Some of them; `make test-wheel` runs them all."""
    run(
        *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
        *("--basetemp", tmp_path / "tests", *FUNCTIONAL),
        cwd=ROOT,
        env={"SSOT_MIGRATE_TEST_COMMAND": str(dist.python.with_name("ssot-migrate"))},
    )


def test_installed_wheel_puts_one_name_into_the_environment(dist: Dist, elsewhere: Path) -> None:
    names = ("ssot_migrate", "rules", "codemods", "tests", "fixtures")
    code = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    assert run(dist.python, "-I", "-c", code, cwd=elsewhere) == "['ssot_migrate']\n"


def test_installed_pack_can_be_extended(dist: Dist, elsewhere: Path) -> None:
    (elsewhere / "ssot.toml").write_text('extend = ["agent-runtime"]\n')
    command = dist.python.with_name("ssot-migrate")
    assert "No findings in 0 files." in run(command, "scan", "--no-cache", cwd=elsewhere)
    asked = run(command, "which", "tool dispatcher", "--no-cache", cwd=elsewhere)
    assert asked.startswith("from ssot_migrate.runtime import UnifiedToolDispatcher\n")


def test_this_environment_runs_the_tree_itself(elsewhere: Path) -> None:
    """An editable install, as `make test` makes it, reads rules and codemods where they lie."""
    # The build's own egg-info in the working directory is one more distribution of that name.
    found = importlib.metadata.distributions(name="ssot-migrate")
    origins = [json.loads(one.read_text("direct_url.json") or "{}") for one in found]
    if not any(origin.get("dir_info", {}).get("editable") for origin in origins):
        pytest.skip("ssot-migrate is not installed editable here")
    code = (
        "import os, ssot_migrate as s, ssot_migrate.rules as r, ssot_migrate.codemods as c;"
        "print(*map(os.path.realpath, (*s.__path__, *r.__path__, *c.__path__)), sep='\\n')"
    )
    folders = ("ssot_migrate", "rules", "codemods")
    assert run(sys.executable, "-I", "-c", code, cwd=elsewhere).splitlines() == [
        str(ROOT.resolve() / folder) for folder in folders
    ]
