"""The facts of a file's calls: what is called on what, and where the values come from."""

from __future__ import annotations

from enum import IntFlag

from ssot_migrate.index.facts import _Fact


class CallContext(IntFlag):
    """Where a call stands."""

    AWAITED = 1
    """It is the operand of an `await`."""
    ASYNC = 2
    """The function around it is a coroutine."""
    DEFERRED = 4
    """In a comprehension or a lambda, which have a scope of their own."""
    FORMATTED = 8
    """In an f-string."""


class Origin(_Fact, frozen=True):
    """Where a value comes from, as far as its file shows.

    `of` holds indices into the file's `CallFacts.origins`; the value itself depends on `kind`:

    - `own`: what the module binds `name` to; `local`: the class or function of that qualified name;
      `import`: what import `ref` of a function fetches; `attribute`: `name` of another value;
    - `call`, `await`, `enter`, `aenter`: what calling, awaiting or entering another value gives;
    - `self`, `class`, `super`: a method's own instance, class and super object; `name` is the
      class;
    - `instance`: of a type, by annotation; `type`: that type or a subclass; `gives`: what gives
      another value when it is subjected to `name`: `await`, `iter`, `enter` or `call`;
      `declared`: a type, then what is assigned;
    - `alias`: a name for a type; `any`: one of several; `none`, `literal`: a constant;
    - `depends`: what FastAPI makes of a dependency; `fixture`: what pytest provides as `name`;
      `mock`: a test double, perhaps with a specification;
    - `unknown`: `name` is a sentence that says what is missing.
    """

    kind: str
    name: str = ""
    of: tuple[int, ...] = ()
    ref: int = -1
    line: int = 0


class Call(_Fact, frozen=True):
    """A call of a name, or of an attribute of something; the span is the whole expression's.

    Args:
        name: The last name of what is called.
        receiver: Origin of what stands before the last dot; -1 where a plain name is called.
        callee: Origin of what is called.
        shown: The receiver in short, as messages show it.
        positional: How many positional arguments there are, `*` ones left out.
        keywords: Names of the keyword arguments.
        star: Whether there is a `*` argument; `double_star` likewise.
        callee_end_line: Where the called expression ends.
        context: `CallContext` flags.
        scope: Qualified name of the enclosing function or class.
    """

    name: str
    receiver: int
    callee: int
    shown: str
    positional: int
    keywords: tuple[str, ...]
    star: bool
    double_star: bool
    line: int
    column: int
    end_line: int
    end_column: int
    callee_end_line: int
    callee_end_column: int
    context: int
    scope: str


class AttributeUse(_Fact, frozen=True):
    """An attribute that is named without being called.

    Args:
        kind: `load`, `store`, `delete`, `text` (named in a string, as in `getattr`) or `double`
            (a keyword of the call that makes a test double).
        receiver: Origin of what has the attribute.
        shown: The receiver in short.
    """

    name: str
    kind: str
    receiver: int
    shown: str
    line: int
    column: int
    scope: str


class FunctionFact(_Fact, frozen=True):
    """What a function gives to its callers.

    Args:
        name: Qualified name inside the module.
        kind: `def`, `async def`, `generator` or `async generator`.
        decorators: Decorators as dotted names; `?` for others.
        fixture: The name under which pytest provides it, if it is a fixture.
        annotation: Origin of what the return annotation stands for; -1 without one.
        returned: Origins of what it returns, or yields if it is a generator.
    """

    name: str
    kind: str
    line: int
    column: int
    decorators: tuple[str, ...] = ()
    fixture: str = ""
    annotation: int = -1
    returned: tuple[int, ...] = ()


class ClassFact(_Fact, frozen=True):
    """A class anywhere in the file.

    Args:
        name: Qualified name inside the module.
        bases: Origins of its bases.
        attributes: Origins of what its body and its methods assign to its attributes, by name.
    """

    name: str
    line: int
    bases: tuple[int, ...] = ()
    attributes: tuple[tuple[str, int], ...] = ()


class CallFacts(_Fact, frozen=True):
    """The calls of a file, and what its names, attributes and functions hold.

    Args:
        values: Origins of the values that module-level names are assigned, by name.
    """

    origins: tuple[Origin, ...] = ()
    calls: tuple[Call, ...] = ()
    attributes: tuple[AttributeUse, ...] = ()
    functions: tuple[FunctionFact, ...] = ()
    classes: tuple[ClassFact, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
