"""SSOT104: another factory of the same thing, under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.families import UNREGISTERED, Limits, members, report
from ssot_migrate.lint.rule import Example, Option, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_FACTORY = """
class EngineFactory:
    def create_engine(self, context): ...
    def create_scoped_engine(self, context): ...
    def shutdown(self): ...

def get_engine_factory(): ...
"""
_REGISTRY = '[[concepts]]\nname = "engine factory"\ncanonical = "app.factory:EngineFactory"\n'


class DuplicateFactory(Rule):
    """Another class or function creates what the canonical factory is there to create.

    What a second factory builds escapes the limits, the counting and the cleaning up of the
    first. Two accessors of one name (`get_engine_factory`) are worse: the import line decides
    which of two instances a reader gets.

    A class is told where it shares `min-creators` of the canonical's creating methods, and at
    least `creators-overlap` of them: `create_*`, `make_*`, `build_*`, `configure_*`, and `get_*`
    with the product's name. A function is told where it provides the factory (`get_`, `create_`,
    `configure_` and its name, affixes aside) while another module already does, or where it
    creates the product by name (`create_engine`) outside the factory's module. A concept is a
    factory where the registry says `role = "factory"` or its canonical's name does.

    Without a concept: classes that share three creating methods, and accessors of one
    `*_factory`, `*_builder` or `*_provider` in several modules, as information.

    Not flagged: relatives by inheritance, what the canonical's module imports (and, without a
    concept, what imports the other one: a layer above it), functions that warn of their
    deprecation, and what SSOT101 and 102 tell.
    """

    code = "SSOT104"
    severity = Severity.WARNING
    reads = Reads.TREE
    reads_shapes = True
    options = {
        **UNREGISTERED,
        "min-creators": Option(Limits().min_creators, "creating methods that must be shared"),
        "creators-overlap": Option(
            Limits().creators_overlap, "share of the canonical's creating methods"
        ),
    }
    valid = (
        Example(
            "a factory of other things, with the usual getters",
            {
                "app/factory.py": _FACTORY,
                "app/other.py": """
                class AgentFactory:
                    def create_agent(self, context): ...
                    def get_metrics(self): ...
                    def shutdown(self): ...

                def get_agent_factory(): ...
                """,
            },
            _REGISTRY,
        ),
        Example(
            "accessors beside their factory, read elsewhere",
            {
                "app/factory.py": f"{_FACTORY}\ndef create_engine(): ...\n",
                "app/use.py": "from app.factory import get_engine_factory\n",
            },
            _REGISTRY,
        ),
        Example(
            "a service in front of its backend, and no concept",
            {
                "app/backend.py": """
                class StoreBackend:
                    def create_shelf(self, name): ...
                    def create_box(self, shelf): ...
                    def create_label(self, box): ...
                """,
                "app/service.py": """
                from app.backend import StoreBackend

                class StoreService:
                    def create_shelf(self, request): return StoreBackend().create_shelf(request.a)
                    def create_box(self, request): return StoreBackend().create_box(request.a)
                    def create_label(self, request): return StoreBackend().create_label(request.a)
                """,
            },
        ),
        Example(
            "the layer below, which the canonical uses",
            {
                "app/factory.py": f"from app.pool import Pool\n{_FACTORY}",
                "app/pool.py": """
                class Pool:
                    def create_engine(self, context): ...
                    def create_scoped_engine(self, context): ...
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "the creating methods under another name",
            {
                "app/factory.py": _FACTORY,
                "app/runs.py": """
                class RunStarter:
                    def create_engine(self, run): ...
                    def create_scoped_engine(self, run): ...
                """,
            },
            _REGISTRY,
            ("app/runs.py:1",),
        ),
        Example(
            "a second accessor, one with an affix, and a short cut to the product",
            {
                "app/factory.py": _FACTORY,
                "app/deps.py": "def get_engine_factory(request): ...\n",
                "app/fast.py": "def get_cached_engine_factory(): ...\n",
                "app/short.py": "def create_engine(context): ...\n",
            },
            _REGISTRY,
            ("app/deps.py:1", "app/fast.py:1", "app/short.py:1"),
        ),
        Example(
            "an accessor family that no concept names",
            {
                "a.py": "def get_mail_factory(): ...\n",
                "bb.py": "def get_mail_factory(settings): ...\n",
            },
            flagged=("bb.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell the members that create the same thing."""
        for family, member in members(project, self, "factory"):
            message = f"`{member.symbol}` does the work of `{family.canonical}`"
            if family.concept:
                message += f" ({family.name}): {member.evidence[0]}"
            yield report(self, project, family, member, message)
