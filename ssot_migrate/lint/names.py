"""Names as words: `OptimizedUserEmitter` is `user emitter` with an affix."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[Vv]\d+(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The words of a CamelCase or snake_case name, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


class Affixes:
    """Words that tell a version of a thing from the thing.

    Args:
        affixes: Words in either case; `RequestScoped` stands for two words in a row.
    """

    def __init__(self, affixes: Iterable[str]) -> None:
        self._affixes = sorted(filter(None, map(words, affixes)), key=len, reverse=True)

    def stem(self, name: str) -> tuple[str, ...]:
        """The words of a name without affixes at its ends, or behind a function's first word.

        A name of nothing but affixes keeps its last word.
        """
        found = words(name)
        is_snake_case = name.islower()
        while True:
            shorter = self._without_one(found, is_snake_case)
            if shorter == found:
                return found
            found = shorter

    def _without_one(self, found: tuple[str, ...], is_snake_case: bool) -> tuple[str, ...]:
        for affix in self._affixes:
            size = len(affix)
            if size >= len(found):
                continue
            if found[:size] == affix:
                return found[size:]
            if found[-size:] == affix:
                return found[:-size]
            if is_snake_case and size + 1 < len(found) and found[1 : size + 1] == affix:
                return found[:1] + found[size + 1 :]
        return found
