"""SSOT301: an instance is registered where a class should be."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "agent class registry"
canonical = "ssot_migrate.runtime:AgentClassRegistry"
deprecated = [{ path = "app.registry:AgentRegistry", safety = "manual" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/registry.py": """
    class AgentRegistry:
        def register(self, name, agent): ...
    """,
    "app/agents.py": """
    class Agent:
        def __init__(self, *parts, **options): ...
    class TriageAgent(Agent): ...
    def make_agent(): ...
    """,
}


class ClassRegistration(PatternRule):
    """An agent is registered as an instance, which then serves all users.

    A registry of classes makes an own instance for each request. So `register("x", XAgent(a, b))`
    becomes `register("x", XAgent)`: what `a` and `b` were, a service that all agents share, the
    factory is told once. That is so only if they carry no behaviour of this one agent: other
    arguments than names of configured services are left to a person, as are calls of anything but
    a class. The legacy registry takes instances: the edit is made in the run that replaces its
    class, or after it, and is unsafe. Where a person replaces it, so are its registrations.

    Which names are services stands in `where."$services"` of the entry `register-agent`; an entry
    of this name in `ssot.toml` takes its place.

    Not flagged: classes that are registered, and methods of that name of other classes.
    """

    code = "SSOT301"
    valid = (
        Example(
            "a class, and another registry",
            {
                **_TREE,
                "app/start.py": """
                from app.agents import TriageAgent
                from app.registry import AgentRegistry

                class Tools:
                    def register(self, name, tool): ...

                def start():
                    AgentRegistry().register("triage", TriageAgent)
                    Tools().register("triage", TriageAgent())
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "an instance made of services",
            {
                **_TREE,
                "app/start.py": """
                from app.agents import TriageAgent
                from app.registry import AgentRegistry

                def start(llm_manager, tool_dispatcher):
                    registry = AgentRegistry()
                    registry.register("triage", TriageAgent(llm_manager, tool_dispatcher))
                """,
            },
            _REGISTRY,
            ("app/start.py:6",),
        ),
        Example(
            "arguments that carry behaviour, a name that is no literal, and no class: for a person",
            {
                **_TREE,
                "app/start.py": """
                from app.agents import TriageAgent, make_agent
                from app.registry import AgentRegistry

                def start(registry: AgentRegistry, name):
                    registry.register("triage", TriageAgent(condition="new"))
                    registry.register(name, TriageAgent())
                    registry.register("made", make_agent())
                """,
            },
            _REGISTRY,
            ("app/start.py:5", "app/start.py:6", "app/start.py:7"),
        ),
    )
