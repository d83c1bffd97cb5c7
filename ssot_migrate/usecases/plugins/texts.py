"""The texts of a new plug-in: `str.format` templates, by path."""

from __future__ import annotations

from typing import Final

RULE: Final = '''\
"""{code}: calls of functions that were given up."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.plugin import Example, Finding, Reads, Rule, Severity, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.plugin import Project

_GIVEN_UP = ("legacy_call",)


class {klass}(Rule):
    """A function is called that was given up.

    Say here why that is wrong and what to write instead: `ssot-migrate explain {code}` shows it.

    Not flagged: functions that are only called alike, and prose.
    """

    code = "{code}"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    valid = (
        Example(
            "a longer name, and prose",
            {{
                "app.py": """
                # legacy_call() was here.
                my_legacy_call()
                """,
            }},
        ),
    )
    invalid = (
        Example(
            "a call",
            {{
                "app.py": """
                def run():
                    return legacy_call()
                """,
            }},
            flagged=("app.py:2",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the calls of every file that spells one of the names."""
        for path in project.mentioning(_GIVEN_UP):
            source = source_of(project, path)
            for node in ast.walk(source.tree) if source is not None else ():
                if (
                    source is not None
                    and isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in _GIVEN_UP
                ):
                    message = f"`{{node.func.id}}` was given up: say what to call instead"
                    yield project.finding(self, path, source.span(node), message)
'''

PROJECT: Final = {
    "pyproject.toml": """\
[build-system]
requires = ["flit_core>=3.9"]
build-backend = "flit_core.buildapi"

[project]
name = "{distribution}"
version = "0.1.0"
description = "Rules for ssot-migrate."
requires-python = ">=3.10"
dependencies = ["ssot-migrate>={version}"]

[project.optional-dependencies]
test = ["mypy", "pytest", "ruff"]

# The name is what the codes of the rules start with; every module of the package may hold some.
[project.entry-points."ssot_migrate.rules"]
{prefix} = "{package}.rules"

[tool.flit.module]
name = "{package}"

[tool.mypy]
strict = true
files = ["src", "tests"]
mypy_path = "src"

[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]

[tool.ruff]
line-length = 100

[tool.ruff.lint]
extend-ignore = ["RUF012"] # the base class of rules declares them as class variables
""",
    "README.md": """\
# {distribution}

Rules for ssot-migrate, with codes that start with {prefix}.

```console
$ pip install -e '.[test]'
$ pytest
$ ssot-migrate rules --plugin src/{package}
```

Elsewhere, `ssot-migrate rules` finds them by itself. Here they lie in the tree that would be
scanned, of which nothing is run unless it is named.

`ssot-migrate rules new NAME`, run in this folder, adds one more.
""",
    "src/{package}/__init__.py": '"""Rules for ssot-migrate."""\n',
    "src/{package}/py.typed": "",
    "src/{package}/rules/__init__.py": '"""One rule a file, called like the file."""\n',
    "tests/test_rules.py": '''\
"""Every rule is complete, and flags what its examples say and nothing else."""

from __future__ import annotations

import pytest
from ssot_migrate.plugin import Example, Rule
from ssot_migrate.testing import check_example, check_rule, examples_in, rules_in

from {package} import rules


@pytest.mark.parametrize("rule", rules_in(rules), ids=lambda rule: str(rule.code))
def test_rule_is_complete(rule: type[Rule]) -> None:
    check_rule(rule)


@pytest.mark.parametrize(("rule", "example"), examples_in(rules))
def test_rule_and_example_agree(rule: type[Rule], example: Example) -> None:
    check_example(rule, example)
''',
}
