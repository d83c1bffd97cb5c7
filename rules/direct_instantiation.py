"""SSOT304: an agent is made by its constructor, past the factory."""

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
    class Report: ...
    """,
    "app/registry.py": """
    from app.agents import TriageAgent

    class AgentRegistry:
        def register(self, name, agent): ...

    def fill(registry: AgentRegistry):
        registry.register("triage", TriageAgent)
    """,
}


class DirectInstantiation(PatternRule):
    """A class that is registered as an agent is called.

    An agent that the factory did not make belongs to no user: it has no emitter and no session of
    its own, and nobody ends it. Which classes are agents, the tree's own `register` calls say. The
    call is left to a person, as the new one needs a coroutine and a context; the finding has the
    registered name. Tests that make agents by hand may go on; a baseline keeps them from becoming
    more.

    Not flagged: instances made to be registered, which SSOT301 tells of, and what the factory does.
    """

    code = "SSOT304"
    valid = (
        Example(
            "a class that nobody registers",
            {
                **_TREE,
                "app/use.py": """
                from app.agents import Report

                def write():
                    return Report()
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "an agent of one's own",
            {
                **_TREE,
                "app/use.py": """
                from app import agents
                from app.agents import TriageAgent as Triage

                def run():
                    return Triage(), agents.TriageAgent()
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:5"),
        ),
    )
