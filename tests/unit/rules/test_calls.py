"""What the rules about calls say of a call, and who is to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Fix

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import Finding

    from .conftest import Find

OLD = """
class Engine:
    def __init__(self, websocket_bridge, pool=None): ...
    def run(self, task): ...
    def reset(self): ...

def get(user): ...
def stop(now, user): ...
"""
NEW = """
class Engine:
    def __init__(self, bridge, pool=None): ...
    def execute(self, work): ...
    def turn(self, context, agent): ...
    async def awaited(self): ...

async def get(user): ...
def stop(user, now): ...
def make() -> Engine: ...
"""
TREE = {"app/__init__.py": "", "app/old.py": OLD, "app/new.py": NEW}
REGISTRY = """
[[concepts]]
name = "engine"
canonical = "app.new:Engine"
deprecated = [{ path = "app.old" }]
methods = [
    { from = "run", to = "execute", keywords = { task = "work" }, safety = "unsafe" },
    { from = "turn", to = "turn", positional = ["agent", "context"] },
    { from = "plain", to = "awaited", awaits = "add" },
    { from = "__init__", to = "__init__", keywords = { websocket_bridge = "bridge" } },
]
"""
USE = "from app.new import Engine, make\n"


def of(find: Find, rule: str, source: str, registry: str = REGISTRY) -> tuple[Finding, ...]:
    """The findings of a rule in one more file."""
    return find(rule, {**TREE, "app/use.py": source}, registry)


class TestRenamedMethod:
    @pytest.mark.parametrize(
        ("source", "fix", "message"),
        [
            (
                "make().run(task=1)",
                Fix.UNSAFE,
                "`app.new:Engine.run` is now `execute`: 'task' is now 'work'",
            ),
            (
                "make().turn(1, 2)",
                Fix.SAFE,
                "`app.new:Engine.turn` is now called differently: its positionals become keywords",
            ),
            (
                "async def f():\n    make().plain()",
                Fix.SAFE,
                "`app.new:Engine.plain` is now `awaited`: it must be awaited",
            ),
            (
                "Engine(websocket_bridge=1)",
                Fix.SAFE,
                "`app.new:Engine.__init__` is now called differently:"
                " 'websocket_bridge' is now 'bridge'",
            ),
            (
                "def f(engine):\n    engine.run(1)",
                Fix.MANUAL,
                "`app.new:Engine.run` is now `execute`; decide this one by hand:"
                " `engine` is a parameter without annotation",
            ),
        ],
    )
    def test_what_it_says(self, find: Find, source: str, fix: Fix, message: str) -> None:
        (finding,) = of(find, "renamed-method", USE + source)
        assert (finding.fix, finding.message, finding.concept) == (fix, message, "engine")

    def test_the_chain_is_the_proof(self, find: Find) -> None:
        (finding,) = of(find, "renamed-method", f"{USE}def f():\n    x = make()\n    x.run(1)\n")
        assert finding.chain == ("app/use.py:4", "app/new.py:9")
        assert (finding.column, finding.end_column, finding.scope) == (5, 13, "f")

    def test_calls_that_start_at_one_place(self, find: Find) -> None:
        found = of(find, "renamed-method", f"{USE}Engine(websocket_bridge=1).run(1)\n")
        assert sorted((one.end_column, one.symbol) for one in found) == [
            (27, "app.new:Engine.__init__"),
            (34, "app.new:Engine.run"),
        ]

    def test_what_is_no_call(self, find: Find) -> None:
        source = f"{USE}class Sub(Engine):\n    def run(self, task): ...\nx = make().run\n"
        found = of(find, "renamed-method", source)
        assert [(one.line, one.scope, one.fix) for one in found] == [
            (3, "Sub.run", Fix.MANUAL),
            (4, "", Fix.MANUAL),
        ]


class TestCallMismatch:
    @pytest.mark.parametrize(
        ("source", "fix", "why"),
        [
            ("Engine(websocket_bridge=1)", Fix.SAFE, "'websocket_bridge' is now 'bridge'"),
            ("Engine(1, 2, 3)", Fix.MANUAL, "it takes 2 positional arguments, not 3"),
            ("async def f():\n    get(1)", Fix.SAFE, "it must be awaited"),
            (
                "def f():\n    get(1)",
                Fix.MANUAL,
                "it must be awaited, and the function around it is no coroutine",
            ),
            ("stop(1, 2)", Fix.MANUAL, "parameter 1 is 'user', was 'now'"),
            ("later = get", Fix.MANUAL, "it must be awaited, and it is not called here"),
        ],
    )
    def test_what_it_says(self, find: Find, source: str, fix: Fix, why: str) -> None:
        (finding,) = of(find, "call-mismatch", f"from app.old import Engine, get, stop\n{source}\n")
        assert (finding.fix, finding.evidence) == (fix, (why,))
        assert finding.message.startswith("this use" if "later" in source else "this call")

    @pytest.mark.parametrize(
        "source", ["Engine(1)", "Engine(1, pool=2)", "stop(user=1, now=2)", "Engine(1).run(2)"]
    )
    def test_calls_that_fit(self, find: Find, source: str) -> None:
        assert of(find, "call-mismatch", f"from app.old import Engine, stop\n{source}\n") == ()

    def test_one_that_does_not_fit_holds_back_the_others_of_its_import(self, find: Find) -> None:
        source = "from app.old import get\nasync def f():\n    get(1)\nget(2)\n"
        assert [one.fix for one in of(find, "call-mismatch", source)] == [Fix.MANUAL, Fix.MANUAL]

    def test_a_use_of_instances_is_told_once(self, find: Find) -> None:
        source = "from app.old import Engine\ndef f(x: Engine, y: Engine) -> Engine: x.reset()\n"
        (finding,) = of(find, "call-mismatch", source)
        assert finding.evidence == ("line 2 calls `reset` on it: `Engine` has no `reset`",)

    @pytest.mark.parametrize("use", ["Engine.make(1)", "app.face.Engine.make(1)", "Engine(1)"])
    def test_a_shim_of_the_canonical_is_the_canonical(self, find: Find, use: str) -> None:
        """Its class method is not compared with its constructor."""
        new = """
        class Engine:
            def __init__(self, bridge=None): ...
            @classmethod
            def make(cls, task): ...
        """
        source = f"import app.face\nfrom app.face import Engine\n{use}\n"
        files = {"app/__init__.py": "", "app/new.py": new, "app/use.py": source}
        face = {"app/face.py": "from app.new import Engine\n"}
        registry = '[[moves]]\nfrom = "app.face:Engine"\nto = "app.new:Engine"\n'
        assert find("call-mismatch", {**files, **face}, registry) == ()

    def test_a_shim_of_another_class_stands_for_that(self, find: Find) -> None:
        """Methods are compared with methods."""
        shim = {"app/face.py": "from app.old import Engine\n"}
        source = "from app.face import Engine\nEngine.run(1, task=2)\n"
        (finding,) = find(
            "call-mismatch",
            {**TREE, **shim, "app/use.py": source},
            '[[moves]]\nfrom = "app.face:Engine"\nto = "app.new:Engine"\n',
        )
        assert finding.evidence == ("`Engine` has no `run`",)

    def test_the_deprecated_module_itself(self, find: Find) -> None:
        inside = "from app.old.core import stop\nstop(1, 2)\n"
        files = {
            "app/__init__.py": "",
            "app/old/__init__.py": "from app.old.core import stop\n",
            "app/old/core.py": "def stop(now, user): ...\n",
            "app/new/__init__.py": "",
            "app/new/core.py": "def stop(user, now): ...\n",
        }
        registry = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'
        found = find("call-mismatch", {**files, "app/old/sub.py": inside, "u.py": inside}, registry)
        assert {one.path for one in found} == {"u.py"}


def test_alias_signature_knows_the_constructor_s_keywords(find: Find) -> None:
    without = "\n".join(line for line in REGISTRY.splitlines() if "__init__" not in line)
    told = {
        registry: [
            text
            for one in find("alias-signature", TREE, registry)
            if one.symbol == "app.old:Engine"
            for text in one.evidence
        ]
        for registry in (REGISTRY, without)
    }
    assert told[REGISTRY] == []
    assert told[without] == ["parameter 1 is 'bridge', was 'websocket_bridge'"]
