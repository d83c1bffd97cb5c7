"""Verbs for tests of rules: each example is a small tree, linted by the real engine."""

from __future__ import annotations

import ast
import re
import textwrap
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ssot_migrate.lint.engine import run_rules
from ssot_migrate.plugged_in.checks import rules_of
from ssot_migrate.plugged_in.loading import load
from ssot_migrate.plugged_in.registered import PlugIn
from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from ssot_migrate.lint.rule import Example, Rule

REGISTRY = "ssot.toml"
_TWO_SENTENCES = re.compile(r"[.!?]\s+[A-Z]")


def rules_in(package: ModuleType) -> tuple[type[Rule], ...]:
    """The rules that a package's modules define, or one module; sorted by code.

    Raises:
        PlugInError: One of them is no rule that the tool would load.
    """
    plug_in = PlugIn(None, package.__name__, package.__name__)
    return tuple(sorted(rules_of(plug_in, load(plug_in), ""), key=lambda rule: rule.code))


def examples_in(package: ModuleType) -> tuple[tuple[type[Rule], Example], ...]:
    """Every rule of a package with every example that it carries.

    Raises:
        PlugInError: One of them is no rule that the tool would load.
    """
    return tuple(
        (rule, example)
        for rule in rules_in(package)
        for example in (*rule.valid, *getattr(rule, "invalid", ()))
    )


def check_example(rule: type[Rule], example: Example) -> None:
    """Check that a rule flags what an example says, and nothing else.

    Raises:
        AssertionError: It flags something else; says what.
    """
    files = {path: _dedented(source).encode() for path, source in example.files.items()}
    with planted({**files, REGISTRY: _dedented(example.registry).encode()}) as root:
        request = Request(root=str(root), config=str(root / REGISTRY), use_cache=False, jobs=1)
        with open_project(request) as opened:
            findings = run_rules([rule], opened.project)
    found = sorted(f"{one.path}:{one.line}" for one in findings)
    if found != sorted(example.flagged):
        said = "".join(f"\n{one.path}:{one.line}: {one.message}" for one in findings)
        raise AssertionError(
            f"{rule.code}, {example.title!r}: flagged should be {sorted(example.flagged)},"
            f" and is {found}{said}"
        )


def check_rule(rule: type[Rule]) -> None:
    """Check that a rule says all that `explain` shows of it, and shows both sides by examples.

    Raises:
        AssertionError: Something is missing; says all of it.
    """
    if problems := list(_problems(rule)):
        raise AssertionError(f"{rule.code} {rule.name()}: " + "; ".join(problems))


def _problems(rule: type[Rule]) -> Iterator[str]:
    summary = rule.summary()
    if not summary.endswith(".") or _TWO_SENTENCES.search(summary):
        yield "the first paragraph of the docstring is not one sentence"
    if len(rule.documentation()) <= len(summary):
        yield "the docstring gives no reason below its first paragraph"
    invalid: tuple[Example, ...] = getattr(rule, "invalid", ())
    for kind, several in (("valid", rule.valid), ("invalid", invalid)):
        if not several:
            yield f"there is no `{kind}` example"
    titles = [example.title for example in (*rule.valid, *invalid)]
    if len({*titles, ""}) <= len(titles):
        yield "two examples have one title, or one has none"
    if not all(example.flagged for example in invalid):
        yield "an `invalid` example flags nothing"
    if any(example.flagged for example in rule.valid):
        yield "a `valid` example flags something"
    for example in (*rule.valid, *invalid):
        yield from _unreadable(example)


def _unreadable(example: Example) -> Iterator[str]:
    for path, source in example.files.items():
        if path.endswith((".py", ".pyi")):
            try:
                ast.parse(_dedented(source))
            except SyntaxError as error:
                yield f"{path} of {example.title!r} is no Python: {error.msg}"


def _dedented(text: str) -> str:
    return textwrap.dedent(text).removeprefix("\n")


@contextmanager
def planted(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A temporary folder that holds these files, by path."""
    with TemporaryDirectory(prefix="ssot-migrate-testing-") as folder:
        for path, data in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Path(folder)
