"""Uses of what the replacing module does not have: nothing can be rewritten there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Fix

if TYPE_CHECKING:
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
