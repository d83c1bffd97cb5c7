"""A constructor gets what its parameters are called, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from ssot_migrate.runtime.construction import (
    CONTEXT_SOURCES,
    Constructors,
    constant,
    constructor_parameters,
)
from ssot_migrate.runtime.context import UserExecutionContext
from ssot_migrate.runtime.errors import AgentCreationError, IsolationError

CONTEXT = UserExecutionContext("ada", "thread-1", "run-1", db_session=object())
SOURCES = {**CONTEXT_SOURCES, "llm": constant("the model")}


def made(agent_class: type) -> Any:
    return Constructors().construct(agent_class, CONTEXT, SOURCES)


def test_every_name_that_a_context_fills() -> None:
    class Agent:
        def __init__(
            self,
            context: object,
            user_context: object,
            db_session: object,
            session: object,
            emitter: object,
            websocket_emitter: object,
            *,
            user_id: str,
            thread_id: str,
            run_id: str,
            llm: str,
        ) -> None:
            self.given = vars().copy()

    given = made(Agent).given
    del given["self"]
    assert given == {
        "context": CONTEXT,
        "user_context": CONTEXT,
        "db_session": CONTEXT.db_session,
        "session": CONTEXT.db_session,
        "emitter": CONTEXT.websocket_emitter,
        "websocket_emitter": CONTEXT.websocket_emitter,
        "user_id": "ada",
        "thread_id": "thread-1",
        "run_id": "run-1",
        "llm": "the model",
    }


def test_a_class_without_constructor_needs_nothing() -> None:
    class Agent:
        pass

    assert isinstance(made(Agent), Agent)


def test_a_default_stays_where_nothing_fills_the_parameter() -> None:
    class Agent:
        def __init__(self, temperature: float = 0.5, llm: str = "another") -> None:
            self.given = (temperature, llm)

    assert made(Agent).given == (0.5, "the model")


def test_what_nothing_provides_is_named_with_its_class_and_a_remedy() -> None:
    class Agent:
        def __init__(self, vector_store: object) -> None: ...

    with pytest.raises(AgentCreationError) as caught:
        made(Agent)
    message = str(caught.value)
    assert "Agent needs 'vector_store'" in message
    assert "services={'vector_store': ...}" in message


def test_any_keyword_is_passed_on_as_far_as_the_bases_ask_for_it() -> None:
    class Base:
        def __init__(self, llm: str, run_id: str, *, temperature: float = 0.5) -> None:
            self.given = (llm, run_id, temperature)

    class Middle(Base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, temperature=0.1, **kwargs)

    class Agent(Middle):
        def __init__(self, user_id: str, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.user_id = user_id

    agent = made(Agent)
    assert agent.user_id == "ada"
    assert agent.given == ("the model", "run-1", 0.1)


def test_what_a_class_gives_to_its_base_itself_is_not_asked_for() -> None:
    class Base:
        def __init__(self, vector_store: object, llm: str) -> None:
            self.given = (vector_store, llm)

    class Agent(Base):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__("a store", **kwargs)

    assert made(Agent).given == ("a store", "the model")


def test_a_base_is_not_asked_where_keywords_end() -> None:
    class Base:
        def __init__(self, llm: str) -> None: ...

    class Agent(Base):
        def __init__(self, user_id: str) -> None:
            self.user_id = user_id

    assert dict(constructor_parameters(Agent)) == {"user_id": True}


def test_new_takes_part_as_the_constructor_it_is() -> None:
    class Agent:
        def __new__(cls, *_: Any, **__: Any) -> Agent:
            return super().__new__(cls)

        def __init__(self, user_id: str) -> None:
            self.user_id = user_id

    assert made(Agent).user_id == "ada"


def test_a_parameter_without_name_is_refused() -> None:
    class Agent:
        def __init__(self, user_id: str, /) -> None: ...

    with pytest.raises(AgentCreationError, match="'user_id' by its place"):
        made(Agent)


def test_a_class_that_hides_its_parameters_is_refused() -> None:
    class Agent:
        __signature__ = "hidden"

    with pytest.raises(AgentCreationError, match="does not say"):
        made(Agent)


def test_an_instance_that_would_not_be_recognized_is_refused() -> None:
    class Slotted:
        __slots__ = ()

    class Agent:
        def __new__(cls) -> Any:
            return Slotted()

    assert isinstance(made(Slotted), Slotted)
    with pytest.raises(IsolationError, match="Agent may give back an instance twice"):
        made(Agent)


def test_what_a_constructor_raises_comes_out_as_it_is() -> None:
    problem = TypeError("mine")

    class Agent:
        def __init__(self) -> None:
            raise problem

    with pytest.raises(TypeError) as caught:
        made(Agent)
    assert caught.value is problem


@pytest.mark.parametrize(("cache_size", "inspections"), [(128, 1), (0, 3), (1, 1)])
def test_a_constructor_is_inspected_once_if_it_is_remembered(
    cache_size: int, inspections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Agent:
        def __init__(self, user_id: str) -> None: ...

    inspected = []

    def counting(agent_class: type) -> Any:
        inspected.append(agent_class)
        return constructor_parameters(agent_class)

    monkeypatch.setattr("ssot_migrate.runtime.construction.constructor_parameters", counting)
    constructors = Constructors(cache_size)
    for _ in range(3):
        constructors.construct(Agent, CONTEXT, SOURCES)
    assert len(inspected) == inspections
