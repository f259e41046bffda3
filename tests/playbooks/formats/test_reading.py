"""Any file is read as what it is, or refused in one line."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.errors import BadInput, UnknownName
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.formats.line import Line
from ace.playbooks.formats.registry import format_for, formats, read
from tests.playbooks.formats.texts import PIECES, copy_of, live_bullets
from tests.playbooks.making import checked

READABLE = [f.name for f in formats().values() if f.parse or f.json]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = """bullets skills sections schema_version histories deltas operations revision parents refused id section text state
pinned status author at base op place content issue active"""
fields = st.sampled_from(FIELDS.split())
nested = st.recursive(
    values, lambda inner: st.dictionaries(fields, inner | st.lists(inner, max_size=2), max_size=4), max_leaves=12
)
soup = st.lists(st.sampled_from((*PIECES, "\n", "\n\n", "\r\n", "[a-1] ", "\ufeff", "\x00", "\ud800", "{", "}")), max_size=25)


@checked
@given(st.text(max_size=200) | soup.map("".join), st.sampled_from(["", *READABLE]))
def test_any_text_is_read_or_refused_in_one_line(text: str, name: str) -> None:
    said, found = "", []
    try:
        found = [x for x in read(text, name)[1] if isinstance(x, Line)]
    except BadInput as refused:
        said = str(refused)
    assert "\n" not in said
    assert all(x.text == clean(x.text) and x.text and x.section for x in found)


@checked
@given(nested)
def test_any_json_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(BadInput):
        read(json.dumps(value))


@checked
@given(live_bullets().filter(bool), st.sampled_from(["markdown", "json", "ace", "skillbook", "skillbook-0.9"]))
def test_a_file_says_itself_what_it_is_in(bullets: list[Bullet], name: str) -> None:
    kind, found = read(formats()[name].render(copy_of(bullets)))
    assert kind == name.removesuffix("-0.9")
    assert len(found) == len(bullets)


def test_a_list_is_read_as_one_where_nothing_says_otherwise() -> None:
    assert read("# Notes\n- one\n- two")[0] == "plain"
    assert read("# support (revision 3)\n\n## A\n- one")[0] == "markdown"
    assert read("## A\n- one <!-- ref-0a1b2c3d4e -->")[0] == "markdown"
    assert read("[a-1] helpful=1 harmful=0 :: one")[0] == "ace"
    assert read("Ours.\n<!-- ace:begin support@1 -->\n- one\n<!-- ace:end -->")[0] == "agents"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.md", "markdown"),
        ("x/AGENTS.md", "agents"),
        ("Claude.md", "agents"),
        ("SKILL.md", "agents"),
        ("a.JSON", "json"),
        ("p.txt", "ace"),
    ],
)
def test_the_name_of_a_file_says_how_to_write_it(file: str, name: str) -> None:
    assert format_for(file).name == name


def test_names_that_say_nothing_are_answered_with_what_there_is() -> None:
    with pytest.raises(
        BadInput, match=r"a\.doc: its name does not say which format to write; give --format, one of agents, markdown, ace, "
    ):
        format_for("a.doc")
    with pytest.raises(BadInput, match="give format=, one of agents"):
        format_for("a.doc", "format=")
    with pytest.raises(UnknownName, match="did you mean 'markdown'"):
        read("", "markdwn")
    with pytest.raises(BadInput, match="it holds no part between '<!-- ace:begin NAME@REVISION -->' and '<!-- ace:end -->'"):
        read("", "agents")
