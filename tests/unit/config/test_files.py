"""Files that cannot be read: each is a problem with a line, never a traceback."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ssot_migrate.config.load import find_config

from .project import SAMPLE, Project


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(
            "src = [\n'a'\nselect = 3\n",
            "ssot.toml:3: is not valid TOML at column 1: Unclosed array",
            id="syntax error",
        ),
        pytest.param(
            "\n\nsrc =",
            "ssot.toml:3: is not valid TOML at the end of the file: Invalid value",
            id="cut off",
        ),
        pytest.param(
            "src = ['a']\nsrc = ['b']\n",
            "ssot.toml:2: is not valid TOML at column 12: Cannot overwrite a value "
            "(a key or a table stands twice)",
            id="key twice",
        ),
        pytest.param(
            "[rules]\n[rules]\n",
            "ssot.toml:2: is not valid TOML at column 7: Cannot declare ('rules',) twice "
            "(a key or a table stands twice)",
            id="table twice",
        ),
        pytest.param(
            b"src = ['a']\nignore = ['caf\xe9']\n",
            "ssot.toml:2: is not UTF-8: byte 0xe9 at column 15",
            id="Latin-1",
        ),
        pytest.param(
            SAMPLE.encode("utf-16"),
            "ssot.toml:1: is UTF-16 or UTF-32; TOML must be saved as UTF-8",
            id="UTF-16",
        ),
        pytest.param(
            SAMPLE.encode("utf-16-be"),
            "ssot.toml:1: is UTF-16 or UTF-32; TOML must be saved as UTF-8",
            id="UTF-16 without its mark",
        ),
        pytest.param(
            "src = ['a']\nignore = " + "[" * 5_000 + "]" * 5_000,
            "ssot.toml:2: is nested too deeply",
            id="deep lists",
        ),
        pytest.param(
            "\nx = " + "{a = " * 5_000 + "1" + "}" * 5_000,
            "ssot.toml:2: is nested too deeply",
            id="deep tables",
        ),
        pytest.param(
            "src = ['a']\n" + "a." * 50_000 + "a = 1",
            "ssot.toml:2: a key has more than 100 parts",
            id="endless key",
        ),
        pytest.param(
            "\n\nx = " + "1" * 5_000,
            "ssot.toml:3: is not valid TOML: a number has too many digits",
            id="endless number",
        ),
        pytest.param(b"#" * 5_000_001, "ssot.toml: is larger than 5 MB", id="endless file"),
    ],
)
def test_unreadable_content(project: Project, content: str | bytes, problem: str) -> None:
    project.write("ssot.toml", content)
    assert project.problems() == [problem]


def test_a_missing_file(project: Project) -> None:
    assert project.problems("none.toml") == ["none.toml: there is no such file"]


def test_a_dangling_link(project: Project) -> None:
    (project.root / "ssot.toml").symlink_to("nowhere")
    assert project.problems() == ["ssot.toml: there is no such file"]


def test_a_link_to_itself(project: Project) -> None:
    (project.root / "ssot.toml").symlink_to("ssot.toml")
    assert project.problems() == ["ssot.toml: cannot be read: Too many levels of symbolic links"]


def test_a_folder(project: Project) -> None:
    (project.root / "ssot.toml").mkdir()
    assert project.problems() == ["ssot.toml: is a folder, not a file"]


def test_a_folder_named_pyproject_is_passed_over(project: Project) -> None:
    (project.root / "pyproject.toml").mkdir()
    assert find_config(project.root) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(project: Project) -> None:
    project.write("ssot.toml", "").chmod(0)
    assert project.problems() == ["ssot.toml: cannot be read: Permission denied"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SAMPLE.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(SAMPLE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(SAMPLE.rstrip().encode(), id="no final newline"),
    ],
)
def test_what_windows_editors_write_is_read_alike(project: Project, content: bytes) -> None:
    project.write("packs/agent-runtime.toml", "")
    project.write("plain.toml", SAMPLE)
    project.write("ssot.toml", content)
    assert project.load().registry == project.load("plain.toml").registry


def test_lines_are_right_behind_a_byte_order_mark_and_crlf(project: Project) -> None:
    project.write("ssot.toml", b"\xef\xbb\xbfsrc = ['.']\r\n\r\nselect = 3\r\n")
    assert project.problems() == [
        "ssot.toml:3: select: expected a list of strings, found an integer"
    ]


def test_problems_of_all_files_come_together(project: Project) -> None:
    project.write("packs/one.toml", "select = 1")
    project.write("packs/two.toml", "select =")
    assert project.problems_of('extend = ["one", "two"]\nignore = 3') == [
        "packs/one.toml:1: select: expected a list of strings, found an integer",
        "packs/two.toml:1: is not valid TOML at the end of the file: Invalid value",
        "ssot.toml:2: ignore: expected a list of strings, found an integer",
    ]


@given(
    st.integers(0, len(SAMPLE)),
    st.integers(0, 40),
    st.text("\"'[]{}=.,#\\\n ax1:\0é", max_size=4) | st.sampled_from(["[[", '"""', "= 1\n"]),
)
@example(0, len(SAMPLE), "")
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_damaged_file_is_read_or_refused_with_a_line(
    project: Project, start: int, length: int, patch: str
) -> None:
    project.write("packs/agent-runtime.toml", "")
    for problem in project.problems_of(SAMPLE[:start] + patch + SAMPLE[start + length :]):
        assert problem.startswith("ssot.toml:")


def test_the_digest_changes_with_any_byte_of_any_file(project: Project) -> None:
    digests = {project.load().digest}
    for pack, text in [("", ""), ("#", ""), ("#", "#")]:
        project.write("packs/one.toml", pack)
        project.write("ssot.toml", f'extend = ["one"]{text}')
        digests.add(project.load().digest)
    assert len(digests) == 4
    assert project.load().digest in digests
