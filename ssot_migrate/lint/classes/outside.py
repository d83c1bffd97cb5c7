"""What is known of classes outside the tree without importing anything."""

from __future__ import annotations

import builtins

from ssot_migrate.lint.classes.ancestry import ClassRef

OBJECT = ClassRef("object")
GENERIC = ClassRef("typing.Generic")
PROTOCOL = ClassRef("typing.Protocol")

_SAME = {
    "typing_extensions.Generic": "typing.Generic",
    "typing_extensions.Protocol": "typing.Protocol",
    "typing.NamedTuple": "tuple",
    "typing.TypedDict": "dict",
    "typing_extensions.NamedTuple": "tuple",
    "typing_extensions.TypedDict": "dict",
    "typing.Dict": "dict",
    "typing.FrozenSet": "frozenset",
    "typing.List": "list",
    "typing.Set": "set",
    "typing.Tuple": "tuple",
    "typing.Type": "type",
}
_FROM_OBJECT = {"abc.ABC", "enum.Enum", "typing.Generic"}


def outside(dotted: str) -> ClassRef:
    """The class of that name; what is a class in disguise is taken for what it stands for."""
    name = _SAME.get(dotted, dotted.removeprefix("builtins."))
    # `IOError` and the like are other names of one class.
    found = getattr(builtins, name, None)
    return ClassRef(found.__name__ if isinstance(found, type) else name)


def line_of(ref: ClassRef) -> tuple[ClassRef, ...] | None:
    """The method resolution order of a class outside the tree; None where it is not known."""
    if ref == PROTOCOL:
        return (PROTOCOL, GENERIC, OBJECT)
    if ref.name in _FROM_OBJECT:
        return (ref, OBJECT)
    found = getattr(builtins, ref.name, None)
    if ref.is_computed or not isinstance(found, type):
        return None
    return tuple(ClassRef(one.__name__) for one in found.__mro__)


def is_builtin(name: str) -> bool:
    """Whether a name that nothing binds is a class of Python's own."""
    return isinstance(getattr(builtins, name, None), type)
