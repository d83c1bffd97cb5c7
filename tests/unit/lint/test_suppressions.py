"""Which findings comments suppress, and what is said of comments that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.domain.report import Silencer
from ssot_migrate.usecases.gate.scan import Gate, scan
from ssot_migrate.usecases.project import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ssot_migrate.domain.report import ScanReport

    Look = Callable[..., ScanReport]

MOVE = '[[moves]]\nfrom = "app.old:connect"\nto = "app.new:connect"\n'
TREE = {
    "app/__init__.py": "",
    "app/old.py": "def connect(): ...\n",
    "app/new.py": "def connect(): ...\n",
}
NO_SHIM = "\n\ndef run(): ...\n"
SUPPRESSED = "from app.old import connect  # ssot: ignore[SSOT201] the vendor pins it\n"


@pytest.fixture
def look(write_tree: Callable[..., Path]) -> Look:
    """Scan a tree with a file of its own beside the old and the new module."""

    def run(
        source: str,
        policy: str = "",
        *,
        gate: Gate | None = None,
    ) -> ScanReport:
        root = write_tree({**TREE, "app/use.py": source + NO_SHIM}, policy + MOVE)
        return scan(Request(root=str(root), use_cache=False, jobs=1), gate or Gate())

    return run


def told(report: ScanReport) -> list[str]:
    """The findings as `CODE line`."""
    return [f"{one.code} {one.line}" for one in report.findings]


def test_a_suppressed_finding_is_counted_and_kept_with_its_reason(look: Look) -> None:
    report = look(SUPPRESSED)
    assert (report.findings, report.suppressed) == ((), 1)
    (one,) = report.silenced
    assert (one.by, one.reason, one.finding.line) == (Silencer.COMMENT, "the vendor pins it", 1)


@pytest.mark.parametrize(
    "source",
    [
        "from app.old import connect  # ssot: ignore[deprecated-import] why\n",
        "from app.old import connect  # ssot: ignore[ssot201] why\n",
        "from app.old import connect  # ssot: ignore[SSOT201] why until=2999-12-31\n",
        "from app.old import (  # ssot: ignore[SSOT201] why\n    connect,\n)\n",
        "from app.old import (\n    connect,\n)  # ssot: ignore[SSOT201] why\n",
        "# ssot: ignore-next-line[SSOT201] why\nfrom app.old import connect\n",
        "from app.old import connect  # SSOT: ignore[SSOT201] why\n",
        "x = 1\nfrom app.old import connect\n# ssot: ignore-file[SSOT201] why\n",
    ],
)
def test_ways_to_suppress_one(look: Look, source: str) -> None:
    report = look(source)
    assert (told(report), report.suppressed) == ([], 1)


@pytest.mark.parametrize(
    "source",
    [
        "from app.old import connect\nx = 1  # ssot: ignore[SSOT201] why\n",
        "# ssot: ignore[SSOT201] why\nfrom app.old import connect\n",
        "from app.old import connect  # ssot: ignore[SSOT202] why\n",
        "from app.old import (\n    connect,  # ssot: ignore[SSOT201] why\n)\n",
    ],
)
def test_one_in_the_wrong_place_suppresses_nothing_and_is_told(look: Look, source: str) -> None:
    report = look(source)
    assert {one.code for one in report.findings} == {"SSOT201", "SSOT901"}
    assert report.suppressed == 0


@pytest.mark.parametrize(
    ("comment", "policy", "message"),
    [
        ("ignore", "", "names no rule"),
        ("ignore[]", "", "names no rule"),
        ("ignore[SSOT201]", "", "gives no reason"),
        ("ignore[SSOT201] .", "", "gives no reason"),
        ("ignore[SSOT201] why until=2999-12-31 until=2999-12-31", "", "is no date"),
        ("ignore[SSOT291] why", "", "no rule is called `SSOT291`; did you mean SSOT"),
        ("ignroe[SSOT201] why", "", "did you mean `ignore`?"),
        ("ignore[SSOT201] why until=2020-01-31", "", "ended on 2020-01-31"),
        ("ignore[SSOT201] why until=31.1.2999", "", "is no date"),
        ("ignore[SSOT201] why until=2999-02-31", "", "is no date"),
        ("ignore[SSOT902] why", "", "cannot be suppressed"),
        ("ignore[SSOT201] why", "require-owner = true", "owner=NAME"),
        ("ignore[SSOT201] why", 'protected = ["SSOT2"]', "protected by the registry"),
        ("ignore[SSOT201] why", 'protected = ["deprecated-import"]', "protected"),
    ],
)
def test_an_invalid_one_suppresses_nothing_and_is_told_with_the_remedy(
    look: Look, comment: str, policy: str, message: str
) -> None:
    source = f"from app.old import connect  # ssot: {comment}\n"
    report = look(source, f"[suppressions]\n{policy}\n\n" if policy else "")
    assert told(report) == ["SSOT201 1", "SSOT902 1"]
    assert message in report.findings[1].message


def test_what_is_wrong_with_one_rule_leaves_the_others_suppressed(look: Look) -> None:
    report = look("from app.old import connect  # ssot: ignore[SSOT201, SSOT299] why\n")
    assert told(report) == ["SSOT902 1"]


def test_no_reason_is_needed_where_none_is_asked_for(look: Look) -> None:
    policy = "[suppressions]\nrequire-reason = false\n\n"
    assert told(look("from app.old import connect  # ssot: ignore[SSOT201]\n", policy)) == []


def test_the_narrowest_of_several_counts_as_used(look: Look) -> None:
    report = look(f"# ssot: ignore-file[SSOT201] all of it\n{SUPPRESSED}")
    assert told(report) == ["SSOT901 1"]


def test_it_is_used_whether_or_not_its_rule_is_selected(look: Look) -> None:
    """A narrower gate must not send anybody to remove what the whole gate needs."""
    for gate in (Gate(select=("SSOT901",)), Gate(ignore=("SSOT201",)), Gate(select=("SSOT9",))):
        assert told(look(SUPPRESSED, gate=gate)) == []


def test_one_of_a_file_that_a_rule_does_not_look_at_is_unused(look: Look) -> None:
    policy = '[rules.SSOT201]\nexclude = ["app/use.py"]\n\n'
    assert told(look(SUPPRESSED, policy)) == ["SSOT901 1"]


def test_a_file_that_cannot_be_parsed_suppresses_nothing(look: Look) -> None:
    report = look("# ssot: ignore-file[SSOT903] a template\nx = {{ y }\n")
    assert told(report) == ["SSOT903 2"]


def test_names_of_protected_rules_are_checked(look: Look) -> None:
    with pytest.raises(ConfigError, match=r"ssot\.toml:2: suppressions\.protected\[0\]"):
        look("x = 1\n", '[suppressions]\nprotected = ["SSOT777"]\n\n')


def test_what_moves_findings_moves_no_suppression(look: Look) -> None:
    """Fingerprints do not depend on which other findings are suppressed."""
    one = "from app.old import connect\n"
    (bare,) = (f for f in look(one + one).findings if f.line == 2)
    (beside,) = look(SUPPRESSED + one).findings
    assert bare.fingerprint == beside.fingerprint
