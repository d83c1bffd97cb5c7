"""Text of a scanned tree in Markdown: shown as it is, whatever Markdown or a page would obey in it.

What is ordinary stays readable as plain text, too. GitHub makes mentions, links and pictures of
words wherever they stand but in code, so such words are written as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_OBEYED = re.compile(r"([\\`*_{}\[\]<>#|~&$!^])")
_LINKED = re.compile(r"[@#]|://|www\.|:\w+:", re.IGNORECASE)
# Before one of these, readers differ in what a backslash means; and they cut spaces at both ends.
_UNSURE_IN_CODE = re.compile(r"[`|\\]|^ | $")
_OBEYED_BY_HTML = re.compile(r"""[!"#$&*+<>@\[\\\]^_`{|}~]""")


def plain(text: str) -> str:
    """A text without any marks."""
    shown = visible(text)
    return code(text) if _LINKED.search(shown) else _OBEYED.sub(r"\\\1", shown)


def code(text: str) -> str:
    """A text as code, in a table or out of one; empty if it is."""
    shown = visible(text)
    if not _UNSURE_IN_CODE.search(shown):
        return f"`{shown}`" if shown.strip() else ""
    referenced = _OBEYED_BY_HTML.sub(lambda match: f"&#{ord(match[0])};", shown)
    return f"<code>{referenced}</code>"


def prose(sentence: str) -> str:
    """A sentence of ours: what stands between backticks is code, the rest is text."""
    return "".join(code(part) if is_code else plain(part) for part, is_code in parts(sentence))


def parts(sentence: str) -> Iterator[tuple[str, bool]]:
    """The parts of a sentence of ours, and whether each stands between backticks.

    Where one backtick is left over, the sentence is one part.
    """
    split = sentence.split("`")
    if len(split) % 2 == 0:
        split = [sentence]
    return ((part, bool(number % 2)) for number, part in enumerate(split))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table and an empty one; none without rows.

    Args:
        head: The titles; one that ends with `:` stands above numbers, to the right.
        rows: Cells that are Markdown already.
    """
    filled = list(rows)
    if not filled:
        return
    yield f"| {' | '.join(title.removesuffix(':') for title in head)} |"
    yield f"|{''.join('---:|' if title.endswith(':') else '---|' for title in head)}"
    for row in filled:
        yield f"| {' | '.join(row)} |"
    yield ""
