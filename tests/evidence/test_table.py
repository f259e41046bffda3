"""Wins and losses by fact value and choice."""

from __future__ import annotations

from ace.evidence.cases import PastCase
from ace.evidence.table import CHARACTERS, LINES, Count, table, table_lines
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.trigger import Plan
from tests.evidence.planted import attempts


def _case(tier: str, choice: str, *, won: bool, revealed: str = "") -> PastCase:
    return PastCase(CaseView.of(Facts({"tier": tier})), Plan(choice), won, revealed)


CASES = [
    _case(t, c, won=(t == "gold") == (c == "refund")) for t in ("gold", "none") for c in ("refund", "deny") for _ in range(4)
]


def test_wins_and_losses_are_counted_by_value_and_choice() -> None:
    rows = {row.condition and row.condition.value: row.counts for row in table(CASES)}
    assert rows[None] == (Count("deny", 4, 4), Count("refund", 4, 4))
    assert rows["gold"] == (Count("deny", 0, 4), Count("refund", 4, 0))
    assert rows["none"] == (Count("deny", 4, 0), Count("refund", 0, 4))


def test_the_table_is_printed_a_line_a_value() -> None:
    assert table_lines(table(CASES))[0] == "all attempts: deny 4 won 4 lost; refund 4 won 4 lost"
    assert '"tier" is "gold": deny 0 won 4 lost; refund 4 won 0 lost' in table_lines(table(CASES))


def test_a_revealed_answer_counts_as_won_and_the_lost_choice_as_lost() -> None:
    assert table([_case("gold", "deny", won=False, revealed="refund")])[0].counts == (
        Count("deny", 0, 1),
        Count("refund", 1, 0),
    )


def test_the_values_that_tell_most_come_first() -> None:
    first = table(attempts(300), limit=4)[1:]
    assert all(row.condition is not None and row.condition.key != "colour" for row in first)


def test_the_table_is_bounded() -> None:
    assert len(table(attempts(200))) <= LINES
    assert len(table(attempts(200), limit=3)) == 3
    assert table_lines(table(attempts(200), limit=1), choices=1)[0].endswith("lost")
    assert "; 3 more " in table_lines(table(attempts(200), limit=1), choices=1)[0]


def test_long_choices_are_cut() -> None:
    [line] = table_lines(table([_case("gold", "word " * 500, won=True)]))
    assert len(line) == CHARACTERS
    assert line.endswith("…")


def test_nothing_to_count_gives_an_empty_table() -> None:
    assert table([]) == []
    assert table(CASES, limit=0) == []
    assert table_lines([]) == []
