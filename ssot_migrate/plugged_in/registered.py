"""What installed distributions register under this tool's entry points."""

from __future__ import annotations

import os
import re
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from ssot_migrate.domain.errors import PlugInError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import Distribution

_PREFIX = "ssot_migrate."
_SECTION = f"[{_PREFIX}"
_FILE = "entry_points.txt"
_VALUE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Group(str, Enum):
    """A group of entry points; its value is the group's name in a distribution's metadata."""

    RULES = "ssot_migrate.rules"
    CODEMODS = "ssot_migrate.codemods"
    PACKS = "ssot_migrate.packs"
    FORMATS = "ssot_migrate.formats"


class PlugIn(msgspec.Struct, frozen=True, order=True):
    """Something that is to be loaded, and who says so.

    Args:
        group: What it offers; None where that is to be seen, as of what a command line names.
        name: The entry point's name, or what the command line says.
        module: The module to import; a file's path where a file was named.
        provider: The distribution with its version; empty where a command line names it.
        home: The folder that an editable install leads to; empty for others.
    """

    group: Group | None
    name: str
    module: str
    provider: str = ""
    home: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return self.group is None and self.module.endswith(".py")

    @property
    def is_folder(self) -> bool:
        """Whether it is the folder of a package."""
        return self.group is None and not self.is_file and "/" in self.module

    def problem(self, what: str, remedy: str = "") -> PlugInError:
        """What is wrong with it, as an error that says whose it is and what helps."""
        if not self.provider or self.group is None:
            return PlugInError(f"--plugin {self.name}", what, remedy or "mend it, or leave it out")
        who = f"{self.provider}, entry point {self.name!r} of {self.group.value}"
        name = self.provider.rpartition(" ")[0] or self.provider
        return PlugInError(who, what, remedy or f"update {name}, or uninstall it")


def registered(path: Sequence[str]) -> tuple[PlugIn, ...]:
    """The plug-ins of the distributions in some folders, sorted.

    Reading all metadata through the standard library takes longer than many a scan. A look into
    the folders tells first whether any distribution says a word of this tool.

    Raises:
        PlugInError: A distribution's entry points cannot be read.
    """
    folders = [folder for folder in path if _speaks_of_us(folder)]
    if not folders:
        return ()
    from importlib.metadata import distributions

    found: dict[str, tuple[PlugIn, ...]] = {}
    for one in distributions(path=folders):
        text = one.read_text(_FILE)
        if text is not None and _SECTION in text:
            name = one.metadata["Name"] or "a distribution without a name"
            # The first one on the path is the one that is imported.
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), tuple(_of(one, name)))
    return tuple(sorted(plug_in for several in found.values() for plug_in in several))


def _of(distribution: Distribution, name: str) -> Iterator[PlugIn]:
    provider = f"{name} {distribution.metadata['Version'] or ''}".rstrip()
    groups = {group.value: group for group in Group}
    home = _home(distribution)
    try:
        points = list(distribution.entry_points)
    except Exception as problem:  # the standard library fails on bad lines in many ways
        message = f"its {_FILE} cannot be read: {problem}"
        raise PlugInError(provider, message, f"reinstall {name}, or uninstall it") from problem
    for point in points:
        group = groups.get(point.group)
        if group is not None:
            plug_in = PlugIn(group, point.name, point.value, provider, home)
            if not _VALUE.fullmatch(point.value):
                raise plug_in.problem(f"{point.value!r} is no module")
            yield plug_in
        elif point.group.startswith(_PREFIX):
            known = ", ".join(groups)
            message = f"there is no group {point.group!r} of entry points; there are {known}"
            raise PlugInError(provider, message, f"update {name} or this tool")


def _home(distribution: Distribution) -> str:
    """Where an editable install leads to, as PEP 610 has installers note it."""
    try:
        noted = msgspec.json.decode(distribution.read_text("direct_url.json") or "{}")
        is_editable, url = noted["dir_info"]["editable"], noted["url"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
    is_place = is_editable is True and isinstance(url, str) and url.startswith("file://")
    return unquote(urlsplit(url).path) if is_place else ""


def _speaks_of_us(folder: str) -> bool:
    """Whether a distribution in a folder registers something with this tool."""
    try:
        names = os.listdir(folder)
    except NotADirectoryError:  # an archive, into which only the standard library looks
        return True
    except OSError:
        return False
    return any(
        _mentions_us(os.path.join(folder, name, _FILE))
        for name in names
        if name.lower().endswith((".dist-info", ".egg-info", "egg-info"))
    )


def _mentions_us(file: str) -> bool:
    try:
        with open(file, "rb") as stream:
            return _SECTION.encode() in stream.read()
    except OSError:
        return False
