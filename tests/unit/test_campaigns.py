"""Short forms of the campaigns, and whether their oracle and their checks can fail."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.campaigns import corpus, fuzz, oracle
from tests.campaigns.fuzz import Planted, Tally
from tests.campaigns.invariants import leftovers, problems
from tests.campaigns.oracle import OTHER, Move, Rules, read
from tests.campaigns.shrinking import shrunk

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
RULES = Rules((Move("old.mod", "Thing", "new.mod", "Widget"),))


def quiet(_what: str) -> None:
    pass


# The oracle


def meanings(source: str, module: str = "app.user", *, is_package: bool = False) -> list[str]:
    """What the names of a module mean, those left out that no import binds."""
    uses = read(source.encode(), module, is_package=is_package).uses
    return ["|".join(sorted(use.meanings)) for use in uses if use.is_imported]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b\na.b.c", ["a.b.c"]),
        ("import a.b as x\nx.c", ["a.b.c"]),
        ("from a import b\nb.c", ["a.b.c"]),
        ("from .a import b\nb", ["app.a.b"]),
        ("from ..a import b\nb", ["?.a.b"]),
        ("from a import b\ndef f(b): return b\nb", ["a.b"]),
        ("from a import b\nclass C:\n    b = 1\n    def f(self): return b", ["a.b"]),
        ("from a import b\n[b for b in b]", ["a.b"]),
        ("from a import b\nf = lambda b=b: b", ["a.b"]),
        ("def f():\n    from a import b\n    def g(): return b\nb", ["a.b"]),
        ("from a import b\nif x: b = 1\nb", [f"{OTHER}|a.b"]),
        ("b = 1\nfrom a import b\nb", ["a.b"]),
        ("from a import b\nb\nb = 1", ["a.b"]),
        ("from a import b\nb = 1\ndef f(): return b", [f"{OTHER}|a.b"]),
        ("try: from a import b\nexcept E: from c import b\nb", ["a.b|c.b"]),
        ("from a import b\nx: 'list[b]' = b", ["a.b", "a.b"]),
        ("from a import b\nfrom typing import Literal\nx: Literal['b']", ["typing.Literal"]),
        ("from a import b\nf'{b} {{b}}'", ["a.b"]),
        ("from a import b\nself.b, b.self, {'b': 1}", ["a.b.self"]),
        ("from a import __b\nclass C:\n    x = __b", []),
        ("from a import b\nf(b=b)", ["a.b"]),
    ],
)
def test_oracle_knows_what_names_mean(source: str, expected: Sequence[str]) -> None:
    assert meanings(source) == expected


def test_oracle_knows_packages() -> None:
    assert meanings("from . import a\na", "pkg.sub", is_package=True) == ["pkg.sub.a"]
    assert meanings("from . import a\na", "pkg.sub") == ["pkg.a"]


def test_oracle_knows_rules() -> None:
    rules = Rules((Move("a", "", "n", ""), Move("a", "B", "m", "C.d"), Move("m", "C", "m", "E")))
    assert rules.moved("a.x") == "n.x"
    assert rules.moved("a.B.x") == "m.E.d.x"
    assert rules.moved("ab.B") == "ab.B"
    assert 'from = "a:B"\nto = "m:C.d"' in rules.registry


# The checks


BEFORE = "# c\nfrom old.mod import Keep, Thing  # noqa\n\n\ndef f(x):\n    return Thing, Keep, x\n"
AFTER = (
    "# c\nfrom old.mod import Keep  # noqa\nfrom new.mod import Widget  # noqa\n\n\n"
    "def f(x):\n    return Widget, Keep, x\n"
)


def found(after: str, before: str = BEFORE, **options: bool) -> list[str]:
    arguments = (before.encode(), after.encode(), RULES, "app.user")
    is_package = options.get("is_package", False)
    return list(problems(*arguments, is_package=is_package, left=[]))


def test_checks_accept_what_is_right() -> None:
    assert not found(AFTER)


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (AFTER.replace("import Keep", "import Keep,"), "does not compile"),
        (AFTER.replace("# c\n", ""), "a comment is lost"),
        (AFTER.replace("# c\n", "# c\n# c\n"), "a comment is doubled"),
        (AFTER.replace("return Widget", "return Thing"), "meant old.mod.Thing, now builtins.Thing"),
        (AFTER.replace("Widget, Keep", "Keep, Keep"), "meant old.mod.Thing, now old.mod.Keep"),
        (AFTER.replace("f(x)", "f(y)"), "code besides imports and names changed"),
        (AFTER.replace("Keep, x", "Keep"), "code besides imports and names changed"),
        (AFTER.replace("new.mod", "new.model"), "now new.model.Widget"),
        (AFTER.replace("import Widget", "import Widget, X"), "imports new.mod.X, which nobody"),
        (AFTER.replace("\n\n\n", "\n\n"), "an untouched line changed"),
        (AFTER.replace("x\n", "x \n"), "an untouched line changed"),
        (AFTER.replace("\n", "\r\n"), "a line end is of a kind"),
        (AFTER.rstrip(), "the final line end went"),
        ("\ufeff" + AFTER, "the byte order mark came"),
        (BEFORE, "says nothing about what it leaves"),
        (
            "# c\nfrom old.mod import Keep  # noqa\n\n\ndef f(x):\n"
            "    from new.mod import Widget  # noqa\n    return Widget, Keep, x\n",
            "stands in a suite that had no import",
        ),
    ],
)
def test_checks_find_what_is_wrong(after: str, problem: str) -> None:
    assert problem in "\n".join(found(after))


def test_checks_find_imports_that_are_gone() -> None:
    before = "from old.mod import Keep, Thing\n"
    assert (
        "imported old.mod.Keep, which is gone" in found("from new.mod import Widget\n", before)[0]
    )
    package = found("from old.mod import Keep\n", before, is_package=True)
    assert "a package binds Thing no more" in "\n".join(package)
    exported = f'{before}__all__ = ["Thing"]\n'
    renamed = exported.replace("Keep, Thing", "Keep\nfrom new.mod import Widget")
    assert "`Thing` is exported and bound no more" in found(renamed, exported)


def test_checks_find_imports_that_come_too_late() -> None:
    before = "from old.mod import Thing\nx = Thing\nfrom a import b\n"
    after = "x = Widget\nfrom a import b\nfrom new.mod import Widget\n"
    assert "line 1 runs before its import" in found(after, before)


def test_checks_find_modules_that_are_not_loaded() -> None:
    before, after = "import old.mod\nold.mod.Thing\n", "import new\nnew.mod.Widget\n"
    assert "line 2 reads new.mod.Widget, and new.mod is not imported" in found(after, before)


def test_leftovers_are_found() -> None:
    source = b"import old.mod\nold.mod.Thing.x, old.mod.Other\n"
    assert leftovers(source, RULES, "app", is_package=False) == ["old.mod.Thing.x"]


def test_failures_are_shrunk() -> None:
    source = b"".join(b"x%d = 1\n" % number for number in range(50)) + b"bad = 1\n"
    file = Planted("a.py", "a", is_package=False, source=source)
    assert shrunk(file, lambda one: b"bad" in one.source).source == b"bad = 1\n"
    assert shrunk(file, lambda _: False) == file


# The campaigns


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A few real files: those of this repository's own demo, as it is before the migration."""
    tree = tmp_path / "demo"
    left_out = shutil.ignore_patterns("__pycache__", "after", "client.py", "serve.py")
    shutil.copytree(ROOT / "fixtures", tree, ignore=left_out)
    return tree


def test_fuzzing_finds_nothing(sources: Path) -> None:
    tally = fuzz.campaign(corpus.python_files([sources]), 48, 1, 2, quiet)
    assert tally.counts["files"] == 48
    assert tally.counts["changed"] > 10
    assert not [failure.what for failure in tally.failures]
    assert tally.refused_share < 0.2


def test_fuzzing_follows_from_its_seed(sources: Path) -> None:
    files = corpus.python_files([sources])
    batches = [fuzz.a_batch(Random(seed), files, 8) for seed in ("1/0", "1/0", "2/0")]
    assert batches[0] == batches[1] != batches[2]


def test_fuzzing_shows_failures_small() -> None:
    source = b"import a\n" * 3 + b"from old.mod import *\nx = Thing\n"
    file = Planted("f.py", "f", is_package=False, source=source)
    tally = Tally()
    fuzz.judge(RULES, [file], 1, tally)
    tally.failures.append(fuzz.Failure("says nothing about x", RULES, file))
    text = fuzz.rendered(tally, 5, 3)
    assert "seed 5" in text
    assert "1 failures" in text
    assert "== f.py" in text


def test_corpus_stays_as_it_is(sources: Path) -> None:
    (sources / "strange.py").write_bytes(b"try: ...\nexcept X : ...\n")
    (sources / "broken.py").write_bytes(b"def f(:\n")
    result = corpus.campaign([sources], 2, quiet)
    assert not result.failures
    assert result.counts["files"] > 20
    assert result.counts["compiled"] == result.counts["files"] - 1
    assert result.counts["refused"] == 1
    assert result.counts["of a migration changed"] > 5
    assert not result.is_good, "one of these few files is more than two in a thousand"
    assert "LibCST does not give it back byte for byte" in corpus.rendered(result)


def test_corpus_notices_a_file_that_is_opened_for_writing(sources: Path) -> None:
    file = next(iter(corpus.python_files([sources])))
    with corpus._nothing_written_in(sources):
        file.read_bytes()
        with pytest.raises(AssertionError, match="is opened for writing"):
            file.open("ab")
    file.open("ab").close()


def test_command_lines_run(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main([str(sources), "--examples", "8", "--seed", "3", "--show", "0"]) == 0
    assert "8 files" in capsys.readouterr().out
    assert corpus.main([str(sources), "--jobs", "1"]) == 0
    assert "refused: 0.000%" in capsys.readouterr().out
    assert oracle.__doc__
