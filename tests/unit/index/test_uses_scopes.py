"""Which import a name refers to: Python's scope rules."""

from __future__ import annotations

import sys

import pytest

from .reading import references, uses

IMPORT = "from m import T\n"


def found(source: str, *, before: str = IMPORT) -> list[str]:
    """The references in what follows the import."""
    return references(before + source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(T): return T",
        "def f(*T): return T",
        "def f(**T): return T",
        "def f(a, /, *, T=1): return T",
        "lambda T: T",
        "lambda *T, **k: T",
        "def f():\n  T = 1\n  return T",
        "def f():\n  T: int = 1\n  return T",
        "def f():\n  T: int\n  return T",
        "def f():\n  for T in x: print(T)",
        "def f():\n  with x as T: print(T)",
        "def f():\n  with x as (a, *T): print(T)",
        "def f():\n  try: pass\n  except E as T: print(T)",
        "def f():\n  import T\n  return T.x",
        "def f():\n  def T(): ...\n  return T",
        "def f():\n  class T: ...\n  return T",
        "def f():\n  (T := 1)\n  return T",
        "def f():\n  [T := 1 for a in b]\n  return T",
        "def f():\n  T += 1",
        "def f():\n  match x:\n    case T: return T",
        "def f():\n  match x:\n    case [*T]: return T",
        "def f():\n  match x:\n    case {'a': 1, **T}: return T",
        "def f():\n  match x:\n    case A(b=T): return T",
        "def f():\n  T = 1\n  def g():\n    return T",
        "def f():\n  T = 1\n  return lambda: T",
        "def f():\n  T = 1\n  return [T for a in b]",
        "def f(T):\n  class A:\n    b = T",
        "def f(T):\n  def g():\n    nonlocal T\n    T = 2\n    return T",
        "[T for T in x]",
        "{T: a for T, a in x}",
        "{a for T in x for a in T}",
        "(a for a in b for T in c if T)",
        "[lambda: T for T in x]",
        "[[T for a in b] for T in x]",
        "class A:\n  T = 1\n  b = T",
        "class A:\n  T = 1\n  b = [a for a in T]",
        "class A:\n  def T(self): ...\n  T.x = 1",
        "x.T",
        "f(T=1)",
        "del T",
        "T = 1",
        "T: int = 1",
        "for T in x: pass",
    ],
)
def test_a_name_bound_nearer_is_not_the_import(source: str) -> None:
    if source.endswith("import T\n  return T.x"):
        assert found(source) == ["4: T.x"]
    else:
        assert [row for row in found(source) if "m.T" in row] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("T", [2]),
        ("def f(a=T): ...", [2]),
        ("def f(T=T): return T", [2]),
        ("lambda T=T: T", [2]),
        ("def f(a=lambda T: T):\n  return T", [3]),
        ("def f(a=[T for T in b]):\n  return T", [3]),
        ("@T\ndef f(): ...", [2]),
        ("@T\nclass A: ...", [2]),
        ("class A(T, metaclass=T): ...", [2, 2]),
        ("class T(T):\n  x = T", [2, 3]),
        ("def T(a=T): ...", [2]),
        ("def f():\n  return T", [3]),
        ("async def f():\n  await T", [3]),
        ("def f():\n  class T: ...\nT", [4]),
        ("class A:\n  T = 1\n  def m(self):\n    return T", [5]),
        ("class A:\n  T = 1\n  a = [T for b in c]", [4]),
        ("class A:\n  T = 1\n  a = lambda: T", [4]),
        ("class A:\n  a = T\n  T = 1\n  b = T", [3]),
        ("class A:\n  T = T", [3]),
        ("def f(T):\n  class A:\n    a = T\n    T = 1", [4]),
        ("class A:\n  if x:\n    T = 1\n  a = T", [5]),
        ("[T for a in T]", [2, 2]),
        ("[a for T in T for a in T]", [2]),
        ("[[T for T in a] for b in T]", [2]),
        ("[a for a in [T for b in c]]", [2]),
        ("def f():\n  global T\n  T = 1\n  T\ndef g():\n  T", [5, 7]),
        ("def f(T):\n  def g():\n    global T\n    return T", [5]),
        ("def f(T):\n  def g():\n    global T\n    def h():\n      return T", [6]),
        ("T += 1", [2]),
        ("T = f(T)\nT", [2]),
        ("x = T; T = 1; y = T", [2]),
        ("(T := f(T))", [2]),
        ("with T as T:\n  T", [2]),
        ("for T in T:\n  T", [2]),
        ("print(T)\nwith x as T: ...", [2]),
        ("try: ...\nexcept T as T: T", [3]),
        ("match T:\n  case T: T", [2]),
        ("match x:\n  case T(): ...\n  case T.a: ...", [3, 4]),
        ("T: int\nT", [3]),
        ("global T\nT", [3]),
        ("print(*T, **T)", [2, 2]),
        ("T[T:T] = T", [2, 2, 2, 2]),
        ("assert T, T", [2, 2]),
        ("raise T from T", [2, 2]),
        ("f'{T!r:>{T}}'", [2, 2]),
        ("x if T else T", [2, 2]),
        ("del T.a, T[0]", [2, 2]),
    ],
)
def test_a_name_read_before_or_outside_such_a_binding_is(source: str, lines: list[int]) -> None:
    rows = [row for row in found(source) if "m.T" in row]
    assert [int(row.partition(":")[0]) for row in rows] == lines


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("if x:\n  from n import T\nT", ["4: n.T", "4: m.T"]),
        ("if x:\n  from n import T\n  T", ["4: n.T"]),
        ("if x:\n  T = 1\nelse:\n  T", ["5: m.T"]),
        ("if x:\n  T = 1\n  T\nT", ["5: m.T"]),
        ("try:\n  from n import T\nexcept ImportError:\n  T\nelse:\n  T",
         ["5: n.T", "5: m.T", "7: n.T", "7: m.T"]),
        ("with suppress(ImportError):\n  from n import T\nT", ["4: n.T", "4: m.T"]),
        ("with x:\n  from n import T\nT", ["4: n.T"]),
        ("for x in y:\n  from n import T\nT", ["4: n.T", "4: m.T"]),
        ("while x:\n  T\n  from n import T", ["3: m.T"]),
        ("match x:\n  case 1:\n    from n import T\nT", ["5: n.T", "5: m.T"]),
        ("from n import T\nT", ["3: n.T"]),
        ("def f(): return T\nfrom n import T", ["2: n.T"]),
        ("class A:\n  a = T\nfrom n import T", ["3: m.T"]),
        ("a = [T for b in c]\nfrom n import T", ["2: m.T"]),
        ("def f():\n  from n import T\n  return T\nT", ["4: n.T", "5: m.T"]),
        ("def f():\n  if x:\n    from n import T\n  return T", ["5: n.T"]),
        ("def f():\n  global T\n  from n import T\nT", ["5: n.T", "5: m.T"]),
        ("x and (T := 1)\nT", ["3: m.T"]),
        ("[T := a for a in b]\nT", ["3: m.T"]),
        ("del T\nT", []),
        ("if x: del T\nT", ["3: m.T"]),
    ],
)  # fmt: skip
def test_the_order_of_bindings_decides(source: str, read: list[str]) -> None:
    assert sorted(found(source)) == sorted(read)


def test_a_use_above_every_binding_sees_what_a_loop_may_bind() -> None:
    assert references("for x in y:\n  print(T)\n  from m import T\n") == ["2: m.T"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f[T](a: T) -> T: return T", []),
        ("def f[T: T](a: T): ...", []),
        ("def f[S: T](a: S): ...", [2]),
        ("class A[T](B[T]):\n  a: T\n  def m(self) -> T: return T", []),
        ("class A[S](T): ...", [2]),
        ("def f[T](a=T): ...", [2]),
        ("@T\ndef f[T](): ...", [2]),
        ("type A[T] = list[T]", []),
        ("type A[S] = T", [2]),
        ("type A = 'T'", [2]),
        ("type T = int\nT", []),
        ("class A:\n  T = 1\n  type B = T", []),
    ],
)
def test_type_parameters(source: str, lines: list[int]) -> None:
    assert [int(row.partition(":")[0]) for row in found(source)] == lines


def test_references_know_the_definition_around_them() -> None:
    from .reading import uses

    source = """
    from m import T
    T
    class A(T):
        T()
        def b(self):
            def c(): return [T for _ in (lambda: T)()]
    """
    assert [use.scope for use in uses(source).references] == ["", "", "A", "A.b.c", "A.b.c"]


@pytest.mark.parametrize(
    ("source", "doubtful"),
    [
        ("T.x", False),
        ("def f():\n    return T.x", False),
        ("try:\n    pass\nexcept AttributeError:\n    T.x", False),
        ("try:\n    T.x\nexcept KeyError: ...", False),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    T.x", False),
        ("try:\n    T.x\nexcept AttributeError: ...", True),
        ("try:\n    T.x\nexcept: ...", True),
        ("with pytest.raises((AttributeError, KeyError)):\n    T.x", True),
        ("if TYPE_CHECKING:\n    T.x", True),
        ("if not TYPE_CHECKING:\n    pass\nelse:\n    T.x", True),
        ("if a:\n    T = 1\nT.x", True),
        ("for T in a: ...\nT.x", True),
    ],
)
def test_uses_that_may_be_of_something_else_or_may_fail(source: str, doubtful: bool) -> None:
    (use,) = uses(IMPORT + source).references
    assert use.doubtful is doubtful
