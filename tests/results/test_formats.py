"""A text's form is told by its marks, the same every time."""

from __future__ import annotations

import pytest

from ace.results.formats import format_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ('{"a": [1, 2]}', "json"),
        ("{not json at all, but a sentence of some length}", "prose"),
        ("Here it is:\n```python\nprint(1)\n```", "code"),
        ("~~~\nx\n~~~", "code"),
        (r"Hence \boxed{4}.", "latex"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "table"),
        ("1. Read it.\n2. Refund it.", "numbered"),
        ("Step 1: read it\nStep 2: refund it", "numbered"),
        ("1. Alone on its line is one item and no list", "prose"),
        ("- read\n- refund", "listed"),
        ("42", "number"),
        ("$1,250.50", "number"),
        ("-3.5e-4 %", "number"),
        ("refund in full", "short"),
        ("The item was damaged, and the customer is a member, so refund.", "prose"),
    ],
)
def test_the_form_of_a_text(text: str, form: str) -> None:
    assert format_of(text) == form
