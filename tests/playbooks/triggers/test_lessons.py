"""What people and language models write is read where it is unambiguous, and left alone where it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.triggers.grammar import read_trigger
from ace.playbooks.triggers.prose import read_prose
from ace.playbooks.triggers.tokens import tokens_of
from ace.playbooks.triggers.trigger import Trigger
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary
from tests.playbooks.triggers.corpus import SHOP, WRITTEN, Written, meant
from tests.playbooks.triggers.later import LATER


def same(read: Trigger | None, wanted: Trigger | None) -> bool:
    """Conditions stand in any order."""
    if read is None or wanted is None:
        return read is wanted
    groups = ({frozenset(g) for g in t.unless} for t in (read, wanted))
    return set(read.conditions) == set(wanted.conditions) and read.plan == wanted.plan and next(groups) == next(groups)


@pytest.mark.parametrize("lesson", [*WRITTEN, *LATER], ids=lambda w: w.text)
def test_no_lesson_is_read_as_what_it_does_not_say(lesson: Written) -> None:
    read = read_trigger(lesson.text, lesson.vocabulary)
    assert read is None or same(read, lesson.meant)


def test_nearly_all_lessons_that_state_a_trigger_are_read() -> None:
    for lessons, least in ((WRITTEN, 0.95), (LATER, 0.85)):
        stated = [w for w in lessons if w.meant]
        assert sum(same(read_trigger(w.text, w.vocabulary), w.meant) for w in stated) >= least * len(stated)


def test_without_a_vocabulary_no_lesson_is_read_otherwise_than_with_one() -> None:
    read = [(w, read_trigger(w.text)) for w in WRITTEN]
    assert [w.text for w, trigger in read if trigger and not same(trigger, w.meant)] == []
    assert sum(trigger is not None for _, trigger in read) >= 10


SAYS = """
For any tier other than gold, refund. | tier != gold -> refund
For gold and silver members over $200, refund. | tier in gold|silver & amount > $200 -> refund
For gold members, refund. This won 5 times out of 5. | tier = gold -> refund
For gold members, refund the customer. | tier = gold -> refund
For customers within 30 days of purchase, refund | days since purchase <= 30 days -> refund
For non-gold customers, reject. | tier != gold -> reject
The customer is gold -> refund | tier = gold -> refund
amount > 200 and < 500 => exchange | amount > 200 & amount < 500 -> exchange
When amount is at least 200 but below 500, choose exchange | amount >= 200 & amount < 500 -> exchange
If tier in (gold, silver): choose refund | tier in gold|silver -> refund
If tier is not gold or silver, reject | tier != gold & tier != silver -> reject
If amount is one of 5, 10 or 20, refund | amount in 5|10|20 -> refund
If tier is gold, unless amount is above 500, choose refund | tier = gold ~ amount > 500 -> refund
For gold members (amount over $200), refund. | tier = gold & amount > $200 -> refund
tier is gold AND (amount > 200) => refund | tier = gold & amount > 200 -> refund
Tier gold & no receipt → exchange | tier = gold & receipt = no -> exchange
First verify, then choose refund if tier is gold | tier = gold -> verify > refund
If tier is gold, verify before choosing refund | tier = gold -> verify > refund
Choose "refund" by default | -> refund
otherwise refund unless tier is gold | ~ tier = gold -> refund
If silver then store_credit. | tier = silver -> store credit
If the item's condition is damaged, refund | item condition = damaged -> refund
Refund gold members whose amount is over $200. | tier = gold & amount > $200 -> refund
Damaged items should be refunded. | item condition = damaged -> refund
Orders of $500 or more must be rejected | amount >= $500 -> reject
Damaged items are exchanged. | item condition = damaged -> exchange
Amounts between $100 and $300 get store credit. | amount .. $100|300 -> store credit
Amount from $100 up to $300: exchange | amount .. $100|300 -> exchange
A gold member gets a refund rather than store credit. | tier = gold -> refund
For gold members, refund, not exchange. | tier = gold -> refund
Refund instead of exchange when tier is gold. | tier = gold -> refund
Store credit is required when tier is silver. | tier = silver -> store credit
When the tier is neither gold nor silver, reject. | tier != gold & tier != silver -> reject
Neither gold nor silver: refund | tier != gold & tier != silver -> refund
Non-gold members get a refund. | tier != gold -> refund
If gold but damaged, exchange. | tier = gold & item condition = damaged -> exchange
For gold members, refund (unless damaged). | tier = gold ~ item condition = damaged -> refund
For gold members, refund (not exchange). | tier = gold -> refund
If 100 <= amount < 200, refund | amount >= 100 & amount < 200 -> refund
If 200 > amount, refund | amount < 200 -> refund
If amount is zero, reject | amount = 0 -> reject
IF tier NOT IN (gold, silver) THEN reject | tier != gold & tier != silver -> reject
If tier is not one of gold or silver, reject | tier != gold & tier != silver -> reject
If amount is -50 to -10, reject | amount .. -50|-10 -> reject
If amount is -50, reject | amount = -50 -> reject
If amount is over 1000$, reject | amount > $1000 -> reject
R2. If gold: refund | tier = gold -> refund
Rule B: if gold, refund | tier = gold -> refund
Confirmed rule: if gold, refund | tier = gold -> refund
If none of the rules above matches, reject. | -> reject
For everyone else, reject. | -> reject
All else: reject | -> reject
Gold-tier members: refund | tier = gold -> refund
If amount is 500+, reject | amount >= 500 -> reject
When amount is at or below -10, reject | amount <= -10 -> reject
When amount is below or equal to 50, refund | amount <= 50 -> refund
When amount is below zero, refund | amount < 0 -> refund
"""


@pytest.mark.parametrize("line", SAYS.strip().splitlines())
def test_lessons_say_what_they_say(line: str) -> None:
    text, _, wanted = line.partition(" | ")
    assert same(read_trigger(text, SHOP), meant(wanted))


SILENT = """
Neither gold nor silver members get a refund.
No gold members get a refund.
Not gold members get a refund.
Gold+ members: refund
If amount is over $1.000, refund
If amount is over 1.500, refund
If amount is above 200 inclusive, refund
If gold: refund, then store credit
If amount in [100, 200], refund
If amount in [100, 200), refund
If 100 < amount > tier, refund
If gold, refund (not exchange) first
For gold members, refund (unless damaged, then exchange).
If gold or damaged, refund (unless no receipt).
For all but gold members, refund.
For any tier but gold, refund.
gold members and silver members over $200: refund
If tier is gold or amount is over 200, choose refund.
For new customers, choose refund.
For gold members, refund (amount over $200).
For orders over €150, refund.
For gold members, refund. Applies to opened items.
For gold members, refund; it lost both times.
For gold members, refund only if asked.
For gold members, refund is not allowed.
When tier is gold, never refund.
It is wrong to choose refund when tier is gold.
If tier is gold then refund else reject
Else if tier is gold, refund
For customers within 30 days, refund
When tier is at least gold, refund
When the tier is unknown, choose reject
For gold members, choose "partial refund".
For gold members, choose refund or exchange
Refund gold members only.
If a gold member returns an item worth over $200, refund.
When tier is gold, the answer is not refund.
refund
Always choose refund.
If the purchase was more than 30 days ago, reject
When tier is gold, choose `refund`; when tier is silver, choose `exchange`.
When tier is gold, consider refund.
Should gold members get a refund?
When tier was changed to gold, refund
For gold members, choose a refund or whatever else seems fair.
Refund requests over $200.
Gold orders may be refunded.
Gold orders should not be refunded.
Gold orders are refunded when opened.
Gold orders must be refunded or exchanged.
Gold customers expect to be refunded.
Gold members get no refund.
Gold members need refund approval.
Gold members who get a refund should be rejected.
Refund gold members, reject silver members.
Refund gold members and exchange.
Refund is not required when tier is gold.
Refund applies only when tier is gold.
Reject gold members, not silver ones.
Refund all orders.
Refund of gold orders.
Refund is gold.
Refund by gold members.
Refund neither gold.
"""


PARCELS = Vocabulary(
    (
        KnownFact("status", ("other", "none", "held")),
        KnownFact("deadline", ("2026-02-01",)),
        KnownFact("severity", ("high", "low", "critical")),
        KnownFact("priority", ("high", "low")),
        KnownFact("level", ("A", "B")),
        KnownFact("temperature", (), ("°c",), True),
    ),
    ("route A", "route B", "wait"),
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("In every other status, wait.", ""),
        ("If none of these, wait.", ""),
        ("If status is none, wait.", "status = none -> wait"),
        ("If deadline is by 2026-02-01, wait.", ""),
        ("Deadline by 2026-02-01: wait", ""),
        ("If deadline is 2026-02-01, wait.", "deadline = 2026-02-01 -> wait"),
        ("High or critical severity: wait", "severity in high|critical -> wait"),
        ("High severity or high priority: wait", ""),
        ("Not high or critical severity: wait", ""),
        ("Level A → route A", "level = A -> route A"),
        ("If temperature is below -5 °C, wait.", "temperature < -5 °c -> wait"),
    ],
)
def test_words_that_have_other_uses_are_read_as_what_they_are(text: str, wanted: str) -> None:
    assert same(read_trigger(text, PARCELS), meant(wanted) if wanted else None)


@pytest.mark.parametrize("text", SILENT.strip().splitlines())
def test_what_may_mean_another_thing_is_not_read(text: str) -> None:
    assert read_trigger(text, SHOP) is None


@pytest.mark.parametrize(
    "text",
    [
        "For gold members over $200, refund.",
        "When in doubt: choose wait",
        "When the customer is angry: choose refund",
        "When tier is gold: choose carefully",
        "When tier is gold, use caution",
        'If the customer is a gold member, choose "refund"',
        "Choose one when tier is gold",
    ],
)
def test_without_a_vocabulary_only_names_that_are_named_are_read(text: str) -> None:
    assert read_trigger(text) is None


_WORDS = (
    'When if tier "tier" is not gold "gold" or and silver , : . amount over >= 200 $50 kg between 2 10 unless choose "refund" '
    "refund exchange then first verify otherwise => - ( ) one of at least ` ' receipt no days since purchase \"a'b\" "
    "should be refunded gets neither nor rather than instead is required 500+ -5 gold-tier members"
)
PIECES = st.sampled_from(_WORDS.split(" "))
ANY = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=16).map(" ".join))


@given(ANY, st.booleans())
def test_what_is_read_from_any_text_reads_back_from_its_sentence(text: str, known: bool) -> None:
    vocabulary = SHOP if known else None
    read = read_trigger(text, vocabulary)
    if read is not None:
        assert read_trigger(read.sentence(), vocabulary) == read
        assert read_trigger(read.sentence(), None) == read


@pytest.mark.parametrize(
    "piece", ["and ", '"', "'", '"a" ', "if tier is gold, ", "refund, ", "gold or ", "(", "- ", '"tier" is "gold" and ']
)
@pytest.mark.parametrize("vocabulary", [None, SHOP], ids=["nothing known", "shop"])
def test_hostile_texts_are_bounded_by_their_size(piece: str, vocabulary: Vocabulary | None) -> None:
    """A bullet has at most 2,000 characters; longer texts are not taken apart. There are never more tokens than characters."""
    for start in ("", 'When "tier" is "gold" and '):
        text = start + piece * (100_000 // len(piece))
        assert read_prose(text, vocabulary) is None
        assert read_trigger(text, vocabulary) is None
        assert read_trigger(text[:2000], vocabulary) is None
    assert len(tokens_of(text[:20_000])) <= 20_000
