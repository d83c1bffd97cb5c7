"""`scan --watch` as somebody leaves it running in a terminal."""

from __future__ import annotations

import re
import signal
import threading
import time
from typing import TYPE_CHECKING

from .process import PATIENCE_SECONDS, run, start
from .trees import REGISTRY, plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAITING = re.compile(r"waiting for changes; Ctrl-C ends\n")


class Watching:
    """A process that watches, and what it has said so far."""

    def __init__(self, project: Path, *args: str) -> None:
        self.process = start("scan", "--watch", *args, cwd=project)
        self.said = ""
        self.reported = ""
        for stream, take in ((self.process.stderr, self._hear), (self.process.stdout, self._read)):
            assert stream is not None
            threading.Thread(target=self._follow, args=(stream, take), daemon=True).start()

    def waits(self, rounds: int) -> None:
        """Wait until it has scanned so often."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(WAITING.findall(self.said)) < rounds:
            assert time.monotonic() < end, (self.said, self.reported)
            time.sleep(0.02)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def _hear(self, text: str) -> None:
        self.said += text

    def _read(self, text: str) -> None:
        self.reported += text

    @staticmethod
    def _follow(stream: object, take: Callable[[str], None]) -> None:
        for line in iter(stream.readline, b""):  # type: ignore[attr-defined]  # a pipe
            take(line.decode())


def test_each_change_is_scanned(project: Path) -> None:
    watching = Watching(project, "--output-format", "concise")
    use, registry = project / "app/use.py", project / "ssot.toml"
    watching.waits(1)
    assert watching.reported.count("SSOT201") == 1
    use.write_text("from old.mod import (\n")
    watching.waits(2)
    assert "SSOT903" in watching.reported
    assert "after a change of app/use.py" in watching.said
    registry.write_text(REGISTRY + "oh no\n")
    watching.waits(3)
    assert "error: ssot.toml:4: is not valid TOML" in watching.said
    registry.write_text(REGISTRY)
    watching.waits(4)
    use.unlink()
    watching.waits(5)
    plant(project, {"app/again.py": "\nfrom old.mod import Thing\n\nThing()\n"})
    watching.waits(6)
    assert "app/again.py:2:1: error: SSOT201" in watching.reported
    assert watching.end() == 130
    assert "Traceback" not in watching.said


def test_what_a_scan_writes_is_no_change(project: Path) -> None:
    run("baseline", "create", "--reason", "known", cwd=project)
    (project / "app/use.py").write_text("x = 1\n")
    watching = Watching(project)
    watching.waits(1)
    assert "dropped" in watching.reported
    (project / "app/use.py").write_text("x = 2\n")
    watching.waits(2)
    assert watching.said.count("scanning") == 2
    assert watching.end(signal.SIGTERM) == 143


def test_only_the_disk_is_watched(project: Path) -> None:
    for other in ("--staged", "--stdin-filename=x.py", "--add-ignore=no"):
        result = run("scan", "--watch", other, cwd=project)
        assert result.code == 2
        assert "--watch" in result.stderr
