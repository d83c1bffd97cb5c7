"""Graphs in DOT and Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

Arrow: TypeAlias = tuple[str, str, str]
"""From, to, and the label."""


def picture(
    arrows: Iterable[Arrow], output_format: str, *, alone: Iterable[str] = (), direction: str = "LR"
) -> str:
    """Draw a graph. Names go into quoted labels only, never into the syntax.

    Args:
        arrows: Its edges.
        output_format: `dot` or `mermaid`.
        alone: Nodes that are drawn though they may have no edge.
        direction: `LR`, or `BT` for what points upwards.
    """
    unique = list(dict.fromkeys(arrows))
    names = list(dict.fromkeys([*alone, *(name for arrow in unique for name in arrow[:2])]))
    ids = {name: f"n{number}" for number, name in enumerate(names)}
    if output_format == "dot":
        body = [f'  {ids[name]} [label="{_dot(name)}"];' for name in names]
        body += [f"  {ids[a]} -> {ids[b]}{_dot_label(label)};" for a, b, label in unique]
        head = ["digraph ssot {", f"  rankdir={direction};", "  node [shape=box];"]
        return "\n".join([*head, *body, "}", ""])
    body = [f'  {ids[name]}["{_mermaid(name)}"]' for name in names]
    body += [f"  {ids[a]} -->{_mermaid_label(label)} {ids[b]}" for a, b, label in unique]
    return "\n".join([f"flowchart {direction}", *body, ""])


def _dot_label(label: str) -> str:
    return f' [label="{_dot(label)}"]' if label else ""


def _mermaid_label(label: str) -> str:
    return f'|"{_mermaid(label)}"|' if label else ""


def _dot(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


def _mermaid(text: str) -> str:
    # Mermaid's own entity codes; `;` and `#` would end or start one.
    escaped = visible(text).replace("#", "#35;").replace('"', "#quot;")
    return escaped.replace("<", "#lt;").replace(">", "#gt;").replace("`", "#96;")
