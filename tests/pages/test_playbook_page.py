"""The page of a playbook: its bullets, whether a run found that it helps, what attempts say, and every edit."""

from __future__ import annotations

import pytest

import ace as library
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.pages.document import rendered
from ace.pages.playbook import playbook_page
from ace.playbooks.operations import Delta
from tests.pages.reading import Read, read
from tests.stories import NAME, Story, add, retire, revise

MANY = 1100


def page_of(store: Store, ref: str) -> Read:
    return read(rendered(playbook_page(store, ref)))


def test_one_that_no_run_measured_claims_nothing(store: Store) -> None:
    Story(store)
    assert "has no bullets" in page_of(store, NAME).text
    store.commit(Batch(playbook=NAME, delta=Delta("", (add("Ask first."),), "person", "I know", by="Kim")))
    page = page_of(store, NAME)
    assert "1\xa0bullet, not measured" in page.text
    assert "Made in revision 1 by Kim" in page.text


@pytest.fixture
def edited(store: Store) -> Store:
    """A playbook of two bullets, of which one was reworded and one retired."""
    Story(store)
    made = store.commit(Batch(playbook=NAME, delta=Delta("", (add("Refund in full."), add("Send a voucher.")))))
    assert made.revision is not None
    first, second = (b.id for b in store.view(NAME).bullets())
    changes = (revise(first, "Refund in part.", reason="too dear"), retire(second, reason="never used"))
    store.commit(Batch(playbook=NAME, delta=Delta(made.revision.hash, changes)))
    return store


def test_edits_are_shown_word_by_word_and_retired_bullets_apart(edited: Store) -> None:
    page = page_of(edited, NAME)
    assert "full" in "".join("".join(e.itertext()) for e in page.all("del"))
    assert "part" in "".join("".join(e.itertext()) for e in page.all("ins"))
    assert "too dear" in page.text
    (gone,) = (li for s in page.all("section") if s.get("id") == "retired" for li in s.iter("li"))
    assert "Send a voucher." in "".join(gone.itertext())


def test_the_page_of_an_earlier_revision_is_as_it_was_then(edited: Store) -> None:
    page = page_of(edited, f"{NAME}@1")
    assert "Refund in full." in "".join(page.one("all").itertext())
    assert "Refund in part." not in page.text


def test_a_large_playbook_is_cut_and_says_where_the_rest_is(store: Store) -> None:
    Story(store)
    many = tuple(add(f"Lesson {n}: " + "<&>" * 40) for n in range(MANY))
    store.commit(Batch(playbook=NAME, delta=Delta("", many)))
    source = rendered(playbook_page(store, NAME))
    assert len(source.encode()) < 1_000_000
    shown = len(read(source).one("all"))
    assert 100 < shown < MANY
    assert f"{MANY - shown:,}\xa0more bullets: ace playbook show {NAME}@1" in read(source).text


def test_what_showing_a_bullet_does_stands_beside_it_where_chance_left_it_out(store: Store) -> None:
    with library.open(NAME, store=store, holdout=0.5) as playbook:
        [id] = playbook.add("Refunds", "Ask first.").bullets
        assert "Estimated effect" not in page_of(store, NAME).text
        for n in range(30):
            with playbook.episode(f"case {n}") as ep:
                ep.finish(id in ep.context)
    text = page_of(store, NAME).text
    assert "Estimated effect of showing it: +" in text
    assert "chance of harm 0 %" in text
