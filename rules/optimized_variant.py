"""SSOT311: a variant is used that was made for speed."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "agent instance factory"
canonical = "ssot_migrate.runtime:AgentInstanceFactory"
deprecated = [
    { path = "app.fast:OptimizedAgentInstanceFactory", safety = "manual" },
    { path = "app.plain:AgentInstanceFactory", safety = "manual" },
]
"""
_TREE = {
    "app/__init__.py": "",
    "app/plain.py": """
    class AgentInstanceFactory: ...
    """,
    "app/fast.py": """
    class OptimizedAgentInstanceFactory:
        def __init__(self, pool=None): ...
    """,
}


class OptimizedVariant(PatternRule):
    """An optimized factory or emitter is made, beside the canonical one.

    What made it fast, pools and caches, is a setting of the canonical factory: the code to write is
    `AgentInstanceFactory(performance=FactoryPerformanceConfig.maximum_performance())`. It is left
    to a person, as the new factory is configured by other parts, and none of them is at the call.

    Which variants are optimized, their names say: `named` of the entries `optimized-factory` and
    `optimized-emitter`. Only deprecated paths of the concepts are looked at.

    Not flagged: other deprecated factories, and what a factory does itself.
    """

    code = "SSOT311"
    valid = (
        Example(
            "a deprecated factory that is not optimized",
            {
                **_TREE,
                "app/use.py": """
                from app.plain import AgentInstanceFactory

                factory = AgentInstanceFactory()
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "an optimized factory, with and without a pool of its own",
            {
                **_TREE,
                "app/use.py": """
                from app.fast import OptimizedAgentInstanceFactory

                factory = OptimizedAgentInstanceFactory()
                pooled = OptimizedAgentInstanceFactory(pool=[])
                """,
            },
            _REGISTRY,
            ("app/use.py:3", "app/use.py:4"),
        ),
    )
