from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Find

MOVE = '[[moves]]\nfrom = "old:{}"\nto = "new:{}"\n'
CONCEPT = '[[concepts]]\nname = "engine"\ncanonical = "new:New"\n'


def told(find: Find, old: str, new: str, name: str = "f") -> tuple[str, ...]:
    """What the rule says of one moved name."""
    findings = find("alias-signature", {"old.py": old, "new.py": new}, MOVE.format(name, name))
    return findings[0].evidence if findings else ()


def test_evidence_has_a_sentence_for_each_difference(find: Find) -> None:
    old = """
    class C:
        def __init__(self, user, bridge): ...
        def create(self): ...
        async def close(self): ...
        def stats(self): ...
        def only_here(self, x): ...
        def _private(self, x): ...
    """
    new = """
    class C:
        def __init__(self, user, connection): ...
        async def create(self): ...
        def close(self): ...
        @property
        def stats(self): ...
        def _private(self): ...
    """
    assert told(find, old, new, "C") == (
        "parameter 2 is 'connection', was 'bridge'",
        "create() must be awaited",
        "close() must not be awaited",
        "stats is read without a call",
    )


def test_members_of_first_party_bases_count(find: Find) -> None:
    old = "class Base:\n    def send(self, a): ...\nclass C(Base): ...\n"
    new = "class Root:\n    def send(self, b): ...\nclass C(Root): ...\n"
    assert told(find, old, new, "C") == ("send(): parameter 1 is 'b', was 'a'",)


def test_a_constructor_from_outside_the_tree_is_not_known(find: Find) -> None:
    old = "class C:\n    def __init__(self, a): ...\n"
    assert told(find, old, "from pydantic import BaseModel\nclass C(BaseModel): ...\n", "C") == ()


def test_a_method_is_compared_where_it_is_what_moved(find: Find) -> None:
    files = {
        "old.py": "class A:\n    x = 1\n    def go(self, a): ...\n",
        "new.py": "class B:\n    def run(self, b): ...\n",
    }
    (finding,) = find("alias-signature", files, MOVE.format("A.go", "B.run"))
    assert finding.line == 3
    assert finding.evidence == ("parameter 1 is 'b', was 'a'",)


@pytest.mark.parametrize(
    ("body", "evidence"),
    [
        ("return new.f()", ()),
        ("return asyncio.run(new.f())", ("it must be awaited",)),
        ("return 1", ("it must be awaited",)),
    ],
    ids=["passes the coroutine on", "runs a loop for it", "does something else"],
)
def test_a_plain_function_before_a_coroutine(
    find: Find, body: str, evidence: tuple[str, ...]
) -> None:
    old = f"import asyncio\nimport new\ndef f():\n    {body}\n"
    assert told(find, old, "async def f(): ...\n") == evidence


def test_a_shim_may_mean_another_function_of_the_same_name(find: Find) -> None:
    files = {
        "new.py": "def configure(bridge): ...\nasync def create(): ...\n",
        "shim.py": "from new import configure as create, configure\n",
    }
    (finding,) = find("alias-signature", files, '[[moves]]\nfrom = "shim"\nto = "new"\n')
    assert str(finding.symbol) == "shim:create"
    assert "which is `new:configure`" in finding.message
    assert finding.evidence == ("it takes no 'bridge'", "it must be awaited")


def test_a_table_of_names_is_followed(find: Find) -> None:
    files = {
        "new.py": "class New:\n    def __init__(self, a): ...\n",
        "fast.py": "class Fast:\n    def __init__(self, b): ...\n",
        "compat.py": """
        import importlib
        _MOVED = {"Short": ("fast", "Fast")}
        def __getattr__(name):
            module, attribute = _MOVED[name]
            return getattr(importlib.import_module(module), attribute)
        """,
    }
    registry = CONCEPT + 'deprecated = [{ path = "compat:Short" }]\n'
    (finding,) = find("alias-signature", files, registry)
    assert (finding.path, finding.line, finding.concept) == ("compat.py", 2, "engine")


def test_a_class_that_warns_of_something_else_is_no_wrapper(find: Find) -> None:
    files = {
        "new.py": "class New:\n    def __init__(self, a): ...\n",
        "registry.py": """
        import warnings
        from new import New
        class Registry:
            def __init__(self, b):
                warnings.warn("Registry is deprecated, use Index", DeprecationWarning)
                self.new = New(b)
        """,
    }
    assert find("alias-signature", files, CONCEPT) == ()


def test_an_alias_is_trusted_when_one_of_its_namesakes_is_called_alike(find: Find) -> None:
    files = {
        "new.py": "class New:\n    def __init__(self, a): ...\n\nOld = New\n",
        "one.py": "class Old:\n    def __init__(self, b): ...\n",
    }
    (finding,) = find("alias-signature", files, CONCEPT)
    assert (finding.path, finding.line) == ("new.py", 4)
    files["two.py"] = "class Old:\n    def __init__(self, a): ...\n"
    assert find("alias-signature", files, CONCEPT) == ()
