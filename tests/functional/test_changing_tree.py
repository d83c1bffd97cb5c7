"""A tree that changes while it is read."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from .process import run
from .trees import IMPORT, plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESTLESS = textwrap.dedent(
    """
    import os, sys, itertools
    source = b"from old.mod import Thing\\n"
    for turn in itertools.count():
        for number in range(40):
            name = f"moving/m{number}.py"
            kind = (turn + number) % 4
            try:
                if kind == 0:
                    open(name, "wb").write(source)
                elif kind == 1:
                    os.remove(name)
                elif kind == 2:
                    os.mkdir(name)
                else:
                    os.rmdir(name)
            except OSError:
                pass
    """
)


@pytest.fixture
def restless(project: Path) -> Iterator[Path]:
    """A project in which files come, go and become folders all the time."""
    plant(project, {f"moving/m{number}.py": IMPORT for number in range(40)})
    with subprocess.Popen([sys.executable, "-c", RESTLESS], cwd=project) as process:
        yield project
        process.kill()


def test_files_may_vanish_while_they_are_read(restless: Path) -> None:
    for turn in range(10):
        jobs, cache = ("1", "--no-cache") if turn % 2 else ("2", "--cache-dir=cache")
        result = run("scan", "-j", jobs, cache, cwd=restless)
        assert "app/use.py:1:1: SSOT201" in result.stdout
        assert result.code in (1, 2)
        assert (result.code == 2) == ("Not handled" in result.stdout)


def test_a_cache_never_answers_for_older_content(project: Path) -> None:
    file = project / "app/use.py"
    for content, code in ((b"x = 1\n", 0), (IMPORT, 1), (b"y = 2\n", 0), (IMPORT, 1)):
        file.write_bytes(content)
        os.utime(file, (1_000_000_000, 1_000_000_000))
        assert run("scan", "--select", "SSOT201", cwd=project).code == code


def test_a_file_may_grow_beyond_the_cap(project: Path) -> None:
    assert run("scan", cwd=project).code == 1
    os.truncate(project / "app/use.py", (20 << 20) + 1)
    result = run("scan", cwd=project)
    assert result.code == 2
    assert "app/use.py: error: is larger than 20 MiB" in result.stdout
