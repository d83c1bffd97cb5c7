"""Of which class a receiver is, proven across files."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.receivers import Receivers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.receivers import Proof, Role
    from ssot_migrate.lint.things import Thing

    MakeProject = Callable[..., Project]
    Prove = Callable[..., Proof]

FACTORY = """
from contextlib import asynccontextmanager, contextmanager
from typing import AsyncIterator, Iterator, Self
from functools import lru_cache

class Base:
    def m(self): ...

class F(Base):
    def __enter__(self): return self
    async def __aenter__(self) -> "F": return self
    @classmethod
    def make(cls): return cls()
    @classmethod
    def typed(cls) -> Self: ...
    @staticmethod
    def static() -> "F": ...
    @property
    def twin(self) -> "F": ...
    def again(self): return self
    def __call__(self): return F()
    @contextmanager
    def scope(self) -> Iterator["F"]: yield self

class Other:
    def m(self): ...

_instance = None

def get():
    global _instance
    if _instance is None:
        _instance = F()
    return _instance

def typed() -> F: ...
async def get_async() -> "F | None": ...
@lru_cache(maxsize=1)
def cached(): return F()
@strange
def strangely(): return F()
def vague(): return unheard_of()
def either(a): return F() if a else Other()
@asynccontextmanager
async def scope(): yield F()
@asynccontextmanager
async def typed_scope() -> AsyncIterator[F]: yield
def provider(): yield F()
def recursive(n):
    if n: return recursive(n - 1)
    return F()
ready = F()
"""
SHIM = "from app.f import F as Renamed, get, ready\nAlias = Renamed\n"
TREE = {"app/__init__.py": "", "app/f.py": FACTORY, "app/shim.py": SHIM}
IMPORTS = """
from app import f, shim
from app.f import F, Other, Base, get, get_async, typed
import app.f
"""


@pytest.fixture
def prove(project: MakeProject) -> Prove:
    """Prove what the calls of `m` in `use.py` are called on; all must be the same."""

    def make(source: str, files: Mapping[str, str] = {}) -> Proof:
        tree = project({**TREE, **files, "use.py": IMPORTS + source})
        receivers = Receivers(tree)
        facts = tree.index.calls("use.py")
        assert facts is not None
        numbers = {call.receiver for call in facts.calls if call.name == "m"}
        (number,) = numbers
        return receivers.proof("use.py", number)

    return make


def shown(proof: Proof) -> list[str]:
    """What was proven, in short."""
    return [_shown(thing) for thing in proof.things]


def _shown(thing: Thing) -> str:
    exact = "exactly " if thing.is_exact else ""
    inner = ", ".join(_shown(one) for one in thing.of)
    return f"{exact}{thing.kind} {inner or thing.symbol.name or thing.text}"


PROVEN = [
    ("F().m()", "exactly instance F"),
    ("shim.Renamed().m()", "exactly instance F"),
    ("shim.Alias().m()", "exactly instance F"),
    ("app.f.F().m()", "exactly instance F"),
    ("get().m()", "exactly instance F"),
    ("shim.get().m()", "exactly instance F"),
    ("f.cached().m()", "exactly instance F"),
    ("f.recursive(1).m()", "exactly instance F"),
    ("f.ready.m()", "exactly instance F"),
    ("shim.ready.m()", "exactly instance F"),
    ("typed().m()", "instance F"),
    ("F.make().m()", "instance F"),
    ("F.typed().m()", "instance F"),
    ("F.static().m()", "instance F"),
    ("F().again().m()", "exactly instance F"),
    ("F()().m()", "exactly instance F"),
    ("F().twin.m()", "instance F"),
    ("F().__class__.m()", "class F"),
    ("F.m()", "class F"),
    ("async def g():\n  (await get_async()).m()", "instance F"),
    ("async def g(x=Depends(get_async)):\n  x.m()", "instance F"),
    ("async def g(x: Other = Depends(get_async)):\n  x.m()", ""),
    ("async def g(x: Base = Depends(f.provider)):\n  x.m()", "exactly instance F"),
    ("def g(x=Depends(F)):\n  x.m()", "exactly instance F"),
    ("Dep = Annotated[F, Depends(get)]\ndef g(x: Dep):\n  x.m()", "exactly instance F"),
    ("def g(x: F):\n  x.m()", "instance F"),
    ("def g(x: 'f.F | None'):\n  x.m()", "instance F"),
    ("def g(x: type[F]):\n  x().m()", "instance F"),
    ("def g():\n  x: F = unheard_of()\n  x.m()", "instance F"),
    ("with F() as x: x.m()", "exactly instance F"),
    ("async def g():\n  async with F() as x: x.m()", "exactly instance F"),
    ("async def g():\n  async with f.scope() as x: x.m()", "exactly instance F"),
    ("async def g():\n  async with f.typed_scope() as x: x.m()", "instance F"),
    ("def g():\n  with F().scope() as x: x.m()", "exactly instance F"),
    ("class S(F):\n  def g(self): self.m()", "instance S"),
    ("class S(F):\n  def g(self): super().m()", "instance F"),
    ("class S(F): ...\nS().m()", "exactly instance S"),
    ("def g():\n  class S(F): ...\n  S().m()", "exactly instance g.S"),
    (
        "class A:\n  def __init__(self): self.x = F()\n  def g(self): self.x.m()",
        "exactly instance F",
    ),
    ("class A:\n  def __init__(self, x: F): self.x = x\n  def g(self): self.x.m()", "instance F"),
    ("class A:\n  x: F | None = None\n  def g(self): self.x.m()", "instance F"),
    ("@dataclass\nclass A:\n  x: F = field()\n  def g(self): self.x.m()", "instance F"),
    (
        "class A:\n  x = None\n  def g(self): self.x = self.x or F()\n"
        "class B(A):\n  def g(self): self.x.m()",
        "exactly instance F",
    ),
    ("class A:\n  x = F()\nA.x.m()", "exactly instance F"),
    ("@dataclass\nclass A:\n  x: Other = F()\nA().x.m()", "instance Other"),
    ("class A:\n  def __new__(cls): return F()\nA().m()", "exactly instance F"),
    ("class A:\n  def __new__(cls): return object.__new__(cls)\nA().m()", "exactly instance A"),
    (
        "class A:\n  def __new__(cls): return super().__new__(cls)\nclass B(A): ...\nB().m()",
        "exactly instance B",
    ),
    (
        "class A:\n  one = None\n  def __new__(cls):\n    if not cls.one:\n"
        "      cls.one = super().__new__(cls)\n    return cls.one\nA().m()",
        "exactly instance A",
    ),
    ("def g():\n  x = get()\n  x = x or F()\n  x.m()", "exactly instance F"),
    ("def g():\n  Mock(spec=F).m()", "mock class F"),
    ("x = {}\nx.m()", "foreign a literal"),
    ("x = dict()\nx.m()", "foreign builtins.dict"),
    ("import os\nx = os.Pathy()\nx.m()", "foreign os.Pathy"),
    ("import os\nos.m()", "outside os"),
]


class TestProofs:
    @pytest.mark.parametrize(("source", "thing"), PROVEN)
    def test_of_one_class(self, prove: Prove, source: str, thing: str) -> None:
        proof = prove(source)
        assert shown(proof) == ([thing] if thing else []), proof.why

    @pytest.mark.parametrize(
        "source",
        [
            "f.either(1).m()",
            "def g(x: F | Other):\n  x.m()",
            "def g(a):\n  x = F()\n  if a: x = Other()\n  x.m()",
            "class A:\n  def f(self): self.x = F()\n  def g(self): self.x = Other()\nA().x.m()",
        ],
    )
    def test_of_one_of_several_classes(self, prove: Prove, source: str) -> None:
        assert {one.symbol.name for one in prove(source).things} == {"F", "Other"}

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            ("def g(x):\n  x.m()", "`x` is a parameter without annotation"),
            ("f.strangely().m()", "`strangely` is decorated with `strange`"),
            ("def g():\n  get_async().m()", ""),
            ("async def g():\n  (await get()).m()", "it cannot be told what awaiting `F` gives"),
            ("with Other() as x: x.m()", "`Other` does not say what `with` makes of it"),
            ("x = next(y)\nx.m()", "it is what `next` returns"),
            ("import json\njson.loads('').m()", "it is what `json.loads` returns"),
            ("from app.f import gone\ngone().m()", "`app.f:gone` cannot be found"),
            ("F().unheard.m()", "`F` assigns no `unheard`"),
            (
                "class A:\n  def __new__(cls): return unheard()\nA().m()",
                "it cannot be told what `A.__new__` makes",
            ),
            (
                "class D:\n  def __get__(self, a, b): ...\nclass A:\n  x = D()\nA().x.m()",
                "`A.x` is a descriptor",
            ),
            ("class A(Unheard): ...\nA().x.m()", "`x` may come from a base of `A`"),
            ("import os\nos.Pathy().x.m()", "it is `x` of `os.Pathy`, which is outside the tree"),
            (
                "from typing import TypeVar\nT = TypeVar('T')\ndef g(x: T):\n  x.m()",
                "it has an annotation that is no class",
            ),
            ("class A:\n  def g(self): super().m()", "`super()` is not of one class of the tree"),
            (
                "def g():\n  if a:\n    class X(F): ...\n  else:\n    class X: ...\n  X().m()",
                "`g.X` is defined more than once",
            ),
            (
                "f.vague().m()",
                "`vague` does not say what it returns: `app.f:unheard_of` cannot be found",
            ),
        ],
    )
    def test_that_fail_say_what_is_missing(self, prove: Prove, source: str, why: str) -> None:
        proof = prove(source)
        if why:
            assert (proof.things, proof.why) == ((), why)
        else:
            assert shown(proof) == ["gives exactly instance F"] or proof.things[0].kind == "gives"

    def test_of_values_that_differ_from_their_annotation_fail(self, prove: Prove) -> None:
        proof = prove("def g():\n  x: Other = F()\n  x.m()")
        assert proof.why == "it is annotated otherwise than `F`"

    def test_name_the_places_that_show_it(self, prove: Prove) -> None:
        proof = prove("class A:\n  def g(self, x: F):\n    x.m()\n")
        assert proof.chain == ("use.py:5",)
        lines = FACTORY.removeprefix("\n").splitlines()
        places = (lines.index("        _instance = F()"), lines.index("def get():"))
        assert prove("get().m()").chain == tuple(f"app/f.py:{place + 1}" for place in places)

    @pytest.mark.parametrize(
        "module",
        [
            "if a:\n  from app.f import F as X\nelse:\n  from app.f import Other as X\n",
            "from app.f import F as X\nif a:\n  from app.f import Other as X\n",
            "from app.f import F as X\nif a: X = unheard\n",
            "if a:\n  class X: ...\nelse:\n  class X: ...\n",
            "from app.f import F\nclass X(F): ...\nX = strange(X)\n",
        ],
    )
    def test_of_names_that_a_condition_binds_fail(self, prove: Prove, module: str) -> None:
        assert prove("from m import X\nX().m()", {"m.py": module}).why

    @pytest.mark.parametrize(
        "module",
        [
            "try:\n  from app.f import F as X\nexcept ImportError:\n  X = None\n",
            "try:\n  from app.f import F as X\nexcept ImportError:\n  class X: ...\n",
            "if a:\n  from app.f import F as X\nelse:\n  from app.shim import Alias as X\n",
            "X = None\nif a:\n  from app.f import F as X\n",
            "if TYPE_CHECKING: from app.f import Other as X\nelse: from app.f import F as X\n",
            "from app.f import F\nX = F\n",
        ],
    )
    def test_of_names_with_a_usual_binding_hold(self, prove: Prove, module: str) -> None:
        assert shown(prove("from m import X\nX().m()", {"m.py": module})) == ["exactly instance F"]

    def test_end_in_circles_of_functions(self, prove: Prove) -> None:
        source = "def a(): return b()\ndef b(): return a()\na().m()"
        assert prove(source).why

    def test_are_the_same_whatever_was_asked_before(self, project: MakeProject) -> None:
        circle = """
        from app.f import F, Other
        def a(n): return b(n) if n else F()
        def b(n): return a(n) if n else Other()
        a(1).m()
        b(1).m()
        """
        tree = project({**TREE, "use.py": circle})
        facts = tree.index.calls("use.py")
        assert facts is not None
        numbers = [call.receiver for call in facts.calls if call.name == "m"]
        answers = []
        for order in (numbers, numbers[::-1]):
            receivers = Receivers(tree)
            found = {number: receivers.proof("use.py", number).things for number in order}
            answers.append({n: {t.symbol.name for t in found[n]} for n in numbers})
        assert answers[0] == answers[1]
        assert set(map(frozenset, answers[0].values())) == {frozenset({"F", "Other"})}


class TestFixtures:
    CONFTEST = "import pytest\nfrom app.f import F\n@pytest.fixture\ndef x(): return F()\n"

    @pytest.mark.parametrize(
        ("source", "thing"),
        [
            ("@pytest.fixture\ndef x(): return F()\ndef test(x): x.m()", "exactly instance F"),
            ("@pytest.fixture\ndef x():\n  yield F()\ndef test(x): x.m()", "exactly instance F"),
            (
                "@pytest_asyncio.fixture\nasync def x(): return F()\nasync def test(x): x.m()",
                "exactly instance F",
            ),
            (
                "class T:\n @pytest.fixture\n def x(self): return F()\n def test(self, x): x.m()",
                "exactly instance F",
            ),
            (
                "@pytest.fixture(name='x')\ndef make(): return F()\ndef test(x): x.m()",
                "exactly instance F",
            ),
            ("def test(x: F): x.m()", "exactly instance F"),
            ("def test(x): x.m()", "exactly instance F"),
            ("@pytest.fixture\ndef y(x): return x.m()", "exactly instance F"),
            ("@pytest.fixture\ndef x(): return Mock(spec=F)\ndef test(x): x.m()", "mock class F"),
        ],
    )
    def test_are_found_near_the_test(self, prove: Prove, source: str, thing: str) -> None:
        assert shown(prove(source, {"conftest.py": self.CONFTEST})) == [thing]

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            (
                "def test(x): x.m()",
                "`x` is a parameter without annotation, and no fixture in sight",
            ),
            (
                "@pytest.mark.parametrize('x', [1])\ndef test(x): x.m()",
                "`x` is a parameter with values of its own",
            ),
            ("def helper(x): x.m()", "`x` is a parameter without annotation"),
        ],
    )
    def test_that_nobody_provides_prove_nothing(self, prove: Prove, source: str, why: str) -> None:
        assert prove(source, {"other/conftest.py": self.CONFTEST}).why == why

    def test_of_a_nearer_folder_win(self, project: MakeProject) -> None:
        other = self.CONFTEST.replace("F", "Other").replace(
            "app.f import Other", "app.f import Other"
        )
        tree = project(
            {
                **TREE,
                "conftest.py": self.CONFTEST,
                "t/conftest.py": other,
                "t/u/test_a.py": "def test(x): x.m()\n",
            }
        )
        facts = tree.index.calls("t/u/test_a.py")
        assert facts is not None
        proof = Receivers(tree).proof("t/u/test_a.py", facts.calls[0].receiver)
        assert shown(proof) == ["exactly instance Other"]


REGISTRY = """
[[concepts]]
name = "factory"
canonical = "app.f:F"
deprecated = [{ path = "app.old" }, { path = "app.older:OldF", safety = "unsafe" }]
"""


class TestRoles:
    FILES: ClassVar = {
        **TREE,
        "app/old.py": "class F:\n    def m(self): ...\nclass G: ...\n",
        "app/older.py": "class OldF: ...\n",
        "use.py": """
        from app.f import F, Other
        from app.older import OldF
        from app import old
        class Plain(F): ...
        class Below(Plain): ...
        class Overriding(Plain):
            def m(self): ...
        class BelowOverriding(Overriding): ...
        class Mixed(Other, OldF): ...
        """,
    }

    @pytest.mark.parametrize(
        ("name", "holder", "safety", "overriding"),
        [
            ("app.f:F", "app.f:F", None, None),
            ("app.old:F", "app.old:F", "safe", None),
            ("app.older:OldF", "app.older:OldF", "unsafe", None),
            ("use:Plain", "app.f:F", None, None),
            ("use:Below", "app.f:F", None, None),
            ("use:Overriding", "app.f:F", None, "Overriding"),
            ("use:BelowOverriding", "app.f:F", None, "Overriding"),
            ("use:Mixed", "app.older:OldF", "unsafe", "Mixed"),
        ],
    )
    def test_of_a_class(
        self,
        project: MakeProject,
        name: str,
        holder: str,
        safety: str | None,
        overriding: str | None,
    ) -> None:
        tree = project(self.FILES, REGISTRY)
        role = self._role(tree, name, "m")
        assert role is not None
        assert str(role.holder.symbol) == holder
        assert (role.entry.safety if role.entry else None) == safety
        expected = "Other" if overriding == "Mixed" else overriding
        assert (role.overriding.symbol.name if role.overriding else None) == expected

    @pytest.mark.parametrize("name", ["app.f:Other", "app.f:Base", "app.old:G"])
    def test_others_have_none(self, project: MakeProject, name: str) -> None:
        assert self._role(project(self.FILES, REGISTRY), name, "m") is None

    def _role(self, tree: Project, name: str, method: str) -> Role | None:
        receivers = Receivers(tree)
        symbol = SymbolPath.parse(name)
        path = tree.modules.path_of(symbol.module)
        assert path is not None
        (thing,) = receivers.values.defined(path, symbol.name)
        return receivers.role(thing, tree.concepts[0], method)
