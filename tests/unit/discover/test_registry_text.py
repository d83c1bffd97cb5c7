"""What is written is a registry that says what was proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.config.toml import parse
from ssot_migrate.discover.proposal import Confidence, Proposal, Step, Undecided
from ssot_migrate.discover.registry_text import registry_text

if TYPE_CHECKING:
    from ssot_migrate.config.model import Safety

names = st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True).filter(str.isidentifier)
texts = st.text(max_size=40)
SAFETIES: tuple[Safety, ...] = ("safe", "unsafe", "manual")


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    kind = draw(st.sampled_from(["move", "concept"]))
    canonical = f"{draw(names)}:{draw(names)}"
    safety = draw(st.sampled_from(SAFETIES))
    steps = draw(st.lists(names, min_size=1, max_size=3))
    return Proposal(
        kind=kind,
        name=draw(texts),
        canonical=canonical,
        steps=tuple(Step(step, canonical, safety) for step in steps),
        confidence=draw(st.sampled_from(Confidence)),
        why=tuple(draw(st.lists(texts, max_size=2))),
        path=draw(texts),
        line=1,
        forbid=tuple(draw(st.lists(names, max_size=2))),
    )


@given(st.lists(proposals(), max_size=5), texts, st.booleans())
def test_whatever_the_tree_says_the_entries_are_the_proposals(
    given: list[Proposal], said: str, check: bool
) -> None:
    lost = (Undecided(said, said, 1, (said,)),)
    table = parse(registry_text(given, lost, check_targets=check))
    sure = [one for one in given if one.confidence is not Confidence.POSSIBLE]
    sure.sort(key=lambda one: one.confidence.rank)
    assert [
        (move["from"], move["to"], move.get("safety", "safe")) for move in table.get("moves", [])
    ] == [(s.path, s.to, s.safety) for one in sure if one.kind == "move" for s in one.steps]
    assert [
        (c["name"], c["canonical"], [d["path"] for d in c["deprecated"]])
        for c in table.get("concepts", [])
    ] == [
        (one.name, one.canonical, [s.path for s in one.steps])
        for one in sure
        if one.kind == "concept"
    ]
    assert table.get("check-targets", True) is check


def test_a_possible_proposal_holds_once_its_marks_are_taken_away() -> None:
    one = Proposal(
        kind="move",
        name="old",
        canonical="new",
        steps=(Step("old", "new"),),
        confidence=Confidence.POSSIBLE,
        why=("nothing says so",),
        path="old.py",
        line=1,
    )
    text = registry_text([one])
    assert "moves" not in parse(text)
    uncommented = "\n".join(
        line.removeprefix("#") if line.startswith("#") and line[1:2] != " " else line
        for line in text.splitlines()
    )
    assert parse(uncommented)["moves"] == [{"from": "old", "to": "new"}]
