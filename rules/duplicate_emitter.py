"""SSOT105: another emitter of the same events, under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.families import UNREGISTERED, Limits, members, report
from ssot_migrate.lint.rule import Example, Option, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project


def _class(name: str, *methods: str) -> str:
    return f"class {name}:\n" + "".join(f"    def {m}(self, event): ...\n" for m in methods)


_EVENTS = ("started", "thinking", "calling", "called", "finished")
_NOTIFY = tuple(f"notify_{event}" for event in _EVENTS)
_EMITTER = _class("RunEmitter", *_NOTIFY, "cleanup")
_REGISTRY = '[[concepts]]\nname = "run emitter"\ncanonical = "app.emitter:RunEmitter"\n'


class DuplicateEmitter(Rule):
    """Another class emits the events that the canonical emitter is there to emit.

    Events that leave by two ways arrive twice, in another order, or at another user. A class that
    pushes the same events is a second emitter, whatever it is called.

    A class is told where its `notify_*`, `emit_*`, `send_*`, `publish_*` and `broadcast_*`
    methods share `min-events` names with the canonical's, and at least `events-overlap` of them,
    and where the shared methods agree on at least `payload-overlap` of their parameters' names:
    the same names with another payload are another interface, mostly the transport below.
    A concept is an emitter where the registry says `role = "emitter"` or its canonical's name
    does (`*Emitter`, `*Notifier`, `*Publisher`, `*Broadcaster`, `*Pusher`).

    Without a concept: classes that share as much of the larger event set, as information.

    Not flagged: relatives by inheritance, interfaces, what the canonical's module imports (the
    transport below it), and what SSOT101 and 102 tell.
    """

    code = "SSOT105"
    severity = Severity.WARNING
    reads = Reads.TREE
    reads_shapes = True
    options = {
        **UNREGISTERED,
        "min-events": Option(Limits().min_events, "events that must be shared"),
        "events-overlap": Option(Limits().events_overlap, "share of the canonical's events"),
        "payload-overlap": Option(
            Limits().payload_overlap, "share of parameter names that the shared events agree on"
        ),
    }
    valid = (
        Example(
            "another event set",
            {
                "app/emitter.py": _EMITTER,
                "app/mail.py": _class("Mailer", "send_invoice", "notify_started", "notify_called"),
            },
            _REGISTRY,
        ),
        Example(
            "the transport that the canonical uses",
            {
                "app/emitter.py": f"from app.bridge import Bridge\n{_EMITTER}",
                "app/bridge.py": _class("Bridge", *_NOTIFY),
            },
            _REGISTRY,
        ),
        Example(
            "what extends the canonical",
            {
                "app/emitter.py": _EMITTER,
                "app/audit.py": "from app.emitter import RunEmitter\n"
                + _class("AuditTrail(RunEmitter)", *_NOTIFY),
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "four of five events under another name",
            {
                "app/emitter.py": _EMITTER,
                "app/push.py": _class("EventPusher", *_NOTIFY[:4], "flush"),
            },
            _REGISTRY,
            ("app/push.py:1",),
        ),
        Example(
            "a role that the registry states",
            {
                "app/emitter.py": _class("RunChannel", *_NOTIFY),
                "app/push.py": _class("Pushing", *_NOTIFY[:3]),
            },
            '[[concepts]]\nname = "runs"\ncanonical = "app.emitter:RunChannel"\nrole = "emitter"\n',
            ("app/push.py:1",),
        ),
        Example(
            "two emitters that no concept names",
            {
                "a.py": _class("RunEmitter", *_NOTIFY),
                "bb.py": _class("Progress", "attach", "detach", *_NOTIFY[1:]),
                "use.py": "from a import RunEmitter\n",
            },
            flagged=("bb.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell the members that emit the same events."""
        for family, member in members(project, self, "emitter"):
            message = f"`{member.symbol}` emits what `{family.canonical}` does"
            if family.concept:
                message += f" ({family.name}): {member.evidence[0]}"
            yield report(self, project, family, member, message)
