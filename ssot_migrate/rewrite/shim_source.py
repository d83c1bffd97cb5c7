"""Writes compatibility modules: what stands at an old path and passes its names on, with a warning.

The text is what `ruff format` and isort's usual profile leave alone at 88 columns.
"""

from __future__ import annotations

import datetime
import json
import re
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WIDTH = 88
_INDENT = "    "
_COOKIE = re.compile(r"#.*?coding[:=]")


class Style(str, Enum):
    """How a shim passes names on."""

    GETATTR = "getattr"
    """When they are read, by a module `__getattr__` (PEP 562), which warns for each."""
    STATIC = "static"
    """When it is imported, by plain imports; it warns once."""


class Passed(msgspec.Struct, frozen=True, order=True):
    """A name that a shim passes on.

    Args:
        name: The name at the old path.
        target: What it stands for.
    """

    name: str
    target: SymbolPath


class Switch(msgspec.Struct, frozen=True):
    """An environment variable that brings the old implementation back.

    Args:
        variable: Its name.
        value: The value that does it, without quotation marks and backslashes.
        module: The module that keeps the old implementation.
    """

    variable: str
    value: str
    module: str


class Shim(msgspec.Struct, frozen=True, kw_only=True):
    """What a shim is to be.

    Args:
        module: The old path.
        passed: The names that it passes on.
        style: How.
        remove_by: The day by which it is to go, if there is one.
        switch: What brings the old implementation back, if anything does.
        header: Comments that stand above it, a line each: a licence, as a rule.
    """

    module: str
    passed: tuple[Passed, ...]
    style: Style = Style.GETATTR
    remove_by: datetime.date | None = None
    switch: Switch | None = None
    header: tuple[str, ...] = ()


def header_of(text: str) -> tuple[str, ...]:
    """The comments that a source starts with, without a declaration of its encoding."""
    rows: list[str] = []
    for row in re.split(r"\r\n|\r|\n", text):
        if not row.startswith("#"):
            break
        if not _COOKIE.match(row):
            rows.append(row.rstrip())
    return tuple(rows)


def shim_source(shim: Shim) -> str:
    """The text of a shim's file."""
    rows = _getattr(shim) if shim.style is Style.GETATTR else _static(shim)
    return "".join(f"{row}\n" for row in (*shim.header, *rows))


def _getattr(shim: Shim) -> Iterator[str]:
    yield from _docstring(shim)
    yield ""
    if shim.switch is not None:
        yield "import os"
    yield "import warnings"
    yield "from importlib import import_module"
    yield "from typing import TYPE_CHECKING"
    yield ""
    yield "if TYPE_CHECKING:"
    yield from _imports(shim.passed, _INDENT)
    yield ""
    yield from _exports(shim)
    yield ""
    yield "_MOVED = {"
    for one in _sorted(shim.passed):
        yield from _entry(one)
    yield "}"
    if shim.switch is not None:
        # Once, so that one process never has both.
        yield f"_IS_ROLLED_BACK = {_condition(shim.switch, '==')}"
    yield from _hooks(shim)


def _hooks(shim: Shim) -> Iterator[str]:
    """`__getattr__` and `__dir__`, out of sight of type checkers, which know the imports."""
    yield ""
    yield "if not TYPE_CHECKING:"
    yield ""
    yield "    def __getattr__(name: str) -> object:"
    yield "        if name not in _MOVED:"
    yield '            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'
    yield "        module, attribute = _MOVED[name]"
    yield "        warnings.warn("
    said = [f"{shim.module}.{{name}} is deprecated: ", "use {module}.{attribute}", _until(shim)]
    yield from _text(said, _INDENT * 3, "f")
    yield "            DeprecationWarning,"
    yield "            stacklevel=2,"
    yield "        )"
    if shim.switch is not None:
        yield "        if _IS_ROLLED_BACK:"
        yield f'            module, attribute = "{shim.switch.module}", name'
    yield "        return getattr(import_module(module), attribute)"
    yield ""
    yield "    def __dir__() -> list[str]:"
    yield "        return sorted({*globals(), *_MOVED})"


def _entry(one: Passed) -> Iterator[str]:
    row = f'{_INDENT}"{one.name}": ("{one.target.module}", "{one.target.name}"),'
    if len(row) <= _WIDTH:
        yield row
        return
    yield f'{_INDENT}"{one.name}": ('
    yield f'{_INDENT * 2}"{one.target.module}",'
    yield f'{_INDENT * 2}"{one.target.name}",'
    yield f"{_INDENT}),"


def _static(shim: Shim) -> Iterator[str]:
    yield from _docstring(shim)
    yield ""
    if shim.switch is None:
        yield "import warnings"
        yield ""
        yield from _imports(shim.passed, "")
    else:
        yield "import os"
        yield "import warnings"
        yield "from typing import TYPE_CHECKING"
        yield ""
        yield f"if TYPE_CHECKING or {_condition(shim.switch, '!=')}:"
        yield from _imports(shim.passed, _INDENT)
        yield "else:"
        kept = (Passed(one.name, SymbolPath(shim.switch.module, one.name)) for one in shim.passed)
        yield from _imports(kept, _INDENT)
    yield ""
    yield from _exports(shim)
    yield ""
    yield "warnings.warn("
    homes = ", ".join(_homes(shim))
    yield from _text([f"{shim.module} is deprecated: ", f"use {homes}", _until(shim)], _INDENT)
    yield f"{_INDENT}DeprecationWarning,"
    yield f"{_INDENT}stacklevel=2,"
    yield ")"


def _docstring(shim: Shim) -> Iterator[str]:
    homes = _homes(shim)
    start = f'"""Deprecated: use {homes[0]}{_until(shim)}.'
    rows: list[str] = []
    if len(homes) > 1 or len(start) + 3 > _WIDTH:
        shown = "this module" if len(homes) == 1 else "these modules"
        start = f'"""Deprecated: use {shown}{_until(shim)}.'
        rows += ["", *(f"- {home}" for home in homes)]
    if shim.switch is not None:
        rows += ["", f"With {shim.switch.variable}={shim.switch.value} its names are those of"]
        rows += [f"{shim.switch.module}, as before."]
    yield from [start, *rows, '"""'] if rows else [f'{start}"""']


def _homes(shim: Shim) -> list[str]:
    return sorted({one.target.module for one in shim.passed})


def _until(shim: Shim) -> str:
    return f"; it goes by {shim.remove_by.isoformat()}" if shim.remove_by else ""


def _text(pieces: Sequence[str], indent: str, prefix: str = "") -> Iterator[str]:
    """A string literal as an argument, on one line or, where that is too long, in pieces."""
    rows = [""]
    for piece in filter(None, pieces):
        # Two quotes, the prefix and a comma come besides.
        if rows[-1] and len(f"{indent}{prefix}{rows[-1]}{piece}") + 3 > _WIDTH:
            rows.append("")
        rows[-1] += piece
    quoted = [f'{indent}{prefix if "{" in row else ""}"{row}"' for row in rows]
    yield from (*quoted[:-1], f"{quoted[-1]},")


def _condition(switch: Switch, operator: str) -> str:
    return f'os.environ.get("{switch.variable}") {operator} "{switch.value}"'


def _imports(passed: Iterable[Passed], indent: str) -> Iterator[str]:
    plain: dict[str, list[str]] = {}
    statements: list[tuple[str, str, str, list[str]]] = []
    for one in _sorted(passed):
        home, original = one.target.module, one.target.name
        if one.name == original and not one.name.startswith("_"):
            if home not in plain:
                plain[home] = []
                statements.append((home, original, "", plain[home]))
            plain[home].append(original)
        else:
            statements.append((home, original, one.name, [f"{original} as {one.name}"]))
    statements.sort(key=lambda one: (one[0], _rank(one[1]), one[2] != "", _rank(one[2])))
    for home, _first, _alias, names in statements:
        row = f"{indent}from {home} import {', '.join(names)}"
        if len(row) <= _WIDTH:
            yield row
        else:
            yield f"{indent}from {home} import ("
            yield from (f"{indent}{_INDENT}{name}," for name in names)
            yield f"{indent})"


def _exports(shim: Shim) -> Iterator[str]:
    public = (one.name for one in shim.passed if not one.name.startswith("_"))
    names = sorted(public, key=lambda name: _rank(name, is_folded=False))
    row = f"__all__ = {json.dumps(names, ensure_ascii=False)}"
    if len(row) <= _WIDTH:
        yield row
    else:
        yield "__all__ = ["
        yield from (f'{_INDENT}"{name}",' for name in names)
        yield "]"


def _sorted(passed: Iterable[Passed]) -> Sequence[Passed]:
    return sorted(passed, key=lambda one: _rank(one.name))


def _rank(name: str, *, is_folded: bool = True) -> tuple[int, list[tuple[int, str]], str]:
    """Where isort puts a name: constants, classes, the rest, and numbers by their value.

    In imports it disregards case, in `__all__` it does not.
    """
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    parts = re.findall(r"(\d+)|(\D+)", name.lower() if is_folded else name)
    return kind, [(int(digits or -1), text) for digits, text in parts], name
