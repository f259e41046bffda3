"""Whatever a model writes, a reply is read as what it says, or not at all, and never as more than it says."""

from __future__ import annotations

import json
import math
import random
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator

from ace.models.contract import Form, Stop
from ace.models.replies.parsing import LONGEST, parse
from ace.roles.replies import Curation
from tests.models.asking import Word

GOOD = '{"word": "ace", "count": 2}'
VALUE = Word(word="ace", count=2)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (GOOD, Form.CLEAN),
        (f"\ufeff \n{GOOD}\n\n", Form.CLEAN),
        ('{"word": "ace",\n "count": 2}', Form.CLEAN),
        (f"```json\n{GOOD}\n```", Form.FENCED),
        (f"```\n{GOOD}\n```\n", Form.FENCED),
        (f"Here it is:\n```json\n{GOOD}", Form.FENCED),
        (f"Sure! The answer is {GOOD}. Anything else?", Form.PREFIXED),
        (f"Use {{name}} and {{ so on }}: {GOOD}", Form.PREFIXED),
        (f"{GOOD}\n\n{GOOD}", Form.PREFIXED),
        (f"<think>Is it {{x}}? Or {{'word': 'no', 'count': 0}}?</think>\n{GOOD}", Form.THINKING),
        (f"so the template began my thoughts {{1}} </think> {GOOD}", Form.THINKING),
        (f"<Thinking>hm</Thinking>```json\n{GOOD}\n```", Form.THINKING),
        ('{"word": "ace", "count": 2,}', Form.REPAIRED),
        ("{'word': 'ace', 'count': 2}", Form.REPAIRED),
        ("Answer: {'word': 'ace', \"count\": 2,\n}", Form.REPAIRED),
    ],
)
def test_a_good_answer_is_found_in_whatever_it_is_wrapped_in(text: str, form: Form) -> None:
    parsed = parse(text, Word)
    assert (parsed.value, parsed.form, parsed.problem) == (VALUE, form, "")


DRAFT = '{"word": "draft", "count": 0}'
MARKS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<THINK>", "</THINK>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<antThinking>", "</antThinking>"),
    ("<internal_monologue>", "</internal_monologue>"),
    ("<plan>", "</plan>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<|reasoning|>", "<|/reasoning|>"),
    ("[REASONING]", "[/REASONING]"),
    ("[思考]", "[/思考]"),
    ("＜think＞", "＜/think＞"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
]


@pytest.mark.parametrize(("begin", "end"), MARKS)
def test_a_draft_among_thoughts_is_never_the_answer(begin: str, end: str) -> None:
    for text in (
        f"{begin}Perhaps {DRAFT}?{end}\n{GOOD}",
        f"{DRAFT} or not {end}{GOOD}",
        f"no {DRAFT}{end}```json\n{GOOD}\n```",
        f"{begin}a {DRAFT}{end} {begin}b {DRAFT}{end} {GOOD}",
        f"{begin}{begin}{DRAFT}{end}{GOOD}",
        f"{begin}x{end}At first {DRAFT}, but then {GOOD}.",
    ):
        parsed = parse(text, Word)
        assert (parsed.value, parsed.form) == (VALUE, Form.THINKING), text


@pytest.mark.parametrize(("begin", "end"), MARKS)
def test_thoughts_that_never_end_leave_no_answer(begin: str, end: str) -> None:
    for text in (f"{begin}{DRAFT}", f"{DRAFT} {begin}or", f"{begin}a{end}{DRAFT}{begin}no, {DRAFT}", f"{begin}a {DRAFT}\n\n"):
        parsed = parse(text, Word)
        assert parsed.value is None, text
        assert parsed.problem


def test_thoughts_inside_thoughts_are_thoughts() -> None:
    text = f"<think>a <think>b {DRAFT}</think> c {DRAFT}</think>{GOOD}"
    assert parse(text, Word).value == VALUE
    assert parse(f"<think>a <think>b</think> {DRAFT} so", Word).value is None


@pytest.mark.parametrize("word", [part for pair in MARKS for part in pair])
def test_a_mark_of_thoughts_that_the_answer_speaks_of_is_part_of_it(word: str) -> None:
    said = json.dumps({"word": f"a {word} b", "count": 2})
    for text in (
        said,
        f"Here: {said}!",
        f"```json\n{said}\n```",
        f"<think>x {DRAFT}</think>\n{said}",
        f"x {{y}}</think>{said}",
    ):
        assert parse(text, Word).value == Word(word=f"a {word} b", count=2), text


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("", Form.EMPTY, "empty"),
        (" \n\t", Form.EMPTY, "empty"),
        ("<think>all of it</think>", Form.EMPTY, "thoughts"),
        ("<think>and on and on", Form.TRUNCATED, "cut off"),
        (f"Well. <think>perhaps {GOOD}", Form.TRUNCATED, "cut off"),
        ('{"word": "ace", "cou', Form.TRUNCATED, "cut off"),
        ('{"word": "ace", "count": 2', Form.TRUNCATED, "cut off"),
        (f'{GOOD} and also {{"word": "ace"', Form.TRUNCATED, "cut off"),
        ("I'm sorry, but I can't help with that.", Form.REFUSED, "no JSON object"),
        ("The word is ace, twice.", Form.MALFORMED, "no JSON object"),
        (GOOD + '{"word": "other", "count": 1}', Form.MALFORMED, "2 JSON objects"),
        (f"First {GOOD}, or rather {{'word': 'other', 'count': 1}}", Form.MALFORMED, "2 JSON objects"),
        (f"These: [{GOOD}]", Form.MALFORMED, "list"),
        ('{"word": "ace", "word": "other", "count": 2}', Form.MALFORMED, "twice"),
        ('{"word": "ace", "count": NaN}', Form.MALFORMED, "NaN"),
        ('{"word": "ace", "count": Infinity}', Form.MALFORMED, "Infinity"),
        ('{"word": "ace", "count": 1e999}', Form.MALFORMED, "too large"),
        ('{"word": "ace", "count": ' + "9" * 5000 + "}", Form.MALFORMED, "digits"),
        ("{'word': 'it's ace', 'count': 2}", Form.MALFORMED, "cannot be read"),
        ('{"word": ace, "count": 2}', Form.MALFORMED, "cannot be read"),
        ('{"word": "ace" "count": 2}', Form.MALFORMED, "cannot be read"),
        ('{\'word: "ace", "count": 2"}', Form.MALFORMED, "do not match"),
        ("[" * 100_000, Form.MALFORMED, "no JSON object"),
        ("x" * (LONGEST + 1), Form.MALFORMED, "characters"),
        ("[1, 2]", Form.INVALID, "object"),
        ('{"word": "ace"}', Form.INVALID, "count: Field required"),
        ('{"word": "ace", "count": "many"}', Form.INVALID, "count: "),
        ('{"word": "ace", "count": 2, "more": 1}', Form.INVALID, "more: "),
        ('{"word": "\\ud800", "count": 2}', Form.INVALID, "JSON"),
    ],
)
def test_a_bad_answer_is_refused_with_its_reason(text: str, form: Form, says: str) -> None:
    parsed = parse(text, Word)
    assert parsed.value is None
    assert parsed.form is form
    assert says in parsed.problem
    assert "\n" not in parsed.problem
    assert len(parsed.problem) < 800


def test_the_shape_is_quoted_back_fault_by_fault() -> None:
    problem = parse(json.dumps({"reasoning": "r", "add": [{"op": "burn"}]}), Curation).problem
    assert problem.startswith("retire: Field required; revise: Field required")
    assert "add.0.reason: Field required" in problem
    assert problem.endswith("(and 5 more)")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (GOOD, True),
        (GOOD + "\n" * 500, True),
        (f"```json\n{GOOD}\n```", True),
        (GOOD[:-1], False),
        (f"{GOOD} which means that the wor", False),
        (f"<think>{GOOD}", False),
        ("Let me", False),
        ("", False),
    ],
)
def test_what_the_token_limit_cut_off_is_read_only_if_the_answer_was_complete(text: str, read: bool) -> None:
    parsed = parse(text, Word, "length")
    assert parsed.value == (VALUE if read else None)
    assert (parsed.form is Form.TRUNCATED) is not read


def test_part_of_a_long_answer_never_passes_for_the_whole() -> None:
    """The objects inside an answer that was cut off have the right shape themselves."""

    class Nested(BaseModel):
        word: str
        count: int
        inner: list[dict[str, Any]] = []

    whole = json.dumps({"word": "outer", "count": 1, "inner": [json.loads(GOOD), json.loads(GOOD)]})
    for end in range(1, len(whole)):
        assert parse(whole[:end], Nested).value is None
        assert parse("Here: " + whole[:end], Nested, "length").value is None


def test_what_a_provider_calls_a_refusal_is_not_read() -> None:
    assert parse(GOOD, Word, "refusal").form is Form.REFUSED


def test_a_shape_whose_own_checks_crash_is_a_bad_answer() -> None:
    class Fragile(BaseModel):
        word: str

        @field_validator("word")
        @classmethod
        def check(cls, value: str) -> str:
            raise ZeroDivisionError

    parsed = parse('{"word": "a"}', Fragile)
    assert (parsed.value, parsed.form) == (None, Form.INVALID)
    assert "ZeroDivisionError" in parsed.problem


WRAPPERS = ("{}", "```json\n{}\n```", "So: {} !", "<think>a {{b}} c</think>{}", "{} ", "\ufeff{}")
PIECES = (*"\"'{}[],:\\ ", "```", "<think>", "</think>", "\\u", "\ud800", "null", "1e9", "NaN")
stops = st.sampled_from(("", "stop", "length", "refusal", "other"))


class Loose(BaseModel):
    """Every kind of value that a reply of ours has, and a number that JSON allows to be enormous."""

    text: str
    number: float
    kind: Literal["a", "b"]
    items: list[Word]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join), stops)
def test_any_text_at_all_gives_a_value_or_a_reason(text: str, stop: Stop) -> None:
    for shape in (Word, Loose, Curation):
        parsed = parse(text, shape, stop)
        assert (parsed.value is None) == bool(parsed.problem)


@given(
    st.builds(Word, word=st.text(st.characters(exclude_categories=["Cs"])), count=st.integers(-(2**40), 2**40)),
    st.sampled_from(WRAPPERS),
    st.booleans(),
)
def test_a_valid_answer_survives_its_wrapping_whatever_stands_in_it(value: Word, wrapper: str, plain: bool) -> None:
    text = json.dumps(value.model_dump(), ensure_ascii=plain)
    # Tags and fences inside a string are seldom; where they are, refusing is right and inventing is not.
    read = parse(wrapper.replace("{}", text, 1), Word).value
    assert read == value or (read is None and ("</" in value.word.lower() or "```" in value.word))


@given(st.data())
def test_damage_to_a_valid_answer_is_found_or_changes_nothing_but_what_was_damaged(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    piece = data.draw(st.sampled_from(PIECES) | st.text(max_size=3))
    cut = data.draw(st.integers(0, 4))
    damaged = GOOD[:at] + piece + GOOD[at + cut :]
    parsed = parse(damaged, Word)
    if parsed.value is not None:
        assert isinstance(parsed.value, Word)
        # Nothing is invented: every letter of the word and digit of the count stands in the text.
        assert all(letter in damaged for letter in parsed.value.word)
        assert all(digit in damaged for digit in str(abs(parsed.value.count)))


@given(st.integers(1, 400), st.sampled_from("{["), st.booleans())
def test_deep_nesting_is_refused(depth: int, bracket: str, closed: bool) -> None:
    opening, closing = ('{"a":', "}") if bracket == "{" else ("[", "]")
    text = opening * depth * 20 + "1" + closing * depth * 20 * closed
    assert parse(text, Word).value is None


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_finite_or_refused(number: float) -> None:
    text = json.dumps({"text": "t", "number": number, "kind": "a", "items": []})
    parsed = parse(text, Loose)
    assert (parsed.value is not None) is math.isfinite(number)


def test_garbage_of_any_length_costs_one_pass_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in scanning steps, not in time: at most a few for each character."""
    import ace.models.replies.json_text as json_text

    steps = 0

    class Counting:
        def __init__(self, pattern: Any) -> None:
            self.pattern = pattern

        def search(self, text: str, at: int) -> Any:
            nonlocal steps
            steps += 1
            return self.pattern.search(text, at)

    for name in ("_OUTSIDE", "_INSIDE", "_OPENING"):
        monkeypatch.setattr(json_text, name, Counting(getattr(json_text, name)))
    draw = random.Random(3)
    for piece in ("{", '{"', '\\"', '{"a":', "{'a':", '{"a":1}', "[{", "}{", '"{'):
        for text in (piece * 20_000, "".join(draw.choice(piece) for _ in range(40_000))):
            steps = 0
            parse(text, Word)
            assert steps <= 2 * len(text) + 10
