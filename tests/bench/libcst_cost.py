"""Parses files with LibCST and generates their code again: what no LibCST codemod can do without.

A script of its own, started as a process of its own: `python libcst_cost.py REPORT`, where the
report is the JSON of `ssot-migrate apply`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import libcst


def main() -> None:
    """Do so for every file that the report has as changed, and print its path."""
    report = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for file in report["files"]:
        if file["outcome"] == "changed" and file["path"].endswith((".py", ".pyi")):
            libcst.parse_module(Path(file["path"]).read_bytes()).bytes  # noqa: B018
            sys.stdout.write(f"{file['path']}\n")


if __name__ == "__main__":
    main()
