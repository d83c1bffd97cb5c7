"""Files are changed through `FileOps` and in no other way."""

from __future__ import annotations

import ast
from pathlib import Path

import ssot_migrate.transaction
from ssot_migrate.transaction.fileops import FileOps

PACKAGE = Path(ssot_migrate.transaction.__file__).parent
CHANGING = {
    *("chmod", "chown", "fchmod", "fchown", "fsync", "ftruncate", "lchown", "link", "makedirs"),
    *("mkdir", "mkfifo", "mknod", "remove", "removedirs", "rename", "renames", "replace", "rmdir"),
    *("setxattr", "symlink", "truncate", "unlink", "utime", "write", "pwrite", "removexattr"),
}


def test_nothing_else_changes_files() -> None:
    found = {
        f"{file.name}: {ast.unparse(node.func)}"
        for file in sorted(PACKAGE.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if ast.unparse(node.func.value) in ("os", "shutil", "Path") or node.func.attr == "touch"
        if node.func.attr in CHANGING or ast.unparse(node.func.value) == "shutil"
    }
    assert found
    assert {where.partition(":")[0] for where in found} == {"fileops.py"}


def test_every_change_can_be_watched() -> None:
    called = {
        node.func.attr
        for file in sorted(PACKAGE.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if ast.unparse(node.func.value) in ("ops", "self._ops")
    }
    assert called == {name for name in vars(FileOps) if not name.startswith("_")}
