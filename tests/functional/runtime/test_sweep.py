"""A cancellation anywhere leaves nothing behind and disturbs nobody else, in a sample of places."""

from __future__ import annotations

import pytest

from tests.campaigns.runtime.defects import DEFECTS, Defect
from tests.campaigns.runtime.platforms import IsolatedPlatform
from tests.campaigns.runtime.sweep import SHORT, notices, sweep


def test_the_runtime_is_sound() -> None:
    tally = sweep(IsolatedPlatform, SHORT, SHORT.every)
    assert not tally.problems
    assert tally.cancellations > 100


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_planted_mistake_is_noticed(defect: Defect) -> None:
    with defect.planted():
        assert notices(IsolatedPlatform, every=3)
