"""Requests never mix levels of trust: in whole runs, with every strategy, no trusted request holds what came of untrusted
attempts, however it got about.

The model is the worst case: what it reads with a mark in it, it repeats in all that it writes, and it changes every lesson it
is shown. So a mark in the letter of an unverified sender is in whatever came of that letter, near and far.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ace.environments.contract import Environment, Scene
from ace.errors import Interrupted
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models import layout
from ace.models.contract import Request
from ace.runs.gates.contract import Proposal, Ruling, Ways, refused
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import Prepared
from ace.types import UNVERIFIED, Observation, Split, Task, Trust
from tests.answering import Answering, cases_in, curation, diagnoses, move
from tests.doing import checked
from tests.worlds import Play

MARK = "planted"
_ID = re.compile(r"\[([a-z]{3}-[0-9a-z]{4,16})\]")


class Letters(Environment):
    """Letters, every other one by a sender that was not authenticated, in which the mark stands; `listed` answers or free
    ones. `marked` off: the same letters, all by the environment itself and without a mark."""

    name = "letters"
    instant = True

    def __init__(self, *, listed: bool, marked: bool = True) -> None:
        self.listed, self.marked = listed, marked

    def tasks(self, split: Split) -> Iterator[Task]:
        for n in range({"train": 8, "val": 4, "test": 4}[split]):
            planted = self.marked and n % 2 == 1 and split == "train"
            said = f"Letter {split} {n}. colour: {MARK if planted else 'red'}; hour: {n}"
            yield Task(f"{split}-{n}", said, split, {"n": n}, "letters", UNVERIFIED if planted else "")

    def open(self, task: Task, seed: int) -> Scene:
        answers = ("open", "close") if self.listed else ()
        return Play(Observation(task.text, (), answers), lambda action: None, lambda action: task.data["n"] % 4 < 2)


def parrot(stops_at: int = 0) -> Answering:
    """Repeats the mark where it reads it, and changes every lesson that it is shown. The run is stopped where the curator is
    asked for untrusted attempts the `stops_at`th time."""
    left = [stops_at]

    def answer(request: Request, number: int) -> str:
        text = text_of(request)
        if request.role == "curator" and MARK in text:
            left[0] -= 1
            if left[0] == 0:
                raise Interrupted("stopped")
        number = int(request.hash[:4], 16)
        told = MARK if MARK in text else "plain"
        ids = list(dict.fromkeys(_ID.findall(text)))
        if request.role == "generator":
            return move("open", *ids, thought=told)
        if request.role == "reflector":
            return diagnoses(request, situation=f"colour: {told}", choice=f"open {told}", diagnosis=told, lesson=told)
        return _curated(request, told, ids, f"{told.capitalize()} lesson number {number} tells of topic {number * number}.")

    return Answering(answer)


def _curated(request: Request, told: str, ids: list[str], lesson: str) -> str:
    shape = request.response.__name__ if request.response else ""
    reason = {"reason": told, "attempts": [1, 2]}
    if shape == "WholeList":
        kept = [{"lesson_id": id, "section": "", "text": f"{lesson} {id}", "guess": False, **reason} for id in ids[:1]]
        new = {"lesson_id": "", "section": told, "text": lesson, "guess": True, **reason}
        return json.dumps({"reasoning": told, "lessons": [new, *kept], "retire": [{"lesson_id": i, **reason} for i in ids[1:]]})
    if shape == "Additions":
        return json.dumps({"reasoning": told, "add": [{"section": told, "text": lesson, **reason}]})
    if shape == "WrittenAnew":
        return json.dumps({"reasoning": told, "playbook": f"## {told}\n- {lesson}"})
    revised = [{"lesson_id": id, "text": f"{lesson} {id}"} for id in ids[:1]]
    retired = [{"lesson_id": id} for id in ids[1:2]]
    merged = [{"source_ids": ids[2:4], "text": f"{lesson} Merged."}] if len(ids) > 3 else []
    added = [{"section": told, "text": lesson, "after_id": "top", "guess": number_of(lesson) % 2 == 0}]
    confirmed = [{"lesson_id": id} for id in ids[4:]]
    return curation(told, revise=revised, retire=retired, merge=merged, add=added, confirm=confirmed)


def number_of(text: str) -> int:
    return int(re.findall(r"\d+", text)[0])


Arm = tuple[str, dict[str, Any], bool]
"""A strategy, its settings, and whether answers are listed."""
ARMS: dict[str, Arm] = {
    "ace": ("ace", {"near": 3}, False),
    "ace, edits": ("ace", {"whole": False, "table": True, "candidates": True, "check": True}, True),
    "ace, whole list": ("ace", {"table": True, "candidates": True, "check": True}, True),
    "ace, by lesson": ("ace", {"rows": False, "fit": False, "last_edits": False}, False),
    "ace, searched": ("ace", {"tokens": 40}, False),
    "reflexion": ("reflexion", {"curate": True}, False),
    "pareto": ("pareto", {"cases": 2}, False),
    "addonly": ("addonly", {}, False),
    "rewrite": ("rewrite", {}, False),
    "history": ("history", {}, False),
    "episodic": ("episodic", {}, True),
    "fewshot": ("fewshot", {"shots": 20}, False),
    "retry": ("retry", {}, False),
    "vote": ("vote", {"samples": 2}, True),
    "gepa": ("gepa", {}, False),
}
HAS_GEPA = importlib.util.find_spec("gepa") is not None
NEEDS_GEPA = pytest.mark.skipif(not HAS_GEPA, reason="gepa is not installed: pip install 'evolving-playbook[gepa]'")


@pytest.fixture(params=[pytest.param(name, marks=NEEDS_GEPA if name == "gepa" else ()) for name in ARMS])
def arm(request: pytest.FixtureRequest) -> Arm:
    return ARMS[request.param]


def prepared(model: Answering, arm: Arm, **settings: Any) -> Prepared:
    name, chosen, listed = arm
    texts = {key: str(value).lower() for key, value in chosen.items()}
    given = {"model": "scripted", "batch": 3, "epochs": 2, "retries": 1, "holdout": 0.3, "eval": 4, **settings}
    return checked(Letters(listed=listed), {"strategy": name, "strategy_settings": texts, **given}, model)


def played(store: Store, model: Answering, arm: Arm, **settings: Any) -> Run:
    ready = prepared(model, arm, **settings)
    return asyncio.run(work(ready, store, begin(ready, store)))


def test_no_trusted_request_holds_what_came_of_untrusted_attempts(store: Store, arm: Arm) -> None:
    model = parrot()
    run = played(store, model, arm)
    episodes = store.episodes(run=run.id, limit=None)
    clean = {role: sum(MARK not in text_of(r) for r in model.asked if r.role == role) for role in set(model.roles())}
    trusted = [e for e in episodes if e.trust is Trust.TRUSTED]
    assert 0 < len(trusted) < len(episodes)
    # Each has a request of its own, and more where a move is voted on, or is reflected on with others that are trusted; a leak
    # would leave fewer without the mark.
    assert clean["generator"] == sum(e.usage.calls for e in trusted)
    reflecting = [r for r in model.asked if r.role == "reflector"]
    assert sum(len(cases_in(r)) or 1 for r in reflecting if MARK not in text_of(r)) == sum(
        len(store.reflections(e.id)) for e in trusted
    )
    if arm[0] == "pareto":
        assert {e.trust for e in episodes if e.phase == "rollout"} == {Trust.TRUSTED}
    if arm[0] == "gepa":
        # It writes texts from trusted attempts alone, and plays trusted cases with them.
        assert clean["curator"] == model.roles().count("curator") > 0
        assert {e.trust for e in episodes if e.phase == "rollout"} == {Trust.TRUSTED}
    elif "curator" in model.roles():
        turns = [d for d in store.log(str(run.result["playbook"])) if d.author == "curator"]
        rests = {e.id: e.trust for e in episodes}
        assert {rests[id] for d in turns for id in d.episodes} == {Trust.TRUSTED, Trust.UNTRUSTED}
        assert all(len({rests[id] for id in d.episodes}) == 1 for d in turns)


async def echoing(proposal: Proposal, ways: Ways) -> Ruling:
    """Refuses every delta with the texts that it would add."""
    return refused(f"3 lost of 4: {' '.join(o.text for o in proposal.delta.operations)}")


@pytest.mark.parametrize("name", ["ace", "addonly"])
def test_what_a_gate_measured_of_untrusted_attempts_is_told_to_untrusted_requests_alone(store: Store, name: str) -> None:
    model = parrot()
    run = played(store, model, ARMS[name], gates=(f"{__name__}:echoing",))
    asked = [text_of(r) for r in model.asked if r.role == "curator"]
    marked, clean = ([text for text in asked if (MARK in text) is planted] for planted in (True, False))
    told = f"{layout.MEASURED}\n- refused: 3 lost of 4: "
    # Each of the four batches is two turns, and all but the first of each kind are told of the one before.
    assert [sum(told in text for text in texts) for texts in (marked, clean)] == [len(marked) - 1, len(clean) - 1]
    assert len(marked) + len(clean) == len(store.log(str(run.result["playbook"]))) > 4


def text_of(request: Request) -> str:
    return "\n".join(m.content for m in request.messages)


def state(store: Store, run: Run) -> tuple[object, ...]:
    """What a run has come to, but for what names it."""
    name = str(run.result["playbook"])
    bullets = [(b.id, b.section, b.text, b.state) for b in store.view(name).bullets(include_retired=True)]
    deltas = [(d.status, len(d.operations), [r.reason for r in d.refusals]) for d in store.log(name)]
    return bullets, deltas, store.count_episodes(), store.usage(run.id).calls, store.verify(name)


@pytest.mark.parametrize(("moment", "gates"), [(1, ()), (3, (f"{__name__}:echoing",))])
def test_stopped_between_the_halves_of_a_batch_it_goes_on_with_the_other_half(
    store: Store, moment: int, gates: tuple[str, ...]
) -> None:
    arm = ARMS["ace"]
    with Store.open(":memory:") as other:
        expected = state(other, played(other, parrot(), arm, gates=gates))
    ready = prepared(parrot(moment), arm, gates=gates)
    run = begin(ready, store)
    with pytest.raises(Interrupted):
        asyncio.run(work(ready, store, run))
    done = store.units(run.id)
    assert [unit for unit in done if unit.endswith("/trusted") and unit.removesuffix("/trusted") not in done]
    resumed = asyncio.run(work(prepared(parrot(), arm, gates=gates), store, store.run(run.id)))
    # Also the calls are the same: what was paid for before it was stopped is not asked for again.
    assert state(store, resumed) == expected
