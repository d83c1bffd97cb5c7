"""Which build of this tool wrote a cache."""

from __future__ import annotations

import functools
import hashlib
import os

from ssot_migrate._version import __version__


@functools.cache
def tool_identity() -> str:
    """The version, and a digest of the names and sizes of the package's own files.

    What an edited rule or extractor left behind must not be believed, though the version is the
    same. Sizes, unlike times, agree between machines that installed the same release.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = []
    for folder, _folders, files in os.walk(package, followlinks=True):
        for file in files:
            if file.endswith((".py", ".toml")):
                path = os.path.join(folder, file)
                names.append(f"{os.path.relpath(path, package)} {os.stat(path).st_size}")
    digest = hashlib.blake2b("\n".join(sorted(names)).encode(), digest_size=8).hexdigest()
    return f"{__version__}+{digest}"
