"""Projects from drawings of their files."""

from __future__ import annotations

import textwrap
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ssot_migrate.lint.project import Project

    Write = Callable[[Mapping[str, str], str], Path]
    MakeProject = Callable[..., Project]


@pytest.fixture
def write_tree(tmp_path: Path) -> Write:
    """Write files, their common indentation removed, and `ssot.toml` below a new folder."""

    def write(files: Mapping[str, str], registry: str = "") -> Path:
        root = tmp_path / f"tree{sum(1 for _ in tmp_path.iterdir())}"
        root.mkdir()
        for path, source in {**files, "ssot.toml": registry}.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            text = textwrap.dedent(source).removeprefix("\n")
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
        return root

    return write


@pytest.fixture
def project(write_tree: Write) -> Iterator[MakeProject]:
    """Make a project of files and a registry, without a cache and in this process."""
    with ExitStack() as stack:

        def make(files: Mapping[str, str], registry: str = "") -> Project:
            root = write_tree(files, registry)
            request = Request(
                root=str(root), config=str(root / "ssot.toml"), use_cache=False, jobs=1
            )
            return stack.enter_context(open_project(request)).project

        yield make
