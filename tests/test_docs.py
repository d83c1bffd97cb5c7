"""The documentation says what the program does; `make docs` writes what is generated of it."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import click
import pytest

import ssot_migrate
from ssot_migrate.catalogue import all_rules
from ssot_migrate.cli.app import group
from ssot_migrate.config.toml import parse
from ssot_migrate.reporting import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "fixtures/*/README.md")
    for path in ROOT.glob(pattern)
)

# Of the benchmark, of uvicorn, of the demonstration, of Dask.
OPTIONS_OF_OTHERS = {"--modules", "--timeout-graceful-shutdown", "--database", "--host"}


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ssot_migrate", *arguments],
        env={**os.environ, "COLUMNS": "80"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_generated_files_are_fresh(generate: ModuleType) -> None:
    stale = [
        path.relative_to(ROOT).as_posix()
        for path, text in generate.generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, f"`make docs` writes them anew: {stale}"


def test_readme_has_a_line_for_every_hundred_of_codes() -> None:
    hundreds = {f"| {rule.code[:5]}xx |" for rule in all_rules()}
    assert not [hundred for hundred in hundreds if hundred not in readme()]


def test_readme_names_each_command() -> None:
    table = readme().partition("## Commands")[2].partition("\n## ")[0]
    missing = [
        name for name in group.list_commands(click.Context(group)) if f"`{name}`" not in table
    ]
    assert not missing


def test_each_rule_has_its_page_and_no_page_is_left_over() -> None:
    pages = {page.name for page in (ROOT / "docs" / "rules").iterdir()}
    assert pages == {"README.md", *(f"{rule.code}.md" for rule in all_rules())}
    code = all_rules()[0].code
    page = ROOT / "docs" / "rules" / f"{code}.md"
    assert page.read_text(encoding="utf-8") == printed("explain", code)


def test_picture_shows_what_the_command_prints(generate: ModuleType) -> None:
    drawn: dict[str, str] = {}
    for text in ElementTree.parse(generate.PICTURE).iter("{http://www.w3.org/2000/svg}text"):
        # Pieces of one row share its clip path; the title has none.
        if row := text.get("clip-path"):
            drawn[row] = drawn.get(row, "") + (text.text or "")
    width = generate._COLUMNS
    rows = [
        line[start : start + width].rstrip()
        for line in re.sub(r"\x1b\[[0-9;]*m", "", generate.terminal()).rstrip("\n").split("\n")
        for start in range(0, max(len(line), 1), width)
    ]
    shown = [row.replace("\xa0", " ").strip("\n") for row in drawn.values()]
    assert [compact(row) for row in shown if compact(row)] == [
        compact(row) for row in rows if compact(row)
    ]


def compact(row: str) -> str:
    """A row without its spaces, which the picture makes of positions."""
    return "".join(row.split())


def test_picture_fetches_nothing(generate: ModuleType) -> None:
    picture = generate.PICTURE.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"\s]+", picture)) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in picture
    assert "url(http" not in picture
    assert 20 <= len(set(re.findall(r"clip-path=\"(\S+line-\d+)", picture))) <= 50


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if not path.startswith("https://"):
            file = page.parent / path if path else page
            assert file.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(file), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short() -> None:
    assert len(readme().splitlines()) < 200


def test_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{ssot_migrate.__version__}]" in changelog
    assert changelog.index("\n## [Unreleased]") < changelog.index("\n## [0.1.0]")


def test_examples_of_registries_are_valid(tmp_path: Path) -> None:
    for page in (README, ROOT / "docs" / "adopting.md"):
        text = page.read_text(encoding="utf-8")
        for example in re.findall(r"^```toml\n(.*?)^```", text, flags=re.S | re.M):
            assert parse(example)
            (tmp_path / "ssot.toml").write_text(example, encoding="utf-8")
            assert "No findings" in printed("scan", "--root", str(tmp_path), "--no-cache")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_and_options_in_the_documentation_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for told in re.findall(r"(?:^\$ |`)ssot-migrate ([^`|#&;<\n]+)", text, flags=re.M):
        words = shlex.split(told.rstrip(" \\"))
        context, rest = command_named(words)
        assert rest is not words or not words[0].isidentifier(), f"no command: {told}"
        unknown = {option for option in map(spelled_option, rest) if option} - options_of(context)
        assert not unknown, f"`{told}` has no {unknown}"
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    everywhere = {option for context in contexts() for option in options_of(context)}
    assert set(re.findall(r"`(--[a-z-]+)", prose)) <= everywhere | OPTIONS_OF_OTHERS


def command_named(words: list[str]) -> tuple[click.Context, list[str]]:
    """The command that the first words name, and the words after them."""
    context, rest = click.Context(group, info_name="ssot-migrate"), words
    while rest and isinstance(context.command, click.Group):
        inner = context.command.get_command(context, rest[0])
        if inner is None:
            break
        context, rest = click.Context(inner, parent=context, info_name=rest[0]), rest[1:]
    return context, rest


def contexts(above: click.Context | None = None) -> Iterator[click.Context]:
    """Every command."""
    context = above or click.Context(group, info_name="ssot-migrate")
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            yield from contexts(click.Context(command, parent=context, info_name=name))


def options_of(context: click.Context) -> set[str]:
    parameters = context.command.get_params(context)
    return {option for one in parameters for option in (*one.opts, *one.secondary_opts)}


def spelled_option(word: str) -> str:
    found = re.match(r"--?[a-zA-Z][a-z-]*", word)
    return found[0] if found else ""


def test_each_page_is_in_the_navigation() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"^```\{toctree\}\n(?::[^\n]*\n)*(.*?)^```", index, flags=re.S | re.M)
    entries = [line for tree in trees for line in tree.split("\n") if line]
    named = [re.sub(r".*<(.+)>$", r"\1", entry) for entry in entries]
    pages = {page.relative_to(ROOT / "docs").with_suffix("") for page in PAGES if is_of_site(page)}
    assert sorted(named) == sorted(map(str, pages))


def is_of_site(page: Path) -> bool:
    """Whether a page has to be named; docs/conf.py puts the rules' pages below their table."""
    is_rule = page.parent.name == "rules" and page.name != "README.md"
    return ROOT / "docs" in page.parents and page.name != "index.md" and not is_rule


def test_each_format_is_described() -> None:
    described = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", described, flags=re.M) == list(FORMATS)


def test_make_targets_in_the_documentation_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.M))
    told = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", told)) <= targets


def project_table() -> Any:
    return parse((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_supported_python_is_tested() -> None:
    listed = [
        line.rpartition(" ")[2]
        for line in project_table()["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    ]
    assert f"\nPYTHONS = {' '.join(listed)}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert project_table()["requires-python"] == f">={listed[0]}"
