"""Small projects to scan: one that works, and all that can be wrong with a file."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

IMPORT = b"from old.mod import Thing\n"
REGISTRY = '[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'

PROJECT: Mapping[str, bytes] = {
    "ssot.toml": REGISTRY.encode(),
    "old/__init__.py": b"",
    "old/mod.py": b"from new.mod import Thing\n",
    "new/__init__.py": b"",
    "new/mod.py": b"class Thing:\n    def act(self):\n        return 1\n",
    "app/__init__.py": b"",
    "app/use.py": IMPORT + b"\nThing().act()\n",
}

UNPARSABLE: dict[str, bytes] = {
    "syntax.py": IMPORT + b"def f(:\n",
    "python2.py": IMPORT + b'print "x"\n',
    "conflict.py": b"<<<<<<< HEAD\n" + IMPORT + b"=======\n>>>>>>> branch\n",
    "undecodable.py": IMPORT + b'x = "\xff\xfe"\n',
    "nul.py": IMPORT + b'x = "\0"\n',
    "unknown_cookie.py": b"# coding: wat\n" + IMPORT,
    "rot13_cookie.py": b"# coding: rot13\n" + IMPORT,
    "hex_cookie.py": b"# coding: hex\n" + IMPORT,
    "utf16.py": IMPORT.decode().encode("utf-16"),
    "utf16_without_mark.py": IMPORT.decode().encode("utf-16-be"),
    "cookie_against_mark.py": b"\xef\xbb\xbf# coding: latin-1\n" + IMPORT,
    "brackets.py": IMPORT + b"x = " + b"(" * 1000 + b")" * 1000 + b"\n",
    "digits.py": IMPORT + b"x = 1" + b"0" * 5000 + b"\n",
    "notebook.py": IMPORT + b"%matplotlib inline\n",
    "template.py": IMPORT + b"x = {{ cookiecutter.name }}\n{% if x %}\n",
}

# How deep the parser goes depends on the version of Python.
DEEP: dict[str, bytes] = {
    "sum.py": IMPORT + b"x = " + b"+".join([b"1"] * 10_000) + b"\n",
    "elif.py": IMPORT + b"if a: pass\n" + b"elif a: pass\n" * 3_000,
    "unary.py": IMPORT + b"x = " + b"-" * 50_000 + b"1\n",
    "attributes.py": IMPORT + b"x = a" + b".a" * 20_000 + b"\n",
}

FOUND: Mapping[str, tuple[bytes, int]] = {
    "long_line.py": (IMPORT + b'x = "' + b"a" * 1_000_000 + b'"\n', 1),
    "lone_cr.py": (b"x = 1\r" + IMPORT.replace(b"\n", b"\r"), 2),
    "crlf.py": (b"x = 1\r\n" + IMPORT.replace(b"\n", b"\r\n"), 2),
    "mark.py": (b"\xef\xbb\xbf" + IMPORT, 1),
    "mark_and_cookie.py": (b"\xef\xbb\xbf# coding: utf-8\n" + IMPORT, 2),
    "latin.py": ("# coding: latin-1\nx = 'é'\n".encode("latin-1") + IMPORT, 3),
    "shift_jis.py": ("# coding: shift_jis\nx = '表'\n".encode("shift_jis") + IMPORT, 3),
    "no_end.py": (IMPORT.rstrip(), 1),
    "newer.py": (IMPORT + b"type X = int\ndef f[T](x: T) -> T: ...\n", 1),
    "deep.py": (IMPORT + b"x = " + b"+".join([b"1"] * 900) + b"\n", 1),
    "folder.py/inside.py": (IMPORT, 1),
    "linked_home.py": (IMPORT, 1),
}

SILENT: Mapping[str, bytes] = {
    "empty.py": b"",
    "comments.py": b"# from old.mod import Thing\n# nothing else\n",
    "form_feed.py": b"\x0c\n",
    "only_mark.py": b"\xef\xbb\xbf",
}

NAMES = (
    b"new\nline.py",
    b"esc\x1b[31m.py",
    b"pkg[/foo].py",
    b"::error::owned.py",
    b"-rf.py",
    b"caf\xe9.py",
    "bidi\u202egpj.py".encode(),
    b"a" * 252 + b".py",
    b" spaces .py",
    b"line:9:9.py",
    b"%0Apercent.py",
    b'quote".py',
    b"back\\slash.py",
    b"tab\t.py",
    b"{0}.py",
    "emoji\U0001f468\u200d\U0001f469.py".encode(),
)


def plant(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write files with their folders."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def plant_named(root: Path, name: bytes, content: bytes = IMPORT) -> None:
    """Write a file whose name is any bytes."""
    path = os.path.join(os.fsencode(root), b"names", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def plant_deep(root: Path, depth: int) -> str:
    """Write a file many folders deep and name it."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    file = os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(file, IMPORT)
    os.close(file)
    os.close(here)
    return "d/" * depth + "deep.py"


def plant_special(root: Path) -> None:
    """Everything that is called like a source file and is none, below `special/`."""
    folder = root / "special"
    folder.mkdir()
    os.mkfifo(folder / "fifo.py")
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind("socket.py")
    finally:
        os.chdir(here)
    if os.geteuid() == 0:
        os.mknod(folder / "device.py", 0o20666, os.makedev(1, 5))
    (folder / "loop_a.py").symlink_to("loop_b.py")
    (folder / "loop_b.py").symlink_to("loop_a.py")
    (folder / "dangling.py").symlink_to("nowhere.py")
    (folder / "zero.py").symlink_to("/dev/zero")
    (folder / "up").symlink_to("..")
    (folder / "out.py").symlink_to("/etc/passwd")
