"""The one switch, under its two names."""

from __future__ import annotations

import pytest

from ssot_migrate.runtime.architecture import Architecture, choose, selected_architecture
from ssot_migrate.runtime.errors import SwitchError

ISOLATED, SINGLETON = Architecture.ISOLATED, Architecture.SINGLETON


@pytest.mark.parametrize("name", ["", " ", "isolated", "Isolated ", None])
@pytest.mark.parametrize("flag", ["", "true", "TRUE", "1", "yes", "on", None])
def test_isolated_unless_said_otherwise(name: str | None, flag: str | None) -> None:
    assert selected_architecture(environ(name, flag)) is ISOLATED


@pytest.mark.parametrize(
    ("name", "flag"),
    [("singleton", None), ("SINGLETON", ""), (None, "false"), ("", "0"), ("singleton", "no")],
)
def test_singleton_by_either_name_or_both(name: str | None, flag: str | None) -> None:
    assert selected_architecture(environ(name, flag)) is SINGLETON


@pytest.mark.parametrize(("name", "flag"), [("isolated", "false"), ("singleton", "true")])
def test_a_contradiction_is_named_with_its_remedy(name: str, flag: str) -> None:
    with pytest.raises(SwitchError) as caught:
        selected_architecture(environ(name, flag))
    assert str(caught.value) == (
        f"AGENT_REGISTRY_ARCHITECTURE={name} and USE_CONSOLIDATED_FACTORY={flag} contradict each"
        " other; unset one of them"
    )


@pytest.mark.parametrize(
    ("name", "flag", "message"),
    [
        ("split", None, "AGENT_REGISTRY_ARCHITECTURE='split' must be isolated or singleton"),
        ("true", "true", "AGENT_REGISTRY_ARCHITECTURE='true' must be isolated or singleton"),
        (None, "maybe", "USE_CONSOLIDATED_FACTORY: 'maybe' is neither true nor false"),
        ("isolated", "isolated", "USE_CONSOLIDATED_FACTORY: 'isolated' is neither"),
    ],
)
def test_an_unknown_value_is_named_with_its_remedy(
    name: str | None, flag: str | None, message: str
) -> None:
    with pytest.raises(SwitchError) as caught:
        selected_architecture(environ(name, flag))
    assert str(caught.value).startswith(message)


def test_only_the_chosen_way_is_called() -> None:
    called: list[str] = []
    ways = (lambda: called.append("isolated"), lambda: called.append("singleton"))
    choose(*ways, environ("singleton", None))
    assert called == ["singleton"]
    choose(*ways, {})
    assert called == ["singleton", "isolated"]
    with pytest.raises(SwitchError):
        choose(*ways, environ("both", None))
    assert called == ["singleton", "isolated"]
    assert choose(lambda: 1, lambda: 2, environ(None, "off")) == 2


def test_the_environment_is_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USE_CONSOLIDATED_FACTORY", raising=False)
    for value, expected in (("singleton", SINGLETON), ("isolated", ISOLATED)):
        monkeypatch.setenv("AGENT_REGISTRY_ARCHITECTURE", value)
        assert selected_architecture() is expected
        assert choose(lambda: ISOLATED, lambda: SINGLETON) is expected


def environ(name: str | None, flag: str | None) -> dict[str, str]:
    variables = {"AGENT_REGISTRY_ARCHITECTURE": name, "USE_CONSOLIDATED_FACTORY": flag}
    return {variable: value for variable, value in variables.items() if value is not None}
