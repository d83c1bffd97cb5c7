"""The language server, as an editor meets it: a real process, spoken to over its own pipes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from .editor import editor
from .process import COMMAND, PATIENCE_SECONDS, clean_environment, run
from .trees import REGISTRY, plant

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from .editor import Editor

USE = "from old.mod import Thing\n\nThing().act()\n"
MIGRATED = "from new.mod import Thing\n\nThing().act()\n"


def play(scene: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 2 * PATIENCE_SECONDS))


async def diagnostics_follow_what_is_typed(one: Editor) -> None:
    one.open("app/use.py")
    await one.shows("app/use.py", ("SSOT201", 1))
    (found,) = one.diagnostics("app/use.py")
    assert found.source == "ssot-migrate"
    assert found.severity is types.DiagnosticSeverity.Error
    assert list(found.tags or ()) == [types.DiagnosticTag.Deprecated]
    assert found.related_information is not None
    way = [place.location.uri for place in found.related_information]
    assert way == [one.uri("old/mod.py"), one.uri("new/mod.py")]
    one.type("app/use.py", "\n\n" + USE)
    await one.shows("app/use.py", ("SSOT201", 3))
    # A line that is not finished keeps what was found, and no edit fits.
    one.type("app/use.py", "def unfinished(:\n" + USE)
    await one.shows("app/use.py", ("SSOT201", 2))
    assert await one.actions("app/use.py", 2) == []
    one.type("app/use.py", MIGRATED)
    await one.shows("app/use.py")
    # Nothing was saved: a closed file is what is on the disk.
    one.close("app/use.py")
    one.open("app/use.py")
    await one.shows("app/use.py", ("SSOT201", 1))
    assert (one.root / "app/use.py").read_text() == USE
    one.close("app/use.py")


async def quick_fixes_are_the_edits_of_apply(one: Editor) -> None:
    # A column after a character that UTF-16 counts twice, in a text that is not saved.
    text = 's = "\U0001f600\U0001f600"; from old.mod import Thing  # 😀\n\nThing().act()\n'
    one.open("app/use.py", text)
    await one.shows("app/use.py", ("SSOT201", 1))
    (found,) = one.diagnostics("app/use.py")
    assert found.range.start == types.Position(0, 12)
    fix, ignore = await one.actions("app/use.py", 1)
    assert (fix.title, fix.is_preferred) == ("Use new.mod:Thing in this file", True)
    assert fix.kind == "quickfix"
    assert list(fix.diagnostics or ()) == [found]
    fixed = one.applied("app/use.py", fix)
    assert fixed == text.replace("old.mod", "new.mod")
    assert (ignore.title, ignore.is_preferred) == ("Ignore SSOT201 here", None)
    only = [types.CodeActionKind.SourceFixAll.value]
    (fix_all,) = await one.actions("app/use.py", 2, only=only)
    assert fix_all.kind == "source.fixAll.ssot-migrate"
    assert one.applied("app/use.py", fix_all) == fixed
    one.type("app/use.py", one.applied("app/use.py", ignore))
    await one.shows("app/use.py")
    one.type("app/use.py", fixed)
    await one.shows("app/use.py")
    one.close("app/use.py")


async def a_name_is_explained_and_imported(one: Editor) -> None:
    one.open("app/use.py")
    await one.shows("app/use.py", ("SSOT201", 1))
    said = await one.hover("app/use.py", 3, 2)
    assert "`old.mod:Thing` is deprecated: use `new.mod:Thing`" in said
    assert "from new.mod import Thing" in said
    assert "`app/use.py:3` → `old/mod.py:1` → `new/mod.py:1`" in said
    one.type("app/use.py", "import os\n\n\ndef f(act):\n    act = Thing()\n    return act\n")
    await one.shows("app/use.py")
    assert "its home is `new.mod:Thing`" in await one.hover("app/use.py", 5, 12)
    assert await one.hover("app/use.py", 5, 5) == ""  # a local name is nobody else's
    (action,) = await one.actions("app/use.py", 5, 12)
    assert action.title == "Import Thing from new.mod"
    new = one.applied("app/use.py", action)
    assert new.startswith("import os\nfrom new.mod import Thing\n")
    one.close("app/use.py")


async def a_change_that_breaks_another_file_is_shown_there(one: Editor) -> None:
    one.open("new/mod.py")
    await one.shows("new/mod.py")
    one.type("new/mod.py", "class Renamed: ...\n")
    await one.until(lambda: one.codes("app/other.py") == [("SSOT205", 1)])
    # What was wrong before is nothing that is to be shown now.
    assert one.codes("app/bad.py") == []
    one.type("new/mod.py", "class Thing: ...\n")
    await one.until(lambda: one.codes("app/other.py") == [])
    one.close("new/mod.py")


async def files_that_change_on_the_disk_count(one: Editor) -> None:
    one.open("app/use.py", "from new.late import Late\n")
    await one.shows("app/use.py", ("SSOT205", 1))
    plant(one.root, {"new/late.py": "class Late: ...\n"})
    one.watched("new/late.py")
    await one.shows("app/use.py")
    (one.root / "new/late.py").unlink()
    one.watched("new/late.py")
    await one.shows("app/use.py", ("SSOT205", 1))
    one.close("app/use.py")


async def a_wrong_registry_is_told_in_its_file_and_mended(one: Editor) -> None:
    one.open("app/use.py")
    await one.shows("app/use.py", ("SSOT201", 1))
    one.open("ssot.toml")
    one.type("ssot.toml", REGISTRY + 'safty = "unsafe"\n')
    await one.shows("ssot.toml", ("configuration", 4))
    assert "safety" in one.diagnostics("ssot.toml")[0].message
    one.save("ssot.toml")
    await one.until(lambda: bool(one.messages))
    assert "ssot.toml:4" in one.messages[0]
    # The registry as it was before still holds.
    one.type("app/use.py", "\n" + USE)
    await one.shows("app/use.py", ("SSOT201", 2))
    one.type("ssot.toml", "")
    one.save("ssot.toml")
    await one.until(lambda: one.codes("app/use.py") == [])
    await one.shows("ssot.toml")
    one.close("ssot.toml")
    one.close("app/use.py")


async def an_unsafe_change_says_so(one: Editor) -> None:
    one.open("ssot.toml", REGISTRY + 'safety = "unsafe"\n')
    one.save("ssot.toml")
    one.open("app/use.py")
    await one.shows("app/use.py", ("SSOT201", 1))
    fix = (await one.actions("app/use.py", 1))[0]
    assert fix.title == "Use new.mod:Thing in this file (unsafe)"
    assert fix.is_preferred is None
    assert one.applied("app/use.py", fix) == MIGRATED
    assert await one.actions("app/use.py", 1, only=["source"]) == []
    one.close("ssot.toml")
    one.close("app/use.py")


def test_a_session(project: Path) -> None:
    """One server for all of this, as it takes a while to start."""
    plant(project, {"app/other.py": "from new.mod import Thing\n", "app/bad.py": "import app.no\n"})

    async def scene() -> None:
        async with editor(project) as one:
            await diagnostics_follow_what_is_typed(one)
            await quick_fixes_are_the_edits_of_apply(one)
            await a_name_is_explained_and_imported(one)
            await a_change_that_breaks_another_file_is_shown_there(one)
            await files_that_change_on_the_disk_count(one)
            await a_wrong_registry_is_told_in_its_file_and_mended(one)
            await an_unsafe_change_says_so(one)

    play(scene())
    plant(project, {"ssot.toml": REGISTRY})
    run("apply", cwd=project)
    assert (project / "app/use.py").read_text() == MIGRATED


def test_columns_are_counted_as_was_agreed(project: Path) -> None:
    async def scene() -> None:
        async with editor(project, encodings=["utf-8", "utf-16"]) as one:
            text = 's = "é\U0001f600"; from old.mod import Thing\n'
            one.open("app/use.py", text)
            await one.shows("app/use.py", ("SSOT201", 1))
            start = len('s = "é\U0001f600"; '.encode())
            assert one.diagnostics("app/use.py")[0].range.start.character == start
            fix = (await one.actions("app/use.py", 1))[0]
            assert one.applied("app/use.py", fix, "utf-8") == text.replace("old.mod", "new.mod")
            assert "is deprecated" in await one.hover("app/use.py", 1, len(text.encode()) - 3)

    play(scene())


def test_each_folder_has_a_project_of_its_own(project: Path, tmp_path: Path) -> None:
    other = plant(tmp_path / "other", {"ssot.toml": "", "lone.py": "from gone import x\n\nx()\n"})
    plant(other, {"gone.py": ""})

    async def scene() -> None:
        async with editor(tmp_path, folders=[project, other]) as one:
            one.open("project/app/use.py")
            one.open("other/lone.py")
            await one.shows("project/app/use.py", ("SSOT201", 1))
            await one.shows("other/lone.py", ("SSOT205", 1))
            one.open("elsewhere.txt", "not ours")

    play(scene())


def test_nothing_ends_the_server(project: Path) -> None:
    """What is no file and no Python, and a process that is killed."""

    async def scene() -> None:
        async with editor(project) as one:
            one.open("app/use.py")
            await one.shows("app/use.py", ("SSOT201", 1))
            one.open("app/void.py", "x = '\ud800\0'\n" * 3)
            one.open("app/deep.py", "x = " + "(" * 5_000)
            one.client.text_document_did_open(
                types.DidOpenTextDocumentParams(
                    types.TextDocumentItem("untitled:Untitled-1", "python", 1, USE)
                )
            )
            assert await one.hover("app/void.py", 9, 9) == ""
            for child in _children(one):
                os.kill(child, 9)
            await one.until(lambda: any("died" in text for text in one.messages))
            one.type("app/use.py", "\n" + USE)
            await one.shows("app/use.py", ("SSOT201", 2))

    play(scene())


def _children(one: Editor) -> list[int]:
    server = one.client._server
    assert server is not None
    asked = ["ps", "-o", "pid=", "--ppid", str(server.pid)]
    return [
        int(pid) for pid in subprocess.run(asked, capture_output=True, check=True).stdout.split()
    ]


@pytest.mark.parametrize(
    "goodbye", [b"", b"Content-Length: 2\r\n\r\n{}"], ids=["silent", "garbled"]
)
def test_the_server_ends_with_its_editor(project: Path, goodbye: bytes) -> None:
    done = subprocess.run(
        [*COMMAND, "lsp"],
        input=goodbye,
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback (most" not in done.stderr or goodbye


def test_without_pygls_the_remedy_is_told(project: Path) -> None:
    program = (
        "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None;"
        "from ssot_migrate.cli import run; sys.exit(run(['lsp']))"
    )
    result = run(cwd=project, program=(sys.executable, "-c", program))
    assert (result.code, result.stdout) == (2, "")
    assert "`pip install '.[lsp]'`" in result.stderr
