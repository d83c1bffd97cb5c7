"""The JSON schema of `ssot.toml`, for editors: `python -m ssot_migrate.config.schema`."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import msgspec

from ssot_migrate.config.model import Registry


def json_schema() -> dict[str, Any]:
    """Return the schema of a registry, as the model defines it."""
    (schema,), definitions = msgspec.json.schema_components([Registry])
    registry = definitions.pop(schema["$ref"].rpartition("/")[2])
    tidied: dict[str, Any] = _tidied(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **registry,
            "title": "ssot-migrate configuration",
            "$defs": dict(sorted(definitions.items())),
        }
    )
    return tidied


def _tidied(node: Any) -> Any:
    """Leave out null, which TOML cannot spell, and the indentation of docstrings."""
    if isinstance(node, list):
        return [_tidied(one) for one in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        name: inspect.cleandoc(value) if name == "description" and isinstance(value, str) else value
        for name, value in node.items()
        if not (name == "default" and value is None)
    }
    options = tidy.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        options = [option for option in options if option != {"type": "null"}]
        del tidy["anyOf"]
        tidy = {**options[0], **tidy} if len(options) == 1 else {**tidy, "anyOf": options}
    return {name: _tidied(value) for name, value in tidy.items()}


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(json_schema())).decode() + "\n")
