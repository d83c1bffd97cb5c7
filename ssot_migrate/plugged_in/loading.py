"""Imports plug-ins: what is installed, or what the command line names; nothing of the tree."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import os
import pkgutil
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from ssot_migrate.plugged_in.registered import PlugIn

_NAMED = "ssot_migrate_plugin"
_NO_WORD = re.compile(r"\W")


def lies_in(plug_in: PlugIn, trees: Iterable[str]) -> str:
    """The place of a plug-in's code in the scanned trees; empty if it lies in none of them.

    An environment may lie in the tree, and an editable install may lead from one into it. Nothing
    is imported to find out.

    Args:
        plug_in: What is registered.
        trees: Folders whose code is not to be run.
    """
    installed = [os.path.realpath(folder) for folder in _installation()]
    scanned = [os.path.realpath(tree) for tree in trees]
    for place in map(os.path.realpath, _places(plug_in)):
        is_installed = any(_is_below(place, folder) for folder in installed)
        if not is_installed and any(_is_below(place, tree) for tree in scanned):
            return place
    return ""


def _places(plug_in: PlugIn) -> Iterator[str]:
    """Where a plug-in's code lies, as far as that can be told."""
    top = plug_in.module.partition(".")[0]
    spec = None
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(top)
    if spec is not None:
        yield from spec.submodule_search_locations or ()
        yield from (spec.origin,) if spec.origin else ()
    if plug_in.home:
        # Python may not be able to find it any more: the tree is not searched for modules.
        usual = (os.path.join(plug_in.home, part, top) for part in ("src", ""))
        yield from (folder for folder in usual if os.path.isdir(folder))
        yield plug_in.home


def load(plug_in: PlugIn) -> tuple[ModuleType, ...]:
    """Import a plug-in's module and all modules below it; what it prints goes to stderr.

    Raises:
        PlugInError: One of them cannot be imported.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            first = _first(plug_in)
            return (first, *_below(first))
    except (Exception, SystemExit) as problem:  # whatever somebody's module may raise
        said = f"{type(problem).__name__}: {problem}"
        raise plug_in.problem(f"{plug_in.module} cannot be imported: {said}") from problem


def _first(plug_in: PlugIn) -> ModuleType:
    if plug_in.is_file:
        return _from_file(plug_in)
    if plug_in.is_folder:
        return _from_folder(plug_in)
    return importlib.import_module(plug_in.module)


def _from_folder(plug_in: PlugIn) -> ModuleType:
    """Import a package by its folder; its neighbours can be imported only while that lasts."""
    parent, name = os.path.split(os.path.abspath(plug_in.module))
    sys.path.append(parent)
    try:
        module = importlib.import_module(name)
    finally:
        sys.path.remove(parent)
    if os.path.join(parent, name) not in getattr(module, "__path__", ()):
        raise ImportError(f"another module is called {name!r}: {module.__file__}")
    return module


def _from_file(plug_in: PlugIn) -> ModuleType:
    file = os.path.abspath(plug_in.module)
    stem = os.path.basename(file).removesuffix(".py")
    if not stem.isidentifier():
        raise ImportError(f"{stem!r} is no name of a module")
    # Two files of one name are two modules; a rule is called like the last part.
    name = f"{_NAMED}.{_NO_WORD.sub('_', os.path.dirname(file))}.{stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise ImportError("it is no Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def _below(module: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{module.__name__}."):
        inner = importlib.import_module(info.name)
        yield inner
        yield from _below(inner)


def digest_of(plug_in: PlugIn, module: ModuleType) -> str:
    """Identity of a plug-in's code: its version, and what its folder holds.

    An editable install, or a file, changes without a new version.

    Args:
        plug_in: The plug-in.
        module: Its own module.
    """
    digest = hashlib.blake2b(plug_in.provider.encode(), digest_size=12)
    for file in _sources(module, is_alone=plug_in.is_file):
        with contextlib.suppress(OSError), open(file, "rb") as stream:
            data = stream.read()
            digest.update(f"{os.path.basename(file)}\0{len(data)}\0".encode("utf-8", "replace"))
            digest.update(data)
    return digest.hexdigest()


def _sources(module: ModuleType, *, is_alone: bool) -> Iterator[str]:
    """The files of a module's package, in a fixed order; of one without a package, its own."""
    file = module.__file__ or ""
    if is_alone or ("." not in module.__name__ and not hasattr(module, "__path__")):
        yield file
        return
    for folder, folders, files in os.walk(os.path.dirname(file)):
        folders.sort()
        yield from (os.path.join(folder, one) for one in sorted(files) if one.endswith(".py"))


def _installation() -> list[str]:
    """The folders of installed packages."""
    import site

    return [*site.getsitepackages(), site.getusersitepackages()]


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(os.path.join(folder, ""))
