"""A program that reviews what its agent would learn."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import ace
from ace.errors import BadInput, BadSetting, Conflict, NotFound
from tests.session.agents import play


def test_learning_with_review_leaves_the_playbook_as_it_is_until_a_program_decides(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        play(playbook, range(20))
        result = playbook.learn(review=True)
        assert (result.accepted, result.waiting, playbook.bullets()) == (0, len(playbook.reviews()), [])
        first, *others = playbook.reviews()
        edit = playbook.accept(first, reason="sound", author="Ada")
        assert (edit.revision, edit.reason, edit.refused) == (1, "sound", ())
        assert {b.text for b in playbook.bullets()} == {c.after.text for c in first.changes}
        for other in others:
            playbook.refuse(other.number, reason="one is enough", author="Ada")
        assert (playbook.reviews(), playbook.store.verify("support")) == ([], [])


def test_the_next_batch_sees_the_playbook_as_it_stands(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        play(playbook, range(20))
        playbook.learn(review=True)
        bases = {w.delta.base for w in playbook.reviews()}
        assert bases == {playbook.store.head("support").hash}


def test_a_delta_is_committed_as_it_was_shown_and_by_its_number_as_it_was_proposed(tmp_path: Path) -> None:
    from tests.stories import Story, add, revise

    with ace.open("support", store=tmp_path / "s.db") as playbook, ace.open("other", store=playbook.store) as other:
        story = Story(playbook.store)
        [a] = story.added(add("Be kind."))
        number = story.held(revise(a, "Be very kind."), add("Be brief."))
        seen = playbook.review(number)
        playbook.revise(a, "Be kind to all.")
        for given in (seen, number):
            with pytest.raises(Conflict):
                playbook.accept(given)
        with pytest.raises(BadSetting, match="waits in playbook 'support', and this is 'other'"):
            other.accept(seen)
        with pytest.raises(NotFound):
            other.review(number)
        for odd in (True, "2", 0, None):
            with pytest.raises(BadSetting, match="the number of a delta is"):
                playbook.accept(odd)  # type: ignore[arg-type]
        with pytest.raises(BadSetting, match="an operation's number is"):
            playbook.accept(seen, only=["1"])  # type: ignore[list-item]
        with pytest.raises(BadInput, match="one line"):
            playbook.refuse(number, reason="a\nb")
        edit = asyncio.run(playbook.aaccept(asyncio.run(playbook.areview(number)), only=[2]))
        assert [b.text for b in playbook.bullets()] == ["Be kind to all.", "Be brief."]
        assert len(edit.refused) == 1


@pytest.mark.parametrize("only", [[], (), set(), range(0), "", "1", 1, True, [0], [1.0], [None]], ids=repr)
def test_a_selection_that_names_nothing_accepts_nothing(tmp_path: Path, only: object) -> None:
    from tests.stories import Story, add

    with ace.open("support", store=tmp_path / "s.db") as playbook:
        number = Story(playbook.store).held(add("Be kind."), add("Be brief."))
        seen = playbook.review(number)
        with pytest.raises(BadSetting, match=r"^(only|an operation's number) "):
            playbook.accept(seen, only=only)  # type: ignore[arg-type]
        assert (playbook.bullets(), [w.number for w in playbook.reviews()]) == ([], [number])
        edit = playbook.accept(seen, only=None)
        assert (len(playbook.bullets()), edit.refused) == (2, ())


@pytest.mark.parametrize("number", ["1", True, 1.0, None, 0, [1]], ids=repr)
def test_a_delta_is_looked_at_by_its_number_alone(tmp_path: Path, number: object) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook, pytest.raises(BadSetting, match="the number of a delta is"):
        playbook.review(number)  # type: ignore[arg-type]


def test_the_kind_of_masked_bullets_is_a_text_also_of_an_empty_playbook(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        assert playbook.masked("refund") == []
        with pytest.raises(BadSetting, match="kind is 5; it must be a text"):
            playbook.masked(5)  # type: ignore[arg-type]


def test_a_gate_cannot_be_called_review(tmp_path: Path) -> None:
    async def review(proposal: object, ways: object) -> None: ...

    named = pytest.raises(BadSetting, match="a gate cannot be named review")
    with ace.open("support", store=tmp_path / "s.db") as playbook, named:
        playbook.learn(gates=[review])
