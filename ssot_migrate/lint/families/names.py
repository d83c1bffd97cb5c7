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
        self._affixes = frozenset(filter(None, map(words, affixes)))
        self._sizes = sorted({len(affix) for affix in self._affixes}, reverse=True)
        self._stems: dict[str, tuple[str, ...]] = {}

    def stem(self, name: str) -> tuple[str, ...]:
        """The words of a name without affixes at its ends, or behind a function's first word.

        A name of nothing but affixes keeps its last word.
        """
        found = self._stems.get(name)
        if found is None:
            found, shorter = (), words(name)
            while shorter != found:
                found = shorter
                shorter = self._without_one(found, is_snake_case=name.islower())
            self._stems[name] = found
        return found

    def _without_one(self, found: tuple[str, ...], *, is_snake_case: bool) -> tuple[str, ...]:
        for size in self._sizes:
            if size < len(found):
                if found[:size] in self._affixes:
                    return found[size:]
                if found[-size:] in self._affixes:
                    return found[:-size]
                if is_snake_case and size + 1 < len(found) and found[1 : size + 1] in self._affixes:
                    return found[:1] + found[size + 1 :]
        return found
