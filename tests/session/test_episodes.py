"""An agent reads its playbook and says what came of it: what is shown is recorded, and what is said is stored once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ace
from ace.errors import BadSetting, Conflict, NotFound, StoreUnusable
from ace.events import EpisodeEnded, Event
from ace.playbooks.render import bullet_line
from ace.session.playbook import Playbook
from ace.types import Episode
from tests.command import ROOT
from tests.session.agents import add


def stored(playbook: Playbook) -> Episode:
    return playbook.store.episodes(limit=1)[0]


def test_what_is_recorded_as_shown_stands_in_the_text_the_agent_got(playbook: Playbook) -> None:
    first, second = add(playbook, "Ask for the order number.", "Refunds above 100 need a manager.")
    with playbook.episode("Refund for order 1182") as ep:
        context = ep.context
        ep.finish(True, transcript=f"Done, as [{second}] says.")
    episode = stored(playbook)
    shown = [(x.bullet, x.version, x.position, x.shown, x.policy, x.cited) for x in episode.render.exposures]
    assert shown == [(first, 1, 0, True, "all", False), (second, 1, 1, True, "all", True)]
    assert [bullet_line(b) in context for b in playbook.bullets()] == [True, True]
    assert episode.render.text in context
    assert episode.render.revisions == (playbook.store.head("support").hash,)
    assert (episode.task.text, episode.outcome.success, episode.cited) == ("Refund for order 1182", True, (second,))
    records = playbook.store.view("support").records([first, second])
    assert [(records[b].shown_won, records[b].cited_won) for b in (first, second)] == [(1, 0), (1, 1)]


def test_of_a_large_playbook_the_agent_is_shown_what_concerns_its_task(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "support.db", tokens=40) as playbook:
        about = add(playbook, *(f"Parcel {i} goes by courier when it is late." for i in range(30)), "Refund broken lamps.")[-1]
        with playbook.episode("A customer's lamps arrived broken") as ep:
            assert "Refund broken lamps." in ep.context
            ep.finish(True)
    exposures = stored(playbook).render.exposures
    assert about in {x.bullet for x in exposures}
    assert {x.policy for x in exposures} == {"relevant"}
    assert len(exposures) < 10


def test_an_empty_playbook_adds_nothing_to_a_prompt(playbook: Playbook) -> None:
    with playbook.episode("A task") as ep:
        assert ep.context == ""
        ep.finish(True)
    assert stored(playbook).render.exposures == ()


def test_what_the_agent_was_not_shown_is_no_evidence(playbook: Playbook) -> None:
    [bullet] = add(playbook, "Be kind.")
    with playbook.episode("A task") as ep:
        ep.finish(True, transcript="I did it my way.")
    assert stored(playbook).render.exposures == ()
    assert playbook.store.view("support").records([bullet])[bullet].shown_won == 0


def test_an_attempt_is_shown_one_revision_however_often_it_asks(playbook: Playbook) -> None:
    add(playbook, "Be kind.")
    with playbook.episode("A task") as ep:
        before = ep.context
        add(playbook, "Be quick.")
        assert ep.context == before
        ep.finish(True)
    with playbook.episode("A task") as ep:
        assert "Be quick." in ep.context
        ep.finish(True)


def test_whoever_cannot_tell_says_none_and_nothing_is_learned(playbook: Playbook) -> None:
    [bullet] = add(playbook, "Be kind.")
    with playbook.episode("A task") as ep:
        assert ep.context
        ep.finish(None, feedback="the customer hung up")
    assert stored(playbook).outcome.valid is False
    assert "could not tell" in stored(playbook).outcome.reason
    record = playbook.store.view("support").records([bullet])[bullet]
    assert (record.shown_won, record.shown_lost) == (0, 0)


def test_an_exception_ends_the_attempt_as_invalid_and_goes_on_its_way(playbook: Playbook) -> None:
    with pytest.raises(ZeroDivisionError), playbook.episode("A task"):
        raise ZeroDivisionError("by nothing")
    outcome = stored(playbook).outcome
    assert (outcome.valid, outcome.reason) == (False, "ZeroDivisionError ended it: by nothing")


def test_a_block_left_without_a_verdict_is_invalid(playbook: Playbook) -> None:
    with playbook.episode("A task"):
        pass
    assert stored(playbook).outcome.reason == "the block ended without a verdict"


def test_an_attempt_is_finished_once(playbook: Playbook) -> None:
    with playbook.episode("A task") as ep:
        ep.finish(True)
        with pytest.raises(Conflict, match="finished once"):
            ep.finish(False)
    assert [e.outcome.success for e in playbook.store.episodes()] == [True]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"success": "yes"}, "success is 'yes'"),
        ({"success": 2}, "success is 2"),
        ({"success": True, "score": 1.5}, "score is 1.5"),
        ({"success": True, "score": float("nan")}, "score is nan"),
        ({"success": True, "score": 10**400}, "score is 1000"),
        ({"success": True, "feedback": 3}, "feedback is 3; it must be a text"),
        ({"success": True, "cited": 3}, "cited is 3; it must be a list of bullets' ids"),
        ({"success": True, "cited": b"rul-abc123"}, "cited is b'rul-abc123'; it must be a list"),
    ],
)
def test_what_is_no_verdict_is_refused_and_can_be_said_again(playbook: Playbook, said: dict[str, object], why: str) -> None:
    with playbook.episode("A task") as ep:
        with pytest.raises(BadSetting, match=why):
            ep.finish(**said)  # type: ignore[arg-type]
        ep.finish(False, score=0.25, feedback="too late")
    outcome = stored(playbook).outcome
    assert (outcome.success, outcome.score, outcome.feedback) == (False, 0.25, "too late")


@pytest.mark.parametrize("task", ["", "  \n", None, 7])
def test_a_task_needs_words(playbook: Playbook, task: object) -> None:
    with pytest.raises(BadSetting, match="it must be its statement"):
        playbook.episode(task)  # type: ignore[arg-type]


def test_a_transcript_that_repeats_the_prompt_cites_nothing_by_it(playbook: Playbook) -> None:
    one, two = add(playbook, "Be kind.", "Be quick.")
    with playbook.episode("A task") as ep:
        ep.finish(True, transcript=f"SYSTEM: {ep.context}\n\nAGENT: quick, as in [{two}]; [{one[:-1]}0] is made up")
    assert stored(playbook).cited == (two,)


def test_citations_can_be_told_apart_from_the_transcript(playbook: Playbook) -> None:
    one, two = add(playbook, "Be kind.", "Be quick.")
    with playbook.episode("A task") as ep:
        assert ep.context
        with pytest.warns(ace.AceWarning) as told:
            ep.finish(False, cited=[f"[{one}]", two, "not an id", "nope-typo"])
    assert stored(playbook).cited == (one, two)
    [line] = [str(w.message) for w in told]
    assert "cited has 'not an id', 'nope-typo', which is the id of no bullet of playbook" in line


def test_none_is_nothing_said(playbook: Playbook) -> None:
    with playbook.episode("A task") as ep:
        ep.finish(True, transcript=None, feedback=None, cited=None, score=None)
    assert (stored(playbook).outcome.feedback, stored(playbook).cited) == ("", ())
    with playbook.episode("Another task") as ep:
        key = ep.later()
    assert playbook.report(key, False, feedback=None, cited=None).outcome.feedback == ""
    assert ace.open("other", store=None, detectors=None, redact=None, on_event=None).bullets() == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"store": 3}, "store is 3; it must be a file's path"),
        ({"tokens": True}, "tokens is True; it must be a whole number, 1 or more"),
        ({"mask": None}, "mask is None; it must be True or False"),
        ({"create": "no"}, "create is 'no'; it must be True or False"),
        ({"redact": 3}, "redact is 3; it must be a function"),
        ({"detectors": 3}, "detectors is 3; it must be a list of functions"),
        ({"on_event": 3}, "on_event is 3; it must be a function"),
    ],
)
def test_a_value_of_another_type_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: dict[str, object], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSetting, match=why):
        ace.open("support", **{"store": ":memory:", **said})  # type: ignore[arg-type]
    assert [*tmp_path.iterdir()] == []


def test_the_nearest_bullets_are_found_in_memory_too() -> None:
    book = ace.open("support", store=":memory:")
    add(book, "Be kind.", "Be quick.")
    assert [hit.bullet.text for hit in ace.open("support", store=book.store).relevant("quick")] == ["Be quick."]
    with ace.open("support", store=":memory:") as fresh:
        assert fresh.relevant("quick") == []


async def test_the_async_form_does_the_same(playbook: Playbook) -> None:
    [bullet] = add(playbook, "Be kind.")
    async with playbook.episode("A task") as ep:
        assert "Be kind." in await ep.acontext()
        await ep.afinish(True, transcript=f"[{bullet}]", feedback="thank you")
    assert (stored(playbook).cited, stored(playbook).outcome.feedback) == ((bullet,), "thank you")
    with pytest.raises(ValueError, match="no"):
        async with playbook.episode("Another task"):
            raise ValueError("no")
    assert stored(playbook).outcome.reason == "ValueError ended it: no"
    async with playbook.episode("A third task"):
        pass
    assert stored(playbook).outcome.valid is False


async def test_a_cancelled_attempt_is_invalid(playbook: Playbook) -> None:
    entered = asyncio.Event()

    async def agent() -> None:
        async with playbook.episode("A task"):
            entered.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(agent())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "CancelledError" in stored(playbook).outcome.reason


def test_many_attempts_are_open_at_once(playbook: Playbook) -> None:
    [bullet] = add(playbook, "Be kind.")

    def agent(number: int) -> None:
        with playbook.episode(f"Task {number}") as ep:
            assert "Be kind." in ep.context
            ep.finish(number % 2 == 0, transcript=f"[{bullet}] {number}")

    opened = [playbook.episode(f"Held {n}") for n in range(50)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(agent, range(100)))
    for ep in opened:
        ep.finish(True)
    assert playbook.store.count_episodes() == 150
    record = playbook.store.view("support").records([bullet])[bullet]
    assert (record.cited_won, record.cited_lost) == (50, 50)


def test_an_outcome_that_is_known_later_is_reported_from_another_process(playbook: Playbook, tmp_path: Path) -> None:
    [bullet] = add(playbook, "Be kind.")
    with playbook.episode("A task") as ep:
        assert ep.context
        assert ep.later("ticket 7", transcript=f"as [{bullet}] says") == "ticket 7"
    assert playbook.store.count_episodes(playbook="support") == 0
    script = "import ace, sys; ace.open('support', store=sys.argv[1]).report('ticket 7', False, feedback='came back')"
    subprocess.run([sys.executable, "-W", "error", "-c", script, str(tmp_path / "support.db")], check=True, cwd=ROOT)
    [episode] = playbook.store.episodes(playbook="support")
    assert (episode.outcome.success, episode.outcome.feedback, episode.cited) == (False, "came back", (bullet,))
    assert playbook.store.view("support").records([bullet])[bullet].cited_lost == 1
    assert playbook.report("ticket 7", False, feedback="came back") == episode
    with pytest.raises(Conflict, match="reported before, as failure"):
        playbook.report("ticket 7", True)
    assert playbook.store.count_episodes(playbook="support") == 1


async def test_reports_need_an_attempt_that_waits(playbook: Playbook) -> None:
    with pytest.raises(NotFound, match="no attempt waits for its outcome under 'ticket 8'"):
        await playbook.areport("ticket 8", True)
    async with playbook.episode("A task") as ep:
        key = await ep.alater()
    await playbook.areport(key, True)
    ep = playbook.episode("A task")
    ep.later("ticket 9")
    with pytest.raises(Conflict, match="the key 'ticket 9' was used before"):
        playbook.episode("Another task").later("ticket 9")
    with pytest.raises(Conflict, match="finished once"):
        ep.finish(True)


def test_what_happens_is_told_after_it_is_stored(tmp_path: Path) -> None:
    heard: list[Event] = []
    with ace.open("support", store=tmp_path / "s.db", on_event=heard.append) as playbook:

        @playbook.listen
        def fails(event: Event) -> None:
            raise RuntimeError("I do not want to hear it")

        with pytest.raises(RuntimeError, match="do not want"), playbook.episode("A task") as ep:
            ep.finish(True)
        assert [e.outcome.success for e in playbook.store.episodes()] == [True]
    assert [type(e) for e in heard] == [EpisodeEnded]


def test_texts_are_redacted_before_they_are_stored(tmp_path: Path) -> None:
    with ace.open("s", store=tmp_path / "s.db", redact=lambda text: text.replace("Ada", "###")) as playbook:
        with playbook.episode("Ada's order") as ep:
            ep.finish(True, transcript="Dear Ada", feedback="Ada is happy")
        episode = stored(playbook)
    assert (episode.task.text, episode.steps[0].action, episode.outcome.feedback) == ("###'s order", "Dear ###", "### is happy")


def test_the_same_store_can_be_shared_and_stays_open(playbook: Playbook) -> None:
    with ace.open("sales", store=playbook.store) as other:
        add(other, "Smile.")
    assert [p.name for p in playbook.store.playbooks()] == ["sales", "support"]
    assert [h.bullet.text for h in ace.open("sales", store=playbook.store).relevant("smile")] == ["Smile."]


@pytest.mark.parametrize(
    ("name", "store", "error", "why"),
    [
        ("support", ".", StoreUnusable, "is a folder"),
        ("support", "nowhere/s.db", StoreUnusable, "there is no folder"),
        ("support", "text.db", StoreUnusable, "is not a database"),
        ("support", "postgres://host/db", StoreUnusable, "cannot open"),
        ("a/b", "s.db", BadSetting, "cannot be called"),
        ("", "s.db", BadSetting, "name cannot be"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, store: str, error: type[Exception], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("This is no database at all.", encoding="utf-8")
    with pytest.raises(error, match=why) as raised:
        ace.open(name, store=store)
    assert isinstance(raised.value, ace.AceError)
    assert "\n" not in str(raised.value)


def test_without_create_a_playbook_must_be_there(playbook: Playbook) -> None:
    with pytest.raises(NotFound, match="did you mean 'support'"):
        ace.open("suport", store=playbook.store, create=False)
    assert ace.open("support", store=playbook.store, create=False).revision == 0
    with pytest.raises(BadSetting, match="tokens is 0"):
        ace.open("support", store=playbook.store, tokens=0)


def test_bullets_are_left_out_by_chance_where_it_is_said_and_stand_on_the_record(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "support.db", holdout=0.5) as playbook:
        ids = add(playbook, *(f"Parcel {i} goes by courier." for i in range(12)))
        playbook.pin(ids[0])
        with playbook.episode("A parcel") as ep:
            context = ep.context
            ep.finish(True, transcript=" ".join(f"[{id}]" for id in ids))
    found = stored(playbook).render.exposures
    assert [x.bullet for x in found] == list(ids)
    assert [x.probability for x in found] == [1.0] + 11 * [0.5]
    assert {x.shown for x in found} == {True, False}
    assert [f"[{x.bullet}]" in context for x in found] == [x.shown for x in found]
    # An agent cannot follow what it was not shown.
    assert [x.cited for x in found] == [x.shown for x in found]


@pytest.mark.parametrize("wrong", [-0.5, 1.0, float("nan"), "0.2", True])
def test_a_chance_that_cannot_be_is_refused_before_a_store_is_made(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(BadSetting, match="holdout is"):
        ace.open("support", store=tmp_path / "support.db", holdout=wrong)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
