"""Generates a tree of many files, writes the page about it, and uses it in a browser.

`make page FILES=10000` runs it. A page has to stay small enough to be sent around and to be opened;
what is left out has to be told.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.functional.browser import chromium
from tests.functional.process import COMMAND
from tests.functional.trees import plant

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 5_000_000
_MOST_CONCEPTS = 40
_METHODS = 30
_LONG = "a_package_with_a_rather_long_name"


class Outcome(NamedTuple):
    """What became of a page."""

    bytes: int
    rows: int
    found: int
    left_out: str
    seconds: dict[str, float]


def generate(root: Path, files: int) -> Path:
    """Write a tree in which almost every file reads an old path, and classes abound."""
    concepts, tree = [], {f"{_LONG}/__init__.py": ""}
    many = min(_MOST_CONCEPTS, files // 100)
    for number in range(many):
        method = "    def method_{n}(self, context, *, limit={n}): ...\n"
        methods = "".join(method.format(n=n) for n in range(_METHODS))
        body = f"class Service{number}:\n{methods}"
        tree[f"{_LONG}/service_{number}.py"] = body
        tree[f"{_LONG}/legacy_{number}.py"] = body.replace("context", "user")
        concepts.append(
            f'[[concepts]]\nname = "service {number}"\nrisk = "high"\nowner = "@{number % 7}"\n'
            f'canonical = "{_LONG}.service_{number}:Service{number}"\n'
            f'deprecated = [{{ path = "{_LONG}.legacy_{number}:Service{number}" }}]\n'
        )
    for number in range(files - len(tree)):
        concept, kind = number % many, "service" if number % 5 == 0 else "legacy"
        folder = f"{_LONG}/part_{number % 97}"
        tree.setdefault(f"{folder}/__init__.py", "")
        tree[f"{folder}/reader_{number}.py"] = (
            f"from {_LONG}.{kind}_{concept} import Service{concept}\n\n\n"
            f"def use_{number}():\n    return Service{concept}()\n"
        )
    return plant(root, {"ssot.toml": "\n".join(concepts), **tree})


def use(file: Path, browser: Browser) -> Outcome:
    """Open a page, narrow its table, sort it and draw every picture."""
    seconds: dict[str, float] = {}
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))

    def timed(what: str, act: Callable[[], object]) -> None:
        begun = time.monotonic()
        act()
        seconds[what] = round(time.monotonic() - begun, 3)

    timed("open", lambda: page.goto(file.as_uri()))
    rows = page.locator("#consumer-rows tbody tr").count()
    timed("search", lambda: page.evaluate(_SEARCH))
    found = page.locator("#consumer-rows tbody tr:visible").count()
    timed("sort", lambda: page.evaluate(_SORT))
    timed("pictures", lambda: page.evaluate(_PICTURES))
    left_out = " ".join(sorted(set(page.locator(".more").all_text_contents())))
    page.close()
    if problems:
        raise AssertionError(problems)
    return Outcome(file.stat().st_size, rows, found, left_out, seconds)


_SEARCH = """() => {
  const search = document.querySelector('#consumer-rows input');
  search.value = 'part_13 reader';
  search.dispatchEvent(new Event('input', { bubbles: true }));
}"""
_SORT = "() => document.querySelector('#consumer-rows th button').click()"
_PICTURES = """() => {
  const chooser = document.getElementById('picture-of');
  for (let n = 0; n < chooser.options.length; n += 1) {
    chooser.selectedIndex = n;
    chooser.dispatchEvent(new Event('change'));
  }
}"""


def main() -> int:
    """Run it once and say what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as folder:
        root, file = generate(Path(folder, "tree"), files), Path(folder, "report.html")
        begun = time.monotonic()
        subprocess.run([*COMMAND, "report", "--no-cache", "-o", file], cwd=root, check=True)
        sys.stdout.write(f"{files} files, written in {time.monotonic() - begun:.0f} s\n")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.executable())
            outcome = use(file, browser)
            browser.close()
    for name, value in outcome._asdict().items():
        sys.stdout.write(f"{name}: {value}\n")
    return 0 if outcome.bytes < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
