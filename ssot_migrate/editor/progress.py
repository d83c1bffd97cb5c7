"""Shows in the editor how far long work has come, where it can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer


class Meter:
    """One bar, which appears when there is something to show.

    Args:
        server: The server.
        name: Names the bar; it is used again.
    """

    def __init__(self, server: LanguageServer, name: str) -> None:
        self._server = server
        self._name = name
        self._shown = 0
        self._token: str | None = None

    async def show(self, what: str, done: int, total: int) -> None:
        """Say how far some work has come."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        progress = self._server.work_done_progress
        percentage = 100 * done // max(1, total)
        message = f"{done} of {total} files"
        if self._token is None:
            self._shown += 1
            self._token = f"{self._name}:{self._shown}"
            progress.create(self._token)
            begin = types.WorkDoneProgressBegin(what, message=message, percentage=percentage)
            progress.begin(self._token, begin)
        else:
            report = types.WorkDoneProgressReport(message=message, percentage=percentage)
            progress.report(self._token, report)

    def close(self) -> None:
        """The work is done."""
        if self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._token = None
