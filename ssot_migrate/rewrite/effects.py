"""What a call's arguments do when they are evaluated: that must happen once, and in its order."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.index.origins import shown
from ssot_migrate.rewrite.splicing import Part, is_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.index.scenes import Scene
    from ssot_migrate.lint.patterns.proof import Candidate

_EFFECTS = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def lost_effect(
    scene: Scene, candidate: Candidate, template: Pattern, parts: Sequence[Part]
) -> str:
    """Why something would no longer be done, or be done twice or in another order; else empty.

    Args:
        scene: The file.
        candidate: The call.
        template: What it becomes.
        parts: The same, filled.
    """
    kept = [part for part in parts if not isinstance(part, str)]
    active: list[ast.AST] = []
    for name, several in candidate.bindings.items():
        for node in several:
            if not any(isinstance(one, _EFFECTS) for one in ast.walk(node)):
                continue
            value = node.value if isinstance(node, ast.keyword) else node
            place = (scene.start(node), scene.end(node))
            times = sum(start <= place[0] and place[1] <= end for start, end in kept)
            if name in template.metavariables and times > 1:
                return f"`{shown(value)}` would be evaluated {times} times"
            if not times and name not in candidate.entry.where:
                return f"`{shown(value)}` would no longer be evaluated"
            active.append(node)
    if len(active) > 1 and not is_in_order(parts):
        return "its arguments would be evaluated in another order"
    return ""
