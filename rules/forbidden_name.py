"""SSOT402: a definition under a name that the registry rules out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category, Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.lint.project import Project, span_of
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.model import Concept
    from ssot_migrate.index.facts import ModuleFacts

_HANDLER = int(Context.HANDLER)
_REGISTRY = """
[[concepts]]
name = "tool execution"
canonical = "app.tools:Dispatcher"
forbid = { names = ["ToolExecutor", "make_executor"] }
"""
_TREE = {
    "app/__init__.py": "",
    "app/tools.py": "class Dispatcher: ...\n",
}


class ForbiddenName(Rule):
    """Production code gives something a name that a concept's `forbid.names` rules out.

    The name stands for an implementation that was given up. A class, a function, an alias or an
    import that brings it back makes a second home for the concept, whatever is behind it.

    Flagged are classes anywhere, and functions, aliases, assignments and imports at module level.
    Not flagged: definitions in tests, backups, scripts and generated files, methods, local
    variables, longer names, and what a module assigns when an import fails.
    """

    code = "SSOT402"
    severity = Severity.ERROR
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "a longer name, a method, a local variable and prose",
            {
                **_TREE,
                "app/use.py": '''
                """There is no ToolExecutor any more."""
                class ToolExecutorError(Exception): ...
                class Runner:
                    def make_executor(self):
                        ToolExecutor = None
                        return ToolExecutor
                ''',
            },
            _REGISTRY,
        ),
        Example(
            "a stand-in in a test, and a backup copy",
            {
                **_TREE,
                "tests/test_tools.py": "class ToolExecutor: ...\n",
                "backup/tools.py": "class ToolExecutor: ...\n",
            },
            _REGISTRY,
        ),
        Example(
            "an import that gives it another name, or happens inside a function",
            {
                **_TREE,
                "app/use.py": """
                from vendor.tools import ToolExecutor as VendorExecutor
                def late():
                    from vendor.tools import ToolExecutor
                    return ToolExecutor
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "definitions",
            {
                **_TREE,
                "app/execution.py": """
                import warnings

                class ToolExecutor: ...

                async def make_executor(): ...

                def build():
                    class ToolExecutor: ...
                    return ToolExecutor
                """,
            },
            _REGISTRY,
            ("app/execution.py:3", "app/execution.py:5", "app/execution.py:8"),
        ),
        Example(
            "aliases, imports and a module's `__getattr__`",
            {
                **_TREE,
                "app/alias.py": """
                from app.tools import Dispatcher
                ToolExecutor = Dispatcher
                """,
                "app/imported.py": """
                try:
                    from app.tools import Dispatcher as ToolExecutor
                except ImportError:
                    ToolExecutor = None
                """,
                "app/lazy.py": """
                def __getattr__(name):
                    if name == "ToolExecutor":
                        from app.tools import Dispatcher
                        return Dispatcher
                    raise AttributeError(name)
                """,
            },
            _REGISTRY,
            ("app/alias.py:2", "app/imported.py:2", "app/lazy.py:4"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the bindings of every production file that spells a forbidden name."""
        concepts = {name: concept for concept in project.concepts for name in concept.forbid.names}
        if not concepts:
            return
        for path in project.mentioning(concepts):
            facts = project.facts(path)
            if facts is None or project.category(path) is not Category.PRODUCTION:
                continue
            seen: set[tuple[str, int]] = set()
            for name, qualified, span, how in _bound(facts):
                concept = concepts.get(name)
                if concept is not None and (name, span.line) not in seen:
                    seen.add((name, span.line))
                    yield self._finding(project, path, concept, qualified, span, how)

    def _finding(
        self, project: Project, path: str, concept: Concept, name: str, span: Span, how: str
    ) -> Finding:
        message = (
            f"{how} brings back `{name.rpartition('.')[2]}`, which is ruled out "
            f"({concept.name}): use `{concept.canonical}`"
        )
        if concept.reason:
            message += f", {concept.reason}"
        return project.finding(
            self,
            path,
            span,
            message,
            concept=concept.name,
            symbol=SymbolPath(project.modules.name_of(path), name),
            canonical=SymbolPath.parse(concept.canonical),
            scope=name.rpartition(".")[0],
        )


def _bound(facts: ModuleFacts) -> Iterator[tuple[str, str, Span, str]]:
    """Each name that a module gives, its qualified name, where, and by what."""
    for definition in facts.definitions:
        kind = "a class" if definition.kind == "class" else "a function"
        leaf = definition.name.rpartition(".")[2]
        yield leaf, definition.name, Span(definition.line, definition.column), kind
    for binding in facts.bindings:
        if binding.kind == "import":
            yield binding.name, binding.name, span_of(facts.imports[binding.ref]), "an import"
        elif binding.kind in ("alias", "value") and not binding.context & _HANDLER:
            yield binding.name, binding.name, Span(binding.line), "an assignment"
    for lazy in facts.lazy_names:
        yield lazy.name, lazy.name, Span(lazy.line), "the module's `__getattr__`"
