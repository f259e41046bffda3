"""Whatever form a program has its agent's doings in, the learner is told what was done and what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessage

from ace.session.transcript import ACTION, SEEN, WHOLE, lines_of, opening, steps_of

ID, OTHER = "rul-abc123", "rul-def456"
CALL = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": '{"order": 1182}'}}


def told(transcript: Any, shown: str = "") -> list[tuple[str, str | None]]:
    steps = steps_of(lines_of(transcript), shown, {ID, OTHER})
    return [(s.action, s.observation.text if s.observation else None) for s in steps]


CHAT = [
    {"role": "system", "content": f"You are kind. Lessons: [{ID}]"},
    {"role": "user", "content": "Where is my order?"},
    {"role": "assistant", "content": "I will look.", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "1", "content": "it is late"},
    {"role": "assistant", "content": "It is late."},
    {"role": "user", "content": "Thanks."},
]
RESPONSES = [
    {"role": "developer", "content": "You are kind."},
    {"role": "user", "content": [{"type": "input_text", "text": "Where is my order?"}, {"type": "input_image"}]},
    {"type": "function_call", "call_id": "1", "name": "look_up", "arguments": '{"order": 1182}'},
    {"type": "function_call_output", "call_id": "1", "output": "it is late"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is late."}]},
]
BLOCKS = [
    {"role": "user", "content": "Where is my order?"},
    {"role": "assistant", "content": [{"type": "tool_use", "name": "look_up", "input": {"order": 1182}}]},
    {"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "it is late"}]}]},
    {"role": "assistant", "content": [{"type": "text", "text": "It is late."}]},
]


def test_chat_messages_are_steps_with_what_came_of_them() -> None:
    assert told(CHAT) == [('I will look.\nlook_up({"order": 1182})', "it is late"), ("It is late.", "Thanks.")]
    assert opening(lines_of(CHAT), "Order 1182").text == "Order 1182\n\nWhere is my order?"
    assert opening(lines_of(CHAT), "Where is my order?").text == "Where is my order?"


def test_items_of_the_responses_interface_are_steps() -> None:
    assert told(RESPONSES) == [('look_up({"order": 1182})', "it is late"), ("It is late.", None)]
    assert opening(lines_of(RESPONSES), "Where").text == "Where is my order?\n(input_image)"


def test_messages_of_content_blocks_are_steps() -> None:
    assert told(BLOCKS) == [('look_up({\n "order": 1182\n})', "it is late"), ("It is late.", None)]


def test_a_client_s_own_message_objects_are_understood() -> None:
    said = ChatCompletionMessage.model_validate({"role": "assistant", "content": None, "tool_calls": [CALL]})
    assert told([{"role": "user", "content": "Hm?"}, said]) == [('look_up({"order": 1182})', None)]


def test_an_object_that_cannot_be_read_is_written_out() -> None:
    class Stubborn:
        def model_dump(self, **how: Any) -> Any:
            raise TypeError("no")

        def __str__(self) -> str:
            return "stubborn"

    assert told([Stubborn(), Stubborn()]) == [('[\n "stubborn",\n "stubborn"\n]', None)]


def test_a_text_is_what_the_agent_did() -> None:
    assert told("Refunded.") == [("Refunded.", None)]
    assert told("  ") == told([]) == told(None) == told({}) == []


def test_any_json_is_written_out() -> None:
    assert told({"tool": "refund", "amount": 12}) == [('{\n "tool": "refund",\n "amount": 12\n}', None)]
    assert told([1, {"role": "user", "content": "no"}])[0][0].startswith("[\n 1,")


def test_what_refers_to_itself_is_written_out_too() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert told(loop) == [("[[...]]", None)]


@pytest.mark.parametrize("text", [f"as [{ID}] says", f"see [{OTHER}, {ID}]", f"[{ID}] [`{OTHER}`]"])
def test_ids_in_brackets_are_citations(text: str) -> None:
    [step] = steps_of(lines_of(text), "", {ID, OTHER})
    assert set(step.cited) <= {ID, OTHER}
    assert ID in step.cited


def test_only_what_the_agent_says_itself_is_a_citation() -> None:
    shown = f"## Rules\n- [{OTHER}] Be quick."
    assert [s.cited for s in steps_of(lines_of(CHAT), "", {ID})] == [(), ()]
    [step] = steps_of(lines_of(f"{shown}\nI follow [{ID}] and {ID[:-1]}."), shown, {ID, OTHER})
    assert step.cited == (ID,)
    assert steps_of(lines_of(f"[{ID}]"), "", set())[0].cited == ()


def test_a_long_text_is_divided_so_that_its_end_is_read_too() -> None:
    text = " ".join(f"word{i}" for i in range(1000))
    parts = [action for action, _ in told(text)]
    assert " ".join(parts) == text
    assert max(map(len, parts)) <= ACTION


def test_what_is_far_too_long_keeps_its_beginning_and_its_end() -> None:
    whole = told("first " + "x" * 10 * WHOLE + " last")
    assert sum(len(action) for action, _ in whole) < WHOLE + 100
    assert whole[0][0].startswith("first")
    assert whole[-1][0].endswith("last")
    seen = told([{"role": "assistant", "content": "a"}, {"role": "tool", "content": "first " + "x" * 99999 + " last"}])[0][1]
    assert seen is not None
    assert (len(seen) < SEEN + 100, seen[:5], seen[-4:]) == (True, "first", "last")


def test_a_long_conversation_keeps_its_beginning_its_end_and_its_citations() -> None:
    talk = [{"role": r, "content": f"{i} " + "x" * 1000} for i in range(200) for r in ("assistant", "tool")]
    talk[200]["content"] = f"[{ID}]"
    steps = steps_of(lines_of(talk), "", {ID})
    assert (steps[0].action[:2], steps[-1].action[:4]) == ("0 ", "199 ")
    assert [s.cited for s in steps if s.action.startswith("(cut: ")] == [(ID,)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["role", "content", "type", "output"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_nothing_that_is_json_is_too_strange(transcript: Any) -> None:
    lines = lines_of(transcript)
    assert all(s.action for s in steps_of(lines, "", {ID}))
    assert opening(lines, "A task").text.strip()
