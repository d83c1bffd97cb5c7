"""Reads the formats back, as strictly as their consumers."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft4Validator

SCHEMA = Path(__file__).parents[2] / "data" / "sarif-schema-2.1.0.json"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffe\uffff"


class Command(NamedTuple):
    """A GitHub workflow command."""

    name: str
    properties: dict[str, str]
    message: str


def without_ansi(text: str) -> str:
    return _ANSI.sub("", text)


def hazards(text: str) -> str:
    """What a text holds that a terminal obeys or a reader does not see, but for newlines.

    An independent definition: Unicode's categories instead of the sanitiser's list.
    """
    return "".join(
        char
        for char in text
        if char != "\n"
        and (
            unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
            or char in _INVISIBLE_LETTERS
            or ("VARIATION SELECTOR" in unicodedata.name(char, "") and char != "\ufe0f")
        )
    )


@functools.cache
def _sarif() -> Draft4Validator:
    return Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))


def read_json(text: str) -> Any:
    """Read JSON of plain ASCII, without duplicate keys, NaN or lone surrogates."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert re.fullmatch(r"\{[\n -~]*\}\n", text)
    value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def read_sarif(text: str) -> Any:
    """Read a SARIF log, hold it against the schema and return its only run."""
    log = read_json(text)
    _sarif().validate(log)
    (run,) = log["runs"]
    return run


def read_commands(text: str) -> list[Command]:
    """Read workflow commands as GitHub's runner does; anything else is an error."""
    assert text == "" or text.endswith("\n")
    return [_command(line) for line in text.split("\n")[:-1]]


def _command(line: str) -> Command:
    assert line.splitlines() == [line]
    match = re.fullmatch(r"::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)", line)
    assert match, line
    properties: dict[str, str] = {}
    for item in match[2].split(","):
        key, equals, value = item.partition("=")
        assert equals
        assert key in {"file", "line", "endLine", "col", "endColumn", "title"}
        assert key not in properties
        properties[key] = _unescaped(
            value, {"25": "%", "0D": "\r", "0A": "\n", "3A": ":", "2C": ","}
        )
    return Command(match[1], properties, _unescaped(match[3], {"25": "%", "0D": "\r", "0A": "\n"}))


def _unescaped(text: str, escapes: dict[str, str]) -> str:
    first, *rest = text.split("%")
    return first + "".join(escapes[part[:2]] + part[2:] for part in rest)
