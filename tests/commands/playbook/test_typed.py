"""What a person types is kept as it was typed, or refused with what is wrong with it."""

from __future__ import annotations

import os

import pytest

from tests.commands.playbook.test_edit import added, lines, require_refused, revision
from tests.commands.said import Ace

UNREADABLE = {
    "escape": ("red \x1b[31m", "holds a control character (U+001B)"),
    "bell": ("ring\x07", "holds a control character (U+0007)"),
    "selectors that spell": ("a\ufe01\ufe02", "holds invisible characters (U+FE01)"),
    "a letter without ink": ("a\u3164b", "holds invisible characters (U+3164)"),
    "of no meaning": ("a\ue000b", "holds a character that is not text (U+E000)"),
    "no text": (os.fsdecode(b"caf\xe9"), "holds a byte that is not UTF-8 text (0xE9)"),
    "two lines": ("one\ntwo", "must be one line; it has 2"),
    "a line of another kind": ("one\u2028two", "must be one line; it has 2"),
}


@pytest.mark.parametrize(("text", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_would_be_lost_is_named_and_refused_wherever_it_was_typed(ace: Ace, text: str, words: str) -> None:
    one = added(ace, "one")
    add = ("playbook", "add", "support")
    require_refused(ace(*add, "-s", text, "-t", "text", "-r", "why"), f"the section's name {words}")
    require_refused(ace(*add, "-s", "Refunds", "-t", text, "-r", "why"), f"the text {words}")
    require_refused(ace(*add, "-s", "Refunds", "-t", "text", "-r", text), f"the reason {words}")
    require_refused(ace("playbook", "retire", "support", one, "-r", text), f"the reason {words}")
    require_refused(ace("playbook", "revert", "support", "1", "-r", text), f"the reason {words}")
    require_refused(ace("playbook", "rollback", "support", "0", "-r", text), f"the reason {words}")
    assert ace("playbook", "fork", "support", "trial").status == 0
    require_refused(ace("playbook", "merge", "support", "trial", "-r", text), f"the reason {words}")
    assert (revision(ace), lines(ace)) == (1, [("Refunds", "one")])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cخواهم\u200f نه", "می\u200cخواهم نه"),
        ("क्\u200dष और क्\u200cष", "क्\u200dष और क्\u200cष"),
        ("👨\u200d👩\u200d👧 first", "👨\u200d👩\u200d👧 first"),
        ("abc \u202edef", "abc def"),
        ("a\u200bb soft\u00adly", "ab softly"),
    ],
)
def test_what_keyboards_write_is_taken_and_invisible_marks_are_left_out(ace: Ace, text: str, kept: str) -> None:
    added(ace, text)
    assert lines(ace) == [("Refunds", kept)]
    assert ace("playbook", "verify").status == 0


def test_blanks_of_any_kind_are_blanks(ace: Ace) -> None:
    added(ace, " two\u00a0words\tand\u3000more\n", section="Refunds ")
    assert lines(ace) == [("Refunds", "two words and more")]


def test_a_reason_has_a_bound(ace: Ace, capsys: pytest.CaptureFixture[str]) -> None:
    one = added(ace, "one")
    long = "x" * 25_000
    for arguments in (
        ("add", "support", "-s", "Refunds", "-t", "text"),
        ("retire", "support", one),
        ("pin", "support", one),
        ("rollback", "support", "0"),
        ("edit", "support"),
    ):
        require_refused(ace("playbook", *arguments, "-r", long), "the reason has 25,000 characters; it may have 2,000")
    assert ace("playbook", "pin", "support", one, "-r", "x" * 2000).status == 0


def test_an_empty_place_is_not_taken_for_none(ace: Ace) -> None:
    added(ace, "one")
    said = ace("playbook", "add", "support", "-s", "Refunds", "-t", "two", "-r", "why", "--after", "")
    require_refused(said, "--after names no bullet")
    assert lines(ace) == [("Refunds", "one")]


def test_a_bullet_does_not_follow_one_of_another_section(ace: Ace) -> None:
    look = added(ace, "look first", section="Looking")
    added(ace, "one", section="Rules")
    said = ace("playbook", "add", "support", "-s", "Rules", "-t", "two", "-r", "why", "--after", look)
    require_refused(said, f"{look} stands in section 'Looking', and the new bullet is to stand in 'Rules'")
    added(ace, "look again", "--after", look, section="Looking")
    assert lines(ace) == [("Looking", "look first"), ("Looking", "look again"), ("Rules", "one")]


@pytest.mark.parametrize("word", ["Donau\u00addampf", "Donau\u200bdampf", "\ufeffDonaudampf", "Donaudampf"])
def test_a_text_is_found_by_what_was_typed(ace: Ace, word: str) -> None:
    assert ace("playbook", "add", "ships", "-s", "Names", "-t", "Donau\u00addampf", "-r", "test").status == 0
    (hit,) = ace("playbook", "search", "ships", word, "--json").json
    assert hit["text"] == "Donaudampf"
