"""`addonly` only adds; `rewrite` writes the playbook anew after each batch, and wears it away where nothing guards it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ace.memory.store import Store
from ace.models.contract import Request
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Op
from ace.playbooks.render import render_bullets
from ace.roles.instructions import Prompts
from ace.strategies.addonly import AddOnly
from ace.strategies.contract import LEARNING, MEASURED, Draw, Learned, Lesson, Strategy
from ace.strategies.rewrite import Rewrite, read
from tests.commands.said import Ace
from tests.stories import NAME, Story, add
from tests.strategies.lessons import asked_of, lived, pupil, roles
from tests.turns import Turns

Kind = Callable[..., Strategy]
TASK = lived(0, False).task


def said(**reply: object) -> str:
    return json.dumps({"reasoning": "It was missing.", **reply})


def lesson(text: str, section: str = "Refunds", *attempts: int) -> dict[str, Any]:
    return {"section": section, "text": text, "reason": "Two won so.", "attempts": list(attempts)}


@pytest.mark.parametrize("kind", [AddOnly, Rewrite])
def test_how_attempts_are_made_and_reflected_on_is_as_in_ace_where_that_is_set(kind: Any, story: Story) -> None:
    view = story.store.view(NAME)
    plain = kind(roles(pupil())).context(TASK, view, [], Draw(0, LEARNING))
    assert (plain.explore, plain.chain, plain.dictionary) == (False, None, False)
    model = pupil(curator=said(add=[], playbook=""))
    solving = kind(roles(model), explore=True, chains=True, joint=True, dictionary=True)
    learning, measuring = (solving.context(TASK, view, [], draw) for draw in (Draw(0, LEARNING), MEASURED))
    assert (learning.explore, learning.chain, learning.dictionary) == (True, 3, True)
    assert (measuring.explore, measuring.chain, measuring.dictionary) == (False, None, False)


@pytest.fixture
def story(store: Store) -> Story:
    made = Story(store)
    made.change(add("Refund gold members."), add("Repair the rest."))
    return made


def learned(kind: Kind, story: Story, reply: str | Callable[[Request], str]) -> Learned:
    model = pupil(curator=reply)
    return asyncio.run(kind(roles(model)).learn(Lesson([lived(1, True), lived(2, False)], 1), story.store.view(NAME)))


def texts(story: Story) -> list[str]:
    return [b.text for b in story.store.view(NAME).bullets()]


def test_only_additions_come_of_a_batch_and_rest_on_the_attempts_they_name(story: Story) -> None:
    delta = learned(AddOnly, story, said(add=[lesson("Ask for a photo.", "Checks", 2, 1, 2, 9)])).delta
    assert delta is not None
    [operation] = delta.operations
    assert (operation.op, operation.text, operation.section) == (Op.ADD, "Ask for a photo.", "Checks")
    assert operation.episodes == ("e-2", "e-1")


def test_a_reply_that_changes_what_is_there_is_not_understood(story: Story) -> None:
    tried = learned(AddOnly, story, said(add=[], retire=[{"lesson_id": "x", "reason": "", "attempts": []}]))
    assert tried.delta is None
    assert "no curation" in tried.notes[0]


def test_the_curator_sees_the_playbook_and_the_new_attempts_alone(story: Story) -> None:
    [id, _] = [b.id for b in story.store.view(NAME).bullets()]
    story.play(True, [id], [id])
    model = pupil(curator=said(add=[]))
    asyncio.run(AddOnly(roles(model)).learn(Lesson([lived(7, True)], 1), story.store.view(NAME)))
    [asked] = asked_of(model, "curator")
    assert f"- [{id}] Refund gold members.  (followed 1 times, won 1, lost 0)" in asked
    assert asked.count("## #") == 1


def test_a_rewritten_text_is_read_as_bullets_under_its_headings() -> None:
    stood = [Bullet("ref-1aaa1", "Refunds", "Refund gold members."), Bullet("ref-2bbb2", "Refunds", "Gone.", State.RETIRED)]
    made = read(
        "## Refunds\n- [ref-1aaa1] Refund all members.\n1. Gone.\n\nA line of its own\n### Checks\n* Ask.\n* Ask.\n", stood, "h"
    )
    assert [(b.section, b.text) for b in made] == [
        ("Refunds", "Refund all members."),
        ("Refunds", "Gone."),
        ("Refunds", "A line of its own"),
        ("Checks", "Ask."),
        ("Checks", "Ask."),
    ]
    assert made[0].id == "ref-1aaa1"
    assert made[1].id != "ref-2bbb2"
    assert read("- Refund gold members.", stood, "h") == [stood[0]]
    assert read("", stood, "h") == []


def test_what_a_rewriting_leaves_out_is_retired_and_what_stays_keeps_its_id(story: Story) -> None:
    before = story.store.view(NAME).bullets()
    delta = learned(Rewrite, story, said(playbook=f"## Refunds\n- [{before[1].id}] Repair the rest.\n- Ask for a photo.")).delta
    assert delta is not None
    assert [(o.op, o.id, o.text) for o in delta.operations] == [
        (Op.RETIRE, before[0].id, ""),
        (Op.ADD, "", "Ask for a photo."),
    ]


def test_new_bullets_come_in_their_order_and_one_that_is_refused_takes_no_other_with_it(story: Story) -> None:
    ids = [b.id for b in story.store.view(NAME).bullets()]
    refunds = ["First of all.", f"[{ids[0]}] Refund gold members.", "One.", "Refund gold members.", "Two."]
    text = "\n".join(["## Refunds", *(f"- {line}" for line in refunds), "## New", "- A.", "- B."])
    model = pupil(curator=said(playbook=text))
    asyncio.run(Turns(story.store, NAME).take(Rewrite(roles(model)), [lived(1, True)]))
    assert texts(story) == ["First of all.", "Refund gold members.", "One.", "Two.", "A.", "B."]


def test_rewriting_collapses_as_in_the_published_logs_where_nothing_guards_it(data: Path, store: Store) -> None:
    """Dynamic Cheatsheet wrote 44 of its 133 memories with a note in place of text, first the 48th."""
    rows = (data / "rewrites" / "aime_2020_2024_claude.jsonl").read_text(encoding="utf-8").splitlines()
    sheets = [str(json.loads(row)["sheet"]) for row in rows][44:50]

    async def written(name: str, *, guarded: bool) -> list[list[str]]:
        turns, found = Turns(store, name), []
        turns.gates = turns.gates if guarded else ()
        for n, sheet in enumerate(sheets):
            await turns.take(Rewrite(roles(pupil(curator=said(playbook=sheet)))), [replace(lived(n, True), id=f"{name}-{n}")])
            found.append([b.text for b in store.view(name).bullets()])
        return found

    free, guarded = (asyncio.run(written(f"book-{g}", guarded=g)) for g in (False, True))
    sizes, kept = ([sum(map(len, book)) for book in books] for books in (free, guarded))
    assert sizes[3] < 0.5 * sizes[2]
    assert any(text.startswith("[Previous") for text in free[3])
    assert all(after >= before for before, after in pairwise(kept[2:]))
    assert not any(text.startswith("[Previous") for book in guarded for text in book)


@pytest.mark.parametrize("name", ["addonly", "rewrite"])
def test_the_novice_learns_something_from_batches_alone(ace: Ace, name: str) -> None:
    run = ace("run", "desk", "--strategy", name, "--episodes", "50", "--eval", "30", "--retries", "2", "--json").json
    assert run["after"]["success"] > run["random"]["success"]


def test_a_prompt_of_ones_own_is_used(story: Story) -> None:
    model = pupil(curator=said(add=[]))
    own = replace(roles(model), prompts=Prompts({"curator": "My own words. {{reply}}"}))
    asyncio.run(AddOnly(own).learn(Lesson([lived(1, True)], 1), story.store.view(NAME)))
    [request] = [r for r in model.asked if r.role == "curator"]
    assert request.messages[0].content.startswith("My own words.")
    assert render_bullets(story.store.view(NAME).bullets()).splitlines()[1] in request.messages[1].content
