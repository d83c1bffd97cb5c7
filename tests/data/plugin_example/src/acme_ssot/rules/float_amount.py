"""ACME101: a Decimal that is made of a float."""

from __future__ import annotations

from collections.abc import Iterator

from ssot_migrate.plugin import Example, Finding, Fix, Option, Project, Reads, Rule, Severity

from acme_ssot.amounts import float_amounts


class FloatAmount(Rule):
    """A `Decimal` is made of a float literal, so it is not the number that is written.

    `Decimal(0.1)` is 0.1000000000000000055511151231257827. `Decimal("0.1")` is what was meant, and
    `apply` writes it.

    Not flagged: variables, as nobody knows what they hold, and integers.
    """

    code = "ACME101"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    options = {"allowed": Option(("0.0",), "literals that are exact enough")}
    valid = (
        Example(
            "a string, an integer, a variable, and another Decimal",
            {
                "app.py": """
                from decimal import Decimal
                from shapes import Decimal as Shape

                def price(value):
                    return Decimal("0.1") + Decimal(1).scaleb(0.1) + Decimal(value) + Shape(0.1)
                """,
            },
        ),
        Example(
            "a literal that the registry allows",
            {"app.py": "from decimal import Decimal\n\nHALF = Decimal(0.5)\n"},
            '[rules.ACME101]\noptions = { allowed = ["0.5"] }\n',
        ),
    )
    invalid = (
        Example(
            "under any name",
            {
                "app.py": """
                import decimal
                from decimal import Decimal as D

                ONE = decimal.Decimal(0.1)
                TWO = D(0.2)
                """,
            },
            flagged=("app.py:4", "app.py:5"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell of every literal that `apply` would quote."""
        allowed = project.option(type(self), "allowed")
        assert isinstance(allowed, (tuple, list))
        for one in float_amounts(project):
            text = one.source.code(one.literal)
            if text not in allowed:
                yield project.finding(
                    self,
                    one.source.path,
                    one.source.span(one.call),
                    f"the float {text} is not the number that it looks like: quote it",
                    fix=Fix.SAFE,
                )
