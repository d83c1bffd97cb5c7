"""SSOT309: a bridge is set on an agent without saying for which run."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "agent websocket bridge"
canonical = "ssot_migrate.runtime:AgentWebSocketBridge"
deprecated = [{ path = "app.bridge:Bridge", safety = "manual" }]

[[concepts]]
name = "user execution context"
canonical = "ssot_migrate.runtime:UserExecutionContext"
deprecated = [{ path = "app.context:UserExecutionContext", safety = "unsafe" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/bridge.py": """
    class Bridge: ...
    """,
    "app/context.py": """
    class UserExecutionContext:
        run_id: str
    """,
}


class MissingRunId(PatternRule):
    """An agent gets a bridge, and None for the run.

    Events of such an agent have no user: they are dropped, or go to whoever the bridge thinks of.
    Where a context is in scope, its run is meant. Elsewhere the call is left to a person: the agent
    is set up before there is a run, and an id that is made up leads nowhere.

    Not flagged: calls that name a run, and bridges of other classes.
    """

    code = "SSOT309"
    valid = (
        Example(
            "a run, and another bridge",
            {
                **_TREE,
                "app/use.py": """
                from app.bridge import Bridge

                class Other: ...

                def wire(agent, bridge: Bridge, other: Other, run_id):
                    agent.set_websocket_bridge(bridge, run_id)
                    agent.set_websocket_bridge(other, None)
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "a context that knows the run, and none that does",
            {
                **_TREE,
                "app/use.py": """
                from app.bridge import Bridge
                from app.context import UserExecutionContext

                def wire(agent, bridge: Bridge, context: UserExecutionContext):
                    agent.set_websocket_bridge(bridge, None)

                def register(agent, bridge: Bridge):
                    agent.set_websocket_bridge(bridge, run_id=None)
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:8"),
        ),
    )
