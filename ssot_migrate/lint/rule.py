"""The base of every rule, and the examples that a rule carries as its proof."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import Finding, Severity
    from ssot_migrate.lint.project import Project


class Reads(Enum):
    """Which files a rule asks about; the engine reads no others."""

    NOTHING = "nothing"
    """Names of files, or what other rules read anyway."""
    MENTIONS = "mentions"
    """Files that spell a name of the registry."""
    TREE = "tree"
    """Every file."""


class Example(msgspec.Struct, frozen=True):
    """A small tree, and where the rule flags it.

    Args:
        title: What the example shows, as a sentence.
        files: Path to source; common indentation is removed.
        registry: The tree's `ssot.toml`.
        flagged: Positions as `path:line`, sorted; empty where the rule stays silent.
    """

    title: str
    files: Mapping[str, str]
    registry: str = ""
    flagged: tuple[str, ...] = ()


class Option(msgspec.Struct, frozen=True):
    """A setting of a rule, given as `[rules.CODE.options]`."""

    default: bool | int | float | str | tuple[str, ...]
    help: str


class Rule(ABC):
    """One rule. Its docstring is what users read: the reason first, then what is not flagged.

    The rule's name is its file's name; `reads` and `reads_shapes` say what the engine loads
    at once.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity]
    reads: ClassVar[Reads]
    reads_shapes: ClassVar[bool] = False
    options: ClassVar[Mapping[str, Option]] = {}
    valid: ClassVar[tuple[Example, ...]] = ()
    invalid: ClassVar[tuple[Example, ...]]

    @classmethod
    def name(cls) -> str:
        """The readable name, `deprecated-import`."""
        return cls.__module__.rpartition(".")[2].replace("_", "-")

    @classmethod
    def documentation(cls) -> str:
        """The docstring, without its indentation."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring."""
        return " ".join(cls.documentation().split("\n\n")[0].split())

    @abstractmethod
    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the findings in any order. Asks `project` for facts and never reads a file."""
