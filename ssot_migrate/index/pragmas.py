"""Comments that suppress findings, `# ssot: ignore[CODE] reason`, as the tokenizer sees them."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import _Fact
from ssot_migrate.workspace.source import Undecodable, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from tokenize import TokenInfo

MARK = "ssot:"
SPELLINGS = (MARK, *(f"{mark}:{gap}ignore" for mark in ("SSOT", "Ssot") for gap in ("", " ")))
"""What a file spells that has such comments. Prose starts with `SSOT:` as well, in many files."""

LINE, NEXT_LINE, FILE = "ignore", "ignore-next-line", "ignore-file"

_DIRECTIVE = re.compile(
    rf"#\s*(?P<mark>(?i:{MARK}))\s*(?P<verb>[A-Za-z][\w-]*)\s*(?:\[(?P<codes>[^\]#]*)\])?"
    r"(?P<rest>(?:(?!\s#(?!\d)).)*)"
)
_SETTING = re.compile(r"(?<!\S)(owner|until)=(\S*)")
_LEADING = " \t:-\u2013\u2014"


class Pragma(_Fact, frozen=True):
    """A comment that suppresses findings, or was meant to; its values are as written.

    Args:
        verb: `ignore`, `ignore-next-line` or `ignore-file`; another word where it is misspelt.
        codes: The rules that are named; None where there are no brackets.
        reason: What else is said.
        owner: The value of `owner=`; several with commas between them.
        until: The value of `until=`; of several, none is a date.
        line: Where it stands; `column` and `end_column` are 1-based and count characters.
        first: Findings that start between this line and `last` are meant; 0 if there are none.
        alone: Whether no code stands on its line.
    """

    verb: str
    codes: tuple[str, ...] | None
    reason: str
    owner: str
    until: str
    line: int
    column: int
    end_column: int
    first: int
    last: int
    alone: bool


class PragmaFacts(_Fact, frozen=True):
    """The suppressions of a file, in order."""

    pragmas: tuple[Pragma, ...] = ()


def pragma_facts(data: bytes) -> PragmaFacts:
    """Read the comments of a file; none where the tokenizer fails."""
    text = decode(data)
    if isinstance(text, Undecodable) or not _is_marked(text):
        return PragmaFacts()
    tokens = tokens_of(text)
    return PragmaFacts(tuple(_pragmas(tokens)) if tokens is not None else ())


def _is_marked(text: str) -> bool:
    return any(spelling in text for spelling in SPELLINGS)


def tokens_of(text: str) -> list[TokenInfo] | None:
    """The tokens of a source text, lines counted as Python's parser does; None if it has none."""
    from io import StringIO
    from tokenize import TokenError, generate_tokens

    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return list(generate_tokens(StringIO(plain).readline))
    except (TokenError, SyntaxError, RecursionError):
        return None


def read_directives(comment: str) -> Iterator[tuple[re.Match[str], tuple[str, ...] | None]]:
    """The suppressions in the text of a comment, each with the rules that it names.

    Prose that happens to start with the mark is none: what counts names rules in brackets, or
    starts with `ignore`.
    """
    for found in _DIRECTIVE.finditer(comment):
        codes = found["codes"]
        if codes is not None:
            yield found, tuple(part.strip() for part in codes.split(",") if part.strip())
        elif found["mark"] == MARK and found["verb"].lower().startswith(LINE):
            yield found, None


def settings_of(rest: str) -> tuple[str, str, str]:
    """The reason, the owner and the last day in what follows the rules of a suppression."""
    found = _SETTING.findall(rest)
    owner, until = (
        ", ".join(value for name, value in found if name == wanted) for wanted in ("owner", "until")
    )
    reason = " ".join(_SETTING.sub(" ", rest).split()).lstrip(_LEADING)
    return reason, owner, until


def _pragmas(tokens: Sequence[TokenInfo]) -> Iterator[Pragma]:
    from tokenize import COMMENT

    statements = None
    for number, token in enumerate(tokens):
        if token.type != COMMENT or not _is_marked(token.string):
            continue
        statements = Statements(tokens) if statements is None else statements
        line, start = token.start
        for found, codes in read_directives(token.string):
            verb = found["verb"]
            first, last = _reach(verb, number, line, statements)
            reason, owner, until = settings_of(found["rest"])
            column = start + found.start() + 1
            yield Pragma(
                verb=verb,
                codes=codes,
                reason=reason,
                owner=owner,
                until=until,
                line=line,
                column=column,
                end_column=column + len(found[0].rstrip()),
                first=first,
                last=last,
                alone=not statements.has_code(line),
            )


def _reach(verb: str, number: int, line: int, statements: Statements) -> tuple[int, int]:
    """The lines that a suppression is about."""
    if verb == FILE:
        return 1, statements.lines
    if verb == NEXT_LINE:
        following = statements.line_after(number)
        return statements.around(following) if following else (0, 0)
    return statements.around(line)


class Statements:
    """Which lines of a file make a logical line together.

    Args:
        tokens: The tokens of the file.
    """

    def __init__(self, tokens: Sequence[TokenInfo]) -> None:
        self._tokens = tokens
        self._spans = dict(_spans(tokens))
        self.lines = tokens[-1].start[0] if tokens else 0

    def span(self, line: int) -> tuple[int, int] | None:
        """The first and the last line of the logical line that a line is a part of, if any."""
        return self._spans.get(line)

    def ends(self, line: int) -> bool:
        """Whether a comment may follow at the end of a line: no string or backslash goes on."""
        return line in self._ends

    @cached_property
    def _ends(self) -> frozenset[int]:
        from tokenize import NEWLINE, NL

        return frozenset(token.start[0] for token in self._tokens if token.type in (NEWLINE, NL))

    def has_code(self, line: int) -> bool:
        """Whether anything but comments stands on a line."""
        return line in self._lines_with_code

    @cached_property
    def _lines_with_code(self) -> frozenset[int]:
        return frozenset(
            line
            for token in self._tokens
            if token.type not in _layout()
            for line in range(token.start[0], token.end[0] + 1)
        )

    def around(self, line: int) -> tuple[int, int]:
        """A line, or all the lines of its logical line if it is the first or the last of them."""
        span = self._spans.get(line, (line, line))
        return span if line in span else (line, line)

    def line_after(self, number: int) -> int:
        """The line of the first code after the token with this number; 0 if none follows."""
        here = self._tokens[number].start[0]
        following = (
            token.start[0]
            for token in self._tokens[number + 1 :]
            if token.type not in _layout() and token.start[0] > here
        )
        return next(following, 0)


def _spans(tokens: Iterable[TokenInfo]) -> Iterator[tuple[int, tuple[int, int]]]:
    from tokenize import NEWLINE

    start = 0
    for token in tokens:
        if token.type == NEWLINE and start:
            end = token.start[0]
            yield from ((line, (start, end)) for line in range(start, end + 1))
            start = 0
        elif not start and token.type not in _layout():
            start = token.start[0]


@cache
def _layout() -> frozenset[int]:
    """The kinds of tokens that are no code."""
    import tokenize as t

    return frozenset({t.COMMENT, t.DEDENT, t.ENDMARKER, t.INDENT, t.NEWLINE, t.NL})
