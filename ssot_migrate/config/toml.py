"""Reads TOML files of unknown make; what is wrong with one is a value that names its line."""

from __future__ import annotations

import importlib
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

MAX_BYTES = 5_000_000
# The parser keeps every prefix of a dotted key, so that time and memory grow with the square.
_MAX_KEY_PARTS = 100
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Mistake(msgspec.Struct, frozen=True):
    """Why a file cannot be used, and on which line (0 for the whole file)."""

    line: int
    message: str


def parse(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        ValueError: It is not TOML.
        RecursionError: It is nested too deeply.
    """
    table: dict[str, Any] = _toml.loads(text)
    return table


def read_bytes(path: Path) -> bytes | Mistake:
    """Read a file of at most `MAX_BYTES`; of what is no file, only `/dev/stdin` and the like."""
    try:
        # A pipe in a tree would keep us waiting without end.
        if path.parent.parts[:2] != ("/", "dev") and _is_special(path):
            return Mistake(0, "is not a regular file")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        return Mistake(0, "is a folder, not a file")
    except FileNotFoundError:
        return Mistake(0, "there is no such file")
    except OSError as error:
        return Mistake(0, f"cannot be read: {os.strerror(error.errno or 0)}")
    except ValueError:
        return Mistake(0, "is no file name: it holds a NUL character")
    if len(data) > MAX_BYTES:
        return Mistake(0, f"is larger than {MAX_BYTES // 1_000_000} MB")
    return data


def _is_special(path: Path) -> bool:
    mode = os.stat(path).st_mode
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def decode(data: bytes) -> str | Mistake:
    """Turn a file's bytes into text, without the byte order mark that some editors write."""
    if data.startswith(_UTF16_MARKS) or b"\0" in data[:4]:
        return Mistake(1, "is UTF-16 or UTF-32; TOML must be saved as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start]
        line = good.count(b"\n") + 1
        column = error.start - (good.rfind(b"\n") + 1) + 1
        return Mistake(line, f"is not UTF-8: byte 0x{data[error.start]:02x} at column {column}")


def parse_document(text: str) -> dict[str, Any] | Mistake:
    """Parse a configuration file's text."""
    if line := _line_of_endless_key(text):
        return Mistake(line, f"a key has more than {_MAX_KEY_PARTS} parts")
    try:
        return parse(text)
    except RecursionError:
        return Mistake(_deepest_line(text), "is nested too deeply")
    except ValueError as error:
        return _syntax_mistake(str(error), text)


def _syntax_mistake(message: str, text: str) -> Mistake:
    lines = text.count("\n") + 1
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if place is None:  # the parser lets Python's own refusal of endless integers through
        endless = re.search(r"\d[\d_]{4000}", text)
        line = text.count("\n", 0, endless.start()) + 1 if endless else 0
        return Mistake(line, "is not valid TOML: a number has too many digits")
    what = message[: place.start()]
    if what.startswith(("Cannot overwrite", "Cannot declare", "Cannot redefine", "Duplicate")):
        what += " (a key or a table stands twice)"
    if place[1] is None:
        return Mistake(lines, f"is not valid TOML at the end of the file: {what}")
    return Mistake(int(place[1]), f"is not valid TOML at column {place[2]}: {what}")


def _line_of_endless_key(text: str) -> int:
    if text.count(".") <= _MAX_KEY_PARTS:
        return 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MAX_KEY_PARTS and not line.lstrip().startswith("#"):
            key = line.partition("=")[0]
            if len(key.split(".")) > _MAX_KEY_PARTS and not re.search(r"\.\s*\.", key):
                return number
    return 0


def _deepest_line(text: str) -> int:
    depth = deepest = 0
    deepest_line = 1
    for number, line in enumerate(text.split("\n"), start=1):
        for opened in re.findall(r"[\[{\]}]", line):
            depth += 1 if opened in "[{" else -1
            if depth > deepest:
                deepest, deepest_line = depth, number
    return deepest_line
