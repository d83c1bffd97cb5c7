"""The plug-ins of this process: looked for once, loaded when somebody asks for them."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ssot_migrate.plugged_in import checks
from ssot_migrate.plugged_in.loading import digest_of, lies_in, load
from ssot_migrate.plugged_in.registered import Group, PlugIn, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.rewrite.plugged import Decider


class Host:
    """Plug-ins that are installed, and those that a command line names.

    Args:
        named: Modules, files that end in `.py`, or folders of packages, with a slash; their user
            answers for them.
        trees: Folders that are scanned: what is installed and lies there is not loaded.
        own: The tool's own names by group, which nobody else may take.
    """

    def __init__(
        self, named: Sequence[str], trees: Sequence[str], own: Mapping[Group, Sequence[str]]
    ) -> None:
        self._named = tuple(PlugIn(None, text, text) for text in named)
        self._trees = tuple(trees)
        self._own = own
        self._modules: dict[PlugIn, tuple[ModuleType, ...]] = {}
        self._rules: tuple[type[Rule], ...] | None = None

    @cached_property
    def _sorted_out(self) -> tuple[tuple[PlugIn, ...], Mapping[str, str]]:
        """What may be loaded, and whose code lies where in the scanned tree."""
        inside: dict[str, str] = {}
        usable: list[PlugIn] = []
        for one in registered(sys.path):
            if place := lies_in(one, self._trees):
                inside[one.provider] = place
            else:
                usable.append(one)
        checks.check_registered(usable, self._own)
        return tuple(usable), inside

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not loaded, a sentence each."""
        return tuple(
            f"the plug-in {provider} lies in the scanned tree, so it is not loaded: "
            f"`--plugin {place}` does so all the same"
            for provider, place in self._sorted_out[1].items()
        )

    def _of(self, group: Group) -> tuple[PlugIn, ...]:
        return tuple(one for one in self._sorted_out[0] if one.group is group)

    def _loaded(self, plug_in: PlugIn) -> tuple[ModuleType, ...]:
        if plug_in not in self._modules:
            if plug_in.is_file and not os.path.isfile(plug_in.module):
                raise plug_in.problem("there is no such file")
            if plug_in.is_folder and not os.path.isfile(
                os.path.join(plug_in.module, "__init__.py")
            ):
                raise plug_in.problem("there is no package in this folder")
            self._modules[plug_in] = load(plug_in)
            if plug_in.group is None:
                self._check_named(plug_in)
        return self._modules[plug_in]

    def _check_named(self, plug_in: PlugIn) -> None:
        modules = self._modules[plug_in]
        offers = (
            *checks.rules_of(plug_in, modules, ""),
            *checks.deciders_of(plug_in, modules),
            *(one for one in modules if checks.renderer_of(plug_in, one) is not None),
        )
        if not offers:
            raise plug_in.problem(f"{plug_in.module} has no rule, no `decide` and no `render`")

    def rules(self, own: Sequence[type[Rule]]) -> tuple[type[Rule], ...]:
        """The rules of all plug-ins.

        Args:
            own: The tool's rules, with which they may not clash.

        Raises:
            PlugInError: One of them cannot be used.
        """
        if self._rules is None:
            self._rules = tuple(self._all_rules())
            checks.check_together(self._rules, own)
        return self._rules

    def _all_rules(self) -> list[type[Rule]]:
        found: list[type[Rule]] = []
        for plug_in in (*self._of(Group.RULES), *self._named):
            modules = self._loaded(plug_in)
            digest = digest_of(plug_in, modules[0])
            several = list(checks.rules_of(plug_in, modules, digest))
            if not several and plug_in.group is not None:
                raise plug_in.problem(f"{plug_in.module} has no rule")
            found += (rule for rule in several if rule not in found)
        return found

    @cached_property
    def deciders(self) -> tuple[Decider, ...]:
        """The codemods of all plug-ins.

        Raises:
            PlugInError: One of them cannot be used.
        """
        found: list[Decider] = []
        for plug_in in (*self._of(Group.CODEMODS), *self._named):
            several = list(checks.deciders_of(plug_in, self._loaded(plug_in)))
            if not several and plug_in.group is not None:
                raise plug_in.problem(f"{plug_in.module} has no function `decide`")
            found += several
        return tuple(found)

    @property
    def packs(self) -> tuple[str, ...]:
        """The names of the packs, sorted."""
        return tuple(one.name for one in self._of(Group.PACKS))

    def pack(self, name: str) -> Path | None:
        """The file of a pack; None if no plug-in has one of that name.

        Raises:
            PlugInError: The plug-in that registers it does not bring it.
        """
        for plug_in in self._of(Group.PACKS):
            if plug_in.name == name:
                folders = getattr(self._loaded(plug_in)[0], "__path__", ())
                for folder in folders:
                    if (file := Path(folder, f"{name}.toml")).is_file():
                        return file
                raise plug_in.problem(f"there is no {name}.toml in the package {plug_in.module}")
        return None

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the formats, sorted."""
        return tuple(sorted((*(one.name for one in self._of(Group.FORMATS)), *self._renderers)))

    def renderer(self, name: str) -> tuple[str, Callable[..., str]] | None:
        """Whose a format is, and what writes it; None if no plug-in has one of that name.

        Raises:
            PlugInError: The plug-in that registers it cannot be used.
        """
        for plug_in in self._of(Group.FORMATS):
            if plug_in.name == name:
                module = self._loaded(plug_in)[0]
                render = checks.renderer_of(plug_in, module)
                if render is None:
                    raise plug_in.problem(f"{plug_in.module} has no function `render`")
                return plug_in.provider, render
        return self._renderers.get(name)

    @cached_property
    def _renderers(self) -> Mapping[str, tuple[str, Callable[..., str]]]:
        """The formats of named plug-ins: modules that render, under their own names."""
        return dict(self._named_renderers())

    def _named_renderers(self) -> Iterator[tuple[str, tuple[str, Callable[..., str]]]]:
        for plug_in in self._named:
            for module in self._loaded(plug_in):
                render = checks.renderer_of(plug_in, module)
                if render is not None:
                    name = module.__name__.rpartition(".")[2].replace("_", "-")
                    if name in self._own[Group.FORMATS]:
                        raise plug_in.problem(f"the format {name!r} is the tool's own")
                    yield name, (plug_in.name, render)
