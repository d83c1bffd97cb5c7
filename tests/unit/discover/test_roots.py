"""Import roots that nothing declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.discover.roots import LooseRoot, loose_roots

if TYPE_CHECKING:
    from ..conftest import MakeProject

PACKAGES = {
    "repos/site/core.py": "",
    "repos/site/packages/a/package.py": "from site_tools import x\nfrom shop.core import A\n",
    "repos/shop/__init__.py": "",
    "repos/shop/core.py": "A = 1\n",
    "use.py": "import shop.core\nimport numpy\nfrom . import near\nimport json.decoder\n",
}


def test_a_folder_that_holds_what_is_imported_is_one(project: MakeProject) -> None:
    assert loose_roots(project(PACKAGES)) == (LooseRoot("repos", "shop", 2),)


def test_a_folder_with_the_name_of_something_installed_is_none(project: MakeProject) -> None:
    asks = "import docker\nfrom docker.errors import NotFound\nimport docker.models, six, pytest\n"
    tree = {
        "deploy/docker/build.py": "",
        "deploy/six/__init__.py": "",
        "deploy/pytest/hooks.py": "",
        "use.py": asks,
        "more.py": asks,
    }
    assert loose_roots(project(tree)) == ()


def test_nor_is_a_package(project: MakeProject) -> None:
    asks = "import vendored.thing\n"
    tree = {"lib/__init__.py": "", "lib/vendored/thing.py": "", "a.py": asks, "b.py": asks}
    assert loose_roots(project(tree)) == ()


def test_the_folder_that_holds_most_of_it_counts_where_two_files_ask(project: MakeProject) -> None:
    tree = {
        "one/shop/core.py": "",
        "two/shop/core.py": "",
        "two/shop/more.py": "",
        "use.py": "import shop.core, shop.more\n",
    }
    assert loose_roots(project(tree)) == ()
    tree["more.py"] = tree["use.py"]
    assert loose_roots(project(tree)) == (LooseRoot("two", "shop", 2),)


def test_what_the_tree_finds_already_needs_none(project: MakeProject) -> None:
    assert loose_roots(project({"shop/core.py": "", "use.py": "import shop.core\n"})) == ()
