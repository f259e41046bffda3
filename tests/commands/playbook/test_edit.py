"""Changing a playbook by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.memory.store import Store
from ace.playbooks.operations import Op, Operation
from tests.commands.editor import Editor
from tests.commands.on_terminal import on_a_terminal
from tests.commands.said import Ace, Said
from tests.stories import Story


def added(ace: Ace, text: str, *more: str, section: str = "Refunds", name: str = "support") -> str:
    """The id of a bullet that was added."""
    said = ace("playbook", "add", name, "--section", section, "--text", text, "--reason", "test", "--json", *more)
    assert said.status == 0, said.err
    id: str = said.json["operations"][0]["new_id"]
    return id


def lines(ace: Ace, ref: str = "support") -> list[tuple[str, str]]:
    return [(b["section"], b["text"]) for b in ace("playbook", "show", ref, "--json").json["bullets"]]


def revision(ace: Ace) -> int:
    head: int = ace("playbook", "show", "support", "--json").json["revision"]
    return head


def require_refused(said: Said, *words: str, status: int = 2) -> None:
    """One clear line, with these words in it."""
    assert said.status == status
    assert said.err.count("\n") == 1
    assert said.err.startswith("ace: ")
    for word in words:
        assert word in said.err


def test_add_makes_the_store_and_the_playbook_and_the_log_says_who_and_why(ace: Ace) -> None:
    said = ace("playbook", "add", "support", "-s", "Refunds", "-t", "refund damaged goods", "-r", "seen it fail")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("support@1\n1 added\n")
    (delta,) = ace("playbook", "log", "support", "--json").json
    assert (delta["author"], delta["reason"]) == ("person", "seen it fail")
    assert lines(ace) == [("Refunds", "refund damaged goods")]


def test_where_no_reason_can_be_asked_for_the_log_says_what_was_done_by_hand(ace: Ace, editor: Editor) -> None:
    said = ace("playbook", "add", "support", "-s", "Refunds", "-t", "one", "--json")
    assert said.status == 0, said.err
    id = said.json["operations"][0]["new_id"]
    for op in ("pin", "unpin", "retire", "restore"):
        assert ace("playbook", op, "support", id, "-r", " ").status == 0
    editor.replaces("- one", "- uno")
    assert ace("playbook", "edit", "support").status == 0
    reasons = {d["reason"] for d in ace("playbook", "log", "support", "--json").json}
    assert reasons == {f"{done} by hand" for done in ("added", "pinned", "unpinned", "retired", "restored", "edited")}


def test_a_bullet_is_added_where_it_was_wanted(ace: Ace) -> None:
    first = added(ace, "one")
    added(ace, "two")
    added(ace, "after one", "--after", first)
    added(ace, "before one", "--after", "first")
    assert [text for _, text in lines(ace)] == ["before one", "one", "after one", "two"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["support", "-s", " ", "-t", "text", "-r", "why"], ["needs a section"]),
        (["support", "-s", "Refunds", "-t", "\n", "-r", "why"], ["needs a text"]),
        (["a/b", "-s", "Refunds", "-t", "text", "-r", "why"], ["'/' is not accepted"]),
        (["a\nb", "-s", "Refunds", "-t", "text", "-r", "why"], ["control characters"]),
        (["support", "-s", "Refunds", "-t", "## Fees", "-r", "why", "--force"], ["looks like a heading"]),
        (["support", "-s", "Refunds", "-t", "- [ref-00001] text", "-r", "why", "--force"], ["looks like a bullet's id"]),
        (["support", "-s", "Refunds", "-t", "x" * 2001, "-r", "why", "--force"], ["2,001 characters"]),
        (["support", "-s", "R" * 61, "-t", "text", "-r", "why"], ["61 characters"]),
        (["support", "-s", "Refunds", "-t", "text", "-r", "why", "--after", "ref-0000000000"], ["no playbook 'support' yet"]),
        (["support", "-s", "Refunds", "-t", "[previous items unchanged]", "-r", "why"], ["stands in for text", "--force"]),
    ],
)
def test_what_cannot_be_added_is_refused_in_one_line_and_nothing_is_written(
    ace: Ace, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    require_refused(ace("playbook", "add", *arguments), *words)
    listed = ace("playbook", "list", "--json")
    assert listed.status == 2 or listed.json == []


def test_what_looks_like_a_mistake_is_done_where_it_is_meant(ace: Ace) -> None:
    said = ace("playbook", "add", "support", "-s", "Refunds", "-t", "Refund the", "-r", "why")
    require_refused(said, "breaks off", "--force")
    added(ace, "Refund the", "--force")
    assert lines(ace) == [("Refunds", "Refund the")]


def test_a_like_or_contradicting_bullet_is_warned_of_and_added_all_the_same(ace: Ace) -> None:
    old = added(ace, "Retry 3 times before giving up")
    said = ace("playbook", "add", "support", "-s", "Other", "-t", "Retry 5 times before giving up", "-r", "why")
    assert said.status == 0
    assert "Warning: it contradicts" in said.err
    assert old in said.err
    assert len(lines(ace)) == 2


def test_retired_bullets_come_back_where_they_stood(ace: Ace) -> None:
    one, two = added(ace, "one"), added(ace, "two")
    assert ace("playbook", "retire", "support", one, two, "-r", "both wrong").out.startswith("support@3\n2 retired\n")
    assert lines(ace) == []
    assert ace("playbook", "restore", "support", one, "-r", "right after all").status == 0
    assert lines(ace) == [("Refunds", "one")]


def test_retiring_a_retired_bullet_says_when_by_whom_and_why_it_was_retired(ace: Ace) -> None:
    one, two = added(ace, "one"), added(ace, "two")
    ace("playbook", "retire", "support", one, "-r", "no good at all.", "--author", "Ada")
    for op in ("retire", "pin"):
        said = ace("playbook", op, "support", two, one, "-r", "why")
        require_refused(
            said, f"{one} was retired by revision 3 (20", ", Ada): no good at all; bring it back with: ace playbook"
        )
        assert said.err.endswith(f"ace playbook restore support {one}\n")
    require_refused(
        ace("playbook", "add", "support", "-s", "Refunds", "-t", "x", "-r", "y", "--after", one), "was retired by revision 3"
    )
    assert revision(ace) == 3


def test_an_unknown_id_is_answered_with_the_nearest_and_none_of_the_others_is_touched(ace: Ace) -> None:
    one = added(ace, "one")
    said = ace("playbook", "retire", "support", one, one[:-1] + "_", "-r", "why")
    require_refused(said, "there is no bullet", f"did you mean {one}?")
    require_refused(ace("playbook", "restore", "support", one, "-r", "why"), "is not retired")
    require_refused(ace("playbook", "unpin", "support", one, "-r", "why"), "is not pinned")
    require_refused(ace("playbook", "activate", "support", one, "-r", "why"), "is not a guess")
    assert revision(ace) == 1


def test_a_person_confirms_a_guess_and_it_is_a_lesson_like_any_other(ace: Ace) -> None:
    with Store.open("ace.db") as store:
        one, two = Story(store).added(
            *(Operation(Op.ADD, section="Refunds", text=t, state="candidate") for t in ("one", "two"))
        )
    assert ace("playbook", "activate", "support", one[:9], "--reason", "the manual says so", "--author", "Ada").status == 0
    told = ace("playbook", "log", "support", "--json").json[0]
    assert (told["by"], told["reason"], told["operations"][0]["op"]) == ("Ada", "the manual says so", "activate")
    states = {b["id"]: b["state"] for b in ace("playbook", "show", "support", "--json").json["bullets"]}
    assert states == {one: "active", two: "candidate"}
    require_refused(ace("playbook", "activate", "support", two, one, "-r", "why"), f"{one} is not a guess")
    ace("playbook", "retire", "support", two, one, "-r", "why", "--force")
    require_refused(ace("playbook", "activate", "support", two, "-r", "why"), f"{two} was retired by revision 3")
    assert ace("playbook", "restore", "support", two, one).status == 0
    states = {b["id"]: b["state"] for b in ace("playbook", "show", "support", "--json").json["bullets"]}
    assert states == {one: "active", two: "candidate"}, "each comes back as what it was"


def test_a_person_makes_a_lesson_a_guess_again_and_it_can_be_undone(ace: Ace) -> None:
    one = added(ace, "one")
    assert ace("playbook", "demote", "support", one[:9], "--author", "Ada").status == 0
    told = ace("playbook", "log", "support", "--json").json[0]
    assert (told["reason"], told["operations"][0]["op"]) == ("made a guess by hand", "demote")
    assert "(candidate)" in ace("playbook", "show", "support").out
    assert "demoted" in ace("playbook", "diff", "support@1", "support@2").out
    assert "made a guess by hand" in ace("playbook", "why", "support", one).out
    require_refused(ace("playbook", "demote", "support", one, "-r", "why"), f"{one} is a guess already")
    assert ace("playbook", "revert", "support", "2").status == 0
    assert ace("playbook", "show", "support", "--json").json["bullets"][0]["state"] == "active"
    assert ace("playbook", "verify", "support").status == 0
    assert ace("playbook", "rollback", "support", "2").status == 0
    assert ace("playbook", "show", "support", "--json").json["bullets"][0]["state"] == "candidate"
    ace("playbook", "retire", "support", one, "--force")
    require_refused(ace("playbook", "demote", "support", one, "-r", "why"), f"{one} was retired by revision 5")


def test_a_person_escalates_a_bullet_which_is_logged_kept_and_undone(ace: Ace) -> None:
    one = added(ace, "one")
    assert ace("playbook", "escalate", "support", one[:9], "--author", "Ada").status == 0
    told = ace("playbook", "log", "support", "--json").json[0]
    assert (told["by"], told["reason"], told["operations"][0]["op"]) == ("Ada", "escalated by hand", "escalate")
    assert "(escalated)" in ace("playbook", "show", "support").out
    assert "escalated" in ace("playbook", "diff", "support@1", "support@2").out
    assert "escalated by hand" in ace("playbook", "why", "support", one).out
    require_refused(ace("playbook", "escalate", "support", one, "-r", "why"), f"{one} is escalated already")
    assert ace("playbook", "pin", "support", one).status == 0
    assert ace("playbook", "revise", "support", one, "--text", "one, reworded").status == 0
    assert ace("playbook", "export", "support", "-o", "book.md").status == 0
    assert ace("playbook", "import", "book.md", "copy").status == 0
    for name in ("support", "copy"):
        [bullet] = ace("playbook", "show", name, "--json").json["bullets"]
        assert (bullet["pinned"], bullet["escalated"]) == (True, True)
    assert ace("playbook", "fork", "support", "branch").status == 0
    assert ace("playbook", "show", "branch", "--json").json["bullets"][0]["escalated"] is True
    assert ace("playbook", "revert", "support", "2").status == 0
    assert ace("playbook", "show", "support", "--json").json["bullets"][0]["escalated"] is False
    require_refused(ace("playbook", "deescalate", "support", one, "-r", "why"), f"{one} is not escalated")
    assert ace("playbook", "rollback", "support", "2").status == 0
    assert ace("playbook", "show", "support", "--json").json["bullets"][0]["escalated"] is True
    assert ace("playbook", "show", "support@1", "--json").json["bullets"][0]["escalated"] is False
    assert ace("playbook", "verify", "support").status == 0
    ace("playbook", "retire", "support", one, "--force")
    require_refused(ace("playbook", "escalate", "support", one, "-r", "why"), f"{one} was retired by revision")


def test_many_bullets_at_once_are_retired_only_where_that_is_meant(ace: Ace) -> None:
    ids = [added(ace, f"lesson {n}") for n in range(12)]
    said = ace("playbook", "retire", "support", *ids[1:], "-r", "why")
    require_refused(said, "ace: this would remove 11 of 12 bullets; at most 10 at once; if that is meant, add --force")
    assert ace("playbook", "retire", "support", *ids[1:], "-r", "why", "--force").status == 0
    assert len(lines(ace)) == 1


def test_a_pin_holds_until_it_is_taken_off(ace: Ace) -> None:
    one = added(ace, "one")
    assert ace("playbook", "pin", "support", one, "-r", "mine").status == 0
    require_refused(ace("playbook", "pin", "support", one, "-r", "mine"), "pinned already")
    assert ace("playbook", "show", "support", "--json").json["bullets"][0]["pinned"] is True
    assert ace("playbook", "unpin", "support", one, "-r", "not any more").status == 0


def test_revert_undoes_one_revision_and_keeps_what_came_later(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    added(ace, "two")
    added(ace, "three")
    assert ace("playbook", "revert", "support", "2").out.startswith("support@4\n1 retired\n")
    assert [text for _, text in lines(ace)] == ["one", "three"]
    assert ace("playbook", "revert", "support@4", "-r", "it was right").status == 0
    assert [text for _, text in lines(ace)] == ["one", "two", "three"]
    assert ace("playbook", "log", "support", "--json").json[0]["reason"] == "it was right"


def test_revert_is_refused_where_something_later_depends_on_it(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    editor.replaces("one", "uno")
    ace("playbook", "edit", "support", "-r", "italian")
    require_refused(ace("playbook", "revert", "support", "1"), "revision 2 changed the text of", "undo that first")
    assert ace("playbook", "revert", "support", "2").status == 0
    assert ace("playbook", "revert", "support", "1").status == 0
    require_refused(ace("playbook", "revert", "support", "1"), "is undone already")


def test_a_revert_that_is_refused_says_what_was_done_to_the_bullet_since(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    editor.replaces("one", "uno")
    ace("playbook", "edit", "support", "-r", "italian")
    ace("playbook", "retire", "support", one, "-r", "no")
    require_refused(ace("playbook", "revert", "support", "2"), f"revision 3 retired {one}; undo that first")
    with Store.open("ace.db") as store:
        Story(store).change(Operation(Op.RESTORE, id=one, state="candidate"))
    require_refused(ace("playbook", "revert", "support", "3"), f"revision 4 restored {one}; undo that first")


def test_every_change_says_its_reason_as_json(ace: Ace, editor: Editor) -> None:
    def reason(*arguments: str) -> str:
        said = ace("playbook", *arguments, "--json")
        assert said.status == 0, said.err
        told: str = said.json["reason"]
        return told

    one = added(ace, "one")
    editor.replaces("- one", "- uno")
    assert reason("add", "support", "-s", "Fees", "-t", "two", "-r", "seen it") == "seen it"
    assert reason("edit", "support", "-r", "italian") == "italian"
    assert reason("retire", "support", one, "-r", "no") == "no"
    assert reason("rollback", "support", "1") == "back to revision 1"
    assert reason("revert", "support", "5") == "undo revision 5"


@pytest.mark.parametrize("how", ["revert", "rollback"])
def test_a_revision_to_go_back_to_must_be_there(ace: Ace, how: str) -> None:
    added(ace, "one")
    require_refused(ace("playbook", how, "support", "7"), "has no revision 7; it has 0 to 1")
    require_refused(ace("playbook", how, "support"), "which revision?")
    require_refused(ace("playbook", how, "suport", "1"), "did you mean 'support'?")
    require_refused(ace("playbook", "revert", "support", "0"), "nothing to undo")
    require_refused(ace("playbook", "rollback", "support", "1"), "already is as it was")
    assert revision(ace) == 1


def test_rollback_makes_the_playbook_read_as_it_did(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    added(ace, "two", section="Fees")
    then = lines(ace)
    added(ace, "three")
    editor.replaces("one", "uno")
    ace("playbook", "edit", "support", "-r", "italian")
    ace("playbook", "pin", "support", one, "-r", "mine")
    said = ace("playbook", "rollback", "support", "2", "-r", "it was better")
    assert said.out.startswith("support@6\n")
    assert lines(ace) == then
    assert ace("playbook", "rollback", "support@5").status == 0
    assert [text for _, text in lines(ace)] == ["uno", "two", "three"]
    assert ace("playbook", "verify", "support").status == 0


def test_a_rollback_gives_the_very_digest_where_nothing_was_added_or_moved_since(ace: Ace) -> None:
    one = added(ace, "one")
    digest = ace("playbook", "show", "support", "--json").json["digest"]
    ace("playbook", "retire", "support", one, "-r", "why")
    ace("playbook", "rollback", "support", "1")
    assert ace("playbook", "show", "support", "--json").json["digest"] == digest


def test_edit_turns_what_was_changed_into_operations_of_a_person(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    added(ace, "two")
    gone = added(ace, "three", section="Fees")
    editor.does(
        "text = text.replace('- one', '- uno').replace('## Fees', '## Charges\\n\\n- a new one\\n\\n## Fees');"
        f"text = '\\n'.join(line for line in text.split('\\n') if {gone!r} not in line)"
    )
    said = ace("playbook", "edit", "support", "--reason", "by hand", "--json")
    assert said.status == 0, said.err
    assert sorted(o["op"] for o in said.json["operations"]) == ["add", "retire", "revise"]
    assert lines(ace) == [("Refunds", "uno"), ("Refunds", "two"), ("Charges", "a new one")]
    (delta, *_) = ace("playbook", "log", "support", "--json").json
    assert (delta["author"], delta["reason"]) == ("person", "by hand")
    assert "- one <!-- " in editor.saw.read_text(encoding="utf-8")


def test_lines_put_in_another_order_are_moved(ace: Ace, editor: Editor) -> None:
    added(ace, "one")
    added(ace, "two")
    added(ace, "three")
    editor.does(
        "found = [line for line in text.split('\\n') if line.startswith('- ')];"
        "text = text.replace(found[2] + '\\n', '').replace(found[0], found[2] + '\\n' + found[0])"
    )
    said = ace("playbook", "edit", "support", "-r", "order", "--json")
    assert [o["op"] for o in said.json["operations"]] == ["move"]
    assert [text for _, text in lines(ace)] == ["three", "one", "two"]


def test_an_editor_that_changes_nothing_or_fails_writes_nothing(
    ace: Ace, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(ace, "one")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "nothing was changed in the editor")
    editor.does("text += '\\n\\n'")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "changes no bullet")
    editor.does("sys.exit(3)")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "ended with exit status 3")
    editor.does("import os; os.kill(os.getpid(), 9)")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "ended by signal 9")
    editor.does("path.unlink(); sys.exit(0)")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "took its file away")
    for command, words in (("/no/such/editor", "cannot run the editor"), ("'", "is not a command")):
        monkeypatch.setenv("EDITOR", command)
        require_refused(ace("playbook", "edit", "support", "-r", "why"), words, "EDITOR")
    monkeypatch.delenv("EDITOR")
    monkeypatch.setenv("PATH", "")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "there is no editor", "VISUAL or EDITOR")
    assert revision(ace) == 1


def test_visual_goes_before_editor(ace: Ace, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    added(ace, "one")
    editor.replaces("one", "uno")
    monkeypatch.setenv("VISUAL", "false")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "the editor false")


def test_an_edit_that_cannot_be_read_is_refused_by_line_and_the_text_is_kept(
    ace: Ace, editor: Editor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one = added(ace, "one")
    gone = added(ace, "two")
    ace("playbook", "retire", "support", gone, "-r", "no good")
    at = 1 + next(n for n, row in enumerate(_sheet(ace, editor).split("\n")) if one in row)
    editor.replaces(one, "ref-0000000000")
    said = ace("playbook", "edit", "support", "-r", "why")
    require_refused(said, f"line {at}: there was no bullet ref-0000000000", "your text is kept in")
    kept = Path(said.err.rpartition("kept in ")[2].strip())
    assert "ref-0000000000" in kept.read_text(encoding="utf-8")
    editor.replaces(one, gone)
    said = ace("playbook", "edit", "support", "-r", "why")
    require_refused(
        said, f"line {at}: {gone} was retired by revision 3", "no good; bring", f"restore support {gone}; your text"
    )
    editor.does("text += 'some text\\n'")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "line ", "'some text'")
    editor.replaces("- one", "- ## Fees")
    require_refused(ace("playbook", "edit", "support", "-r", "why", "--force"), one, "looks like a heading")
    editor.does("path.write_bytes(b'\\n\\n\\xff'); sys.exit(0)")
    require_refused(ace("playbook", "edit", "support", "-r", "why"), "line 3", "not UTF-8")
    assert revision(ace) == 3


def _sheet(ace: Ace, editor: Editor) -> str:
    ace("playbook", "edit", "support", "-r", "why")
    return editor.saw.read_text(encoding="utf-8")


def test_what_somebody_else_changed_while_the_editor_was_open_is_not_overwritten(ace: Ace, editor: Editor) -> None:
    one = added(ace, "one")
    added(ace, "two")
    meanwhile = f"playbook retire support {one} -r meanwhile".split()
    editor.does(
        "import os, subprocess; "
        "text = text.replace('- one', '- uno').replace('- two', '- due'); "
        f"subprocess.run([sys.executable, '-m', 'ace', *{meanwhile!r}], check=True, stdout=subprocess.DEVNULL)"
    )
    said = ace("playbook", "edit", "support", "-r", "by hand")
    assert said.status == 1
    assert f"not done: revise {one}: {one} was changed by revision 3" in said.err
    assert "your text is kept in" in said.err
    assert [text for _, text in lines(ace)] == ["due"]


def test_on_a_terminal_the_change_is_shown_and_the_reason_asked_for(ace: Ace, editor: Editor, tmp_path: Path) -> None:
    added(ace, "one")
    editor.replaces("- one", "- uno")
    answers = [("Reason, for the log [edited by hand]:", "italian")]
    seen = on_a_terminal("playbook", "edit", "support", cwd=tmp_path, answers=answers)
    assert seen.status == 0, seen.out
    assert seen.out.index("revised") < seen.out.index("Reason, for the log") < seen.out.index("support@2")
    assert ace("playbook", "log", "support", "--json").json[0]["reason"] == "italian"
    seen = on_a_terminal(
        "playbook",
        "add",
        "support",
        "-s",
        "A",
        "-t",
        "Refund the",
        cwd=tmp_path,
        answers=[("all the same?", "y"), ("Reason", "x")],
    )
    assert seen.status == 0, seen.out
    assert lines(ace) == [("Refunds", "uno"), ("A", "Refund the")]


def test_what_was_undone_is_said_to_be_also_where_it_came_back_to_another_place(ace: Ace, editor: Editor) -> None:
    ids = [added(ace, text) for text in ("one", "two", "three")]
    editor.replaces("one", "uno")
    assert ace("playbook", "edit", "support", "-r", "italian").status == 0
    assert ace("playbook", "retire", "support", ids[0], ids[1], "-r", "old").status == 0
    assert ace("playbook", "revert", "support", "5").status == 0
    require_refused(ace("playbook", "revert", "support", "5"), "revision 5 of 'support' is undone already")
    assert ace("playbook", "revert", "support", "4").status == 0
    require_refused(ace("playbook", "revert", "support", "4"), "is undone already")
    assert [text for _, text in lines(ace)] == ["one", "two", "three"]
