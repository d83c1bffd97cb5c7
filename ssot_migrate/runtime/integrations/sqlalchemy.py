"""Database sessions of SQLAlchemy: one a request, never used by two tasks at once."""

from __future__ import annotations

import asyncio
import weakref
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from ssot_migrate.runtime.errors import RuntimeFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import SessionTransaction

__all__ = ["RequestSession", "SessionSharedError", "session_factory"]


class SessionSharedError(RuntimeFault, RuntimeError):
    """A task used a session in whose transaction another task is."""


def session_factory(engine: AsyncEngine) -> Callable[[], RequestSession]:
    """Return what makes the session of a request, for `configure(session_factory=...)`.

    A session takes a connection from the engine's pool with its first statement, and gives it back
    when it commits, rolls back or closes. Closing rolls back what was not committed; a closed
    session stays closed.

    What a request tells the server about itself must end with its transaction, for the next user
    gets the same connection: `SET LOCAL name = value` or `set_config(name, value, true)`, never
    `SET`, `SET ROLE` or a temporary table.
    """

    def make() -> RequestSession:
        return RequestSession(engine, expire_on_commit=False, close_resets_only=False)

    return make


@dataclass(frozen=True, eq=False, slots=True)
class _Use:
    """The last use of a session whose transaction may be open."""

    session: weakref.ref[_OneTaskSession]
    task: weakref.ref[asyncio.Task[Any]]

    @property
    def is_current(self) -> bool:
        session = self.session()
        return session is not None and session.last_use is self

    @property
    def is_over(self) -> bool:
        task = self.task()
        return task is None or task.done()


# What this task and those that started it have in use. A task inherits a copy, so that a session
# may be handed down to a task that is awaited, and taken back when that task is done.
_IN_USE: ContextVar[tuple[_Use, ...]] = ContextVar("sessions_in_use", default=())


class _OneTaskSession(Session):
    """The inner session: refuses a second task while a transaction of the first is open.

    Whatever begins a transaction, and every use of one that is open, comes through a method that
    claims it; closing is left out, for the end of a request closes what its task has open.
    """

    last_use: _Use | None = None

    def claim(self) -> None:
        """Note the task that uses the transaction, if there is one.

        Raises:
            SessionSharedError: Another task has a transaction open here, and is not done.
        """
        if not self.in_transaction():
            return
        task, mine, last = _current_task(), _IN_USE.get(), self.last_use
        if not (last is None or last.is_over or last.task() is task or last in mine):
            raise SessionSharedError(
                "this database session is in use by another task; "
                "commit there first, await that task, or give each task a session of its own"
            )
        if task is not None:  # a thread works for the task that waits for it
            self.last_use = _Use(weakref.ref(self), weakref.ref(task))
            _IN_USE.set((*(use for use in mine if use.is_current), self.last_use))


def _claiming(name: str) -> Callable[..., Any]:
    """A method of the session that claims its transaction before it does anything."""
    method = getattr(Session, name)

    @wraps(method)
    def claimed(session: _OneTaskSession, /, *args: Any, **options: Any) -> Any:
        session.claim()
        return method(session, *args, **options)

    return claimed


# Each statement asks `get_bind`, whichever method it comes from, where to go.
for _name in (
    *("get_bind", "connection", "begin", "flush", "prepare", "commit", "rollback", "reset"),
    *("add", "delete", "merge", "expunge", "expire", "expire_all"),
):
    setattr(_OneTaskSession, _name, _claiming(_name))


@event.listens_for(_OneTaskSession, "after_transaction_create")
def _on_begin(session: _OneTaskSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.claim()


@event.listens_for(_OneTaskSession, "after_transaction_end")
def _on_end(session: _OneTaskSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.last_use = None


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # a thread without a loop
        return None


class RequestSession(AsyncSession):
    """A session that belongs to one request.

    Its transaction belongs to the task that uses it, and to tasks that this task awaits meanwhile.
    Two tasks at once raise `SessionSharedError` instead of sharing a transaction, whatever they do
    with the session; only closing is free to all. A connection that `connection()` gave away, and
    the attributes of objects that were read, are not watched.
    """

    sync_session_class = _OneTaskSession
