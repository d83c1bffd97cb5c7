"""Turns a piece of code into another one with the smallest edits that do it.

What is kept stays where it is, and so do the tokens around it that both have. Layout, comments and
changes inside what is kept are not touched.
"""

from __future__ import annotations

import re
import tokenize
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Part: TypeAlias = str | tuple[int, int]
"""New text, or the offsets of text that is kept."""

_SKIPPED = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.COMMENT,
}
_LINE_END = re.compile(r"\r\n|\r|\n")
_TRAILING = re.compile(r"(\A|[^,(\s])\s*\)\Z")
_CLOSING = (")", "]", "}")
_NEW = re.compile(r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \w+ | [^\w\s] """, re.VERBOSE)


class Change(NamedTuple):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class Unreadable(Exception):  # noqa: N818 - a verdict, not an error
    """The text is no code by itself."""


def is_in_order(parts: Sequence[Part]) -> bool:
    """Whether what is kept stays in the order that it has."""
    kept = [part for part in parts if not isinstance(part, str)]
    return all(one[1] <= other[0] for one, other in pairwise(kept))


def rendered(text: str, parts: Sequence[Part]) -> str:
    """What comes out, with what is kept as it is."""
    return "".join(part if isinstance(part, str) else text[part[0] : part[1]] for part in parts)


def changes(text: str, start: int, end: int, parts: Sequence[Part]) -> list[Change]:
    """The edits that turn the code between two offsets into its parts, which are in order.

    Args:
        text: The whole text.
        start: Where the code starts; it ends at `end`.
        parts: What it becomes.

    Raises:
        Unreadable: The code is none by itself.
    """
    tokens = _tokens(text, start, end)
    found: list[Change] = []
    position, new = start, ""
    for part in parts:
        if isinstance(part, str):
            new += part
        else:
            found += _gap(tokens, position, part[0], new, is_followed=True)
            position, new = part[1], ""
    found += _gap(tokens, position, end, new, is_followed=False)
    return found


def lost_comment(text: str, start: int, end: int, several: Sequence[Change]) -> str:
    """A comment that would go with the edits; empty if none would.

    Raises:
        Unreadable: The code is none by itself.
    """
    for token in _tokens(text, start, end, with_comments=True):
        if token.text.startswith("#"):
            for change in several:
                if change.start <= token.start < change.end:
                    return token.text
    return ""


def _gap(
    tokens: Sequence[_Token], start: int, end: int, new: str, *, is_followed: bool
) -> Iterator[Change]:
    """The edits between two things that are kept."""
    old = [token for token in tokens if start <= token.start and token.end <= end]
    if [token.text for token in old[-2:]] == [",", ")"]:
        new = _TRAILING.sub(r"\1,)", new)
    now = [_Token(match[0], match.start(), match.end()) for match in _NEW.finditer(new)]
    before, after = [token.text for token in old], [token.text for token in now]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        gone, come = old[first:last], now[new_first:new_last]
        text = new[come[0].start : come[-1].end] if come else ""
        behind = old[first - 1].end if first else start
        if kind == "equal":
            continue
        if is_followed and last == len(old):
            text += new[come[-1].end :] if come else ""
            yield Change(gone[0].start if gone else end, end, text)
        elif not gone:
            space = new[now[new_first - 1].end if new_first else 0 : come[0].start]
            is_glued = new_last < len(now) and now[new_last].start == come[-1].end
            if is_glued and behind < old[first].start:
                yield Change(old[first].start, old[first].start, text)
            else:
                yield Change(behind, behind, space + text)
        elif come:
            space = new[: come[0].start] if not new_first and gone[0].start == behind else ""
            yield Change(gone[0].start, gone[-1].end, space + text)
        elif last == len(old) or old[last].text in _CLOSING:
            yield Change(behind, gone[-1].end, "")
        else:
            yield Change(gone[0].start, old[last].start, "")


def _tokens(text: str, start: int, end: int, *, with_comments: bool = False) -> list[_Token]:
    # In parentheses the code may run over several lines.
    code = f"({text[start:end]}\n)"
    starts = [0, *(match.end() for match in _LINE_END.finditer(code))]
    lines = iter([*(code[a:b] for a, b in pairwise(starts)), code[starts[-1] :]])
    try:
        found = list(tokenize.generate_tokens(lambda: next(lines, "")))
    except (SyntaxError, tokenize.TokenError, IndentationError) as error:
        raise Unreadable(str(error)) from error
    kept = [
        _Token(
            token.string,
            start + starts[token.start[0] - 1] + token.start[1] - 1,
            start + starts[token.end[0] - 1] + token.end[1] - 1,
        )
        for token in found
        if token.type not in _SKIPPED or (with_comments and token.type == tokenize.COMMENT)
    ]
    return kept[1:-1]
