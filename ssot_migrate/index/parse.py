"""Bytes to a syntax tree, with every way to fail turned into a value."""

from __future__ import annotations

import ast
import re
import warnings

from ssot_migrate.index.facts import Unparsable

_TOO_DEEP = re.compile(r"too many|too deep|nested|recursion|overflow|indentation", re.IGNORECASE)


def parse(source: bytes) -> ast.Module | Unparsable:
    """Parse with the running interpreter's grammar; encodings as PEP 263 says.

    Warnings about the source (invalid escapes) are the interpreter's affair, not ours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        return Unparsable(error.msg or "invalid syntax", error.lineno or 0)
    except ValueError as error:
        return Unparsable(str(error))
    except (RecursionError, MemoryError):
        return Unparsable("nested too deeply for the parser")


def may_be_newer_syntax(failure: Unparsable) -> bool:
    """Whether another grammar could accept what this interpreter rejects."""
    return failure.line > 0 and not _TOO_DEEP.search(failure.message)
