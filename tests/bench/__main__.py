"""`python -m tests.bench CORPUS`."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .bench import GROUPS, as_json, benchmark, render


def main() -> int:
    """Parse, measure, print; 1 if a row of the tool itself could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=benchmark.__doc__)
    parser.add_argument("corpus", type=Path, help="the tree to measure on; it is only read")
    parser.add_argument("--runs", type=int, help="runs of every row (5; 1 if quick)")
    parser.add_argument("--quick", action="store_true", help="leave out the second table")
    parser.add_argument("--group", action="append", choices=GROUPS, help="measure only this one")
    parser.add_argument("--modules", default="", help="deprecated modules, separated by commas")
    parser.add_argument("--symbol", metavar="OLD=NEW", help="the class to rename: a.b:C=x.y:D")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run here")
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        parser.error(f"{arguments.corpus} is no folder")
    symbol = arguments.symbol and _symbol(arguments.symbol)
    if arguments.symbol and not symbol:
        parser.error(f"{arguments.symbol} is not like a.b:C=x.y:D")
    runs = (1 if arguments.quick else 5) if arguments.runs is None else arguments.runs
    if runs < 1:
        parser.error("--runs needs at least 1")
    # So that the scratch folder is removed then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with TemporaryDirectory(prefix="ssot-migrate-bench-") as scratch:
        try:
            report = benchmark(
                arguments.corpus.resolve(),
                Path(scratch).resolve(),
                modules=tuple(filter(None, arguments.modules.split(","))),
                rename=symbol,
                runs=runs,
                groups=arguments.group or GROUPS,
                with_growth=not arguments.quick,
                say=_say,
            )
        except LookupError as problem:
            parser.error(str(problem))
    sys.stdout.write(render(report))
    if arguments.json:
        arguments.json.write_bytes(as_json(report))
    return 0 if report.is_complete else 1


def _symbol(text: str) -> tuple[str, str] | None:
    found = re.fullmatch(r"([\w.]+:\w+)=([\w.]+:\w+)", text)
    return (found[1], found[2]) if found else None


def _say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
