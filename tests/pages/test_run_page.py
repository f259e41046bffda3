"""The page of a run says what the run gave, and keeps out what texts from outside would do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch, RunStatus
from ace.pages.document import PAGE, rendered
from ace.pages.playbook import playbook_page
from ace.pages.run import run_page
from ace.playbooks.visible import visible
from ace.results.result import result_of
from ace.types import JSON, Episode
from tests.doing import Done
from tests.pages.conftest import HOSTILE, TURNED, Hostile
from tests.pages.reading import Read, read
from tests.starting import started
from tests.strategies.lessons import lived

LARGEST = 1_000_000


@pytest.fixture(scope="session")
def page(lived_run: tuple[Store, Done]) -> Read:
    store, done = lived_run
    return read(rendered(run_page(store, done.run.id)))


def test_the_first_screen_says_whether_it_helped_by_how_much_and_how_sure_that_is(
    page: Read, lived_run: tuple[Store, Done]
) -> None:
    store, done = lived_run
    r = result_of(store, store.run(done.run.id))
    assert r.gain is not None
    assert r.gain.interval[0] > 0
    (answer,) = page.all("h1")
    assert answer.text == f"It helped: {100 * r.gain.difference:+.1f} points"
    first = "".join(page.all("header")[0].itertext()).replace("\xa0", " ")
    for share in (r.before.success, r.after.success):
        assert f"{100 * (share or 0):.1f} %" in first
    assert f"95 % interval {100 * r.gain.interval[0]:+.1f} to {100 * r.gain.interval[1]:+.1f}" in first
    assert "one seed (0)" in first


def test_every_chart_has_a_table_with_its_numbers(page: Read) -> None:
    charts = [s for s in page.all("svg") if s.get("class") == "chart"]
    captions = ["".join(c.itertext()) for c in page.all("caption")]
    assert len(charts) == 3
    for words in ("Success on held-out cases", "Success of first attempts by batches", "Bullets by revision"):
        assert any(words in caption for caption in captions)


def test_bullets_are_shown_with_right_and_wrong_and_where_they_came_from(page: Read, lived_run: tuple[Store, Done]) -> None:
    store, done = lived_run
    view = store.view(str(done.run.result["playbook"]))
    items = ["".join(li.itertext()) for li in page.one("all")]
    assert len(items) == view.count
    for b, item in zip(view.bullets(), items, strict=True):
        assert b.text in item
        assert b.id in item
        assert "Made in revision" in item
    decided = [b for b in view.fit().bullets if b.decided.count]
    assert decided
    for fit in decided:
        assert any(f"{len(fit.decided.right)} right, {len(fit.decided.wrong)} wrong" in item for item in items)


def test_the_same_store_gives_the_same_page(page: Read, lived_run: tuple[Store, Done]) -> None:
    store, done = lived_run
    assert rendered(run_page(store, done.run.id)) == page.source
    assert PAGE.is_untouched(page.source)
    assert not PAGE.is_untouched(page.source.replace("</h1>", "!</h1>"))


def test_the_page_of_a_playbook_says_what_the_last_run_measured(lived_run: tuple[Store, Done]) -> None:
    store, done = lived_run
    name = str(done.run.result["playbook"])
    page, r = read(rendered(playbook_page(store, name))), result_of(store, store.run(done.run.id))
    assert r.gain is not None
    assert "".join(page.all("h1")[0].itertext()) == f"It helped: {100 * r.gain.difference:+.1f} points"
    assert done.run.id in page.text
    fit = store.view(name).fit()
    assert f"right{len(fit.right)}show" in page.text
    for d in store.log(name):
        assert d.revision is not None
        assert f"revision {d.revision.number}" in page.text


@pytest.mark.parametrize("of", ["run", "playbook"])
def test_hostile_texts_show_as_text_and_do_nothing(hostile: Hostile, of: str) -> None:
    page_of_it = run_page(hostile.store, hostile.run.id) if of == "run" else playbook_page(hostile.store, hostile.playbook)
    source = rendered(page_of_it)
    page = read(source)
    assert HOSTILE in page.text
    shown = visible(TURNED).replace("\ufffe", "\ufffd")
    assert shown in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", source)
    assert len(source.encode()) < LARGEST
    assert PAGE.is_untouched(source)


def test_long_texts_are_cut_and_say_how_much_is_left_out(hostile: Hostile) -> None:
    page = read(rendered(run_page(hostile.store, hostile.run.id)))
    assert "more characters)" in page.text
    assert "x" * 2000 not in page.text


def test_a_run_that_did_nothing_yet_still_has_a_page(store: Store) -> None:
    run = started(store, {"environment": "e", "model": "m", "strategy": "ace", "seed": 0, "batch": 2})
    store.set_run(run.id, RunStatus.FAILED, {"stopped": "the server is gone"})
    page = read(rendered(run_page(store, run.id)))
    assert "has not measured or learned anything yet" in page.text
    assert "the server is gone" in page.text
    assert "seed" in page.text


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ((), (), "Nothing was measured"),
        ((True, False), (), "Not measured after learning yet"),
        ((), (True, False), "50.0\xa0% of 2\xa0held-out cases won"),
        ((True, None), (None, True), "No case was valid both"),
        ((True,) * 30, (False,) * 30, "It did harm"),
        ((False,) * 30, (True,) * 30, "It helped"),
        ((True, False), (False, True), "No change can be told"),
    ],
)
def test_the_answer_claims_no_more_than_the_numbers_allow(
    store: Store, before: tuple[bool | None, ...], after: tuple[bool | None, ...], answer: str
) -> None:
    run = started(store, {"environment": "e", "model": "m", "strategy": "ace", "seed": 0, "batch": 2})
    store.ensure_playbook("b")
    store.set_run(run.id, RunStatus.DONE, {"playbook": "b", "start": 0, "revision": 0})
    for phase, verdicts in (("before", before), ("after", after)):
        episodes = tuple(_as(phase, n, won) for n, won in enumerate(verdicts))
        store.commit(Batch(episodes, run=run.id))
    page = read(rendered(run_page(store, run.id)))
    assert "".join(page.all("h1")[0].itertext()).startswith(answer)


def test_an_evaluation_says_first_attempts_and_several_apart(store: Store) -> None:
    asked: dict[str, JSON] = {"environment": "e", "model": "m", "strategy": "ace", "seed": 0, "split": "test", "attempts": 2}
    run = started(store, asked)
    store.ensure_playbook("b")
    store.set_run(run.id, RunStatus.DONE, {"playbook": "b", "revision": 0})
    for epoch, verdicts in enumerate(((True, False, False, None), (False, True, False, True))):
        made = (replace(_as("eval", n, won), epoch=epoch) for n, won in enumerate(verdicts))
        store.commit(Batch(tuple(replace(e, id=f"{e.id}-{epoch}") for e in made), run=run.id))
    page = read(rendered(run_page(store, run.id)))
    assert "33.3\xa0% of 3\xa0cases won" in page.text
    rows = ["".join(r.itertext()).replace("\xa0", " ") for r in page.one("result").iter("tr")]
    assert [r[:12] for r in rows[1:]] == ["success33.3 ", "pass@150.0 %", "pass@266.7 %"]


def _as(phase: str, n: int, won: bool | None) -> Episode:
    return replace(lived(n, won), id=f"{phase}-{n}", phase=phase)
