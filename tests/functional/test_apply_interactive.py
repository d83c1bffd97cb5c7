"""`apply --interactive`, answered on a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import pytest

from .process import PATIENCE_SECONDS, run, run_on_terminal
from .trees import IMPORT, plant

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = re.compile(r"(?:Write|Create|Delete|Accept) (\S+) \[[ynradq,]+,\?\]\? $")
MOVED = IMPORT.replace(b"old", b"new")
FILES = ("app/one.py", "app/two.py", "app/use.py", "app/what.py")
CTRL_C, CTRL_D = "\x03", "\x04"


class Talk(NamedTuple):
    """What was asked and shown, and how it ended."""

    code: int
    asked: list[str]
    shown: str


def talk(cwd: Path, answers: str, *args: str, **env: str) -> Talk:
    """Run `apply --interactive` on a terminal, and answer each question with the next line."""
    return talk_to(cwd, answers, "apply", "--interactive", "--no-cache", *args, **env)


def talk_to(cwd: Path, answers: str, *args: str, **env: str) -> Talk:
    """Run a command on a terminal, and answer each question with the next line."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as elsewhere:
        code = elsewhere.submit(run_on_terminal, *args, cwd=cwd, env=env, terminal=theirs)
        shown, asked = _answered(ours, list(answers))
    os.close(ours)
    assert "Traceback" not in shown
    return Talk(code.result(), asked, shown)


def _answered(terminal: int, answers: list[str]) -> tuple[str, list[str]]:
    shown, asked, new = "", [], ""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and select.select([terminal], [], [], PATIENCE_SECONDS)[0]:
        try:
            data = os.read(terminal, 1 << 16).decode()
        except OSError:  # Linux says so when the last process has closed the other end
            break
        if not data:
            break
        shown += data
        new += data
        if question := QUESTION.search(new):
            new = ""
            asked.append(question[1])
            answer = answers.pop(0)
            is_key = answer in (CTRL_C, CTRL_D)
            if is_key:
                time.sleep(0.3)  # Python loses a signal in the moment before it waits for input
            os.write(terminal, answer.encode() if is_key else f"{answer}\n".encode())
    assert not answers
    return shown.replace("\r\n", "\n"), asked


@pytest.fixture
def project(project: Path) -> Path:
    return plant(project, dict.fromkeys(FILES, IMPORT))


def moved(project: Path) -> list[str]:
    return [path for path in FILES if (project / path).read_bytes() == MOVED]


def test_each_file_is_shown_and_asked_for(project: Path) -> None:
    done = talk(project, "ynyn")
    assert (done.code, done.asked) == (1, list(FILES))
    assert moved(project) == ["app/one.py", "app/use.py"]
    assert done.shown.count("@@ -1 +1 @@") == 4
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.shown)
    assert plain.index("-from old.mod import Thing") < plain.index("Write app/one.py")
    assert "2 files changed" in plain


def test_yes_to_all_leaves_nothing_to_do(project: Path) -> None:
    done = talk(project, "a")
    assert (done.code, done.asked) == (0, ["app/one.py"])
    assert moved(project) == list(FILES)


def test_the_rest_can_be_left(project: Path) -> None:
    done = talk(project, "yd")
    assert (done.code, done.asked) == (1, ["app/one.py", "app/two.py"])
    assert moved(project) == ["app/one.py"]


@pytest.mark.parametrize("answers", ["q", "yq", "ynyq"])
def test_to_quit_writes_nothing(project: Path, answers: str) -> None:
    done = talk(project, answers)
    assert done.code == 1
    assert done.shown.endswith("Nothing was written.\n")
    assert moved(project) == []
    assert "Nothing has been applied" in run("history", cwd=project).stdout


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_an_interruption_writes_nothing(project: Path, key: str) -> None:
    done = talk(project, f"y{key}")
    assert done.code == 130
    assert done.shown.endswith("interrupted\n")
    assert moved(project) == []


def test_no_to_all_writes_nothing(project: Path) -> None:
    done = talk(project, "nnnn")
    assert done.code == 1
    assert moved(project) == []
    assert "No file changed." in done.shown


def test_other_answers_are_explained(project: Path) -> None:
    done = talk(project, "?x Yd")
    assert done.asked == ["app/one.py"] * 4 + ["app/two.py"]
    assert done.shown.count("q - quit, and write nothing") == 3
    assert moved(project) == ["app/one.py"]


def test_colour_follows_the_terminal(project: Path) -> None:
    assert "\x1b[31m-from old" in talk(project, "d").shown
    assert "\x1b[31m" not in talk(project, "d", NO_COLOR="1").shown


def test_a_hostile_name_is_asked_for_harmlessly(project: Path) -> None:
    plant(project, {"app/a\x1b[2J\u202e.py": IMPORT})
    done = talk(project, "d", NO_COLOR="1")
    assert done.asked == [r"app/a\x1b[2J\u202e.py"]
    assert "\x1b[2J" not in done.shown


def test_the_report_may_go_to_a_file(project: Path) -> None:
    done = talk(project, "a", "--output-format", "json", "-o", "report.json")
    assert done.code == 0
    assert '"changed": 4' in (project / "report.json").read_text()


def test_a_patch_is_not_shown_on_a_terminal(project: Path) -> None:
    done = talk(project, "", "--output-format", "patch")
    assert done.code == 2
    assert "write it with -o FILE" in done.shown
