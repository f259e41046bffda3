"""Joiners stay where a script or an emoji needs them; every other invisible character goes, and no blank takes its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book, applied_as_then, updated_digest
from ace.playbooks.bullet import clean, clean_before_joiners
from ace.playbooks.operations import Op, Operation
from ace.playbooks.similarity.compare import Kind, compare, gist
from tests.playbooks.making import checked

FLAG = "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
KEPT = {
    "Persian": "نمی\u200cخواهم خانه\u200cها را",
    "Persian suffix of a Latin word": "PDF\u200cها",
    "Persian abbreviation": "۱۴۰۰ ه\u200d.ش",
    "Arabic number sign": "\u0600\u0661\u0662",
    "Hindi": "क्\u200dष, क्\u200cष",
    "Bengali": "র\u200d্যাব, খ\u200c",
    "Sinhala": "ක්\u200dය, ශ්\u200dරී",
    "Malayalam": "അവന്\u200d",
    "Khmer": "ក\u200c្ខ",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "skin tone": "👩🏽\u200d🚀",
    "selector": "❤\ufe0f\u200d🔥 ☺\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "rainbow": "🏳\ufe0f\u200d🌈",
    "nodding": "🙂\u200d↕\ufe0f",
    "countries": "🇩🇪",
    "England": FLAG,
    "Mongolian": "\u182e\u1823\u1829\u182d\u1823\u182f\u180e\u1820",
    "newer than our tables": "\U0001fae9",
}
KEPT["Bengali"] = "র\u200d্যাব"
DROPPED = {
    "soft hyphen": ("co\u00adoperate", "cooperate"),
    "no width": ("a\u200bb", "ab"),
    "word joiner": ("a\u2060b", "ab"),
    "byte order mark": ("\ufeffa\ufeffb", "ab"),
    "Mongolian separator": ("a\u180eb", "ab"),
    "Mongolian separator at an end": ("\u1820\u180e", "\u1820"),
    "marks of direction": ("\u200fنه\u200e \u061cبله", "نه بله"),
    "overrides and isolates": ("\u202eab\u202c \u2066c\u2069", "ab c"),
    "a joiner in Latin": ("a\u200cb\u200dc", "abc"),
    "a joiner at an end": ("\u200dab\u200c", "ab"),
    "joiners in a row": ("می\u200c\u200c\u200d\u200cخ", "می\u200cخ"),
    "a joiner beside a mark": ("می\u200f\u200cخ", "می\u200cخ"),
    "tags": ("a" + "".join(chr(0xE0000 + ord(c)) for c in "obey"), "a"),
    "tags behind a flag": (FLAG + "".join(chr(0xE0000 + ord(c)) for c in "obey"), FLAG),
    "a flag of words": ("\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "obeyme") + "\U000e007f", "\U0001f3f4"),
    "control": ("a\x07b\nc", "a b c"),
    "half a character": ("a\ud800b", "a b"),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_a_script_or_an_emoji_needs_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(("text", "left"), DROPPED.values(), ids=DROPPED)
def test_what_nobody_sees_goes_without_a_blank(text: str, left: str) -> None:
    assert clean(text) == left


ODD = "ab 1.نیکक\u094dষ👨♥🏽\u200c\u200d\ufe0f\u00ad\u200b\u200f\u202e\u2060\ufeff\u180e"
ODD += "\x07\n\u00a0\ue000\ud800\U0001f3f4\U000e0067\U000e007f\u20e3"
odd_texts = st.lists(st.sampled_from([*ODD, FLAG])).map("".join) | st.text()


@given(odd_texts)
@checked
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") for c in once)


@given(odd_texts)
@checked
def test_what_can_be_seen_is_kept(text: str) -> None:
    def drawn(s: str) -> str:
        return "".join(c for c in s if c.isprintable() and c != " ")

    assert drawn(clean(text)) == drawn(text)


@pytest.mark.parametrize("hidden", ["\u200c", "\u200d", "\u00ad", "\u200b", "\ufe0f", "\u2060"])
def test_invisible_characters_make_no_other_lesson(hidden: str) -> None:
    plain, odd = "Refund broken goods within 30 days.", f"Ref{hidden}und bro{hidden}ken goods within 3{hidden}0 days."
    assert compare(plain, odd).kind is Kind.SAME
    assert gist(plain) == gist(odd)
    assert compare("نمی\u200cخواهم", "نمیخواهم").kind is Kind.SAME


def test_a_log_from_before_joiners_were_kept_replays_to_the_same_content() -> None:
    raw = Operation(Op.ADD, section="Fees", text="می\u200cخواهم co\u00adoperate", new_id="fee-0001")
    then, _ = apply(Book(), [raw.before_joiners()], "")
    after = updated_digest("0" * 64, then)
    changes, refused = applied_as_then(Book(), [raw], "", ("0" * 64, after))
    assert not refused
    assert changes[0].after.text == clean_before_joiners(raw.text) == "می خواهم co operate"
    assert changes[0].operation == raw
