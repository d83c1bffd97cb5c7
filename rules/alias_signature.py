"""SSOT208: a deprecated path whose replacement is called differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.lint.standins import StandIns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project

_REGISTRY = """
[[concepts]]
name = "engine factory"
canonical = "app.factory:EngineFactory"
deprecated = [{ path = "app.old:OldFactory" }]
methods = [{ from = "create_engine", to = "create", keywords = { user_context = "context" } }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/factory.py": """
    class EngineFactory:
        def __init__(self, bridge): ...
        async def create(self, context): ...
    """,
}
_EMITTERS = """
[[concepts]]
name = "emitter"
canonical = "app.emitter:UserEmitter"
"""


class AliasSignature(Rule):
    """A deprecated path or an alias stands for something that is called differently.

    A shim promises that old calls go on to work. Where the target has other parameters, another
    order or must be awaited, some calls fail, and others pass their arguments to the wrong
    parameters and nobody notices. Such a path cannot be replaced by a change of imports alone.

    A deprecated class is compared by its constructor and the public methods that both have, as
    the concept's `methods` rename them; an alias by the definition that it stands for. Of an
    alias that stands for the canonical itself the former signature is not known: it counts if
    production code defines its name elsewhere, and no such definition is called alike.

    Not flagged: what a wrapper catches with `*args` and `**kwargs` and a plain method of a
    wrapper that may pass on a coroutine, more optional parameters, and members that only one has.
    """

    code = "SSOT208"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    valid = (
        Example(
            "a wrapper with a renamed method that the registry knows",
            {
                **_TREE,
                "app/old.py": """
                import warnings
                from app.factory import EngineFactory
                class OldFactory:
                    def __init__(self, bridge):
                        warnings.warn("use EngineFactory", DeprecationWarning)
                        self._inner = EngineFactory(bridge)
                    async def create_engine(self, user_context):
                        return await self._inner.create(context=user_context)
                    def create(self, context):
                        return self._inner.create(context)
                    def reset(self): ...
                """,
            },
            _REGISTRY,
        ),
        Example(
            "a wrapper that passes everything on, and a target with one more option",
            {
                **_TREE,
                "app/old.py": """
                from app.factory import EngineFactory
                class OldFactory(EngineFactory):
                    def __init__(self, *args, **kwargs):
                        super().__init__(*args, **kwargs)
                """,
                "app/older.py": "def connect(url): ...\n",
                "app/core.py": "def connect(url, timeout=None, **options): ...\n",
            },
            f'{_REGISTRY}[[moves]]\nfrom = "app.older:connect"\nto = "app.core:connect"\n',
        ),
        Example(
            "an alias of the canonical, and another class of its name that is called alike",
            {
                **_TREE,
                "app/old.py": "from app.factory import EngineFactory as OldFactory\n",
                "app/legacy.py": "class OldFactory:\n    def __init__(self, bridge): ...\n",
                "tests/fakes.py": "class OldFactory:\n    def __init__(self): ...\n",
            },
            _REGISTRY,
        ),
        Example(
            "the canonical's name for a local alias, and a plain re-export",
            {
                **_TREE,
                "app/old.py": "from app.factory import EngineFactory\nOldFactory = EngineFactory\n",
                "app/twin.py": "class EngineFactory:\n    def __init__(self): ...\n",
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "a deprecated class with another constructor, and one that is not async",
            {
                **_TREE,
                "app/old.py": """
                LIMIT = 1

                class OldFactory:
                    def __init__(self, connection, bridge=None): ...
                    def create_engine(self, user_context): ...
                """,
            },
            _REGISTRY,
            ("app/old.py:3",),
        ),
        Example(
            "deprecated functions of a module, in another order and without await",
            {
                "old.py": """
                def send(user, event): ...
                def flush(): ...
                def close(force=False): ...
                """,
                "new.py": """
                def send(event, user): ...
                async def flush(): ...
                def close(force=False): ...
                """,
            },
            '[[moves]]\nfrom = "old"\nto = "new"\n',
            ("old.py:1", "old.py:2"),
        ),
        Example(
            "an alias under the canonical's name that stands for something else",
            {
                "app/__init__.py": "",
                "app/emitter.py": "class UserEmitter:\n    def __init__(self, user, run): ...\n",
                "app/unified.py": "class UnifiedEmitter:\n    def __init__(self, manager): ...\n",
                "app/compat.py": """
                from app.unified import UnifiedEmitter

                UserEmitter = UnifiedEmitter
                """,
            },
            _EMITTERS,
            ("app/compat.py:3",),
        ),
        Example(
            "an alias of the canonical, while its name is defined with another constructor",
            {
                **_TREE,
                "app/old.py": """
                from app.factory import EngineFactory

                OldFactory = EngineFactory
                """,
                "app/legacy.py": "class OldFactory:\n    def __init__(self, user, pool): ...\n",
            },
            _REGISTRY,
            ("app/old.py:3",),
        ),
        Example(
            "an unregistered wrapper that warns",
            {
                **_TREE,
                "app/wrapper.py": """
                import warnings
                from app.factory import EngineFactory

                def make_factory(pool, bridge):
                    warnings.warn("use EngineFactory", DeprecationWarning)
                    return EngineFactory(bridge)
                """,
            },
            _REGISTRY,
            ("app/wrapper.py:4",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Compare what registered paths, wrappers and aliases are with what they stand for."""
        stand_ins = StandIns(project)
        seen: set[SymbolPath] = set()
        for one in (*stand_ins.registered(), *stand_ins.wrappers(), *stand_ins.aliases()):
            if one.symbol in seen:
                continue
            seen.add(one.symbol)
            told = tuple(stand_ins.differences(one))
            if told:
                more = f", and {len(told) - 1} more" if len(told) > 1 else ""
                yield project.finding(
                    self,
                    one.place.path,
                    Span(one.line),
                    f"{one.claim}: {told[0]}{more}",
                    concept=one.concept,
                    symbol=one.symbol,
                    canonical=one.canonical,
                    chain=[str(hop) for hop in one.chain],
                    evidence=told,
                )
