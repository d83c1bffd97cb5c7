"""Changes calls: the method's name, keywords, positionals that become keywords, and `await`.

Every edit is as small as it can be: an identifier, a `name=` in front of an argument, an `await`.
So arguments may hold calls that change too, and comments and layout stay as they are.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst
import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Left
from ssot_migrate.index.syntax import Columns
from ssot_migrate.rewrite.decisions import RenameCall
from ssot_migrate.rewrite.document import Document, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.rewrite.decisions import FileTask

HANDLES = (RenameCall,)

_NOT_FOUND = "the call is not where it was"
_COROUTINE = ast.AsyncFunctionDef
_OTHER_SCOPES = (
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.JoinedStr,
)


def rewrite(
    document: Document,
    task: FileTask,  # noqa: ARG001 - all codemods share one signature
    decisions: Sequence[RenameCall],
) -> Iterator[TextEdit | Left]:
    """Change the calls of one file.

    Args:
        document: The file.
        task: What is to happen in it.
        decisions: The calls, and what becomes of them.
    """
    yield from rename_calls(document, decisions)


def rename_calls(document: Document, decisions: Iterable[RenameCall]) -> Iterator[TextEdit | Left]:
    """Yield the edits that change calls, and the calls that are left to a person.

    Args:
        document: The file.
        decisions: The calls, and what becomes of them.
    """
    edits: list[TextEdit] = []
    spans = [(document.slice(one.span), one) for one in decisions]
    spans.sort(key=lambda found: (found[0][0], -found[0][1]))
    places = _Places(document)
    for _span, decision in spans:
        try:
            edits += _Change(document, decision, places).edits()
        except _Cannot as why:
            yield Left(
                line=decision.span.line,
                column=decision.span.column,
                why=str(why),
                cause=msgspec.structs.replace(decision.cause, fix=Fix.MANUAL),
            )
    yield from _joined(edits)


class _Cannot(Exception):  # noqa: N818 - a verdict, not an error
    """Why a call is left as it is."""


class _Argument(NamedTuple):
    """An argument, and where it stands in the document."""

    node: cst.Arg
    start: int
    end: int


class _Change:
    """One decision, carried out."""

    def __init__(self, document: Document, decision: RenameCall, places: _Places) -> None:
        self._document = document
        self._decision = decision
        self._places = places
        self._start, self._end = document.slice(decision.span)
        self._text = document.text[self._start : self._end]
        self._module, self._call = _parsed(self._text)

    def edits(self) -> list[TextEdit]:
        """All edits of the call.

        Raises:
            _Cannot: It is left as it is, as a whole.
        """
        return [*self._await(), *self._name(), *self._keywords(), *self._positionals()]

    def _edit(self, start: int, end: int, text: str) -> TextEdit:
        return TextEdit(start, end, text, self._decision.cause)

    def _name(self) -> Iterator[TextEdit]:
        func = self._call.func
        name = func.attr if isinstance(func, cst.Attribute) else func
        if not isinstance(name, cst.Name) or name.lpar:
            raise _Cannot(_NOT_FOUND)
        if name.value != self._decision.name:
            # Parentheses around the chain may follow the name.
            behind = "".join(self._code(paren) for paren in getattr(func, "rpar", ()))
            end = self._start + len(self._code(func)) - len(behind)
            yield self._edit(end - len(name.value), end, self._decision.name)

    def _keywords(self) -> Iterator[TextEdit]:
        renamed = self._decision.keywords
        for argument in self._arguments() if renamed else ():
            if argument.node.star == "**":
                raise _Cannot("keywords change their names, and what `**` passes cannot be seen")
            keyword = argument.node.keyword
            if keyword is not None and renamed.get(keyword.value, keyword.value) != keyword.value:
                end = argument.start + len(keyword.value)
                yield self._edit(argument.start, end, renamed[keyword.value])

    def _positionals(self) -> Iterator[TextEdit]:
        names = self._decision.positional
        if not names:
            return
        given = [
            one for one in self._arguments() if one.node.keyword is None and one.node.star != "**"
        ]
        if any(one.node.star for one in given):
            raise _Cannot("positionals become keywords, and what `*` passes cannot be seen")
        if len(given) > len(names):
            raise _Cannot(f"the registry names {len(names)} positionals, not {len(given)}")
        for name, argument in zip(names, given, strict=False):
            value = argument.node.value
            is_bare = isinstance(value, (cst.NamedExpr, cst.GeneratorExp)) and not value.lpar
            yield self._edit(argument.start, argument.start, f"{name}=(" if is_bare else f"{name}=")
            if is_bare:
                yield self._edit(argument.end, argument.end, ")")

    def _await(self) -> Iterator[TextEdit]:
        awaits = self._decision.awaits
        if awaits == "keep":
            return
        around = self._places.around(self._start, self._end)
        parent = around[0]
        is_awaited = isinstance(parent, ast.Await)
        if awaits == "drop" and is_awaited:
            if any(isinstance(one, ast.JoinedStr) for one in around):
                raise _Cannot("it must not be awaited, and it stands in an f-string")
            start = self._places.start(parent)
            yield self._edit(start, self._behind_await(start), "")
        elif awaits == "add" and not is_awaited:
            _check_coroutine(around)
            is_open = not self._document.text[self._end :].lstrip().startswith(")")
            needs_parentheses = self._is_operand_of(parent) and is_open
            before = "(await " if needs_parentheses else "await "
            yield self._edit(self._start, self._start, before)
            if needs_parentheses:
                yield self._edit(self._end, self._end, ")")

    def _is_operand_of(self, parent: ast.AST) -> bool:
        """Whether something follows the call that binds closer than `await`."""
        if isinstance(parent, ast.Call):
            return self._places.end(parent.func) == self._end
        return isinstance(parent, (ast.Attribute, ast.Subscript)) and (
            self._places.end(parent.value) == self._end
        )

    def _behind_await(self, start: int) -> int:
        """Where the operand of an `await` starts, or what stands in front of it."""
        text = self._document.text
        end = start + len("await")
        while text[end] in " \t":
            end += 1
        if text[start:end].rstrip() != "await" or text[end] == "\\":
            raise _Cannot(_NOT_FOUND)
        return end

    def _arguments(self) -> Iterator[_Argument]:
        """The arguments and their places: the code between them adds up to the whole call."""
        call = self._call
        position = (
            self._start + len(self._code(call.func)) + len(self._code(call.whitespace_after_func))
        )
        position += len("(") + len(self._code(call.whitespace_before_args))
        for node in call.args:
            whole = len(self._code(node))
            behind = self._code(node.whitespace_after_arg)
            if isinstance(node.comma, cst.Comma):
                behind += self._code(node.comma)
            yield _Argument(node, position, position + whole - len(behind))
            position += whole
        if position + len(")") != self._end:
            raise _Cannot(_NOT_FOUND)

    def _code(self, node: cst.CSTNode) -> str:
        return self._module.code_for_node(node)


class _Places:
    """Finds what stands around a position, in the syntax tree."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._columns = Columns(document.data)
        self._parents: dict[ast.AST, ast.AST] = {}
        self._calls: dict[tuple[int, int], ast.Call] = {}

    def around(self, start: int, end: int) -> list[ast.AST]:
        """What stands around the call between two offsets, innermost first.

        Raises:
            _Cannot: There is no call.
        """
        if not self._parents:
            self._read()
        node: ast.AST | None = self._calls.get((start, end))
        if node is None:
            raise _Cannot(_NOT_FOUND)
        found = []
        while (node := self._parents.get(node)) is not None:
            found.append(node)
        return found

    def start(self, node: ast.AST) -> int:
        """The offset at which a node starts."""
        line, offset = node.lineno, node.col_offset  # type: ignore[attr-defined]
        return self._document.offset(line, self._columns.at(line, offset))

    def end(self, node: ast.AST) -> int:
        """The offset at which a node ends."""
        line, offset = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._document.offset(line, self._columns.at(line, offset))

    def _read(self) -> None:
        for node in ast.walk(self._document.tree):
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
            if isinstance(node, ast.Call):
                self._calls[self.start(node), self.end(node)] = node


def _check_coroutine(around: Sequence[ast.AST]) -> None:
    """Raise unless an `await` may stand inside of all this."""
    inner: ast.AST | None = None
    for node in around:
        if isinstance(node, _OTHER_SCOPES):
            raise _Cannot("it must be awaited, and it stands in a comprehension or the like")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            is_inside = inner in node.body
            if is_inside and isinstance(node, _COROUTINE):
                return
            if is_inside:
                break
        inner = node
    raise _Cannot("it must be awaited, and the function around it is no coroutine")


def _parsed(text: str) -> tuple[cst.Module, cst.Call]:
    """A call's own text as a module, in parentheses so that it may run over several lines."""
    try:
        module = cst.parse_module(f"({text})")
    except Exception as problem:  # its failures share no base class
        raise _Cannot(_NOT_FOUND) from problem
    match module.body:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(lpar=[_]) as call)])]:
            return module, call
        case _:
            raise _Cannot(_NOT_FOUND)


def _joined(edits: Sequence[TextEdit]) -> Iterator[TextEdit]:
    """The edits in order of position; what is inserted at one place comes in one edit.

    Of several calls that start at one place the outer one's text comes first, of several that end
    there the inner one's.
    """
    inserted: dict[int, list[TextEdit]] = {}
    others = []
    for edit in edits:
        if edit.start == edit.end:
            inserted.setdefault(edit.start, []).append(edit)
        else:
            others.append(edit)
    for place, several in inserted.items():
        opening = [edit.text for edit in several if edit.text != ")"]
        closing = [edit.text for edit in several if edit.text == ")"]
        text = "".join((*closing, *opening))
        others.append(TextEdit(place, place, text, several[0].cause))
    yield from sorted(others, key=lambda edit: (edit.start, edit.end))
