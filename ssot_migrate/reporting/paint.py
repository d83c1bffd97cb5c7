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
    # A style draws its own span: no console, which would measure and wrap every line of a diff.
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {role: Style.parse(style) for role, style in _STYLES.items()}
    return "".join(
        "".join(styles[role].render(text, color_system=ColorSystem.STANDARD) for text, role in line)
        + "\n"
        for line in lines
    )
