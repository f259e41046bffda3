"""A front of candidates, judged task by task."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.bullet import Bullet
from ace.strategies.front import complementary, dominated, drawn, members, shares, wins_of, woven

WINS = st.dictionaries(st.integers(1, 9), st.frozensets(st.sampled_from("abcdef")), min_size=1)


def test_only_candidates_that_were_measured_on_all_tasks_count() -> None:
    results = {1: {"a": True, "b": False}, 2: {"a": True}, 3: {"a": False, "b": True, "c": True}}
    assert wins_of(results, ["a", "b"]) == {1: frozenset("a"), 3: frozenset("b")}


def test_the_front_keeps_who_is_best_somewhere_and_of_equals_the_newest() -> None:
    wins = {1: frozenset("ab"), 2: frozenset("a"), 3: frozenset("cd"), 4: frozenset("ab"), 5: frozenset("bd")}
    assert members(wins, 9) == [3, 4, 5]
    assert members(wins, 2) == [4, 5]
    assert members({1: frozenset(), 2: frozenset()}, 4) == [2]


@given(WINS)
def test_no_member_is_beaten_and_whoever_is_not_a_member_is(wins: dict[int, frozenset[str]]) -> None:
    on_front = members(wins, 99)
    assert all(not dominated(wins[n], [wins[m] for m in on_front]) for n in on_front)
    assert all(any(wins[n] <= wins[m] for m in on_front) for n in wins)


def test_a_member_is_drawn_by_how_many_tasks_it_is_best_on() -> None:
    wins = {3: frozenset("cd"), 4: frozenset("ab"), 5: frozenset("bd")}
    # a: 4; b: 4 and 5; c: 3; d: 3 and 5; e: none wins, so all are best.
    weights = shares(wins, [3, 4, 5], "abcde")
    assert weights == {3: 3, 4: 3, 5: 3}
    assert shares({1: frozenset("abc"), 2: frozenset("d")}, [1, 2], "abcd") == {1: 3, 2: 1}
    assert [drawn({1: 3, 2: 1}, c / 8) for c in range(8)] == [1, 1, 1, 1, 1, 1, 2, 2]


def test_two_are_merged_only_where_they_win_more_together() -> None:
    assert complementary({1: frozenset("abc"), 2: frozenset("cd"), 3: frozenset("fe")}, [1, 2, 3]) == (1, 3)
    assert complementary({1: frozenset("a"), 2: frozenset("bc")}, [1, 2]) == (2, 1)
    assert complementary({1: frozenset("abc"), 2: frozenset("ab")}, [1, 2]) is None
    assert complementary({1: frozenset("a")}, [1]) is None


def bullets(*named: str) -> list[Bullet]:
    return [Bullet(id, "Rules", text, rank=id) for id, _, text in (n.partition(":") for n in named)]


def test_what_is_woven_in_stands_behind_what_it_stood_behind() -> None:
    first, second = bullets("a:A", "b:B", "z:else"), bullets("n:N", "a:A", "c:C", "d:B", "z:else", "e:E")
    assert [b.id for b in woven(first, second)] == ["n", "a", "c", "b", "z", "e"]
    assert woven(first, first) == first
