"""gitignore-style patterns, translated to regular expressions that run in linear time.

`pathspec` takes 30 ms to import and translates `*a*a*a*b` to a regular expression that one
hostile file name keeps busy for ever. Here every `*` and `**` but the last settles for its first
match, as no name gives a reason to come back to it.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Names = Iterator[int]

NEVER = re.compile(r"(?!)")

_END = r"\Z"
_SLASH_OR_END = r"(?:/|\Z)"
_LITERAL = re.compile(r"[^*?\[\\]+")
_MANY_STARS = re.compile(r"\*{2,}")
_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class Glob(msgspec.Struct, frozen=True):
    """One pattern, taken apart.

    Args:
        segments: What stands between the slashes, from the root; `**` where folders may stand.
        negated: Whether the pattern takes back what an earlier one matched.
        folders_only: Whether the pattern ends with a slash.
    """

    segments: tuple[str, ...]
    negated: bool = False
    folders_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Glob | None:
        """Read a line of a `.gitignore`; None for comments and for what can match nothing."""
        if text.startswith("#"):
            return None
        text = _without_trailing_spaces(text)
        negated = text.startswith("!")
        text = text[negated:]
        folders_only = text.endswith("/")
        text = text[: len(text) - folders_only]
        segments = text.removeprefix("/").split("/")
        if "" in segments:
            return None
        if "/" not in text:
            segments.insert(0, "**")
        # Git takes three stars for two.
        segments = ["**" if _MANY_STARS.fullmatch(text) else text for text in segments]
        merged = [
            segment
            for previous, segment in zip(["", *segments], segments, strict=False)
            if not previous == segment == "**"
        ]
        return cls(tuple(merged), negated, folders_only)

    @property
    def names_files(self) -> bool:
        """Whether the pattern looks at nothing but the last part of a file's path."""
        leading, *others = self.segments
        return leading == "**" and len(others) == 1 and not self.folders_only

    @property
    def ending(self) -> str | None:
        """What a file name must end with, where that is all that the pattern asks."""
        text = self.segments[-1]
        is_ending = self.names_files and text.startswith("*") and _LITERAL.fullmatch(text, 1)
        return text[1:] if is_ending else None


def compile_inside(globs: Iterable[Glob]) -> re.Pattern[str]:
    """What matches a path that a pattern names, or that lies below what it names."""
    return _compile(globs, _inside)


def compile_exact(globs: Iterable[Glob]) -> re.Pattern[str]:
    """What matches a path that a pattern names."""
    return _compile(globs, _exact)


class FileNames:
    """Tells which of several groups of patterns, all of them about file names, knows a name first.

    Most patterns of this kind are `*` and an ending, which `str.endswith` rules out for all of
    them at once, many times faster than a regular expression.
    """

    def __init__(self, groups: Iterable[Iterable[Glob]]) -> None:
        names = count()
        self._endings: dict[str, int] = {}
        sources = []
        for rank, group in enumerate(groups):
            others = []
            for glob in group:
                if glob.ending is None:
                    others.append(glob)
                else:
                    self._endings.setdefault(glob.ending, rank)
            if source := "|".join(_sources(others, _file_name, names)):
                sources.append(f"(?P<rank{rank}>{source})")
        self._any_ending = tuple(self._endings)
        self._pattern = re.compile("|".join(sources)) if sources else NEVER

    def rank(self, path: str, cut: int) -> int | None:
        """The first group that knows the name behind `cut`, as its position; None if none does."""
        found = self._pattern.match(path, cut)
        rank = None if found is None else int(str(found.lastgroup).removeprefix("rank"))
        if path.endswith(self._any_ending):
            name = path[cut:]
            ranks = [place for ending, place in self._endings.items() if name.endswith(ending)]
            return min(ranks if rank is None else [*ranks, rank], default=None)
        return rank


class _UnmatchableError(Exception):
    """A bracket is left open or a backslash escapes nothing: git never matches such a pattern."""


def _compile(globs: Iterable[Glob], translate: Callable[[Glob, Names], str]) -> re.Pattern[str]:
    sources = list(_sources(globs, translate, count()))
    return re.compile("|".join(sources), re.DOTALL) if sources else NEVER


def _sources(
    globs: Iterable[Glob], translate: Callable[[Glob, Names], str], names: Names
) -> Iterator[str]:
    for glob in globs:
        try:
            yield translate(glob, names)
        except _UnmatchableError:
            continue


def _inside(glob: Glob, names: Names) -> str:
    # Behind a closing `**` stands anything; behind a closing `**/` a folder.
    if glob.folders_only:
        return _translate(glob, names, end="/", below="[^/]+/")
    return _translate(glob, names, end=_SLASH_OR_END, below="")


def _exact(glob: Glob, names: Names) -> str:
    return _translate(glob, names, end=_END, below=".+" + _END)


def _file_name(glob: Glob, names: Names) -> str:
    return _segment(glob.segments[-1], names) + _END


def _translate(glob: Glob, names: Names, *, end: str, below: str) -> str:
    first, *others = _between_double_stars(glob.segments)
    source = "/".join(_segment(text, names) for text in first)
    if not others:
        return source + end
    if first:
        source += "/"
    *middle, last = others
    for run in middle:
        body = "".join(_segment(text, names) + "/" for text in run)
        source += _first_match_of(f"(?:[^/]+/)*?{body}", names)
    if not last:
        return source + below
    return source + "(?:[^/]+/)*?" + "/".join(_segment(text, names) for text in last) + end


def _between_double_stars(segments: tuple[str, ...]) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(segment)
    return runs


def _segment(text: str, names: Names) -> str:
    first, *others = _between_stars(text)
    if not others:
        return first
    *middle, last = others
    atoms = [_first_match_of(f"[^/]*?{piece}", names) for piece in middle if piece]
    return first + "".join(atoms) + "[^/]*" + (last + r"(?=/|\Z)" if last else "")


def _first_match_of(source: str, names: Names) -> str:
    # An atomic group, which Python has from 3.11 on: the reference repeats what the look-ahead
    # found, and a look-ahead is not tried again.
    name = f"g{next(names)}"
    return f"(?=(?P<{name}>{source}))(?P={name})"


def _between_stars(text: str) -> list[str]:
    pieces = [""]
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            pieces.append("")
        elif character == "?":
            pieces[-1] += "[^/]"
        elif character == "[":
            source, position = _bracket(text, position)
            pieces[-1] += source
        else:
            if character == "\\":
                character, position = _character(text, position)
            pieces[-1] += re.escape(character)
    return pieces


def _bracket(text: str, position: int) -> tuple[str, int]:
    """Translate `[...]`; `position` is behind the opening bracket, then behind the closing one."""
    negated = text.startswith(("!", "^"), position)
    position += negated
    start, members = position, ""
    while position == start or not text.startswith("]", position):
        if text.startswith("[:", position):
            name, closed, _ = text[position + 2 :].partition(":]")
            if not closed or name not in _POSIX_CLASSES:
                raise _UnmatchableError
            members += _POSIX_CLASSES[name]
            position += len(name) + 4
            continue
        low, position = _member(text, position)
        high = low
        if text.startswith("-", position) and text[position + 1 : position + 2] not in {"", "]"}:
            high, position = _member(text, position + 1)
        if low <= high:
            members += f"{re.escape(low)}-{re.escape(high)}"
    if negated:
        return f"[^/{members}]", position + 1
    return (f"(?!/)[{members}]" if members else "(?!)"), position + 1


def _member(text: str, position: int) -> tuple[str, int]:
    character, position = _character(text, position)
    return _character(text, position) if character == "\\" else (character, position)


def _character(text: str, position: int) -> tuple[str, int]:
    if position == len(text):
        raise _UnmatchableError
    return text[position], position + 1


def _without_trailing_spaces(text: str) -> str:
    stripped = text.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if backslashes % 2 and stripped != text else stripped
