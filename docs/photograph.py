"""Takes the pictures of the page that `report` writes: `make pictures`.

The demo is copied, so that nothing of this repository's history is in them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "fixtures" / "agent_platform" / "before"
PICTURES = ROOT / "docs" / "images"

sys.path.insert(0, str(ROOT))
from tests.functional.browser import chromium  # noqa: E402 # it is no installed package

_SIZE = ViewportSize(width=1240, height=720)
_DAY = "1798761600"  # 2027-01-01


def main() -> None:
    """Write `report.png` and `report-imports.png`."""
    with tempfile.TemporaryDirectory() as folder:
        tree, file = Path(folder, "demo"), Path(folder, "report.html")
        shutil.copytree(DEMO, tree, ignore=shutil.ignore_patterns(".ssot_migrate*", "__pycache__"))
        subprocess.run(
            [sys.executable, "-m", "ssot_migrate", "report", "--no-cache", "-o", str(file)],
            cwd=tree,
            env={**os.environ, "SOURCE_DATE_EPOCH": _DAY},
            check=True,
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.executable())
            page = browser.new_page(viewport=_SIZE, reduced_motion="reduce")
            page.goto(file.as_uri())
            _take(page, "#concepts", "report.png")
            page.locator("#picture-of").select_option("execution engine factory")
            page.locator(".node.canonical").click()
            _take(page, "#graph", "report-imports.png")
            browser.close()


def _take(page: Page, section: str, name: str) -> None:
    page.locator(section).evaluate("element => element.scrollIntoView()")
    page.screenshot(path=PICTURES / name)


if __name__ == "__main__":
    main()
