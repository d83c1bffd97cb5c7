"""Names everything in a TOML table that does not fit the model, where msgspec stops at the first.

Only a table that msgspec refused comes here, so that a valid file never pays for the search.
"""

from __future__ import annotations

import datetime
import difflib
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec import inspect

from ssot_migrate.config.model import Registry
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from ssot_migrate.config.locate import Key

_LONGEST_SHOWN = 60


def mistakes(table: Mapping[str, object]) -> Iterator[tuple[Key, str]]:
    """Yield the key and the message of each mistake in a registry's table."""
    return _mistakes(table, _model(), ())


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant."""
    close = difflib.get_close_matches(word.replace("_", "-"), sorted(words), n=1)
    return close[0] if close else None


def one_of(words: Iterable[str]) -> str:
    """Spell a choice: `a, b or c`."""
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


@functools.cache
def _model() -> inspect.Type:
    """What msgspec knows of the model; an editor asks for it at every save."""
    return inspect.type_info(Registry)


def _mistakes(value: object, wanted: inspect.Type, key: Key) -> Iterator[tuple[Key, str]]:
    match wanted:
        case inspect.Metadata(type=inner):
            yield from _mistakes(value, inner, key)
        case inspect.StructType() if isinstance(value, Mapping):
            yield from _mistakes_in_table(value, wanted, key)
        case inspect.DictType(value_type=inner) if isinstance(value, Mapping):
            for name, item in value.items():
                yield from _mistakes(item, inner, (*key, name))
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner) if (
            isinstance(value, list)
        ):
            for index, item in enumerate(value):
                yield from _mistakes(item, inner, (*key, index))
        case inspect.UnionType():
            yield from _mistakes_in_union(value, wanted, key)
        case inspect.LiteralType(values=values) if isinstance(value, str):
            yield from _mistakes_in_choice(value, map(str, values), key)
        case inspect.EnumType(cls=choices) if isinstance(value, str):
            yield from _mistakes_in_choice(value, [str(one.value) for one in choices], key)
        case inspect.StrType(pattern=pattern) if isinstance(value, str):
            if pattern:
                yield from _mistakes_in_path(value, key)
        case _:
            if not _fits(value, wanted):
                yield key, _wrong_type(value, wanted, key)


def _mistakes_in_table(
    table: Mapping[str, object], wanted: inspect.StructType, key: Key
) -> Iterator[tuple[Key, str]]:
    fields = {field.encode_name: field for field in wanted.fields}
    unknown = {name: nearest(name, fields) for name in table.keys() - fields}
    for name, item in table.items():
        if name in fields:
            yield from _mistakes(item, fields[name].type, (*key, name))
        else:
            yield (*key, name), _unknown_key(name, unknown[name], fields, key)
    for name, field in fields.items():
        if field.required and name not in table and name not in unknown.values():
            yield key, f"the key '{name}' is missing"


def _mistakes_in_union(
    value: object, wanted: inspect.UnionType, key: Key
) -> Iterator[tuple[Key, str]]:
    options = _without_null(wanted)
    if len(options) == 1:
        yield from _mistakes(value, options[0], key)
    elif not any(_fits(value, option) for option in options):
        containers = [one for one in options if isinstance(one, inspect.ListType)]
        if isinstance(value, list) and containers:
            yield from _mistakes(value, containers[0], key)
        else:
            yield key, _wrong_type(value, wanted, key)


def _mistakes_in_choice(value: str, choices: Iterable[str], key: Key) -> Iterator[tuple[Key, str]]:
    allowed = sorted(choices)
    if value not in allowed:
        message = f"expected {one_of(map(repr, allowed))}, found {_shown(value)}"
        yield key, message + _did_you_mean(nearest(value, allowed))


def _mistakes_in_path(value: str, key: Key) -> Iterator[tuple[Key, str]]:
    try:
        SymbolPath.parse(value)
    except ValueError as error:
        yield key, str(error)


def _fits(value: object, wanted: inspect.Type) -> bool:
    match wanted:
        case inspect.Metadata(type=inner):
            return _fits(value, inner)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.DateType():
            return _is_date(value)
        case inspect.ListType(item_type=inner):
            return isinstance(value, list) and all(_fits(item, inner) for item in value)
        case _:
            return False


def _is_date(value: object) -> bool:
    try:
        msgspec.convert(value, datetime.date)
    except msgspec.ValidationError:
        return False
    return True


def _unknown_key(
    name: str, meant: str | None, fields: Mapping[str, inspect.Field], table: Key
) -> str:
    if meant:
        return f"unknown key{_did_you_mean(meant)}"
    if table and name in Registry.__struct_encode_fields__:
        return f"unknown key; '{name}' belongs to the top level, above the first [table]"
    if not table and name == "tool":
        return "unknown key; the [tool.ssot-migrate] table belongs to pyproject.toml"
    return f"unknown key; known are {', '.join(fields)}"


def _did_you_mean(word: str | None) -> str:
    return f"; did you mean '{word}'?" if word else ""


def _wrong_type(value: object, wanted: inspect.Type, key: Key) -> str:
    message = f"expected {_describe(wanted)}, found {_kind(value)}"
    if isinstance(value, str) and _is_date_type(wanted):
        return f"{message}, {_shown(value)}"
    if isinstance(value, str) and _describe(wanted) == "a list of strings":
        return f"{message}; write [{_shown(value)}]"
    if isinstance(value, Mapping) and _describe(wanted) == "a list of tables":
        header = ".".join(part for part in key if isinstance(part, str))
        return f"{message}; write [[{header}]] above each"
    return message


def _describe(wanted: inspect.Type) -> str:
    match wanted:
        case inspect.Metadata(type=inner):
            return _describe(inner)
        case inspect.UnionType():
            return one_of(map(_describe, _without_null(wanted)))
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner):
            return f"a list of {_describe(inner).partition(' ')[2]}s"
        case inspect.LiteralType(values=values):
            return one_of(map(repr, values))
        case inspect.EnumType(cls=choices):
            return one_of(sorted(repr(one.value) for one in choices))
        case inspect.DateType():
            return "a date such as 2026-12-31"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "an integer"
        case inspect.FloatType():
            return "a number"
        case inspect.StrType():
            return "a string"
        case _:
            return "a table"


def _kind(value: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a float"),
        (str, "a string"),
        (list, "a list"),
        (Mapping, "a table"),
        (datetime.datetime, "a date with a time"),
        (datetime.date, "a date"),
        (datetime.time, "a time"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "nothing")


def _is_date_type(wanted: inspect.Type) -> bool:
    return isinstance(wanted, inspect.DateType)


def _without_null(wanted: inspect.UnionType) -> list[inspect.Type]:
    return [option for option in wanted.types if not isinstance(option, inspect.NoneType)]


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")
