"""Names of modules from paths of files, for any number of import roots."""

from __future__ import annotations

import sys
from posixpath import dirname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SUFFIXES = (".pyi", ".py")


class ModuleMap:
    """The tree's modules.

    A file under several roots is named from the innermost one and known under the others' names
    too. A package wins over a module of the same name, a module over a folder without
    `__init__.py`, a source file over its stub, an earlier root over a later one. Where projects
    have modules of the same name, as their `tests.helpers`, the first one keeps it, the others are
    named by their paths, and each project finds its own.

    Args:
        paths: POSIX paths of the files, relative to the project's root.
        roots: Import roots, relative to the project's root; an empty string is the root itself.
        links: Links to files, with the path under which the file itself is listed.
        compiled: Paths of files that are compiled modules, or that one is made of.
    """

    def __init__(
        self,
        paths: Iterable[str],
        roots: Sequence[str],
        links: Iterable[tuple[str, str]] = (),
        compiled: Iterable[str] = (),
    ) -> None:
        self._name_of: dict[str, str] = {}
        self._path_of: dict[str, str] = {}
        self._namespaces: set[str] = set()
        self._neighbours: dict[tuple[str, str], str | None] = {}
        order = {f"{root}/" if root else "": rank for rank, root in [*enumerate(roots)][::-1]}
        prefixes = self._prefixes = sorted(order, key=len, reverse=True)
        own: list[tuple[tuple[bool, bool, int, bool, str], str]] = []
        others: list[tuple[str, str]] = []
        unspellable: set[str] = set()
        for path in sorted(paths):
            above = [prefix for prefix in prefixes if path.startswith(prefix)] or [""]
            names = [_dotted(path[len(prefix) :]) for prefix in above]
            self._name_of[path] = names[0]
            # `foo.bar.py` is no submodule of `foo`.
            if "." in _stem(path[len(above[0]) :]):
                unspellable.add(path)
            rank = order.get(above[0], len(order))
            is_module = not is_package_file(path)
            own.append(
                ((path.endswith(".pyi"), path in unspellable, rank, is_module, path), names[0])
            )
            others += [(name, path) for name in names[1:]]
        self._contested: set[str] = set()
        for (*_rank, path), name in sorted(own):
            winner = self._path_of.setdefault(name, path)
            if winner != path and self._root_of(winner) != self._root_of(path):
                self._contested.add(name.partition(".")[0])
                if (longer := _dotted(path)) not in self._path_of:
                    self._name_of[path] = longer
                    self._path_of[longer] = path
        for link, path in links:
            others += [(_dotted(link[len(p) :]), path) for p in prefixes if link.startswith(p)]
        for name, path in others:
            self._path_of.setdefault(name, path)
        for name, path in self._path_of.items():
            package = "" if path in unspellable else name.rpartition(".")[0]
            while package and package not in self._path_of and package not in self._namespaces:
                self._namespaces.add(package)
                package = package.rpartition(".")[0]
        self._with_modules = {
            name.rpartition(".")[0]
            for name, path in self._path_of.items()
            if not is_package_file(path)
        }
        self._compiled = {
            _dotted(_uncompiled(path[len(prefix) :]))
            for path in compiled
            for prefix in prefixes
            if path.startswith(prefix)
        }
        self._namespaces -= {name for name in self._namespaces if name in sys.stdlib_module_names}

    def name_of(self, path: str) -> str:
        """The module's dotted name; for a path outside every root, the path with dots."""
        return self._name_of[path] if path in self._name_of else _dotted(path)

    def has_file(self, path: str) -> bool:
        """Whether the tree holds a file at `path`."""
        return path in self._name_of

    def path_of(self, module: str) -> str | None:
        """The file that an import of `module` runs, or None (a namespace package has none)."""
        return self._path_of.get(module)

    def is_namespace(self, module: str) -> bool:
        """Whether `module` is a folder of modules without `__init__.py`."""
        return module in self._namespaces

    def is_shared(self, module: str) -> bool:
        """Whether `module` is a namespace of packages only, to which others may add theirs."""
        return module in self._namespaces and module not in self._with_modules

    def exists(self, module: str) -> bool:
        """Whether the tree can import `module`."""
        return module in self._path_of or module in self._namespaces

    def is_compiled(self, module: str) -> bool:
        """Whether `module` is, or lies below, a compiled module that no Python file stands for."""
        while module and module not in self._compiled:
            module = module.rpartition(".")[0]
        return bool(module) and module not in self._path_of

    def is_first_party(self, module: str) -> bool:
        """Whether the first segment of `module` belongs to the tree."""
        return self.exists(module.partition(".")[0])

    def folders_of(self, package: str) -> tuple[str, ...]:
        """The folders whose files may name what is in `package` by a relative import alone."""
        path = self._path_of.get(package)
        if path is not None:
            return (dirname(path),) if is_package_file(path) else ()
        tail = package.replace(".", "/")
        return tuple(f"{prefix}{tail}" for prefix in self._prefixes) if package else ()

    def absolute(self, path: str, level: int, module: str) -> str | None:
        """The absolute name of a module imported in the file at `path`.

        None where there are more dots than packages. A bare name that neither a root nor the
        standard library knows may be a neighbour of a file that is run by its path, outside any
        package.
        """
        if level:
            return self._relative(path, level, module)
        first, dot, rest = module.partition(".")
        if first in self._contested:
            return self._own(path, module)
        if first and not self.exists(first) and first not in sys.stdlib_module_names:
            folder = path.rpartition("/")[0]
            if (folder, first) not in self._neighbours:
                self._neighbours[folder, first] = self._neighbour(folder, first)
            neighbour = self._neighbours[folder, first]
            if neighbour is not None:
                return f"{neighbour}{dot}{rest}"
        return module

    def _neighbour(self, folder: str, first: str) -> str | None:
        base = f"{folder}/" if folder else ""
        if f"{base}__init__.py" in self._name_of:
            return None
        return self._at(f"{base}{first}")

    def _root_of(self, path: str) -> str:
        """The innermost root above a file, with a slash behind it."""
        return next((prefix for prefix in self._prefixes if path.startswith(prefix)), "")

    def _own(self, path: str, module: str) -> str:
        """The module of that name in the innermost root that has one, as seen from a file."""
        tail = module.replace(".", "/")
        for prefix in self._prefixes:
            if path.startswith(prefix):
                own = self._at(f"{prefix}{tail}")
                if own is not None:
                    return own
        return module

    def _at(self, place: str) -> str | None:
        """The name of the package or module that lies at a path without its ending."""
        files = (f"{place}/__init__.py", f"{place}.py")
        return next((self._name_of[file] for file in files if file in self._name_of), None)

    def _relative(self, path: str, level: int, module: str) -> str | None:
        name = self.name_of(path)
        parts = name.split(".") if name else []
        # The root itself is a package if it holds an `__init__.py`.
        has_top = "" in self._path_of
        above = level - 1 if is_package_file(path) else level
        if above > len(parts) or (above == len(parts) and not has_top):
            return None
        parts = parts[: len(parts) - above]
        if parts and parts[0] in self._contested:
            own = f"{'/'.join(path.split('/')[:-level])}/__init__.py"
            parts = [self._name_of[own]] if own in self._name_of else parts
        return ".".join([*parts, module] if module else parts)


def inside(module: str, name: str) -> str:
    """The dotted name of a submodule; the root's own package has an empty name."""
    return f"{module}.{name}" if module else name


def is_hidden(module: str, seen_from: str) -> bool:
    """Whether a module is private to a package around another: then that one is its public face."""
    shared = 0
    theirs, ours = module.split("."), seen_from.split(".")
    while shared < min(len(theirs), len(ours)) and theirs[shared] == ours[shared]:
        shared += 1
    return any(part.startswith("_") for part in theirs[shared:])


def is_package_file(path: str) -> bool:
    """Whether the file is a package's own, `__init__.py` or its stub."""
    return path.rpartition("/")[2] in ("__init__.py", "__init__.pyi")


def _uncompiled(path: str) -> str:
    """The path of a compiled module without what its platform or its compiler adds to the name."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _stem(path: str) -> str:
    for suffix in _SUFFIXES:
        path = path.removesuffix(suffix)
    return path


def _dotted(path: str) -> str:
    path = _stem(path)
    if path == "__init__":
        return ""
    return path.removesuffix("/__init__").replace("/", ".")
