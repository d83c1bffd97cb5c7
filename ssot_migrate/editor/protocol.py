"""Findings, actions and names in the words of the Language Server Protocol."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from ssot_migrate.domain.finding import Severity
from ssot_migrate.reporting.marked import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.domain.editor import Action, Home
    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.outcome import Edit
    from ssot_migrate.editor.positions import Lines

SOURCE = "ssot-migrate"
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{SOURCE}"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_DEPRECATED = "deprecated-"


def diagnostic(finding: Finding, lines: Lines, folder: str, *, related: bool) -> types.Diagnostic:
    """A finding as a diagnostic.

    Args:
        finding: The finding.
        lines: The text of its file.
        folder: What its chain's paths are relative to.
        related: Whether the editor shows related places.
    """
    is_deprecated = finding.name.startswith(_DEPRECATED)
    return types.Diagnostic(
        range=lines.range(finding.line, finding.column, finding.end_line, finding.end_column),
        message="\n".join((finding.message, *finding.evidence)),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Deprecated] if is_deprecated else None,
        related_information=[*_chain(finding, folder)] if related else None,
    )


def _chain(finding: Finding, folder: str) -> Iterator[types.DiagnosticRelatedInformation]:
    for place in finding.chain[1:]:
        path, _, line = place.rpartition(":")
        uri = from_fs_path(os.path.join(folder, path))
        if uri is not None and line.isdigit():
            start = types.Position(max(0, int(line) - 1), 0)
            location = types.Location(uri, types.Range(start, start))
            yield types.DiagnosticRelatedInformation(location, "on the way to the definition")


def code_action(
    action: Action,
    document: types.OptionalVersionedTextDocumentIdentifier,
    lines: Lines,
    context: Sequence[types.Diagnostic],
    *,
    versioned: bool,
) -> types.CodeAction:
    """A change that is offered.

    Args:
        action: The change.
        document: What it changes, in the version that it fits.
        lines: The text of that version.
        context: The diagnostics that the editor asks about.
        versioned: Whether the editor takes changes of a stated version.
    """
    edits = [_text_edit(edit, lines) for edit in action.edits]
    change = types.WorkspaceEdit(changes={document.uri: edits})
    if versioned:
        change = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [*edits])])
    return types.CodeAction(
        title=action.title,
        kind=FIX_ALL if action.whole else types.CodeActionKind.QuickFix,
        edit=change,
        is_preferred=True if action.preferred else None,
        diagnostics=[*_about(action, context)] or None,
    )


def _about(action: Action, context: Iterable[types.Diagnostic]) -> Iterator[types.Diagnostic]:
    for one in context:
        is_there = action.whole or one.range.start.line == action.line - 1
        if one.source == SOURCE and one.code in action.codes and is_there:
            yield one


def _text_edit(edit: Edit, lines: Lines) -> types.TextEdit:
    place = lines.range(edit.line, edit.column, edit.end_line, edit.end_column)
    return types.TextEdit(place, edit.after)


def hover(home: Home, lines: Lines) -> types.Hover:
    """What is known of a name."""
    text = "\n\n".join(_sentences(home))
    place = lines.range(home.line, home.column, home.line, home.end_column)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), place)


def _sentences(home: Home) -> Iterator[str]:
    name, canonical = code(home.symbol or home.name), code(home.canonical or "")
    if home.is_deprecated:
        gone = ", and nothing binds it" if home.is_gone else ""
        yield f"{name} is deprecated{gone}: use {canonical}"
    elif home.symbol is None:
        yield f"{name} is not imported here; its home is {canonical}"
    elif home.symbol == home.canonical:
        yield f"{name} is defined here" if len(home.chain) < 2 else name
    else:
        yield f"{name} leads to {canonical}"
    if home.statement:
        yield f"```python\n{home.statement}\n```"
    if home.concept:
        owner = f", owned by {plain(home.owner)}" if home.owner else ""
        yield f"Canonical of the concept {plain(home.concept)}{owner}"
    if home.reason:
        yield plain(home.reason)
    if len(home.chain) > 1:
        yield " → ".join(map(code, home.chain))
