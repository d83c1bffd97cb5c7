"""SSOT303: an agent is looked up among shared instances."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "agent class registry"
canonical = "ssot_migrate.runtime:AgentClassRegistry"
deprecated = [{ path = "app.registry:AgentRegistry", safety = "manual" }]

[[concepts]]
name = "user execution context"
canonical = "ssot_migrate.runtime:UserExecutionContext"
deprecated = [{ path = "app.context:UserExecutionContext", safety = "unsafe" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/registry.py": """
    class AgentRegistry:
        def get(self, name): ...
    """,
    "app/context.py": """
    class UserExecutionContext: ...
    """,
}


class RegistryLookup(PatternRule):
    """An agent comes from a registry, and is the same for all users.

    `registry.get("x")` becomes `await factory.create_agent_instance("x", context)`: a new agent,
    which ends with the context. That asks for a coroutine, for one context in scope, and for a
    result that nobody compares with None, as an unknown name now raises. The context must be one
    that `user_execution_scope` has opened, which the function's callers see to: the edit is unsafe.

    Not flagged: `get` of anything that is not proven to be the registry, lookups with a default,
    and what the registry does itself.
    """

    code = "SSOT303"
    valid = (
        Example(
            "a dictionary, and a lookup with a default",
            {
                **_TREE,
                "app/use.py": """
                from app.registry import AgentRegistry

                def find(names: dict[str, int], registry: AgentRegistry):
                    return names.get("triage"), registry.get("triage", None)
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "a coroutine with a context",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.registry import AgentRegistry

                async def run(registry: AgentRegistry, context: UserExecutionContext, message):
                    agent = registry.get("triage")
                    return await agent.execute(message)
                """,
            },
            _REGISTRY,
            ("app/use.py:5",),
        ),
        Example(
            "for a person: tested for None, no coroutine, no context",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.registry import AgentRegistry

                async def tested(registry: AgentRegistry, context: UserExecutionContext):
                    agent = registry.get("triage")
                    if agent is None:
                        raise LookupError
                    return await agent.execute()

                def sync(registry: AgentRegistry, context: UserExecutionContext):
                    registry.get("triage").reset()

                async def without(registry: AgentRegistry):
                    await registry.get("triage").execute()
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:11", "app/use.py:14"),
        ),
    )
