"""Files of rules that people have: items become bullets that read by themselves, and every other line is accounted for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.editing.reading import found_in
from ace.playbooks.bullet import MAX_SECTION, Bullet
from ace.playbooks.formats.line import Line
from ace.playbooks.formats.plain import render_plain
from ace.playbooks.formats.registry import read, read_rules
from ace.playbooks.formats.rules import parse_rules
from tests.playbooks.formats.texts import copy_of, live_bullets
from tests.playbooks.making import checked

LONG = "Repository guidelines for the people and agents who work on the payment services of this company"


def texts(page: str) -> list[str]:
    return [x.text for x in parse_rules(page).lines]


def left(page: str) -> list[tuple[str, str]]:
    return [(n.place, n.kind) for n in parse_rules(page).not_taken]


@pytest.mark.parametrize(
    ("page", "rules"),
    [
        ("- a\n* b\n+ c\n1. d\n2) e\n• f\n", ["a", "b", "c", "d", "e", "f"]),
        ("- [ ] open\n- [x] done\n- [X] Done too\n", ["open", "done", "Done too"]),
        ("- Run the tests.\n  - also slow ones\n    - twice\n", ["Run the tests.", "Run the tests: also slow ones"]),
        ("When deploying:\n- ask\n- wait\n", ["When deploying: ask", "When deploying: wait"]),
        ("When deploying:\n\n1. ask\n2. wait\n", ["When deploying: ask", "When deploying: wait"]),
        ("**When deploying:**\n- ask\n", ["**When deploying**: ask"]),
        ("- **When deploying**:\n  - ask\n", ["**When deploying**: ask"]),
        ("1. When deploying:\n  - ask\n", ["When deploying: ask"]),
        ("- When deploying:\n\n  - ask\n", ["When deploying: ask"]),
        ("部署时：\n- 先问\n", ["部署时: 先问"]),
        ("- one line\n  and more\nand lazily more\n- two\n", ["one line and more and lazily more", "two"]),
        ("- one\n\n  its second paragraph\n", ["one its second paragraph"]),
        ("- see [docs](http://x.y/a_b), *now*, `a:`\n", ["see [docs](http://x.y/a_b), *now*, `a:`"]),
        ("- keep <!-- a note --> this\n- `<!-- kept -->` in code\n", ["keep this", "`<!-- kept -->` in code"]),
        ("- one\n---\n- two\n", ["one", "two"]),
        ("- one\r\n  more\r\n", ["one more"]),
        ("\ufeff- one\n  more\n", ["one more"]),
        ("- one\n\ttab\n- \ttwo\n", ["one tab", "two"]),
        ("- Note this:\n\n# Next\n- b\n", ["Note this:", "b"]),
    ],
)
def test_an_item_becomes_a_bullet_that_reads_by_itself(page: str, rules: list[str]) -> None:
    found = texts(page)
    assert found[: len(rules)] == rules
    assert left(page) == []


@pytest.mark.parametrize(
    ("page", "rules"),
    [
        ("# T\n\n- one\\\n  more\n- two  \n  more", ["one more", "two more"]),
        ("# T\n\n- a\n\n  para\\\n  x", ["a para x"]),
        ("# T\n\n- **bold**\\\n  next\\\n  last", ["**bold** next last"]),
        ("# T\n\n- C:\\\n- `x\\` code\n- at\\\\\n  b", ["C:\\", "`x\\` code", "at\\\\ b"]),
    ],
)
def test_the_backslash_of_a_hard_break_is_no_part_of_a_bullet(page: str, rules: list[str]) -> None:
    assert texts(page) == rules


def test_lines_may_end_in_a_carriage_return_alone() -> None:
    for text in ("## A\r- one\r- two\r", "# Title\r\rprose\r\r- one\r- two"):
        assert [x.text for x in found_in(text, "p").vetted.lines] == ["one", "two"]
        assert [x.number for x in found_in(text, "p").vetted.lines] in ([2, 3], [5, 6])


def test_an_item_brings_along_all_that_it_stands_within() -> None:
    assert texts("Always:\n- Test:\n  - unit\n    1. first\n    2. last\n") == [
        "Always: Test: unit",
        "Always: Test: unit: first",
        "Always: Test: unit: last",
    ]


@pytest.mark.parametrize(
    ("head", "section"),
    [
        ("# Top\n\n## Testing ##", "Testing"),
        ("Testing\n=======", "Testing"),
        ("Testing\n---", "Testing"),
        ("# ", "General"),
        ("", "General"),
        ("## `make` & *co*", "`make` & *co*"),
        (f"# {LONG}", "Repository guidelines for the people and agents who work…"),
        ("# " + "x" * 80, "x" * 59 + "…"),
    ],
)
def test_bullets_stand_under_the_heading_above_them(head: str, section: str) -> None:
    (line,) = parse_rules(f"{head}\n\n- a rule\n").lines
    assert line.section == section
    assert len(line.section) <= MAX_SECTION


@pytest.mark.parametrize(
    ("page", "passed"),
    [
        ("---\nname: x\nglobs:\n  - a\n---\n- a\n", [("lines 1-5", "front matter")]),
        ("Some prose,\nof two lines.\n\n- a\n", [("lines 1-2", "prose")]),
        ("It is so:\n\nprose\n\n- a\n", [("line 1", "prose"), ("line 3", "prose")]),
        ("```sh\n- no item\n# no heading\n```\n- a\n", [("lines 1-4", "code")]),
        ("- a\n  ```\n  x\n  ```\n", [("lines 2-4", "code")]),
        ("- a\n\n~~~\nnever closed\n", [("lines 3-4", "code")]),
        ("    indented\n\n- a\n", [("line 1", "code")]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n- a\n", [("lines 1-3", "table")]),
        ("> - quoted\n\n- a\n", [("line 1", "quote")]),
        ("<!-- one\ntwo -->\n\n- a\n", [("lines 1-2", "comment")]),
        ("<details>\n- inside\n</details>\n\n- a\n", [("lines 1-3", "HTML")]),
        ("- a\n\n[x]: http://a.b\n", [("line 3", "link")]),
        ("- a\n- Run:\n  ```\n  make\n  ```\n", [("line 2", "leads to what was not taken"), ("lines 3-5", "code")]),
        ("- a\n-\n- b\n", [("line 2", "empty")]),
        ("- a\n- " + "long " * 500 + "\n", [("line 2", "2,499 characters, and a bullet may have 2,000")]),
    ],
)
def test_what_was_not_taken_is_listed_by_line(page: str, passed: list[tuple[str, str]]) -> None:
    assert left(page) == passed
    assert texts(page)[0] == "a"


def test_no_line_of_a_file_is_passed_over_silently_however_deep_it_stands() -> None:
    page = "".join("  " * depth + f"- level {depth}\n" for depth in range(200))
    found = parse_rules(page)
    known = {x.number for x in found.lines} | {i for n in found.not_taken for i in range(n.number, n.last + 1)}
    assert known == set(range(1, 201))


@checked
@given(live_bullets())
def test_what_an_export_wrote_reads_the_same_as_a_file_of_rules(bullets: list[Bullet]) -> None:
    page = render_plain(copy_of(bullets))
    strict = [x for x in read(page, "plain")[1] if isinstance(x, Line)]
    found = parse_rules(page)
    assert [(x.section, x.text) for x in found.lines] == [(x.section, x.text) for x in strict]
    assert found.not_taken == ()


def test_a_bullet_of_two_dashes_is_no_line_across_the_page() -> None:
    page = render_plain(copy_of([Bullet("ref-0a1b2c3d4e", "A", "--")]))
    assert texts(page) == ["--"]


PIECES = [
    "- a rule\n",
    "  - under it\n",
    "When so:\n",
    "\n",
    "# Title\n",
    "1. one\n",
    "   more\n",
    "```\n",
    "> q\n",
    "| a |\n",
    "---\n",
]
PIECES += ["<b>\n", "[x]: y\n", "    code\n", "- Then:\n", "\\- no item\n", "* star <!-- c -->\n", "=\n", "- `a`\n"]


@checked
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_import_export_import_is_stable_and_no_line_is_lost(page: str) -> None:
    found = parse_rules(page)
    bullets = [Bullet(f"ref-{i:010}", x.section, x.text) for i, x in enumerate(found.lines)]
    again = parse_rules(render_plain(copy_of(bullets)))
    assert sorted((x.section, x.text) for x in again.lines) == sorted((x.section, x.text) for x in found.lines)
    assert again.not_taken == ()
    assert parse_rules(page) == found


@pytest.mark.parametrize(
    "page",
    [
        "## A\n- one\n- two\n",
        "# book (revision 2)\n\n## A\n\n- one\n  more\n",
        '{"bullets": []}',
        "[a-1] helpful=0 harmful=0 :: x\n",
        "Prose alone.\n",
    ],
)
def test_files_of_other_formats_and_simple_lists_are_read_as_ever(page: str) -> None:
    assert read_rules(page) is None


def test_bullets_of_the_reference_code_may_be_items_of_a_list_under_a_title() -> None:
    page = (
        "# ACE Playbook\n\n## Strategies\n- [str-00001] helpful=2 harmful=0 :: Ask first.\n* [x] helpful=0 harmful=1 :: Wait.\n"
    )
    kind, lines = read(page)
    assert kind == "ace"
    assert [(x.section, x.text, x.note) for x in lines if isinstance(x, Line)] == [
        ("Strategies", "Ask first.", "it was str-00001 there, helpful 2, harmful 0"),
        ("Strategies", "Wait.", "it was x there, helpful 0, harmful 1"),
    ]


def test_a_counted_bullet_among_rules_of_ones_own_is_a_bullet_like_the_others() -> None:
    page = "---\nglobs: x\n---\n# A\n\nProse.\n\n## Tests\n- Run them.\n- [tst-00001] helpful=2 harmful=1 :: Run them all.\n"
    rules = read_rules(page)
    assert rules is not None
    assert [(x.section, x.text) for x in rules.lines] == [("Tests", "Run them."), ("Tests", "Run them all.")]
    assert "helpful 2" in rules.lines[1].note
    assert [n.kind for n in rules.not_taken] == ["front matter", "prose"]
    assert read_rules(page.replace("- [tst", "[tst")) is None
    assert read_rules(page, "ace") is None
