"""`gepa`: the package's own loop optimises the playbook, within a number of calls, and its best text is a revision."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ace.budget import Budget
from ace.environments.contract import Environment, Scene
from ace.errors import Interrupted, LimitReached, ModelError, NotUsable
from ace.experiments.arms import arms_of
from ace.experiments.concluding import comparison_of
from ace.experiments.conduct import Conduct, begun
from ace.experiments.design import designed
from ace.experiments.opened import OpenedDesign, open_design
from ace.installing import pip_install
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.models.contract import Model, Reply, Request
from ace.models.novice import Novice
from ace.runs.estimate import expected
from ace.runs.lifecycle import begin, ready, work
from ace.settings import RunSettings
from ace.strategies.contract import Lesson, Roles
from ace.strategies.gepa import Gepa
from ace.types import Observation, Outcome, Split, Task, failure, success
from tests.answering import Answering, move
from tests.command import ROOT
from tests.doing import checked
from tests.strategies.lessons import lived
from tests.worlds import Play

INSTALLED = importlib.util.find_spec("gepa") is not None
needs_gepa = pytest.mark.skipif(not INSTALLED, reason="gepa is not installed: pip install 'evolving-playbook[gepa]'")
TRAIN, TEST = 12, 4
SETTINGS: dict[str, Any] = {"strategy": "gepa", "model": "scripted", "batch": 5, "learn_only": True}
BETTER = "## Doors\n- Take the west door.\n- Never take the trapdoor."


class Corridor(Environment):
    """Only the west door leads out."""

    name = "corridor"
    instant = True

    def tasks(self, split: Split) -> list[Task]:
        return [
            Task(f"{split}-{n}", f"Corridor {n} of the {split}.", split) for n in range(TRAIN if split == "train" else TEST)
        ]

    def open(self, task: Task, seed: int) -> Scene:
        play = Play(Observation(task.text, (), ("north", "west")), lambda a: None, bool)
        play.act = _verdict  # type: ignore[method-assign]
        return play


def _verdict(action: str) -> Observation | Outcome:
    return success() if action == "west" else failure(feedback="It was the wrong door.")


def reader(written: str | Exception = f"Here it is:\n```\n{BETTER}\n```", stops_at: int = 10**9) -> Answering:
    """Takes the west door where it has read so, and writes `written` when it is asked for a text."""

    def answer(request: Request, number: int) -> str:
        if number > stops_at:
            raise Interrupted("interrupted")
        if request.role != "curator":
            return move("west" if "west door." in request.messages[0].content else "north", thought="I tried.")
        if isinstance(written, Exception):
            raise written
        return written

    return Answering(answer)


def compared() -> Answering:
    """The model of a comparison."""
    return reader()


def run(store: Store, model: Model, again: Run | None = None, most: int | None = None, **settings: str) -> Run:
    asked = SETTINGS | {"strategy_settings": settings, "budget": Budget(calls=most)}
    prepared = checked(Corridor(), asked, model)
    return asyncio.run(work(prepared, store, ready(prepared, store, again) if again else begin(prepared, store)))


def texts(store: Store, done: Run) -> list[str]:
    return [b.text for b in store.view(str(done.result["playbook"])).bullets()]


@needs_gepa
def test_the_text_that_wins_more_becomes_a_revision_with_its_reason(store: Store) -> None:
    done = run(store, reader())
    assert texts(store, done) == ["Take the west door.", "Never take the trapdoor."]
    [delta] = store.log(str(done.result["playbook"]))
    assert delta.reason == "GEPA: best of 2 texts on 6 training cases, 1.00 won with it and 0.00 before; 22 of 36 calls"
    assert [j.gate for j in delta.judgements][:1] == ["guards"]
    rests_on = [store.episode(id) for id in delta.episodes]
    assert [(e.phase, e.outcome.success) for e in rests_on] == [("rollout", True)] * 6


@needs_gepa
def test_all_calls_are_journaled_and_an_attempt_that_is_known_is_not_made_again(store: Store) -> None:
    model = reader()
    done = run(store, model)
    # Twelve cases, one text proposed from three of them, these three again with it, and the six that measure it.
    assert Counter(model.roles()) == {"generator": TRAIN + 3 + 6, "curator": 1}
    assert store.usage(done.id).calls == len(model.asked) == 22
    played = store.episodes(run=done.id, limit=None)
    assert Counter(e.phase for e in played) == {"learn": TRAIN, "rollout": 9}
    assert {e.task.split for e in played} == {"train"}


@needs_gepa
@pytest.mark.parametrize("calls", [12, 13, 14, 16, 20, 21, 22])
def test_never_more_calls_are_made_than_were_allowed(store: Store, calls: int) -> None:
    model = reader()
    done = run(store, model, calls=str(calls))
    assert done.status is RunStatus.DONE
    assert len(model.asked) <= calls
    assert bool(texts(store, done)) == (calls == 22)


@needs_gepa
@pytest.mark.parametrize("useless", ["```\n- Take the north door.\n```", "", "I cannot."])
def test_where_no_text_is_better_the_playbook_stays_and_the_calls_end(store: Store, useless: str) -> None:
    model = reader(useless)
    done = run(store, model, calls="30")
    assert (texts(store, done), done.status) == ([], RunStatus.DONE)
    assert len(model.asked) <= 30


@needs_gepa
@pytest.mark.parametrize("stops_at", [3, 12, 13, 15, 18, 21])
def test_stopped_anywhere_and_resumed_it_asks_for_the_rest_alone_and_ends_the_same(stops_at: int) -> None:
    with Store.open(":memory:") as store:
        whole = texts(store, run(store, reader()))
    with Store.open(":memory:") as store:
        first, second = reader(stops_at=stops_at), reader()
        with pytest.raises(Interrupted):
            run(store, first)
        [stopped] = store.runs()
        done = run(store, second, stopped)
        assert texts(store, done) == whole
        assert stops_at + len(second.asked) == 22


@needs_gepa
def test_a_model_that_writes_no_text_costs_the_text_and_not_the_run(store: Store) -> None:
    done = run(store, reader(ModelError("the server is tired", retryable=False, status=400)))
    assert (texts(store, done), done.status) == ([], RunStatus.DONE)


@needs_gepa
def test_the_bullets_that_were_measured_are_those_that_are_kept(store: Store) -> None:
    done = run(store, reader())
    book = str(done.result["playbook"])
    kept = store.view(book).bullets()[0].id
    [shown] = {e.render.text for e in store.episodes(run=done.id, phase="rollout", limit=None)}
    assert f"- [{kept}] Take the west door." in shown


def designed_with(model: str, store: Path | str = ":memory:", **settings: Any) -> OpenedDesign:
    base = RunSettings(f"{__name__}:Corridor", model=model, store=str(store), eval=TEST, batch=5, **settings)
    return open_design(designed(base, arms_of("empty,gepa"), (0, 1)))


@needs_gepa
def test_the_novice_cannot_be_the_arm_and_the_others_go_on() -> None:
    why = designed_with("novice").unusable["gepa"]
    assert why.startswith("gepa is not usable by this model: the novice writes no texts; name a language model")


@needs_gepa
def test_it_stands_in_a_comparison_beside_the_others(tmp_path: Path) -> None:
    opened = designed_with(f"{__name__}:compared", tmp_path / "ace.db", episodes=10)
    with Store.open(tmp_path / "ace.db") as db:
        experiment = begun(opened, db)
        asyncio.run(Conduct(opened, db, experiment, Budget()).execute())
        empty, gepa = comparison_of(db, experiment).rows
    assert (empty.success, gepa.success, gepa.note) == (0, 1, "")
    # Ten cases, one text, three cases with it, five that measure it, and the held-out ones: at both seeds.
    assert gepa.usage.calls == 2 * (10 + 1 + 3 + 5 + TEST)


def test_the_calls_are_stated_before_they_are_made() -> None:
    def calls(**settings: str) -> int:
        asked = RunSettings("corridor", model="scripted", strategy="gepa", strategy_settings=settings)
        tasks = Corridor().tasks("train")
        return expected(asked, Corridor(), tasks, tasks[:4], 1).calls

    assert (calls(), calls(calls="100"), calls(calls="5")) == (3 * TRAIN + 4, 104, TRAIN + 4)


def test_where_the_package_is_missing_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    install = re.escape(pip_install("'evolving-playbook[gepa]'"))
    with pytest.raises(NotUsable, match=f": {install}$"):
        Gepa(Roles(lambda unit: Novice(), lambda unit: Novice())).require()


def test_outside_a_run_it_learns_nothing_and_says_why(store: Store) -> None:
    store.ensure_playbook("p")
    learned = asyncio.run(
        Gepa(Roles(lambda u: Novice(), lambda u: Novice())).learn(Lesson([lived(1, False)], 1), store.view("p"))
    )
    assert (learned.delta, learned.notes) == (None, ("gepa learns in a run of an environment alone, whose cases it can play",))


@needs_gepa
def test_the_page_shows_how_a_playbook_is_a_component_of_gepa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    [block] = [b for b in re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE) if "import gepa" in b]
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "experiments.md", "exec"), {"__name__": "page"})
    with Store.open(tmp_path / "doors.db") as db:
        said = {b.text: b.id for b in db.view("doors").bullets()}
        assert list(said) == ["Knock before you enter.", "Take the west door."]
        assert next(d.reason for d in db.log("doors")) == "GEPA: 1.00 of 4 cases won"
    [writes] = re.findall(r"^    return \"```\".*$", block, re.MULTILINE)
    other = "# doors\\n\\n## Doors\\n\\n- Look through the keyhole."
    second = block.replace(writes, f'    return "```\\n{other}\\n```"').replace("west door", "keyhole")
    exec(compile(second, "experiments.md", "exec"), {"__name__": "page"})
    with Store.open(tmp_path / "doors.db") as db:
        assert [b.text for b in db.view("doors").bullets()] == ["Look through the keyhole."]
        assert all(db.view("doors").get(id) is not None for id in said.values())


@needs_gepa
def test_a_limit_of_the_run_stops_it_while_gepa_is_at_work_and_it_goes_on_under_another_one(store: Store) -> None:
    model = reader()
    with pytest.raises(LimitReached):
        run(store, model, most=15)
    assert len(model.asked) == 15
    [stopped] = store.runs()
    done = run(store, model, stopped, most=50)
    assert (texts(store, done)[:1], len(model.asked)) == (["Take the west door."], 22)


@needs_gepa
def test_a_task_that_is_cancelled_while_gepa_waits_for_an_attempt_ends(store: Store) -> None:
    async def cancelled() -> None:
        model, waits = reader(), asyncio.Event()

        class Hanging(Answering):
            async def complete(self, request: Request) -> Reply:
                if len(model.asked) < TRAIN + 1:
                    return await model.complete(request)
                waits.set()
                await asyncio.sleep(3600)
                raise AssertionError("it was not ended")

        prepared = checked(Corridor(), SETTINGS, Hanging(lambda request, number: ""))
        working = asyncio.create_task(work(prepared, store, begin(prepared, store)))
        await waits.wait()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    asyncio.run(asyncio.wait_for(cancelled(), 60))
