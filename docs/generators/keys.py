"""The reference of configuration keys, as the JSON schema of the registry has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ssot_migrate.config.schema import json_schema
from ssot_migrate.reporting.marked import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# All keys

Every key of `ssot.toml`, from [the schema](ssot.schema.json) that editors read. What they are for,
with examples, is told in [configuration](configuration.md).

## Top level
"""


def page() -> str:
    """All keys with their types and defaults, as Markdown."""
    schema = json_schema()
    tables = {name: one for name, one in schema["$defs"].items() if "properties" in one}
    choices = {name: one for name, one in schema["$defs"].items() if name not in tables}
    parts = [_HEAD, *table(_TITLES, _rows(schema, choices))]
    for name, definition in tables.items():
        parts += [f"## {name}", "", prose(_line(definition)), ""]
        parts += table(_TITLES, _rows(definition, choices))
    return "\n".join(parts)


_TITLES = ("key", "value", "default", "meaning")


def _rows(
    definition: dict[str, Any], choices: dict[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    required = definition.get("required", ())
    for name, value in definition["properties"].items():
        default = "**required**" if name in required else _default(value)
        yield code(name), _kind(choices.get(_referred(value), value)), default, prose(_line(value))


def _line(described: dict[str, Any]) -> str:
    return " ".join(described.get("description", "").split())


def _referred(value: dict[str, Any]) -> str:
    """The definition that a value refers to; empty if it spells its own."""
    return str(value.get("$ref", "")).rpartition("/")[2]


def _default(value: dict[str, Any]) -> str:
    if "default" not in value or value["default"] in ("", {}):
        return ""
    return "see there" if isinstance(value["default"], dict) else code(json.dumps(value["default"]))


def _kind(value: dict[str, Any]) -> str:
    """What may stand there, in words."""
    if name := _referred(value):
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(one) for one in value["anyOf"]))
    if "enum" in value:
        return ", ".join(code(json.dumps(one)) for one in value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value.get('items', {}))}"
    if value.get("type") == "object":
        held = value.get("additionalProperties")
        return f"table of {_kind(held)}" if isinstance(held, dict) else "table"
    return str(value.get("format") or value.get("type") or "any value")
