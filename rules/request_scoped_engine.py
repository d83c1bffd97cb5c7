"""SSOT308: an engine is made for a request, and nothing closes it."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "scope of a user's engine"
canonical = "ssot_migrate.runtime:ExecutionEngineFactory.user_execution_scope"
deprecated = [{ path = "app.engines:create_request_scoped_engine", safety = "manual" }]

[[concepts]]
name = "user execution context"
canonical = "ssot_migrate.runtime:UserExecutionContext"
deprecated = [{ path = "app.context:UserExecutionContext", safety = "unsafe" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/engines.py": """
    class Engine:
        async def execute(self, message): ...
    def create_request_scoped_engine(context, registry=None): ...
    """,
    "app/context.py": """
    class UserExecutionContext: ...
    """,
}


class RequestScopedEngine(PatternRule):
    """An engine of a request is made by a function, and left to its fate.

    `engine = create_request_scoped_engine(context)` becomes
    `async with (await get_execution_engine_factory()).user_execution_scope(context) as engine:`,
    with all lines that use the engine in its suite. An engine that is handed on, returned, or used
    outside of its block is left to a person, as are further arguments: engines of the runtime are
    made of the factory's parts. The factory must be configured: the edit is unsafe.

    Not flagged: functions of that name from elsewhere.
    """

    code = "SSOT308"
    valid = (
        Example(
            "a function of the same name",
            {
                **_TREE,
                "app/use.py": """
                from elsewhere import create_request_scoped_engine

                async def run(context):
                    engine = create_request_scoped_engine(context)
                    await engine.execute("hi")
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "an engine that one block uses",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.engines import create_request_scoped_engine

                async def run(context: UserExecutionContext):
                    engine = create_request_scoped_engine(context)
                    return await engine.execute("hi")
                """,
            },
            _REGISTRY,
            ("app/use.py:5",),
        ),
        Example(
            "for a person: an engine that is returned, and one with parts of its own",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.engines import create_request_scoped_engine

                async def make(context: UserExecutionContext):
                    engine = create_request_scoped_engine(context)
                    return engine

                async def run(context: UserExecutionContext, registry):
                    engine = create_request_scoped_engine(context, registry=registry)
                    return await engine.execute("hi")
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:9"),
        ),
    )
