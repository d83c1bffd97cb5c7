"""A folder with configuration files, and what the tool says about them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssot_migrate.config.load import load
from ssot_migrate.config.toml import parse
from ssot_migrate.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.locate import Key
    from ssot_migrate.config.settings import Settings

SAMPLE = Path(__file__).with_name("sample.toml").read_text()


class Project:
    """Files below one folder; packs lie in its `packs` folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, config: str | None = None) -> Settings:
        return load(
            self.root / config if config else None,
            self.root,
            packs=self.find_pack,
            pack_names=lambda: [path.stem for path in (self.root / "packs").glob("*.toml")],
        )

    def find_pack(self, name: str) -> Path | None:
        path = self.root / "packs" / f"{name}.toml"
        return path if path.exists() else None

    def problems(self, config: str | None = None) -> list[str]:
        try:
            self.load(config)
        except ConfigError as error:
            return str(error).splitlines()
        return []

    def problems_of(self, text: str) -> list[str]:
        self.write("ssot.toml", text)
        return self.problems()


def sample() -> dict[str, Any]:
    return parse(SAMPLE)


def keys_of(value: Any, key: Key = ()) -> Iterator[Key]:
    if key:
        yield key
    if isinstance(value, dict):
        for name, item in value.items():
            yield from keys_of(item, (*key, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from keys_of(item, (*key, index))


def value_at(table: Any, key: Key) -> Any:
    for part in key:
        table = table[part]
    return table


def mutated(key: Key, value: Any) -> dict[str, Any]:
    """What the sample has of the key's first part, with another value at the key."""
    table = {name: part for name, part in sample().items() if name == key[0]}
    value_at(table, key[:-1])[key[-1]] = value
    return table


def as_toml(table: dict[str, Any]) -> str:
    """Write a registry with each key of the top level, of a move and of a concept on a line."""
    lines = []
    later = []
    for name, value in table.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for one in value:
                later.append(f"[[{name}]]")
                later += [f"{_key(key)} = {_value(item)}" for key, item in one.items()]
        else:
            lines.append(f"{_key(name)} = {_value(value)}")
    return "\n".join([*lines, *later]) + "\n"


def _value(value: Any) -> str:
    match value:
        case bool() | int() | float() | str():
            return json.dumps(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            pairs = [f"{_key(name)} = {_value(item)}" for name, item in value.items()]
            return "{" + ", ".join(pairs) + "}"
        case _:
            raise TypeError(value)


def _key(name: str) -> str:
    return json.dumps(name)
