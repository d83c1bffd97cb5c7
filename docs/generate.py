"""Writes what the documentation repeats of the program: README blocks, rule pages, the picture.

`make docs` runs it; tests/test_docs.py compares what it would write with what is there.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ssot_migrate.catalogue import all_rules
from ssot_migrate.reporting.rules import page

ROOT = Path(__file__).parents[1]
RULE_PAGES = ROOT / "docs" / "rules"
PICTURE = ROOT / "docs" / "images" / "scan.svg"
DEMO = ROOT / "fixtures" / "agent_platform" / "before"

_PICTURED = ("scan", "agent_platform/routes/admin.py", "--output-format", "full")
_COLUMNS = 112
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def main() -> None:
    """Write every generated file and remove the pages of rules that are gone."""
    texts = generated()
    for stale in set(RULE_PAGES.glob("*.md")) - set(texts):
        stale.unlink()
    for path, text in {**texts, PICTURE: drawn(terminal())}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def generated() -> dict[Path, str]:
    """What each generated text file should hold."""
    texts = {ROOT / "README.md": _readme(), RULE_PAGES / "README.md": _contents()}
    for rule in all_rules():
        texts[RULE_PAGES / f"{rule.code}.md"] = page(rule, "text")
    return texts


def _readme() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, block in (
        ("help", f"```text\n$ ssot-migrate --help\n{_output('--help')}```\n"),
        ("rules", _output("rules", "--output-format", "markdown")),
    ):
        begin, end = f"<!-- begin {name}: `make docs` writes it -->\n", f"<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"README.md has no generated block {name!r}")
        text = f"{before}{begin}\n{block}\n{end}{after}"
    return text


def _contents() -> str:
    rows = [f"| [{r.code}]({r.code}.md) | {r.name()} | {r.summary()} |" for r in all_rules()]
    head = ["# Rules", "", "`ssot-migrate explain CODE` prints the same pages.", ""]
    return "\n".join([*head, "| code | name | what it finds |", "|---|---|---|", *rows, ""])


def _output(*arguments: str) -> str:
    command = [sys.executable, "-m", "ssot_migrate", *arguments]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


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
