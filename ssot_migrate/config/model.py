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


_Places = Annotated[
    tuple[Dotted, ...], Meta(description="modules, classes or functions, with all that is in them")
]


class Metavariable(_Table, frozen=True):
    """What a metavariable of a call pattern stands for; each key that is given must hold."""

    type: Annotated[
        tuple[Dotted, ...],
        Meta(description="an instance of one of these classes, or of a subclass"),
    ] = ()
    is_: Annotated[
        tuple[Dotted, ...],
        Meta(description="a name that leads to one of these, through any import or re-export"),
    ] = msgspec.field(name="is", default=())
    subclass_of: Annotated[
        tuple[Dotted, ...], Meta(description="the name of a class below one of these")
    ] = ()
    literal: Annotated[
        Literal["str", "int", "none", "any"] | None, Meta(description="a constant of this kind")
    ] = None
    in_scope: Annotated[
        tuple[Dotted, ...],
        Meta(description="not in `match`: the one parameter or local of such a class"),
    ] = ()
    handed_to: Annotated[
        tuple[str, ...],
        Meta(
            description="the name of a class that is handed, as it is or as an instance made there,"
            " to one of these methods; with `concept`, methods of the concept's classes"
        ),
    ] = ()
    kind: Annotated[
        Literal["class"] | None, Meta(description="the name of a class, whichever it is")
    ] = None
    made_by: Annotated[
        tuple[Dotted, ...], Meta(description="what calling one of these has returned")
    ] = ()
    named: Annotated[
        tuple[str, ...],
        Meta(description="its last name is one of these; `*` stands for any characters"),
    ] = ()
    text: Annotated[
        tuple[str, ...],
        Meta(description="a string that reads like one of these; `*` stands for any characters"),
    ] = ()
    concept: Annotated[
        str | None,
        Meta(description="of a class that this concept deprecates, or of its canonical"),
    ] = None
    as_: Annotated[
        Literal["instance", "legacy-instance", "class", "subclass", "in-scope"],
        Meta(description="what it is of the concept's classes"),
    ] = msgspec.field(name="as", default="instance")


class FunctionAround(_Table, frozen=True):
    """What the function around a call must be."""

    async_: Annotated[bool | None, Meta(description="whether it is a coroutine")] = msgspec.field(
        name="async", default=None
    )
    class_derives_from: Annotated[
        tuple[Dotted, ...], Meta(description="it is a method of a class below one of these")
    ] = ()
    is_not: _Places = ()
    is_not_concepts: Annotated[
        tuple[str, ...],
        Meta(description="concepts in whose classes, canonical or deprecated, it does not stand"),
    ] = ()


class Result(_Table, frozen=True):
    """What becomes of the value of a call."""

    none_tested: Annotated[
        Literal[False] | None,
        Meta(description="false: it is not compared with None, nor used as a truth value"),
    ] = None


class Suite(_Table, frozen=True):
    """What stands in the suite of a `with` statement."""

    never_calls: Annotated[
        tuple[str, ...], Meta(description="methods that nothing in it may call on the bound name")
    ] = ()


class CallPattern(_Table, frozen=True):
    """A kind of call that is to become another one."""

    name: Annotated[str, Meta(description="what findings call it, in kebab-case; one of each name")]
    enabled: Annotated[
        bool, Meta(description="false: leaves out what a pack has under this name")
    ] = True
    rule: Annotated[str, Meta(description="name of the rule that reports it")] = "call-pattern"
    match: Annotated[
        str, Meta(description="the call, with metavariables: `$registry.get($name)`")
    ] = ""
    replace: Annotated[str, Meta(description="what it becomes; empty if only a person knows")] = ""
    message: Annotated[str, Meta(description="why, for the reader of a finding")] = ""
    safety: _Safety = "safe"
    imports: Annotated[
        tuple[Dotted, ...], Meta(description="names that `replace` spells: `package.module:name`")
    ] = ()
    parameters: Annotated[
        tuple[str, ...],
        Meta(description="names of the legacy positionals, so that both forms match"),
    ] = ()
    paths: Annotated[tuple[Glob, ...], Meta(description="files to look at; empty for all")] = ()
    exclude: Annotated[tuple[Glob, ...], Meta(description="files not to look at")] = ()
    where: Annotated[
        dict[str, Metavariable], Meta(description="metavariable -> what it stands for")
    ] = {}
    plan: Annotated[
        tuple[str, ...],
        Meta(
            description="lines of code for a person to write, instead of `replace`; one that spells"
            " a `handed-to` is repeated for each class"
        ),
    ] = ()
    target: Annotated[
        Dotted,
        Meta(
            description="the package that `replace` is written for: where the canonical of a"
            " concept in `where` is not of it, the calls are left to a person"
        ),
    ] = ""
    function: Annotated[FunctionAround, Meta(description="what the function around it must be")] = (
        FunctionAround()
    )
    result: Annotated[Result, Meta(description="what becomes of its value")] = Result()
    body: Annotated[Suite, Meta(description="what the suite of a `with` holds")] = Suite()


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


class Suppressions(_Table, frozen=True):
    """What is asked of comments that suppress findings."""

    require_reason: Annotated[bool, Meta(description="each says why")] = True
    require_owner: Annotated[bool, Meta(description="each names somebody, `owner=NAME`")] = False
    protected: Annotated[
        tuple[str, ...],
        Meta(description="codes, prefixes or names of rules that no comment suppresses"),
    ] = ()


class Registry(_Table, frozen=True):
    """Everything a configuration file may say.

    A registry taken in with `extend` supplies concepts, moves and defaults; the file that
    extends it comes later and wins.
    """

    src: Annotated[
        tuple[str, ...],
        Meta(
            description="import roots, relative to the root; globs allowed; left out, they are "
            "the root, the projects below it, and the src folder of each"
        ),
    ] = ()
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
    suppressions: Annotated[
        Suppressions, Meta(description="what is asked of comments that suppress findings")
    ] = Suppressions()
    baseline: Annotated[
        str, Meta(description="the file that lists known findings, relative to the root")
    ] = "ssot-baseline.jsonl"
    moves: Annotated[
        tuple[Move, ...], Meta(description="deprecated paths that belong to no concept")
    ] = ()
    concepts: Annotated[
        tuple[Concept, ...], Meta(description="what must have one implementation")
    ] = ()
    calls: Annotated[
        tuple[CallPattern, ...], Meta(description="calls that are to become other ones")
    ] = ()
