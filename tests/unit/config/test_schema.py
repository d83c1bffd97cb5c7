"""The published schema says what the tool says."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ssot_migrate.config.model import Registry
from ssot_migrate.config.schema import json_schema
from ssot_migrate.config.validate import mistakes

from .project import keys_of, mutated, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[3] / "docs"
VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
VALUES: list[Any] = [1, 1.5, True, "text", "not a path", [], [1], ["text"], {}, {"unknown": 1}]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_the_committed_schema_is_current() -> None:
    """Regenerate with `python -m ssot_migrate.config.schema > docs/ssot.schema.json`."""
    printed = subprocess.run(
        [sys.executable, "-m", "ssot_migrate.config.schema"], capture_output=True, check=True
    )
    assert printed.stdout.decode() == (DOCS / "ssot.schema.json").read_text()


def test_the_sample_is_accepted() -> None:
    assert list(VALIDATOR.iter_errors(as_json(sample()))) == []


def test_both_agree_on_every_mutation_of_the_sample() -> None:
    for key in keys_of(sample()):
        for value in VALUES:
            table = mutated(key, value)
            accepted = VALIDATOR.is_valid(as_json(table))
            assert accepted == (not list(mistakes(table))), (key, value)


def test_every_key_is_described_and_refuses_others() -> None:
    for name, table in tables():
        assert table["additionalProperties"] is False, name
        for key, field in table["properties"].items():
            assert field["description"], f"{name}.{key}"
            assert "_" not in key


@pytest.mark.parametrize("page", ["configuration.md"])
def test_every_key_is_documented(page: str) -> None:
    text = (DOCS / page).read_text()
    for name, table in tables():
        for key in table["properties"]:
            assert f"| `{key}` |" in text, f"{name}.{key}"
    for default in Registry().tests + Registry().scripts + Registry().backup + Registry().generated:
        assert f'"{default}"' in text


def tables() -> Iterator[tuple[str, dict[str, Any]]]:
    schema = json_schema()
    yield "Registry", schema
    for name, table in schema["$defs"].items():
        if table.get("type") == "object":
            yield name, table


def as_json(table: dict[str, Any]) -> Any:
    return json.loads(json.dumps(table, default=datetime.date.isoformat))
