from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from ..pages import history, page, project
from . import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Of a module, not of the session: it holds an event loop, which would be in the way of other tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        path = chromium.executable()
    except chromium.NoBrowserError as error:
        pytest.skip(str(error))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path)
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page about a project in the middle of its migration."""
    folder = tmp_path_factory.mktemp("page")
    root = project(folder / "project")
    file = folder / "report.html"
    page(root, "--progress", history(root, folder / "progress.json"), "-o", file)
    return file
