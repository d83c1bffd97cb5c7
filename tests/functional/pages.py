"""A project in the middle of its migration, and the page about it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from .process import clean_environment, run
from .trees import plant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WEEK = 7 * 24 * 3600
START = 1_780_000_000  # 2026-05-28
TODAY = {"SOURCE_DATE_EPOCH": str(START + 8 * WEEK)}  # 2026-07-23
SCRIPT = "</script><img src=x onerror=document.title='owned'>"

REGISTRY = f"""
[[concepts]]
name = "engine"
canonical = "app.engine:Engine"
owner = "@core"
risk = "high"
reason = "the only one with limits"
since = 2026-01-15
deprecated = [
    {{ path = "old.engine", remove-by = 2026-06-30 }},
    {{ path = "legacy.engine:Engine", safety = "unsafe" }},
]

[[concepts]]
name = "store"
canonical = "app.store:Store"
owner = "@data"
risk = "low"
deprecated = [{{ path = "old.store" }}]

[[concepts]]
name = "{SCRIPT}"
canonical = "app.strange:Strange"
owner = "\\u202ereversed & \\"quoted\\""
reason = "line\\u2028separator {SCRIPT}"
deprecated = [{{ path = "old.strange" }}]

[[moves]]
from = "old.tools"
to = "app.tools"
"""

_ENGINE = """\
class Engine:
    def start(self, context, *, limit=10): ...
    async def stop(self): ...
    def pause(self): ...
"""
TREE: Mapping[str, str] = {
    "ssot.toml": REGISTRY,
    "CODEOWNERS": "* @all\napp/ @core\ntests/ @quality @core\n",
    ".gitignore": ".ssot_migrate*\n",
    "app/__init__.py": "",
    "app/engine.py": f"from app.store import Store\n\n\n{_ENGINE}",
    "app/store.py": "class Store:\n    def get(self): ...\n",
    "app/strange.py": "class Strange: ...\n",
    "app/tools.py": "def sharpen(): ...\n",
    "old/__init__.py": "",
    "old/engine.py": "from app.engine import Engine\n",
    "old/store.py": "from app.store import Store\n",
    "old/strange.py": "from app.strange import Strange\n",
    "old/tools.py": "from app.tools import sharpen\n",
    "legacy/__init__.py": "",
    "legacy/engine.py": _ENGINE.replace("context, *, limit=10", "context, user").replace(
        "    def pause(self): ...\n", "    def rewind(self): ...\n"
    ),
    "app/moved.py": "from app.engine import Engine\n",
    "app/late.py": "def late():\n    from old.engine import Engine\n    return Engine()\n",
    "app/strange_use.py": f"from old.strange import Strange  # {SCRIPT}\n",
    "tests/test_engine.py": (
        "from old.engine import Engine\nfrom legacy.engine import Engine as Other\n"
    ),
    "scripts/run.py": "from old.tools import sharpen\n",
    **{f"app/services/use{n}.py": "from old.engine import Engine\n" for n in range(9)},
    **{f"app/routes/use{n}.py": "from old.engine import Engine\n" for n in range(9)},
    "app/services/__init__.py": "",
    "app/routes/__init__.py": "",
}
NAMES = (
    b"<img src=x onerror=alert(1)>.py",
    b"'\"><svg onload=alert(1)>.py",
    b"caf\xe9.py",
    b"new\nline.py",
    "bidi\u202egpj.py".encode(),
    "separator\u2028.py".encode(),
)


def project(root: Path) -> Path:
    """Write the project, with names that would do harm, and two commits a few weeks apart."""
    earlier = {f"app/more{n}.py": "from old.tools import sharpen\n" for n in range(4)}
    plant(root, {**TREE, **earlier})
    for name in NAMES:
        with open(os.path.join(os.fsencode(root), b"app", name), "wb") as file:
            file.write(b"from old.engine import Engine\n")
    _git(root, "init", "-q", "-b", "main")
    commit(root, 0)
    for path in earlier:
        (root / path).unlink()
    commit(root, 4)
    return root


def commit(root: Path, week: int) -> None:
    """Commit everything, in a week of the project."""
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "x", time=START + week * WEEK)


def _git(root: Path, *args: str, time: int = START) -> None:
    stamp = f"{time} +0000"
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(
        ["git", *identity, *args],
        cwd=root,
        env=clean_environment(GIT_COMMITTER_DATE=stamp, GIT_AUTHOR_DATE=stamp),
        check=True,
        capture_output=True,
    )


def page(root: Path, *args: str | Path, code: int = 0) -> str:
    """What `report` prints."""
    result = run("report", "--no-cache", *args, cwd=root, env=TODAY)
    assert result.code == code, result.stderr
    return result.stdout


def history(root: Path, file: Path) -> Path:
    """The project's history as `progress` writes it."""
    result = run(
        *("progress", "--every", "1", "--output-format", "json", "--output-file", file),
        cwd=root,
        env=TODAY,
    )
    assert result.code == 0, result.stderr
    return file
