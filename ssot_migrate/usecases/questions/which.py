"""`which`: the canonical import for a name, and what not to use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Category
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.index import no_progress
from ssot_migrate.usecases.project import open_project

if TYPE_CHECKING:
    from ssot_migrate.config.model import Concept
    from ssot_migrate.index.index import Progress
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.project import Request


class Candidate(msgspec.Struct, frozen=True, order=True):
    """A place that provides a name.

    Args:
        symbol: `module:Name`.
        path: The file.
        line: 1-based line of the definition or of the binding that passes it on.
        verdict: `canonical`, `deprecated`, `shim`, `re-export`, `duplicate` or `definition`.
        canonical: What it stands for, or what to use instead.
    """

    symbol: str
    path: str
    line: int
    verdict: str
    canonical: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What to import for a name.

    Args:
        name: As it was asked for.
        canonical: The one home, as `module:Name`; None where none is decided.
        statement: The import statement to write.
        concept: The registry's concept.
        owner: Who owns it.
        reason: Why it is the canonical one.
        others: Every other place that provides the name.
    """

    name: str
    canonical: str | None
    statement: str | None
    concept: str | None = None
    owner: str = ""
    reason: str = ""
    others: tuple[Candidate, ...] = ()


def which(request: Request, name: str, progress: Progress = no_progress) -> Answer:
    """Find the canonical import for a name, a dotted path, or a concept of the registry.

    Raises:
        UsageError: Nothing in the tree or the registry provides the name.
    """
    with open_project(request, progress) as opened:
        return home_of(opened.project, name)


def home_of(project: Project, name: str) -> Answer:
    """The same in a project that is open.

    Raises:
        UsageError: As for `which`.
    """
    concept = _concept(project, name)
    leaf = SymbolPath.parse(concept.canonical).leaf if concept else _leaf(name)
    candidates = _candidates(project, leaf, concept)
    if concept is not None:
        canonical: str | None = str(SymbolPath.parse(concept.canonical))
    else:
        homes = [c for c in candidates if c.verdict == "definition"]
        canonical = homes[0].symbol if len(homes) == 1 else None
    if canonical is None and not candidates:
        raise UsageError(f"nothing in this tree or its registry provides {name!r}")
    return Answer(
        name=name,
        canonical=canonical,
        statement=statement_for(canonical) if canonical else None,
        concept=concept.name if concept else None,
        owner=concept.owner if concept else "",
        reason=concept.reason if concept else "",
        others=tuple(c for c in candidates if c.symbol != canonical),
    )


def _leaf(name: str) -> str:
    return name.replace(":", ".").rpartition(".")[2]


def _concept(project: Project, name: str) -> Concept | None:
    dotted = name.replace(":", ".")
    for concept in project.concepts:
        canonical = SymbolPath.parse(concept.canonical)
        if name == concept.name or dotted in (canonical.leaf, canonical.dotted):
            return concept
    match = project.deprecations.match(SymbolPath(dotted))
    if match is not None:
        return project.concept(match.replacement.concept)
    for entry in project.deprecations:
        if entry.path.leaf == name and entry.concept:
            return project.concept(entry.concept)
    return None


def _candidates(project: Project, leaf: str, concept: Concept | None) -> tuple[Candidate, ...]:
    found = []
    for path in project.mentioning([leaf]):
        if project.category(path) not in (Category.PRODUCTION, Category.SCRIPT):
            continue
        module = project.modules.name_of(path)
        resolution = project.resolver.member(module, leaf)
        if not _binds(project, path, leaf):
            continue
        here, end = resolution.hops[0], resolution.end
        verdict, instead = "re-export", str(end.symbol)
        match = project.deprecations.match(here.symbol)
        if match is not None:
            verdict, instead = "deprecated", str(match.canonical)
        elif len(resolution.hops) == 1:
            verdict, instead = ("duplicate" if concept else "definition"), ""
        elif project.shims.is_shim(path):
            verdict = "shim"
        elif not _is_offered(project, path, leaf):
            continue
        found.append(Candidate(str(here.symbol), path, here.line, verdict, instead))
    return tuple(sorted(found))


def _binds(project: Project, path: str, name: str) -> bool:
    facts = project.facts(path)
    return facts is not None and (
        any(binding.name == name for binding in facts.bindings)
        or any(lazy.name == name for lazy in facts.lazy_names)
    )


def _is_offered(project: Project, path: str, name: str) -> bool:
    """Whether a module passes a name on by intent, and not only uses it."""
    facts = project.facts(path)
    return facts is not None and (
        (facts.exports is not None and name in facts.exports) or path.endswith("__init__.py")
    )


def statement_for(canonical: str) -> str:
    """The import statement that fetches a symbol."""
    symbol = SymbolPath.parse(canonical)
    if not symbol.name:
        package, _, leaf = symbol.module.rpartition(".")
        return f"from {package} import {leaf}" if package else f"import {leaf}"
    head = symbol.name.partition(".")[0]
    return f"from {symbol.module} import {head}"
