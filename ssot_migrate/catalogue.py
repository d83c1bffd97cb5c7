"""Finds rules, codemods, packs and formats, bundled and of plug-ins; knows none by name."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import os
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from ssot_migrate import rules as bundled_rules
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.report import OWN_FORMATS
from ssot_migrate.lint.rule import Rule
from ssot_migrate.plugged_in.host import Host
from ssot_migrate.plugged_in.registered import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.rewrite.plugged import Decider


class _Process:
    """Whom this process trusts: what its command line names, and no tree that it scans."""

    def __init__(self) -> None:
        self.named: tuple[str, ...] = ()
        self.trees: tuple[str, ...] = ()
        self.host: Host | None = None

    def plug_ins(self) -> Host:
        """The plug-ins, looked for when they are asked for."""
        if self.host is None:
            here = () if (place := _here()) is None else (place,)
            own = {Group.PACKS: tuple(_packs()), Group.FORMATS: OWN_FORMATS}
            self.host = Host(self.named, (*here, *self.trees), own)
        return self.host


_PROCESS = _Process()


def admit(named: Sequence[str]) -> None:
    """Load these modules and files as plug-ins too; whoever names them answers for them."""
    if tuple(named) != _PROCESS.named:
        _PROCESS.named, _PROCESS.host = tuple(named), None


def admitted() -> tuple[str, ...]:
    """What `admit` was told, for a process that is started anew."""
    return _PROCESS.named


def keep_out_of(tree: Path) -> None:
    """Load no plug-in that lies in a tree, unless it was named."""
    if os.fspath(tree) not in (_here(), *_PROCESS.trees):
        _PROCESS.trees, _PROCESS.host = (*_PROCESS.trees, os.fspath(tree)), None


def notes() -> tuple[str, ...]:
    """What is to be said of plug-ins that are not loaded, a sentence each."""
    return _PROCESS.plug_ins().notes


def all_rules() -> tuple[type[Rule], ...]:
    """Every rule, sorted by code.

    Raises:
        PlugInError: A plug-in cannot be used.
    """
    own = _bundled()
    return tuple(sorted((*own, *_PROCESS.plug_ins().rules(own)), key=lambda rule: rule.code))


def selected_rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[type[Rule], ...]:
    """The rules that `select` names (all of them if it is empty) and `ignore` does not.

    Args:
        select: Codes, prefixes of codes, or names.
        ignore: The same; it wins over `select` unless `select` is more specific.

    Raises:
        UsageError: A selector matches no rule.
    """
    rules = all_rules()
    for selector in (*select, *ignore):
        if (problem := wrong_selector(selector)) is not None:
            raise UsageError(problem)
    chosen = []
    for rule in rules:
        wanted = max((rule.answers_to(s) for s in select), default=0 if select else 1)
        unwanted = max((rule.answers_to(s) for s in ignore), default=0)
        if wanted > unwanted:
            chosen.append(rule)
    return tuple(chosen)


def wrong_selector(selector: str) -> str | None:
    """Say that a selector matches no rule, and what was meant; None if it matches one."""
    rules = all_rules()
    known = any(rule.answers_to(selector) for rule in rules)
    return None if known else _unknown(selector, rules)


def find_rule(selector: str) -> type[Rule]:
    """The rule with that code or name.

    Raises:
        UsageError: There is none; the message names the nearest.
    """
    rules = all_rules()
    for rule in rules:
        if rule.is_called(selector):
            return rule
    raise UsageError(_unknown(selector, rules))


def codemod_names() -> tuple[str, ...]:
    """The modules of the bundled codemods, sorted."""
    from ssot_migrate import codemods as bundled_codemods

    return tuple(
        f"{bundled_codemods.__name__}.{module.name}"
        for module in pkgutil.iter_modules(bundled_codemods.__path__)
    )


def deciders() -> tuple[Decider, ...]:
    """The codemods of plug-ins, which say what is to change and leave it to the bundled ones.

    Raises:
        PlugInError: A plug-in cannot be used.
    """
    return _PROCESS.plug_ins().deciders


def pack(name: str) -> Path | None:
    """The file of a pack; None if there is none of that name.

    Raises:
        PlugInError: The plug-in that registers it does not bring it.
    """
    return _packs().get(name) or _PROCESS.plug_ins().pack(name)


def pack_names() -> tuple[str, ...]:
    """The names of the packs, sorted."""
    return tuple(sorted((*_packs(), *_PROCESS.plug_ins().packs)))


def format_names() -> tuple[str, ...]:
    """The names of the formats of reports: the tool's own, then those of plug-ins."""
    return (*OWN_FORMATS, *_PROCESS.plug_ins().formats)


def plugged_renderer(format_name: str) -> tuple[str, Callable[..., str]] | None:
    """Whose a plug-in's format is, and what writes it; None if there is none of that name.

    Raises:
        PlugInError: A plug-in cannot be used.
    """
    return _PROCESS.plug_ins().renderer(format_name)


def _packs() -> dict[str, Path]:
    return {
        file.stem: file
        for folder in bundled_rules.__path__
        for file in Path(folder, "packs").glob("*.toml")
    }


@functools.cache
def _bundled() -> tuple[type[Rule], ...]:
    return tuple(_rules_of_the_package())


def _rules_of_the_package() -> Iterator[type[Rule]]:
    for module_info in pkgutil.walk_packages(bundled_rules.__path__, f"{bundled_rules.__name__}."):
        module = importlib.import_module(module_info.name)
        for _, value in inspect.getmembers(module, inspect.isclass):
            if issubclass(value, Rule) and value.__module__ == module.__name__:
                yield value


def _unknown(selector: str, rules: Sequence[type[Rule]]) -> str:
    known = [text for rule in rules for text in (rule.code, rule.name())]
    near = difflib.get_close_matches(selector, known, 1, 0.5) or difflib.get_close_matches(
        selector.upper(), known, 1, 0.5
    )
    hint = f"; did you mean {near[0]!r}?" if near else "; `ssot-migrate rules` lists them"
    return f"no rule is called {selector!r}{hint}"


def _here() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
