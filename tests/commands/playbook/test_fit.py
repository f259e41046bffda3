"""What past attempts say of each bullet, as a person reads it."""

from __future__ import annotations

import pytest

import ace as library
from ace.errors import BadSetting
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.types import Episode, Observation, Outcome, Reflection, Render, Step, Task, failure, success
from tests.commands.said import Ace, refused
from tests.stories import NAME, Story, add, retire, revise

GOLD = 'When "tier" is "gold": choose "refund".'
OTHERS = 'In every other case: choose "deny".'
FREE = "Greet the customer by name."


def attempt(store: Store, n: int, situation: str, choice: str, outcome: Outcome, *, reflected: bool = True) -> str:
    """A training attempt that is told by `situation`, in a reflection or in its task."""
    e = Episode(
        id=f"e-{n}",
        task=Task(f"t-{n}", situation),
        attempt=1,
        phase="learn",
        epoch=0,
        seed=n,
        first=Observation(situation, (), ("refund", "deny")),
        steps=(Step(choice),),
        outcome=outcome,
        render=Render(""),
    )
    told = (Reflection(e.id, situation, choice, "", ""),) if reflected else ()
    store.commit(Batch((e,), told, NAME))
    return e.id


@pytest.fixture
def ids(story: Story) -> list[str]:
    """The bullets of a playbook with four attempts."""
    made = story.added(add(GOLD), add(OTHERS), add(FREE, "Tone"))
    attempt(story.store, 1, "tier: gold; amount: 7", "refund", success())
    attempt(story.store, 2, "tier: gold; amount: 9", "refund", failure(), reflected=False)
    attempt(story.store, 3, "tier: none; amount: 7", "refund", failure())
    attempt(story.store, 4, "tier: none; amount: 7", "deny", success())
    return made


def test_each_bullet_has_its_numbers_and_the_list_a_total(ace: Ace, ids: list[str]) -> None:
    gold, others, free = ids
    lines = ace("playbook", "fit", NAME).out.splitlines()
    assert lines[2:6] == [
        "right  wrong  silent  bullet",
        f"    1      1       ·  {gold}  {GOLD}",
        f"    1      ·       1  {others}  {OTHERS}",
        f"    –      –       –  {free}  {FREE}  (not read)",
    ]
    assert lines[7] == "In order, the first that covers an attempt decides it: 2 right, 1 wrong, 1 silent of 4 attempts."
    assert lines[8].startswith("1 bullet is left out of the order. Not read: the text states no condition and choice")


def test_the_attempts_behind_a_number(ace: Ace, ids: list[str]) -> None:
    gold, others, free = ids
    assert ace("playbook", "fit", NAME, "--bullet", others).out.splitlines()[2:] == [
        OTHERS,
        "In the playbook's order it decides 2 attempts: 1 right, 0 wrong, 1 silent. "
        "Alone it would decide 4: 1 right, 1 wrong, 2 silent.",
        "",
        "right: 1",
        "  success  e-4  tier: none; amount: 7 → deny",
        "",
        "wrong: 0",
        "",
        "silent: 1",
        "  failure  e-3  tier: none; amount: 7 → refund",
    ]
    assert "  failure  e-2  tier: gold; amount: 9 → refund" in ace("playbook", "fit", NAME, "-b", gold[:7]).out
    assert "Not read" in ace("playbook", "fit", NAME, "-b", free).out


def test_json_has_all_ids(ace: Ace, ids: list[str]) -> None:
    gold, others, free = ids
    told = ace("playbook", "fit", NAME, "--json").json
    assert {k: told[k] for k in ("attempts", "right", "wrong", "silent", "undecided")} == {
        "attempts": 4,
        "right": ["e-1", "e-4"],
        "wrong": ["e-2"],
        "silent": ["e-3"],
        "undecided": [],
    }
    assert [(b["id"], b["state"], b["read"]) for b in told["bullets"]] == [
        (gold, "active", True),
        (others, "active", True),
        (free, "active", False),
    ]
    assert told["bullets"][1]["alone"] == {"right": ["e-4"], "wrong": ["e-1"], "silent": ["e-2", "e-3"]}
    assert [b["id"] for b in ace("playbook", "fit", NAME, "--bullet", gold, "--json").json["bullets"]] == [gold]


def test_a_bullet_is_judged_by_the_text_it_has_at_the_revision(ace: Ace, ids: list[str], story: Story) -> None:
    gold = ids[0]
    story.change(revise(gold, 'When "tier" is "none": choose "deny".'))
    assert ace("playbook", "fit", NAME, "--json").json["bullets"][0]["right"] == ["e-4"]
    past = ace("playbook", "fit", f"{NAME}@1")
    assert "Attempts are as of now, not of this revision." in past.out
    assert f"    1      1       ·  {gold}" in past.out


def test_why_tells_the_fit_of_a_bullet_that_is_live(ace: Ace, ids: list[str], story: Story) -> None:
    gold, _, free = ids
    page = ace("playbook", "why", gold).out
    assert (
        "What past attempts say of its text\n  In the playbook's order it decides 2 attempts: 1 right, 1 wrong, 0 silent.\n"
        in page
    )
    assert f"ace playbook fit {NAME} --bullet {gold}" in page
    assert ace("playbook", "why", gold, "--json").json["fit"]["wrong"] == ["e-2"]
    assert ace("playbook", "why", free, "--json").json["fit"]["read"] is False
    story.change(retire(gold))
    assert ace("playbook", "why", gold, "--json").json["fit"] is None
    assert "What past attempts say" not in ace("playbook", "why", gold).out


def test_what_is_not_there_is_refused(ace: Ace, ids: list[str], story: Story) -> None:
    assert refused(ace, "fit", NAME, "--bullet", "ref-nothing1") == (
        f"ace: there is no bullet 'ref-nothing1' in {NAME}@1; its ids are in: ace playbook show {NAME}@1"
    )
    story.change(retire(ids[0]))
    assert f"bullet {ids[0]} is retired at {NAME}@2" in refused(ace, "fit", NAME, "--bullet", ids[0])
    assert "there is no playbook 'nothing'" in refused(ace, "fit", "nothing")
    assert "no revision 9" in refused(ace, "fit", f"{NAME}@9")


def test_a_playbook_without_bullets_or_attempts(ace: Ace, story: Story) -> None:
    assert ace("playbook", "fit", NAME).out.splitlines()[2:] == ["It has no bullets."]
    story.change(add(GOLD))
    assert "0 right, 0 wrong, 0 silent of 0 attempts." in ace("playbook", "fit", NAME).out


def test_a_program_asks_for_the_fit(ids: list[str], story: Story) -> None:
    playbook = library.open(NAME, store=story.store)
    found = playbook.fit()
    assert (found.right, found.wrong, found.silent) == (("e-1", "e-4"), ("e-2",), ("e-3",))
    newest = playbook.fit(limit=1)
    assert (newest.attempts, newest.right) == (("e-4",), ("e-4",))
    for limit in (0, -1, "3", True, 1.5):
        with pytest.raises(BadSetting, match="it must be a whole number, 1 or more"):
            playbook.fit(limit)  # type: ignore[arg-type]
