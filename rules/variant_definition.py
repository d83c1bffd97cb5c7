"""SSOT102: an affix variant of a canonical or of another definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.families import AFFIXES, UNREGISTERED, members, report
from ssot_migrate.lint.rule import Example, Option, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_CACHE = """
class PageCache:
    def get(self, key): ...
    def put(self, key, page): ...
    def evict(self): ...
"""
_REGISTRY = '[[concepts]]\nname = "page cache"\ncanonical = "app.cache:PageCache"\n'


class VariantDefinition(Rule):
    """An affix variant, such as `OptimizedX` or `x_v2`, stands beside what it varies.

    A variant starts as an improvement and stays as a second implementation: each bug is then
    mended in one of the two. What the variant does better belongs into the canonical, behind a
    parameter if need be.

    Names are compared by their words, CamelCase or snake_case: `OptimizedPageCache`, `PageCacheV2`
    and `build_optimized_page` vary `PageCache` and `build_page`, `PageCacheError` does not. The
    words are those of the option `affixes`. `User`, `Request`, `Base`, `Mock`, `Abstract` and
    `Async` usually tell different things apart and are not among them.

    A variant that extends the canonical is a warning, with the number of members it overrides.
    Variants of what no concept names are told as information, by the measure of SSOT101; of
    records of attributes alone they are not told.

    Not flagged: protocols, what implements an abstract canonical, and shims that warn.
    """

    code = "SSOT102"
    severity = Severity.ERROR
    reads = Reads.TREE
    reads_shapes = True
    options = {
        **UNREGISTERED,
        "affixes": Option(AFFIXES, "words at either end of a name that tell versions of a thing"),
    }
    valid = (
        Example(
            "other things around the same name",
            {
                "app/cache.py": _CACHE,
                "app/near.py": """
                class PageCacheError(Exception): ...
                class MockPageCache: ...
                class UserPageCache: ...
                class RenewedPageCache: ...
                """,
            },
            _REGISTRY,
        ),
        Example(
            "the implementation of an abstract canonical",
            {
                "app/cache.py": f"from abc import ABC\n{_CACHE.replace('Cache:', 'Cache(ABC):')}",
                "app/fast.py": """
                from app.cache import PageCache
                class FastPageCache(PageCache):
                    def get(self, key): return key
                """,
            },
            _REGISTRY,
        ),
        Example(
            "versions of a record in a wire format",
            {
                "v1.py": "class Job:\n    id: int\n    user: str\n    state: str\n",
                "v2.py": "class JobV2:\n    id: int\n    user: str\n    state: str\n",
            },
        ),
    )
    invalid = (
        Example(
            "affixes at either end",
            {
                "app/cache.py": _CACHE,
                "app/fast.py": _CACHE.replace("PageCache", "OptimizedPageCache"),
                "app/next.py": "class PageCacheV2: ...\nclass PageCacheImpl: ...\n",
            },
            _REGISTRY,
            ("app/fast.py:1", "app/next.py:1", "app/next.py:2"),
        ),
        Example(
            "a plain definition beside a canonical that has the affix",
            {
                "app/cache.py": _CACHE,
                "app/core.py": _CACHE.replace("PageCache", "UnifiedPageCache"),
            },
            '[[concepts]]\nname = "page cache"\ncanonical = "app.core:UnifiedPageCache"\n',
            ("app/cache.py:1",),
        ),
        Example(
            "a function, with the affix behind its first word",
            {
                "app/a.py": "def build_page(): ...\n",
                "app/b.py": "def build_optimized_page(): ...\n",
            },
            '[[concepts]]\nname = "page"\ncanonical = "app.a:build_page"\n',
            ("app/b.py:1",),
        ),
        Example(
            "a variant that no concept names",
            {"a.py": _CACHE, "bb.py": _CACHE.replace("PageCache", "EnhancedPageCache")},
            flagged=("bb.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell the members whose name is the canonical's but for an affix."""
        for family, member in members(project, self, "variant"):
            message = f"`{member.symbol}` is a variant of `{family.canonical}`"
            if family.concept:
                message += f" ({family.name}): merge it into the canonical"
            yield report(self, project, family, member, message)
