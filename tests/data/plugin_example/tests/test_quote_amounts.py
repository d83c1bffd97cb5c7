"""What becomes of amounts, and what stays."""

from __future__ import annotations

from ssot_migrate.testing import check_noop, check_rewritten

from acme_ssot.codemods import quote_amounts


def test_literal_is_quoted_and_nothing_else_changes() -> None:
    check_rewritten(
        "from decimal import Decimal as D\n\nprice = D( 1_0.50 )  # net\n",
        'from decimal import Decimal as D\n\nprice = D( "1_0.50" )  # net\n',
        registry="",
        codemods=[quote_amounts],
    )


def test_allowed_literal_stays() -> None:
    check_noop(
        "from decimal import Decimal\n\nprice = Decimal(0.5)\n",
        registry='[rules.ACME101]\noptions = { allowed = ["0.5"] }\n',
        codemods=[quote_amounts],
    )


def test_other_class_stays() -> None:
    check_noop(
        "from shapes import Decimal\n\nprice = Decimal(0.5)\n",
        registry="",
        codemods=[quote_amounts],
    )
