"""Today's date, for rules with deadlines."""

from __future__ import annotations

import datetime
import os
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRETENDED: ContextVar[datetime.date | None] = ContextVar("date", default=None)


def today() -> datetime.date:
    """The date in UTC; that of SOURCE_DATE_EPOCH where a reproducible run sets it.

    See https://reproducible-builds.org/specs/source-date-epoch/.
    """
    if (pretended := _PRETENDED.get()) is not None:
        return pretended
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and len(epoch) < 12:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).date()
    return datetime.datetime.now(datetime.timezone.utc).date()


@contextmanager
def as_of(date: datetime.date) -> Iterator[None]:
    """Let it be another day, for code of another day."""
    token = _PRETENDED.set(date)
    try:
        yield
    finally:
        _PRETENDED.reset(token)
