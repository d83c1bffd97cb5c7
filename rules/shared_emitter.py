"""SSOT305: an event goes over the bridge that everybody shares."""

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
    class Bridge:
        async def notify_agent_thinking(self, run_id, agent_name, reasoning, step_number=None): ...
    """,
    "app/context.py": """
    class UserExecutionContext:
        run_id: str
    """,
}


class SharedEmitter(PatternRule):
    """An event is sent to a run that the sender names.

    Whoever has the bridge can name the run of another user. An emitter is bound to one run, and
    the context has it: `bridge.notify_x(context.run_id, agent, ...)` becomes
    `context.websocket_emitter.notify_x(agent, ...)`. Positionals become keywords, as the orders
    differ. The run that is named must be that of the context; another one is left to a person, as
    are arguments that the emitter does not take. A context has an emitter while its scope is open:
    the edit is unsafe.

    Not flagged: methods of that name of other classes, such as emitters, and what bridges and
    emitters do themselves.
    """

    code = "SSOT305"
    valid = (
        Example(
            "an emitter",
            {
                **_TREE,
                "app/use.py": """
                class Emitter:
                    async def notify_agent_thinking(self, agent_name, reasoning): ...

                async def run(emitter: Emitter):
                    await emitter.notify_agent_thinking("triage", "hm")
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "the run of the context",
            {
                **_TREE,
                "app/use.py": """
                from app.bridge import Bridge
                from app.context import UserExecutionContext

                async def run(bridge: Bridge, context: UserExecutionContext, agent):
                    await bridge.notify_agent_thinking(context.run_id, agent.name, "hm", 1)
                """,
            },
            _REGISTRY,
            ("app/use.py:5",),
        ),
        Example(
            "for a person: another run, an argument that emitters do not take",
            {
                **_TREE,
                "app/use.py": """
                from app.bridge import Bridge
                from app.context import UserExecutionContext

                async def run(bridge: Bridge, context: UserExecutionContext, run_id, trace):
                    await bridge.notify_agent_thinking(run_id, "triage", "hm")
                    await bridge.notify_agent_thinking(context.run_id, "triage", "hm", trace=trace)
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:6"),
        ),
    )
