"""The baseline on disk: what merges leave of it, and what it is not."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssot_migrate.domain.baseline import Entry
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.lint.ratchet import numbered
from ssot_migrate.usecases.gate.baseline_file import BaselineFile, load, place_of
from ssot_migrate.usecases.gate.merging import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = '{"ssot-migrate": "baseline", "version": 1}\n'
ONE = '{"code": "SSOT201", "path": "a.py", "snippet": "import old"}\n'
TWO = '{"code": "SSOT201", "path": "a.py", "snippet": "import old", "number": 2}\n'


@pytest.fixture
def place(tmp_path: Path) -> BaselineFile:
    return place_of(tmp_path, "known.jsonl", None)


def loaded(place: BaselineFile, text: str | bytes) -> tuple[Entry, ...]:
    place.path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = load(place)
    assert found is not None
    return tuple(found.lines)


def test_a_line_says_what_a_person_has_to_know(place: BaselineFile) -> None:
    entries = [
        Entry("SSOT201", "b.py", "C.f", "import old", 1, "the vendor pins it"),
        Entry("SSOT201", "a.py", "", "import old"),
        Entry("SSOT201", "a.py", "", "import old"),
    ]
    place.written(entries)
    assert place.path.read_text() == HEAD + TWO + ONE + (
        '{"code": "SSOT201", "path": "b.py", "scope": "C.f", "snippet": "import old", '
        '"reason": "the vendor pins it"}\n'
    )


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.just("SSOT201"),
        st.sampled_from(["a.py", "caf\udce9.py", "\u202e.py", "new\nline.py"]),
        st.sampled_from(["", "f"]),
        st.text(max_size=5),
    ),
    max_size=6,
)


@given(ENTRIES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(place: BaselineFile, entries: list[Entry]) -> None:
    place.written(entries)
    found = load(place)
    assert found is not None
    assert tuple(sorted(found.lines)) == numbered(entries)
    rows = place.path.read_bytes().splitlines()[1:]
    assert rows == sorted(rows)
    assert place.path.read_bytes().isascii()
    assert list(found.lines.values()) == list(range(2, 2 + len(entries)))


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ONE + ONE,
        HEAD + ONE + HEAD + ONE,
        ONE,
        HEAD + ONE.replace("\n", "\r\n"),
        f"\n{HEAD}\n{ONE}\n\n",
        HEAD + ONE + ONE.replace("}", ', "reason": ""}'),
    ],
)
def test_lines_that_a_merge_doubles_count_once(place: BaselineFile, text: str) -> None:
    assert loaded(place, text) == (Entry("SSOT201", "a.py", "", "import old"),)


def test_of_doubled_lines_the_one_with_a_reason_counts(place: BaselineFile) -> None:
    (entry,) = loaded(place, HEAD + ONE + ONE.replace("}", ', "reason": "why"}'))
    assert entry.reason == "why"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEAD}<<<<<<< HEAD\n{ONE}=======\n{TWO}>>>>>>> x\n", "known.jsonl:2: is an unresolved"),
        (f"{HEAD}{ONE}||||||| base\n", "known.jsonl:3: is an unresolved conflict: delete the mark"),
        (f"{HEAD}nothing\n", "known.jsonl:2: is no entry of a baseline"),
        (f"{HEAD}[]\n", "known.jsonl:2: is no entry of a baseline"),
        ('{"code": 1, "path": ""}\n', "known.jsonl:1: is no entry of a baseline"),
        ('{"code": "X"}\n', "known.jsonl:1: is no entry of a baseline"),
        ('{"code": "X", "path": "", "line": 1}\n', "known.jsonl:1: is no entry of a baseline"),
        ("[" * 100_000, "known.jsonl:1: is no entry of a baseline"),
        (HEAD.replace("1", "2"), "known.jsonl:1: has format 2"),
        ('{"findings": []}\n', "known.jsonl:1: is no entry of a baseline"),
        (b"\xff\xfe\n", "known.jsonl:1: is no entry of a baseline"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    place: BaselineFile, text: str | bytes, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(place, text)
    assert str(caught.value).startswith(message)
    assert ": " in str(caught.value)


def test_what_is_no_file_is_told(place: BaselineFile) -> None:
    assert load(place) is None
    place.path.mkdir()
    with pytest.raises(UsageError, match=r"known\.jsonl: is not a regular file"):
        load(place)
    with pytest.raises(UsageError, match=r"known\.jsonl: cannot be written"):
        place.written([])


def test_a_link_that_leads_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/known.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    with pytest.raises(UsageError, match="leads out of the root"):
        place_of(tmp_path / "root", "known.jsonl", None)
    given = place_of(tmp_path / "root", "known.jsonl", str(tmp_path / "elsewhere.jsonl"))
    assert given.path == tmp_path / "elsewhere.jsonl"


def _git(root: Path, *args: str) -> int:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *identity, *args]
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True)
    return done.returncode


def _commit(root: Path, place: BaselineFile, entries: Sequence[Entry]) -> None:
    place.written(entries)
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "x")


MERGE = f"{shlex.quote(sys.executable)} -m ssot_migrate baseline merge %O %A %B"


def test_git_merges_what_two_branches_did_to_it(tmp_path: Path, place: BaselineFile) -> None:
    base = [Entry("SSOT201", f"{letter}.py", "", "import old") for letter in "bdfhjlnprtvx"]
    (tmp_path / ".gitattributes").write_text("known.jsonl merge=ssot-baseline\n")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "config", "merge.ssot-baseline.driver", MERGE)
    _commit(tmp_path, place, base)
    _git(tmp_path, "checkout", "-qb", "other")
    both, theirs = (Entry("SSOT202", f"{name}.py", "", "import z") for name in ("both", "theirs"))
    _commit(tmp_path, place, [*base[1:], both, theirs])
    _git(tmp_path, "checkout", "-q", "-")
    ours = Entry("SSOT202", "ours.py", "", "import z")
    _commit(tmp_path, place, [*base[:-1], both, ours])
    assert _git(tmp_path, "merge", "-q", "other") == 0
    found = load(place)
    assert found is not None
    assert found.lines.keys() == {*base[1:-1], both, ours, theirs}


@given(ENTRIES, ENTRIES, ENTRIES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_merge_has_what_either_side_would_have(
    tmp_path: Path, base: list[Entry], ours: list[Entry], theirs: list[Entry]
) -> None:
    versions = [set(numbered(entries)) for entries in (base, ours, theirs)]
    names = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    for name, entries in zip(names, versions, strict=True):
        BaselineFile(Path(name), name).written(entries)
    merge(*names)
    found = load(BaselineFile(Path(names[1]), names[1]))
    assert found is not None
    before, here, there = versions
    kept = [one for one in here | there if (one in here) + (one in there) > (one in before)]
    assert tuple(sorted(found.lines)) == numbered(kept)


def test_of_reasons_ours_counts(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    Path(names[0]).write_bytes(b"")
    for name in names[1:]:
        one = Entry("SSOT201", "a.py", "", "import old", 1, Path(name).name)
        BaselineFile(Path(name), name).written([one])
    merge(*names)
    assert '"reason": "ours"' in Path(names[1]).read_text()
