"""The dictionary says which facts were seen, under the names they were first written with."""

from __future__ import annotations

from ace.evidence.cases import cases_of
from ace.evidence.dictionary import dictionary, told
from ace.playbooks.triggers.facts import parse_line, read_facts
from ace.types import Past

SEEN = [
    read_facts([text])
    for text in (
        "Tier: gold; Order totals: $1,200",
        "tiers: Gold; order total: 40 USD",
        "tier: silver; order_total: 99.5 dollars; colour: red",
    )
]


def test_names_and_values_that_fold_alike_are_one_as_first_written() -> None:
    assert dictionary(SEEN).lines() == ["tier: gold (2), silver (1)", "order totals: 40 to 1200 $", "colour: red (1)"]


def test_it_is_bounded_and_says_what_is_left() -> None:
    seen = [read_facts([f"code: x{n}a; fact {n}: yes"]) for n in range(50)]
    found = dictionary(seen, names=5, values=10)
    assert len(found.entries) == 5
    assert found.entries[0].line(2) == "code: x0a (1), x1a (1), and 8 more"


def test_a_text_that_is_cut_is_not_shown_to_be_said_again() -> None:
    long = "which flights to a place have the longest duration, sorted in ascending order"
    assert dictionary([parse_line(f"asks for: {long}"), parse_line("asks for: a count")]).lines() == [
        "asks for: a count (1), and 1 more"
    ]
    assert dictionary([parse_line(f"asks for: {long}")]).lines() == ["asks for: 1 long text"]


def test_words_resolve_to_what_was_seen() -> None:
    vocabulary = dictionary(SEEN).vocabulary(["Refund", "store credit"], ["verify"])
    assert [f.name for f in vocabulary.valued["gold"]] == ["tier"]
    assert vocabulary.named["order total"].units == ("$",)
    assert vocabulary.choice("store-credit") == "store credit"
    assert vocabulary.choice("refunds") is None


def test_a_situation_in_sentences_tells_the_facts_that_others_name() -> None:
    cases = cases_of(Past(f"e{n}", text, "refund", True) for n, text in enumerate(SITUATIONS))
    seen = told(cases, dictionary(cases).vocabulary())
    assert [c.view.facts.fields for c in seen] == [
        {"tier": "gold", "weight": 12.0},
        {"tier": "silver", "weight": 3.0},
        {"tier": "gold", "weight": 7.5},
        {},
    ]


SITUATIONS = (
    "tier: gold; weight: 12 kg",
    "tier: silver; weight: 3 kg",
    "The parcel of a gold member weighs 7.5 kg.",
    "The customer was angry.",
)


def test_what_was_told_in_words_of_its_own_is_not_offered_again() -> None:
    found = dictionary(
        [parse_line("cargo: wool; told: two gulls follow her"), parse_line("cargo: salt; told: her paint is new")]
    )
    assert found.lines() == ["cargo: wool (1), salt (1)"]
