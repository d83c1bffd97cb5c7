from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.index.index import no_progress
from ssot_migrate.usecases.migration import compiling
from ssot_migrate.usecases.migration.compiling import Fault, fault, faults

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"# coding: latin-1\nx = '\xe9'\n",
        b"\xef\xbb\xbfx = 1\n",
        b"async def f():\n    await f()\n",
        b"x = '\\d'\n",
        b"assert (1, 'always true')\n",
    ],
)
def test_compiles(source: bytes) -> None:
    assert fault(source) is None


@pytest.mark.parametrize(
    ("source", "line", "is_syntax"),
    [
        (b"x = 1\ndef f(:\n", 2, True),
        (b"print 'x'\n", 1, True),
        (b"x = 1\nreturn\n", 2, False),
        (b"break\n", 1, False),
        (b"def f():\n    from m import *\n", 2, False),
        (b"def f(a, a): ...\n", 1, False),
        (b"async def f(): ...\ndef g():\n    await f()\n", 3, False),
        (b"x = '\0'\n", 0, True),
        (b"x = '\xff'\n", 0, True),
        (b"(" * 2000 + b")" * 2000, 0, True),
    ],
)
def test_does_not_compile(source: bytes, line: int, *, is_syntax: bool) -> None:
    found = fault(source)
    assert found is not None
    assert found[1]
    assert found[2] is is_syntax
    assert found[0] == line or not line


def _plant(root: Path, **files: bytes) -> list[str]:
    for name, data in files.items():
        (root / f"{name}.py").write_bytes(data)
    return [f"{name}.py" for name in files]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_is_looked_at(
    tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_FEW", 1)
    monkeypatch.setattr(compiling, "_BATCH", 2)
    paths = _plant(tmp_path, a=b"x = 1\n", b=b"return\n", c=b"(", d=b"", e=b"break\n")
    seen: list[tuple[int, int]] = []
    found = faults(
        tmp_path, [*paths, "gone.py"], jobs, lambda _, done, all_: seen.append((done, all_))
    )
    assert [(one.path, one.is_syntax) for one in sorted(found)] == [
        ("b.py", False), ("c.py", True), ("e.py", False)
    ]  # fmt: skip
    assert seen == [(2, 6), (4, 6), (6, 6)]


def test_large_files_are_compiled_alone(tmp_path: Path) -> None:
    large = b"x = [\n" + b"    1,\n" * 100_000 + b"]\n"
    paths = _plant(tmp_path, good=large, bad=large + b"return\n")
    (found,) = faults(tmp_path, paths, 2, no_progress)
    assert (found.path, found.line, found.is_syntax) == ("bad.py", 100_003, False)


def test_a_file_that_exhausts_the_compiler_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_SECONDS", 0.2)
    monkeypatch.setattr(compiling, "_MAX_BYTES", 400 << 20)
    paths = _plant(tmp_path, bad=b"import " + b".".join([b"a"] * 200_000) + b"\n", good=b"")
    (found,) = faults(tmp_path, paths, 2, no_progress)
    assert found.path == "bad.py"
    assert isinstance(found, Fault)
