"""SSOT209: a call through a deprecated path that the canonical does not take as it is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.finding import Finding, Fix, Severity
from ssot_migrate.lint.call_fit import keeps_order
from ssot_migrate.lint.call_proof import CallProof, mismatch
from ssot_migrate.lint.callables import callables_of
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.readers import is_inside
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.call_changes import changed_call
from ssot_migrate.rewrite.call_texts import changes_of_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.facts import Reference
    from ssot_migrate.lint.call_fit import Fit
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.resolve.resolution import Resolution

_MOVE = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": """
    def send(user, event): ...
    def flush(): ...
    def close(force=False, wait=1): ...
    """,
    "app/new.py": """
    def send(event, user): ...
    async def flush(): ...
    def close(force=False): ...
    """,
}
_CLASSES = {
    "app/__init__.py": "",
    "app/old.py": """
    class Factory:
        def __init__(self, websocket_bridge): ...
        def reset(self): ...
    """,
    "app/new.py": "class Factory:\n    def __init__(self, bridge): ...\n",
}


class CallMismatch(Rule):
    """A call through a deprecated path does not mean the same to what replaces it.

    Where old and new have other parameters (SSOT208), some calls still fit: they do not give what
    differs. This rule looks at each call, and flags those that the canonical would reject, or
    whose arguments it would read as something else: a keyword it does not know, a parameter that
    is gone or must be given now, positionals in another order, an `await` missing or too much.
    It also flags uses of instances that the canonical class has no place for, and functions that
    differ and are passed on without a call.

    `apply` changes such a call along with its import if an `await` is all it takes, or keywords
    that the concept's entry for `__init__` renames. The other ones are left to a person.

    Not flagged: calls that both take alike, calls through a shim of the canonical itself, and
    definitions of which either is not in the tree or cannot be read.
    """

    code = "SSOT209"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "calls that give nothing of what differs",
            {
                **_TREE,
                "app/use.py": """
                from app.old import close, flush, send
                send(event=1, user=2)
                close(force=True)

                async def run():
                    task = flush
                """,
                "app/old.py": """
                def send(user, event): ...
                async def flush(): ...
                def close(force=False, wait=1): ...
                """,
            },
            _MOVE,
        ),
        Example(
            "a shim of the canonical, and a replacement outside of the tree",
            {
                "app/__init__.py": "",
                "app/new.py": "def send(event, user): ...\n",
                "app/old.py": "from app.new import send\n",
                "app/mine.py": "def post(url): ...\n",
                "app/use.py": """
                from app.mine import post
                from app.old import send
                send(1, 2)
                post(1)
                """,
            },
            f'{_MOVE}[[moves]]\nfrom = "app.mine:post"\nto = "requests:post"\n',
        ),
    )
    invalid = (
        Example(
            "swapped positionals, a parameter that is gone, a missing await",
            {
                **_TREE,
                "app/use.py": """
                import app.old
                from app.old import close, flush

                app.old.send(1, 2)
                close(wait=2)

                async def run():
                    flush()
                """,
            },
            _MOVE,
            ("app/use.py:4", "app/use.py:5", "app/use.py:8"),
        ),
        Example(
            "a keyword that nobody renames, and a method that the canonical class lacks",
            {
                **_CLASSES,
                "app/one.py": """
                from app.old import Factory
                Factory(websocket_bridge=1)
                """,
                "app/two.py": """
                from app.old import Factory

                def run(factory: Factory):
                    factory.reset()
                """,
            },
            _MOVE,
            ("app/one.py:2", "app/two.py:3"),
        ),
        Example(
            "a keyword that the registry renames: it is changed along with the import",
            {
                **_CLASSES,
                "app/use.py": """
                from app.old import Factory
                Factory(websocket_bridge=1)
                """,
            },
            """
            [[concepts]]
            name = "factory"
            canonical = "app.new:Factory"
            deprecated = [{ path = "app.old:Factory" }]
            methods = [
                { from = "__init__", to = "__init__", keywords = { websocket_bridge = "bridge" } },
            ]
            """,
            ("app/use.py:2",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the uses in every file that can read a deprecated name."""
        uses = _Uses(project)
        for path in project.readers(project.deprecations.paths, uses=True):
            for group in uses.by_import(path):
                is_held = any(use.fit.why for use in group)
                for use in group:
                    changes = uses.changes(path, use)
                    if use.fit.why or changes:
                        fix = Fix.MANUAL if is_held else Fix(use.match.replacement.safety)
                        yield self._finding(project, path, use, changes, fix)

    def _finding(
        self, project: Project, path: str, use: _Use, changes: Sequence[str], fix: Fix
    ) -> Finding:
        told = (use.fit.why,) if use.fit.why else tuple(changes)
        what = "call" if use.reference.call else "use"
        return project.finding(
            self,
            path,
            span_of(use.reference),
            f"this {what} of `{use.match.found}` does not fit `{use.match.canonical}`:"
            f" {', '.join(told)}",
            concept=use.match.replacement.concept,
            symbol=use.match.found,
            canonical=use.match.canonical,
            chain=chain_of(path, use.reference.line, use.resolution.hops),
            fix=fix,
            evidence=told,
            scope=use.reference.scope,
        )


class _Use(NamedTuple):
    """A use of what the registry replaces, and how it fares."""

    reference: Reference
    resolution: Resolution
    match: Match
    fit: Fit


class _Uses:
    """Judges the uses of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._proof = CallProof(project)

    def by_import(self, path: str) -> Iterator[list[_Use]]:
        """The uses in a file of definitions that differ, import by import."""
        groups: defaultdict[int, list[_Use]] = defaultdict(list)
        told = set()
        module = self._project.modules.name_of(path)
        for reference, _statement, resolution in self._project.references(path):
            found = self._project.deprecations.first(resolution)
            if found is None or resolution.kind is not Kind.SYMBOL or is_inside(module, found[2]):
                continue
            match = found[2]
            fit = self._proof.fit(path, reference, match.found, match.canonical)
            # What instances are used for is told of the class, not again at each mention of it.
            if fit.why and fit.why.startswith("line "):
                if fit.why in told:
                    continue
                told.add(fit.why)
            groups[reference.imported].append(_Use(reference, resolution, match, fit))
        yield from groups.values()

    def changes(self, path: str, use: _Use) -> tuple[str, ...]:
        """What `apply` changes in a call along with its import."""
        call = self._proof.call_at(path, use.reference) if use.reference.call else None
        if call is None:
            return ()
        rename = self._proof.constructor_rename(path, use.reference)
        order = True
        if rename is not None:
            new = callables_of(self._project, self._project.resolver.path(use.match.canonical))
            order = keeps_order(call, rename, new.own if new is not None else None)
        decision = changed_call(
            call,
            mismatch(use.match, Fix.SAFE),
            name=call.name,
            rename=rename,
            keeps_order=order,
            awaits=use.fit.awaits,
        )
        return changes_of_call(decision) if decision is not None else ()
