"""Names and values that are written in many ways are one; what differs stays apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.triggers.folding import fold_name, fold_value

WRITTEN = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from(
            [
                "a",
                "the",
                "Items",
                "gold",
                "not",
                "-",
                "_",
                "2",
                "10",
                "1,200",
                "$",
                "kg",
                "%",
                "to",
                "between",
                "and",
                "May",
                "2026",
            ]
        ),
        max_size=6,
    ).map(" ".join),
    st.from_regex(r"[$€]?-?\d{1,4}([.,-]\d{1,3}){0,2} ?(kg|lbs|%|days)?", fullmatch=True),
)


@given(WRITTEN)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)
    assert fold_value(fold_value(text)) == fold_value(text)


@given(WRITTEN)
def test_the_case_of_letters_makes_no_difference_to_a_value(text: str) -> None:
    assert fold_value(text.lower()) == fold_value(fold_value(text.lower()))


@pytest.mark.parametrize(
    "names",
    [
        ("item", "items", "Items", "the items", "ITEM"),
        ("order total", "orderTotal", "order_total", "Order-Totals", "OrderTotal", "the order total"),
        ("customer id", "customerID", "customer_id"),
        ("café", "cafe\u0301", "ＣＡＦÉ", "ca\u00adfé"),
        ("customer tier", "the customer's tier", "Customer Tier"),
        ("category", "categories"),
        ("box", "boxes"),
        ("status", "statuses"),
        ("size", "sizes"),
        ("cache", "caches"),
        ("iphone", "iPhone", "IPHONE"),
    ],
    ids=str,
)
def test_names_that_are_one(names: tuple[str, ...]) -> None:
    assert len({fold_name(n) for n in names}) == 1


@pytest.mark.parametrize(
    "values",
    [
        ("2-10 kg", "2 to 10 kg", "between 2 and 10 kg", "from 2 to 10 kg", "2–10 kg", "2 kg - 10 kg", "2-10kg", "2 - 10 KG"),
        ("$1,200", "1200 $", "1,200 USD", "$1200", "$1,200.00", "1200 dollars", "US$1,200", "$1.2k"),
        ("30 %", "30%", "30 percent", "30 per cent"),
        ("10 kg", "10kg", "10 kilograms", "10.0 kg"),
        ("2026-03-03", "3 March 2026", "March 3, 2026", "3rd of March 2026", "Mar 3 2026", "2026/03/03", "3 Mar 2026"),
        ("yes", "Yes", "true", "TRUE"),
        ("no", "No", "False"),
        ("gold", "Gold", '"gold"', "**gold**", "`gold`", "gold."),
        ("store credit", "store-credit", "store_credit", "Store Credit", "storeCredit"),
        ("gold member", "a gold member", "the gold member"),
        ("1,200", "1200", "1200.00"),
        ("1,200.50", "1200.5"),
        ("1200 kg", "1\u00a0200 kg", "1\u202f200 kg"),
        ("-5 $", "-$5", "$-5", "−$5"),
        ("5 €", "EUR 5", "5 EUR"),
        ("-10 to -5", "from -10 to -5"),
        ("café", "cafe\u0301", "ＣＡＦÉ"),
        ("12 days", "12 day"),
        ("$10-20", "$10-$20", "10-20 USD"),
    ],
    ids=str,
)
def test_values_that_are_one(values: tuple[str, ...]) -> None:
    assert len({fold_value(v) for v in values}) == 1


@pytest.mark.parametrize(
    "values",
    [
        ("gold", "golden", "not gold", "non-gold", "gold plus"),
        ("10 kg", "10 lb", "10", "100 kg", "10 g", "1.0 kg"),
        ("$10", "10 €", "10 £", "10 %"),
        ("1.10", "1.1", "1.100"),
        ("1.000 €", "1 €", "1000 €"),
        ("version 1.10", "version 1.1"),
        ("007", "7", "07"),
        ("03/04/2026", "2026-04-03", "2026-03-04"),
        ("1.2k", "1.2", "1200"),
        ("2-10 kg", "2-10 lb", "2-10", "210 kg"),
        ("10-2", "2-10"),
        ("5", "-5"),
        ("yes", "no", "yes, no"),
        ("12345678901234567", "12345678901234568"),
        ("2026-02-30", "2026-03-02"),
    ],
    ids=str,
)
def test_values_that_differ(values: tuple[str, ...]) -> None:
    assert len({fold_value(v) for v in values}) == len(values)


@pytest.mark.parametrize(
    "names",
    [("news", "new"), ("customs", "custom"), ("goods", "good"), ("weight", "weight (kg)"), ("total", "order total")],
    ids=str,
)
def test_names_that_differ(names: tuple[str, ...]) -> None:
    assert len({fold_name(n) for n in names}) == len(names)
