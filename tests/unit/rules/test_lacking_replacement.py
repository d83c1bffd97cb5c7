"""Uses of what the replacing module does not have: nothing can be rewritten there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Fix
from ssot_migrate.usecases.editor.pointing import pointed_at

if TYPE_CHECKING:
    from ..conftest import MakeProject
    from .conftest import Find

REGISTRY = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'
FILES = {
    "app/__init__.py": "",
    "app/old.py": "from app.new import there\ndef gone(): ...\n",
    "app/new.py": "def there(): ...\n",
}


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("SSOT201", "from app.old import {name}\n"),
        ("SSOT203", "import app.old\nx = app.old.{name}\n"),
    ],
)
def test_a_name_that_is_not_there_is_for_a_person(find: Find, rule: str, source: str) -> None:
    (gone,) = find(rule, {**FILES, "app/use.py": source.format(name="gone")}, REGISTRY)
    assert gone.fix is Fix.MANUAL
    assert gone.message.endswith("`app.new` has no `gone`, so decide what to use")
    (there,) = find(rule, {**FILES, "app/use.py": source.format(name="there")}, REGISTRY)
    assert there.fix is Fix.SAFE
    assert there.message.endswith("use `app.new:there`")


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("SSOT201", "from app.old import lost\n"),
        ("SSOT203", "import app.old\nx = app.old.lost\n"),
    ],
)
def test_a_deprecated_name_that_is_gone_already_has_no_line(
    find: Find, project: MakeProject, rule: str, source: str
) -> None:
    """The way there ends at its name; an editor has nothing to open."""
    files = {**FILES, "app/use.py": source}
    (finding,) = find(rule, files, REGISTRY)
    assert finding.message.startswith("`app.old:lost` is deprecated, and `app.old` has no `lost`:")
    assert finding.chain == (f"app/use.py:{finding.line}", "app.old:lost")
    column = source.splitlines()[-1].index("lost") + 1
    home = pointed_at(project(files, REGISTRY), "app/use.py", finding.line, column)
    assert home is not None
    assert (home.is_gone, home.chain) == (True, finding.chain)
