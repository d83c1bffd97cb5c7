"""What a definition is for, told from its name and its methods' names: factories and emitters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.lint.families.names import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.config.model import Concept

FACTORY_NOUNS = frozenset({"factory", "builder", "provider"})
_EMITTER_NOUNS = frozenset({"emitter", "notifier", "publisher", "broadcaster", "pusher"})
_CREATING = ("create_", "make_", "build_", "configure_")
_EMITTING = ("notify_", "emit_", "send_", "publish_", "broadcast_")
_MAKES = frozenset({"create", "make", "build"})
_ACCESS = {
    "get": "get",
    "create": "create",
    "make": "create",
    "build": "create",
    "configure": "configure",
}


def role(concept: Concept, name: str) -> str:
    """The role that the registry states, or the one that the canonical's name tells."""
    if concept.role is not None:
        return concept.role
    last = words(name)[-1:]
    if FACTORY_NOUNS.intersection(last):
        return "factory"
    return "emitter" if _EMITTER_NOUNS.intersection(last) else "other"


def product(stem: tuple[str, ...]) -> str:
    """What a factory of that name creates: `agent instance factory` -> `agentinstance`."""
    return "".join(stem[:-1] if stem and stem[-1] in FACTORY_NOUNS else stem)


def creators(methods: Iterable[str], created: str) -> frozenset[str]:
    """The methods that create: by their verb, or `get_` and the product's name."""
    return frozenset(
        name
        for name in methods
        if name.startswith(_CREATING)
        or (created and name.startswith("get_") and created in "".join(words(name)[1:]))
    )


def events(methods: Iterable[str]) -> frozenset[str]:
    """The methods that emit."""
    return frozenset(name for name in methods if name.startswith(_EMITTING))


def access(stem: tuple[str, ...]) -> tuple[str, str]:
    """How a function provides a thing, and the thing: `get_x_factory` -> `get`, `xfactory`.

    Both are empty for a function that is not named like an accessor.
    """
    verb = _ACCESS.get(stem[0], "") if len(stem) > 1 else ""
    return (verb, "".join(stem[1:])) if verb else ("", "")


def makes(stem: tuple[str, ...], created: str) -> bool:
    """Whether a function of that name creates what a factory is for."""
    return bool(created) and stem[0] in _MAKES and "".join(stem[1:]) == created
