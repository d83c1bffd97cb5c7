"""Reads which replacement a deprecation message or a docstring names."""

from __future__ import annotations

import re

import msgspec

_ANNOUNCES = re.compile(
    r"deprecat|no longer supported|(?:has|have|was|were|been|is) (?:now )?(?:moved|renamed)|"
    r"^\W*(?:moved|renamed) to|backwards?[- ]compat|kept for compat|compatibility (?:shim|alias)",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})+"
# A role or a quotation may hold a plain name; outside of both, code is told by its dots.
_SPELLED = re.compile(
    rf"""
    :(?:py:)?(?:mod|class|func|meth|attr|obj|data|exc|const):`[~!]?(?P<role>[^`<]*?)(?:<(?P<of>[^`>]*)>)?`
    | (?P<ticks>``?)(?P<quoted>\s*{_NAME}(?:\s*[.:]\s*{_NAME})*\s*)(?:\(\))?(?P=ticks)
    | (?P<quote>['"])(?P<text>{_NAME}(?:[.:]{_NAME})*)(?:\(\))?(?P=quote)
    | (?P<bare>(?<![\w.:/]){_NAME}(?:\.{_NAME})+)
    """,
    re.VERBOSE,
)
_SAID = re.compile(
    rf"\b(?:use|using|with|by|to|of) (?P<name>{_NAME}(?:\.{_NAME})*)(?=\(|\s+instead\b|[.,;]?\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_CUE = re.compile(
    r"(?:\buse|\busing|\bmoved (?:in)?to|\brenamed (?:as|to)|\breplaced (?:by|with)|\bfavou?r of|"
    r"\bsuperseded by|\bimport(?:ed)?|\bfrom|\bsee|\bswitch to|\bmigrate to|\balias (?:of|for)|"
    r"\balternative:?|\bnow (?:in|at)|\bis now|\breplacement:?|\bcall)"
    r"(?:\s+(?:it|them|the|from|a|an|new|class|function|module|method|stable|public|instead|directly|either))*\s*[:,]?\s*[`'\"(]*$",
    re.IGNORECASE,
)
_INSTEAD_OF = re.compile(r"\b(?:instead|in place|rather) (?:of|than)\s*$", re.IGNORECASE)
_OR = re.compile(r"^\s*(?:,?\s*(?:or|and)\b|,)", re.IGNORECASE)
_METHOD = re.compile(r"\([^()]*\)\s*\.\s*\w")
_IMPORT = re.compile(rf"\bfrom (?P<module>{_NAME}(?:\.{_NAME})*) import (?P<name>{_NAME})")
_EITHER = re.compile(r"\beither\b", re.IGNORECASE)
_OR_MORE = re.compile(r"\W{0,3}\s+or\b")
_EXAMPLE = re.compile(r"\.\. code|```\w*\n|^\s*>>>|^\s*Examples?:", re.MULTILINE)
_REACH = 48


class Named(msgspec.Struct, frozen=True):
    """The replacement that a text names.

    Args:
        path: As it is spelled, with dots.
        alone: Whether the text names no other one besides.
    """

    path: str
    alone: bool = True


def announces(text: str) -> bool:
    """Whether a text says that something is deprecated or lives elsewhere."""
    return bool(_ANNOUNCES.search(text))


def replacement(text: str, own: frozenset[str]) -> Named | None:
    """The path that a text says to use.

    Args:
        text: The message or docstring.
        own: Dotted paths and names of what is deprecated; a text may spell them first.
    """
    text = _EXAMPLE.split(text, maxsplit=1)[0]
    spelled = [(*match.span(), _path(match)) for match in _SPELLED.finditer(text)]
    said = [(*match.span("name"), _path(match)) for match in _SAID.finditer(text)]
    found = sorted({one for one in (*spelled, *said) if one[2] and one[2] not in own})
    imports = {
        match["module"]: f"{match['module']}.{match['name']}" for match in _IMPORT.finditer(text)
    }
    for number, (start, end, path) in enumerate(found):
        before = text[max(0, start - _REACH) : start]
        if _METHOD.match(text, end):
            return None
        if _CUE.search(before) and not _INSTEAD_OF.search(before):
            following = {other for at, _, other in found[number + 1 :] if _OR.match(text[end:at])}
            is_open = bool(_OR_MORE.match(text, end) or _EITHER.search(text))
            return Named(imports.get(path, path), not (following - {path} or is_open))
    return None


def _path(match: re.Match[str]) -> str:
    groups = match.groupdict()
    text = next(
        (
            groups[key]
            for key in ("of", "role", "quoted", "text", "bare", "name")
            if groups.get(key)
        ),
        "",
    )
    path = re.sub(r"\s+", "", text).replace(":", ".").removesuffix("()").strip(".")
    return path if all(part.isidentifier() for part in path.split(".")) else ""
