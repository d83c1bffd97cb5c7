"""Families: which definitions belong together, why, and which of them to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.domain.finding import Severity
from ssot_migrate.lint.families import AFFIXES, Family, families
from ssot_migrate.lint.families.names import Affixes, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]

EMITTER = """
class Emitter:
    def __init__(self, user): self.user = user
    def notify_started(self, agent): ...
    def notify_finished(self, agent): ...
    def notify_failed(self, agent, error): ...
    def cleanup(self): ...
"""
TURBO = {"app/core.py": EMITTER, "app/b.py": "class TurboEmitter: ...\n"}
REGISTRY = '[[concepts]]\nname = "emitter"\ncanonical = "app.core:Emitter"\n'


def told(family: Family) -> dict[str, str]:
    """Symbol to kind, without the canonical."""
    return {str(m.symbol): m.kind for m in family.members if m.kind != "canonical"}


@pytest.fixture
def family(project: MakeProject) -> Callable[..., Family]:
    """Make the one family of a tree."""

    def make(files: Mapping[str, str], registry: str = "") -> Family:
        (only,) = families(project(files, registry))
        return only

    return make


class TestNames:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("UserWebSocketEmitter", ("user", "web", "socket", "emitter")),
            ("HTTPServerV2", ("http", "server", "v2")),
            ("get_user_emitter_2", ("get", "user", "emitter", "2")),
            ("_Private", ("private",)),
        ],
    )
    def test_are_split_into_words(self, name: str, expected: tuple[str, ...]) -> None:
        assert words(name) == expected

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("OptimizedUserEmitter", "UserEmitter"),
            ("UserEmitterV2", "UserEmitter"),
            ("RequestScopedLegacyUserEmitter", "UserEmitter"),
            ("build_optimized_page", "build_page"),
            ("build_page_v2", "build_page"),
        ],
    )
    def test_lose_affixes(self, name: str, plain: str) -> None:
        affixes = Affixes(AFFIXES)
        assert affixes.stem(name) == affixes.stem(plain) == words(plain)

    @pytest.mark.parametrize(
        "name",
        [
            "EmitterError",
            "TestEmitter",
            "MockEmitter",
            "UserEmitter",
            "AsyncEmitter",
            "NewsEmitter",
        ],
    )
    def test_keep_words_that_tell_things_apart(self, name: str) -> None:
        assert Affixes(AFFIXES).stem(name) == words(name)

    def test_of_nothing_but_affixes_keep_a_word(self) -> None:
        assert Affixes(AFFIXES).stem("LegacyNew") == ("new",)


class TestAConcept:
    def test_alone_is_a_family_of_its_canonical(self, family: Callable[..., Family]) -> None:
        found = family({"app/core.py": EMITTER}, REGISTRY)
        assert [(m.kind, m.path, m.line) for m in found.members] == [
            ("canonical", "app/core.py", 1)
        ]
        assert (found.name, found.concept, str(found.canonical)) == (
            "emitter",
            "emitter",
            "app.core:Emitter",
        )

    def test_has_evidence_for_each_member(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/core.py": EMITTER,
                "app/web.py": """
                class Emitter:
                    def notify_started(self, agent): ...
                    async def notify_finished(self, agent): ...
                    def flush(self): ...
                """,
                "app/use.py": "from app.web import Emitter\n",
            },
            REGISTRY,
        )
        assert found.members[1].evidence == (
            "2 of 4 public members shared; only here: flush; only in the canonical: cleanup, "
            "notify_failed",
            "1 of 2 shared methods has the same signature",
            "4 lines; the canonical has 6",
            "imported by 1 file; the canonical by 0",
        )

    def test_counts_inherited_members(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/core.py": EMITTER,
                "app/base.py": EMITTER.replace("Emitter", "Sender"),
                "app/web.py": "from app.base import Sender\nclass Emitter(Sender): ...\n",
            },
            REGISTRY,
        )
        assert told(found)["app.web:Emitter"] == "duplicate"

    def test_has_collisions_where_nothing_is_shared(self, family: Callable[..., Family]) -> None:
        found = family(
            {"app/core.py": EMITTER, "app/gas.py": "class Emitter:\n    def tons(self): ...\n"},
            REGISTRY,
        )
        assert [(m.kind, m.weight) for m in found.members[1:]] == [("collision", Severity.WARNING)]

    def test_has_aliases_for_other_things_only(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/core.py": EMITTER,
                "app/same.py": "import app.core as core\nEmitter = core.Emitter\n",
                "app/renamed.py": "from app.core import Emitter as _E\nEmitter = _E\n",
                "app/other.py": "class Sender: ...\nEmitter = Sender\n",
            },
            REGISTRY,
        )
        assert told(found) == {"app.other:Emitter": "alias"}
        assert found.members[1].evidence == ("it stands for `app.other:Sender`",)

    def test_knows_its_canonical_behind_a_facade(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/__init__.py": "from app.impl import FastEmitter as Emitter\n",
                "app/impl.py": EMITTER.replace("Emitter", "FastEmitter"),
                "app/web.py": EMITTER,
            },
            REGISTRY.replace("app.core", "app"),
        )
        assert str(found.canonical) == "app.impl:FastEmitter"
        assert told(found) == {"app.web:Emitter": "duplicate"}

    def test_can_have_a_canonical_outside_the_tree(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/core.py": EMITTER,
                "app/fast.py": EMITTER.replace("Emitter", "FastEmitter"),
                "app/web.py": "class Emitter:\n    def flush(self): ...\n",
            },
            REGISTRY.replace("app.core", "runtime"),
        )
        assert told(found) == {
            "app.core:Emitter": "duplicate",
            "app.fast:FastEmitter": "variant",
            "app.web:Emitter": "duplicate",
        }

    @pytest.mark.parametrize(
        "path", ["tests/helpers.py", "backup/web.py", "scripts/web.py", "app/web_pb2.py"]
    )
    def test_leaves_other_code_alone(self, family: Callable[..., Family], path: str) -> None:
        assert told(family({"app/core.py": EMITTER, path: EMITTER}, REGISTRY)) == {}

    @pytest.mark.parametrize(
        "source",
        [
            "from typing import Protocol\nclass Emitter(Protocol): ...\n",
            "def f():\n    class Emitter: ...\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    class Emitter: ...\n",
            """
            import warnings
            from app.core import Emitter as _Emitter
            class Emitter(_Emitter):
                def __init__(self, *args):
                    warnings.warn("use app.core.Emitter", DeprecationWarning)
                    super().__init__(*args)
            """,
        ],
        ids=["a protocol", "a local class", "a class for type checkers", "a shim that warns"],
    )
    def test_is_not_defined_by(self, family: Callable[..., Family], source: str) -> None:
        assert told(family({"app/core.py": EMITTER, "app/web.py": source}, REGISTRY)) == {}

    def test_leaves_the_stub_of_its_canonical_alone(self, family: Callable[..., Family]) -> None:
        files = {"app/core.py": EMITTER, "app/core.pyi": EMITTER, "app/web.pyi": EMITTER}
        assert told(family(files, REGISTRY)) == {}

    def test_says_when_a_variant_only_extends_it(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "app/core.py": EMITTER,
                "app/fast.py": """
                from app.core import Emitter
                class FastEmitter(Emitter):
                    def cleanup(self): ...
                """,
            },
            REGISTRY,
        )
        (variant,) = found.members[1:]
        assert variant.weight is Severity.WARNING
        assert (
            "it extends the canonical and overrides 1 of its 4 public members" in variant.evidence
        )

    def test_gives_the_strongest_reason_alone(self, family: Callable[..., Family]) -> None:
        copy = EMITTER.replace("Emitter", "Notifications")
        found = family(
            {
                "app/core.py": EMITTER,
                "app/a.py": EMITTER.replace("Emitter", "EmitterV2"),
                "app/b.py": copy,
            },
            REGISTRY,
        )
        assert told(found) == {"app.a:EmitterV2": "variant", "app.b:Notifications": "emitter"}

    def test_does_not_claim_another_concepts_canonical(self, project: MakeProject) -> None:
        found = families(
            project(
                {"app/core.py": EMITTER, "app/gas.py": EMITTER, "app/web.py": EMITTER},
                f'{REGISTRY}[[concepts]]\nname = "gas"\ncanonical = "app.gas:Emitter"\n'
                'deprecated = [{ path = "app.web:Emitter" }]\n',
            )
        )
        assert [told(one) for one in found] == [{}, {"app.web:Emitter": "duplicate"}]

    def test_that_is_a_module_has_no_family(self, project: MakeProject) -> None:
        registry = '[[concepts]]\nname = "core"\ncanonical = "app.core"\n'
        assert families(project({"app/core.py": "", "lib/core.py": ""}, registry)) == ()


class TestAFoundFamily:
    def test_keeps_what_is_read_most(self, family: Callable[..., Family]) -> None:
        found = family(
            {
                "a.py": EMITTER,
                "far/away.py": EMITTER,
                "use.py": "from far.away import Emitter\n",
                "tests/test_use.py": "from far.away import Emitter\n",
            }
        )
        assert found.concept is None
        assert str(found.canonical) == "far.away:Emitter"
        assert found.evidence == (
            "`far.away:Emitter` is taken for the canonical: imported by 2 files",
        )

    def test_otherwise_keeps_the_richest(self, family: Callable[..., Family]) -> None:
        poor = EMITTER.replace("    def cleanup(self): ...\n", "")
        assert str(family({"a.py": poor, "bb.py": EMITTER}).canonical) == "bb:Emitter"

    def test_needs_half_of_both_interfaces(self, project: MakeProject) -> None:
        poor = EMITTER.replace("notify_", "")
        rich = poor + "".join(f"    def more_{n}(self): ...\n" for n in range(5))
        assert families(project({"a.py": poor, "b.py": rich})) == ()

    def test_needs_more_where_attributes_are_shared(self, project: MakeProject) -> None:
        left = "class R:\n    name: str\n    state: str\n    error: str\n    x: int\n    y: int\n"
        right = "class R:\n    name: str\n    state: str\n    error: str\n    z: int\n"
        assert families(project({"a.py": left, "b.py": right})) == ()
        assert len(families(project({"a.py": left, "b.py": left}))) == 1

    def test_of_functions_needs_equal_bodies(self, project: MakeProject) -> None:
        body = "    a = 1\n    b = 2\n    c = a + b\n    print(c)\n    return c\n"
        files = {"a.py": f"def total():\n{body}", "b.py": f"def total():\n{body}"}
        assert len(families(project(files))) == 1
        assert families(project({**files, "b.py": f"def total():\n{body[:-13]}"})) == ()

    def test_lies_in_several_modules(self, project: MakeProject) -> None:
        files = {"a.py": EMITTER + EMITTER.replace("Emitter", "EmitterV2")}
        assert families(project(files)) == ()

    def test_leaves_numbered_migrations_alone(self, project: MakeProject) -> None:
        assert families(project({"m/0001_a.py": EMITTER, "m/0002_b.py": EMITTER})) == ()

    def test_leaves_fallbacks_alone(self, project: MakeProject) -> None:
        indented = EMITTER.replace("\n", "\n    ")
        fallback = f"try:\n    from a import Emitter\nexcept ImportError:{indented}\n"
        assert families(project({"a.py": EMITTER, "b.py": fallback})) == ()

    def test_does_not_repeat_what_a_concept_claims(self, family: Callable[..., Family]) -> None:
        files = {"app/core.py": EMITTER, "app/web.py": EMITTER, "app/b.py": EMITTER}
        assert len(told(family(files, REGISTRY))) == 2


class TestTheOptions:
    @pytest.mark.parametrize("key", ["SSOT102", "variant-definition"])
    def test_are_read_under_code_and_name(self, family: Callable[..., Family], key: str) -> None:
        assert told(family(TURBO, REGISTRY)) == {}
        registry = f'{REGISTRY}[rules.{key}.options]\naffixes = ["Turbo"]\n'
        assert told(family(TURBO, registry)) == {"app.b:TurboEmitter": "variant"}

    def test_of_the_wrong_type_are_configuration_errors(self, project: MakeProject) -> None:
        registry = f'{REGISTRY}[rules.SSOT103.options]\nsimilarity = "high"\n'
        with pytest.raises(ConfigError, match=r"rules\.SSOT103.*Expected `float`, got `str`"):
            families(project(TURBO, registry))


def test_families_are_worked_out_once(project: MakeProject) -> None:
    opened = project({"app/core.py": EMITTER}, REGISTRY)
    assert families(opened) is families(opened)
