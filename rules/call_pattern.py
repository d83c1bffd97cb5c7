"""SSOT300: a call that a pattern of the registry replaces."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
[[calls]]
name = "agent-lookup"
match = "$registry.get($name)"
replace = "await get_factory().create($name, $context)"
imports = ["app.factory:get_factory"]
message = "the registry hands one instance to all users"

[calls.where]
"$registry" = { type = ["app.registry:Registry"] }
"$context" = { in-scope = ["app.factory:Context"] }
"""
_TREE = {
    "app/__init__.py": "",
    "app/registry.py": """
    class Registry:
        def get(self, name): ...
    """,
    "app/factory.py": """
    class Context: ...
    class Factory:
        async def create(self, name, context): ...
    def get_factory() -> Factory: ...
    """,
}


class CallPattern(PatternRule):
    """A call is of a kind for which the registry has another one.

    Some calls cannot be mended by a new name: a lookup in a registry of shared instances becomes
    the creation of an own one, a session of everybody's the session of a request. An entry of
    `[[calls]]` says what the call looks like, what must be proven of it, and what it becomes.

    Names prove nothing. What is called is what the entry names if a constructor, an annotation, an
    accessor, an import or the like shows it, through every re-export. A value that the new call
    needs is the one parameter or local of the right class. Where something is missing, the finding
    says what it is and which code to write, and the call is left to a person.

    Not flagged: calls on anything else, calls with other arguments, calls inside of what `is-not`
    names, and calls on who knows what in files that spell none of the entry's names.
    """

    code = "SSOT300"
    valid = (
        Example(
            "a method of that name on something else, and with other arguments",
            {
                **_TREE,
                "app/use.py": """
                from app.registry import Registry

                def find(names: dict[str, int], registry: Registry):
                    return names.get("one"), registry.get("one", None)
                """,
            },
            _REGISTRY,
        ),
        Example(
            "a place that the entry leaves out",
            {
                **_TREE,
                "app/use.py": """
                from app.registry import Registry

                def check():
                    assert Registry().get("one") is None
                """,
            },
            _REGISTRY.replace("[calls.where]", 'exclude = ["app/use.py"]\n[calls.where]'),
        ),
    )
    invalid = (
        Example(
            "a proven receiver, in a coroutine that has what the new call needs",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import Context
                from app.registry import Registry

                async def run(context: Context, registry: Registry):
                    agent = registry.get("triage")
                    return await agent.run()
                """,
            },
            _REGISTRY,
            ("app/use.py:5",),
        ),
        Example(
            "what is left to a person: no coroutine, nothing in scope, no proof",
            {
                **_TREE,
                "app/use.py": """
                from app.factory import Context
                from app.registry import Registry

                def sync(context: Context):
                    return Registry().get("triage")

                async def without():
                    return Registry().get("triage")

                async def unknown(registry, context: Context):
                    return registry.get("triage")
                """,
            },
            _REGISTRY,
            ("app/use.py:5", "app/use.py:8", "app/use.py:11"),
        ),
    )
