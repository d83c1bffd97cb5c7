"""What `discover` proposes, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.discover.proposal import Proposal, Undecided
    from ssot_migrate.reporting.paint import Line
    from ssot_migrate.usecases.discover import Discovered

FORMATS = ("text", "json", "toml")
_SHOWN = 4
_ROLES = {"certain": "good", "likely": "info", "possible": "warning"}


def render(found: Discovered, output_format: str, *, color: bool = False) -> str:
    """Write what is proposed in one of `FORMATS`."""
    if output_format == "json":
        return _json(found)
    if output_format == "toml":
        return found.registry
    return draw(_lines(found), color=color)


def proposal_text(proposal: Proposal, *, color: bool = False) -> str:
    """One proposal with its evidence."""
    return draw(_proposal(proposal), color=color)


def written(found: Discovered, undoing: str) -> str:
    """What became of `--write`."""
    entries = [one for one in found.proposals if one.confidence.value != "possible"]
    moves = sum(len(one.steps) for one in entries if one.kind == "move")
    concepts = sum(one.kind == "concept" for one in entries)
    comments = found.counts["possible"]
    return (
        f"Wrote ssot.toml: {counted(concepts, 'concept')} and {counted(moves, 'moved path')}"
        + (f", {counted(comments, 'possible proposal')} as comments" if comments else "")
        + ".\n"
        + "".join(f"note: {visible(note)}\n" for note in found.notes)
        + f"To undo: {visible(undoing)}\n"
    )


def _lines(found: Discovered) -> Iterator[Line]:
    for proposal in found.proposals:
        yield from _proposal(proposal)
        yield []
    if found.undecided:
        yield [("undecided", "strong"), (": nothing is proposed for these", "")]
    for one in found.undecided:
        yield from _undecided(one)
    if found.undecided:
        yield []
    yield [(_closing(found), "strong")]
    if found.proposals:
        yield [("`ssot-migrate init` writes them to ssot.toml, possible ones as comments.", "help")]
    yield from ([(f"note: {visible(note)}", "")] for note in found.notes)


def _proposal(proposal: Proposal) -> Iterator[Line]:
    level = proposal.confidence.value
    yield [
        (level, _ROLES[level]),
        (f"  {proposal.kind} " if proposal.kind == "concept" else "  ", ""),
        (visible(proposal.name), "path"),
        (f" -> {visible(proposal.canonical)}" if _is_short(proposal) else "", ""),
    ]
    if not _is_short(proposal):
        if proposal.kind == "concept":
            yield [(f"    keep {visible(proposal.canonical)}", "added")]
        for step in proposal.steps[:_SHOWN]:
            to = "" if proposal.kind == "concept" else f" -> {step.to}"
            yield [(f"    {visible(step.path + to)}", ""), (f"  ({step.safety})", "fix")]
        if len(proposal.steps) > _SHOWN:
            yield [(f"    and {len(proposal.steps) - _SHOWN} more", "")]
    if proposal.forbid:
        yield [(f"    must not come back: {', '.join(map(visible, proposal.forbid))}", "")]
    yield [(f"    {visible(proposal.path)}:{proposal.line}", "separator")]
    yield from ([(f"    {visible(sentence)}", "")] for sentence in proposal.why)


def _is_short(proposal: Proposal) -> bool:
    return proposal.kind == "move" and len(proposal.steps) == 1


def _undecided(one: Undecided) -> Iterator[Line]:
    yield [(f"  {visible(one.name)}", "path"), (f"  {visible(one.path)}:{one.line}", "separator")]
    yield from ([(f"    {visible(sentence)}", "")] for sentence in one.why)


def _closing(found: Discovered) -> str:
    counts = ", ".join(f"{number} {level}" for level, number in found.counts.items())
    return (
        f"{counted(len(found.proposals), 'proposal')} ({counts}), "
        f"{len(found.undecided)} undecided; "
        f"{counted(found.files, 'file')}."
    )


def _json(found: Discovered) -> str:
    return versioned_json(
        {
            "root": ".",
            "run": found.run,
            "summary": {
                "files": found.files,
                "proposals": len(found.proposals),
                "by_confidence": found.counts,
                "undecided": len(found.undecided),
            },
            "proposals": [
                {
                    "kind": one.kind,
                    "name": encodable(one.name),
                    "canonical": encodable(one.canonical),
                    "confidence": one.confidence.value,
                    "deprecated": [
                        {
                            "path": encodable(step.path),
                            "to": encodable(step.to),
                            "safety": step.safety,
                        }
                        for step in one.steps
                    ],
                    "forbid": [encodable(name) for name in one.forbid],
                    "alternatives": [encodable(other) for other in one.others],
                    "why": _sentences(one.why),
                    "path": encodable(one.path),
                    "line": one.line,
                }
                for one in found.proposals
            ],
            "undecided": [
                {
                    "name": encodable(one.name),
                    "why": _sentences(one.why),
                    "path": encodable(one.path),
                    "line": one.line,
                }
                for one in found.undecided
            ],
            "errors": [
                {"path": encodable(error.path), "message": visible(error.message)}
                for error in found.errors
            ],
            "notes": _sentences(found.notes),
        }
    )


def _sentences(sentences: Sequence[str]) -> list[str]:
    return [visible(sentence) for sentence in sentences]
