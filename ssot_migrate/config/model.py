"""The registry's shape. The loader, the validator and the published JSON schema follow from it."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ssot_migrate.domain.finding import Severity

Safety = Literal["safe", "unsafe", "manual"]
Risk = Literal["low", "medium", "high", "critical"]
DOTTED_PATTERN = r"^[^\s:.]+(\.[^\s:.]+)*(:[^\s:.]+(\.[^\s:.]+)*)?$"
Dotted = Annotated[
    str,
    Meta(
        description="`package.module:Name`, `package.module:Class.attr` or a dotted path",
        pattern=DOTTED_PATTERN,
    ),
]
Glob = Annotated[str, Meta(description="gitignore-style pattern, relative to the root")]
_Date = datetime.date | None
_Safety = Annotated[
    Safety,
    Meta(description="whether the tool may rewrite: by itself, when told to (unsafe), or never"),
]
_RemoveBy = Annotated[_Date, Meta(description="day after which a use is reported as expired")]
_Reason = Annotated[str, Meta(description="why, for the reader of a finding")]


class _Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A TOML table: kebab-case keys, unknown keys are errors."""


class Move(_Table, frozen=True):
    """A deprecated path and its replacement, without a concept."""

    from_: Annotated[Dotted, Meta(description="the deprecated path")] = msgspec.field(name="from")
    to: Annotated[
        Dotted, Meta(description="a path without a colon moves a module, or the name at that path")
    ]
    safety: _Safety = "safe"
    remove_by: _RemoveBy = None
    reason: _Reason = ""


class Deprecated(_Table, frozen=True):
    """One deprecated path of a concept."""

    path: Annotated[Dotted, Meta(description="the deprecated path")]
    to: Annotated[
        Dotted | None, Meta(description="a replacement other than the concept's canonical")
    ] = None
    safety: _Safety = "safe"
    remove_by: _RemoveBy = None
    reason: _Reason = ""


class Forbid(_Table, frozen=True):
    """What must not come (back) into the tree."""

    modules: Annotated[
        tuple[Glob, ...], Meta(description="files, as full paths or patterns from the root")
    ] = ()
    names: Annotated[tuple[str, ...], Meta(description="names that no module may define")] = ()


class MethodRename(_Table, frozen=True):
    """A method of the concept's legacy API and its canonical name."""

    from_: Annotated[str, Meta(description="the legacy method")] = msgspec.field(name="from")
    to: Annotated[str, Meta(description="the canonical method")]
    keywords: Annotated[
        dict[str, str], Meta(description="legacy keyword -> canonical keyword")
    ] = {}
    positional: Annotated[
        tuple[str, ...], Meta(description="legacy order of the positionals, by canonical name")
    ] = ()
    awaits: Annotated[
        Literal["keep", "add", "drop"], Meta(description="what becomes of `await`")
    ] = "keep"
    safety: _Safety = "safe"


class Concept(_Table, frozen=True):
    """One responsibility that must have one implementation."""

    name: Annotated[str, Meta(description="what people call it; one concept for each name")]
    canonical: Annotated[Dotted, Meta(description="the symbol that implements it")]
    role: Annotated[
        Literal["factory", "emitter", "registry", "other"] | None,
        Meta(description="what it does; derived from the canonical name when absent"),
    ] = None
    owner: Annotated[str, Meta(description="whom to ask")] = ""
    reason: _Reason = ""
    risk: Annotated[Risk, Meta(description="what a mistake in its migration would cost")] = "medium"
    since: Annotated[_Date, Meta(description="day of the decision")] = None
    remove_by: _RemoveBy = None
    deprecated: Annotated[
        tuple[Deprecated, ...], Meta(description="paths that the canonical replaces")
    ] = ()
    delete: Annotated[
        tuple[Dotted, ...], Meta(description="modules to remove when no consumer is left")
    ] = ()
    forbid: Annotated[Forbid, Meta(description="what must not come back")] = Forbid()
    methods: Annotated[
        tuple[MethodRename, ...], Meta(description="methods whose name or call changes")
    ] = ()


class RuleOptions(_Table, frozen=True):
    """Settings of one rule."""

    severity: Annotated[
        Severity | None, Meta(description="how much its findings weigh; the rule's own if absent")
    ] = None
    exclude: Annotated[
        tuple[Glob, ...], Meta(description="files that the rule does not look at")
    ] = ()
    options: Annotated[
        dict[str, bool | int | float | str | list[str]],
        Meta(description="the rule's own options; `ssot-migrate explain CODE` lists them"),
    ] = {}


class Registry(_Table, frozen=True):
    """Everything a configuration file may say.

    A registry taken in with `extend` supplies concepts, moves and defaults; the file that
    extends it comes later and wins.
    """

    src: Annotated[
        tuple[str, ...], Meta(description="import roots, relative to the root; globs allowed")
    ] = (".", "src")
    tests: Annotated[tuple[Glob, ...], Meta(description="files that are tests")] = (
        "**/tests/**",
        "**/test/**",
        "**/test_*.py",
        "**/*_test.py",
        "**/conftest.py",
    )
    scripts: Annotated[
        tuple[Glob, ...], Meta(description="files that are one-off or operational scripts")
    ] = ("**/scripts/**", "**/bin/**", "**/examples/**")
    backup: Annotated[
        tuple[Glob, ...], Meta(description="files that are copies nobody should import")
    ] = (
        "**/backup/**",
        "**/backups/**",
        "**/archive/**",
        "**/archived/**",
        "**/*_backup.py",
        "**/*.backup*",
    )
    generated: Annotated[tuple[Glob, ...], Meta(description="files that a program writes")] = (
        "**/*_pb2.py",
        "**/*_pb2_grpc.py",
        "**/*_pb2.pyi",
    )
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
    rules: Annotated[dict[str, RuleOptions], Meta(description="settings by rule code or name")] = {}
    moves: Annotated[
        tuple[Move, ...], Meta(description="deprecated paths that belong to no concept")
    ] = ()
    concepts: Annotated[
        tuple[Concept, ...], Meta(description="what must have one implementation")
    ] = ()
