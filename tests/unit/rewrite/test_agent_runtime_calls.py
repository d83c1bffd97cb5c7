"""The calls of the pack `agent-runtime`: what becomes of them where all is proven."""

from __future__ import annotations

import pytest

from ssot_migrate.testing import Scope, check_migrated, migrate

REGISTRY = """
extend = ["agent-runtime"]

[[concepts]]
name = "user execution context"
canonical = "ssot_migrate.runtime:UserExecutionContext"
deprecated = [{ path = "app.legacy:Context", safety = "manual" }]

[[concepts]]
name = "agent class registry"
canonical = "ssot_migrate.runtime:AgentClassRegistry"
deprecated = [{ path = "app.legacy:AgentRegistry", safety = "manual" }]

[[concepts]]
name = "agent websocket bridge"
canonical = "ssot_migrate.runtime:AgentWebSocketBridge"
deprecated = [{ path = "app.legacy:Bridge", safety = "manual" }]

[[concepts]]
name = "scope of a user's engine"
canonical = "ssot_migrate.runtime:ExecutionEngineFactory.user_execution_scope"
deprecated = [{ path = "app.legacy:create_engine", safety = "manual" }]

[[concepts]]
name = "request session"
canonical = "ssot_migrate.runtime:UserExecutionContext.db_session"
deprecated = [{ path = "app.legacy:open_session", safety = "manual" }]
"""
LEGACY = """\
class Context:
    run_id: str
    db_session = None
    websocket_emitter = None

class AgentRegistry:
    def get(self, name): ...
    def register(self, name, agent): ...

class Bridge:
    async def notify_tool_completed(self, run_id, agent_name, tool_name, result=None): ...

class Engine:
    async def execute(self, text): ...

class Agent:
    def __init__(self, *parts): ...

def create_engine(context) -> Engine: ...
def open_session(): ...
"""
HEAD = "from app.legacy import Agent, AgentRegistry, Bridge, Context, create_engine, open_session\n"
FUNCTION = (
    "async def run(context: Context, registry: AgentRegistry, bridge: Bridge, agent, tools):\n"
)
FACTORY = "from ssot_migrate.runtime import get_agent_instance_factory\n"
ENGINES = "from ssot_migrate.runtime import get_execution_engine_factory\n"


@pytest.mark.parametrize(
    ("before", "imported", "after"),
    [
        pytest.param(
            '    found = registry.get("triage")\n    return await found.run()\n',
            FACTORY,
            "    found = await get_agent_instance_factory().create_agent_instance("
            '"triage", context)\n    return await found.run()\n',
            id="a lookup becomes an instance of one's own",
        ),
        pytest.param(
            '    await bridge.notify_tool_completed(context.run_id, "a", "grade", result=[1])\n',
            "",
            '    await context.websocket_emitter.notify_tool_completed("grade", result=[1])\n',
            id="the bridge becomes the context's emitter",
        ),
        pytest.param(
            "    agent.set_websocket_bridge(bridge, run_id=None)\n",
            "",
            "    agent.set_websocket_bridge(bridge, context.run_id)\n",
            id="no run becomes the context's",
        ),
        pytest.param(
            "    engine = create_engine(context)\n    # work\n    await engine.execute('a')\n",
            ENGINES,
            "    async with (await get_execution_engine_factory()).user_execution_scope(context)"
            " as engine:\n        # work\n        await engine.execute('a')\n",
            id="an engine gets a scope",
        ),
        pytest.param(
            "    async with open_session() as session:\n        return await session.get(1)\n",
            "",
            "    session = context.db_session\n    return await session.get(1)\n",
            id="a session becomes the context's",
        ),
    ],
)
def test_a_call_becomes_that_of_the_runtime(before: str, imported: str, after: str) -> None:
    check_migrated(
        {"app/__init__.py": "", "app/legacy.py": LEGACY, "app/use.py": HEAD + FUNCTION + before},
        {"app/use.py": HEAD + imported + FUNCTION + after},
        registry=REGISTRY,
        scope=Scope(unsafe=True),
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('    return registry.get("a")\n', "its value is handed on"),
        ('    registry.register("a", Agent("new"))\n', "none of the names"),
        (
            "    await bridge.notify_tool_completed(agent.run_id, 'a', 'b')\n",
            "the registry leaves it to a person",
        ),
        ("    async with open_session() as s:\n        await s.commit()\n", "`commit` is called"),
        ("    engine = create_engine(context)\n    return engine\n", "`engine` is handed on"),
    ],
)
def test_a_call_without_proof_is_left(body: str, why: str) -> None:
    use = HEAD + FUNCTION + body
    files = {"app/__init__.py": "", "app/legacy.py": LEGACY, "app/use.py": use}
    migration = migrate(files, REGISTRY, scope=Scope(unsafe=True))
    assert migration.changed == {}
    assert why in "\n".join(migration.left)


@pytest.mark.parametrize(
    "use",
    [
        "from app.legacy import AgentRegistry\n\nx = AgentRegistry()\nx.get('a')\n",
        "from app.legacy import shared\n\nx = shared()\nx.get('a')\n",
        "from app.below import Own\n\nx = Own()\nx.get('a')\n",
        "from app.holder import Holder\n\ndef go(x: Holder):\n    x.registry.get('a')\n",
        "from app.holder import holder\n\nholder(1).registry.get(\n    'a')\n",
        "from app.holder import registries\n\nregistries()\n(registries())[0].registry .get('a')\n",
    ],
)
def test_a_lookup_is_found_however_its_registry_is_reached(use: str) -> None:
    """`get` is everywhere, so that only the files that may have such a registry are read."""
    files = {
        "app/__init__.py": "",
        "app/legacy.py": f"{LEGACY}\ndef shared() -> AgentRegistry: ...\n",
        "app/below.py": "from app.legacy import AgentRegistry\nclass Own(AgentRegistry): ...\n",
        "app/holder.py": "from app.legacy import AgentRegistry\n\nclass Holder:\n"
        "    registry: AgentRegistry\n\ndef holder(x) -> Holder: ...\n",
        "app/other.py": "names = {}\nnames.get('a')\n",
        "app/use.py": use,
    }
    (left,) = [one for one in migrate(files, REGISTRY).left if "create_agent_instance" in one]
    assert left.startswith("app/use.py:")


def test_an_instance_becomes_its_class_together_with_the_registry() -> None:
    moved = REGISTRY.replace(
        '"app.legacy:AgentRegistry", safety = "manual"',
        '"app.legacy:AgentRegistry", safety = "unsafe"',
    )
    head = "from app.legacy import Agent\nfrom app.legacy import AgentRegistry\n"
    body = (
        "def fill(registry: AgentRegistry, llm):\n"
        '    registry.register("a", Agent(llm.llm_manager))\n'
    )
    after = (
        "from app.legacy import Agent\nfrom ssot_migrate.runtime import AgentClassRegistry\n"
        'def fill(registry: AgentClassRegistry, llm):\n    registry.register("a", Agent)\n'
    )
    files = {"app/__init__.py": "", "app/legacy.py": LEGACY, "app/use.py": head + body}
    check_migrated(files, {"app/use.py": after}, registry=moved, scope=Scope(unsafe=True))
    alone = migrate(files, moved, scope=Scope(unsafe=True, select=("SSOT301",)))
    assert alone.changed == {}
    assert "`app.legacy:AgentRegistry` must be replaced first" in "\n".join(alone.left)
    by_hand = migrate(files, REGISTRY, scope=Scope(unsafe=True))
    assert by_hand.changed == {}
    assert "until then its `register` is the legacy one" in "\n".join(by_hand.left)


def test_a_context_without_the_member_is_no_context_for_it() -> None:
    legacy = LEGACY.replace("    db_session = None\n", "")
    use = HEAD + FUNCTION + "    async with open_session() as s:\n        return await s.get(1)\n"
    files = {"app/__init__.py": "", "app/legacy.py": legacy, "app/use.py": use}
    migration = migrate(files, REGISTRY, scope=Scope(unsafe=True))
    assert migration.changed == {}
    assert "`Context` has no `db_session`" in "\n".join(migration.left)


def test_a_concept_that_deprecates_nothing_matches_nothing() -> None:
    use = HEAD + FUNCTION + '    registry.register("triage", Agent())\n'
    files = {"app/__init__.py": "", "app/legacy.py": LEGACY, "app/use.py": use}
    assert migrate(files, 'extend = ["agent-runtime"]\n').left == ()
