"""A view never changes, and reads a playbook that is shown whole once, however many attempts are shown it."""

from __future__ import annotations

from ace.memory.store import Store
from ace.runs.gates.proposed import Proposed
from tests.stories import NAME, Story, add, retire


def test_bullets_are_read_once_and_stay_as_they_were_when_the_head_moves_on(store: Store) -> None:
    story = Story(store)
    [first] = story.added(add("ask first"))
    view = store.view(NAME)
    before = view.bullets()
    assert view.bullets()[0] is before[0]
    story.change(add("then answer"), retire(first))
    assert view.bullets() == before
    assert [b.text for b in store.view(NAME).bullets()] == ["then answer"]
    assert [b.text for b in store.view(f"{NAME}@1").bullets()] == ["ask first"]


def test_a_view_that_was_first_read_after_the_head_moved_on_reads_the_past(store: Store) -> None:
    story = Story(store)
    [first] = story.added(add("ask first"))
    view = store.view(NAME)
    story.change(retire(first))
    assert [b.text for b in view.bullets()] == ["ask first"]
    assert [b.text for b in view.bullets(include_retired=True)] == ["ask first"]


def test_what_a_caller_does_with_the_list_changes_no_view(store: Store) -> None:
    story = Story(store)
    story.added(add("ask first"))
    view = store.view(NAME)
    proposed = Proposed(view, [add("then answer")])
    for book, texts in ((view, ["ask first"]), (proposed, ["ask first", "then answer"])):
        book.bullets().clear()
        assert [b.text for b in book.bullets()] == texts
