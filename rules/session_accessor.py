"""SSOT306: a database session comes from an accessor instead of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.lint.callers import callers_of
from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

if TYPE_CHECKING:
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.judged import Judged

_SHOWN = 5
_REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "request session"
canonical = "ssot_migrate.runtime:UserExecutionContext.db_session"
deprecated = [{ path = "app.db:open_session", safety = "manual" }]

[[concepts]]
name = "user execution context"
canonical = "ssot_migrate.runtime:UserExecutionContext"
deprecated = [{ path = "app.context:UserExecutionContext", safety = "unsafe" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/db.py": """
    def open_session(): ...
    """,
    "app/context.py": """
    class UserExecutionContext: ...
    """,
}


class SessionAccessor(PatternRule):
    """A session is opened that is not the request's.

    What one request writes by two sessions is in two transactions, and nobody closes the second
    one with the request. `async with accessor() as session:` becomes `session = context.db_session`
    where one context is in scope. The block owned its session and the request now does: a block
    that commits, rolls back or closes is left to a person. Where no context is in scope, the
    finding says who calls the function, and so would have to pass one. The request's session is
    there while its scope is open: the edit is unsafe.

    Not flagged: functions of that name from elsewhere, and accessors that are handed to a framework
    without being called.
    """

    code = "SSOT306"
    valid = (
        Example(
            "a dependency that a framework calls, and a function of the same name",
            {
                **_TREE,
                "app/use.py": """
                from app import db
                from elsewhere import open_session

                def route(session=db.open_session): ...

                async def run():
                    async with open_session() as session:
                        await session.execute("select 1")
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "a block that reads, beside a context",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.db import open_session

                async def run(context: UserExecutionContext):
                    async with open_session() as session:
                        return await session.execute("select 1")
                """,
            },
            _REGISTRY,
            ("app/use.py:5",),
        ),
        Example(
            "for a person: a block that commits, and a function whose callers have the context",
            {
                **_TREE,
                "app/use.py": """
                from app.context import UserExecutionContext
                from app.db import open_session

                async def write(context: UserExecutionContext):
                    async with open_session() as session:
                        await session.commit()

                async def read():
                    async with open_session() as session:
                        return await session.execute("select 1")
                """,
                "app/route.py": """
                from app.use import read

                async def route(request):
                    return await read()
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:9"),
        ),
    )

    def details(self, project: Project, path: str, one: Judged) -> tuple[str, ...]:
        """Who would have to pass a context."""
        if not one.is_without or not one.scope:
            return ()
        callers = callers_of(project, path, one.scope)
        if not callers:
            return (f"no call of `{one.scope}` is in sight",)
        rest = len(callers) - _SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        return (f"`{one.scope}` is called in {', '.join(callers[:_SHOWN])}{more}",)
