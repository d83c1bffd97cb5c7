"""SSOT206: a mock target that no longer patches the name its subject reads."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, Finding, Severity, Span
from ssot_migrate.index.facts import Context, DottedString
from ssot_migrate.index.worker import STRINGS
from ssot_migrate.lint.project import Project, chain_of
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.lint.strings.lookups import Lookups
from ssot_migrate.lint.strings.patches import imported_late, why_inert
from ssot_migrate.lint.strings.paths import Paths
from ssot_migrate.lint.strings.targets import Target, Targets, What
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a call with a literal target looks like, and an import of `patch` by another name.
_PATCHERS = (
    "patch as ",
    *(f"{name}({start}" for name in ("patch", "attr", "dict", "multiple") for start in "\"'\n\r"),
)
_OF_ANY_MODULE = frozenset(dir(builtins))
_SILENT = (Category.BACKUP, Category.GENERATED)
_TREE = {
    "app/__init__.py": "",
    "app/mail.py": "def send(to): ...\n",
    "app/post.py": "from app.mail import send\n",
    "tests/test_orders.py": """
    from unittest.mock import patch

    @patch("app.post.send")
    def test_orders(send): ...
    """,
}


class InertPatch(Rule):
    """A test replaces a name that the code under test does not look up there.

    `from app.post import send` copies a name when a module is imported; a patch of
    `app.post.send` does not reach the copy. After a move the test goes on to pass, or to fail for
    reasons of its own, with the real function behind it. Patch the name where it is read:
    `app.orders.send`.

    Flagged are targets whose module or name is gone, and names of shims and of deprecated modules
    that no function looks up there: not by an import of its own, not through the module, not as a
    name of the module itself.

    Not flagged: names that a module may bind in ways that cannot be read, patches that are to
    work without the name (`create=True`, `raising=False`), names that are looked up by strings or
    by whoever gets the module as an object, copies in modules that the same test imports inside a
    function, and attributes of classes, which all their readers share.
    """

    code = "SSOT206"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    valid = (
        Example(
            "a name that a function looks up in the shim",
            {
                **_TREE,
                "app/orders.py": """
                def place():
                    from app.post import send
                    send("all")
                """,
            },
        ),
        Example(
            "a copy, patched where it is read",
            {
                **_TREE,
                "app/orders.py": "from app.post import send\ndef place():\n    send(1)\n",
                "tests/test_orders.py": """
                from unittest.mock import patch

                @patch("app.orders.send")
                def test_orders(send): ...
                """,
            },
        ),
        Example(
            "names that are to be created, builtins, and what `__getattr__` may give",
            {
                "app.py": "",
                "lazy.py": "def __getattr__(name): ...\n",
                "tests/test_app.py": """
                from unittest.mock import patch

                def test_app(monkeypatch):
                    monkeypatch.setattr("app.limit", 3, raising=False)
                    with patch("app.flag", create=True), patch("app.open"), patch("lazy.x"):
                        pass
                """,
            },
        ),
    )
    invalid = (
        Example(
            "a name of a shim, of which every reader has a copy",
            {
                **_TREE,
                "app/orders.py": "from app.post import send\ndef place():\n    send(1)\n",
            },
            flagged=("tests/test_orders.py:3",),
        ),
        Example(
            "a name and a module that are gone",
            {
                "app/__init__.py": "",
                "app/mail.py": "def send(to): ...\n",
                "tests/test_mail.py": """
                from unittest import mock

                def test_mail(monkeypatch):
                    monkeypatch.setattr("app.mail.deliver", None)
                    with mock.patch("app.post.send"):
                        pass
                """,
            },
            flagged=("tests/test_mail.py:4", "tests/test_mail.py:5"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the mock targets of every file that patches anything."""
        kinds, paths = Kinds(project), Paths(project)
        targets = Targets(project, kinds, paths)
        doubtful: list[_Patch] = []
        for patch in _patches(project, kinds, targets):
            why = _what_is_gone(project, patch.target)
            if why:
                yield self._finding(project, patch, f"this patch fails: {why}")
            elif _may_be_inert(project, paths, patch.target):
                doubtful.append(patch)
        # Most are looked up by a plain import: only for the others every re-export is followed.
        doubtful, _ = _without_lookups(project, kinds, doubtful, thorough=False)
        doubtful, lookups = _without_lookups(project, kinds, doubtful, thorough=True)
        for patch in doubtful:
            name = patch.target.name
            why = why_inert(name, lookups.copies(name, patch.path), lookups, None)
            yield self._finding(project, patch, f"this patch changes nothing: {why}")

    def _finding(self, project: Project, patch: _Patch, message: str) -> Finding:
        text, symbol = patch.text, patch.target.name
        match = project.deprecations.match(symbol)
        return project.finding(
            self,
            patch.path,
            Span(text.line, text.column, text.end_line, text.end_column),
            message,
            concept=match.replacement.concept if match is not None else None,
            symbol=symbol,
            canonical=match.canonical if match is not None else None,
            chain=chain_of(patch.path, text.line, project.resolver.path(symbol).hops),
            scope=text.scope,
        )


class _Patch(msgspec.Struct, frozen=True):
    """One mock target and where it stands."""

    path: str
    text: DottedString
    target: Target


def _patches(project: Project, kinds: Kinds, targets: Targets) -> Iterator[_Patch]:
    paths = [path for path in project.mentioning(_PATCHERS) if _speaks(project, path)]
    project.index.load(dict.fromkeys(paths, (STRINGS,)))
    for path in paths:
        found = project.index.strings(path)
        for text in found.strings if found is not None else ():
            if text.form or kinds.of(path, text) is not StringKind.MOCK:
                continue
            for target in targets.of(path, text):
                is_asked = target.what in (What.NAME, What.ATTRIBUTE) and not target.is_forgiving
                if is_asked and project.modules.is_first_party(target.spelled.module):
                    yield _Patch(path, text, target)


def _speaks(project: Project, path: str) -> bool:
    return project.category(path) not in _SILENT


def _what_is_gone(project: Project, target: Target) -> str:
    """What of a target does not exist; empty where all does, or may."""
    if target.what is What.NAME and project.modules.path_of(target.name.module):
        found = project.resolver.member(target.name.module, target.name.name)
    else:
        found = project.resolver.dotted(target.spelled.dotted.rpartition(".")[0])
    if found.kind is not Kind.MISSING or len(found.hops) > 1 or not _is_of_tree(project, found):
        return ""
    module, name = found.symbol.module, found.symbol.name.partition(".")[0]
    is_leaf = found.symbol.dotted == target.spelled.dotted
    if found.end.path and (is_leaf or not is_package_file(found.end.path)):
        if name in _OF_ANY_MODULE or name.startswith("__"):
            return ""
        return f"`{module}` has no `{name}`{_imported_inside(project, found.end.path, name)}"
    return f"there is no module `{module}.{name}`" if name else f"there is no module `{module}`"


def _imported_inside(project: Project, path: str, name: str) -> str:
    """Where the functions of a module take a name from that the module itself does not have."""
    facts = project.facts(path)
    for statement in facts.imports if facts is not None else ():
        if statement.bound == name and statement.name and statement.context & Context.FUNCTION:
            named = project.resolver.named(path, statement)
            if named is not None:
                return f", which its functions import: patch `{named.dotted}`"
    return ""


def _is_of_tree(project: Project, found: Resolution) -> bool:
    """Whether a missing path surely belongs to the tree, not to an installed namesake."""
    head = found.symbol.dotted
    while head and not project.modules.exists(head):
        head = head.rpartition(".")[0]
    return project.modules.path_of(head) is not None or "." in head


def _without_lookups(
    project: Project, kinds: Kinds, patches: Sequence[_Patch], *, thorough: bool
) -> tuple[list[_Patch], Lookups]:
    """The patches that nothing looks up and no late import can make a difference to."""
    names = {patch.target.name for patch in patches}
    patching = {patch.path for patch in patches}
    lookups = Lookups(project, kinds, names, patching, thorough=thorough)
    return [
        patch
        for patch in patches
        if not lookups.of(patch.target.name, patch.path)
        and not imported_late(project, patch.path, lookups.copies(patch.target.name, patch.path))
    ], lookups


def _may_be_inert(project: Project, paths: Paths, target: Target) -> bool:
    """Whether a target is a name of a shim or of a module that is to be read elsewhere."""
    if target.what is not What.NAME or target.is_aliased:
        return False
    path = project.modules.path_of(target.name.module)
    if path is None:
        return False
    return paths.match(target.name, "") is not None or project.shims.is_shim(path)
