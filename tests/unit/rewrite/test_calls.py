"""Which calls are renamed, which are left to a person, and which are nobody's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from ssot_migrate.codemods.rename_calls import rename_calls
from ssot_migrate.domain.outcome import Left
from ssot_migrate.rewrite.calls import decide_calls
from ssot_migrate.rewrite.decisions import RenameCall
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import spliced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]

Decided: TypeAlias = "tuple[RenameCall | Left, ...]"
Decide: TypeAlias = "Callable[..., Decided]"

CANONICAL = """
class EngineFactory:
    def __init__(self, bridge=None, pool=None): ...
    async def create(self, context, agent=None): ...
    async def create_engine(self, user_context, agent=None):
        return await self.create(user_context, agent)
    def metrics(self): ...
    def stats(self): return {}
    @property
    def size(self): ...
    @classmethod
    def build(cls, pool): ...
    def swapped(self, context, agent): ...
    def sync(self): ...
    async def awaited(self): ...

async def get_factory() -> EngineFactory: ...
"""
OLD = """
class OldFactory:
    def __init__(self, bridge=None): ...
    async def create_engine(self, user_context): ...
    def only_here(self): ...

class Wrapper:
    def __init__(self, connection): ...
    async def create_engine(self, user_context): ...
    async def create(self, context): ...

def get_factory() -> "EngineFactory":
    from app.factory import EngineFactory
    return EngineFactory()
"""
TREE = {
    "app/__init__.py": "",
    "app/factory.py": CANONICAL,
    "app/old.py": OLD,
    "app/shim.py": "from app.factory import EngineFactory\nFactoryAlias = EngineFactory\n",
}
REGISTRY = """
[[concepts]]
name = "engine factory"
canonical = "app.factory:EngineFactory"
deprecated = [
    { path = "app.old:OldFactory", safety = "unsafe" },
    { path = "app.old:Wrapper" },
    { path = "app.old:get_factory", to = "app.factory:get_factory" },
]
methods = [
    { from = "create_engine", to = "create", keywords = { user_context = "context" } },
    { from = "__init__", to = "__init__", keywords = { websocket_bridge = "bridge" } },
    { from = "get_stats", to = "stats" },
    { from = "length", to = "size" },
    { from = "gone", to = "not_there" },
    { from = "make", to = "build" },
    { from = "careful", to = "metrics", safety = "manual" },
    { from = "doubtful", to = "metrics", safety = "unsafe" },
    { from = "turned", to = "swapped", positional = ["agent", "context"] },
    { from = "first", to = "second" },
    { from = "second", to = "third" },
    { from = "now_async", to = "awaited", awaits = "add" },
    { from = "now_sync", to = "sync", awaits = "drop" },
]
"""
USE = (
    "from app.factory import EngineFactory, get_factory\nfrom app.old import OldFactory, Wrapper\n"
)


@pytest.fixture
def decide(project: MakeProject) -> Decide:
    """What is decided about `use.py`."""

    def run(source: str, files: Mapping[str, str] = {}, registry: str = REGISTRY) -> Decided:
        tree = project({**TREE, **files, "use.py": source}, registry)
        return decide_calls(tree).get("use.py", ())

    return run


def changed(source: str, decided: Decided) -> str:
    """The source with its calls renamed."""
    document = Document(source.encode())
    renames = [one for one in decided if isinstance(one, RenameCall)]
    edits = list(rename_calls(document, renames))
    assert all(isinstance(edit, TextEdit) for edit in edits)
    return spliced(document, [edit for edit in edits if isinstance(edit, TextEdit)])


def reasons(decided: Decided) -> list[str]:
    """Why places are left."""
    return [one.why for one in decided if isinstance(one, Left)]


RENAMED = [
    ("EngineFactory().create_engine(1)", "EngineFactory().create(1)"),
    ("EngineFactory().create_engine(user_context=1)", "EngineFactory().create(context=1)"),
    (
        "x = EngineFactory()\nx.create_engine(1, agent=2)",
        "x = EngineFactory()\nx.create(1, agent=2)",
    ),
    (
        "from app.shim import FactoryAlias as F\nF().create_engine(1)",
        "from app.shim import FactoryAlias as F\nF().create(1)",
    ),
    (
        "async def f():\n  x = await get_factory()\n  await x.create_engine(user_context=1)",
        "async def f():\n  x = await get_factory()\n  await x.create(context=1)",
    ),
    (
        "def f(x: EngineFactory): return x.create_engine(1)",
        "def f(x: EngineFactory): return x.create(1)",
    ),
    (
        "def f(x=Depends(get_factory)): return x.create_engine(1)",
        "def f(x=Depends(get_factory)): return x.create(1)",
    ),
    (
        "class S:\n  def __init__(self): self._f = EngineFactory()\n"
        "  def g(self): return self._f.create_engine(1)",
        "class S:\n  def __init__(self): self._f = EngineFactory()\n"
        "  def g(self): return self._f.create(1)",
    ),
    (
        "class S(EngineFactory):\n  def g(self): return self.create_engine(1)",
        "class S(EngineFactory):\n  def g(self): return self.create(1)",
    ),
    (
        "asyncio.gather(EngineFactory().create_engine(1))",
        "asyncio.gather(EngineFactory().create(1))",
    ),
    ("EngineFactory().get_stats()", "EngineFactory().stats()"),
    ("EngineFactory.make(1)", "EngineFactory.build(1)"),
    ("Wrapper(1).create_engine(1)", "Wrapper(1).create(1)"),
    ("EngineFactory().turned(1, 2)", "EngineFactory().swapped(agent=1, context=2)"),
    ("EngineFactory().turned(agent=1, context=2)", "EngineFactory().swapped(agent=1, context=2)"),
    (
        "async def f(): EngineFactory().now_async()",
        "async def f(): await EngineFactory().awaited()",
    ),
    (
        "async def f(): await EngineFactory().now_async()",
        "async def f(): await EngineFactory().awaited()",
    ),
    ("async def f(): await EngineFactory().now_sync()", "async def f(): EngineFactory().sync()"),
    ("EngineFactory(websocket_bridge=1, pool=2)", "EngineFactory(bridge=1, pool=2)"),
    (
        "class S(EngineFactory):\n  def __init__(self): super().__init__(websocket_bridge=1)",
        "class S(EngineFactory):\n  def __init__(self): super().__init__(bridge=1)",
    ),
    (
        "EngineFactory().create_engine(EngineFactory().create_engine(user_context=1))",
        "EngineFactory().create(EngineFactory().create(context=1))",
    ),
]


class TestProven:
    @pytest.mark.parametrize(("before", "after"), RENAMED)
    def test_calls_are_renamed(self, decide: Decide, before: str, after: str) -> None:
        decided = decide(USE + before)
        assert reasons(decided) == []
        assert changed(USE + before, decided) == USE + after
        assert {one.cause.fix.value for one in decided} == {"safe"}

    @pytest.mark.parametrize("after", [after for _before, after in RENAMED])
    def test_a_second_pass_is_empty(self, decide: Decide, after: str) -> None:
        assert decide(USE + after) == ()

    def test_the_cause_says_what_becomes_of_what(self, decide: Decide) -> None:
        (one,) = decide(f"{USE}EngineFactory().create_engine(1)\n")
        assert one.cause.concept == "engine factory"
        assert one.cause.symbol == "app.factory:EngineFactory.create_engine"
        assert one.cause.canonical == "app.factory:EngineFactory.create"

    @pytest.mark.parametrize(
        "source",
        [
            "EngineFactory().doubtful()",
            "async def f(): await OldFactory().create_engine(1)",
            "def f(x: OldFactory): return x.create_engine(1)",
        ],
    )
    def test_the_registry_s_safety_counts(self, decide: Decide, source: str) -> None:
        (one,) = (d for d in decide(USE + source) if isinstance(d, RenameCall))
        assert one.cause.fix.value == "unsafe"

    def test_a_deprecated_class_that_is_named_elsewhere_is_not_safe(self, decide: Decide) -> None:
        registry = REGISTRY.replace(
            ', safety = "unsafe" },\n    { path = "app.old:W', ' },\n    { path = "app.old:W', 1
        )
        files = {"app/made.py": "from app.old import OldFactory\ndef made(): return OldFactory()\n"}
        (far,) = decide("from app.made import made\nmade().create_engine(1)\n", files, registry)
        (near,) = decide(f"{USE}OldFactory().create_engine(1)\n", files, registry)
        assert (far.cause.fix.value, near.cause.fix.value) == ("unsafe", "safe")

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            (
                "OldFactory(1).create_engine(1)\nOldFactory(1).only_here()",
                "line 4 calls `only_here` on it: `EngineFactory` has no `only_here`",
            ),
            (
                "OldFactory(1, 2, 3).create_engine(1)",
                "it takes 2 positional arguments, not 3",
            ),
        ],
    )
    def test_a_class_that_does_not_fit_takes_its_calls_along(
        self, decide: Decide, source: str, why: str
    ) -> None:
        """Its import moves with `--unsafe`, and the method is not there any more then."""
        (one,) = (d for d in decide(USE + source) if isinstance(d, RenameCall))
        assert one.cause.fix.value == "unsafe"
        assert one.cause.note == f"`OldFactory` does not fit here: {why}"
        assert (3, 1) in (one.along or ())

    def test_an_annotation_is_unsafe_where_a_double_has_the_method(self, decide: Decide) -> None:
        source = f"{USE}def f(x: EngineFactory): return x.create_engine(1)\n"
        made = f"{USE}EngineFactory().create_engine(1)\n"
        for double in (
            "from unittest.mock import Mock\nx = Mock(create_engine=1)\n",
            "from unittest.mock import Mock\ndef test():\n  x = Mock()\n  x.create_engine = 1\n",
            "class Fake:\n  async def create_engine(self, user_context): ...\n",
        ):
            files = {"tests/test_use.py": double}
            assert decide(source, files)[0].cause.fix.value == "unsafe"
            assert decide(made, files)[0].cause.fix.value == "safe"
        unrelated = {"app/other.py": "class Other:\n  def create_engine(self): ...\n"}
        assert decide(source, unrelated)[0].cause.fix.value == "safe"


class TestLeft:
    @pytest.mark.parametrize(
        ("source", "why"),
        [
            ("def f(x): x.create_engine(1)", "`x` is a parameter without annotation"),
            ("def f(x: Any): x.create_engine(1)", "`x` is annotated as `Any`"),
            ("for x in y: x.create_engine(1)", "`x` is bound in a loop"),
            ("next(y).create_engine(1)", "`next()` is what `next` returns"),
            (
                "def f(a):\n  x = EngineFactory()\n  x = Mock() if a else x\n  x.create_engine(1)",
                "`x` may also be a test double",
            ),
            ("EngineFactory().length()", "`EngineFactory.size` is read without a call"),
            ("EngineFactory().gone()", "`EngineFactory` has no `not_there`"),
            ("EngineFactory().careful()", "the registry leaves it to a person"),
            ("EngineFactory().first()", "`second`, its new name, is renamed itself"),
            ("EngineFactory().create_engine(1, 2, 3)", "it takes 2 positional arguments, not 3"),
            ("EngineFactory().create_engine(session=1)", "it takes no 'session'"),
            ("EngineFactory().create_engine()", "'context' must be given"),
            (
                "EngineFactory().create_engine(**x)",
                "keywords change their names, and what it passes with `**` cannot be seen",
            ),
            (
                "EngineFactory().turned(*x)",
                "positionals become keywords, and what it passes with `*` cannot be seen",
            ),
            (
                "EngineFactory().turned(1, 2, 3)",
                "the registry names 2 positionals, not 3",
            ),
            (
                "EngineFactory.create_engine(1, 2)",
                "it is called on the class, with the instance among its arguments",
            ),
            (
                "def f(): EngineFactory().now_async()",
                "it must be awaited, and the function around it is no coroutine",
            ),
            (
                "async def f(): gather(EngineFactory().now_sync())",
                "it must not be awaited, and this call hands it on to be awaited elsewhere",
            ),
            (
                "Mock(spec=EngineFactory).create_engine(1)",
                "`Mock()` is a test double of `EngineFactory`",
            ),
            (
                "x = EngineFactory().create_engine",
                "`create_engine` is not called here, so its arguments cannot be seen",
            ),
            (
                "EngineFactory().create_engine = 1",
                "`create_engine` is replaced here by something else",
            ),
            ("getattr(EngineFactory(), 'create_engine')", "`create_engine` stands in a string"),
            ("patch.object(EngineFactory, 'create_engine')", "`create_engine` stands in a string"),
            ("Mock(create_engine=1)", "a test double has `create_engine` here"),
            (
                "x = Mock(spec=EngineFactory)\nx.create_engine.assert_called()",
                "`create_engine` is not called here, so its arguments cannot be seen",
            ),
            ("EngineFactory(websocket_bridge=1, other=2)", "it takes no 'other'"),
            (
                "class P:\n  def __getattr__(self, name): ...\nP().create_engine(1)",
                "`P()` is a `P`, which may pass the call on",
            ),
            (
                "EngineFactory(websocket_bridge=1, **x)",
                "keywords change their names, and what it passes with `**` cannot be seen",
            ),
            (
                "class S(EngineFactory):\n  def create(self, c): return self.create_engine(c)",
                "`create` calls it, and would call itself",
            ),
        ],
    )
    def test_with_what_is_missing(self, decide: Decide, source: str, why: str) -> None:
        decided = decide(USE + source)
        assert reasons(decided) == [why]
        assert not [one for one in decided if isinstance(one, RenameCall)]
        assert {one.cause.fix.value for one in decided} == {"manual"}

    def test_overrides_and_what_they_may_catch(self, decide: Decide) -> None:
        source = f"""{USE}
class Below(EngineFactory):
    async def create_engine(self, user_context): return await super().create_engine(user_context)

def f(x: EngineFactory, y: Below):
    x.create_engine(1)
    y.create_engine(1)
    EngineFactory().create_engine(1)
    Below().create_engine(1)
"""
        decided = decide(source)
        assert [(one.line, one.why) for one in decided if isinstance(one, Left)] == [
            (5, "`Below` overrides a method that is renamed"),
            (5, "`super()` may be a `Below`, which overrides `create_engine`"),
            (8, "`x` may be a `Below`, which overrides `create_engine`"),
            (9, "`Below` overrides `create_engine`"),
            (11, "`Below` overrides `create_engine`"),
        ]
        assert [one.span.line for one in decided if isinstance(one, RenameCall)] == [10]

    def test_an_override_elsewhere_counts_too(self, decide: Decide) -> None:
        below = "from app.factory import EngineFactory\nclass B(EngineFactory):\n"
        files = {"app/below.py": f"{below}    def create_engine(self, user_context): ...\n"}
        decided = decide(f"{USE}def f(x: EngineFactory): x.create_engine(1)\n", files)
        assert reasons(decided) == ["`x` may be a `B`, which overrides `create_engine`"]

    def test_a_base_or_a_protocol_says_too_little(self, decide: Decide) -> None:
        files = {
            "app/base.py": "class Base:\n  def create_engine(self, user_context): ...\n",
            "app/factory.py": "from app.base import Base\nclass EngineFactory(Base):\n"
            "  def create(self, context): ...\nasync def get_factory(): ...\n",
            "app/protocol.py": "from typing import Protocol\nclass Like(Protocol):\n"
            "  def create_engine(self, user_context): ...\n",
        }
        source = """
from app.base import Base
from app.protocol import Like
from app.factory import EngineFactory
def f(x: Base, y: Like):
    x.create_engine(1)
    y.create_engine(1)
    Base().create_engine(1)
"""
        assert reasons(decide(source, files)) == [
            "`x` is only known as `Base`, a base of the concept's class",
            "`y` is only known as `Like`, which is a protocol",
        ]


class TestIgnored:
    @pytest.mark.parametrize(
        "source",
        [
            "def f(x): x.create_engine(1)",
            "def f(factory): factory.create_engine(1)",
            "class Other:\n  def create_engine(self): ...\nOther().create_engine(1)",
            "class Other:\n  def create_engine(self): self.create_engine()",
            "import sqlalchemy\nsqlalchemy.create_engine('x')",
            "create_engine(1)",
            "{}.get_stats()",
            "def f(x): x.create_engine = 1",
            "Mock(create_engine=1)",
            "x = 'create_engine'",
        ],
    )
    def test_calls_of_files_that_know_nothing_of_it(self, decide: Decide, source: str) -> None:
        assert decide(source) == ()

    @pytest.mark.parametrize(
        "source",
        [
            "class Other:\n  def create_engine(self): ...\nOther().create_engine(1)",
            "import sqlalchemy\nsqlalchemy.create_engine('x')",
            "create_engine(1)",
            "EngineFactory().create(user_context=1)",
            "EngineFactory().unheard_of(user_context=1)",
            "EngineFactory(bridge=1)",
            "OldFactory(websocket_bridge=1).only_here()",
            "async def f(): await EngineFactory().sync()",
        ],
    )
    def test_calls_of_other_things(self, decide: Decide, source: str) -> None:
        assert decide(USE + source) == ()

    def test_a_receiver_that_is_named_like_the_concept_is_told(self, decide: Decide) -> None:
        assert reasons(decide("def f(engine_factory): engine_factory.create_engine(1)")) == [
            "`engine_factory` is a parameter without annotation"
        ]

    def test_what_goes_away_is_left_alone(self, project: MakeProject) -> None:
        old = OLD.replace(
            "    def only_here(self): ...", "    def only_here(self): self.create_engine(1)"
        )
        assert "app/old.py" not in decide_calls(project({**TREE, "app/old.py": old}, REGISTRY))

    def test_the_canonical_s_own_method_does_not_call_itself(self, project: MakeProject) -> None:
        canonical = CANONICAL.replace(
            "async def create(self, context, agent=None): ...",
            "async def create(self, context, agent=None): return self.create_engine(context)",
        )
        tree = project({**TREE, "app/factory.py": canonical}, REGISTRY)
        decided = decide_calls(tree)["app/factory.py"]
        assert reasons(decided) == ["`create` calls it, and would call itself"]

    def test_without_renames_nothing_is_decided(self, decide: Decide) -> None:
        assert decide(f"{USE}EngineFactory().create_engine(1)\n", registry="") == ()


class TestAccessors:
    OLD = "from app.old import get_factory\n"

    def test_await_goes_with_the_import(self, decide: Decide) -> None:
        source = f"{self.OLD}async def f():\n    x = get_factory()\n    return x\n"
        (one,) = decide(source)
        assert isinstance(one, RenameCall)
        assert (one.name, one.awaits, one.cause.code) == ("get_factory", "add", "SSOT209")
        assert (one.span.line, one.span.column) == (3, 9)
        assert "x = await get_factory()" in changed(source, (one,))

    @pytest.mark.parametrize(
        "source",
        [
            "def f(): return get_factory()\n",
            "async def f():\n    get_factory()\n    [get_factory() for a in b]\n",
            "async def f():\n    get_factory()\nx = get_factory\n",
            "async def f(x=Depends(get_factory)): ...\n",
        ],
    )
    def test_it_is_not_decided_where_the_import_must_stay(
        self, decide: Decide, source: str
    ) -> None:
        assert decide(self.OLD + source) == ()

    def test_both_changes_of_a_chain(self, decide: Decide) -> None:
        source = f"{self.OLD}async def f(): return get_factory().create_engine(1)\n"
        decided = decide(source)
        expected = f"{self.OLD}async def f(): return (await get_factory()).create(1)\n"
        assert changed(source, decided) == expected

    def test_keywords_of_a_deprecated_class_go_with_the_import(self, decide: Decide) -> None:
        files = {"app/old.py": OLD.replace("bridge=None", "websocket_bridge=None")}
        source = "from app.old import OldFactory\nOldFactory(websocket_bridge=1)\n"
        (one,) = decide(source, files)
        assert isinstance(one, RenameCall)
        assert (one.keywords, one.cause.fix.value) == ({"websocket_bridge": "bridge"}, "unsafe")
