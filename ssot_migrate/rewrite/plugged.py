"""Asks the codemods of plug-ins what is to change; the tool carries it out and proves it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, get_args

from ssot_migrate.domain.errors import PlugInError, SsotMigrateError
from ssot_migrate.domain.outcome import Left, Outcome
from ssot_migrate.rewrite.decisions import AddImport, ReplaceCode, ReplaceString

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.engine import Rewritten

Change: TypeAlias = ReplaceCode | AddImport | ReplaceString | Left
"""What a plug-in may decide: edits that the tool can prove, and places left to a person."""

_REMEDY = "report it to its authors, or leave the plug-in out"


class Deciding(Protocol):
    """A codemod of a plug-in: a module with `decide`."""

    def decide(self, project: Project) -> Iterable[tuple[str, Change]]:
        """Yield paths of a project, each with something to change there, or left to a person."""


class Decider(NamedTuple):
    """A codemod of a plug-in.

    Args:
        provider: Whose it is.
        name: Its module.
        decide: Yields paths of a project, each with something to change there, or left.
    """

    provider: str
    name: str
    decide: Callable[[Project], Iterable[tuple[str, Change]]]

    def problem(self, what: str) -> PlugInError:
        """What is wrong with it."""
        return PlugInError(f"{self.provider}, codemod {self.name}", what, _REMEDY)


def decide_plugged(
    project: Project, deciders: Sequence[Decider], codes: Iterable[str] | None = None
) -> dict[str, tuple[Change, ...]]:
    """What plug-ins want of every file of a project.

    Args:
        project: The tree.
        deciders: The codemods.
        codes: The rules there are, one of which is the cause of each change; None for any.

    Raises:
        PlugInError: A codemod fails, or yields what it may not.
    """
    found: defaultdict[str, list[Change]] = defaultdict(list)
    known = None if codes is None else frozenset(codes)
    paths = frozenset(project.paths)
    for decider in deciders:
        try:
            for path, one in decider.decide(project):
                _check(decider, paths, path, one, known)
                found[path].append(one)
        except SsotMigrateError:
            raise
        except Exception as problem:  # of somebody else's code
            what = f"it fails: {type(problem).__name__}: {problem}"
            raise decider.problem(what) from problem
    project.preload(found)  # whatever a codemod looked at, the content that it saw must be known
    return {path: tuple(several) for path, several in found.items()}


def _check(
    decider: Decider,
    paths: frozenset[str],
    path: object,
    one: object,
    codes: frozenset[str] | None,
) -> None:
    if not isinstance(one, Change):
        kinds = ", ".join(kind.__name__ for kind in get_args(Change))
        raise decider.problem(f"it yields a {type(one).__name__}; there are {kinds}")
    if not isinstance(path, str) or path not in paths:
        raise decider.problem(f"it decides about {path!r}, which is no file of the project")
    if codes is not None and one.cause.code not in codes:
        raise decider.problem(f"it names {one.cause.code!r} as the cause, which is no rule")


def unsettled(
    project: Project,
    deciders: Sequence[Decider],
    rewritten: Sequence[Rewritten],
    is_meant: Callable[[Cause], bool],
) -> Mapping[str, str]:
    """Why files cannot be written: the codemods would change them again, by path.

    Args:
        project: The tree as it is.
        deciders: The codemods.
        rewritten: What became of its files.
        is_meant: Whether a change for that cause would be made.
    """
    changed = {
        one.outcome.path: one.outcome.after
        for one in rewritten
        if one.outcome.outcome is Outcome.CHANGED and one.outcome.after is not None
    }
    if not deciders or not changed:
        return {}
    after = project.of(project.files, {**project.index.contents.given, **changed})
    return {
        path: f"a second pass would change line {_line(one)} again"
        for path, several in decide_plugged(after, deciders).items()
        for one in several
        if path in changed and not isinstance(one, Left) and is_meant(one.cause)
    }


def _line(one: Change) -> int:
    if isinstance(one, (ReplaceCode, ReplaceString)):
        return one.span.line
    return one.above if isinstance(one, AddImport) else one.line
