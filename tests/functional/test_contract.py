"""The command line as a user reads it: help, mistakes, codes, JSON that scripts rely on."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ssot_migrate.cli import run as run_here

from .process import COMMAND, MODULE, run
from .trees import PROJECT, plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

HELP: tuple[tuple[str, ...], ...] = (
    (),
    ("scan",),
    ("init",),
    ("discover",),
    ("apply",),
    ("plan",),
    ("rollback",),
    ("history",),
    ("graph",),
    ("graph", "consumers"),
    ("graph", "shims"),
    ("graph", "cycles"),
    ("graph", "chain"),
    ("campaign",),
    ("campaign", "scan"),
    ("campaign", "plan"),
    ("campaign", "apply"),
    ("campaign", "status"),
    ("which",),
    ("compare",),
    ("hierarchy",),
    ("report",),
    ("baseline",),
    ("baseline", "create"),
    ("baseline", "update"),
    ("baseline", "prune"),
    ("baseline", "check"),
    ("baseline", "merge"),
    ("rules",),
    ("rules", "new"),
    ("explain",),
    ("lsp",),
    ("completion",),
    ("schema",),
)


@pytest.mark.parametrize("command", HELP, ids=lambda words: " ".join(words) or "ssot-migrate")
def test_help(command: tuple[str, ...], snapshot: Snapshot) -> None:
    result = run(*command, "--help")
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, f"{'-'.join(command) or 'ssot-migrate'}.txt")


def test_help_has_a_short_form() -> None:
    for command in ((), ("scan",), ("graph", "chain")):
        assert run(*command, "-h") == run(*command, "--help")


def test_no_command_shows_the_help() -> None:
    for command in ((), ("graph",), ("baseline",)):
        result = run(*command)
        assert (result.code, result.stdout) == (2, "")
        assert result.stderr == run(*command, "--help").stdout


@pytest.mark.parametrize("program", [COMMAND, MODULE], ids=["command", "-m"])
def test_both_ways_to_start_it_have_one_name(program: tuple[str, ...], tmp_path: Path) -> None:
    version = run("--version", program=program, cwd=tmp_path)
    assert version.code == 0
    assert re.fullmatch(r"ssot-migrate \d+\.\d+\.\d+\S*\n", version.stdout)
    assert run("-V", program=program, cwd=tmp_path).stdout == version.stdout
    assert run("scan", "--bogus", program=program, cwd=tmp_path).stderr.startswith(
        "Usage: ssot-migrate scan "
    )


MISTAKES = {
    "unknown command": (("scam",), "'scam'. Did you mean 'scan'?"),
    "unknown subcommand": (("graph", "consumer"), "Did you mean 'consumers'?"),
    "unknown option": (("scan", "--selct", "x"), "--select"),
    "missing argument": (("which",), "Missing argument 'NAME'"),
    "surplus argument": (("explain", "SSOT201", "x"), "unexpected extra argument"),
    "unknown subcommand of rules": (("rules", "nwe"), "No such command 'nwe'"),
    "wrong choice": (("scan", "--output-format", "xml"), "'sarif'"),
    "wrong number": (("scan", "-j", "-1"), "-1"),
    "unknown code": (("scan", "--select", "SSOT999"), "did you mean 'SSOT"),
    "unknown rule": (("scan", "--ignore", "deprecated-imports"), "'deprecated-import'"),
    "unknown among known": (("scan", "--select", "SSOT201,SSOT20x"), "'SSOT20x'"),
    "unknown rule to explain": (("explain", "shim-imports"), "did you mean 'shim-import'?"),
    "nothing to explain": (("explain", ""), "ssot-migrate rules"),
    "unknown symbol": (("graph", "consumers", "new.mod:Thign"), "did you mean 'new.mod:Thing'?"),
    "unknown module": (("graph", "chain", "app.user", "new.mod"), "did you mean 'app.use'?"),
    "no symbol": (("graph", "consumers", "a b"), "not a dotted path"),
    "unknown name": (("which", "Nothing"), "'Nothing'"),
    "unknown side": (("compare", "new.mod:Thing", "new.mod:Thign"), "mean 'new.mod:Thing'?"),
    "one side twice": (("compare", "new.mod:Thing", "old.mod:Thing"), "are the same"),
    "no class": (("hierarchy", "Thign"), "did you mean 'Thing'?"),
    "unknown class": (("hierarchy", "new.mod:Thign"), "did you mean 'new.mod:Thing'?"),
    "empty name": (("which", ""), "''"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_its_remedy(shared: Path, case: str) -> None:
    args, remedy = MISTAKES[case]
    result = run(*args, cwd=shared)
    assert (result.code, result.stdout) == (2, "")
    assert remedy in result.stderr
    assert "error: " in result.stderr


def test_a_mistake_in_the_environment_is_told(shared: Path) -> None:
    result = run("scan", cwd=shared, env={"SSOT_MIGRATE_OUTPUT_FORMAT": "xml"})
    assert result.code == 2
    assert run("scan", cwd=shared, env={"SSOT_MIGRATE_OUTPUT_FORMAT": "json"}).json["version"] == 1


def test_rules_are_selected_by_code_prefix_and_name(shared: Path) -> None:
    def codes(*args: str) -> set[str]:
        text = run("scan", "--no-cache", "--output-format", "json", *args, cwd=shared).stdout
        return set(json.loads(text)["summary"]["by_code"])

    assert codes("--select", "SSOT201") == {"SSOT201"}
    assert codes("--select", "deprecated-import") == {"SSOT201"}
    assert codes("--select", "SSOT203,SSOT201") == {"SSOT201"}
    assert codes("--select", "SSOT203", "--select", "SSOT201") == {"SSOT201"}
    assert codes("--select", "SSOT2", "--ignore", "SSOT210") == {"SSOT201"}
    assert "SSOT201" not in codes("--ignore", "SSOT201")


def test_a_chain_that_leads_nowhere_is_a_finding(shared: Path) -> None:
    assert run("graph", "chain", "app.use", "new.mod", cwd=shared).code == 0
    assert run("graph", "chain", "new.mod", "app.use", cwd=shared).code == 1
    nowhere = run("graph", "chain", "new.mod:Nothing", cwd=shared)
    assert nowhere.code == 1
    assert ":0" not in nowhere.stdout


def test_a_name_without_a_home_is_a_finding(project: Path) -> None:
    plant(project, {"other/__init__.py": "", "other/mod.py": "class Twice: ...\n"})
    assert run("which", "Twice", cwd=project).code == 0
    plant(project, {"third.py": "class Twice: ...\n"})
    result = run("which", "Twice", cwd=project)
    assert result.code == 1
    assert "other.mod:Twice" in result.stdout


@functools.cache
def _rules() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = run("rules", "--output-format", "json").json["rules"]
    return listed


def test_rules_are_listed_in_order() -> None:
    codes = [rule["code"] for rule in _rules()]
    assert codes == sorted(set(codes))
    for output_format in ("text", "markdown"):
        text = run("rules", "--output-format", output_format).stdout
        assert [code for code in re.findall(r"[A-Z]+\d+", text) if code in codes] == codes


def test_every_rule_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Only one of the pages takes a process: there are dozens."""
    for rule in _rules():
        assert run_here(["explain", rule["code"]]) == 0
        page, complaints = capsys.readouterr()
        assert complaints == ""
        assert page.startswith(f"# {rule['name']} ({rule['code']})\n")
        assert page.endswith("\n")
        assert not page.endswith("\n\n")
        controls = {c for c in page if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
        assert controls <= {"\n"}, rule["code"]
        assert page.count("```") % 2 == 0
    assert run("explain", rule["name"]) == (0, page, "")
    explained = run("explain", rule["code"], "--output-format", "json").json
    assert explained == {"version": 1, **rule}


TEXT = {"type": "string"}
NAME = {"type": ["string", "null"]}
COUNT = {"type": "integer", "minimum": 0}
LINE = {"type": "integer", "minimum": 1}
LINE_OR_NONE = {"type": ["integer", "null"], "minimum": 1}
CATEGORY = {"enum": ["production", "test", "script", "backup", "generated"]}
STEP = {"type": "string", "pattern": r"^.+:[1-9]\d*$"}


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def _map(values: object) -> dict[str, object]:
    return {"type": "object", "additionalProperties": values}


SCHEMAS: dict[tuple[str, ...], dict[str, object]] = {
    ("scan",): _object(
        version={"const": 1},
        root={"const": "."},
        summary=_object(
            files=COUNT,
            findings=COUNT,
            by_code=_map(COUNT),
            fixable=_object(safe=COUNT, unsafe=COUNT, manual=COUNT),
            suppressed=COUNT,
            baselined=COUNT,
        ),
        findings=_list(
            _object(
                code={"type": "string", "pattern": r"^[A-Z]+\d{3}$"},
                name={"type": "string", "pattern": r"^[a-z-]+$"},
                severity={"enum": ["error", "warning", "info"]},
                path=TEXT,
                line=LINE,
                column=LINE,
                end_line=LINE_OR_NONE,
                end_column=LINE_OR_NONE,
                message=TEXT,
                concept=NAME,
                symbol=NAME,
                canonical=NAME,
                chain=_list(STEP),
                category=CATEGORY,
                fix={"enum": ["safe", "unsafe", "manual"]},
                fingerprint={"type": "string", "pattern": "^[0-9a-f]{32}$"},
            )
        ),
        errors=_list(_object(path=TEXT, message=TEXT)),
    ),
    ("apply", "--dry-run"): _object(
        version={"const": 1},
        run={"type": "null"},
        dry_run={"const": True},
        summary=_object(changed=COUNT, refused=COUNT, edits=COUNT, left=COUNT),
        files=_list(
            _object(
                path=TEXT,
                outcome={"enum": ["changed", "unchanged", "refused"]},
                why=TEXT,
                edits=_list(_object(code=TEXT, line=LINE, column=LINE, before=TEXT, after=TEXT)),
                left=_list(_object(code=TEXT, line=LINE, column=LINE, why=TEXT)),
            )
        ),
        errors=_list(_object(path=TEXT, message=TEXT)),
    ),
    ("history",): _object(version={"const": 1}, runs=_list(_object(run=TEXT, state=TEXT))),
    ("graph", "consumers", "new.mod:Thing"): _object(
        symbol=TEXT,
        files=_list(
            _object(
                path=TEXT,
                category=CATEGORY,
                lines=_list(LINE),
                chain=_list(STEP),
                kind={"enum": ["import", "string", "document"]},
            )
        ),
        counts=_object(
            importing_files=COUNT, by_category=_map(COUNT), call_sites=COUNT, mentioning_files=COUNT
        ),
    ),
    ("graph", "shims"): _object(
        shims=_list(
            _object(
                module=TEXT,
                kind={"enum": ["static", "assignment", "fallback", "getattr", "deprecation"]},
                targets=_map(TEXT),
                path=TEXT,
            )
        )
    ),
    ("graph", "cycles"): _object(
        cycles=_list(
            _object(
                modules=_list(TEXT),
                example=_list(_object(**{"from": TEXT, "to": TEXT, "path": TEXT, "line": LINE})),
            )
        )
    ),
    ("graph", "chain", "old.mod:Thing"): _object(
        **{"from": TEXT, "to": NAME, "outcome": TEXT},
        steps=_list(_object(symbol=TEXT, how=NAME, path=NAME, line=LINE_OR_NONE)),
    ),
    ("which", "Thing"): _object(
        name=TEXT,
        canonical=NAME,
        statement=NAME,
        concept=NAME,
        others=_list(_object(symbol=TEXT, path=TEXT, line=LINE, verdict=TEXT, canonical=NAME)),
    ),
    ("rules",): _object(rules=_list(_object(code=TEXT, name=TEXT, summary=TEXT, severity=TEXT))),
}


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a cycle, a test, a string and a file that cannot be read."""
    return plant(
        tmp_path_factory.mktemp("varied"),
        {
            **PROJECT,
            "loop/__init__.py": "",
            "loop/a.py": "import loop.b\n",
            "loop/b.py": "import loop.a\n",
            "tests/test_use.py": "from unittest.mock import patch\n\n\n"
            "def test_it():\n    with patch('old.mod.Thing'):\n        import old.mod\n\n"
            "        old.mod.Thing()\n",
            "broken.py": "def f(:\n",
        },
    )


@pytest.mark.parametrize("command", SCHEMAS, ids=" ".join)
def test_json_holds_what_scripts_rely_on(varied: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--output-format", "json", cwd=varied)
    value = result.json
    Draft202012Validator(SCHEMAS[command]).validate(value)
    if command == ("scan",):
        published = run("schema", "scan").json
        Draft202012Validator(published).validate(value)
        assert published["properties"].keys() == value.keys()
    assert json.dumps(value) != json.dumps(type(value)())
    if command == ("scan",):
        findings = value["findings"]
        order = [(f["path"], f["line"], f["column"], f["code"]) for f in findings]
        assert order == sorted(order)
        assert value["summary"]["findings"] == len(findings)
        assert sum(value["summary"]["by_code"].values()) == len(findings)
        assert sum(value["summary"]["fixable"].values()) == len(findings)
        assert {"SSOT201", "SSOT203", "SSOT204", "SSOT903"} <= set(value["summary"]["by_code"])
        assert len({f["fingerprint"] for f in findings}) == len(findings)
    if command == ("apply", "--dry-run"):
        paths = [file["path"] for file in value["files"]]
        assert {"app/use.py", "tests/test_use.py"} <= set(paths)
        assert paths == sorted(paths)
    if command == ("graph", "cycles"):
        assert value["cycles"][0]["modules"] == ["loop.a", "loop.b"]
