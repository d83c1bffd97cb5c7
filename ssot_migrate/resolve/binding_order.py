"""Which of a name's bindings counts when a module is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.index.facts import Binding, Context, Import, ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOMETIMES = int(Context.CONDITIONAL | Context.TRY | Context.HANDLER | Context.TYPE_CHECKING)
_HANDLER = int(Context.HANDLER)
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_NESTED = int(Context.FUNCTION | Context.CLASS)


def in_order(bindings: Sequence[Binding]) -> list[Binding]:
    """The bindings of one name that can hold at the end, most usual first.

    Later bindings hide earlier ones unless they are conditional; the body of a `try` counts
    before its handlers, run time before type checking, and a conditional import before the
    placeholder (`name = None`) above it.
    """
    reaching: list[Binding] = []
    has_others = any(binding.kind != "global" for binding in bindings)
    for binding in reversed(bindings):
        if binding.kind == "global" and has_others:
            continue
        reaching.append(binding)
        if not binding.context & _SOMETIMES:
            break
    reaching.reverse()
    has_import = any(
        b.kind == "import" and not b.context & (_TYPE_CHECKING | _HANDLER) for b in reaching
    )

    def rank(binding: Binding) -> tuple[int, int, bool, bool]:
        is_placeholder = binding.kind == "value" and not binding.context & _SOMETIMES
        return (
            binding.context & _TYPE_CHECKING,
            binding.context & _HANDLER,
            binding.kind == "delete",
            has_import and is_placeholder,
        )

    return sorted(reaching, key=rank)


def stars_in_order(facts: ModuleFacts) -> list[Import]:
    """The module-level star imports, the one whose names count most first."""
    stars = [i for i in facts.imports if i.name == "*" and not i.context & _NESTED]
    stars.reverse()
    stars.sort(key=lambda star: (star.context & _TYPE_CHECKING, star.context & _HANDLER))
    return stars


def hides(star: Import, explicit: Sequence[Binding]) -> bool:
    """Whether a star import surely runs after every explicit binding of a name."""
    return not star.context & _SOMETIMES and all(b.line < star.line for b in explicit)
