"""The JSON of a migration, which scripts rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ssot_migrate.reporting.apply import Manner, render
from ssot_migrate.reporting.sanitize import encodable, visible

from .apply_samples import CHANGED, EXAMPLE, NOTHING, PLACES, WRITTEN, only
from .hostile import HOSTILE
from .readers import read_json

if TYPE_CHECKING:
    from ssot_migrate.domain.outcome import ApplyReport

TEXT = {"type": "string"}
NAME = {"type": ["string", "null"]}
COUNT = {"type": "integer", "minimum": 0}
LINE = {"type": "integer", "minimum": 1}
CODES = {"type": "object", "additionalProperties": COUNT}


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


CAUSE: dict[str, object] = {
    "code": TEXT,
    "name": TEXT,
    "fix": {"enum": ["safe", "unsafe", "manual"]},
    "concept": NAME,
    "symbol": NAME,
    "canonical": NAME,
    "note": TEXT,
    "line": LINE,
    "column": LINE,
}
SCHEMA = _object(
    version={"const": 1},
    root=TEXT,
    run=NAME,
    dry_run={"type": "boolean"},
    summary=_object(
        files=COUNT,
        changed=COUNT,
        refused=COUNT,
        edits=COUNT,
        by_fix=_object(safe=COUNT, unsafe=COUNT),
        by_code=CODES,
        left=COUNT,
        left_by_code=CODES,
        skipped=COUNT,
    ),
    files=_list(
        _object(
            path=TEXT,
            outcome={"enum": ["changed", "unchanged", "refused"]},
            change={"enum": ["changed", "created", "deleted", None]},
            why=TEXT,
            edits=_list(
                _object(**CAUSE, end_line=LINE, end_column=LINE, before=TEXT, after=TEXT),
            ),
            left=_list(_object(**CAUSE, why=TEXT)),
            skipped=_list(_object(**CAUSE, why=TEXT)),
        )
    ),
    waves=_list(
        _object(number=LINE, paths=_list(TEXT), state=TEXT, check=TEXT, culprits=_list(TEXT))
    ),
    errors=_list(_object(path=TEXT, message=TEXT)),
    notes=_list(TEXT),
)


PLAN = Manner(is_dry=True)


def read(report: ApplyReport, manner: Manner = PLAN) -> Any:
    text = render(report, "json", manner)
    assert isinstance(text, str)
    value = read_json(text)
    Draft202012Validator(SCHEMA).validate(value)
    return value


@pytest.mark.parametrize("report", [EXAMPLE, WRITTEN, NOTHING])
def test_schema(report: ApplyReport) -> None:
    value = read(report)
    assert [file["path"] for file in value["files"]] == [one.path for one in report.files]


def test_what_a_run_says() -> None:
    value = read(WRITTEN, Manner())
    assert (value["run"], value["dry_run"]) == ("20261101-101500-ab12", False)
    assert value["summary"] == {
        "files": 120,
        "changed": 3,
        "refused": 1,
        "edits": 2,
        "by_fix": {"safe": 1, "unsafe": 1},
        "by_code": {"SSOT201": 1, "SSOT203": 1},
        "left": 4,
        "left_by_code": {"SSOT203": 1, "SSOT204": 2, "XYZ001": 1},
        "skipped": 0,
    }
    assert [wave["state"] for wave in value["waves"]] == [
        "applied",
        "applied",
        "undone",
        "skipped",
    ]
    assert [file["change"] for file in value["files"]] == [
        None,
        "deleted",
        "created",
        "changed",
        None,
    ]


def test_a_plan_has_no_run() -> None:
    value = read(EXAMPLE)
    assert (value["run"], value["dry_run"], value["waves"]) == (None, True, [])


def test_an_edit() -> None:
    edit = read(only(CHANGED))["files"][0]["edits"][0]
    assert edit == {
        "code": "SSOT201",
        "name": "deprecated-import",
        "fix": "safe",
        "concept": "engine factory",
        "symbol": "app.core.engine:EngineFactory",
        "canonical": "app.engine:EngineFactory",
        "note": "",
        "line": 3,
        "column": 6,
        "end_line": 3,
        "end_column": 21,
        "before": "app.core.engine",
        "after": "app.engine",
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_names_and_code_are_exact_and_sentences_are_visible(text: str) -> None:
    for place in PLACES.values():
        read(place(text))
    assert read(PLACES["path"](text))["files"][0]["path"] == encodable(text)
    edit = read(PLACES["content"](text))["files"][0]["edits"][0]
    assert (edit["before"], edit["after"]) == (encodable(text), encodable(text))
    assert read(PLACES["why"](text))["files"][0]["left"][0]["why"] == visible(text)


def test_colour_and_quiet_change_nothing() -> None:
    loud = Manner(is_dry=True, color=True, statistics=True, verbose=True, following="x")
    quiet = msgspec.structs.replace(loud, color=False, quiet=True)
    assert render(EXAMPLE, "json", loud) == render(EXAMPLE, "json", quiet)
