"""Of a proposal that a gate refused, the numbers alone go back to the curator, once, whatever strategy curates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import ace
from ace.memory.store import Store
from ace.models import layout
from ace.models.contract import Reply, Request
from ace.models.replies.parsing import reply
from ace.runs.gates.contract import Proposal, Ruling, Ways, again, passed, refused
from ace.types import Usage
from tests.answering import curation, diagnosis
from tests.runs.gates.lessons import Counter, Obeying

ONE = Usage(1, 10, 0, 1, 0.0, 0.0)


class Pupil(Obeying):
    """Acts as `Obeying` does; its curator proposes the next of `lessons` with each request, and at last nothing."""

    def __init__(self, *lessons: str) -> None:
        super().__init__()
        self.lessons, self.requests = list(lessons), list[str]()

    async def complete(self, request: Request) -> Reply:
        if request.role == "generator":
            return await super().complete(request)
        if request.role == "reflector":
            return reply(request, diagnosis(), "", ONE)
        self.requests.append("\n".join(m.content for m in request.messages[1:]))
        lesson = self.lessons.pop(0) if self.lessons else ""
        return reply(request, _proposed(request.response.__name__ if request.response else "", lesson), "", ONE)


def _proposed(shape: str, lesson: str) -> str:
    added = [{"section": "rules", "text": lesson, "reason": "", "attempts": []}] if lesson else []
    if shape == "WholeList":
        new = [{**row, "lesson_id": "", "guess": False} for row in added]
        return json.dumps({"reasoning": "", "lessons": new, "retire": []})
    if shape == "Additions":
        return json.dumps({"reasoning": "", "add": added})
    if shape == "WrittenAnew":
        return json.dumps({"reasoning": "", "playbook": f"## rules\n- {lesson}" if lesson else ""})
    return curation(add=[{**row, "after_id": "", "guess": False} for row in added])


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


CURATING: dict[str, tuple[str, dict[str, Any]]] = {
    "ace": ("ace", {}),
    "ace, edits": ("ace", {"whole": False}),
    "ace, by lesson": ("ace", {"rows": False, "whole": False}),
    "ace, without last edits": ("ace", {"last_edits": False}),
    "reflexion": ("reflexion", {"curate": True, "successes": True}),
    "addonly": ("addonly", {}),
    "rewrite": ("rewrite", {}),
}


def learner(store: Store, model: Pupil, arm: str = "ace", **said: Any) -> ace.Learner:
    strategy, settings = CURATING[arm]
    given = {"gates": ["trial"], "gate_pairs": 40, "batch": 1, "retries": 0, "learn_only": True, "playbook": "p", **said}
    return ace.Learner(Counter(), model=model, store=store, strategy=strategy, strategy_settings=settings, **given)


def measured(request: str) -> list[str]:
    """What a request says of edits that were measured."""
    return next((lines for heading, lines in layout.parts(request) if heading == layout.MEASURED), [])


@pytest.mark.parametrize("arm", CURATING)
def test_the_numbers_of_a_refused_proposal_stand_in_the_next_request_alone(store: Store, arm: str) -> None:
    model = Pupil("harm 6")
    learner(store, model, arm).run(episodes=4)
    [delta] = store.log("p")
    f = delta.judgements[-1].figures
    first, second, *rest = map(measured, model.requests)
    assert (first, rest) == ([], [[], []])
    why = "it does harm" if f["stopped at"] == "harm" else "it does not clearly help"
    assert second[0].startswith(f"- refused: {why}: {f['wins']} won and {f['losses']} lost of {f['pairs']} pairs, E ")
    assert sum(f"{f['losses']} lost of" in request for request in model.requests) == 1
    # What E is stands with it, and nowhere else.
    assert second[1] == layout.PAIRS_MEANT
    assert sum(layout.PAIRS_MEANT in request for request in model.requests) == 1
    # Nothing of the cases that were played for it.
    assert not re.search(r"Case val", "".join(model.requests))


def test_what_the_last_batch_proposed_is_told_to_the_next_run(store: Store) -> None:
    learner(store, Pupil("harm 6")).run(episodes=1)
    model = Pupil()
    learner(store, model, "addonly", seed=1).run(episodes=2)
    assert [bool(measured(r)) for r in model.requests] == [True, False]


def test_deltas_that_were_taken_back_together_are_told_as_such(store: Store) -> None:
    model = Pupil("it is raining", "harm 6")
    learner(store, model, gate_every=2).run(episodes=4)
    told = [measured(r) for r in model.requests]
    assert [bool(lines) for lines in told] == [False, False, True, False]
    assert told[2][0].startswith("- taken back, with those before that were measured with them: it does")
    # Going back is no edit of the curator's.
    assert "- add: harm 6: refused\n" in model.requests[2]
    assert ": done" not in model.requests[2]


def test_what_a_run_learned_and_final_took_back_is_told_to_the_next_run(store: Store) -> None:
    learner(store, Pupil("harm 6"), gates=["final"]).run(episodes=1)
    model = Pupil()
    learner(store, model, gates=[], seed=1).run(episodes=2)
    assert [bool(measured(r)) for r in model.requests] == [True, False]
    assert "revision 1 won" in measured(model.requests[0])[0]
    assert layout.PAIRS_MEANT in measured(model.requests[0])


async def wordless(proposal: Proposal, ways: Ways) -> Ruling:
    """Refuses everything, with the numbers in its figures alone."""
    return refused("it costs too much", {"dollars": 2.5, "of": "Case val 7", "held": True})


async def doubting(proposal: Proposal, ways: Ways) -> Ruling:
    """Asks once more about everything."""
    return again("It lost 3 of 4 attempts.") if not proposal.second else passed()


def test_a_gate_that_states_numbers_in_its_figures_alone_is_told_with_these(store: Store) -> None:
    model = Pupil("harm 6")
    learner(store, model, gates=[wordless]).run(episodes=2)
    assert measured(model.requests[1])[0] == "- refused: it costs too much (dollars 2.5)"


def test_what_the_curator_was_asked_once_more_about_is_not_told_again(store: Store) -> None:
    model = Pupil("harm 6")
    learner(store, model, gates=[doubting]).run(episodes=2)
    assert ["lost 3 of 4" in r for r in model.requests] == [False, True, False]
    assert "refused, because you were asked once more and proposed nothing else" in model.requests[2]
