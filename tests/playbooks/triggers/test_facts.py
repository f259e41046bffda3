"""Named facts are read however a text lays them out, and from sentences where the names and values are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.triggers.facts import Facts, counted, parse_line, read_facts, weighted_words
from ace.playbooks.triggers.telling import with_told
from ace.playbooks.triggers.vocabulary import Vocabulary
from tests.playbooks.triggers.corpus import COURIER, SHOP


def told_in(texts: list[str], vocabulary: Vocabulary) -> Facts:
    return with_told(read_facts(texts), "\n".join(texts), vocabulary)


def test_facts_survive_the_line_they_are_told_on() -> None:
    facts = read_facts(["Product: lamp\nAmount: 1,184.90 USD\nDays: 12 days\nNote: a; b"])
    assert facts.fields == {"product": "lamp", "amount": 1184.9, "days": 12.0, "note": "a, b"}
    assert parse_line(facts.line()) == facts


@pytest.mark.parametrize(
    "text",
    [
        "Cap: red\nHeight: 12 cm",
        "- Cap: red\n- Height: 12 cm",
        "cap=red, height=12",
        '{"cap": "red", "height": 12, "spots": null}',
        'It came in.\n{\n  "cap": "red",\n  "height": 12\n}',
        "A specimen. Cap: red. Height: 12 cm.",
        "| cap | red |\n| height | 12 |",
        "cap: red; height: 12",
        "cap = red | height = 12",
    ],
)
def test_named_facts_are_read_however_they_are_laid_out(text: str) -> None:
    fields = read_facts([text]).fields
    assert (fields["cap"], fields["height"]) == ("red", 12.0)


@pytest.mark.parametrize(
    ("value", "read", "unit"),
    [
        ("−5 °C", -5.0, "°c"),
        ("–5 °C", -5.0, "°c"),
        ("-$50", -50.0, "$"),
        ("$-50", -50.0, "$"),
        ("-$-50", "-$-50", ""),
        (".5", 0.5, ""),
        ("-.5 kg", -0.5, "kg"),
        ("1\u00a0000 kg", 1000.0, "kg"),
        ("1 000 kg", "1 000 kg", ""),
        ("EUR 12", 12.0, "€"),
        ("1.000 €", "1.000 €", ""),
        ("€1.50", 1.5, "€"),
        ("~5", "~5", ""),
        ("5 or more", "5 or more", ""),
        ("($50)", "($50)", ""),
    ],
)
def test_a_number_is_read_with_its_sign_and_as_what_it_can_only_be(value: str, read: object, unit: str) -> None:
    facts = parse_line(f"level: {value}")
    assert (facts.fields["level"], facts.units.get("level", "")) == (read, unit)
    assert read_facts([f"Ärger: {value}"]).fields["ärger"] == read
    assert parse_line(facts.line()).fields == facts.fields


def test_a_number_ends_before_the_comma_behind_it() -> None:
    assert counted("height 12, smell 3") == {"height": 12.0, "smell": 3.0}
    assert counted("about 1,250 roses") == {"roses": 1250.0}
    assert counted("between 2-10 kg, case test-5, on 2026-03-05") == {"between": 2.0, "kg": 10.0, "test": 5.0, "on": 2026.0}
    assert counted("frost of (-4 c) and -$5") == {"c": -4.0, "$": 5.0}


@pytest.mark.parametrize(
    "text",
    [
        "| Field | Value |\n|---|---|\n| Cap | red |\n| Height | 12 cm |",
        "| cap | height |\n|:---|---:|\n| red | 12 cm |",
        "A table:\n\n| cap | height | spots |\n|--|--|--|\n| red | 12 | 3 |\n\nThat is all.",
        "- **Cap:** red\n- **Height:** 12 cm",
        "* `cap`: red\n* `height`: 12",
        "1. cap: red\n2. height: 12 cm",
        "cap\tred\nheight\t12",
        '[{"name": "cap", "value": "red"}, {"name": "height", "value": 12}]',
        '[{"cap": "red", "height": 12}]',
        'Seen: {"cap": "red", "height": 12, "at": {"place": "wood"}} [end]',
    ],
)
def test_tables_lists_and_json_name_facts(text: str) -> None:
    fields = read_facts([text]).fields
    assert (fields["cap"], fields["height"]) == ("red", 12.0)


def test_a_table_of_several_cases_names_no_fact_of_this_one() -> None:
    assert read_facts(["| cap | height | spots |\n|---|---|---|\n| red | 12 | 3 |\n| blue | 4 | 1 |"]).fields == {}


def test_a_fact_of_an_object_inside_an_object_has_both_names() -> None:
    read = read_facts(['{"customer": {"tier": "gold", "new": true}, "order": {"total": "$1,200"}, "tags": ["a", "b"]}'])
    assert read.fields == {"customer tier": "gold", "customer new": "true", "order total": 1200.0}
    assert read.units == {"order total": "$"}


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("weight: 12 kg", 12.0, "kg"),
        ("weight: 12kg", 12.0, "kg"),
        ("weight: $1,200.50", 1200.5, "$"),
        ("weight: 30 %", 30.0, "%"),
        ("weight: 12 days", 12.0, "day"),
        ("weight: 12 days ago", 12.0, "day"),
        ("weight: 2 large boxes", 2.0, ""),
        ("weight: 12", 12.0, ""),
        ("weight: 007", "007", ""),
        ("weight: > 5", "> 5", ""),
        ("weight: 2-10 kg", "2-10 kg", ""),
        ("weight: 03/04/2026", "03/04/2026", ""),
    ],
)
def test_numbers_keep_their_units_and_codes_stay_texts(text: str, value: str | float, unit: str) -> None:
    read = read_facts([text])
    assert read.fields == {"weight": value}
    assert read.units.get("weight", "") == unit


def test_a_version_is_a_text() -> None:
    assert read_facts(["Version: 1.10"]).fields == {"version": "1.10"}


def test_names_that_fold_alike_are_one_fact_as_first_written() -> None:
    assert read_facts(["orderTotals: 3", "order_total: 4"]).fields == {"order totals": 4.0}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("The parcel weighs 12 kg.", {"weight": 12.0}),
        (
            "The parcel weighs 12 kg and is going to Europe. It is insured.",
            {"weight": 12.0, "destination": "Europe", "insured": "yes"},
        ),
        ("contents are glass and it is not insured", {"contents": "glass", "insured": "no"}),
        ("The declared value is $300, the number of parcels is 2.", {"declared value": 300.0, "number of parcels": 2.0}),
        ("The last parcel weighed far more than 12 kg.", {}),
        ("The weight was over 12 kg.", {}),
        ("It is not going overseas.", {}),
        ("It may be glass.", {}),
    ],
)
def test_sentences_tell_facts_that_are_known(text: str, fields: dict[str, str | float]) -> None:
    assert told_in([text], COURIER).fields == fields


def test_members_and_names_without_marks_are_facts_too() -> None:
    assert told_in(["member tier gold; the item is damaged"], SHOP).fields == {"tier": "gold", "item condition": "damaged"}


def test_what_is_named_stands_before_what_a_sentence_tells() -> None:
    assert told_in(["tier: silver", "The customer is gold."], SHOP).fields == {"tier": "silver"}


@given(st.text(max_size=200))
def test_reading_never_fails_and_a_line_reads_back(text: str) -> None:
    read = read_facts([text])
    assert with_told(read, text, SHOP).fields.keys() >= read.fields.keys()


@pytest.mark.parametrize("piece", ["| - ", '"a', "{", "[", "a: b; ", "a, ", "a\t", "|--|\n", "tier gold and ", '"x" y '])
def test_hostile_texts_are_read_in_one_pass(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    read = read_facts([text])
    assert len(read.fields) <= 1
    with_told(read, text, SHOP)
    weighted_words(text[:20_000])


@pytest.mark.parametrize(
    "text", ["weight: 800 g", "amount: $1,234,567.50", "last deploy: 10 minutes ago", "share: 0.25 %", "age: 7"]
)
def test_a_line_of_facts_keeps_numbers_and_their_units(text: str) -> None:
    read = read_facts([text, "tier: gold"])
    again = parse_line(read.line())
    assert again == read
    assert again.units == read.units


@pytest.mark.parametrize(
    "read",
    [
        partial(parse_line, "total: 12 kg; region: north; text: it broke"),
        partial(read_facts, ["Total: 12 kg\nRegion: north\nIt broke."]),
    ],
)
def test_what_is_done_with_the_facts_that_were_read_changes_nothing_for_the_next_reader(read: Callable[[], Facts]) -> None:
    before, mine = read().line(), read()
    mine.fields["region"] = "south"
    mine.units.clear()
    assert read().line() == before


def test_a_text_too_long_to_be_kept_is_read_as_a_short_one_is() -> None:
    filler = "\nNothing here. " * 500
    assert read_facts(["Total: 12 kg\nRegion: north" + filler]).fields == {"total": 12.0, "region": "north"}
    assert parse_line("total: 12 kg; region: north; text:" + filler.replace("\n", " ")).units == {"total": "kg"}
