"""SSOT302: a registry of instances is made, filled and wired at start-up."""

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
    "app/agents.py": """
    class TriageAgent: ...
    class DataAgent: ...
    """,
    "app/registry.py": """
    from app.agents import DataAgent, TriageAgent

    class AgentRegistry:
        def register(self, name, agent): ...
        def set_websocket_bridge(self, bridge): ...
        def register_default_agents(self):
            self.register("triage", TriageAgent)
            self.register("data", DataAgent)
    """,
}


class StartupSequence(PatternRule):
    """The application starts a registry of instances.

    `AgentRegistry(...)`, `register_default_agents()` and `set_websocket_bridge(...)` are one step
    in three places. What replaces them is awaited, stands at start-up, and says which services all
    agents share: no call tells that. So they are left to a person, with the code to write. It has
    a line for each class that the tree registers.

    Not flagged: what the registry does itself, and methods of that name of other classes.
    """

    code = "SSOT302"
    valid = (
        Example(
            "another class with such methods",
            {
                **_TREE,
                "app/start.py": """
                class Plugins:
                    def register_default_agents(self): ...

                def start():
                    Plugins().register_default_agents()
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "the three calls",
            {
                **_TREE,
                "app/start.py": """
                from app.registry import AgentRegistry

                def start(llm, tools, bridge):
                    registry = AgentRegistry(llm, tools)
                    registry.register_default_agents()
                    registry.set_websocket_bridge(bridge)
                """,
            },
            _REGISTRY,
            ("app/start.py:4", "app/start.py:5", "app/start.py:6"),
        ),
    )
