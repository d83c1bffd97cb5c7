"""Which dotted path a literal spells, whatever form it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.index.facts import DottedString


def spelled(path: str, module: str, text: DottedString) -> str:
    """The path that a string names; empty where what it counts from is not known.

    Args:
        path: The file.
        module: The file's module.
        text: The string.
    """
    value = text.value
    if text.form == "entry":
        return value.partition("=")[2].partition("[")[0].strip()
    if text.form == "pattern":
        value = value.strip("^$").removesuffix(".*").removesuffix("\\b").rstrip("\\")
        return value.replace("\\.", ".")
    return _absolute(path, module, text) if text.form == "relative" else value


def _absolute(path: str, module: str, text: DottedString) -> str:
    """The module that a relative name imports; empty where its package is not known."""
    name = text.value.lstrip(".")
    is_package = path.rpartition("/")[2].startswith("__init__.")
    package = {
        "__package__": module if is_package else module.rpartition(".")[0],
        "__name__": module,
        "__spec__.parent": module if is_package else module.rpartition(".")[0],
    }.get(text.beside, text.beside)
    for _ in range(len(text.value) - len(name) - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{name}" if package else ""
