"""Draws lines of styled spans: as they are, or coloured by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Span: TypeAlias = tuple[str, str]
    Line: TypeAlias = list[Span]

_STYLES = {
    "": "",
    "path": "bold",
    "separator": "cyan",
    "gutter": "blue",
    "fix": "cyan",
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold blue",
    "strong": "bold",
    "help": "bold cyan",
    "good": "green",
    "added": "green",
    "removed": "red",
}


def draw(lines: Iterable[Line], *, color: bool) -> str:
    """Join lines of `(text, role)` spans, each line ending with a newline."""
    if not color:
        return "".join("".join(text for text, _ in line) + "\n" for line in lines)
    return _colored(lines)


def _colored(lines: Iterable[Line]) -> str:
    # rich costs 35 ms to import, more than the rest of a scan without colour.
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    text = Text(end="")
    for line in lines:
        for content, role in line:
            text.append(content, _STYLES[role])
        text.append("\n")
    stream = StringIO()
    # The caller has decided on colour and nothing is cropped, so the environment has no say.
    console = Console(
        file=stream,
        force_terminal=True,
        force_interactive=False,
        color_system="standard",
        no_color=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        width=1_000_000,
        height=1,
    )
    console.print(text, end="", soft_wrap=True)
    return stream.getvalue()
