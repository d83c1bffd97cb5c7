"""Tells what values are, by following their origins from file to file."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.lint.descent import Descent
from ssot_migrate.lint.functions import Functions
from ssot_migrate.lint.named import Named
from ssot_migrate.lint.things import (
    CIRCLE,
    NONE,
    Evidence,
    Thing,
    Things,
    are,
    described,
    gives,
    joined,
    outside,
    unknown,
    what_is_missing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.index.call_facts import CallFacts, Origin
    from ssot_migrate.lint.project import Project

_DEEPEST = 60
_LONGEST = 1_000
_ENTRIES = {"enter": "__enter__", "aenter": "__aenter__"}


class Values:
    """Answers what a value of the tree is.

    Args:
        project: The tree.

    Attributes:
        descent: Tells what its classes are derived from.
        functions: Tells what its functions and members give.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.functions = Functions(self)
        self._names = Named(self)
        self.descent = Descent(self)
        self._known: dict[tuple[str, int], Things] = {}
        self._in_progress: set[tuple[str, int]] = set()
        self._looked_into: dict[str, CallFacts] = {}
        self._was_cut = False
        self._steps = 0

    @property
    def project(self) -> Project:
        """The tree."""
        return self._project

    def facts(self, path: str) -> CallFacts | None:
        """The calls and values of a file."""
        return self._looked_into.get(path) or self._project.index.calls(path)

    def look_into(self, path: str, facts: CallFacts) -> None:
        """Take the facts of a file with more origins, behind those that the index has."""
        self._looked_into[path] = facts

    def of(self, path: str, number: int) -> Things:
        """What the value with this origin in the file at `path` is."""
        key = (path, number)
        if key in self._known:
            return self._known[key]
        if key in self._in_progress:
            self._was_cut = True
            return CIRCLE
        facts = self.facts(path)
        if facts is None:
            return unknown(f"{path} cannot be parsed")
        self._steps += 1
        if len(self._in_progress) > _DEEPEST or self._steps > _LONGEST:
            return unknown("the way to its type is too long")
        self._in_progress.add(key)
        found = self._read(path, facts.origins[number])
        self._in_progress.discard(key)
        # Inside a circle, what is found depends on where it was entered.
        if not self._was_cut or not self._in_progress:
            self._known[key] = found
        if not self._in_progress:
            self._was_cut, self._steps = False, 0
        return found

    def _read(self, path: str, origin: Origin) -> Things:
        handler = _HANDLERS.get(origin.kind)
        if handler is None:
            return unknown(origin.name or "its type cannot be told")
        return handler(self, path, origin)

    # Names

    def _own(self, path: str, origin: Origin) -> Things:
        return self._names.own(path, origin.name)

    def _imported(self, path: str, origin: Origin) -> Things:
        return self._names.imported(path, origin.ref)

    def _local(self, path: str, origin: Origin) -> Things:
        return self.defined(path, origin.name)

    def defined(self, path: str, name: str, line: int = 0) -> Things:
        """What a file defines under a qualified name.

        Args:
            path: The file.
            name: The name.
            line: Where, if there are several definitions.
        """
        return self._names.defined(path, name, line)

    def result(self, path: str, name: str, line: int) -> Things:
        """What a call of a function that a file defines gives."""
        found = self.defined(path, name, line)
        return joined(*(self._call(path, line, thing) for thing in found))

    # What is made of other values

    def _called(self, path: str, origin: Origin) -> Things:
        callees = self.of(path, origin.of[0])
        return joined(*(self._call(path, origin.line, thing) for thing in callees))

    def _call(self, path: str, line: int, thing: Thing) -> Things:
        if thing.kind == "class":
            return self.functions.made(thing) or (thing.instance("constructor", path, line),)
        if thing.kind == "function":
            return self.functions.result(thing)
        if thing.kind == "gives" and thing.text == "call":
            return thing.of
        if thing.kind == "instance":
            method = self.attribute((thing,), "__call__")
            return (
                joined(*map(self.functions.result, method)) if are(method, "function") else method
            )
        if thing.kind == "outside":
            leaf = thing.text.rpartition(".")[2]
            if leaf[:1].isupper() or thing.text in _BUILT_IN_TYPES:
                return (Thing("foreign", text=thing.text),)
            if thing.text in _KNOWN_RESULTS:
                return (Thing("foreign", text=_KNOWN_RESULTS[thing.text]),)
            return unknown(f"it is what `{thing.text.removeprefix('builtins.')}` returns")
        return _failed(thing, f"it is what calling {described(thing)} gives")

    def _awaited(self, path: str, origin: Origin) -> Things:
        return joined(*(self._unwrapped(t, "await") for t in self.of(path, origin.of[0])))

    def _entered(self, path: str, origin: Origin) -> Things:
        return joined(*(self._enter(t, origin.kind) for t in self.of(path, origin.of[0])))

    def _enter(self, thing: Thing, how: str) -> Things:
        if thing.kind != "instance":
            return self._unwrapped(thing, how)
        method = self.attribute((thing,), _ENTRIES[how])
        if not are(method, "function"):
            return unknown(f"`{thing.symbol.name}` does not say what `with` makes of it")
        entered = joined(*map(self.functions.result, method))
        if how == "aenter":
            entered = joined(*(self._unwrapped(one, "await") for one in entered))
        return entered

    def _unwrapped(self, thing: Thing, how: str) -> Things:
        if thing.kind == "gives" and thing.text == how:
            return thing.of
        if thing.kind == "unknown":
            return (thing,)
        if thing.kind == "gives" and thing.text == "await":
            return unknown("it is a coroutine that nobody awaits")
        verb = {"await": "awaiting", "iter": "iterating"}.get(how, "entering")
        return unknown(f"it cannot be told what {verb} {described(thing)} gives")

    def _gives(self, path: str, origin: Origin) -> Things:
        return gives(origin.name, self.of(path, origin.of[0]))

    def _any(self, path: str, origin: Origin) -> Things:
        return joined(*(self.of(path, number) for number in origin.of))

    def _declared(self, path: str, origin: Origin) -> Things:
        return self.agreed(self.of(path, origin.of[0]), self.of(path, origin.of[1]))

    def agreed(self, annotated: Things, inferred: Things) -> Things:
        """What a value is that is annotated as one thing and shown to be another.

        What is shown counts if it is what the annotation says, or a test double; if it cannot be
        told, the annotation counts.
        """
        if what_is_missing(inferred) or are(inferred, "none", "foreign", "outside"):
            return annotated if not what_is_missing(annotated) else inferred
        if what_is_missing(annotated) or are(inferred, "mock"):
            return inferred
        allowed = {thing.symbol for thing in annotated}
        for thing in inferred:
            if thing.kind in ("instance", "class"):
                above = {one.symbol for one in self.descent.line(thing)}
                if not above & allowed:
                    return unknown(f"it is annotated otherwise than `{thing.symbol.name}`")
        return inferred

    def _instance(self, path: str, origin: Origin) -> Things:
        return joined(*(self._of_type(path, origin, t) for t in self.of(path, origin.of[0])))

    def _of_type(self, path: str, origin: Origin, thing: Thing) -> Things:
        if thing.kind == "class":
            return (thing.instance("annotation", path, origin.line),)
        if thing.kind == "alias":
            return thing.of
        if thing.kind == "outside":
            return (Thing("foreign", text=thing.text),)
        return _failed(thing, "it has an annotation that is no class")

    def _type(self, path: str, origin: Origin) -> Things:
        here = Evidence("annotation", path, origin.line)
        things = self.of(path, origin.of[0])
        return tuple(thing.shown_by(here) if thing.kind == "class" else thing for thing in things)

    def _alias(self, path: str, origin: Origin) -> Things:
        return (Thing("alias", of=self.of(path, origin.of[0])),)

    def _self(self, path: str, origin: Origin) -> Things:
        (found,) = self.defined(path, origin.name)
        if found.kind != "class":
            return (found,) if found.kind == "unknown" else unknown("it is in no class")
        if origin.kind == "self":
            return (found.instance("self", path, origin.line),)
        return (found.shown_by(Evidence("self", path, origin.line)),)

    def _super(self, path: str, origin: Origin) -> Things:
        (found,) = self.defined(path, origin.name)
        bases = self.descent.bases(found) if found.kind == "class" else ()
        if len(bases) != 1 or bases[0].kind != "class":
            return unknown("`super()` is not of one class of the tree")
        return (bases[0].instance("self", path, origin.line),)

    def _depends(self, path: str, origin: Origin) -> Things:
        here = Evidence("accessor", path, origin.line)
        found = []
        for thing in self.of(path, origin.of[0]):
            if thing.kind == "function":
                found.append(self.functions.given(thing))
            else:
                found.append(self._call(path, origin.line, thing))
        return tuple(thing.shown_by(here) for thing in joined(*found))

    def _fixture(self, path: str, origin: Origin) -> Things:
        facts = self.facts(path)
        inside = facts.origins[origin.of[0]].name if facts is not None and origin.of else ""
        return self.functions.fixture(path, origin.name, inside)

    def _mock(self, path: str, origin: Origin) -> Things:
        of = self.of(path, origin.of[0]) if origin.of else ()
        return (Thing("mock", of=tuple(t for t in of if t.kind in ("class", "instance"))),)

    # Attributes and classes

    def _attribute(self, path: str, origin: Origin) -> Things:
        return self.attribute(self.of(path, origin.of[0]), origin.name)

    def attribute(self, things: Things, name: str) -> Things:
        """What an attribute of a value is."""
        return joined(*(self._attribute_of(thing, name) for thing in things))

    def _attribute_of(self, thing: Thing, name: str) -> Things:
        if thing.kind == "module":
            return self._names.member(thing.symbol.module, name)
        if thing.kind == "outside":
            return (outside(f"{thing.text}.{name}"),)
        if thing.kind in ("class", "instance"):
            if name == "__class__":
                return (Thing("class", thing.symbol, thing.path, thing.line),)
            return self.functions.member(thing, name)
        if thing.kind == "unknown":
            return (thing,)
        return unknown(f"it is `{name}` of {described(thing)}")


_KNOWN_RESULTS = {"logging.getLogger": "logging.Logger"}
"""What functions of the standard library give, where rules ask for it."""
_BUILT_IN_TYPES = {
    f"builtins.{name}" for name in dir(builtins) if isinstance(getattr(builtins, name), type)
}


def _failed(thing: Thing, why: str) -> Things:
    """An unknown thing as it is, or nothing for a reason."""
    return (thing,) if thing.kind == "unknown" else unknown(why)


_Handler: TypeAlias = "Callable[[Values, str, Origin], Things]"
_HANDLERS: dict[str, _Handler] = {
    "own": Values._own,
    "import": Values._imported,
    "local": Values._local,
    "call": Values._called,
    "await": Values._awaited,
    "enter": Values._entered,
    "aenter": Values._entered,
    "gives": Values._gives,
    "any": Values._any,
    "declared": Values._declared,
    "instance": Values._instance,
    "type": Values._type,
    "alias": Values._alias,
    "self": Values._self,
    "class": Values._self,
    "super": Values._super,
    "depends": Values._depends,
    "fixture": Values._fixture,
    "mock": Values._mock,
    "attribute": Values._attribute,
    "none": lambda _values, _path, _origin: (NONE,),
    "literal": lambda _values, _path, _origin: (Thing("foreign", text="a literal"),),
}
