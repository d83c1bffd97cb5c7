"""The rows of a rename: one class moves and gets another name, over the whole tree."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import msgspec

from .cases import Bench, filled, own_case, peer_case, scan_case, write_moves
from .measure import Case, run

RENAME = "rename"

_COST = Path(__file__).with_name("libcst_cost.py")
_SAMPLE = 100
CHANGED = r"(?m)^\+\+\+ "
"""Finds the files in a diff."""


def rename_cases(bench: Bench) -> list[Case]:
    """Every row of the group; the one that writes is followed by the one that takes it back."""
    scratch, peers = bench.scratch, bench.peers
    old, new = bench.rename
    registry = write_moves(scratch / "rename.toml", {old: new})
    apply = partial(apply_case, bench, RENAME, registry)
    make = partial(peer_case, bench, RENAME)
    changes = scratch / "rename.json"
    rule = _rule(scratch / "rename.yml", old, new)
    planned = apply("", "", "--dry-run", "--no-cache", "--output-format", "json", "-o", changes)
    sample, share = _sample(bench)
    return [
        apply("rename-cold", "apply --dry-run, no cache", "--dry-run", "--no-cache", finds=CHANGED),
        filled(
            apply(
                "rename-warm",
                "apply --dry-run, warm",
                *("--dry-run", "--cache-dir", scratch / "cache-rename"),
                finds=CHANGED,
            ),
            scratch,
        ),
        scan_case(
            bench,
            "rename-gate",
            RENAME,
            "scan for it, no cache",
            ("--select", "SSOT201", "--config", str(registry), "--no-cache"),
            finds=r"\d: SSOT201 ",
        ),
        msgspec.structs.replace(
            make(
                "rename-libcst",
                "LibCST, parse and generate what changes",
                *(peers.python, "-I", str(_COST), str(changes)),
                finds=r"\n",
            ),
            once=lambda: (run(planned, scratch), None)[1],
        ),
        make(
            "rename-ast-grep",
            "ast-grep, two rules with a fix",
            *(peers.ast_grep, "scan", "--rule", str(rule), "--json=stream", "."),
            finds=r"\n",
        ),
        msgspec.structs.replace(
            make(
                "rename-command",
                f"libcst.tool RenameCommand, {len(sample)} of {len(bench.corpus.python):,} files",
                *(peers.python, "-I", "-m", "libcst.tool", "codemod", "rename.RenameCommand"),
                *("-u", "1", "--no-format", "--hide-progress"),
                *("--old_name", old.replace(":", "."), "--new_name", new.replace(":", ".")),
                *sample,
            ),
            share=share,
        ),
        apply(
            "rename-write",
            "apply, writes",
            *("--force", "--no-cache"),
            folder=bench.twin,
            finds=r"(?m): \d+ edits?$",
        ),
        own_case(
            bench,
            "rename-undo",
            RENAME,
            "rollback of that",
            ("rollback", "--root", "."),
            folder=bench.twin,
            finds=r": brought back\n",
        ),
    ]


def apply_case(
    bench: Bench,
    group: str,
    registry: Path,
    key: str,
    title: str,
    *options: str | Path,
    **more: object,
) -> Case:
    """A row that runs `ssot-migrate apply` with a registry."""
    command = ("apply", "--root", ".", "--config", str(registry), *map(str, options))
    return own_case(bench, key, group, title, command, **more)


def _sample(bench: Bench) -> tuple[tuple[str, ...], float]:
    """Evenly spread files, and their share of the tree's bytes."""
    python = bench.corpus.python
    step = max(1, len(python) // _SAMPLE)
    sample = python[step // 2 :: step]
    size = sum((bench.corpus.folder / path).stat().st_size for path in sample)
    return sample, size / bench.corpus.size


def _rule(path: Path, old: str, new: str) -> Path:
    """The rename for ast-grep: the module where the name is imported from it, the name anywhere."""
    (module, _, name), (new_module, _, new_name) = old.partition(":"), new.partition(":")
    path.write_text(
        f"""\
id: module
language: python
severity: info
rule:
  kind: dotted_name
  regex: ^{re.escape(module)}$
  inside: {{kind: import_from_statement, has: {{field: name, regex: ^{name}$}}}}
fix: {new_module}
---
id: name
language: python
severity: info
rule: {{kind: identifier, regex: ^{name}$}}
fix: {new_name}
""",
        "utf-8",
    )
    return path
