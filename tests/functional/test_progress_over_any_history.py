"""What `progress` counts in a revision is what `scan` finds in its tree, whoever counts."""

from __future__ import annotations

import importlib
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.usecases.gate.scan import scan
from ssot_migrate.usecases.project import Request
from ssot_migrate.usecases.trends import progress as usecase
from ssot_migrate.usecases.trends.commits import Choice
from ssot_migrate.usecases.trends.progress import progress

from .process import clean_environment
from .trees import IMPORT, REGISTRY, plant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.progress import Progress

# Names that other revisions define, pass on, move, hide or break; and what suppresses a finding.
FILES = {
    "old/mod.py": (b"from new.mod import Thing\n", b"class Thing: ...\n", b"from app.a import *\n"),
    "new/mod.py": (b"class Thing:\n    def act(self): ...\n", b"", b"def f(:\n"),
    "new/mod/__init__.py": (b"from app.b import Thing\n",),
    "new/mod.pyx": (b"",),
    "app/__init__.py": (b"", b"from old.mod import Thing as Other\n"),
    "app/a.py": (IMPORT, IMPORT * 2, b"from new.mod import Thing, gone\n"),
    "app/b.py": (IMPORT.rstrip() + b"  # ssot: ignore[SSOT201] later\n", b"import app.a\n"),
    "tests/test_a.py": (b'from mock import patch\npatch("old.mod.Thing")\n', IMPORT),
    "venv/pyvenv.cfg": (b"",),
    "venv/x.py": (IMPORT,),
}
TOML = f"check-targets = false\n{REGISTRY}".encode()
Tree = dict[str, bytes]


def trees() -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({}, optional={p: st.sampled_from(c) for p, c in FILES.items()})


def record(root: Path, history: Sequence[Tree]) -> None:
    """Commit one tree after the other, a day apart."""
    told = b""
    for number, tree in enumerate(history):
        told += b"commit refs/heads/main\ncommitter n <e@example.org> %d +0000\n" % (
            1_750_000_000 + number * 86_400
        )
        told += b"data 0\ndeleteall\n"
        for path, data in tree.items():
            told += b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)
    for args, given_ in ((("init", "-q", "-b", "main"), b""), (("fast-import", "--quiet"), told)):
        command = ["git", "-C", str(root), *args]
        subprocess.run(command, input=given_, check=True, env=clean_environment())


@pytest.fixture(scope="module", autouse=True)
def small_histories_are_shared_out() -> Iterator[None]:
    # Each worker process that reads broken code would import it anew; what is here, it inherits.
    importlib.import_module("ssot_migrate.index.downgrade")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usecase, "_FEW_FILES", 0)
        yield


@settings(max_examples=8, deadline=None)
@given(st.lists(trees(), min_size=1, max_size=5))
def test_each_revision_counts_as_its_tree_does(history: list[Tree]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder, "root"), str(Path(folder, "cache"))
        plant(root, {"ssot.toml": TOML})
        record(root, history)

        def replayed(jobs: int, cache_dir: str | None = None) -> Progress:
            request = Request(
                root=str(root), jobs=jobs, use_cache=cache_dir is not None, cache_dir=cache_dir
            )
            return progress(request, Choice(every=1))

        alone = replayed(1)
        assert replayed(2) == alone
        assert replayed(2, cache).points == replayed(1, cache).points == alone.points
        for number, (tree, point) in enumerate(zip(history, alone.points, strict=True)):
            checkout = Path(folder, str(number))
            plant(checkout, {**tree, "ssot.toml": TOML})
            found = scan(Request(root=str(checkout), jobs=1, use_cache=False))
            assert point.tally.by_rule == Counter(one.code for one in found.findings)
            assert point.tally.files == found.files
            assert point.tally.suppressed == found.suppressed
