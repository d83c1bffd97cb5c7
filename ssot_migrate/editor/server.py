"""The language server: hands on what the editor says to the processes of its projects, and back."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ssot_migrate._version import __version__
from ssot_migrate.editor.messages import (
    AskActions,
    AskHome,
    Edited,
    Idle,
    OnDisk,
    Published,
    Said,
    Working,
)
from ssot_migrate.editor.positions import Lines
from ssot_migrate.editor.process import ProjectProcess
from ssot_migrate.editor.progress import Meter
from ssot_migrate.editor.protocol import FIX_ALL, code_action, diagnostic, hover
from ssot_migrate.workspace.source import Contents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.editor.messages import Report

_NAME = "ssot-migrate"
_HALF = re.compile("[\ud800-\udfff]")
_KINDS = (types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll)
_WATCHED = ("**/*.py", "**/*.pyi", "**/ssot.toml", "**/pyproject.toml", "**/ssot-baseline.jsonl")


class Document(msgspec.Struct, frozen=True):
    """A file that is open in the editor: its path, the editor's number of its content, and that."""

    file: str
    version: int
    text: str


class Server(LanguageServer):
    """Knows which documents are open, and which process each of them belongs to.

    Documents are sent whole: what counts as a line differs between Python and this protocol, and so
    would where an edit of a part goes.

    Args:
        arguments: The command line, which the processes of projects share.
        root: The one project's root; None to have a project for each folder of the workspace.
    """

    def __init__(self, arguments: Sequence[str], root: str | None) -> None:
        super().__init__(_NAME, __version__, types.TextDocumentSyncKind.Full)
        self._arguments = tuple(arguments)
        self._root = None if root is None else os.path.abspath(root)
        self._documents: dict[str, Document] = {}
        self._projects: dict[str, ProjectProcess] = {}
        self._meters: dict[str, Meter] = {}

    # What the editor says

    def begin(self) -> None:
        """Open the projects of the workspace, and ask to be told of files that change."""
        capabilities = self.client_capabilities.workspace
        watching = capabilities.did_change_watched_files if capabilities is not None else None
        if watching is not None and watching.dynamic_registration:
            self.client_register_capability(_watching(), callback=lambda _done: None)
        for folder in self._folders():
            self._project(folder)

    def edited(self, uri: str, version: int, text: str) -> None:
        """Take in what a document holds."""
        file = to_fs_path(uri)
        if file is not None:
            whole = _HALF.sub("\ufffd", text)  # no file can hold half of a character
            self._documents[uri] = Document(os.path.abspath(file), version, whole)
            self._of(uri).tell(Edited(self._documents[uri].file, version, whole))

    def closed(self, uri: str) -> None:
        """Take in that a document is what is on the disk."""
        if uri in self._documents:
            project = self._of(uri)
            document = self._documents.pop(uri)
            project.tell(Edited(document.file, None, None))
            self._publish(uri, None, [])

    def changed_on_disk(self, uris: Sequence[str]) -> None:
        """Take in that files were saved, created or deleted."""
        files = tuple(os.path.abspath(file) for uri in uris if (file := to_fs_path(uri)))
        for folder, project in self._projects.items():
            own = tuple(file for file in files if _is_below(file, folder))
            if own:
                project.tell(OnDisk(own))

    async def left(self, folders: Sequence[str]) -> None:
        """Let go of folders that do not belong to the workspace any more."""
        for folder in folders:
            project = self._projects.pop(folder, None)
            if project is not None:
                await project.stop()

    async def end(self) -> None:
        """End the processes of all projects."""
        for project in self._projects.values():
            await project.stop()

    # What it asks

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """What may be done about a range of a document."""
        uri, document = params.text_document.uri, self._documents.get(params.text_document.uri)
        if document is None:
            return None
        lines, start, end = self._lines(document.text), params.range.start, params.range.end
        only = params.context.only
        answer = await self._of(uri).ask(
            lambda number: AskActions(
                number=number,
                file=document.file,
                first=start.line + 1,
                last=end.line + 1,
                line=start.line + 1,
                column=lines.column(start),
                wants_fixes=only is None or _wants(only, types.CodeActionKind.QuickFix),
                wants_all=_wants(only or (), FIX_ALL),
            )
        )
        if answer.version != document.version or self._documents.get(uri) is not document:
            return None  # the edits would be of another text
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri, document.version)
        workspace = self.client_capabilities.workspace
        changes = workspace.workspace_edit if workspace is not None else None
        versioned = bool(changes is not None and changes.document_changes)
        return [
            code_action(one, identifier, lines, params.context.diagnostics, versioned=versioned)
            for one in answer.actions
        ]

    async def hovered(self, params: types.HoverParams) -> types.Hover | None:
        """What is known of the name at a place."""
        uri, document = params.text_document.uri, self._documents.get(params.text_document.uri)
        if document is None:
            return None
        lines, line = self._lines(document.text), params.position.line + 1
        column = lines.column(params.position)
        answer = await self._of(uri).ask(lambda n: AskHome(n, document.file, line, column))
        return None if answer.home is None else hover(answer.home, lines)

    # What it is told

    async def _heard(self, project: ProjectProcess, report: Report) -> None:
        match report:
            case Published():
                self._published(project, report)
            case Working(what=what, done=done, total=total):
                await self._meter(project).show(what, done, total)
            case Idle():
                self._meter(project).close()
            case Said(text=text, is_error=is_error):
                kind = types.MessageType.Error if is_error else types.MessageType.Warning
                self.window_show_message(types.ShowMessageParams(kind, text))
            case _:
                pass

    def _published(self, project: ProjectProcess, report: Published) -> None:
        uri = self._uri(report.file)
        document = self._documents.get(uri)
        if document is not None and document.version != report.version:
            return  # a newer content is on its way
        if document is not None:
            text = document.text
        else:
            text = "\n".join(Contents(project.folder).rows(report.file)) if report.findings else ""
        lines, capability = self._lines(text), self.client_capabilities.text_document
        shown = capability.publish_diagnostics if capability is not None else None
        related = bool(shown is not None and shown.related_information)
        found = [
            diagnostic(one, lines, _root_of(report.file, one.path), related=related)
            for one in report.findings
        ]
        self._publish(uri, None if document is None else document.version, found)

    def _publish(self, uri: str, version: int | None, found: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=found)
        )

    def _lost(self, project: ProjectProcess, goes_on: bool) -> None:
        self._meter(project).close()
        then = "it is started again" if goes_on else "restart the language server to try again"
        text = f"{_NAME}: the process of {project.folder} died; {then}"
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))

    # Which project, which document

    def _folders(self) -> list[str]:
        if self._root is not None:
            return [self._root]
        found = (to_fs_path(uri) for uri in self.workspace.folders)
        folders = [os.path.abspath(folder) for folder in found if folder]
        root = self.workspace.root_path
        return folders or ([os.path.abspath(root)] if root else [])

    def _of(self, uri: str) -> ProjectProcess:
        """The process that a document belongs to: of the nearest folder, or of its own."""
        file = self._documents[uri].file
        around = [folder for folder in self._folders() if _is_below(file, folder)]
        return self._project(max(around, key=len, default=os.path.dirname(file)))

    def _project(self, folder: str) -> ProjectProcess:
        if self._root is not None:
            folder = self._root
        if folder not in self._projects:
            project = ProjectProcess(folder, self._arguments, self._heard, self._lost)
            self._projects[folder] = project
            project.start()
        return self._projects[folder]

    def _meter(self, project: ProjectProcess) -> Meter:
        if project.folder not in self._meters:
            self._meters[project.folder] = Meter(self, f"{_NAME}:{project.folder}")
        return self._meters[project.folder]

    def _uri(self, file: str) -> str:
        """The name under which the editor knows a file."""
        for uri, document in self._documents.items():
            if document.file == file or os.path.realpath(document.file) == file:
                return uri
        return from_fs_path(file) or ""

    def _lines(self, text: str) -> Lines:
        return Lines(text, self.server_capabilities.position_encoding)


def serve(arguments: Sequence[str], root: str | None, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Speak the protocol until the editor ends it.

    Args:
        arguments: The command line.
        root: As for `Server`.
        stdin: Where the editor is read from.
        stdout: Where it is written to.
    """
    server = Server(arguments, root)
    feature = server.feature
    feature(types.INITIALIZED)(lambda _params: server.begin())
    feature(types.TEXT_DOCUMENT_DID_OPEN)(partial(_opened, server))
    feature(types.TEXT_DOCUMENT_DID_CHANGE)(partial(_changed, server))
    feature(types.TEXT_DOCUMENT_DID_CLOSE)(lambda params: server.closed(params.text_document.uri))
    feature(types.TEXT_DOCUMENT_DID_SAVE)(
        lambda params: server.changed_on_disk([params.text_document.uri])
    )
    feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(
        lambda params: server.changed_on_disk([one.uri for one in params.changes])
    )
    feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(partial(_refoldered, server))
    kinds = types.CodeActionOptions([*_KINDS, FIX_ALL])
    feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(partial(_acted, server))
    feature(types.TEXT_DOCUMENT_HOVER)(partial(_hovered, server))
    feature(types.SHUTDOWN)(partial(_ended, server))
    server.start_io(stdin, stdout)


def _opened(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    one = params.text_document
    server.edited(one.uri, one.version, one.text)


def _changed(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    for change in params.content_changes:
        server.edited(params.text_document.uri, params.text_document.version, change.text)


async def _refoldered(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    gone = (to_fs_path(folder.uri) for folder in params.event.removed)
    await server.left([os.path.abspath(folder) for folder in gone if folder])
    server.begin()


async def _acted(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    return await server.actions(params)


async def _hovered(server: Server, params: types.HoverParams) -> types.Hover | None:
    return await server.hovered(params)


async def _ended(server: Server, _params: None) -> None:
    await server.end()


def _watching() -> types.RegistrationParams:
    watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    return types.RegistrationParams([types.Registration(f"{_NAME}-files", method, options)])


def _wants(only: Sequence[types.CodeActionKind | str], kind: types.CodeActionKind | str) -> bool:
    """Whether kinds that were asked for hold another one: `source` holds `source.fixAll`."""
    name = kind.value if isinstance(kind, types.CodeActionKind) else kind
    asked = (one.value if isinstance(one, types.CodeActionKind) else one for one in only)
    return any(name == one or name.startswith(f"{one}.") for one in asked)


def _is_below(file: str, folder: str) -> bool:
    return file == folder or file.startswith(os.path.join(folder, ""))


def _root_of(file: str, path: str) -> str:
    """The root of the project that knows a file by that path."""
    return file.removesuffix(path) if file != path else os.path.dirname(file)
