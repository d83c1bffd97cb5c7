"""Classes and functions: where they are, and what they say about their own end."""

from __future__ import annotations

import pytest

from .reading import facts


def test_classes_anywhere_and_functions_of_the_top_level() -> None:
    source = """
    class A(Base, m.Mixin, make()):
        class B: ...
        def method(self):
            class C: ...
            def inner(): ...
    def f():
        class D: ...
    if x:
        async def g(): ...
    try:
        class E: ...
    except ImportError:
        class E: ...
    """
    read = facts(source).definitions
    assert [(d.kind, d.name, d.line, d.end_line) for d in read] == [
        ("class", "A", 1, 5),
        ("class", "A.B", 2, 2),
        ("class", "A.method.C", 4, 4),
        ("def", "f", 6, 7),
        ("class", "f.D", 7, 7),
        ("async def", "g", 9, 9),
        ("class", "E", 11, 11),
        ("class", "E", 13, 13),
    ]
    assert read[0].bases == ("Base", "m.Mixin")


def test_a_decorated_definition_starts_at_its_keyword() -> None:
    source = "@decorate(\n    1\n)\nclass A:\n    x = 1\n"
    assert [(d.line, d.column, d.end_line) for d in facts(source).definitions] == [(4, 1, 5)]


def test_columns_count_characters() -> None:
    assert [d.column for d in facts("if ü:\n    é = 1; ñ = 2\n    class A: ...\n").definitions] == [
        5
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("@deprecated('use g')\ndef f(): ...", "use g"),
        ("@m.deprecated\ndef f(): ...", "deprecated"),
        ("@deprecated(reason='use g')\ndef f(): ...", "use g"),
        ("@deprecated_since('2.0', x)\nclass A: ...", "2.0"),
        ("def f():\n  warnings.warn('use g', DeprecationWarning)", "use g"),
        ("def f():\n  warn('use ' 'g', category=FutureWarning)", "use g"),
        ("def f():\n  warnings.warn('use ' + name, m.PendingDeprecationWarning)", "use "),
        ("def f():\n  warnings.warn(message='use g', category=DeprecationWarning)", "use g"),
        ("def f():\n  warnings.warn(f'use {g}', DeprecationWarning)", "use {}"),
        ("def f():\n  warnings.warn('use %s' % g, DeprecationWarning)", "use %s"),
        ("def f():\n  warnings.warn('use {}'.format(g), DeprecationWarning)", "use {}"),
        ("def f():\n  warnings.warn(f.__doc__, DeprecationWarning)", "deprecated"),
        ("def f():\n  warn_deprecated('use g')", "use g"),
        ("def f():\n  with x:\n    warnings.warn('use g', DeprecationWarning)", "use g"),
        ("def f():\n  if not told:\n    warnings.warn('use g', DeprecationWarning)", "use g"),
        ("class A:\n  def __init__(self):\n    warn('use B', DeprecationWarning)", "use B"),
        ("class A:\n  def __init_subclass__(cls):\n    warnings.warn('use B', FutureWarning)",
         "use B"),
        ("class A:\n  warnings.warn('use B', DeprecationWarning)", "use B"),
        ("class A:\n  def __new__(cls):\n    if cls is A:\n      warn('use B', FutureWarning)",
         "use B"),
    ],
)  # fmt: skip
def test_what_says_that_a_definition_is_deprecated(source: str, said: str) -> None:
    (definition,) = facts(source).definitions
    assert definition.deprecation == said


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n  warnings.warn('careful')",
        "def f():\n  warnings.warn('careful', UserWarning)",
        "def f(old=None):\n  if old is not None:\n    warnings.warn('old', DeprecationWarning)",
        "def f(**kw):\n  if 'old' in kw:\n    warnings.warn('old', DeprecationWarning)",
        "def f():\n  def inner():\n    warnings.warn('use g', DeprecationWarning)\n  return inner",
        "class A:\n  def old(self):\n    warnings.warn('use new', DeprecationWarning)",
        "class A:\n  def __init__(self, a=1):\n    if a:\n      warn('old', DeprecationWarning)",
        "class A:\n  @deprecated('use new')\n  def old(self): ...",
    ],
)
def test_a_part_that_is_deprecated_does_not_deprecate_the_whole(source: str) -> None:
    assert [d.deprecation for d in facts(source).definitions] == [""]


@pytest.mark.parametrize(
    ("source", "is_thin"),
    [
        ("class A(B):\n  '''Old.'''\n  def __init__(s, *a):\n    {warn}\n    super().__init__()",
         True),
        ("class A(B):\n  def __new__(cls):\n    {warn}\n    x = 1\n    return B.__new__()", True),
        ("class A(B):\n  colour = 1\n  {warn}", True),
        ("class A(B):\n  def __init__(self):\n    {warn}", True),
        ("class A(B):\n  def __init__(self):\n    {warn}\n    self.x = 1", False),
        ("class A(B):\n  {warn}\n  def run(self): ...", False),
        ("class A:\n  {warn}", False),
        ("def f(*a):\n  '''Old.'''\n  {warn}\n  return g(*a)", True),
        ("async def f(*a):\n  from new import g\n  {warn}\n  return await g(*a)", True),
        ("def f():\n  {warn}\n  x = g()\n  return x.h()", False),
        ("def f():\n  {warn}\n  for x in y:\n    print(x)", False),
        ("class A(B):\n  pass", False),
    ],
)  # fmt: skip
def test_a_thin_definition_only_warns_and_passes_on(source: str, *, is_thin: bool) -> None:
    warning = "warnings.warn('old', DeprecationWarning)"
    (definition,) = facts(source.replace("{warn}", warning)).definitions
    assert definition.thin is is_thin


def test_a_function_that_warns_tells_what_it_returns_calls_of() -> None:
    source = """
    @deprecated("gone")
    def f(x):
        return new.g(x)

    def h(x):
        return new.g(x)
    """
    assert [d.bases for d in facts(source).definitions] == [("new.g",), ()]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("warnings.warn('moved to new', DeprecationWarning)", "moved to new"),
        ("if x:\n  warnings.warn('moved', DeprecationWarning, stacklevel=2)", "moved"),
        ("warn_deprecated('moved')", "moved"),
        ("warnings.warn('careful')", ""),
        ("def f():\n  warnings.warn('moved', DeprecationWarning)", ""),
    ],
)
def test_a_module_can_warn_when_it_is_imported(source: str, said: str) -> None:
    assert facts(source).deprecation == said


@pytest.mark.parametrize(
    "source",
    [
        "'''Doc.'''",
        "import a\nfrom b import c",
        "A = b.C",
        "_A = make()",
        "__version__, _x = make()",
        "__all__ = ['A']\n__all__ += b.__all__\n__all__.extend(x)",
        "warnings.warn('moved', DeprecationWarning)",
        "warnings.simplefilter('always')",
        "logger = logging.getLogger(__name__)",
        "log: Logger = get_logger()",
        "pass",
        "if x:\n  import a\nelse:\n  import b",
        "try:\n  import a\nexcept ImportError as error:\n  A = make()\n  logger.error('no a')\n"
        "  raise X from error",
        "if TYPE_CHECKING:\n  T = TypeVar('T')",
        "with suppress(ImportError):\n  import a",
        "def f(): return 1\nclass A: x = make()",
    ],
)
def test_what_is_no_logic_of_the_modules_own(source: str) -> None:
    assert facts(source).logic == 0


@pytest.mark.parametrize(
    "source",
    [
        "A = make()",
        "A: int = 1",
        "A = 1",
        "a.b = c.D()",
        "A, _b = make()",
        "A += 1",
        "print(1)",
        "assert x",
        "raise X",
        "for x in y: ...",
        "while x: ...",
        "with x: ...",
        "match x:\n  case 1: ...",
        "if __name__ == '__main__':\n  import a",
        "if x:\n  A = make()",
        "try:\n  A = make()\nexcept ImportError: ...",
    ],
)
def test_what_is_logic_of_the_modules_own(source: str) -> None:
    assert facts(source).logic == 1
