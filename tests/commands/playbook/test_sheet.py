"""Editing a playbook in an editor: what a sheet may have become, and when none is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.editor import Editor
from tests.commands.playbook.test_edit import added, lines, require_refused, revision
from tests.commands.said import Ace
from tests.terminal import on_terminal

DAMAGED = {
    "not closed": "<!-- {id}",
    "followed by words": "<!-- {id} --> and more",
    "a sign too few": "<!- {id} ->",
    "not opened": "{id} -->",
    "in round brackets": "({id})",
    "in square brackets": "[{id}]",
    "bare": "{id}",
    "half an id": "<!-- ref-",
    "the end alone": "-->",
    "twice": "<!-- {id} --> <!-- {id} -->",
}


def edited(ace: Ace, *more: str) -> list[str]:
    """The operations that what the editor did came to."""
    said = ace("playbook", "edit", "support", "-r", "why", "--json", *more)
    assert said.status == 0, said.err
    return [o["op"] for o in said.json["operations"]]


@pytest.mark.parametrize("remains", DAMAGED.values(), ids=DAMAGED)
def test_what_is_left_of_an_id_retires_no_bullet_and_comes_into_no_text(
    ace: Ace, editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remains: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    added(ace, "one")
    two = added(ace, "two")
    editor.replaces(f"<!-- {two} -->", remains.format(id=two))
    said = ace("playbook", "edit", "support", "-r", "why")
    at = 1 + next(n for n, row in enumerate(editor.saw.read_text(encoding="utf-8").split("\n")) if two in row)
    require_refused(said, f"line {at}: the id comment is damaged; put ", "your text is kept in")
    assert (revision(ace), lines(ace)) == (2, [("Refunds", "one"), ("Refunds", "two")])


def test_the_comment_to_put_back_is_said_with_its_flags(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    ace("playbook", "pin", "support", one, "-r", "mine")
    editor.replaces(f"<!-- {one} pinned -->", f"({one})")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), f"put back <!-- {one} pinned --> at the end of the line")


def test_a_bullet_may_name_another_one_and_hold_the_signs_of_a_comment(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    added(ace, f"two, unlike {one}")
    added(ace, "end the page with <!-- end -->")
    editor.replaces("- one", f"- uno, unlike {one}")
    assert edited(ace) == ["revise"]
    editor.replaces("two, unlike", "due, unlike")
    assert edited(ace) == ["revise"]
    assert [text for _, text in lines(ace)][1:] == [f"due, unlike {one}", "end the page with <!-- end -->"]


def test_bullets_whose_ids_are_all_gone_are_known_by_what_they_say(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    added(ace, "in between", section="Fees")
    added(ace, "two")
    added(ace, "two")
    ace("playbook", "pin", "support", one, "-r", "mine")
    before = ace("playbook", "show", "support", "--json").json["bullets"]
    editor.does("text = '\\n'.join(re.sub(' *<!--.*-->', '', line) for line in text.split('\\n'))")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "changes no bullet")
    editor.does("text = re.sub(' *<!--.*-->', '', text) + '\\n## Tone\\n\\n- be kind\\n'")
    assert edited(ace) == ["add"]
    after = ace("playbook", "show", "support", "--json").json["bullets"]
    assert [b for b in after if b["text"] != "be kind"] == before


def test_a_line_without_an_id_in_another_section_is_a_new_bullet(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    editor.replaces(f"## Refunds\n\n- one <!-- {one} -->", "## Fees\n\n- one")
    assert sorted(edited(ace)) == ["add", "retire"]


@pytest.mark.parametrize(
    ("sign", "words"), [("\x1b[31m", "U+001B"), ("\x9b", "a control character (U+009B)"), ("\ue000", "U+E000")]
)
def test_what_cannot_be_read_on_a_sheet_is_refused_by_its_line(ace: Ace, editor: Editor, sign: str, words: str) -> None:
    added(ace, "one")
    editor.replaces("- one", f"- one{sign}")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "line ", words, "take it out")
    assert lines(ace) == [("Refunds", "one")]


def test_tabs_and_line_ends_of_any_editor_are_white_space(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    editor.does(
        "text = '\\ufeff' + text.replace('- one', '-\\tone\\tmore').replace('\\n', '\\r\\n');"
        "path.write_bytes(text.encode()); sys.exit()"
    )
    assert edited(ace) == ["revise"]
    assert lines(ace) == [("Refunds", "one more")]


def test_what_is_known_to_be_refused_is_refused_before_the_editor_is_opened(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    editor.replaces("- one", "- uno")
    said = ace("playbook", "edit", "support@1", "-r", "why")
    require_refused(said, "edit changes the head; give the name alone: ace playbook edit support")
    require_refused(ace("playbook", "edit", "support", "-r", "x" * 2001), "2,001 characters")
    assert not editor.saw.exists()
    assert lines(ace) == [("Refunds", "one")]


def test_no_editor_that_needs_a_terminal_is_opened_where_there_is_none(
    ace: Ace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(ace, "one")
    (tmp_path / "bin").mkdir()
    vi = tmp_path / "bin" / "vi"
    vi.write_text('#!/bin/sh\necho - two >> "$1"\n: > opened\n')
    vi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{vi.parent}:/usr/bin:/bin")
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.setenv("EDITOR", " ")
    said = ace("playbook", "edit", "support", "-r", "why")
    require_refused(said, "there is no terminal for an editor; set EDITOR to a program that needs none")
    assert not (tmp_path / "opened").exists()
    path = f"{vi.parent}:/usr/bin:/bin"
    seen = on_terminal("playbook", "edit", "support", "-r", "why", cwd=tmp_path, PATH=path, EDITOR="", VISUAL="")
    assert seen.status == 0, seen.text
    assert (tmp_path / "opened").exists()
    assert [text for _, text in lines(ace)] == ["one", "two"]
