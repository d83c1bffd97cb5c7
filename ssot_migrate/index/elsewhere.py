"""What runs on the worker of a cluster: extraction, if its facts would be the client's."""

from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

from ssot_migrate.index.identity import tool_identity
from ssot_migrate.index.worker import extract_batch

if TYPE_CHECKING:
    from ssot_migrate.index.worker import Extracted
    from ssot_migrate.workspace.source import Contents

# Taken when the process starts: a release that is installed later is not what it runs.
IDENTITY: Final = f"ssot-migrate {tool_identity()} on {sys.implementation.cache_tag}"
"""What facts depend on besides a file's content: this tool's build, and Python's grammar."""

# Recursion limits, warnings and the collector belong to the process, and a worker has threads.
_ONE_AT_A_TIME = threading.Lock()


class UnfitWorkerError(Exception):
    """A worker whose facts would not be the client's; the message says where, why and what helps.

    A plain message, for it is sent from one process to another.
    """


def extract_elsewhere(
    wanted: str, contents: Contents, tasks: list[tuple[str, tuple[str, ...]]]
) -> list[Extracted]:
    """Extract the asked kinds of facts of files that the client has read.

    Args:
        wanted: The client's `IDENTITY`.
        contents: What the files hold.
        tasks: Paths, each with the kinds of facts.

    Raises:
        UnfitWorkerError: This machine has another build of the tool, or none of the files.
    """
    here = f"the worker on {socket.gethostname()}"
    if wanted != IDENTITY:
        raise UnfitWorkerError(
            f"{here} has {IDENTITY}, and this is {wanted}; facts depend on both: install the"
            " same release of the tool for the same Python on every machine"
        )
    with _ONE_AT_A_TIME:
        found = extract_batch(contents, tasks)
    if all(one.error is not None for one in found):
        first = found[0]
        why = "" if first.error is None else first.error.message
        raise UnfitWorkerError(
            f"{here} does not see the tree: of {first.path} in {contents.root} it says that it"
            f" {why}; every machine has to see the tree at this path, on a shared file system"
        )
    return found
