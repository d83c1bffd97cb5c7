"""Writes what the documentation repeats of the program: reference pages, sessions, pictures.

`make docs` runs it; tests/test_docs.py compares what it would write with what is there.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from generators import commands, keys
from generators.transcript import transcribed
from rich.console import Console
from rich.text import Text

from ssot_migrate.catalogue import all_rules
from ssot_migrate.reporting.rules import page

ROOT = Path(__file__).parents[1]
RULE_PAGES = ROOT / "docs" / "rules"
SCHEMA = ROOT / "docs" / "ssot.schema.json"
SCAN_SCHEMA = ROOT / "docs" / "scan.schema.json"
FORMATS = ROOT / "docs" / "formats.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
PICTURE = ROOT / "docs" / "images" / "scan.svg"
DEMO = ROOT / "fixtures" / "agent_platform" / "before"

_TOUR_MODULES = {
    "shop/db.py": "def connect(): ...\n",
    "shop/compat.py": "from shop.db import connect\n",
    "shop/orders.py": """\
from shop.compat import connect as open_database

def place(order):
    return open_database().insert(order)
""",
}
_TOUR_REGISTRY = """\
[[concepts]]
name = "database"
canonical = "shop.db:connect"
reason = "one pool for everything"
deprecated = [{ path = "shop.compat" }]
"""
_TOUR_COMMANDS = (("scan",), ("graph", "consumers", "shop.db:connect"))
_PICTURED = (
    *("scan", "agent_platform/routes/admin.py", "--output-format", "full"),
    *("--ignore", "SSOT209,SSOT311"),
)
_COLUMNS = 112
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def main() -> None:
    """Write every generated file and remove the pages of rules that are gone."""
    texts = generated()
    for stale in set(RULE_PAGES.glob("*.md")) - set(texts):
        stale.unlink()
    texts |= {PICTURE: drawn(terminal()), SCHEMA: _output("ssot_migrate.config.schema")}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def generated() -> dict[Path, str]:
    """What each generated text file should hold."""
    tour, report = _tour()
    texts = {
        ROOT / "README.md": _filled(ROOT / "README.md", {"tour": tour}),
        FORMATS: _filled(FORMATS, {"json": _fenced("json", report)}),
        RULE_PAGES / "README.md": _contents(),
        SCAN_SCHEMA: _output("ssot_migrate", "schema", "scan"),
        ROOT / "docs" / "commands.md": commands.page(),
        ROOT / "docs" / "keys.md": keys.page(),
        TUTORIAL: transcribed(TUTORIAL.read_text(encoding="utf-8")),
    }
    for rule in all_rules():
        texts[RULE_PAGES / f"{rule.code}.md"] = page(rule, "text")
    return texts


def _filled(path: Path, blocks: dict[str, str]) -> str:
    """A file's text with its generated blocks written anew."""
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        begin, end = f"<!-- begin {name}: `make docs` writes it -->\n", f"<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{path.name} has no generated block {name!r}")
        text = f"{before}{begin}\n{block.rstrip()}\n\n{end}{after}"
    return text


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def _tour() -> tuple[str, str]:
    """The README's tour, and the JSON report on its tree: files written, commands run."""
    sources = {path: f"# {path}\n{text}" for path, text in _TOUR_MODULES.items()}
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**sources, "ssot.toml": _TOUR_REGISTRY}.items():
            file = Path(folder, path)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        shown = [
            f"$ {shlex.join(('ssot-migrate', *command))}\n"
            + _output("ssot_migrate", *command, "--no-cache", cwd=folder)
            for command in _TOUR_COMMANDS
        ]
        arguments = ("scan", "--output-format", "json", "--no-cache")
        report = _output("ssot_migrate", *arguments, cwd=folder)
    parts = (
        _fenced("python", "\n".join(sources.values())),
        "The decision goes into `ssot.toml`, and the questions can be asked:\n",
        _fenced("toml", _TOUR_REGISTRY),
        _fenced("console", "\n".join(shown)),
    )
    return "\n".join(parts), report


def _contents() -> str:
    rows = [f"| [{r.code}]({r.code}.md) | {r.name()} | {r.summary()} |" for r in all_rules()]
    head = ["# Rules", "", "`ssot-migrate explain CODE` prints the same pages.", ""]
    return "\n".join([*head, "| code | name | what it finds |", "|---|---|---|", *rows, ""])


def _output(module: str, *arguments: str, cwd: Path | str = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return done.stdout


def terminal() -> str:
    """What a terminal of `_COLUMNS` columns shows of the pictured command, with its colours."""
    screen, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
    dropped = ("NO_COLOR", "FORCE_COLOR", "SSOT_MIGRATE_OUTPUT_FORMAT")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    process = subprocess.Popen(
        [sys.executable, "-m", "ssot_migrate", *_PICTURED, "--no-cache"],
        cwd=DEMO,
        env={**environment, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=line,
        stderr=subprocess.DEVNULL,
    )
    os.close(line)
    shown = b""
    with open(screen, "rb", buffering=0) as stream:
        try:
            while data := stream.read(65536):
                shown += data
        except OSError:  # how Linux tells that the other side of a terminal is closed
            pass
    if process.wait() != 1:
        raise SystemExit(f"the pictured scan ended with {process.returncode}, not with 1")
    return f"$ ssot-migrate {' '.join(_PICTURED)}\n{shown.decode()}".replace("\r\n", "\n")


def drawn(shown: str) -> str:
    """The picture of a terminal's contents, as SVG that fetches nothing."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in Text.from_ansi(shown.rstrip("\n")).split(allow_blank=True):
        # A terminal folds where its last column is, not between words.
        for row in line.divide(range(_COLUMNS, len(line), _COLUMNS)):
            console.print(row, no_wrap=True, crop=False)
    svg = console.export_svg(title="ssot-migrate", unique_id="scan")
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]*;", f"font-family: {_FONTS};", svg)
    svg = re.sub(r"<!--.*?-->", "", svg)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


if __name__ == "__main__":
    main()
