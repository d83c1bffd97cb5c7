"""Formats of `campaign`: names of checkouts are data like any other."""

from __future__ import annotations

import json

from ssot_migrate.domain.campaign import Action, CampaignReport, Checkout, State
from ssot_migrate.reporting.campaign import render

HOSTILE = "a\x1b[31m|`b"
REPORT = CampaignReport(
    action=Action.STATUS,
    registry="ssot.toml",
    checkouts=(
        Checkout(name="::error::", root="/a", state=State.FAILED, why=tuple("123456789")),
        Checkout(name=HOSTILE, root="/b", state=State.CLEAN, counts={"runs": 3}, run="r\x07"),
    ),
)


def test_text_spells_out_what_a_terminal_or_a_runner_would_obey() -> None:
    lines = render(REPORT, "text").splitlines()
    assert lines[2].split() == ["a\\x1b[31m|`b", "clean", "3", "r\\x07"]
    assert lines[4:] == [
        *(f"./::error::: error: {number}" for number in "12345"),
        "./::error::: error: and 4 more",
        "",
        "2 checkouts: 1 clean, 0 open, 1 failed.",
    ]


def test_markdown_shows_names_as_they_are() -> None:
    assert "| <code>a&#92;x1b&#91;31m&#124;&#96;b</code> | clean |" in render(REPORT, "markdown")


def test_json_keeps_names_and_every_line() -> None:
    written = json.loads(render(REPORT, "json"))
    assert written["summary"] == {"clean": 1, "open": 0, "failed": 1}
    failed, clean = written["checkouts"]
    assert (clean["name"], clean["report"]) == (HOSTILE, None)
    assert failed["why"] == [*"123456789"]
