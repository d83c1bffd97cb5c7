from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from . import postgres
from .promtool import NoPromtoolError, promtool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GIVEN = os.environ.get("SSOT_TEST_POSTGRES", "")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/app.db"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of our own, or the one of SSOT_TEST_POSTGRES: `postgresql+asyncpg://...`."""
    with ExitStack() as stack:
        try:
            url = GIVEN or stack.enter_context(postgres.server())
        except postgres.NoServerError as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture(scope="session", name="promtool")
def promtool_path() -> str:
    """Prometheus' own judge of rules."""
    try:
        return promtool()
    except NoPromtoolError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))
