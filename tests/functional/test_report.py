"""The state of a migration as a page and as a document."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from .pages import SCRIPT, TODAY, history, page, project
from .process import run
from .trees import IMPORT, PROJECT, plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("report") / "project")


@pytest.fixture(scope="module")
def html(tree: Path) -> str:
    return page(tree)


def test_page_names_nothing_to_load(html: str) -> None:
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"<(link|img|iframe|object|embed|base)\b|<script [^>]*src|@import|url\(", html
    )


def test_policy_allows_the_one_style_and_the_one_script(html: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy


def test_same_tree_gives_the_same_bytes(tree: Path, html: str, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(tree, copy)
    assert page(copy, "-j", "1") == html


def test_nothing_of_the_tree_is_obeyed_by_a_browser(html: str) -> None:
    for harmful in (SCRIPT, "<img", "<svg onload", "\u202e", "\u2028", "\udce9"):
        assert harmful not in html
    plain = html.replace("<wbr>", "")
    assert "app/caf\\xe9.py" in plain
    assert "app/&lt;img src=x onerror=alert(1)&gt;.py" in plain


def test_nothing_of_the_tree_is_obeyed_by_a_reader_of_markdown(tree: Path) -> None:
    text = page(tree, "--output-format", "markdown")
    for harmful in ("\u202e", "\u2028", "\udce9"):
        assert harmful not in text
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert not set(re.findall(r"<(\w+)", shown)) & {"img", "svg", "script", "a"}
    assert "app/&lt;img src=x onerror=alert(1)&gt;.py" in shown


def test_markdown(tree: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    told = history(tree, tmp_path / "progress.json")
    text = page(tree, "--output-format", "markdown", "--progress", told, "--title", "The *state*")
    # A commit's name depends on the version of the tool's own files in it.
    snapshot.assert_match(re.sub(r"`[0-9a-f]{9}`", "`COMMIT`", text), "report.md")


def test_numbers_are_those_of_the_other_commands(tree: Path) -> None:
    text = page(tree, "--output-format", "markdown")
    asked = ("graph", "consumers", "old.engine", "--no-cache", "--output-format", "json")
    importing = run(*asked, cwd=tree).json["counts"]["importing_files"]
    assert re.search(rf"\| `old.engine` \| `app.engine:Engine` \| {importing} \| a shim", text)
    found = run("scan", "--no-cache", "--output-format", "json", cwd=tree, env=TODAY).json
    assert f"{len(found['findings'])} findings that count." in text


def test_known_findings_are_told_apart_and_the_baseline_stays(project: Path) -> None:
    assert run("baseline", "create", "--reason", "later", cwd=project).code == 0
    plant(project, {"app/new.py": "from old.mod import Thing  # ssot: ignore[SSOT201] soon\n"})
    stale = (project / "ssot-baseline.jsonl").read_bytes()
    (project / "app/use.py").write_text("from new.mod import Thing\n")
    plant(project, {"app/third.py": "from old.mod import Thing\n"})
    text = page(project, "--output-format", "markdown")
    assert "suppressed by a comment" in text
    assert (project / "ssot-baseline.jsonl").read_bytes() == stale


def test_a_tree_without_anything_has_a_page(tmp_path: Path) -> None:
    plant(tmp_path, {"one.py": "x = 1\n"})
    text = page(tmp_path)
    assert "No findings count." in text
    assert "names no concept" in text
    assert "no registry" in text


def test_files_that_cannot_be_handled_are_told(tmp_path: Path) -> None:
    plant(tmp_path, {**PROJECT, "broken.py": IMPORT + b"def f(:\n"})
    wanted = ("--select", "SSOT201", "--output-format", "markdown")
    done = run("report", "--no-cache", *wanted, cwd=tmp_path)
    assert "- `broken.py` cannot be parsed" in done.stdout
    assert done.code == 2
    assert "leaves out 1" in done.stderr


WRONG = {
    "missing": (None, "cannot be read: does not exist any more"),
    "no JSON": ("{", "is no report of `progress`"),
    "other JSON": ('{"version": 1}', "is no report of `progress`"),
    "newer": (
        json.dumps({"version": 9, "registry": None, "rules": {}, "points": []}),
        "cannot be shown",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_history_is_told_with_its_remedy(shared: Path, tmp_path: Path, case: str) -> None:
    content, told = WRONG[case]
    file = tmp_path / "progress.json"
    if content is not None:
        file.write_text(content)
    done = run("report", "--progress", file, cwd=shared)
    assert (done.code, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_report_that_cannot_be_written_is_told(shared: Path) -> None:
    done = run("report", "--no-cache", "-o", "none/report.html", cwd=shared)
    assert done.code == 2
    assert "there is no such folder" in done.stderr
