"""What every name of a module means, by `symtable`: shares no code with the tool."""

from __future__ import annotations

import ast
import symtable
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OTHER: Final = "<other>"
"""Stands for bindings that are no imports."""
_PLACEHOLDER: Final = "\N{SECTION SIGN}"
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_INLINES_COMPREHENSIONS: bool = sys.version_info >= (3, 12)
_TABLE_NAMES = {
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}


class Move(NamedTuple):
    """One entry: module and name, and the new ones; a module moves if there are no names."""

    module: str
    name: str
    to_module: str
    to_name: str

    @property
    def old(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def new(self) -> str:
        return f"{self.to_module}.{self.to_name}" if self.to_name else self.to_module


class Rules(NamedTuple):
    """What moves."""

    moves: tuple[Move, ...]

    def move_of(self, path: str) -> Move | None:
        """The most specific entry for a path."""
        found = [one for one in self.moves if f"{path}.".startswith(f"{one.old}.")]
        return max(found, key=lambda one: len(one.old), default=None)

    def moved(self, path: str) -> str:
        """Where a path leads, at the end of any chain of entries."""
        for _ in self.moves:
            move = self.move_of(path)
            if move is None or f"{path}.".startswith(f"{move.new}."):
                break
            path = move.new + path[len(move.old) :]
        return path

    def home(self, path: str) -> str:
        """The module of the entry that moves a path; empty if none does."""
        move = self.move_of(path)
        return self.moved(move.to_module) if move else ""

    @property
    def registry(self) -> str:
        """The text of `ssot.toml`."""
        rows = ["check-targets = false"]
        for one in self.moves:
            old = f"{one.module}:{one.name}" if one.name else one.module
            new = f"{one.to_module}:{one.to_name}" if one.to_name else one.to_module
            rows += ("[[moves]]", f'from = "{old}"', f'to = "{new}"')
        return "\n".join(rows) + "\n"


class Imported(NamedTuple):
    """One name bound by an import."""

    line: int
    column: int
    bound: str
    path: str
    plain: str
    suite: tuple[str, ...]
    is_module: bool


class Use(NamedTuple):
    """A chain of attributes that starts at a name."""

    text: str
    line: int
    end_line: int
    column: int
    meanings: frozenset[str]
    imports: tuple[Imported, ...]
    attributes: str
    at_once: bool

    @property
    def is_imported(self) -> bool:
        return bool(self.imports)


class Reading(NamedTuple):
    """A module as the oracle reads it: uses in order, imports, and the rest of it as text."""

    uses: tuple[Use, ...]
    imports: tuple[Imported, ...]
    shape: str
    exports: frozenset[str]
    bound: frozenset[str]


class _Variable(NamedTuple):
    """A variable of a comprehension, as a symbol table has it."""

    name: str

    def get_name(self) -> str:
        return self.name

    def is_global(self) -> bool:
        return False

    def is_local(self) -> bool:
        return True


class _Inlined(NamedTuple):
    """The table of a comprehension that Python 3.12 and newer make a part of what is around it."""

    variables: tuple[_Variable, ...]
    children: list[symtable.SymbolTable]

    def get_children(self) -> list[symtable.SymbolTable]:
        return self.children

    def get_symbols(self) -> tuple[_Variable, ...]:
        return self.variables

    def get_name(self) -> str:
        return ""


class _Scope:
    def __init__(
        self, table: symtable.SymbolTable | _Inlined, kind: str, parent: _Scope | None
    ) -> None:
        self.kind = kind
        self.parent = parent
        self.pending = table.get_children()
        self.symbols: dict[str, symtable.Symbol | _Variable] = {
            symbol.get_name(): symbol for symbol in table.get_symbols()
        }
        inherited = parent.class_name if parent is not None else ""
        self.class_name: str = table.get_name() if kind == "class" else inherited
        self.imports: dict[str, list[Imported]] = {}
        self.others: dict[str, list[tuple[int, int]]] = {}
        self.root: _Scope = parent.root if parent else self
        self.suite: tuple[str, ...] = ("body",)

    def mangled(self, name: str) -> str:
        if self.class_name and name.startswith("__") and not name.endswith("__"):
            return f"_{self.class_name.lstrip('_')}{name}"
        return name

    def binder(self, name: str) -> _Scope:
        """The scope whose variable a name is, read from here."""
        scope: _Scope | None = self
        while scope is not None:
            symbol = scope.symbols.get(self.mangled(name))
            if symbol is not None and (scope is self or scope.kind != "class"):
                if symbol.is_global():
                    return self.root
                if symbol.is_local():
                    return scope
            scope = scope.parent
        return self.root


class _Chain(NamedTuple):
    node: ast.expr
    scope: _Scope
    name: str
    attributes: str
    quoted: bool
    suite: tuple[str, ...]


def read(source: bytes, module: str, *, is_package: bool) -> Reading:
    """Read a module.

    Raises:
        SyntaxError: The running interpreter does not parse it.
    """
    package = module if is_package else module.rpartition(".")[0]
    reader = _Reader(symtable.symtable(source, "<source>", "exec"), package)  # type: ignore[arg-type]
    return reader.read(ast.parse(source))


class _Reader(ast.NodeTransformer):
    """Collects chains and bindings by scope, and puts a placeholder in the place of each chain."""

    def __init__(self, table: symtable.SymbolTable, package: str) -> None:
        self._package = package
        self._scope = _Scope(table, "module", None)
        self._bindings: list[tuple[_Scope, str, Imported | tuple[int, int]]] = []
        self._chains: list[_Chain] = []
        self._suite: tuple[str, ...] = ()

    def read(self, tree: ast.Module) -> Reading:
        tree.body = self._statements(tree.body, "body")
        for scope, name, imported in self._bindings:
            binder = scope.binder(name)
            if isinstance(imported, Imported):
                binder.imports.setdefault(scope.mangled(name), []).append(imported)
            else:
                # A binding from another scope may happen at any time.
                here = imported if binder is scope else (0, 0)
                binder.others.setdefault(scope.mangled(name), []).append(here)
        uses = []
        for chain in self._chains:
            use = _use(chain)
            uses.append(use)
            if isinstance(chain.node, ast.Name) and use.meanings == {OTHER}:
                chain.node.id = f"{chain.name}.{chain.attributes}"
        root = self._scope
        return Reading(
            tuple(uses),
            tuple(one for _, _, one in self._bindings if isinstance(one, Imported)),
            ast.dump(tree),
            frozenset(_exports(tree)),
            frozenset({*root.imports, *root.others}),
        )

    # Statements

    def _statements(self, body: list[ast.stmt], field: str) -> list[ast.stmt]:
        """The statements of a suite, those left out that an edit of imports adds or removes."""
        around = self._suite
        kept: list[ast.stmt] = []
        for statement in body:
            self._suite = (*around, field)
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._imports(statement)
                continue
            self._suite = (*around, f"{field}{len(kept)}")
            new = self.visit(statement)
            if not isinstance(statement, ast.Pass):
                kept.append(new)
        self._suite = around
        return kept

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, self._statements(value, field))
            elif isinstance(value, list):
                value[:] = [self.visit(one) if isinstance(one, ast.AST) else one for one in value]
            elif isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
        return node

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                root = alias.name.partition(".")[0]
                bound = alias.asname or root
                path = alias.name if alias.asname else root
                plain = "" if alias.asname else alias.name
            else:
                bound = alias.asname or alias.name
                path = f"{self._absolute(node.level, node.module)}.{alias.name}"
                plain = ""
            is_module = isinstance(node, ast.Import)
            place = (node.lineno, node.col_offset)
            imported = Imported(*place, bound, path, plain, self._suite, is_module)
            self._bindings.append((self._scope, bound, imported))

    def _absolute(self, level: int, module: str | None) -> str:
        if not level:
            return module or ""
        parts = self._package.split(".") if self._package else []
        if level > len(parts):
            return "?." + (module or "")
        return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])

    # Scopes

    def _enter(self, node: ast.AST, name: str, kind: str) -> _Scope:
        line = getattr(node, "lineno", 0)
        outer = self._scope
        for position, table in enumerate(outer.pending):
            if table.get_name() == name and table.get_lineno() == line:
                del outer.pending[position]
                self._scope = _Scope(table, kind, outer)
                self._scope.suite = (*self._suite, "body")
                return outer
        raise AssertionError(f"no table for {name!r} in line {line}")

    def _bind(self, name: str, node: ast.AST | None = None) -> None:
        place = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        self._bindings.append((self._scope, name, place))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self._bind(node.name)
        self._defaults(node.args)
        for one in _parameters(node.args):
            one.annotation = self._annotation(one.annotation)
        node.returns = self._annotation(node.returns)
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        outer = self._enter(node, node.name, "function")
        for one in _parameters(node.args):
            self._bind(one.arg)
        node.body = self._statements(node.body, "body")
        self._scope = outer
        return node

    def _defaults(self, node: ast.arguments) -> None:
        node.defaults = [self.visit(one) for one in node.defaults]
        node.kw_defaults = [one and self.visit(one) for one in node.kw_defaults]

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._defaults(node.args)
        outer = self._enter(node, "lambda", "function")
        for one in _parameters(node.args):
            self._bind(one.arg)
        node.body = self.visit(node.body)
        self._scope = outer
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._bind(node.name)
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        node.bases = [self.visit(one) for one in node.bases]
        node.keywords = [self.visit(one) for one in node.keywords]
        outer = self._enter(node, node.name, "class")
        node.body = self._statements(node.body, "body")
        self._scope = outer
        return node

    def _enter_comprehension(
        self, node: ast.AST, generators: Sequence[ast.comprehension]
    ) -> _Scope:
        try:
            return self._enter(node, _TABLE_NAMES[type(node)], "function")
        except AssertionError:
            if not _INLINES_COMPREHENSIONS or isinstance(node, ast.GeneratorExp):
                raise
        outer = self._scope
        variables = tuple(
            _Variable(outer.mangled(name.id))
            for generator in generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        )
        self._scope = _Scope(_Inlined(variables, outer.pending), "function", outer)
        self._scope.suite = (*self._suite, "body")
        return outer

    def _comprehension(self, node: ast.AST) -> ast.AST:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        generators[0].iter = self.visit(generators[0].iter)
        outer = self._enter_comprehension(node, generators)
        for number, generator in enumerate(generators):
            generator.target = self.visit(generator.target)
            if number:
                generator.iter = self.visit(generator.iter)
            generator.ifs = [self.visit(one) for one in generator.ifs]
        for field in ("elt", "key", "value"):
            if isinstance(getattr(node, field, None), ast.AST):
                setattr(node, field, self.visit(getattr(node, field)))
        self._scope = outer
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    # Names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)
            return node
        return self._chain(node, node.id, "")

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        attributes: list[str] = []
        below: ast.expr = node
        while isinstance(below, ast.Attribute):
            attributes.insert(0, below.attr)
            below = below.value
        if isinstance(below, ast.Name):
            return self._chain(node, below.id, ".".join(attributes))
        return self.generic_visit(node)

    def _chain(self, node: ast.Name | ast.Attribute, name: str, attributes: str) -> ast.AST:
        new = ast.copy_location(ast.Name(_PLACEHOLDER, node.ctx), node)
        quoted = getattr(node, "is_quoted", False)
        self._chains.append(_Chain(new, self._scope, name, attributes, quoted, self._suite))
        return new

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        return self._named(node, node.name)

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        return self._named(node, node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> ast.AST:
        return self._named(node, node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        return self._named(node, node.rest)

    def _named(self, node: ast.AST, name: str | None) -> ast.AST:
        if name:
            self._bind(name)
        return self.generic_visit(node)

    # Annotations

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.target = self.visit(node.target)
        annotation = self._annotation(node.annotation)
        assert annotation is not None
        node.annotation = annotation
        node.value = node.value and self.visit(node.value)
        return node

    def _annotation(self, node: ast.expr | None) -> ast.expr | None:
        if node is None:
            return None
        found: ast.expr = self.visit(_Unquoted().visit(node))
        return found


class _Unquoted(ast.NodeTransformer):
    """Reads the strings of an annotation as the expressions that they quote."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str):
            return node
        try:
            inner = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return node
        if any(isinstance(one, (*_COMPREHENSIONS, ast.Lambda)) for one in ast.walk(inner)):
            return node
        for one in ast.walk(inner):
            if isinstance(one, (ast.expr, ast.keyword)):
                ast.copy_location(one, node)
                one.is_quoted = True  # type: ignore[union-attr]
        found: ast.AST = self.visit(inner)
        return found

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        name = ast.unparse(node.value).rpartition(".")[2]
        if name == "Literal":
            return node
        if name == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            node.slice.elts[0] = self.visit(node.slice.elts[0])
            return node
        return self.generic_visit(node)


def _use(chain: _Chain) -> Use:
    binder = chain.scope.binder(chain.name)
    name = chain.scope.mangled(chain.name)
    imports = tuple(binder.imports.get(name, ()))
    others = binder.others.get(name, [])
    scope: _Scope | None = chain.scope
    while scope is not None and scope.kind == "class" and scope is not binder:
        scope = scope.parent
    here = (chain.node.lineno, chain.node.col_offset)
    in_order = not chain.quoted and scope is binder
    if in_order and any((one.line, one.column) < here for one in imports):
        # What comes later does not count yet.
        imports = tuple(one for one in imports if (one.line, one.column) < here)
        certain = [one for one in imports if _runs_before(one.suite, chain.suite)]
        since = (certain[-1].line, certain[-1].column) if certain else (-1, 0)
        imports = tuple(one for one in imports if (one.line, one.column) >= since)
        others = [place for place in others if since < place < here]
    else:
        imports, others = _at_last(binder, imports, others)
    behind = f".{chain.attributes}" if chain.attributes else ""
    meanings = {one.path + behind for one in imports}
    if others:
        meanings.add(OTHER)
    if not meanings:
        meanings.add(f"builtins.{chain.name}{behind}")
    return Use(
        chain.name + behind,
        chain.node.lineno,
        chain.node.end_lineno or 0,
        chain.node.col_offset,
        frozenset(meanings),
        imports,
        chain.attributes,
        in_order and binder.parent is None,
    )


def _runs_before(suite: tuple[str, ...], user: tuple[str, ...]) -> bool:
    """Whether a suite is the user's, or one around it."""
    place = len(suite) - 1
    return (
        user[:place] == suite[:place]
        and user[place : place + 1] != ()
        and (user[place].rstrip("0123456789") == suite[place])
    )


def _at_last(
    binder: _Scope, imports: tuple[Imported, ...], others: list[tuple[int, int]]
) -> tuple[tuple[Imported, ...], list[tuple[int, int]]]:
    """The bindings that code which runs later may see."""
    places = [*((one.line, one.column) for one in imports), *others]
    certain = [one for one in imports if one.suite == binder.suite]
    if certain and (0, 0) not in others and max(places) == (certain[-1].line, certain[-1].column):
        return (certain[-1],), []
    return imports, others


def _parameters(node: ast.arguments) -> list[ast.arg]:
    rest = [one for one in (node.vararg, node.kwarg) if one is not None]
    return [*node.posonlyargs, *node.args, *rest, *node.kwonlyargs]


def _exports(tree: ast.Module) -> Iterator[str]:
    """The strings of everything that speaks of `__all__` at module level."""
    for statement in tree.body:
        names = [one for one in ast.walk(statement) if isinstance(one, ast.Name)]
        if any(one.id.startswith("__all__") for one in names):
            yield from (
                one.value
                for one in ast.walk(statement)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
