"""The registry's shape. The loader, the validator and the published JSON schema follow from it."""

from __future__ import annotations

import datetime  # noqa: TC003 - msgspec reads the annotations at run time
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ssot_migrate.domain.finding import Severity  # noqa: TC001 - read at run time, as above

Safety = Literal["safe", "unsafe", "manual"]
Risk = Literal["low", "medium", "high", "critical"]
Dotted = Annotated[
    str,
    Meta(
        description="`package.module:Name`, `package.module:Class.attr` or a dotted path",
        pattern=r"^[^\s:.]+(\.[^\s:.]+)*(:[^\s:.]+(\.[^\s:.]+)*)?$",
    ),
]
Glob = Annotated[str, Meta(description="gitignore-style pattern, relative to the root")]


class _Table(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True
):
    """A TOML table: kebab-case keys, unknown keys are errors."""


class Move(_Table):
    """A deprecated path and its replacement, without a concept."""

    from_: Annotated[Dotted, Meta(description="the deprecated path")] = msgspec.field(name="from")
    to: Annotated[
        Dotted, Meta(description="a path without a colon moves a module, or the name at that path")
    ]
    safety: Safety = "safe"
    remove_by: datetime.date | None = None
    reason: str = ""


class Deprecated(_Table):
    """One deprecated path of a concept."""

    path: Dotted
    to: Annotated[
        Dotted | None, Meta(description="a replacement other than the concept's canonical")
    ] = None
    safety: Safety = "safe"
    remove_by: datetime.date | None = None
    reason: str = ""


class Forbid(_Table):
    """What must not come (back) into the tree."""

    modules: Annotated[
        tuple[Glob, ...], Meta(description="files, as full paths or patterns from the root")
    ] = ()
    names: Annotated[
        tuple[str, ...], Meta(description="names that no module may define")
    ] = ()


class MethodRename(_Table):
    """A method of the concept's legacy API and its canonical name."""

    from_: str = msgspec.field(name="from")
    to: str
    keywords: Annotated[
        dict[str, str], Meta(description="legacy keyword -> canonical keyword")
    ] = {}
    positional: Annotated[
        tuple[str, ...], Meta(description="legacy order of the positionals, by canonical name")
    ] = ()
    awaits: Annotated[
        Literal["keep", "add", "drop"], Meta(description="what becomes of `await`")
    ] = "keep"
    safety: Safety = "safe"


class Concept(_Table):
    """One responsibility that must have one implementation."""

    name: str
    canonical: Dotted
    role: Annotated[
        Literal["factory", "emitter", "registry", "other"] | None,
        Meta(description="what it does; derived from the canonical name when absent"),
    ] = None
    owner: str = ""
    reason: str = ""
    risk: Risk = "medium"
    since: datetime.date | None = None
    remove_by: datetime.date | None = None
    deprecated: tuple[Deprecated, ...] = ()
    delete: Annotated[
        tuple[Dotted, ...], Meta(description="modules to remove when no consumer is left")
    ] = ()
    forbid: Forbid = Forbid()
    methods: tuple[MethodRename, ...] = ()


class RuleOptions(_Table):
    """Settings of one rule."""

    severity: Severity | None = None
    exclude: tuple[Glob, ...] = ()
    options: Annotated[
        dict[str, bool | int | float | str | list[str]],
        Meta(description="the rule's own options; `ssot-migrate explain CODE` lists them"),
    ] = {}


class Registry(_Table):
    """Everything a configuration file may say.

    A registry taken in with `extend` supplies concepts, moves and defaults; the file that
    extends it comes later and wins.
    """

    src: Annotated[
        tuple[str, ...], Meta(description="import roots, relative to the root; globs allowed")
    ] = (".", "src")
    tests: tuple[Glob, ...] = (
        "**/tests/**",
        "**/test/**",
        "**/test_*.py",
        "**/*_test.py",
        "**/conftest.py",
    )
    scripts: tuple[Glob, ...] = ("**/scripts/**", "**/bin/**")
    backup: tuple[Glob, ...] = (
        "**/backup/**",
        "**/backups/**",
        "**/archive/**",
        "**/archived/**",
        "**/*_backup.py",
        "**/*.backup*",
    )
    generated: tuple[Glob, ...] = ("**/*_pb2.py", "**/*_pb2_grpc.py", "**/*_pb2.pyi")
    exclude: Annotated[tuple[Glob, ...], Meta(description="files to leave out altogether")] = ()
    extend: Annotated[
        tuple[str, ...],
        Meta(description="packs: a bundled name, a plug-in's name, or a path to a TOML file"),
    ] = ()
    check_targets: Annotated[
        bool, Meta(description="a canonical in a first-party package must exist")
    ] = True
    select: Annotated[tuple[str, ...], Meta(description="rule codes, prefixes or names")] = ()
    ignore: Annotated[tuple[str, ...], Meta(description="rule codes, prefixes or names")] = ()
    rules: Annotated[
        dict[str, RuleOptions], Meta(description="settings by rule code or name")
    ] = {}
    moves: tuple[Move, ...] = ()
    concepts: tuple[Concept, ...] = ()
