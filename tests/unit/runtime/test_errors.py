"""What is raised, and what is said."""

from __future__ import annotations

import pickle

import pytest

from ssot_migrate.runtime import errors
from ssot_migrate.runtime.errors import NotConfiguredError, RuntimeFault, UserLimitError

FAULTS = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, RuntimeFault)
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_also_what_python_calls_it(fault: type[RuntimeFault]) -> None:
    pythons = (ValueError, RuntimeError, LookupError, PermissionError, TimeoutError)
    assert fault is RuntimeFault or issubclass(fault, pythons)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_can_be_sent_to_another_process(fault: type[RuntimeFault]) -> None:
    problem = UserLimitError("alice", 5) if fault is UserLimitError else fault("what is wrong")
    received = pickle.loads(pickle.dumps(problem))
    assert type(received) is fault
    assert str(received) == str(problem)
    assert vars(received) == vars(problem)


def test_a_limit_says_whose_it_is_and_how_high() -> None:
    problem = UserLimitError("alice", 5)
    assert (problem.user_id, problem.limit) == ("alice", 5)
    assert str(problem) == "user 'alice' has reached the limit of 5; try again later"


def test_the_remedy_of_a_factory_that_is_not_configured() -> None:
    assert str(NotConfiguredError()) == "Factory not configured - call configure() first"
