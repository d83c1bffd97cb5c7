"""A migration as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.reporting.apply import FORMATS, Manner, render

from .apply_samples import (
    CHANGED,
    CREATED,
    DELETED,
    EXAMPLE,
    IMPORT,
    MOVED,
    NOTHING,
    ONLY_LEFT,
    PLACES,
    REFUSED,
    WRITTEN,
    changing,
    only,
)
from .hostile import HOSTILE
from .readers import hazards, without_ansi

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

    from ssot_migrate.domain.outcome import ApplyReport

FOR_PEOPLE = ("text", "diff")
DRY = Manner(is_dry=True, following="ssot-migrate apply app")
RUN = Manner(undoing="ssot-migrate rollback 20261101-101500-ab12")


def text_of(report: ApplyReport, format_name: str, manner: Manner) -> str:
    written = render(report, format_name, manner)
    assert isinstance(written, str)
    return written


def test_dry_run(snapshot: Snapshot) -> None:
    snapshot.assert_match(text_of(EXAMPLE, "diff", DRY), "apply-diff.txt")


def test_dry_run_in_colour(snapshot: Snapshot) -> None:
    manner = msgspec.structs.replace(DRY, color=True)
    snapshot.assert_match(text_of(EXAMPLE, "diff", manner), "apply-diff-color.txt")


def test_dry_run_as_text_with_all_there_is(snapshot: Snapshot) -> None:
    manner = msgspec.structs.replace(DRY, statistics=True, verbose=True)
    snapshot.assert_match(text_of(EXAMPLE, "text", manner), "apply-dry-text.txt")


def test_a_run(snapshot: Snapshot) -> None:
    snapshot.assert_match(text_of(WRITTEN, "text", RUN), "apply-text.txt")


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_nothing_to_do(format_name: str) -> None:
    for manner in (DRY, Manner(statistics=True)):
        told = text_of(NOTHING, format_name, manner)
        assert told == "Nothing to change in 120 files.\n"
    assert text_of(NOTHING, format_name, Manner(quiet=True)) == ""


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_only_places_left(format_name: str) -> None:
    told = text_of(ONLY_LEFT, format_name, DRY)
    assert told.splitlines() == [
        "tests/test_use.py:9:17: SSOT204 app.core.engine: a string of this kind is only reported",
        "tests/test_use.py:4:1: SSOT203 EngineFactory: needs `--unsafe`",
        "tests/test_use.py:11:1: XYZ001 nothing is known of it",
        "",
        "No file would change.",
        "Left to a person: 3 places in 1 file.",
    ]


def test_places_with_one_reason_stand_together() -> None:
    lines = text_of(EXAMPLE, "text", DRY).splitlines()
    reasons = [line.rpartition(": ")[2] for line in lines if ": SSOT204 " in line or "--" in line]
    assert reasons[:2] == ["a string of this kind is only reported"] * 2


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_only_errors(format_name: str) -> None:
    report = msgspec.structs.replace(NOTHING, errors=(FileError("a.py", "permission denied"),))
    assert text_of(report, format_name, DRY).splitlines() == [
        "a.py: error: permission denied",
        "",
        "Nothing to change in 120 files.",
        "Not handled: 1 file or folder.",
    ]


def test_quiet_leaves_files_and_places() -> None:
    lines = text_of(EXAMPLE, "text", Manner(is_dry=True, quiet=True)).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "app/old.py",
        "app/shim.py",
        "app/use.py",
        "",
        "app/use.py",
        "tests/test_use.py",
        "tests/test_use.py",
        "tests/test_use.py",
        "app/loop.py",
        "app/broken.py",
    ]


def test_places_may_be_left_out() -> None:
    lines = text_of(EXAMPLE, "text", Manner(is_dry=True, quiet=True, places=False)).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "app/old.py",
        "app/shim.py",
        "app/use.py",
        "",
        "app/loop.py",
        "app/broken.py",
    ]


def test_what_was_written_can_be_undone_and_what_was_not_can_be_written() -> None:
    assert text_of(WRITTEN, "text", RUN).endswith(f"To undo it: {RUN.undoing}\n")
    assert text_of(EXAMPLE, "diff", DRY).endswith("To write it: ssot-migrate apply app\n")


def test_what_was_held_back_can_be_looked_at() -> None:
    manner = Manner(is_dry=True, reviewing="ssot-migrate apply --dry-run --unsafe")
    assert text_of(ONLY_LEFT, "diff", manner).endswith(f": {manner.reviewing}\n")
    assert "--dry-run" not in text_of(only(DELETED), "diff", manner)


def test_a_run_that_changed_nothing_is_not_to_be_undone() -> None:
    report = msgspec.structs.replace(WRITTEN, files=(REFUSED,), waves=())
    assert "rollback" not in text_of(report, "text", RUN)


def test_a_reservation_is_told_with_the_hunk() -> None:
    cause = msgspec.structs.replace(MOVED, fix=Fix.UNSAFE, note="its signature differs")
    edit = msgspec.structs.replace(IMPORT, cause=cause)
    told = text_of(only(msgspec.structs.replace(CHANGED, edits=(edit,))), "diff", DRY)
    assert "@@ unsafe: SSOT201 (engine factory), its signature differs\n" in told


def test_a_hunk_tells_how_sure_it_is() -> None:
    headings = [
        line for line in text_of(only(CHANGED), "diff", DRY).splitlines() if line.startswith("@@")
    ]
    assert headings == [
        "@@ -1,6 +1,6 @@ safe: SSOT201 (engine factory)",
        "@@ -12,4 +12,4 @@ unsafe: SSOT203",
    ]


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        (b"a\nb\n", b"a\nc\n", [" a", "-b", "+c"]),
        (b"a\nb", b"a\nc\n", [" a", "-b", "\\ No newline at end of file", "+c"]),
        (b"a\r\nb\r\n", b"a\r\nc\r\n", [" a", "-b", "+c"]),
        (b"a\r\nb\r\n", b"a\r\nc\n", [" a", "-b", "+c\\n"]),
        (b"a\rb\r", b"a\rc\r", [" a", "-b", "+c"]),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n", ["-a", "+b"]),
        (b"# coding: latin-1\n\xe9\n", b"# coding: latin-1\n\xe8\n", None),
        (b"\xff\n", b"\xfe\n", ["-\\xff", "+\\xfe"]),
        (b"\tx\n", b"\ty\n", ["-    x", "+    y"]),
        (b"a\x0cb\n", b"a\x0cc\n", ["-a\\x0cb", "+a\\x0cc"]),
        (b"", b"a\n", ["+a"]),
        (b"a\n", b"", ["-a"]),
        (b"a\n", None, ["-a"]),
    ],
)
def test_lines_are_shown_as_they_are_read(
    before: bytes, after: bytes | None, rows: list[str] | None
) -> None:
    told = text_of(only(changing(before, after)), "diff", Manner(quiet=True)).splitlines()
    assert told[3:] == (rows or [" # coding: latin-1", "-é", "+è"])


def test_created_and_deleted_files_are_told_apart() -> None:
    told = text_of(only(DELETED), "diff", DRY).splitlines()
    assert told[:2] == ["--- a/app/old.py", "+++ /dev/null"]
    told = text_of(only(CREATED), "diff", DRY).splitlines()
    assert told[:2] == ["--- /dev/null", "+++ b/app/shim.py"]
    assert "app/shim.py: created" in text_of(only(CREATED), "text", Manner())
    assert "app/old.py: to be deleted" in text_of(only(DELETED), "text", DRY)


def test_a_refused_file_is_no_change() -> None:
    assert "@@" not in text_of(only(REFUSED), "diff", DRY)


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_obeyed(format_name: str, place: str) -> None:
    for text in HOSTILE.values():
        report = PLACES[place](text)
        for manner in (
            Manner(is_dry=True, statistics=True, verbose=True, following=text, reviewing=text),
            Manner(undoing=text),
        ):
            told = text_of(report, format_name, manner)
            assert not hazards(told)
            assert told.splitlines() == told.split("\n")[:-1]
            assert not any(line.lstrip().startswith("::") for line in told.splitlines())
            colored = text_of(report, format_name, msgspec.structs.replace(manner, color=True))
            assert without_ansi(colored) == told


@pytest.mark.parametrize("format_name", FORMATS)
def test_writing_twice_gives_the_same(format_name: str) -> None:
    assert render(EXAMPLE, format_name, DRY) == render(EXAMPLE, format_name, DRY)


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_a_thousand_files(format_name: str, *, color: bool) -> None:
    files = tuple(msgspec.structs.replace(CHANGED, path=f"m{n}.py") for n in range(1_000))
    report = msgspec.structs.replace(EXAMPLE, files=files)
    assert text_of(report, format_name, Manner(color=color)).count("\n") > 1_000
