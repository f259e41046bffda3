"""Places of bullets: there is always one more between two, and places stay short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import rank_between
from ace.playbooks.operations import Op, Operation
from tests.playbooks.making import checked


def insert(ranks: list[str], place: int) -> str:
    low = ranks[place - 1] if place else None
    high = ranks[place] if place < len(ranks) else None
    made = rank_between(low, high)
    assert low is None or low < made
    assert high is None or made < high
    ranks.insert(place, made)
    return made


@given(st.lists(st.floats(0, 1, allow_nan=False), max_size=300))
@checked
def test_there_is_a_place_between_any_two(places: list[float]) -> None:
    ranks: list[str] = []
    for where in places:
        insert(ranks, round(where * len(ranks)))
    assert ranks == sorted(set(ranks))


@given(st.lists(st.sampled_from(("before", "after")), min_size=1, max_size=400), st.booleans())
@checked
def test_a_place_grows_by_no_more_than_a_character_for_five_insertions_beside_the_last(sides: list[str], first: bool) -> None:
    ranks = [rank_between(None, None)] if first else []
    place = 0
    for count, side in enumerate(sides, 1):
        place += side == "after" and place < len(ranks)
        made = insert(ranks, place)
        assert len(made) <= 9 + count / 5


@pytest.mark.parametrize("place", ["start", "after the first", "before the last"])
def test_a_thousand_insertions_at_one_place_stay_within_two_hundred_characters_and_a_few(place: str) -> None:
    ranks: list[str] = []
    for _ in range(3):
        insert(ranks, len(ranks))
    for _ in range(1000):
        insert(ranks, {"start": 0, "after the first": 1, "before the last": len(ranks) - 1}[place])
    assert max(map(len, ranks)) <= 209
    assert ranks == sorted(set(ranks))


def test_appended_places_all_have_eight_characters() -> None:
    ranks: list[str] = []
    for _ in range(50_000):
        ranks.append(rank_between(ranks[-1] if ranks else None, None))
    assert {len(r) for r in ranks} == {8}
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(("low", "high"), [("", ""), ("a", "a"), ("b", "a"), ("a", "a0")])
def test_where_there_is_no_place_between_it_is_said(low: str, high: str) -> None:
    with pytest.raises(ValueError, match="no rank between"):
        rank_between(low, high)


def test_a_place_that_a_bullet_left_at_the_end_goes_to_the_next_one_of_the_delta() -> None:
    """Places must come out as they always did: a stored history is replayed, and every digest has them in it."""
    ops = [Operation(Op.ADD, section="A", text=text, new_id=f"ref-{text}00") for text in ("one", "two", "three")]
    plain, _ = apply(Book(), ops[:2], "")
    moved, refused = apply(Book(), [*ops[:2], Operation(Op.MOVE, id="ref-two00", after="top"), ops[2]], "")
    assert refused == []
    assert [c.after.rank for c in moved[:2]] == [c.after.rank for c in plain]
    assert moved[3].after.rank == plain[1].after.rank
