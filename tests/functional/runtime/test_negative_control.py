"""The old design, one registry for everybody, fails the checks that the runtime passes."""

from __future__ import annotations

import pytest

from tests.campaigns.runtime.people import people
from tests.campaigns.runtime.platforms import IsolatedPlatform
from tests.campaigns.runtime.singleton import SingletonPlatform
from tests.campaigns.runtime.story import PEOPLE, play

ALONE = people(1, runs=1)


def test_a_single_user_is_served_well_by_both() -> None:
    assert play(SingletonPlatform, everybody=ALONE).problems == ()
    assert play(IsolatedPlatform, everybody=ALONE).problems == ()


def test_users_at_the_same_time_are_mixed_up_by_the_old_design_only() -> None:
    assert play(IsolatedPlatform).problems == ()
    problems = play(SingletonPlatform).problems
    first, *_, last = PEOPLE
    assert f"the secret of {first.user} is in what {last.user} received" in problems
    assert f"{first.user} received 0 agent_completed of {first.runs[0]}" in problems


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_steps_changes_nothing_about_it(seed: int) -> None:
    assert play(IsolatedPlatform, seed=seed).problems == ()
    assert any("secret" in problem for problem in play(SingletonPlatform, seed=seed).problems)
