"""What CI systems run: the steps of the GitHub Action, the job of the GitLab template."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import pytest
import yaml

from .process import COMMAND, LIBRARIES, PROJECT, clean_environment, ours_only
from .trees import plant

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTION: Any = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
GITLAB: Any = yaml.safe_load((PROJECT / "docs" / "ci" / "gitlab.yml").read_text("utf-8"))
HOW_GITHUB_RUNS_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
CLEAN = {"app/use.py": "from new.mod import Thing\n\nThing()\n"}


class Done(NamedTuple):
    """What a step left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def _step(name: str) -> dict[str, Any]:
    (step,) = (step for step in STEPS if step["name"] == name)
    return step


def _value(text: str, context: dict[str, str]) -> str:
    """A text with its expressions evaluated; one that asks for something unknown is an error."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: context[match[1]], text)


def _run(
    name: str,
    cwd: Path,
    given: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Run a step's script as the runner does, with some more variables in its environment."""
    runner = cwd.parent / "runner"
    runner.mkdir(exist_ok=True)
    inputs = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}
    known = {f"inputs.{name}": value for name, value in {**inputs, **(given or {})}.items()}
    known |= {"runner.temp": str(runner), "github.action_path": str(PROJECT), **(context or {})}
    output, summary = runner / "output", runner / "summary"
    for file in (output, summary):
        file.write_text("")
    step = _step(name)
    environment = {key: _value(value, known) for key, value in step["env"].items()}
    done = subprocess.run(
        [*HOW_GITHUB_RUNS_BASH, step["run"]],
        cwd=cwd,
        env=clean_environment(
            **environment,
            GITHUB_OUTPUT=str(output),
            GITHUB_STEP_SUMMARY=str(summary),
            **(variables or {}),
        ),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
    log = done.stdout + done.stderr
    return Done(done.returncode, log, outputs, summary.read_text("utf-8"))


@pytest.fixture
def installed(project: Path) -> Path:
    """The project, where the action has installed the command under test."""
    folder = project.parent / "runner" / "ssot-migrate" / "venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "ssot-migrate").symlink_to(COMMAND[0])
    return project


def test_the_action_is_one_that_github_takes() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all(ACTION[key] for key in ("name", "description", "inputs", "outputs"))
    assert all(one["description"] and "default" in one for one in ACTION["inputs"].values())
    for step in STEPS:
        assert ("uses" in step) != ("run" in step)
        assert step.get("shell") == ("bash" if "run" in step else None)
        assert re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", step.get("uses", "a/b@v1"))


def test_every_expression_asks_for_something_that_is_there() -> None:
    steps = {step["id"] for step in STEPS if "id" in step}
    text = (PROJECT / "action.yml").read_text("utf-8")
    for name in re.findall(r"\binputs\.([\w-]+)", text):
        assert name in ACTION["inputs"]
    for name, output in re.findall(r"\bsteps\.([\w-]+)\.outputs\.([\w-]+)", text):
        assert name in steps
        assert output in {"python-path", "exit-code", "sarif"}


def test_no_script_holds_an_expression() -> None:
    """What a caller or a branch name says would be run."""
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]


def test_findings_are_annotated_summed_up_and_kept_for_the_upload(installed: Path) -> None:
    done = _run("Scan", installed)
    assert (done.code, done.outputs["exit-code"]) == (0, "1")
    assert "::error file=app/use.py,line=1," in done.log
    assert done.summary.startswith("## ssot-migrate: 1 finding in ")
    sarif = json.loads(Path(done.outputs["sarif"]).read_text("utf-8"))
    assert len(sarif["runs"][0]["results"]) == 1
    assert not (installed / ".ssot_migrate_cache").exists()
    assert (installed.parent / "runner" / "ssot-migrate" / "cache").is_dir()


def test_the_action_decides_in_the_end(installed: Path) -> None:
    for code in ("0", "1", "2"):
        done = _run("Decide", installed, context={"steps.scan.outputs.exit-code": code})
        assert done.code == int(code)
    assert STEPS[-1]["name"] == "Decide"


def test_a_clean_project_passes(installed: Path) -> None:
    done = _run("Scan", plant(installed, CLEAN))
    assert done.outputs["exit-code"] == "0"
    assert done.summary.startswith("## ssot-migrate: no findings in ")
    assert json.loads(Path(done.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"] == []


def test_what_is_suppressed_is_not_uploaded(installed: Path) -> None:
    """GitHub would open an alert for it."""
    comment = "from old.mod import Thing  # ssot: ignore[SSOT201] later\n\nThing()\n"
    done = _run("Scan", plant(installed, {"app/use.py": comment}))
    assert json.loads(Path(done.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"] == []


def test_a_wrong_registry_fails_without_an_upload(installed: Path) -> None:
    _run("Scan", installed)  # what an earlier run left is not taken for this one's
    done = _run("Scan", plant(installed, {"ssot.toml": "concept = 1\n"}))
    assert done.outputs == {"exit-code": "2"}
    assert "ssot.toml:1" in done.log
    assert done.summary == ""


def test_inputs_reach_the_command_and_nothing_else(installed: Path) -> None:
    plant(installed, {"a b/it's $(touch owned).py": b"from old.mod import Thing\n"})
    paths = "a b/it's $(touch owned).py\n\n-rf\n"
    plant(installed, {"-rf": ""})
    done = _run("Scan", installed, {"paths": paths, "args": "--select SSOT2  --ignore *"})
    assert "matches no rule" in done.log or "'*'" in done.log
    done = _run("Scan", installed, {"paths": paths, "cache": "false", "args": "--select SSOT201"})
    assert "file=a b/it's $(touch owned).py,line=1," in done.log
    assert "file=app/use.py" not in done.log
    assert not list(installed.rglob("owned"))


def test_the_action_installs_itself(project: Path) -> None:
    """Into an environment that virtualenv makes; `venv` takes ten times as long for the same."""
    python = project.parent / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -m virtualenv --quiet "$3"\n')
    python.chmod(0o755)
    context = {"steps.python.outputs.python-path": str(python)}
    variables = ours_only(project.parent / "build_tools")
    done = _run("Install ssot-migrate", project, context=context, variables=variables)
    if "No matching distribution" in done.log:
        pytest.skip("pip reaches no package index")
    assert done.code == 0, done.log
    done = _run("Scan", project, variables={"PYTHONPATH": LIBRARIES})
    assert done.outputs["exit-code"] == "1"


@pytest.mark.parametrize(("files", "code"), [({}, 1), (CLEAN, 0)], ids=["findings", "clean"])
def test_the_gitlab_job_writes_the_reports_that_it_names(
    project: Path, files: Mapping[str, str], code: int
) -> None:
    job = GITLAB["ssot-migrate"]
    done = subprocess.run(
        [*HOW_GITHUB_RUNS_BASH, "\n".join(job["script"])],
        cwd=plant(project, files),
        env={
            **clean_environment(CI="true", **job["variables"]),
            "PATH": f"{Path(COMMAND[0]).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    reports = job["artifacts"]["reports"]
    assert job["artifacts"]["when"] == "always"
    assert len(json.loads((project / reports["codequality"]).read_text("utf-8"))) == code
    root = ElementTree.fromstring((project / reports["junit"]).read_bytes())
    assert root.get("failures") == str(code)
    assert (project / job["cache"]["paths"][0]).is_dir()


def test_the_gitlab_job_installs_nothing_by_a_name_that_anybody_could_publish(
    project: Path,
) -> None:
    job = GITLAB["ssot-migrate"]
    assert not job["variables"]["SSOT_MIGRATE_SOURCE"]
    done = subprocess.run(
        [*HOW_GITHUB_RUNS_BASH, "\n".join(job["before_script"])],
        cwd=project,
        env=clean_environment(SSOT_MIGRATE_SOURCE=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "SSOT_MIGRATE_SOURCE: says what pip installs; set it" in done.stderr
