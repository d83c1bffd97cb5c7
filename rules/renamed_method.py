"""SSOT307: a call of a method that the registry renames, or calls differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.finding import Finding, Fix, Severity, Span
from ssot_migrate.domain.outcome import Left
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.call_facts import AttributeUse
from ssot_migrate.lint.call_proof import CallProof
from ssot_migrate.lint.receivers import Proof
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.lint.things import what_is_missing
from ssot_migrate.rewrite.call_texts import changes_of_call
from ssot_migrate.rewrite.calls import CallDecider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.index.call_facts import Call, FunctionFact
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.values import Values
    from ssot_migrate.rewrite.decisions import RenameCall

_CONSTRUCTOR = "__init__"
_REGISTRY = """
[[concepts]]
name = "engine factory"
canonical = "app.factory:EngineFactory"
methods = [
    { from = "create_engine", to = "create", keywords = { user_context = "context" } },
    { from = "__init__", to = "__init__", keywords = { websocket_bridge = "bridge" } },
]
"""
_TREE = {
    "app/__init__.py": "",
    "app/factory.py": """
    class EngineFactory:
        def __init__(self, bridge=None): ...
        def create(self, context): ...
    """,
}


class RenamedMethod(Rule):
    """A call uses the legacy name or the legacy arguments of a method that a concept renamed.

    Many classes have a method of any one name, so a search for `.create_engine(` finds calls that
    have nothing to do with the concept, and a replacement by name breaks them. A call counts if
    its receiver is proven to be of the canonical class, of a deprecated one, or of a class below
    them: by a constructor, an accessor, an annotation, an attribute that the class assigns, a
    `with ... as`, a dependency of FastAPI, a fixture of pytest. The finding's chain is the proof.

    Where something is missing in the proof, or stands against the change, the finding says what it
    is and the call is left to a person. So are overrides of a renamed method, names in strings,
    methods that are passed on without a call, and test doubles.

    Not flagged: calls whose receiver is of another class, and calls of unknown receivers in files
    that spell no class of the concept, unless the receiver is named like one.
    """

    code = "SSOT307"
    severity = Severity.ERROR
    reads = Reads.MENTIONS
    valid = (
        Example(
            "a method of that name on another class, and on who knows what",
            {
                **_TREE,
                "app/cars.py": """
                class Garage:
                    def create_engine(self, user_context): ...

                def build(shop):
                    Garage().create_engine(user_context=1)
                    shop.create_engine(user_context=1)
                """,
            },
            _REGISTRY,
        ),
        Example(
            "calls of the canonical's new names",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import EngineFactory
                EngineFactory(bridge=1).create(context=2)
                """,
            },
            _REGISTRY,
        ),
        Example(
            "the same calls without an entry in the registry",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import EngineFactory
                EngineFactory().create_engine(user_context=2)
                """,
            },
            '[[concepts]]\nname = "engines"\ncanonical = "app.factory:EngineFactory"\n',
        ),
    )
    invalid = (
        Example(
            "receivers that a constructor, an annotation and an attribute prove",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import EngineFactory

                factory = EngineFactory()
                factory.create_engine(1)

                def run(made: EngineFactory):
                    return made.create_engine(user_context=1)

                class Service:
                    def __init__(self):
                        self._factory = EngineFactory()

                    def go(self):
                        return self._factory.create_engine(2)
                """,
            },
            _REGISTRY,
            ("app/use.py:4", "app/use.py:7", "app/use.py:14"),
        ),
        Example(
            "a keyword of the constructor",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import EngineFactory
                EngineFactory(websocket_bridge=1)
                """,
            },
            _REGISTRY,
            ("app/use.py:2",),
        ),
        Example(
            "what is left to a person: no proof, an override, a method that is passed on",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import EngineFactory

                class Special(EngineFactory):
                    def create_engine(self, user_context): ...

                def run(factory):
                    return factory.create_engine(1)

                later = EngineFactory().create_engine
                """,
            },
            _REGISTRY,
            ("app/use.py:4", "app/use.py:7", "app/use.py:9"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Ask what `apply` would do about the calls of each concept that has `methods`."""
        if not any(concept.methods for concept in project.concepts):
            return
        proof = CallProof(project)
        for path, several in CallDecider(project, proof).everywhere(moved=()):
            places = _Places(proof.values, path)
            for one in several:
                yield self._finding(project, path, one, places)

    def _finding(
        self, project: Project, path: str, one: RenameCall | Left, places: _Places
    ) -> Finding:
        cause = one.cause
        place = places.of(one)
        if isinstance(one, Left):
            message = f"{_claim(cause)}; decide this one by hand: {one.why}"
            fix, evidence = Fix.MANUAL, (one.why,)
        else:
            changes = changes_of_call(one)
            message = ": ".join(filter(None, (_claim(cause), ", ".join(changes))))
            note = (f"unsafe, as {cause.note}",) if cause.note else ()
            fix, evidence = cause.fix, (*changes, *note)
        return project.finding(
            self,
            path,
            place.span,
            message,
            concept=cause.concept,
            symbol=SymbolPath.parse(cause.symbol or ""),
            canonical=SymbolPath.parse(cause.canonical or ""),
            chain=(f"{path}:{place.span.line}", *place.chain),
            fix=fix,
            evidence=evidence,
            scope=place.scope,
        )


class _Place(NamedTuple):
    """Where a decision stands, and what proves the receiver there."""

    span: Span
    scope: str = ""
    chain: tuple[str, ...] = ()


class _Places:
    """Finds the places of a file that decisions are about."""

    def __init__(self, values: Values, path: str) -> None:
        self._path = path
        self._values = values
        facts = values.facts(path)
        self._calls = facts.calls if facts is not None else ()
        self._others: tuple[AttributeUse | FunctionFact, ...] = (
            (*facts.attributes, *facts.functions) if facts is not None else ()
        )

    def of(self, one: RenameCall | Left) -> _Place:
        """The place of a decision."""
        start = one if isinstance(one, Left) else one.span
        name = SymbolPath.parse(one.cause.symbol or "").leaf
        calls = [c for c in self._calls if (c.line, c.column) == (start.line, start.column)]
        calls = [c for c in calls if c.name == name] or (calls if name == _CONSTRUCTOR else [])
        if calls:
            call = min(calls, key=lambda c: (c.end_line, c.end_column))
            span = Span(call.line, call.column, call.end_line, call.end_column)
            return _Place(span, call.scope, self._chain(call))
        for use in self._others:
            if (use.line, use.column) == (start.line, start.column):
                scope = use.scope if isinstance(use, AttributeUse) else use.name
                return _Place(Span(use.line, use.column), scope)
        return _Place(Span(start.line, start.column))

    def _chain(self, call: Call) -> tuple[str, ...]:
        """The places that prove what a call is made on."""
        things = self._values.of(self._path, call.receiver if call.receiver >= 0 else call.callee)
        return () if what_is_missing(things) else Proof(things).chain


def _claim(cause: Cause) -> str:
    """What the registry has decided about a method."""
    old, new = SymbolPath.parse(cause.symbol or ""), SymbolPath.parse(cause.canonical or "")
    return f"`{old}` is now {'called differently' if old == new else f'`{new.leaf}`'}"
