"""The facts of one file: plain values, cheap to encode, that name nothing outside the file.

Facts come in kinds, so that a question pays only for what it asks: `ModuleFacts` (imports, names
and definitions) of every file, `ShapeFacts` (members and signatures) of those whose definitions
are compared, `HashFacts` of those that may be structural copies, `UseFacts` (references and
strings) of those that mention a name in question, `StringFacts` where strings alone matter.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TypeAlias

import msgspec


class Context(IntFlag):
    """Where a statement stands."""

    FUNCTION = 1
    CLASS = 2
    TYPE_CHECKING = 4
    TRY = 8
    """In the body of a `try` that an ImportError, or everything, is caught from."""
    HANDLER = 16
    """In such a handler."""
    CONDITIONAL = 32
    LAZY = 64
    """A PEP 810 lazy import."""
    EXPECTED = 128
    """In a `with` that asserts that it raises an ImportError."""


class _Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Encoded without field names; holds no cycles, so the collector need not track it."""


class Import(_Fact, frozen=True):
    """One name bound by an import statement; the span is the statement's.

    Args:
        module: The module as written, without leading dots.
        level: Number of leading dots.
        name: The imported name; `*` for a star; empty for `import module`.
        bound: The local name it binds; `*` for a star.
        aliased: Whether it was written with `as`.
        context: `Context` flags.
        scope: Qualified name of the enclosing function or class.
    """

    module: str
    level: int
    name: str
    bound: str
    aliased: bool
    line: int
    column: int
    end_line: int
    end_column: int
    context: int
    scope: str


class Binding(_Fact, frozen=True):
    """One binding of a module-level name, in source order.

    Args:
        kind: `import`, `class`, `def`, `alias` (the value is a dotted name), `value`, `delete`
            or `global` (bound by a function's `global` statement).
        ref: Index into the file's imports or definitions; -1 for the other kinds.
        value: The dotted name an alias stands for.
    """

    name: str
    kind: str
    line: int
    context: int
    ref: int = -1
    value: str = ""


class Definition(_Fact, frozen=True):
    """A class anywhere, or a function at module level; the span covers the header's name line.

    Args:
        name: Qualified name inside the module.
        kind: `class`, `def` or `async def`.
        line: Line of the `class` or `def` keyword.
        end_line: Last line of the body.
        bases: Base classes as dotted names, where they are plain names; of a function that warns
            of its deprecation, what it returns calls of.
        deprecation: Text of the deprecation warning that it raises, or that its decorator states.
        thin: Whether it is deprecated and does no more than warn and pass on.
        notice: What its docstring and decorators say of its replacement.
    """

    name: str
    kind: str
    line: int
    column: int
    end_line: int
    context: int
    bases: tuple[str, ...] = ()
    deprecation: str = ""
    thin: bool = False
    notice: str = ""


class LazyName(_Fact, frozen=True):
    """A name that a module's `__getattr__` provides, and the dotted path it takes it from.

    Args:
        name: The name; `*` for whatever the target has.
        target: The path, absolute or relative with leading dots.
        line: Where it is written.
        holder: Whether the target may be the module that holds the name, under that name; with
            `*`, whether it surely is one.
    """

    name: str
    target: str
    line: int
    holder: bool = False


class ModuleFacts(_Fact, frozen=True):
    """What a module binds, imports and exports.

    Args:
        exports: Names in `__all__`; None where there is none.
        exports_open: Whether `__all__` also has parts that cannot be read.
        lazy_names: What a module-level `__getattr__` provides, where it can be read.
        has_getattr: Whether there is a module-level `__getattr__`, defined, assigned or imported.
        open: Whether names may be bound in ways that cannot be read (`globals()`,
            `sys.modules[__name__]`, `exec`).
        deprecation: Text of a deprecation warning raised on import.
        notice: The docstring, where it speaks of deprecation or a move.
        logic: Number of top-level statements that are more than imports, aliases, `__all__`,
            docstrings, deprecation warnings, loggers, and what only runs where an import failed.
        generated: Whether a marker says that the file was generated.
        lazy_notice: How its `__getattr__` calls the names that it provides deprecated.
        tools: Imported names that its `__getattr__` works with, itself or by what it reads.
    """

    imports: tuple[Import, ...] = ()
    bindings: tuple[Binding, ...] = ()
    definitions: tuple[Definition, ...] = ()
    exports: tuple[str, ...] | None = None
    exports_open: bool = False
    lazy_names: tuple[LazyName, ...] = ()
    has_getattr: bool = False
    open: bool = False
    deprecation: str = ""
    notice: str = ""
    logic: int = 0
    generated: bool = False
    lazy_notice: str = ""
    tools: tuple[str, ...] = ()


class Parameter(_Fact, frozen=True):
    """One parameter; `kind` is `/`, `` (either), `*args`, `kw` or `**kwargs`."""

    name: str
    kind: str = ""
    default: str = ""


class Signature(_Fact, frozen=True):
    """Parameters (without a method's first), and how the callable returns.

    Args:
        returns: `value`, `awaitable`, `generator`, `async generator`, `context` or
            `async context`.
    """

    parameters: tuple[Parameter, ...] = ()
    returns: str = "value"


class Member(_Fact, frozen=True):
    """A class member; `kind` is `method`, `static`, `class`, `property` or `attribute`."""

    name: str
    kind: str
    line: int
    signature: Signature | None = None


class Shape(_Fact, frozen=True):
    """What a top-level definition looks like from outside, and the outline of its inside.

    Args:
        decorators: Decorators as dotted names.
        signature: A function's own signature; a class has that of its `__init__` among members.
        outline: Its statements' kinds in order, nested; equal for structural copies.
    """

    name: str
    kind: str
    line: int
    end_line: int
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    signature: Signature | None = None
    outline: str = ""


class ShapeFacts(_Fact, frozen=True):
    """The shapes of a module's top-level definitions, in source order."""

    shapes: tuple[Shape, ...] = ()


class HashFacts(_Fact, frozen=True):
    """Structural hashes of top-level definitions, by name."""

    hashes: tuple[tuple[str, str], ...] = ()


class Reference(_Fact, frozen=True):
    """A use of an imported name.

    Args:
        imported: Index of the import in the file's `ModuleFacts.imports`.
        path: Attributes read behind the bound name, dotted; empty for the name alone. For
            `import a.b` the bound name is `a` and the path starts with `b`.
        call: Whether the whole chain is called.
        quoted: Whether it stands in a quoted annotation.
        deferred: Whether it stands in a function, and so is read when that is called.
        doubtful: Whether the name may be something else there, or the code expects that what it
            reads is not there: in a `try` that catches that, or below `if TYPE_CHECKING`.
    """

    imported: int
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    scope: str
    call: bool = False
    quoted: bool = False
    deferred: bool = False
    doubtful: bool = False


class UnboundName(_Fact, frozen=True):
    """A name that is read, and that nothing but a star import of the file can bind."""

    name: str
    line: int
    column: int
    end_column: int
    scope: str


class DottedString(_Fact, frozen=True):
    """A string literal that reads as a dotted path.

    Args:
        callee: The called function as a dotted name where it is an argument, else empty.
        argument: Position of the argument, or -1.
        keyword: Name of the keyword argument, or empty.
        beside: Of the call's first two positionals the other one, a text or a dotted name; with
            only one, the keyword `package`.
        keywords: Of a first positional, the names of the call's keywords.
        holder: What the literal is assigned to, as a dotted name, through lists, dicts and calls;
            in an unassigned list or dict that is passed on, the called function.
        key: The key of the dict, or the keyword, whose value the literal is or is a part of.
        form: Empty where the whole literal is the path; `key` as a dict's key; `entry` in
            `name = package.module:function`; `relative` with leading dots; `pattern` with
            escaped dots; `prefix` where something computed follows the path and a dot.
    """

    value: str
    line: int
    column: int
    end_line: int
    end_column: int
    scope: str
    callee: str = ""
    argument: int = -1
    keyword: str = ""
    beside: str = ""
    keywords: tuple[str, ...] = ()
    holder: str = ""
    key: str = ""
    form: str = ""


class NamedAttribute(_Fact, frozen=True):
    """A string that names an attribute: `getattr(module, "name")`, `patch.object(...)`.

    The span is the literal's.

    Args:
        owner: The object, as a dotted name; it starts at `owner_line` and `owner_column`.
    """

    name: str
    callee: str
    line: int
    column: int
    end_line: int
    end_column: int
    scope: str
    owner: str
    owner_line: int
    owner_column: int
    keywords: tuple[str, ...] = ()


class StringFacts(_Fact, frozen=True):
    """Strings that name things, without the rest of the uses.

    Args:
        attributes: Attributes that strings name.
    """

    strings: tuple[DottedString, ...] = ()
    attributes: tuple[NamedAttribute, ...] = ()


class UseFacts(_Fact, frozen=True):
    """References to imported names, and dotted strings.

    Args:
        attributes: Attributes that strings name.
        late_reads: Names that its functions read of the module or the builtins, imports left out.
        unbound: What a file with star imports reads of them or of the builtins, where it does
            not expect that to fail.
    """

    references: tuple[Reference, ...] = ()
    strings: tuple[DottedString, ...] = ()
    attributes: tuple[NamedAttribute, ...] = ()
    late_reads: tuple[str, ...] = ()
    unbound: tuple[UnboundName, ...] = ()


class Unparsable(_Fact, frozen=True):
    """A file whose text no parser accepts; `line` is 0 where none is known."""

    message: str
    line: int = 0


Facts: TypeAlias = ModuleFacts | ShapeFacts | HashFacts | UseFacts | StringFacts
