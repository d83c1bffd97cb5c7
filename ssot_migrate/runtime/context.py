"""Who a request is for: the one value that everything made for the request is bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, NoReturn, cast
from uuid import uuid4

from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.errors import InvalidContextError
from ssot_migrate.runtime.frozen import freeze_mapping, thaw

MAX_ID_LENGTH = 256
"""The longest id, in characters."""

_PLACEHOLDERS = frozenset(
    (
        *("registry", "placeholder", "default", "temp", "none", "null", "undefined", "unknown"),
        *("0", "1", "xxx", "yyy", "example"),
    )
)
_BRACKETS = "<>{}[]()$"
_PLACEHOLDER_PREFIXES = ("placeholder_", "registry_", "default_", "temp_")
_LONG_ENOUGH_TO_BE_MEANT = 20


class _WeaklyReferable:
    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True)
class UserExecutionContext(_WeaklyReferable):
    """One request of one user: unchangeable, and sharing nothing mutable with another one.

    Args:
        user_id: Whose request it is.
        thread_id: The conversation it belongs to.
        run_id: The run of agents that answers it.
        db_session: The database session of this request alone.
        request_id: The request itself; made up where it is left out.
        created_at: When it came in; with a time zone.
        metadata: What else is known, copied and frozen: lists become tuples, sets frozen sets, and
            mappings read-only. Its keys are strings, and none is the name of a field.
        websocket_emitter: Where events of this run go; one without a bridge, whose events go
            nowhere, where it is left out.
        parent_request_id: The request that this one is a part of.
        operation: What this part of a request does.

    An id is a placeholder if it is, in any case and with brackets around it or without, `registry`,
    `placeholder`, `default`, `temp`, `none`, `null`, `undefined`, `unknown`, `example`, `xxx`,
    `yyy`, `0` or `1`; or shorter than 20 characters and begins with `placeholder_`, `registry_`,
    `default_` or `temp_`. Other words inside an id are not judged: `unknown_soldier` may be
    somebody.

    Raises:
        InvalidContextError: An id is empty, a placeholder, longer than `MAX_ID_LENGTH`, has blanks
            around it or holds what cannot be seen; `created_at` has no time zone; or the metadata
            cannot be frozen.
        IsolationError: The emitter was made for another user, thread or run.
    """

    user_id: str
    thread_id: str
    run_id: str
    db_session: Any = field(default=None, repr=False, compare=False)
    request_id: str = field(default_factory=lambda: str(uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    metadata: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, hash=False
    )
    # Left out is None until `__post_init__`, and for nobody else.
    websocket_emitter: UserWebSocketEmitter = field(
        default=cast("UserWebSocketEmitter", None), repr=False, compare=False
    )
    parent_request_id: str | None = None
    operation: str | None = None

    def __post_init__(self) -> None:
        for name in ("user_id", "thread_id", "run_id", "request_id"):
            _check_id(name, getattr(self, name))
        if self.parent_request_id is not None:
            _check_id("parent_request_id", self.parent_request_id)
        if self.operation is not None:
            _check_text("operation", self.operation)
        if getattr(self.created_at, "tzinfo", None) is None:
            raise InvalidContextError("created_at must be a datetime with a time zone")
        object.__setattr__(self, "metadata", _frozen_metadata(self.metadata))
        emitter = cast("UserWebSocketEmitter | None", self.websocket_emitter)
        if emitter is None:
            object.__setattr__(self, "websocket_emitter", UserWebSocketEmitter(*self._ids, None))
        else:
            emitter.check_bound_to(*self._ids)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            "a context can be neither copied nor pickled; make a child, or send to_dict()"
        )

    @property
    def _ids(self) -> tuple[str, str, str]:
        return (self.user_id, self.thread_id, self.run_id)

    @property
    def correlation_id(self) -> str:
        """The first 8 characters of user, thread, run and request, for log lines."""
        return ":".join(part[:8] for part in (*self._ids, self.request_id))

    def create_child_context(
        self, operation: str, *, metadata: Mapping[str, Any] | None = None
    ) -> UserExecutionContext:
        """A context for a part of this request: same user, thread, run, session and emitter.

        Args:
            operation: What this part does.
            metadata: What is known in addition; it wins over the parent's.

        Raises:
            InvalidContextError: As of the constructor.
        """
        return replace(
            self,
            request_id=str(uuid4()),
            parent_request_id=self.request_id,
            operation=operation,
            created_at=datetime.now(timezone.utc),
            metadata={**self.metadata, **(metadata or {})},
        )

    def with_db_session(self, db_session: Any) -> UserExecutionContext:
        """The same request with this database session."""
        return replace(self, db_session=db_session)

    def with_emitter(self, emitter: UserWebSocketEmitter) -> UserExecutionContext:
        """The same request with this emitter.

        Raises:
            IsolationError: It was made for another user, thread or run.
        """
        return replace(self, websocket_emitter=emitter)

    def to_dict(self) -> dict[str, Any]:
        """Ids, time and metadata as JSON can hold them; neither session nor emitter."""
        return {
            "user_id": self.user_id,
            "thread_id": self.thread_id,
            "run_id": self.run_id,
            "request_id": self.request_id,
            "parent_request_id": self.parent_request_id,
            "operation": self.operation,
            "created_at": self.created_at.isoformat(),
            "metadata": thaw(self.metadata),
        }


def validate_user_context(value: object) -> UserExecutionContext:
    """Give back what is a context.

    Raises:
        TypeError: It is something else, such as a class of the same name from another module.
    """
    if isinstance(value, UserExecutionContext):
        return value
    found = type(value)
    raise TypeError(
        f"expected {UserExecutionContext.__module__}.{UserExecutionContext.__qualname__},"
        f" not {found.__module__}.{found.__qualname__}"
    )


def _refuse_change(_: UserExecutionContext, name: str, *__: object) -> NoReturn:
    raise FrozenInstanceError(f"a context cannot be changed: {name!r}")


# What `dataclass` makes of a class with slots fails itself where the name is that of no field.
for _method in ("__setattr__", "__delattr__"):
    setattr(UserExecutionContext, _method, _refuse_change)

_FIELDS = frozenset(one.name for one in fields(UserExecutionContext))


def _check_id(name: str, value: object) -> None:
    text = _check_text(name, value)
    lowered = text.lower()
    if lowered.strip(_BRACKETS) in _PLACEHOLDERS or (
        len(text) < _LONG_ENOUGH_TO_BE_MEANT and lowered.startswith(_PLACEHOLDER_PREFIXES)
    ):
        raise InvalidContextError(f"{name} {text!r} is a placeholder, not an id")


def _check_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidContextError(f"{name} must be a string, not a {type(value).__qualname__}")
    if len(value) > MAX_ID_LENGTH:
        raise InvalidContextError(f"{name} {value[:20]!r}... has {len(value)} characters")
    if not value.strip():
        raise InvalidContextError(f"{name} {value!r} is empty")
    if value != value.strip() or not value.isprintable():
        raise InvalidContextError(f"{name} {value!r} holds blanks or characters that are not seen")
    return value


def _frozen_metadata(metadata: object) -> Mapping[str, Any]:
    if not isinstance(metadata, Mapping):
        raise InvalidContextError(
            f"metadata must be a mapping, not a {type(metadata).__qualname__}"
        )
    try:
        frozen = freeze_mapping(metadata)
    except (TypeError, RecursionError) as problem:
        raise InvalidContextError(f"metadata: {problem}") from None
    if reserved := sorted(_FIELDS.intersection(frozen)):
        raise InvalidContextError(f"metadata has the name of a field: {', '.join(reserved)}")
    return frozen
