"""A rule is written where it belongs, or nothing is, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.usecases.plugins.scaffold import new_rule

if TYPE_CHECKING:
    from pathlib import Path

TABLE = '[project.entry-points."ssot_migrate.rules"]\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_a_rule_alone_becomes_a_project(here: Path) -> None:
    made = new_rule("shared-client", "ACME", None)
    assert (str(made.folder), made.code, made.is_new) == ("acme-ssot", "ACME101", True)
    assert files_in(here / "acme-ssot") == set(made.files)
    assert "src/acme_ssot/rules/shared_client.py" in made.files


@pytest.mark.parametrize("layout", ["src/lint", "lint"])
def test_a_rule_joins_a_project_under_the_next_number(here: Path, layout: str) -> None:
    package = here / layout
    package.mkdir(parents=True)
    (package / "old.py").write_text('code = "ACME107"\nother = "ACMEX900"\n')
    (here / "pyproject.toml").write_text(f'{TABLE}ACME = "lint"\n')
    made = new_rule("shared-client", None, None)
    assert (made.code, made.files, made.is_new) == (
        "ACME108",
        (f"{layout}/shared_client.py",),
        False,
    )
    assert 'code = "ACME108"' in (package / "shared_client.py").read_text()


@pytest.mark.parametrize("there", ["file", "link to nothing"])
def test_nothing_is_written_if_a_file_is_there(here: Path, there: str) -> None:
    place = here / "acme-ssot" / "tests" / "test_rules.py"
    place.parent.mkdir(parents=True)
    if there == "file":
        place.write_text("mine\n")
    else:
        place.symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"test_rules\.py is there already"):
        new_rule("shared-client", "ACME", None)
    assert files_in(here) == {"acme-ssot/tests/test_rules.py"}


@pytest.mark.parametrize(
    "name", ["Shared", "shared client", "../up", "shared--client", "class", ""]
)
def test_a_name_must_be_one_of_a_module(here: Path, name: str) -> None:
    with pytest.raises(UsageError, match="write it as 'shared-client'"):
        new_rule(name, "ACME", None)
    assert not files_in(here)


WRONG = {
    "no prefix": ("", None, None, "add --prefix ACME"),
    "the tool's prefix": ("", "SSOT", None, "clashes with the tool's own"),
    "no plug-in": ("[project]\n", "ACME", ".", "has no [project.entry-points"),
    "broken manifest": ("[project\n", "ACME", ".", "pyproject.toml"),
    "two prefixes": (f'{TABLE}A = "a"\nB = "b"\n', None, None, "add --prefix A"),
    "another prefix": (f'{TABLE}ACME = "lint"\n', "OTHER", None, "it has: ACME"),
    "no package": (f'{TABLE}ACME = "lint"\n', None, None, "lint is no package"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_told(here: Path, case: str) -> None:
    manifest, prefix, into, told = WRONG[case]
    if manifest:
        (here / "pyproject.toml").write_text(manifest)
    before = files_in(here)
    with pytest.raises(UsageError) as failure:
        new_rule("shared-client", prefix, into)
    assert told in str(failure.value)
    assert files_in(here) == before


def test_numbers_come_to_an_end(here: Path) -> None:
    (here / "lint").mkdir()
    (here / "lint" / "last.py").write_text('code = "ACME999"\n')
    (here / "pyproject.toml").write_text(f'{TABLE}ACME = "lint"\n')
    with pytest.raises(UsageError, match="no code of ACME is left"):
        new_rule("shared-client", None, None)
