"""Who owns a file, as the `CODEOWNERS` of a commit or of the work tree says."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ssot_migrate.workspace import git
from ssot_migrate.workspace.glob_syntax import Glob, compile_exact, compile_inside
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from pathlib import Path

# The first one that is there counts.
_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_FIELD = re.compile(r"(?:\\.|[^\s\\])+")
_UNSUPPORTED = ("!", "[", "^[")


class Owners:
    """The rules of one file; of those that match a path the last one decides.

    Args:
        text: The file's content.
        prefix: What stands between the top of the repository and the root, with a closing slash.
    """

    def __init__(self, text: str, prefix: str = "") -> None:
        self.text = text
        self._prefix = prefix
        self._rules = [rule for line in text.splitlines() if (rule := _rule(line)) is not None]
        self._known: dict[str, tuple[str, ...]] = {}

    @classmethod
    def at(cls, root: Path, commit: str, prefix: str = "") -> Owners | None:
        """The owners as a commit has them; None where it names none."""
        given = "".join(f"{commit}:{place}\n" for place in _PLACES).encode()
        printed = git.run(root, "cat-file", "--batch", given=given) or b""
        position = 0
        for _ in _PLACES:
            end = printed.find(b"\n", position)
            head = printed[position:end].split()
            position = end + 1
            if len(head) == 3 and head[1] == b"blob":
                return cls(os.fsdecode(printed[position : position + int(head[2])]), prefix)
        return None

    @classmethod
    def here(cls, root: Path) -> Owners | None:
        """The owners as the work tree has them; None where it names none."""
        prefix = prefix_of(root)
        top = root.joinpath(*[".."] * prefix.count("/"))
        for place in _PLACES:
            data = read(top, place)
            if isinstance(data, bytes):
                return cls(os.fsdecode(data), prefix)
        return None

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of the file at `path`, relative to the root; none where nobody is named."""
        if path not in self._known:
            full = self._prefix + path
            found = (owners for pattern, owners in reversed(self._rules) if pattern.match(full))
            self._known[path] = next(found, ())
        return self._known[path]


def prefix_of(root: Path) -> str:
    """The way from the top of the repository to a folder in it, with a closing slash."""
    return os.fsdecode((git.run(root, "rev-parse", "--show-prefix") or b"").removesuffix(b"\n"))


def _rule(line: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    fields = _FIELD.findall(line)
    if not fields or fields[0].startswith(("#", *_UNSUPPORTED)):
        return None
    text, *rest = fields
    glob = Glob.parse(text)
    if glob is None:
        return None
    comment = next((n for n, word in enumerate(rest) if word.startswith("#")), len(rest))
    # `docs/*` means the files in that folder, and not those below the folders in it.
    compiled = compile_exact if text.endswith("/*") else compile_inside
    return compiled([glob]), tuple(dict.fromkeys(rest[:comment]))
