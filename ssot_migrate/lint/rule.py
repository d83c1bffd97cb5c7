"""The base of every rule, and the examples that a rule carries as its proof."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.finding import Finding, Severity
    from ssot_migrate.lint.project import Project


OWN_PREFIX: Final = "SSOT"
"""What the codes of the tool's own rules start with."""


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


class Origin(msgspec.Struct, frozen=True):
    """Where a plug-in's rule comes from.

    Args:
        name: The distribution with its version, or the file.
        digest: Identity of its code: what an older version found is not to be believed.
    """

    name: str
    digest: str


class Rule(ABC):
    """One rule. Its docstring is what users read: the reason first, then what is not flagged.

    The rule's name is its file's name, of plug-ins' rules behind their prefix; `reads` and
    `reads_shapes` say what the engine loads at once. `judges_findings` says that it reviews what
    the others find, and `suppressible` whether a comment may suppress what it finds itself.
    `by_file` says that what it finds in a file follows from that file and from where its names
    lead, so that an editor can ask about one file alone.
    """

    origin: ClassVar[Origin | None] = None
    code: ClassVar[str]
    severity: ClassVar[Severity]
    reads: ClassVar[Reads]
    reads_shapes: ClassVar[bool] = False
    by_file: ClassVar[bool] = False
    judges_findings: ClassVar[bool] = False
    suppressible: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {}
    valid: ClassVar[tuple[Example, ...]] = ()
    invalid: ClassVar[tuple[Example, ...]]

    @classmethod
    def name(cls) -> str:
        """The readable name, `deprecated-import`; a plug-in's is `acme-` and what its file says."""
        name = cls.__module__.rpartition(".")[2].replace("_", "-")
        prefix = cls.code.rstrip("0123456789")
        return name if prefix == OWN_PREFIX else f"{prefix.lower()}-{name}"

    @classmethod
    def identity(cls) -> str:
        """What an answer of the rule depends on besides the tree: its code, and its very source."""
        return cls.code if cls.origin is None else f"{cls.code}@{cls.origin.digest}"

    @classmethod
    def documentation(cls) -> str:
        """The docstring, without its indentation."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring."""
        return " ".join(cls.documentation().split("\n\n")[0].split())

    @classmethod
    def answers_to(cls, selector: str) -> int:
        """How closely a selector names the rule: its name, `ALL`, or the start of its code.

        Returns:
            0 where it does not.
        """
        if selector.lower() == cls.name():
            return 100
        if selector.upper() == "ALL":
            return 1
        return 1 + len(selector) if cls.code.startswith(selector.upper()) else 0

    @classmethod
    def is_called(cls, word: str) -> bool:
        """Whether a word is the rule's code or its name."""
        return word.upper() == cls.code or word.lower() == cls.name()

    @abstractmethod
    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the findings in any order. Asks `project` for facts and never reads a file."""

    def review(self, project: Project, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Yield what is wrong in view of all that was found; for rules that judge findings."""
        yield from ()
