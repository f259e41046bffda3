"""Triggers and conditions of every kind, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.trigger import Plan, Trigger

WORDS = st.text(st.characters(codec="utf-8", exclude_characters='"'), min_size=1, max_size=12)
"""Names, values and choices: all that can stand between double quotes."""
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
UNITS = st.sampled_from(["", "kg", "$", "day", "%"])
CONDITIONS = st.one_of(
    st.builds(Condition, st.sampled_from(["is", "is not", "contains", "omits"]), WORDS, WORDS),
    st.builds(Condition, st.sampled_from(["at least", "at most", "above", "below"]), WORDS, NUMBERS, UNITS),
    st.builds(Condition, st.just("between"), WORDS, st.tuples(NUMBERS, NUMBERS), UNITS),
    st.builds(Condition, st.just("one of"), WORDS, st.lists(WORDS, min_size=1, max_size=4).map(tuple)),
    st.builds(Condition, st.sampled_from(["mentions", "lacks"]), WORDS),
    st.builds(Condition, st.sampled_from(["count at least", "count below"]), WORDS, NUMBERS),
)
GROUPS = st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple)
TRIGGERS = st.builds(
    Trigger,
    st.lists(CONDITIONS, max_size=3).map(tuple),
    st.builds(Plan, WORDS, st.one_of(st.just(""), WORDS)),
    st.lists(GROUPS, max_size=2).map(tuple),
)
