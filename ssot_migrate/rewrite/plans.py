"""Writes the code that a person is to write, where a call cannot be replaced by another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.lint.patterns.proof import Candidate
    from ssot_migrate.lint.patterns.registrations import Registration
    from ssot_migrate.lint.patterns.view import View

_METAVARIABLE = re.compile(r"\$[A-Za-z_]\w*")
_NAME = "$name"


def planned(
    view: View,
    candidate: Candidate,
    names: Mapping[str, str],
    registered: Sequence[Registration],
    called: str,
) -> str:
    """The lines of an entry's `plan`, filled in.

    Args:
        view: The file.
        candidate: The call.
        names: What metavariables stand for that are found in scope.
        registered: The classes that are handed to the entry's methods.
        called: The symbol of what is called: where that is one of the classes, others are no
            business of this call.
    """
    entry = candidate.entry
    handed = next((name for name, wanted in entry.where.items() if wanted.handed_to), "")
    if handed in candidate.pattern.metavariables:
        registered = [one for one in registered if str(one.symbol) == called]
    texts = dict(names)
    for name, nodes in candidate.bindings.items():
        texts.setdefault(name, ", ".join(view.scene.source(node) for node in nodes))
    lines: list[str] = []
    for line in entry.plan:
        spelled = _METAVARIABLE.findall(line)
        if handed and (handed in spelled or _NAME in spelled):
            lines += _repeated(line, handed, registered, texts)
        else:
            lines.append(_filled(line, texts))
    return "; ".join(lines)


def _repeated(
    line: str, handed: str, registered: Sequence[Registration], texts: Mapping[str, str]
) -> Iterator[str]:
    seen: dict[str, None] = {}
    for one in registered:
        filled = _filled(line, {**texts, _NAME: one.name, handed: one.symbol.leaf})
        seen.setdefault(filled)
    yield from seen or (_filled(line, texts),)


def _filled(line: str, texts: Mapping[str, str]) -> str:
    return _METAVARIABLE.sub(lambda match: texts.get(match[0], f"<{match[0][1:]}>"), line)
