"""Problems that stop a command: each carries its data and builds its own message."""

from __future__ import annotations

import msgspec


class SsotMigrateError(Exception):
    """Base of every error that a command reports and ends with exit code 2."""


class ConfigProblem(msgspec.Struct, frozen=True, order=True):
    """One mistake in a configuration file.

    Args:
        path: The file as the user would name it.
        line: 1-based line of the offending key or value; 0 where none is known.
        key: Dotted key with indices, `concepts[2].canonical`; empty for the whole file.
        message: What is wrong and how to mend it.
    """

    path: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(SsotMigrateError):
    """All the mistakes of a configuration at once."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = tuple(sorted(problems))

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class UsageError(SsotMigrateError):
    """A command line that cannot be carried out; the message names the remedy."""


class PlugInError(SsotMigrateError):
    """A plug-in that cannot be used.

    Args:
        who: The distribution and its entry point, or the option that names it.
        what: What is wrong, as half a sentence.
        remedy: What helps, as half a sentence.
    """

    def __init__(self, who: str, what: str, remedy: str) -> None:
        super().__init__(who, what, remedy)
        self.who = who
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"plug-in ({self.who}): {self.what}; {self.remedy}"
