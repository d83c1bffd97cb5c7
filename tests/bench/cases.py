"""The rows of the first table: the tool and its peers at the same work on one tree."""

from __future__ import annotations

import re
import shutil
from functools import partial
from itertools import count as numbers
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import peers as peer
from .corpus import Corpus, append_line
from .measure import Case, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GATE, FULL, START = "gate", "full scan", "start-up"

_OURS = (0, 1, 2)


class Bench(msgspec.Struct, frozen=True):
    """What the rows are made from.

    Args:
        corpus: The tree.
        twin: A copy of it, in which files may be edited.
        modules: The deprecated modules.
        rename: A class, and what it is to be; both as `module:Name`.
        scratch: A folder for configurations, caches and outputs; removed at the end.
        peers: The programs.
    """

    corpus: Corpus
    twin: Path
    modules: tuple[str, ...]
    rename: tuple[str, str]
    scratch: Path
    peers: peer.Peers


def scan_cases(bench: Bench) -> list[Case]:
    """The rows that scan."""
    return [*_gate(bench), *_full(bench)]


def scan_case(
    bench: Bench, key: str, group: str, title: str, options: tuple[str, ...], **more: object
) -> Case:
    """A row that runs `ssot-migrate scan`; a cache that the options name is filled beforehand."""
    return own_case(bench, key, group, title, ("scan", "--root", ".", *options), **more)


def own_case(
    bench: Bench, key: str, group: str, title: str, command: tuple[str, ...], **more: object
) -> Case:
    """A row that runs a command of `ssot-migrate`."""
    case = Case(
        key=key,
        group=group,
        title=title,
        command=(bench.peers.ssot_migrate or "", *command),
        folder=bench.corpus.folder,
        accepts=_OURS,
        ours=True,
        absent="" if bench.peers.ssot_migrate else "not installed",
    )
    return msgspec.structs.replace(case, **more)


def filled(case: Case, scratch: Path) -> Case:
    """The same row, run once untimed before its first run, so that its cache is there."""
    return msgspec.structs.replace(case, once=lambda: (run(case, scratch), None)[1])


def write_registry(path: Path, modules: tuple[str, ...], src: tuple[str, ...] = ()) -> Path:
    """A registry that moves every one of `modules` to a module elsewhere."""
    moves = {module: f"canonical.module_{number}" for number, module in enumerate(modules)}
    return write_moves(path, moves, src)


def write_moves(path: Path, moves: Mapping[str, str], src: tuple[str, ...] = ()) -> Path:
    """A registry with these moves."""
    lines = [f"src = [{', '.join(map(_quoted, src))}]"] if src else []
    lines.append("check-targets = false")
    for old, new in moves.items():
        lines += ["[[moves]]", f'from = "{old}"', f'to = "{new}"']
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _gate(bench: Bench) -> list[Case]:
    modules, scratch, peers = bench.modules, bench.scratch, bench.peers
    registry = write_registry(scratch / "gate.toml", modules)
    gate = ("--select", "SSOT201", "--config", str(registry))
    warm = ("--cache-dir", str(scratch / "cache-gate"))
    banned = scratch / "ruff.toml"
    banned.write_text(
        "[lint.flake8-tidy-imports.banned-api]\n"
        + "".join(f'"{module}".msg = "deprecated"\n' for module in modules),
        "utf-8",
    )
    # A configuration file that is named is the only one Ruff reads, as with `--isolated`.
    ruff = ("check", "--select", "TID251", "--config", str(banned), "--output-format", "concise")
    ruff_warm = ("--cache-dir", str(scratch / "cache-ruff"))
    either = "|".join(map(re.escape, modules))
    make = partial(peer_case, bench, GATE)
    return [
        scan_case(
            bench, "gate-cold", GATE, "no cache", (*gate, "--no-cache"), finds=r"\d: SSOT201 "
        ),
        make("gate-ruff", "Ruff TID251, no cache", peers.ruff, *ruff, "--no-cache", finds="TID251"),
        make("gate-grep", "grep", peers.grep, "-rnE", "--include=*.py", either, ".", finds=r"\n"),
        filled(
            scan_case(bench, "gate-warm", GATE, "warm", (*gate, *warm), finds=r"\d: SSOT201 "),
            scratch,
        ),
        filled(
            make("gate-ruff-warm", "Ruff, warm", peers.ruff, *ruff, *ruff_warm, finds="TID251"),
            scratch,
        ),
    ]


def _full(bench: Bench) -> list[Case]:
    scratch, peers = bench.scratch, bench.peers
    everything = ("--config", str(scratch / "gate.toml"))
    writing, warm, edited = (scratch / f"cache-full-{name}" for name in ("new", "warm", "edited"))
    scan = partial(scan_case, bench, group=FULL)
    make = partial(peer_case, bench, FULL)
    pattern = f"from {bench.modules[0]} import $$$X"
    return [
        scan("full-cold", title="no cache", options=(*everything, "--no-cache")),
        scan(
            "full-write",
            title="cold, writes a cache",
            options=(*everything, "--cache-dir", str(writing)),
            before=partial(shutil.rmtree, writing, ignore_errors=True),
        ),
        filled(
            scan("full-warm", title="warm", options=(*everything, "--cache-dir", str(warm))),
            scratch,
        ),
        filled(
            scan(
                "full-edited",
                title="warm, one file edited",
                options=(*everything, "--cache-dir", str(edited)),
                folder=bench.twin,
                before=_editor(bench),
            ),
            scratch,
        ),
        make("full-ruff", "Ruff analyze graph", peers.ruff, "analyze", "graph", "--isolated", "."),
        make(
            "full-ast-grep",
            "ast-grep, one pattern",
            peers.ast_grep,
            *("run", "-l", "python", "-p", pattern, "."),
        ),
        _grimp(bench),
    ]


def start_cases(bench: Bench) -> list[Case]:
    """The rows of what does nothing."""
    peers = bench.peers
    make = partial(peer_case, bench, START)
    return [
        make("start-version", "--version", peers.ssot_migrate, "--version", ours=True),
        make("start-help", "--help", peers.ssot_migrate, "--help", ours=True),
        make("start-python", "python -c pass", peers.python, "-c", "pass"),
        make("start-ruff", "Ruff --version", peers.ruff, "--version"),
    ]


def _grimp(bench: Bench) -> Case:
    case = Case(key="full-grimp", group=FULL, title="grimp.build_graph")
    if not bench.peers.grimp:
        return msgspec.structs.replace(case, absent="not installed")
    root = bench.corpus.roots[0]
    works, dies = peer.buildable(bench.corpus.folder / root, bench.corpus.packages)
    if not works:
        return msgspec.structs.replace(case, absent="no importable package at the root")
    count = "1 package" if len(works) == 1 else f"{len(works)} packages"
    without = f"; it dies on {', '.join(dies)}" if dies else ""
    return msgspec.structs.replace(
        case,
        title=f"grimp.build_graph of {count}{without}",
        command=peer.grimp_command(root, works),
        folder=bench.corpus.folder,
    )


def peer_case(
    bench: Bench,
    group: str,
    key: str,
    title: str,
    program: str | None,
    *arguments: str,
    finds: str = "",
    ours: bool = False,
) -> Case:
    """A row that runs a program, if it is installed."""
    return Case(
        key=key,
        group=group,
        title=title,
        command=(program or "", *arguments),
        folder=bench.corpus.folder,
        finds=finds,
        ours=ours,
        absent="" if program else "not installed",
    )


def _editor(bench: Bench) -> Callable[[], None]:
    """Changes the file of median length in the copy, differently each time."""
    if not bench.corpus.python:
        return lambda: None
    by_size = sorted(bench.corpus.python, key=lambda path: (bench.twin / path).stat().st_size)
    file, turns = bench.twin / by_size[len(by_size) // 2], numbers(1)
    return lambda: append_line(file, f"# edit {next(turns)}")


def _quoted(text: str) -> str:
    return f'"{text}"'
