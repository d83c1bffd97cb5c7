"""`shim`: puts a compatibility module at the path that a module had."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.replacements import declared
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Outcome
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.index.parse import parse
from ssot_migrate.index.worker import MODULE
from ssot_migrate.resolve.graph import ImportEdge, When, edges_of
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.rewrite.shim_source import Shim, Style, Switch, header_of, shim_source
from ssot_migrate.rewrite.surface import Surface, surface
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.usecases.suggest import nearest_name
from ssot_migrate.usecases.writing import write_at_once
from ssot_migrate.workspace.source import Undecodable, decode, read

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from ssot_migrate.lint.project import Project

_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_VALUE = re.compile(r"[^\"'\\{}]*")
_AT_IMPORT = (When.RUNTIME, When.FALLBACK)
_MOST_TOLD = 10


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of shim, and where.

    Args:
        module: The old path.
        style: How it passes names on.
        env: `NAME=VALUE`: with this in the environment, the old implementation is back.
    """

    module: str
    style: Style = Style.GETATTR
    env: str | None = None


def shim(
    request: Request,
    wanted: Wanted,
    *,
    is_dry: bool = False,
    force: bool = False,
    command: Sequence[str] = (),
    progress: Progress = no_progress,
) -> ApplyReport:
    """Write a shim, and with a switch a copy of the old implementation beside it, as one run.

    Args:
        request: Which project.
        wanted: What is to be written.
        is_dry: Whether to write nothing.
        force: Whether to write to files with uncommitted changes, and to read-only files.
        command: The command line, for the history.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: The registry has no replacement for the module, or an option cannot be used.
        TransactionError: Nothing was written.
    """
    with open_project(request, progress) as opened:
        report = _planned(opened, wanted)
        root = opened.root
    if is_dry:
        return report
    return write_at_once(root, report, command=command, force=force)


def _planned(opened: Opened, wanted: Wanted) -> ApplyReport:
    project = opened.project
    writer = _Writer(project, wanted)
    outcomes, notes = writer.outcomes()
    return ApplyReport(
        root=".",
        files=tuple(sorted(outcomes, key=lambda one: one.path)),
        looked_at=len(project.paths),
        errors=opened.unreadable(),
        notes=(*opened.notes, *notes),
    )


class _Writer:
    """Decides what one shim is to be.

    Raises:
        UsageError: There can be no such shim.
    """

    def __init__(self, project: Project, wanted: Wanted) -> None:
        self._project = project
        self._wanted = wanted
        self._module = wanted.module
        self._file = project.modules.path_of(wanted.module)
        self._require_replacement()
        self._env = None if wanted.env is None else self._switch(wanted.env)

    def outcomes(self) -> tuple[list[FileOutcome], list[str]]:
        """The files to write, or the refusal, and what to know besides."""
        path = self._file or self._place()
        has = surface(self._project, self._module)
        before = b"" if self._file is None else read(self._project.index.root, path)
        if isinstance(before, FileError):
            return [FileOutcome(path=path, outcome=Outcome.REFUSED, why=before.message)], []
        why = self._obstacle(has)
        if why:
            return [FileOutcome(path=path, outcome=Outcome.REFUSED, why=why)], []
        shim = Shim(
            module=self._module,
            passed=has.passed,
            style=self._wanted.style,
            remove_by=self._remove_by(),
            switch=self._env,
            header=header_of(_text(before)),
        )
        after = shim_source(shim).encode()
        if b"\r\n" in before:
            after = after.replace(b"\n", b"\r\n")
        why = self._flaw(path, after, shim)
        if why:
            return [FileOutcome(path=path, outcome=Outcome.REFUSED, why=why)], []
        return self._written(path, before, after), [*self._notes(path, has)]

    # --- what there is to say against it --------------------------------------------------------

    def _require_replacement(self) -> None:
        deprecations = self._project.deprecations
        has_names = any(entry.path.module == self._module for entry in deprecations)
        if has_names or deprecations.match(SymbolPath(self._module)) is not None:
            return
        hint = "" if self._file else nearest_name(self._project, SymbolPath(self._module))
        raise UsageError(f"the registry has no replacement for {self._module!r}{hint}")

    def _obstacle(self, has: Surface) -> str:
        if not has.is_readable:
            return "cannot be parsed, so what it provides is not known"
        if has.lost:
            names = ", ".join(has.lost[:_MOST_TOLD])
            more = f" and {len(has.lost) - _MOST_TOLD} more" if len(has.lost) > _MOST_TOLD else ""
            return (
                f"the registry has no replacement for {names}{more}, so nothing of that would be "
                "left: add a move for each, or take it out of the module first"
            )
        if not has.passed:
            return "there is nothing to pass on"
        return self._circle(has)

    def _circle(self, has: Surface) -> str:
        """How a replacement comes to import the shim, if it does and did not before."""
        seen = {self._module}
        pending = {one.target.module for one in has.passed}
        # Round these it goes already, and it works.
        pending -= {edge.imported for edge in self._imported(self._module)}
        while pending:
            module = min(pending)
            pending.remove(module)
            seen.add(module)
            for edge in self._imported(module):
                if edge.imported == self._module:
                    return (
                        f"{edge.path}:{edge.line} imports `{self._module}` when the replacement "
                        "is imported, which would go round in a circle: move that import first"
                    )
                if edge.imported not in seen:
                    pending.add(edge.imported)
        return ""

    def _imported(self, module: str) -> Iterator[ImportEdge]:
        """What a module imports as it is imported itself."""
        path = self._project.modules.path_of(module)
        facts = self._project.facts(path) if path is not None else None
        if path is not None and facts is not None:
            for edge in edges_of(path, facts, self._project.resolver):
                if edge.when in _AT_IMPORT:
                    yield edge

    def _flaw(self, path: str, after: bytes, shim: Shim) -> str:
        """What is wrong with the text of a shim, asked as of any other module; empty if nothing."""
        tree = parse(after)
        if isinstance(tree, Unparsable):
            return f"the shim cannot be parsed: {tree.message}"
        if self._file is None:
            return ""
        view = self._project.as_if({(path, MODULE): module_facts(tree, after)})
        if not view.shims.is_shim(path):
            return "its names all come from inside the package, which is their home and no shim"
        for one in shim.passed:
            found = view.resolver.bound(path, one.name).symbol
            if found.dotted != view.resolver.path(one.target).symbol.dotted:
                return f"the shim's `{one.name}` would not be `{one.target}`"
        return ""

    # --- what is written ------------------------------------------------------------------------

    def _written(self, path: str, before: bytes, after: bytes) -> list[FileOutcome]:
        if self._file is None:
            return [FileOutcome(path=path, outcome=Outcome.CHANGED, after=after, is_new=True)]
        if before == after:
            return []
        shim = FileOutcome(path=path, outcome=Outcome.CHANGED, before=before, after=after)
        if self._env is None:
            return [shim]
        kept = self._kept_path(path)
        return [
            shim,
            FileOutcome(path=kept, outcome=Outcome.CHANGED, after=before, is_new=True),
        ]

    def _switch(self, env: str) -> Switch:
        variable, equals, value = env.partition("=")
        if not equals or not _VARIABLE.fullmatch(variable):
            raise UsageError(f"--env {env!r}: write it as NAME=VALUE")
        if not _VALUE.fullmatch(value) or not value.isprintable():
            raise UsageError(f"--env {env!r}: no quotes, braces, backslashes or controls, please")
        if self._file is None or self._project.shims.is_shim(self._file):
            raise UsageError(
                f"--env {env!r}: `{self._module}` has no implementation of its own to go back to"
            )
        kept = self._kept_path(self._file)
        if self._project.modules.has_file(kept):
            raise UsageError(f"{kept} is there already: the old implementation would be kept in it")
        package = self._module if is_package_file(self._file) else self._module.rpartition(".")[0]
        leaf = os.path.basename(kept).removesuffix(".py")
        return Switch(variable, value, f"{package}.{leaf}" if package else leaf)

    @staticmethod
    def _kept_path(path: str) -> str:
        """Where the old implementation goes: beside the shim, so that relative imports hold."""
        folder, name = os.path.split(path)
        leaf = "_legacy.py" if is_package_file(path) else f"_{name.removesuffix('.py')}_legacy.py"
        return f"{folder}/{leaf}" if folder else leaf

    def _place(self) -> str:
        """The file for a module that is gone: beside its neighbours, or below the first root."""
        modules = self._project.modules
        parent, _, leaf = self._module.rpartition(".")
        below = [name for name in modules.folders_of(parent) if self._is_folder(name)]
        if below or not parent:
            folder = below[0] if below else next(iter(self._project.roots), "")
            return f"{folder}/{leaf}.py" if folder else f"{leaf}.py"
        raise UsageError(
            f"there is no package {parent!r} in this tree to put `{self._module}` into: make it"
        )

    def _is_folder(self, path: str) -> bool:
        return (self._project.index.root / path).is_dir()

    def _remove_by(self) -> datetime.date | None:
        days = [
            entry.remove_by
            for entry in declared(self._project.registry)
            if entry.remove_by and entry.path.module == self._module
        ]
        return min(days, default=None)

    # --- what to know besides -------------------------------------------------------------------

    def _notes(self, path: str, has: Surface) -> Iterator[str]:
        if has.dropped:
            left_out = ", ".join(has.dropped)
            yield f"left out, since the registry has no replacement for them: {left_out}"
        if has.is_open:
            yield f"`{self._module}` may provide more names than can be read in it"
        if self._project.modules.has_file(f"{path}i"):
            yield f"{path}i still describes the old module: delete it"
        if is_package_file(path):
            names = map(self._project.modules.name_of, self._project.paths)
            inner = sorted(name for name in names if name.startswith(f"{self._module}."))
            if inner:
                yield f"modules inside need shims of their own: {', '.join(inner[:_MOST_TOLD])}"


def _text(data: bytes) -> str:
    text = decode(data)
    return "" if isinstance(text, Undecodable) else text
