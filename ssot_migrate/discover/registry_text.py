"""Writes proposals as a registry: what is sure as entries, the rest as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.discover.proposal import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.discover.proposal import Proposal, Undecided

_HEAD = """\
# Proposed by `ssot-migrate discover` from the code alone. Look at each entry, then keep this file:
# it decides what `scan` reports and what `apply` changes.
"""
_UNCHECKED = """\

# Some replacements lie in other distributions of a package of this tree: they cannot be checked.
check-targets = false
"""
_TITLES = {
    Confidence.CERTAIN: "Certain: the code says so itself.",
    Confidence.LIKELY: "Likely: strong signs, and none against.",
    Confidence.POSSIBLE: "Possible: decide, and take away the `#` in front of what is right.",
}


def registry_text(
    proposals: Sequence[Proposal],
    undecided: Sequence[Undecided] = (),
    *,
    src: Sequence[str] = (),
    check_targets: bool = True,
) -> str:
    """A TOML document.

    Args:
        proposals: The surest first; possible ones become comments.
        undecided: What is told at the end, as comments.
        src: Import roots, where they have to be named.
        check_targets: Whether every replacement has to exist in the tree.
    """
    parts = [_HEAD, _roots(src) if src else "", "" if check_targets else _UNCHECKED]

    for confidence in Confidence:
        chosen = [one for one in proposals if one.confidence is confidence]
        if chosen:
            parts.append(f"\n# --- {_TITLES[confidence]}\n")
        for proposal in chosen:
            entry = "".join(_comment(proposal.why)) + _entry(proposal)
            parts.append("\n" + (_out(entry) if confidence is Confidence.POSSIBLE else entry))
    if undecided:
        parts.append("\n# --- Undecided: nothing is proposed for these.\n")
    for one in undecided:
        parts.append("\n" + "".join(_comment((f"{one.name} ({one.path}:{one.line})", *one.why))))
    return "".join(parts)


def _roots(src: Sequence[str]) -> str:
    lines = "".join(f"    {_text(folder)},\n" for folder in src)
    return f"\n# Where imports begin, as far as the imports of this tree tell.\nsrc = [\n{lines}]\n"


def _entry(proposal: Proposal) -> str:
    if proposal.kind == "move":
        return "".join(
            f"[[moves]]\nfrom = {_text(step.path)}\nto = {_text(step.to)}\n{_safety(step.safety)}"
            for step in proposal.steps
        )
    lines = [f"[[concepts]]\nname = {_text(proposal.name)}\n"]
    lines.append(f"canonical = {_text(proposal.canonical)}\ndeprecated = [\n")
    lines += [
        f"    {{ path = {_text(step.path)}, safety = {_text(step.safety)} }},\n"
        for step in proposal.steps
    ]
    lines.append("]\n")
    if proposal.forbid:
        names = ", ".join(map(_text, proposal.forbid))
        lines.append(f"forbid = {{ names = [{names}] }}\n")
    return "".join(lines)


def _safety(safety: str) -> str:
    return "" if safety == "safe" else f"safety = {_text(safety)}\n"


def _comment(sentences: Iterable[str]) -> Iterator[str]:
    yield from (f"# {_plain(sentence)}\n" for sentence in sentences)


def _out(entry: str) -> str:
    return "".join(
        line if line.startswith("#") else f"#{line}" for line in entry.splitlines(keepends=True)
    )


def _text(text: str) -> str:
    """A basic string, in which what cannot be seen is escaped."""
    return f'"{"".join(map(_in_string, text))}"'


def _in_string(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    # TOML has no way to write a lone surrogate.
    return "?" if "\ud800" <= char <= "\udfff" else f"\\U{ord(char):08x}"


def _plain(text: str) -> str:
    """A sentence that ends no comment and that no terminal obeys; it may quote the tree."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text
    )
