"""Names of modules, and files of names."""

from __future__ import annotations

import pytest

from ssot_migrate.resolve.modules import ModuleMap, is_package_file


def names(paths: str, *roots: str) -> list[str]:
    modules = ModuleMap(paths.split(), roots or ("",))
    return [modules.name_of(path) for path in paths.split()]


def test_names_are_counted_from_the_roots() -> None:
    assert names("a.py a/b.py a/__init__.py a/b/c.pyi __init__.py") == [
        "a",
        "a.b",
        "a",
        "a.b.c",
        "",
    ]
    assert names("src/a.py src/a/b.py tests/t.py", "src") == ["a", "a.b", "tests.t"]
    assert names("lib/a.py libs/b.py", "lib") == ["a", "libs.b"]


def test_the_innermost_root_names_and_the_others_know_it_too() -> None:
    modules = ModuleMap(["src/app/a.py", "tools/x.py"], ["", "src"])
    assert modules.name_of("src/app/a.py") == "app.a"
    assert modules.path_of("app.a") == modules.path_of("src.app.a") == "src/app/a.py"


@pytest.mark.parametrize(
    ("paths", "roots", "name", "path"),
    [
        ("x.py x/__init__.py", "", "x", "x/__init__.py"),
        ("x.py x/y.py", "", "x", "x.py"),
        ("x.pyi x.py", "", "x", "x.py"),
        ("x/__init__.pyi x.py", "", "x", "x.py"),
        ("x/__init__.pyi x/__init__.py", "", "x", "x/__init__.py"),
        ("x.pyi", "", "x", "x.pyi"),
        ("b/x.py a/x.py", "b a", "x", "b/x.py"),
        ("b/x.py a/x/__init__.py", "b a", "x", "b/x.py"),
        ("b/x.pyi a/x.py", "b a", "x", "a/x.py"),
        ("src/x.py x.py", ". src", "x", "x.py"),
        ("src/x.py x.py", "src .", "x", "src/x.py"),
        ("x/y.py", "", "x.y", "x/y.py"),
        ("my-dir/x.py", "", "my-dir.x", "my-dir/x.py"),
    ],
)
def test_which_file_an_import_runs(paths: str, roots: str, name: str, path: str) -> None:
    chosen = ["" if root == "." else root for root in roots.split()] or [""]
    for order in (paths.split(), paths.split()[::-1]):
        assert ModuleMap(order, chosen).path_of(name) == path


def test_folders_without_a_package_file_are_namespaces() -> None:
    modules = ModuleMap(["a/b/c.py", "d/__init__.py", "d/e/f.py"], [""])
    assert [modules.is_namespace(name) for name in ("a", "a.b", "a.b.c", "d", "d.e")] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert modules.exists("a.b")
    assert not modules.exists("a.x")
    assert modules.path_of("a.b") is None
    assert modules.is_first_party("a.anything")
    assert not modules.is_first_party("os")


TWO_PROJECTS = """
one/tests/__init__.py one/tests/help.py one/tests/test_a.py one/lib/__init__.py one/lib/a.py
two/tests/__init__.py two/tests/help.py two/tests/test_b.py two/more.py
"""


def test_each_project_finds_its_own_module_of_a_name() -> None:
    modules = ModuleMap(TWO_PROJECTS.split(), ("", "one", "two"))
    assert modules.name_of("one/tests/help.py") == "tests.help"
    assert modules.name_of("two/tests/help.py") == "two.tests.help"

    def seen_from(path: str, level: int, module: str) -> str | None:
        name = modules.absolute(path, level, module)
        return None if name is None else modules.path_of(name)

    assert seen_from("one/lib/a.py", 0, "tests.help") == "one/tests/help.py"
    assert seen_from("two/tests/test_b.py", 0, "tests.help") == "two/tests/help.py"
    assert seen_from("two/more.py", 0, "tests") == "two/tests/__init__.py"
    for project, test in (("one", "test_a"), ("two", "test_b")):
        here = f"{project}/tests/{test}.py"
        assert seen_from(here, 1, "help") == f"{project}/tests/help.py"
        assert seen_from(here, 1, test) == here
        assert seen_from(f"{project}/tests/help.py", 1, "") == f"{project}/tests/__init__.py"


def test_a_namespace_package_is_spread_over_projects() -> None:
    paths = "one/src/space/a.py two/src/space/b.py two/src/space/c/__init__.py"
    modules = ModuleMap(paths.split(), ("", "one/src", "two/src"))
    assert modules.is_namespace("space")
    assert modules.path_of("space.b") == "two/src/space/b.py"
    assert modules.absolute("one/src/space/a.py", 0, "space.c") == "space.c"


def test_a_file_name_with_a_dot_makes_no_package() -> None:
    modules = ModuleMap(["numpy.test.py", "v1.2/x.py", "a.py"], [""])
    assert not modules.is_first_party("numpy.linalg")
    assert not modules.is_first_party("v1")
    assert modules.name_of("numpy.test.py") == "numpy.test"


def test_a_dot_above_the_root_does_not_matter() -> None:
    modules = ModuleMap(["v1.2/src/app/a.py"], ["v1.2/src"])
    assert modules.path_of("app.a") == "v1.2/src/app/a.py"
    assert modules.is_first_party("app")


def test_folders_called_like_the_standard_library_are_not_it() -> None:
    modules = ModuleMap(["email/mine.py", "json/__init__.py", "types.py"], [""])
    assert [modules.is_first_party(name) for name in ("email", "json", "types")] == [
        False, True, True,
    ]  # fmt: skip


def test_links_are_other_names_of_one_file() -> None:
    modules = ModuleMap(["real/a.py"], [""], [("linked.py", "real/a.py")])
    assert modules.path_of("linked") == "real/a.py"
    assert modules.name_of("real/a.py") == "real.a"


@pytest.mark.parametrize(
    ("path", "level", "module", "absolute"),
    [
        ("a/b/c.py", 1, "d", "a.b.d"),
        ("a/b/c.py", 1, "", "a.b"),
        ("a/b/c.py", 2, "d.e", "a.d.e"),
        ("a/b/c.py", 2, "", "a"),
        ("a/b/c.py", 3, "d", None),
        ("a/b/__init__.py", 1, "d", "a.b.d"),
        ("a/b/__init__.py", 2, "d", "a.d"),
        ("a/b/__init__.pyi", 2, "", "a"),
        ("a/b/__init__.py", 3, "d", None),
        ("top.py", 1, "d", None),
        ("top.py", 0, "d.e", "d.e"),
        ("a/b/c.py", 9, "", None),
    ],
)
def test_relative_imports(path: str, level: int, module: str, absolute: str | None) -> None:
    modules = ModuleMap(["a/b/c.py", "a/b/__init__.py", "a/b/__init__.pyi", "top.py"], [""])
    assert modules.absolute(path, level, module) == absolute


def test_the_root_may_be_a_package_itself() -> None:
    modules = ModuleMap(["__init__.py", "a.py", "b/c.py"], [""])
    assert modules.absolute("__init__.py", 1, "a") == "a"
    assert modules.absolute("a.py", 1, "b") == "b"
    assert modules.absolute("b/c.py", 2, "a") == "a"
    assert modules.absolute("a.py", 1, "") == ""
    assert modules.absolute("a.py", 2, "b") is None


def test_a_script_finds_its_neighbours() -> None:
    modules = ModuleMap(
        ["scripts/run.py", "scripts/helper.py", "scripts/lib/__init__.py", "scripts/queue.py",
         "pkg/__init__.py", "pkg/a.py", "pkg/b.py", "top.py"],
        ["", "src"],
    )  # fmt: skip
    assert modules.absolute("scripts/run.py", 0, "helper") == "scripts.helper"
    assert modules.absolute("scripts/run.py", 0, "lib.x") == "scripts.lib.x"
    assert modules.absolute("scripts/run.py", 0, "top") == "top"
    assert modules.absolute("scripts/run.py", 0, "numpy") == "numpy"
    assert modules.absolute("scripts/run.py", 0, "queue") == "queue"
    assert modules.absolute("pkg/a.py", 0, "b") == "b"


def test_folders_that_need_no_name_for_a_relative_import() -> None:
    modules = ModuleMap(["a/__init__.py", "a/b.py", "c/d.py"], [""])
    assert modules.folders_of("a") == ("a",)
    assert modules.folders_of("a.b") == ()
    assert modules.folders_of("c") == ("c",)
    assert modules.folders_of("") == ()


def test_package_files() -> None:
    paths = ["__init__.py", "a/__init__.pyi", "a/init.py", "a__init__.py"]
    assert [is_package_file(path) for path in paths] == [True, True, False, False]
