"""Import statements: what they name, what they bind, where they stand."""

from __future__ import annotations

import pytest

from .reading import contexts, facts, imports


def test_every_form_of_import_gives_one_fact_for_each_name() -> None:
    source = """
    import a
    import a.b.c, d as e
    import a.b as f
    from a import b, c as g, h as h
    from a.b import (
        i,  # why
        j as k,
    )
    from a import *
    from . import l
    from .m import n
    from .. import o
    from . .p import q
    from ...r.s import t as u
    from a import v; import w
    """
    assert imports(source) == [
        "import a",
        "import a.b.c",
        "import d as e",
        "import a.b as f",
        "from a import b",
        "from a import c as g",
        "from a import h as h",
        "from a.b import i",
        "from a.b import j as k",
        "from a import *",
        "from . import l",
        "from .m import n",
        "from .. import o",
        "from ..p import q",
        "from ...r.s import t as u",
        "from a import v",
        "import w",
    ]


def test_a_plain_dotted_import_binds_its_first_package() -> None:
    assert [i.bound for i in facts("import a.b.c, a.b as x, os").imports] == ["a", "x", "os"]


def test_the_span_is_the_statements_in_characters() -> None:
    read = facts(
        """
        é = 1; import a
        if é: from a import (
            b, c,
        )
        """
    ).imports
    spans = [(i.line, i.column, i.end_line, i.end_column) for i in read]
    assert spans == [(1, 8, 1, 16), (2, 7, 4, 2), (2, 7, 4, 2)]


@pytest.mark.parametrize(
    "suite",
    [
        "if TYPE_CHECKING:",
        "if typing.TYPE_CHECKING:",
        "if t.TYPE_CHECKING:",
        "if not not TYPE_CHECKING:",
    ],
)
def test_a_type_checking_block_and_its_else(suite: str) -> None:
    assert contexts(f"{suite}\n    import a\nelse:\n    import b\n") == {
        "a": "type checking",
        "b": "conditional",
    }


def test_a_negated_type_checking_block_and_its_else() -> None:
    source = "if not TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
    assert contexts(source) == {"a": "conditional", "b": "type checking"}


@pytest.mark.parametrize(
    "clause",
    [
        "except ImportError:",
        "except ModuleNotFoundError as error:",
        "except (ValueError, ImportError):",
        "except Exception:",
        "except:",
    ],
)
def test_an_import_that_may_fail_and_its_fallback(clause: str) -> None:
    source = f"""
    try:
        import a
    {clause}
        import b
    else:
        import c
    finally:
        import d
    """
    assert contexts(source) == {"a": "try", "b": "handler", "c": "conditional", "d": ""}


def test_a_handler_for_something_else_catches_no_import() -> None:
    source = "try:\n    import a\nexcept ValueError:\n    import b\n"
    assert contexts(source) == {"a": "conditional", "b": "conditional"}


def test_one_of_several_handlers_may_be_the_fallback() -> None:
    source = """
    try:
        import a
    except ValueError:
        import b
    except ImportError:
        import c
    """
    assert contexts(source) == {"a": "try", "b": "conditional", "c": "handler"}


def test_a_try_without_handlers_changes_nothing() -> None:
    assert contexts("try:\n    import a\nfinally:\n    import b\n") == {"a": "", "b": ""}


def test_suppress_is_a_try_without_a_fallback() -> None:
    source = """
    with suppress(ImportError):
        import a
    with contextlib.suppress(ValueError, ModuleNotFoundError):
        import b
    with open("x"):
        import c
    """
    assert contexts(source) == {"a": "try", "b": "try", "c": ""}


def test_branches_loops_and_cases_are_conditional() -> None:
    source = """
    if x: import a
    elif y: import b; import c
    else:
        import d
    for x in y:
        import e
    else:
        import f
    while x:
        import g
    match x:
        case 1:
            import h
    """
    assert contexts(source) == dict.fromkeys("abcdefgh", "conditional")


def test_functions_and_classes_add_up_with_what_surrounds_them() -> None:
    source = """
    def f():
        import a
        try:
            import b
        except ImportError:
            import c
    class C:
        import d
        async def m(self):
            import e
            if TYPE_CHECKING:
                import g
    if x:
        def h():
            import i
    """
    assert contexts(source) == {
        "a": "function",
        "b": "function, try",
        "c": "function, handler",
        "d": "class",
        "e": "function, class",
        "g": "function, class, type checking",
        "i": "function, conditional",
    }
    scopes = {i.bound: i.scope for i in facts(source).imports}
    assert scopes == {
        "a": "f", "b": "f", "c": "f", "d": "C", "e": "C.m", "g": "C.m", "i": "h",
    }  # fmt: skip


def test_a_long_chain_of_elif_needs_no_deep_stack() -> None:
    chain = "".join(f"elif x == {n}:\n    import m{n}\n" for n in range(300))
    assert len(imports("if x:\n    import m\n" + chain)) == 301
