"""Plants imports that move, and uses of them, in random legal shapes at random legal places."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from .oracle import Move, Rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

CANDIDATES: tuple[Move, ...] = (
    Move("old.mod", "Thing", "new.mod", "Thing"),
    Move("old.mod", "Thing", "new.mod", "Widget"),
    Move("old.mod", "Thing", "solo", "Thing"),
    Move("old.mod", "Other", "new.mod", "Other"),
    Move("old.mod", "Other", "n2.deep.mod", "Widget"),
    Move("old.mod", "make", "new.mod", "Maker.make"),
    Move("old.mod", "Thing.create", "new.mod", "build"),
    Move("old.mod", "", "new.core", ""),
    Move("old.mod", "", "new.mod", ""),
    Move("old.mod.sub", "", "new.sub", ""),
    Move("lib.flat", "", "new.flat", ""),
    Move("lib.flat", "run", "new.mod", "run"),
    Move("lib.flat", "run", "lib.flat", "go"),
    Move("top", "", "tip", ""),
    Move("top", "first", "new.mod", "first"),
    Move("typing", "List", "builtins", "list"),
    Move("tree.pkg.near", "Thing", "tree.pkg.far", "Thing"),
    Move("tree.pkg.near", "Thing", "tree.other", "Widget"),
    Move("tree.pkg.near", "helper", "new.mod", "helper"),
)
"""Entries to choose from."""
NAMES = {
    "old.mod": ("Thing", "Other", "make", "keep", "sub"),
    "lib.flat": ("run", "walk"),
    "top": ("first", "second"),
    "typing": ("List", "Any"),
    "tree.pkg.near": ("Thing", "helper", "keep"),
}
"""What the modules that may move have, in the eyes of the planted code."""
PACKAGES = ("tree", "tree/pkg", "tree/pkg/sub", "tree/pkg/sub/deep")


class Setting(NamedTuple):
    """What planted code is made for.

    Args:
        random: Chooses.
        package: The dotted package of the file.
        favoured: Modules that are to be imported more often than others.
        taken: Names that aliases may collide with.
    """

    random: Random
    package: str
    favoured: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


class Bound(NamedTuple):
    """What an import makes readable: expressions, each a chain."""

    statement: str
    expressions: tuple[str, ...]


def some_rules(random: Random, most: int = 5) -> Rules:
    """Entries that do not contradict each other."""
    chosen: dict[str, Move] = {}
    for _ in range(random.randint(1, most)):
        entry = random.choice(CANDIDATES)
        chosen.setdefault(entry.old, entry)
    return Rules(tuple(chosen.values()))


# Imports


def an_import(to: Setting) -> Bound:
    """An import statement of one of the modules, in any shape."""
    random = to.random
    favoured = [name for name in to.favoured if name in NAMES]
    pool = favoured if favoured and random.random() < 0.8 else sorted(NAMES)
    module = random.choice(pool)
    shape = random.choice((_from, _from, _from, _from_parent, _plain, _plain, _aliased))
    return shape(random, module, to.package, to.taken)


def _from(random: Random, module: str, package: str, taken: Sequence[str]) -> Bound:
    names = random.sample(NAMES[module], random.randint(1, len(NAMES[module])))
    items = [_item(random, name, taken) for name in names]
    source = _relative(random, module, package)
    bound = [bound for _, bound in items]
    return Bound(_laid_out(random, source, [text for text, _ in items]), _readable(names, bound))


def _from_parent(random: Random, module: str, package: str, taken: Sequence[str]) -> Bound:
    parent, _, leaf = module.rpartition(".")
    if not parent:
        return _plain(random, module, package, taken)
    text, bound = _item(random, leaf, taken)
    others = random.sample(["extra", "more"], random.randint(0, 2))
    texts = [text, *others]
    random.shuffle(texts)
    source = _relative(random, parent, package)
    return Bound(_laid_out(random, source, texts), _through(random, module, bound))


def _plain(random: Random, module: str, _package: str, _taken: Sequence[str]) -> Bound:
    names = [module, *random.sample(["os", "os.path", "old.rest", "json"], random.randint(0, 2))]
    random.shuffle(names)
    comma = random.choice([", ", ",", " ,  ", ", \\\n    "])
    return Bound(f"import {comma.join(names)}", _through(random, module, module))


def _aliased(random: Random, module: str, _package: str, taken: Sequence[str]) -> Bound:
    alias = random.choice([*taken[:3], "alias", "om", module.rpartition(".")[2]])
    return Bound(f"import {module} as {alias}", _through(random, module, alias))


def _item(random: Random, name: str, taken: Sequence[str]) -> tuple[str, str]:
    if random.random() < 0.7:
        return name, name
    alias = random.choice([name, "Alias", "Widget", *taken[:3]])
    return f"{name}{random.choice([' as ', '  as  '])}{alias}", alias


def _readable(names: Sequence[str], bound: Sequence[str]) -> tuple[str, ...]:
    found = list(bound)
    for name, local in zip(names, bound, strict=True):
        if name == "Thing":
            found += [f"{local}.create", f"{local}.create.x"]
        if name == "sub":
            found.append(f"{local}.deep")
    return tuple(found)


def _through(random: Random, module: str, local: str) -> tuple[str, ...]:
    names = random.sample(NAMES[module], random.randint(1, len(NAMES[module])))
    found = [f"{local}.{name}" for name in names]
    found += [f"{local}.Thing.create"] if "Thing" in names else []
    return (*found, local) if random.random() < 0.2 else tuple(found)


def _relative(random: Random, module: str, package: str) -> str:
    """A module, perhaps as dots and a name."""
    if not package or not module.startswith("tree") or random.random() < 0.3:
        return module
    here, there = package.split("."), module.split(".")
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    dots = "." * (len(here) - shared + 1)
    if len(dots) > 1 and random.random() < 0.2:
        dots = " ".join(dots)
    return dots + ".".join(there[shared:])


def _laid_out(random: Random, source: str, items: Sequence[str]) -> str:
    """A from-import in some layout."""
    style = random.randrange(9)
    head = f"from {source} import"
    if style == 0:
        return f"{head}({', '.join(items)})"
    if style == 1:
        return f"{head} (\n    " + ",\n    ".join(items) + ",\n)"
    if style == 2:
        rows = [_row(random, item) for item in items]
        opening = random.choice(["", "  # opened", "  # noqa"])
        return f"{head} ({opening}\n" + "".join(rows) + random.choice([")", "    )"])
    if style == 3:
        return f"{head} \\\n    " + ", \\\n        ".join(items)
    if style == 4:
        return f"{head} ({', '.join(items)},)"
    if style == 5:
        return (
            f"{head} ({', '.join(items[:1])}{',' if items[1:] else ''}\n  {', '.join(items[1:])})"
        )
    if style == 6:
        return f"from  {source}  import  {' , '.join(items)}"
    return f"{head} {', '.join(items)}"


def _row(random: Random, item: str) -> str:
    above = random.choice(["", "", f"    # above {item}\n", "\n"])
    behind = random.choice(["", "", f"  # behind {item}", "  # noqa: F401"])
    return f"{above}    {item},{behind}\n"


# Uses

_USES: tuple[str, ...] = (
    "value_ = {e}",
    "value_ = {e}(1, key={e})",
    "print({e}, {e}.attribute[0])",
    "value_ = [{e} for item_ in {e}]",
    "value_ = lambda argument_={e}: {e}",
    "def function_(argument_: {e} = {e}, *others_: {e}) -> {e}:\n    return {e}, argument_",
    "@{e}\ndef function_(): ...",
    "class Class_({e}, key={e}):\n    one_: {e} = {e}\n    def method_(self):\n        return {e}",
    "try:\n    value_ = {e}()\nexcept {e} as error_:\n    raise {e} from error_",
    "with {e} as value_, {e}(): ...",
    "match value_:\n    case {e}.KIND: ...\n    case _ if {e}: ...",
    "value_ = f'é {{{{}}}} {{{e}!r:>{{{e}.width}}}} Thing'",
    "value_ = f'''a\n  {{{e}}} b'''",
    "value_: '{e}' = None",
    "value_: list['{e}'] = None",
    "def function_(argument_: 'dict[str, {e}]') -> '{e}': ...",
    "value_ = None  # type: ignore",
    "if (value_ := {e}): del value_",
    "value_ = ({e}  # within\n          .attribute)",
    "assert {e}, 'Thing'",
    "async def function_():\n    async with {e} as value_: await {e}",
    "value_ = {{**{e}, 'Thing': {e}}}, *{e}",
    "value_ = 'é😀', {e}, '表', {e}",
    "value_ = {e} ; other_ = {e}",
)
_SHADOWS: tuple[str, ...] = (
    "def shadow_({r}): return {e}, {n}",
    "def shadow_():\n    {r} = 1\n    return {e}",
    "value_ = [{e} for {r} in things_]",
    "shadow_ = lambda {r}: {e}",
    "def shadow_():\n    global {r}\n    {r} = None",
    "{r} = wrap_({r})",
    "for {r} in things_: ...",
    "class Shadow_:\n    {r} = 1\n    other_ = {r}\n    def method_(self): return {e}",
    "def shadow_({n}): return {e}, {n}",
    "{n} = 1",
    "value_ = [{e} for {n} in things_]",
    "def shadow_():\n    from elsewhere import {n}\n    return {e}, {n}",
    "def shadow_():\n    return {e}\n    {r} = 2",
    "value_ = globals()['{r}'], {e}",
    "class Shadow_:\n    def method_(self): return self.{r}, {e}",
    "call_({r}={e}, {n}=1)",
    "def shadow_():\n    import {r}.deeper\n    return {e}",
)
_COLLISIONS = ("Widget", "Thing", "new", "list", "core", "solo", "mod", "go", "tip")


def some_uses(random: Random, bound: Bound, *, shadows: bool = True) -> list[str]:
    """Statements that read what an import makes readable."""
    found = []
    for _ in range(random.randint(0, 3)):
        expression = random.choice(bound.expressions)
        if shadows and random.random() < 0.15:
            root = expression.partition(".")[0]
            new = random.choice(_COLLISIONS)
            found.append(random.choice(_SHADOWS).format(e=expression, r=root, n=new))
        else:
            found.append(random.choice(_USES).format(e=expression))
    return found


# Places

_AROUND = (
    ("if condition_:", ""),
    ("if condition_:", "\nelse:\n    pass"),
    ("try:", "\nexcept ImportError:\n    pass"),
    ("try:\n    pass\nexcept ImportError:", ""),
    ("try:\n    pass\nfinally:", ""),
    ("if TYPE_CHECKING:", ""),
    ("with suppress(ImportError):", ""),
    ("for item_ in items_:", ""),
    ("while condition_:", ""),
    ("def wrapped_():", "\n    return 1"),
    ("async def wrapped_():", ""),
    ("class Wrapped_:", ""),
    ("match value_:\n  case 1:", ""),
)
"""What stands before and behind an indented block."""


def a_block(to: Setting) -> list[str]:
    """An import somewhere, with uses around it."""
    random, bound = to.random, an_import(to)
    comment = random.choice(["", "", "", "  # noqa: F401", "  # why", "  # type: ignore", ";"])
    statement = bound.statement + comment
    uses = some_uses(random, bound)
    place = random.random()
    if place < 0.5:
        above = random.choice(["", "", "", "# above\n", "\n# above, apart\n\n"])
        return [above + statement, *uses]
    if place < 0.58 and "\n" not in bound.statement:
        inner = random.choice(["if condition_: {}", "class Line_: {}; x_ = 1", "def line_(): {}"])
        return [inner.format(bound.statement), *uses]
    if place < 0.66 and "\n" not in bound.statement:
        return [f"before_ = 1; {bound.statement}; after_ = 1", *uses]
    inside = [use for use in uses if random.random() < 0.5 and "'''" not in use]
    body = "\n".join([statement, *inside])
    head, tail = random.choice(_AROUND)
    block = f"{head}\n{textwrap.indent(body, '    ')}{tail}"
    return [block, *(use for use in uses if use not in inside)]


def a_module(to: Setting) -> str:
    """A module of planted code alone."""
    random, blocks = to.random, list[str]()
    if random.random() < 0.2:
        blocks.append('"""Doc of old.mod.Thing.\n\n>>> from old.mod import Thing\n"""')
    if random.random() < 0.1:
        blocks.append("from __future__ import annotations")
    for _ in range(random.randint(1, 5)):
        if random.random() < 0.15:
            blocks.append(
                random.choice(
                    [
                        "from new.mod import Thing",
                        "from new.mod import keep as k_",
                        "import new.mod",
                        "from new.mod import Widget",
                        "import new",
                        "setup_()",
                    ]
                )
            )
        blocks += a_block(to)
    if random.random() < 0.15:
        blocks.append(
            random.choice(['__all__ = ["Thing"]', '__all__ = ["x"]\n__all__ += ["Other"]'])
        )
    return "\n".join(blocks) + "\n"


def planted(to: Setting, source: str) -> str | None:
    """A real file with blocks planted at random legal places; None where nothing can be planted."""
    random = to.random
    tree = ast.parse(source)
    lines = re.split(r"(?<=\n)", source)
    places = [(line, column) for line, column in _places(tree, lines) if line]
    if not places:
        return None
    names = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and len(n.id) > 2})
    to = to._replace(taken=tuple(random.sample(names, min(3, len(names)))))
    inserted: dict[int, list[str]] = {}
    for _ in range(random.randint(1, 4)):
        line, column = random.choice(places)
        text = "\n".join(a_block(to))
        inserted.setdefault(line, []).append(_indented(text, " " * column) + "\n")
    pieces = []
    for number, text in enumerate(lines, 1):
        pieces += [*inserted.get(number, ()), text]
    return "".join(pieces)


def _indented(text: str, indent: str) -> str:
    return textwrap.indent(text, indent)


def _places(tree: ast.Module, lines: Sequence[str]) -> list[tuple[int, int]]:
    """The lines, with their indentation, before which statements can be put."""
    found = []
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            suite = getattr(node, field, None)
            if not isinstance(suite, list) or not suite or not isinstance(suite[0], ast.stmt):
                continue
            for position, statement in enumerate(suite):
                first = min(
                    [statement.lineno]
                    + [one.lineno for one in getattr(statement, "decorator_list", ())]
                )
                start = lines[first - 1][: statement.col_offset]
                is_doc = position == 0 and isinstance(statement, ast.Expr)
                is_future = (
                    isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
                )
                if start.strip(" ") or is_doc or is_future or _is_elif(node, field, lines, first):
                    continue
                if isinstance(node, ast.Module) and _has_future(suite[position:]):
                    continue
                found.append((first, statement.col_offset))
    return found


def _is_elif(node: ast.AST, field: str, lines: Sequence[str], line: int) -> bool:
    return isinstance(node, ast.If) and field == "orelse" and lines[line - 1].lstrip()[:4] == "elif"


def _has_future(suite: Sequence[ast.stmt]) -> bool:
    return any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in suite)


def disguised(random: Random, text: str) -> bytes:
    """A text as bytes: perhaps with other line ends, a byte order mark, or no final line end."""
    if random.random() < 0.2:
        text = text.rstrip("\n")
    if random.random() < 0.2:
        text = text.replace("\n", "\r\n")
    if random.random() < 0.15:
        text = text.replace("    ", "\t")
    if random.random() < 0.1:
        try:
            return b"# coding: latin-1\n" + text.encode("latin-1")
        except UnicodeEncodeError:
            pass
    return (b"\xef\xbb\xbf" if random.random() < 0.1 else b"") + text.encode()
