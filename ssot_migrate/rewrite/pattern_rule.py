"""The base of the rules that report calls which patterns of the registry mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Fix, Severity
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.rule import Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.judged import Judged


class PatternRule(Rule):
    """Reports the calls of the entries of `[[calls]]` that name the rule."""

    severity = Severity.WARNING
    reads = Reads.MENTIONS

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell what `apply` would do about the calls of each entry of this rule."""
        if not project.registry.calls:
            return
        from ssot_migrate.rewrite.patterns import judged_calls  # much, for registries that use it

        for path, one in project.once(judged_calls).get(self.name(), ()):
            yield self._finding(project, path, one)

    def details(self, project: Project, path: str, one: Judged) -> tuple[str, ...]:
        """What else a person should know of a call that is left, as sentences."""
        return ()

    def _finding(self, project: Project, path: str, one: Judged) -> Finding:
        cause = one.left.cause if one.left is not None else one.decisions[0].cause
        why = f": {one.entry.message}" if one.entry.message else ""
        message = f"`{cause.symbol}` is called as {one.entry.name!r} knows it{why}"
        if one.left is not None:
            details = self.details(project, path, one)
            message += "; ".join(("", f"decide this one by hand: {one.left.why}", *details))
            fix, evidence = Fix.MANUAL, (one.left.why, *details)
        else:
            message += f"; it becomes `{one.code}`"
            fix, evidence = cause.fix, (one.code,)
        return project.finding(
            self,
            path,
            one.span,
            message,
            symbol=SymbolPath.parse(cause.symbol or ""),
            chain=(f"{path}:{one.span.line}", *one.chain),
            fix=fix,
            evidence=evidence,
            scope=one.scope,
        )
