"""What is registered is found; what is wrong with it is told with its owner and a remedy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ssot_migrate import catalogue
from ssot_migrate.domain.errors import PlugInError
from ssot_migrate.domain.report import OWN_FORMATS
from ssot_migrate.plugged_in.host import Host
from ssot_migrate.plugged_in.registered import Group, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Install = Callable[..., Path]

OWN = {Group.PACKS: catalogue.pack_names(), Group.FORMATS: OWN_FORMATS}
RULE = '''
from ssot_migrate.plugin import Example, Finding, Option, Reads, Rule, Severity

class {name}(Rule):
    """Something is wrong.

    A reason.
    """

    code = "{code}"
    severity = Severity.ERROR
    reads = Reads.NOTHING

    def check(self, project):
        yield from ()
'''
GOOD = RULE.format(name="Good", code="ACME101")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put modules where Python looks, with metadata as an installer writes it."""
    known = set(sys.modules)

    def put(files: Mapping[str, str], points: str, name: str = "acme") -> Path:
        folder = tmp_path / "site"
        metadata = f"{name}-1.0.dist-info"
        texts = {f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"}
        for path, text in {**files, **texts, f"{metadata}/entry_points.txt": points}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        monkeypatch.syspath_prepend(folder)
        return folder

    yield put
    for name in set(sys.modules) - known:
        if name.startswith(("acme", "other", "ssot_migrate_plugin")):
            del sys.modules[name]


def host(*named: str, trees: tuple[str, ...] = ()) -> Host:
    return Host(named, trees, OWN)


def use_all(of: Host) -> None:
    of.rules(tuple(catalogue.all_rules()))
    assert of.deciders is not None
    for name in of.packs:
        of.pack(name)
    for name in of.formats:
        of.renderer(name)


def test_without_plug_ins_metadata_is_not_even_imported(install: Install) -> None:
    folder = install({}, "[console_scripts]\nssot-migrate = ssot_migrate.__main__:main\n")
    program = (
        f"import sys; sys.path = [{str(folder)!r}, *sys.path]\n"
        "from ssot_migrate.plugged_in.registered import registered\n"
        "assert registered(sys.path) == ()\n"
        "assert 'importlib.metadata' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def test_rules_of_all_modules_of_a_package_are_found(install: Install) -> None:
    install(
        {
            "acme_a/__init__.py": "",
            "acme_a/good.py": GOOD,
            "acme_a/inner/__init__.py": "",
            "acme_a/inner/one_more.py": RULE.format(name="Other", code="ACME102"),
        },
        "[ssot_migrate.rules]\nACME = acme_a\n",
    )
    rules = host().rules(())
    assert [(rule.code, rule.name()) for rule in rules] == [
        ("ACME101", "acme-good"),
        ("ACME102", "acme-one-more"),
    ]
    assert {rule.origin.name for rule in rules if rule.origin} == {"acme 1.0"}


def test_the_first_distribution_of_a_name_counts(install: Install, tmp_path: Path) -> None:
    install({"acme_b.py": GOOD}, "[ssot_migrate.rules]\nACME = acme_b\n")
    stale = tmp_path / "stale" / "Acme-0.9.dist-info"
    stale.mkdir(parents=True)
    (stale / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme\nVersion: 0.9\n")
    (stale / "entry_points.txt").write_text("[ssot_migrate.rules]\nACME = acme_old\n")
    found = registered([*sys.path, str(stale.parent)])
    assert [one.provider for one in found] == ["acme 1.0"]


WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "no module": ({}, "[ssot_migrate.rules]\nACME = acme_none\n", "No module named 'acme_none'"),
    "module that fails": (
        {"acme_c.py": "1 / 0\n"},
        "[ssot_migrate.rules]\nACME = acme_c\n",
        "acme_c cannot be imported: ZeroDivisionError",
    ),
    "module that exits": (
        {"acme_d.py": "raise SystemExit(0)\n"},
        "[ssot_migrate.rules]\nACME = acme_d\n",
        "acme_d cannot be imported: SystemExit",
    ),
    "class instead of a module": (
        {"acme_e.py": GOOD},
        "[ssot_migrate.rules]\nACME = acme_e:Good\n",
        "'acme_e:Good' is no module",
    ),
    "no rule": ({"acme_f.py": ""}, "[ssot_migrate.rules]\nACME = acme_f\n", "has no rule"),
    "prefix of the tool": ({}, "[ssot_migrate.rules]\nSSOT = x\n", "the tool's own 'SSOT'"),
    "start of the tool's prefix": ({}, "[ssot_migrate.rules]\nSS = x\n", "the tool's own 'SSOT'"),
    "prefix in small letters": ({}, "[ssot_migrate.rules]\nacme = x\n", "no prefix of codes"),
    "code of the tool": (
        {"acme_g.py": RULE.format(name="Mine", code="SSOT201")},
        "[ssot_migrate.rules]\nACME = acme_g\n",
        "the code 'SSOT201' must be ACME and three digits",
    ),
    "code without a number": (
        {"acme_h.py": RULE.format(name="Mine", code="ACME")},
        "[ssot_migrate.rules]\nACME = acme_h\n",
        "'ACME' is no code",
    ),
    "one code twice": (
        {
            "acme_i/__init__.py": "",
            "acme_i/one.py": GOOD,
            "acme_i/two.py": GOOD,
        },
        "[ssot_migrate.rules]\nACME = acme_i\n",
        "'ACME101' is taken by acme_i.one:Good",
    ),
    "name of a rule of the tool": (
        {
            "acme_j/__init__.py": "",
            "acme_j/import_.py": "",
            "acme_j/definition.py": GOOD.replace("ACME", "DUPLICATE"),
        },
        "[ssot_migrate.rules]\nDUPLICATE = acme_j\n",
        "'duplicate-definition' is taken by the tool's own",
    ),
    "severity of another type": (
        {"acme_k.py": GOOD.replace("Severity.ERROR", "'error'")},
        "[ssot_migrate.rules]\nACME = acme_k\n",
        "`severity` is no Severity",
    ),
    "no documentation": (
        {
            "acme_l.py": GOOD.replace('"""', "#", 1)
            .replace('    """\n', "", 1)
            .replace("Something is", "#")
            .replace("    A reason.\n", "")
        },
        "[ssot_migrate.rules]\nACME = acme_l\n",
        "has no docstring",
    ),
    "options of another type": (
        {"acme_m.py": GOOD.replace("    code", "    options = {'a': 1}\n    code")},
        "[ssot_migrate.rules]\nACME = acme_m\n",
        "`options` is no mapping",
    ),
    "no codemod": (
        {"acme_n.py": ""},
        "[ssot_migrate.codemods]\nacme = acme_n\n",
        "has no function `decide`",
    ),
    "codemod of another shape": (
        {"acme_o.py": "def decide(a, b): ...\n"},
        "[ssot_migrate.codemods]\nacme = acme_o\n",
        "`decide` of acme_o is no function of 1 positional arguments",
    ),
    "pack of the tool": (
        {},
        "[ssot_migrate.packs]\nagent-runtime = acme\n",
        "'agent-runtime' is the tool's own",
    ),
    "no pack": (
        {"acme_p/__init__.py": ""},
        "[ssot_migrate.packs]\nmoney = acme_p\n",
        "there is no money.toml in the package acme_p",
    ),
    "format of the tool": ({}, "[ssot_migrate.formats]\njson = acme\n", "'json' is the tool's own"),
    "name of a format": ({}, "[ssot_migrate.formats]\nA_B = acme\n", "kebab-case"),
    "no format": (
        {"acme_q.py": ""},
        "[ssot_migrate.formats]\nlines = acme_q\n",
        "has no function `render`",
    ),
    "group that nobody knows": (
        {},
        "[ssot_migrate.rulez]\nACME = acme\n",
        "there is no group 'ssot_migrate.rulez'",
    ),
    "metadata that cannot be read": ({}, "[ssot_migrate.rules]\nACME\n", "entry_points.txt"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_the_distribution(install: Install, case: str) -> None:
    files, points, told = WRONG[case]
    install(files, points)
    with pytest.raises(PlugInError) as failure:
        use_all(host())
    message = str(failure.value)
    assert told in message
    assert message.startswith("plug-in (acme 1.0")
    assert message.count("; ") >= 1, "the remedy is missing"


@pytest.mark.parametrize(
    ("group", "one", "other"),
    [
        (Group.RULES, "ACME", "ACME"),
        (Group.RULES, "ACME", "ACMEX"),
        (Group.PACKS, "money", "money"),
        (Group.FORMATS, "lines", "lines"),
    ],
)
def test_two_distributions_that_claim_one_name_are_both_told(
    install: Install, group: Group, one: str, other: str
) -> None:
    install({}, f"[{group.value}]\n{one} = acme\n")
    install({}, f"[{group.value}]\n{other} = other\n", "other")
    with pytest.raises(PlugInError, match="clashes") as failure:
        use_all(host())
    assert "acme 1.0" in str(failure.value)
    assert "other 1.0" in str(failure.value)


def test_what_a_plug_in_prints_goes_to_stderr(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install({"acme_r.py": f"print('hello')\n{GOOD}"}, "[ssot_migrate.rules]\nACME = acme_r\n")
    assert len(host().rules(())) == 1
    assert capsys.readouterr() == ("", "hello\n")


def test_what_lies_in_the_scanned_tree_is_not_imported(install: Install, tmp_path: Path) -> None:
    """As an editable install of the scanned project would have it."""
    install({}, "[ssot_migrate.rules]\nACME = acme_inside.rules\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "acme_inside").mkdir()
    (tree / "acme_inside" / "__init__.py").write_text("raise AssertionError\n")
    sys.path.append(str(tree))  # the fixture of pytest that `install` uses restores it
    found = host(trees=(str(tree),))
    assert found.rules(()) == ()
    (note,) = found.notes
    assert "acme 1.0 lies in the scanned tree" in note
    assert f"--plugin {tree / 'acme_inside'}" in note
    assert "acme_inside" not in sys.modules


def test_a_file_is_loaded_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "acme_named.py"
    file.write_text(f"{GOOD}\ndef decide(project):\n    yield from ()\n")
    found = host(str(file))
    (rule,) = found.rules(())
    assert rule.name() == "acme-acme-named"
    assert len(found.deciders) == 1
    assert found.formats == ()


def test_a_rules_identity_follows_its_source(tmp_path: Path) -> None:
    """Whoever edits a rule, without a new version, is not shown what the old one found."""
    identities = set()
    for number, reason in enumerate(("A reason.", "A season.")):
        file = tmp_path / str(number) / "acme_same.py"
        file.parent.mkdir()
        file.write_text(GOOD.replace("A reason.", reason))
        identities.add(host(str(file)).rules(())[0].identity())
    assert len(identities) == 2


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("nowhere/rules.py", "there is no such file"),
        ("nowhere/", "there is no package in this folder"),
        ("acme_nothing", "No module named 'acme_nothing'"),
        ("json", "json has no rule, no `decide` and no `render`"),
    ],
)
def test_what_is_wrong_with_a_named_plug_in_is_told(named: str, told: str) -> None:
    with pytest.raises(PlugInError, match=told) as failure:
        use_all(host(named))
    assert f"--plugin {named}" in str(failure.value)


@pytest.mark.parametrize("layout", ["src", "."])
def test_an_editable_install_of_the_scanned_tree_is_told_and_can_be_named(
    install: Install, tmp_path: Path, layout: str
) -> None:
    """Its folder is not on the path any more: the command has left the tree."""
    site = install({}, "[ssot_migrate.rules]\nACME = acme_own.rules\n")
    tree = tmp_path / "own tree"
    package = tree / layout / "acme_own" / "rules"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("from acme_own import shared\n")
    (package.parent / "shared.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "good.py").write_text(f"import acme_own.shared\n{GOOD}")
    noted = {"url": tree.as_uri(), "dir_info": {"editable": True}}
    (site / "acme-1.0.dist-info" / "direct_url.json").write_text(json.dumps(noted))
    found = host(trees=(str(tree),))
    assert found.rules(()) == ()
    (note,) = found.notes
    place = re.findall(r"`--plugin (.*)`", note)[0]
    assert place == str(package.parent.resolve())
    before = list(sys.path)
    assert [rule.code for rule in host(place, trees=(str(tree),)).rules(())] == ["ACME101"]
    assert sys.path == before
