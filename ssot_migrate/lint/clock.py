"""Today's date, for rules with deadlines."""

from __future__ import annotations

import datetime
import os


def today() -> datetime.date:
    """The date in UTC; that of SOURCE_DATE_EPOCH where a reproducible run sets it.

    See https://reproducible-builds.org/specs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and len(epoch) < 12:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).date()
    return datetime.datetime.now(datetime.timezone.utc).date()
