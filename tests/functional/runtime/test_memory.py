"""Contexts come and go, and the heap stays as it was."""

from __future__ import annotations

import pytest

from tests.campaigns.runtime.memory import measure


@pytest.mark.parametrize("pooling", [False, True], ids=["an emitter for each", "pooled"])
def test_nothing_stays_of_contexts_that_are_gone(pooling: bool) -> None:
    report = measure(500, pooling=pooling)
    assert report.problems == []
    assert report.pooled <= 2
