from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Find

CONCEPT = '[[concepts]]\nname = "engine"\ncanonical = "core:Engine"\n'
REGISTERED = CONCEPT + 'deprecated = [{ path = "old" }]\n'


def test_the_chain_leads_from_import_to_import_and_back_home(find: Find) -> None:
    files = {
        "core.py": "import parts\nclass Engine: ...\n",
        "parts.py": "# parts\nimport tools\ndef turn(): ...\n",
        "tools.py": "# tools\n\nfrom old import Engine\ndef turn(): ...\n",
        "old.py": "from core import Engine\n",
    }
    (finding,) = find("canonical-cycle", files, REGISTERED)
    assert finding.chain == ("core.py:1", "parts.py:2", "tools.py:3", "old.py:1", "core.py:2")
    assert finding.message == (
        "the canonical module of engine imports its own shim `old` over `parts`, `tools`"
    )


def test_a_lazy_import_is_said_to_be_lazy(find: Find) -> None:
    files = {
        "core.py": "class Engine:\n    def copy(self):\n        import old\n",
        "old.py": "from core import Engine\n",
    }
    (finding,) = find("canonical-cycle", files, REGISTERED)
    assert "lazily" in finding.message
    assert finding.scope == "Engine.copy"


def test_one_statement_is_one_finding(find: Find) -> None:
    files = {
        "core.py": "from old import Engine as E, Wheel\nclass Engine: ...\nclass Wheel: ...\n",
        "old.py": "from core import Engine, Wheel\n",
    }
    assert len(find("canonical-cycle", files, REGISTERED)) == 1


@pytest.mark.parametrize(
    "parts",
    [
        "def late():\n    from old import Engine\n",
        "try:\n    from old import Engine\nexcept ImportError:\n    pass\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from old import Engine\n",
    ],
    ids=["lazy", "guarded", "type checking"],
)
def test_a_longer_way_counts_only_at_run_time(find: Find, parts: str) -> None:
    files = {
        "core.py": "import parts\nclass Engine: ...\n",
        "parts.py": f"{parts}def turn(): ...\n",
        "old.py": "from core import Engine\n",
    }
    assert find("canonical-cycle", files, REGISTERED) == ()


def test_the_concept_is_that_of_the_path(find: Find) -> None:
    files = {
        "core.py": "import old\nclass Engine: ...\nclass Wheel: ...\n",
        "old.py": "class OldWheel: ...\n",
    }
    registry = (
        f'{CONCEPT}[[concepts]]\nname = "wheel"\ncanonical = "core:Wheel"\n'
        'deprecated = [{ path = "old" }]\n'
    )
    (finding,) = find("canonical-cycle", files, registry)
    assert finding.concept == "wheel"
    assert "its own deprecated path `old`" in finding.message


def test_modules_that_import_each_other_end(find: Find) -> None:
    files = {
        "core.py": "import a\nclass Engine: ...\n",
        "a.py": "import b\n",
        "b.py": "import a\nimport core\n",
    }
    assert find("canonical-cycle", files, CONCEPT) == ()
