"""An editor: a client of the Language Server Protocol, with the server as its child."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.uris import from_fs_path

from .process import COMMAND, PATIENCE_SECONDS, clean_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

CAPABILITIES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
    ),
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True)
    ),
    window=types.WindowClientCapabilities(work_done_progress=True),
)


class Editor:
    """Types into files of a folder, and shows what it is told of them."""

    def __init__(self, client: LanguageClient, root: Path, patience: float) -> None:
        self.client = client
        self.root = root
        self._patience = patience
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.shown: dict[str, types.PublishDiagnosticsParams] = {}
        self.messages: list[str] = []
        self.progress: list[Any] = []
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self._publish(params)
        )
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self._show(params))
        client.feature(types.PROGRESS)(lambda params: self._progress(params))
        client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda _params: None)

    def uri(self, path: str) -> str:
        """The name of a file in the protocol."""
        return uri_of(self.root / path)

    def open(self, path: str, text: str | None = None) -> None:
        """Open a file, with other contents than those on the disk if any are given."""
        given = (self.root / path).read_text(encoding="utf-8") if text is None else text
        self.texts[path], self.versions[path] = given, next(self._numbers)
        item = types.TextDocumentItem(self.uri(path), "python", self.versions[path], given)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, path: str, text: str) -> None:
        """Replace the contents of an open file."""
        self.versions[path] = next(self._numbers)
        self.texts[path] = text
        document = types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path))
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, path: str) -> None:
        """Write an open file to the disk."""
        (self.root / path).write_text(self.texts[path], encoding="utf-8")
        document = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, path: str) -> None:
        """Close a file without saving it."""
        del self.texts[path], self.versions[path]
        document = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def watched(self, *paths: str) -> None:
        """Say that files changed on the disk."""
        events = [types.FileEvent(self.uri(path), types.FileChangeType.Changed) for path in paths]
        params = types.DidChangeWatchedFilesParams(events)
        self.client.workspace_did_change_watched_files(params)

    def codes(self, path: str) -> list[tuple[str, int]]:
        """Code and 1-based line of each diagnostic that a file shows."""
        return [(str(one.code), one.range.start.line + 1) for one in self.diagnostics(path)]

    def diagnostics(self, path: str) -> Sequence[types.Diagnostic]:
        """What a file shows."""
        params = self.shown.get(self.uri(path))
        return [] if params is None else params.diagnostics

    def is_current(self, path: str) -> bool:
        """Whether what a file shows is about what was typed last."""
        params = self.shown.get(self.uri(path))
        return params is not None and params.version == self.versions.get(path)

    async def shows(self, path: str, *codes: tuple[str, int]) -> None:
        """Wait until a file shows exactly these codes, in the version that it has."""
        await self.until(
            lambda: self.is_current(path) and self.codes(path) == list(codes),
            lambda: f"{path} shows {self.codes(path)}, not {list(codes)}; {self.messages}",
        )

    async def until(
        self, holds: Callable[[], bool], told: Callable[[], str] = lambda: "it never came"
    ) -> None:
        """Wait until something holds of what was shown."""

        async def come() -> None:
            while not holds():
                self._news.clear()
                await self._news.wait()

        try:
            await asyncio.wait_for(come(), self._patience)
        except asyncio.TimeoutError:
            raise AssertionError(told()) from None

    async def actions(
        self, path: str, line: int, character: int = 0, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        """What is offered at a 1-based line."""
        place = types.Position(line - 1, character)
        here = [one for one in self.diagnostics(path) if one.range.start.line == line - 1]
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(path)),
                types.Range(place, place),
                types.CodeActionContext(here, only=only),
            )
        )
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def hover(self, path: str, line: int, character: int) -> str:
        """What is said of the name at a place; empty if nothing is."""
        found = await self.client.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(self.uri(path)), types.Position(line - 1, character)
            )
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def applied(self, path: str, action: types.CodeAction, encoding: str = "utf-16-le") -> str:
        """The text of a file with an action's edits, as an editor makes them."""
        assert action.edit is not None
        if action.edit.document_changes is None:
            edits = (action.edit.changes or {})[self.uri(path)]
        else:
            (change,) = action.edit.document_changes
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.versions[path]
            edits = [one for one in change.edits if isinstance(one, types.TextEdit)]
        text = self.texts[path]
        for edit in sorted(edits, key=lambda one: -_offset(text, one.range.start, encoding)):
            start, end = (
                _offset(text, place, encoding) for place in (edit.range.start, edit.range.end)
            )
            text = text[:start] + edit.new_text + text[end:]
        return text

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.shown[params.uri] = params
        self._news.set()

    def _show(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params.message)
        self._news.set()

    def _progress(self, params: types.ProgressParams) -> None:
        self.progress.append(params.value)
        self._news.set()


def uri_of(path: Path) -> str:
    """The name of a file or folder in the protocol."""
    uri: str | None = from_fs_path(str(path))
    assert uri is not None
    return uri


def _offset(text: str, place: types.Position, encoding: str) -> int:
    """Where a position of the protocol is in a text whose lines end in `\\n`."""
    rows = text.split("\n")
    unit = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    head = rows[place.line].encode(encoding)[: place.character * unit].decode(encoding)
    return sum(len(row) + 1 for row in rows[: place.line]) + len(head)


@asynccontextmanager
async def editor(
    root: Path,
    *args: str,
    encodings: Sequence[str] = (),
    capabilities: types.ClientCapabilities = CAPABILITIES,
    folders: Sequence[Path] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> AsyncIterator[Editor]:
    """An editor with a folder; in the end the server has to end as the protocol wants."""
    client = LanguageClient("editor", "1")
    one = Editor(client, root, patience)
    given = [types.PositionEncodingKind(name) for name in encodings]
    general = types.GeneralClientCapabilities(position_encodings=given or None)
    await client.start_io(*COMMAND, "lsp", *args, cwd=root, env=clean_environment())
    server = client._server
    assert server is not None
    await client.initialize_async(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(
                workspace=capabilities.workspace,
                text_document=capabilities.text_document,
                window=capabilities.window,
                general=general,
            ),
            root_uri=uri_of(root),
            workspace_folders=[
                types.WorkspaceFolder(uri_of(folder), folder.name) for folder in folders or [root]
            ],
        )
    )
    client.initialized(types.InitializedParams())
    try:
        yield one
        await asyncio.wait_for(client.shutdown_async(None), PATIENCE_SECONDS)
        client.exit(None)
        assert await asyncio.wait_for(server.wait(), PATIENCE_SECONDS) == 0
        assert server.stderr is not None
        said = (await server.stderr.read()).decode()
        assert "Traceback" not in said, said
    finally:
        if server.returncode is None:
            server.kill()
        await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it without
