"""Bytes to a syntax tree, with every way to fail turned into a value."""

from __future__ import annotations

import ast
import re
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import Unparsable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOO_DEEP = re.compile(r"too many|too deep|nested|recursion|overflow|indentation", re.IGNORECASE)

# The parser needs up to 600 bytes of memory for a byte of dense source, and quadratic time and
# memory for a dotted name or an f-string of many parts: 200 KB of `import a.a.a…` take 11 GB.
_LARGE = 500_000
_LONG_LINE = 20_000
_MANY_CONTINUED_LINES = 2_000
_PARSER_FRAMES = 1_000
_STACK_BYTES = 16 << 20
_TOO_MUCH = "nested too deeply or too large for the parser"


def parse(source: bytes) -> ast.Module | Unparsable:
    """Parse with the running interpreter's grammar; encodings as PEP 263 says.

    Warnings about the source (invalid escapes) are the interpreter's affair, not ours.
    """
    try:
        return _parsed(source)
    except SyntaxError as error:
        return Unparsable(error.msg or "invalid syntax", error.lineno or 0)
    except ValueError as error:
        return Unparsable(str(error))
    except RecursionError:
        return _parsed_from_the_ground(source)
    except MemoryError:
        return Unparsable(_TOO_MUCH)


def _parsed(source: bytes) -> ast.Module:
    with warnings.catch_warnings(), stack_room(_PARSER_FRAMES):
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _parsed_from_the_ground(source: bytes) -> ast.Module | Unparsable:
    """Parse in a new thread, whose stack is empty.

    How deep the parser goes depends on the calls above it. Here they are always the same, and
    there is more room than anywhere else, so that one file has one verdict.
    """
    verdicts: list[ast.Module | Unparsable] = [Unparsable(_TOO_MUCH)]

    def attempt() -> None:
        with suppress(RecursionError, MemoryError):
            verdicts.append(_parsed(source))

    run_with_stack(_STACK_BYTES, attempt)
    return verdicts[-1]


def run_with_stack(size: int, work: Callable[[], None]) -> None:
    """Run `work` in a thread with a stack of `size` bytes of its own, and wait for it."""
    before = threading.stack_size(size)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)


def may_be_newer_syntax(failure: Unparsable) -> bool:
    """Whether another grammar could accept what this interpreter rejects."""
    # "f-string: expressions nested too deeply" was a limit of the old grammar only (PEP 701).
    is_limit = _TOO_DEEP.search(failure.message) and not failure.message.startswith("f-string")
    return failure.line > 0 and not is_limit


def may_exhaust_parser(source: bytes) -> bool:
    """Whether parsing could take so much time or memory that it needs bounds."""
    if len(source) <= _LONG_LINE:
        return False
    return (
        len(source) > _LARGE
        or max(map(len, source.split(b"\n"))) > _LONG_LINE
        or source.count(b"\\\n") > _MANY_CONTINUED_LINES
    )


@contextmanager
def stack_room(frames: int) -> Iterator[None]:
    """Allow that many calls from here, so that what is too deep never depends on the caller."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
