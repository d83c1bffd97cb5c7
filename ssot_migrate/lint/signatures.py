"""Compares two signatures: which calls of the old one the new one rejects or reads differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.index.facts import Parameter, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.model import MethodRename

_VARIADIC = ("*args", "**kwargs")
_UNREADABLE = "..."
_RETURNS = {
    "value": "a value",
    "awaitable": "an awaitable",
    "generator": "a generator",
    "async generator": "an async generator",
    "context": "a context manager",
    "async context": "an async context manager",
}


def differences(old: Signature, new: Signature) -> tuple[str, ...]:
    """Say how calls that were written for `old` fare with `new`, a sentence for each difference.

    What the old one catches with `*args` and `**kwargs` is not compared, as it commonly passes
    that on; neither is what the new one catches so. A positional-only parameter may have another
    name, as long as neither name stands elsewhere in the other signature.
    """
    return (*parameter_differences(old, new), *return_differences(old, new))


def return_differences(old: Signature, new: Signature) -> tuple[str, ...]:
    """Say what a caller must do otherwise with the result."""
    was, now = old.returns, new.returns
    if was == now:
        return ()
    if now == "awaitable" and was == "value":
        return ("it must be awaited",)
    if was == "awaitable" and now == "value":
        return ("it must not be awaited",)
    return (f"it returns {_RETURNS[now]}, was {_RETURNS[was]}",)


def parameter_differences(old: Signature, new: Signature) -> tuple[str, ...]:
    """Say which arguments are rejected, or read as something else."""
    return tuple(_Comparison(old.parameters, new.parameters).sentences())


def migrated(signature: Signature, rename: MethodRename) -> Signature:
    """What is left of a legacy signature when its calls are rewritten as the registry says."""
    names = dict(enumerate(rename.positional))
    parameters = []
    for index, parameter in enumerate(signature.parameters):
        name = rename.keywords.get(parameter.name, parameter.name)
        kind = parameter.kind
        if names and kind not in _VARIADIC:
            # A rewritten call gives every argument by keyword.
            name, kind = names.get(index, name), "kw"
        parameters.append(Parameter(name, kind, parameter.default))
    returns = signature.returns
    if rename.awaits == "add" and returns == "value":
        returns = "awaitable"
    elif rename.awaits == "drop" and returns == "awaitable":
        returns = "value"
    return Signature(tuple(parameters), returns)


class _Comparison:
    """Two lists of parameters, taken apart by how an argument reaches them."""

    def __init__(self, old: Sequence[Parameter], new: Sequence[Parameter]) -> None:
        self._old = _Side(old)
        self._new = _Side(new)

    def sentences(self) -> Iterator[str]:
        for index, parameter in enumerate(self._old.positional):
            if index < len(self._new.positional):
                yield from self._in_place(index, parameter, self._new.positional[index])
            else:
                yield from self._out_of_place(parameter)
        for parameter in self._old.keyword_only:
            yield from self._by_keyword(parameter)
        yield from self._newly_required()

    def _in_place(self, index: int, was: Parameter, now: Parameter) -> Iterator[str]:
        if was.name != now.name and not self._is_only_renamed(was, now):
            yield f"parameter {index + 1} is '{now.name}', was '{was.name}'"
            return
        if was.kind != "/" and now.kind == "/":
            yield f"'{was.name}' can no longer be given by keyword"
        yield from _default_differences(was, now)

    def _is_only_renamed(self, was: Parameter, now: Parameter) -> bool:
        """Whether the names alone differ, and no old call spells them."""
        return (
            was.kind == "/" and was.name not in self._new.named and now.name not in self._old.named
        )

    def _out_of_place(self, was: Parameter) -> Iterator[str]:
        """An argument that the new signature has no place for."""
        now = self._new.named.get(was.name)
        if now is not None and now.kind == "kw":
            yield f"'{was.name}' must be given by keyword"
            yield from _default_differences(was, now)
        elif not self._new.catches_positional:
            yield f"it takes no '{was.name}'"
        elif was.kind != "/" and not self._new.catches_keywords:
            yield f"'{was.name}' can no longer be given by keyword"

    def _by_keyword(self, was: Parameter) -> Iterator[str]:
        now = self._new.named.get(was.name)
        if now is None:
            if not self._new.catches_keywords:
                yield f"it takes no '{was.name}'"
        elif now.kind == "/":
            yield f"'{was.name}' can no longer be given by keyword"
        else:
            yield from _default_differences(was, now)

    def _newly_required(self) -> Iterator[str]:
        """What the new signature asks for and the old one does not know."""
        if self._old.is_variadic:
            return
        for now in (*self._new.positional[len(self._old.positional) :], *self._new.keyword_only):
            if not now.default and now.name not in self._old.named:
                yield f"'{now.name}' must be given"


class _Side:
    """One list of parameters."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        kinds = {parameter.kind for parameter in parameters}
        self.positional = [p for p in parameters if p.kind in ("/", "")]
        self.keyword_only = [p for p in parameters if p.kind == "kw"]
        self.named = {p.name: p for p in parameters if p.kind not in _VARIADIC}
        self.catches_positional = "*args" in kinds
        self.catches_keywords = "**kwargs" in kinds
        self.is_variadic = bool(kinds.intersection(_VARIADIC))


def _default_differences(was: Parameter, now: Parameter) -> Iterator[str]:
    if was.default and not now.default:
        yield f"'{now.name}' must be given"
    elif was.default != now.default and _is_literal(was.default) and _is_literal(now.default):
        yield f"'{now.name}' is {now.default} unless given, was {was.default}"


def _is_literal(default: str) -> bool:
    """Whether a default's text is its value; a name may stand for the same value elsewhere."""
    if default in ("True", "False", "None"):
        return True
    return default != _UNREADABLE and (default[:1].isdigit() or default[:1] in ("'", '"'))
