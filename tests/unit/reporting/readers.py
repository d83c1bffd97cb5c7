"""Reads the formats back, as strictly as their consumers."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

from jsonschema import Draft4Validator, Draft202012Validator
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from markdown_it.token import Token

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
    """The characters of a text that a terminal obeys or a reader does not see, but for newlines.

    An independent definition: Unicode's categories instead of the sanitiser's list.
    """
    return "".join(
        char
        for char in dict.fromkeys(text)
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

    assert re.fullmatch(r"[{\[][\n -~]*[}\]]\n", text)
    value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def read_sarif(text: str) -> Any:
    """Read a SARIF log, hold it against the schema and return its only run."""
    log = read_json(text)
    _sarif().validate(log)
    (run,) = log["runs"]
    return run


# What https://docs.gitlab.com/ci/testing/code_quality/ says of a report.
_CODE_QUALITY = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "minLength": 1, "pattern": r"^(?!\./)"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)


def read_code_quality(text: str) -> list[Any]:
    """Read GitLab's report: its keys, and no two entries that GitLab would take for one."""
    entries: list[Any] = read_json(text)
    _CODE_QUALITY.validate(entries)
    fingerprints = [entry["fingerprint"] for entry in entries]
    assert len(fingerprints) == len(set(fingerprints))
    return entries


def read_junit(text: str) -> list[Element]:
    """Read JUnit XML as CI systems do and return its cases."""
    assert text.isascii()
    root = ElementTree.fromstring(text.encode())
    assert root.tag == "testsuites"
    suites = root.findall("testsuite")
    cases = [case for suite in suites for case in suite.findall("testcase")]
    assert cases, "some readers refuse a report without a case"
    for element in (root, *suites):
        for counter, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert element.get(counter) == str(len(element.findall(f".//{tag}")))
    for suite in suites:
        assert suite.get("name") is not None
        names = [(case.get("classname"), case.get("name")) for case in suite.findall("testcase")]
        assert len(names) == len(set(names)), "GitLab takes such cases for one"
    for case in cases:
        assert float(case.get("time", "")) == 0
        for outcome in case:
            assert outcome.tag in ("failure", "error")
            assert outcome.get("message") is not None
            assert outcome.get("type")
    return cases


class Summary(NamedTuple):
    """A Markdown document as it is read: its headings and paragraphs, and its tables' rows."""

    texts: list[str]
    rows: list[list[str]]


def read_markdown(text: str) -> Summary:
    """Read Markdown; anything but headings, paragraphs, tables and code is an error."""
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text)
    summary = Summary([], [])
    is_cell = False
    for token in tokens:
        assert token.type in _BLOCKS, token
        if token.type == "tr_open":
            summary.rows.append([])
        is_cell = token.type in ("td_open", "th_open") or (is_cell and token.type == "inline")
        if token.type == "inline":
            shown = "".join(_inline(token))
            if is_cell:
                summary.rows[-1].append(shown)
            else:
                summary.texts.append(shown)
    return summary


_BLOCKS = {"inline"} | {
    f"{name}_{end}"
    for name in ("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td")
    for end in ("open", "close")
}


def _inline(token: Token) -> Iterator[str]:
    is_code = False
    for child in token.children or []:
        if child.type == "html_inline":
            assert child.content == ("</code>" if is_code else "<code>")
            is_code = not is_code
        elif child.type == "code_inline":
            yield child.content
        else:
            assert child.type in ("text", "text_special"), child
            # GitHub makes links, mentions and pictures of these where they are no code.
            assert is_code or not re.search(r"[@#]|://|www\.|:\w+:", child.content)
            yield child.content
    assert not is_code


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
