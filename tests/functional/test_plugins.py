"""Plug-ins as their users have them: really installed, run through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .process import COMMAND, MODULE, PROJECT, clean_environment, run
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from .process import Result

EXAMPLE = PROJECT / "tests" / "data" / "plugin_example"
PRICES = "from decimal import Decimal\n\nnet = Decimal(0.1)\ngross = Decimal(1.50)  # with tax\n"
TREE = {
    "ssot.toml": 'extend = ["acme-money"]\n',
    "shop/__init__.py": "",
    "shop/prices.py": PRICES,
    "shop/orders.py": "from acme.money import Money\n\nprice = Money('1')\n",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example."""
    folder = tmp_path_factory.mktemp("installed")
    # In a copy, as a build backend may leave files behind.
    source = shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns(".*"))
    target = folder / "site"
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", target)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *options, source], check=True, env=clean_environment())
    return target


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return plant(tmp_path / "shop", TREE)


def with_plugin(installed: Path, *args: str | Path, cwd: Path) -> Result:
    return run(*args, cwd=cwd, site=installed)


def test_its_rules_are_listed_and_explained_with_its_name(installed: Path, shop: Path) -> None:
    listed = with_plugin(installed, "rules", cwd=shop).stdout
    (line,) = (line for line in listed.splitlines() if line.startswith("ACME101 "))
    assert "acme-float-amount" in line
    assert line.endswith("(plug-in acme-ssot 1.2.0)")
    page = with_plugin(installed, "explain", "acme-float-amount", cwd=shop).stdout
    assert page.startswith("# acme-float-amount (ACME101)\n")
    assert "\nFrom the plug-in acme-ssot 1.2.0.\n" in page


def test_rule_pack_and_format_work_together(installed: Path, shop: Path) -> None:
    """The pack supplies a concept and the rule's severity; the format reports both findings."""
    file = shop / "found.jsonl"
    result = with_plugin(
        installed,
        *("scan", "--output-format", "json", "--output", f"acme-jsonl={file}"),
        cwd=shop,
    )
    found = [(one["code"], one["path"], one["severity"]) for one in result.json["findings"]]
    assert ("ACME101", "shop/prices.py", "error") in found
    assert ("SSOT201", "shop/orders.py", "error") in found
    written = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(one["code"], one["path"]) for one in written] == [one[:2] for one in found]
    assert with_plugin(
        installed, "scan", "--output-format", "acme-jsonl", "--select", "ACME", cwd=shop
    ).stdout == "".join(
        f'{{"path": "shop/prices.py", "line": {line}, "code": "ACME101"}}\n' for line in (3, 4)
    )


def test_its_codes_are_like_those_of_the_tool(installed: Path, shop: Path) -> None:
    """Selected, configured, suppressed and put into a baseline."""

    def lines(*args: str) -> list[int]:
        report = with_plugin(
            installed, "scan", "--no-cache", "--output-format", "json", *args, cwd=shop
        ).json
        return [one["line"] for one in report["findings"] if one["code"] == "ACME101"]

    options = '\n[rules.ACME101]\noptions = { allowed = ["1.50"] }\n'
    suppressed = "vat = Decimal(0.2)  # ssot: ignore[acme-float-amount] a rate\n"
    plant(shop, {"ssot.toml": TREE["ssot.toml"] + options, "shop/prices.py": PRICES + suppressed})
    assert lines("--select", "acme-float-amount") == [3]
    assert lines("--ignore", "ACME") == []
    assert with_plugin(installed, "baseline", "create", "--reason", "old", cwd=shop).code == 0
    assert lines() == []


def test_its_codemod_is_carried_out_proven_and_rolled_back(installed: Path, shop: Path) -> None:
    shown = with_plugin(installed, "apply", "--dry-run", "--select", "ACME", cwd=shop)
    assert '+net = Decimal("0.1")' in shown.stdout
    assert "ACME101" in shown.stdout
    assert with_plugin(installed, "apply", "--select", "ACME", cwd=shop).code == 0
    prices = shop / "shop" / "prices.py"
    assert prices.read_text() == PRICES.replace("0.1", '"0.1"').replace("1.50", '"1.50"')
    assert with_plugin(installed, "scan", "--select", "ACME", cwd=shop).code == 0
    assert with_plugin(installed, "rollback", cwd=shop).code == 0
    assert prices.read_text() == PRICES


SPAWNING = """
import ssot_migrate.__main__, ssot_migrate.index.parallel as parallel
class Elsewhere:
    platform = "darwin"
parallel.sys = Elsewhere
if __name__ == "__main__":
    ssot_migrate.__main__.main()
"""


def test_worker_processes_change_nothing(installed: Path, shop: Path, tmp_path: Path) -> None:
    """Forked or spawned: what is found and what is rewritten are the same."""
    plant(shop, {f"many/m{number}.py": PRICES for number in range(70)})
    wrapper = plant(tmp_path / "trusted", {"spawning.py": SPAWNING}) / "spawning.py"
    plans = [
        run(
            *("apply", "--dry-run", "--no-cache", "-j2", "--select", "ACME"),
            *("--output-format", "json"),
            cwd=shop,
            env={"PYTHONPATH": str(installed)},
            program=program,
        ).json
        for program in (COMMAND, (sys.executable, str(wrapper)))
    ]
    assert plans[0] == plans[1]
    assert plans[0]["summary"]["by_code"] == {"ACME101": 142}


def test_what_an_older_version_found_is_not_believed(
    installed: Path, shop: Path, tmp_path: Path
) -> None:
    """Same distribution, same version, same size: as somebody has it who edits a rule."""
    site = shutil.copytree(installed, tmp_path / "site")
    before = [run("scan", cwd=shop, site=site, program=COMMAND).stdout for _ in range(2)]
    rule = site / "acme_ssot" / "rules" / "float_amount.py"
    rule.write_text(rule.read_text().replace("not the number", "NOT the number"))
    after = run("scan", cwd=shop, site=site, program=COMMAND).stdout
    assert before[0] == before[1]
    assert before[0].replace("not the number", "NOT the number") == after


def test_an_unknown_format_or_pack_is_told_with_those_of_plug_ins(
    installed: Path, shop: Path
) -> None:
    unknown = with_plugin(installed, "scan", "--output-format", "acme-json", cwd=shop)
    assert unknown.code == 2
    assert "'acme-jsonl'" in unknown.stderr
    plant(shop, {"ssot.toml": 'extend = ["acme-mony"]\n'})
    unknown = with_plugin(installed, "scan", cwd=shop)
    assert unknown.code == 2
    assert "did you mean 'acme-money'?" in unknown.stderr


def broken(folder: Path, source: str) -> Path:
    return plant(
        folder,
        {
            "acme_broken.py": source,
            "acme_broken-1.0.dist-info/METADATA": "Name: acme-broken\nVersion: 1.0\n",
            "acme_broken-1.0.dist-info/entry_points.txt": "".join(
                f"[ssot_migrate.{group}]\n{name} = acme_broken\n"
                for group, name in (("rules", "ACME"), ("formats", "bad"))
            ),
        },
    )


RULE = '''
from ssot_migrate.plugin import Reads, Rule, Severity

class Bad(Rule):
    """Fails."""
    code = "ACME101"
    severity = Severity.ERROR
    reads = Reads.NOTHING
    def check(self, project):
        {check}

def render(report, style):
    return report.nothing
'''


@pytest.mark.parametrize(
    ("source", "args", "told"),
    [
        ("import acme_missing\n", (), "No module named 'acme_missing'"),
        (RULE.format(check="yield 1 / 0"), (), "rule ACME101): it fails: ZeroDivisionError"),
        (RULE.format(check="yield from ()"), ("--output-format", "bad"), "format bad): it fails"),
    ],
    ids=["import", "check", "render"],
)
def test_a_broken_plug_in_is_an_error_of_its_own(
    shop: Path, tmp_path: Path, source: str, args: tuple[str, ...], told: str
) -> None:
    """`run` itself refuses tracebacks and internal errors."""
    plant(shop, {"ssot.toml": ""})
    site = broken(tmp_path / "site", source)
    result = run("scan", "--no-cache", *args, cwd=shop, site=site, program=COMMAND)
    assert (result.code, result.stdout) == (2, "")
    assert "acme-broken 1.0" in result.stderr
    assert told in result.stderr


TRAP = "raise SystemExit('the tree was run')\n"


@pytest.mark.parametrize(
    ("program", "place"),
    [(MODULE, "inside"), (COMMAND, "outside")],
    ids=["-m inside", "command outside"],
)
def test_a_scanned_tree_cannot_register_itself(
    shop: Path, tmp_path: Path, program: tuple[str, ...], place: str
) -> None:
    """Its metadata is there for Python to find, even where PYTHONPATH names the tree."""
    plant(shop, {"ssot.toml": ""})
    broken(shop, TRAP)
    broken(shop / "src", TRAP)
    elsewhere = plant(tmp_path / "elsewhere", {"a.py": ""})
    cwd, args = (shop, ()) if place == "inside" else (elsewhere, ("--root", str(shop)))
    env = {"PYTHONPATH": f"{shop}:{shop / 'src'}"}
    result = run("scan", "--no-cache", *args, cwd=cwd, env=env, program=program)
    assert result.code == 0, result
    assert ("lies in the scanned tree" in result.stdout) is (place == "outside")


def test_an_installation_that_leads_into_the_tree_is_not_followed(
    installed: Path, shop: Path, tmp_path: Path
) -> None:
    """Metadata outside and code inside, as an editable install of the scanned project has it."""
    plant(shop, {"ssot.toml": ""})
    broken(shop, TRAP)
    site = broken(tmp_path / "site", TRAP)
    (site / "acme_broken.py").unlink()
    inside = shop / "acme_broken.py"
    finder = (
        "import sys, importlib.util\n"
        "class Editable:\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name == 'acme_broken':\n"
        f"            return importlib.util.spec_from_file_location(name, {str(inside)!r})\n"
        "sys.meta_path.append(Editable)\n"
    )
    plant(site, {"sitecustomize.py": finder})
    result = run("scan", "--no-cache", cwd=shop, env={"PYTHONPATH": str(site)})
    assert result.code == 0, result
    assert "acme-broken 1.0 lies in the scanned tree, so it is not loaded" in result.stdout


def test_a_file_of_the_tree_is_run_if_the_command_line_names_it(shop: Path) -> None:
    rule = EXAMPLE / "src" / "acme_ssot" / "amounts.py"
    source = RULE.format(check="yield from ()").replace("Fails", "Finds nothing")
    plant(
        shop, {"ssot.toml": "", "tools/own_rule.py": source, "tools/amounts.py": rule.read_text()}
    )
    assert "ACME101" not in run("rules", cwd=shop).stdout
    named = ("--plugin", "tools/own_rule.py")
    assert "acme-own-rule" in run("rules", *named, cwd=shop).stdout
    assert run("scan", "--no-cache", "--select", "ACME", *named, cwd=shop).code == 0
    wrong = run("scan", "--no-cache", "--plugin", "tools/amounts.py", cwd=shop)
    assert wrong.code == 2
    assert "has no rule, no `decide` and no `render`" in wrong.stderr


def test_a_new_rule_passes_its_tests_at_once(tmp_path: Path) -> None:
    made = run("rules", "new", "shared-client", "--prefix", "ACME", cwd=tmp_path)
    assert made.stdout.startswith("ACME101 is written:\n")
    folder = tmp_path / "acme-ssot"
    assert run("rules", "new", "other-thing", cwd=folder).stdout.startswith("ACME102 is written:\n")
    tools = (
        "ruff check --no-cache",
        "ruff format --check --no-cache",
        "pytest -p no:cacheprovider",
    )
    for tool in tools:
        command = [sys.executable, "-m", *tool.split()]
        done = subprocess.run(
            command,
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
    before = {file: file.read_bytes() for file in folder.rglob("*.py")}
    again = run("rules", "new", "other-thing", cwd=folder)
    assert again.code == 2
    assert "is there already, and is not written over" in again.stderr
    assert {file: file.read_bytes() for file in before} == before


def test_what_a_plug_in_does_at_the_end_is_done(shop: Path) -> None:
    source = RULE.format(check="yield from ()").replace("Fails", "Finds nothing")
    at_end = "\nimport atexit\nimport sys\n\natexit.register(sys.stderr.write, 'measured')\n"
    plant(shop, {"ssot.toml": "", "tools/own_rule.py": source + at_end})
    result = run("scan", "--no-cache", "--plugin", "tools/own_rule.py", cwd=shop)
    assert (result.code, result.stderr) == (0, "measured")
