"""How an agent class is instantiated: its constructor's parameters, filled by their names."""

from __future__ import annotations

import inspect
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ssot_migrate.runtime.errors import AgentCreationError, IsolationError
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ssot_migrate.runtime.context import UserExecutionContext

    Source = Callable[[UserExecutionContext], object]


def _itself(context: UserExecutionContext) -> object:
    return context


CONTEXT_SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "context": _itself,
        "user_context": _itself,
        "websocket_emitter": attrgetter("websocket_emitter"),
        "emitter": attrgetter("websocket_emitter"),
        "db_session": attrgetter("db_session"),
        "session": attrgetter("db_session"),
        "user_id": attrgetter("user_id"),
        "thread_id": attrgetter("thread_id"),
        "run_id": attrgetter("run_id"),
    }
)
"""Parameters that every context can fill."""


def constant(value: object) -> Source:
    """What fills a parameter with the same value for every context."""
    return lambda _: value


class Constructors:
    """Makes instances of classes, and remembers what their constructors ask for.

    Args:
        cache_size: How many classes are remembered; 0 for none.
        metrics: Where it is counted that a class gave back the same instance twice.
    """

    __slots__ = ("_made", "_metrics", "_parameters_of")

    def __init__(self, cache_size: int = 128, metrics: RuntimeMetrics | None = None) -> None:
        self._metrics = RuntimeMetrics() if metrics is None else metrics
        self._parameters_of = lru_cache(maxsize=cache_size)(constructor_parameters)
        self._made: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def construct(
        self, agent_class: type, context: UserExecutionContext, sources: Mapping[str, Source]
    ) -> Any:
        """Make an instance; what its constructor raises comes out as it is.

        Args:
            agent_class: The class.
            context: Whom the instance is for.
            sources: What fills a parameter, by the parameter's name.

        Raises:
            AgentCreationError: A parameter without default has no source, or the class does not say
                what its parameters are.
            IsolationError: The class gave back an instance that it had given back before, or one of
                which that cannot be told: its users would be mixed up.
        """
        arguments: dict[str, object] = {}
        for name, is_required in self._parameters_of(agent_class).items():
            if name in sources:
                arguments[name] = sources[name](context)
            elif is_required:
                raise AgentCreationError(
                    f"{_named(agent_class)} needs {name!r}, which nothing provides: give the"
                    f" parameter a default, or pass services={{{name!r}: ...}} to configure()"
                )
        made = agent_class(**arguments)
        if self._made.get(id(made)) is made:
            # If this is the same user once more, the next one would have got it as well.
            self._metrics.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
            raise IsolationError(f"{_named(agent_class)} gave back an instance that is in use")
        try:
            self._made[id(made)] = made
        except TypeError:  # an instance that cannot be referred to weakly
            if type(made) is not agent_class:  # of which the registry does not know
                raise IsolationError(
                    f"{_named(agent_class)} may give back an instance twice;"
                    " add '__weakref__' to the __slots__ of its instances"
                ) from None
        return made


def constructor_parameters(agent_class: type) -> Mapping[str, bool]:
    """The parameters that can be given by name, and whether they have to be.

    Where the class takes any keyword, those of its bases are among them; none of these has to be
    given, for the class may do that itself.

    Raises:
        AgentCreationError: The class does not say what they are, or needs one that has no name.
    """
    found: dict[str, bool] = {}
    for place, signature in enumerate(_signatures(agent_class)):
        for name, parameter in signature.parameters.items():
            is_required = parameter.default is parameter.empty and place == 0
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                found.setdefault(name, is_required)
            elif parameter.kind is parameter.POSITIONAL_ONLY and is_required:
                raise AgentCreationError(
                    f"{_named(agent_class)} takes {name!r} by its place only;"
                    " make it a parameter that can be given by name"
                )
    return MappingProxyType(found)


def _signatures(agent_class: type) -> Iterator[inspect.Signature]:
    """That of the class, and of one `__init__` after another as long as each takes any keyword."""
    try:
        signature = inspect.signature(agent_class)
    except (TypeError, ValueError):
        raise AgentCreationError(
            f"{_named(agent_class)} does not say what its constructor takes;"
            " give it an __init__ of its own"
        ) from None
    yield signature
    for base in agent_class.__mro__[:-1]:
        if not _takes_any_keyword(signature):
            return
        if "__init__" in vars(base):
            try:
                signature = inspect.signature(vars(base)["__init__"])
            except (TypeError, ValueError):  # one that is written in C
                return
            yield signature.replace(parameters=list(signature.parameters.values())[1:])


def _takes_any_keyword(signature: inspect.Signature) -> bool:
    return any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values())


def _named(agent_class: type) -> str:
    return f"{agent_class.__module__}.{agent_class.__qualname__}"
