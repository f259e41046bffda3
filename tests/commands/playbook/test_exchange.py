"""`ace playbook export` and `import`: files of all kinds go out and come in, and what is wrong is said in one line."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from ace.editing.files import read_text
from ace.errors import BadInput
from ace.memory.store import Store
from tests.command import ace as process
from tests.commands.said import Ace, Said

LIST = "# Notes\n\n## Refunds\n- Refund damaged goods.\n- Never refund gift cards.\n\n## Fees\n- Charge 5 Euro for express.\n"


@pytest.fixture
def book(ace: Ace) -> Ace:
    """A store with a playbook `support` of three bullets."""
    Path("lessons.md").write_text(LIST, encoding="utf-8")
    assert ace("playbook", "import", "lessons.md", "support").status == 0
    return ace


def refused(said: Said) -> str:
    """What a command that refused its work complained of, in one line."""
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("ace: ")
    assert said.err.count("\n") == 1
    return said.err.removeprefix("ace: ").rstrip("\n")


def contents(ace: Ace, name: str = "support") -> list[tuple[str, str, str]]:
    return [(b["id"], b["section"], b["text"]) for b in ace("playbook", "show", name, "--json").json["bullets"]]


def test_an_empty_playbook_in_a_file_is_said_to_be_empty(ace: Ace) -> None:
    with Store.open("ace.db") as store:
        store.ensure_playbook("bare")
    for name in ("AGENTS.md", "bare.json"):
        said = ace("playbook", "export", "bare", "-o", name)
        assert (said.status, said.err) == (0, f"bare@0 has no bullets, so {name} gets none\n")


@pytest.mark.parametrize(
    ("form", "told"), [("markdown", False), ("json", False), ("agents", True), ("ace", True), ("plain", True)]
)
def test_that_a_guess_is_written_as_a_lesson_is_said(book: Ace, form: str, told: bool) -> None:
    id = contents(book)[0][0]
    assert book("playbook", "demote", "support", id, "-r", "to be tested").status == 0
    said = book("playbook", "export", "support", "-f", form)
    due = f"1 guess is written as a lesson is: the format {form} has no states; markdown and json have\n"
    assert (said.status, said.err) == (0, due if told else "")


def test_a_list_becomes_a_playbook_and_says_so(ace: Ace) -> None:
    Path("lessons.md").write_text(LIST, encoding="utf-8")
    assert ace("playbook", "import", "lessons.md", "support").out == "support@1: 3 bullets added\n"
    assert ace("playbook", "import", "lessons.md", "support").out == "support@1: 0 bullets added\n  3 there already\n"
    (delta,) = ace("playbook", "log", "support", "--json").json
    assert (delta["author"], delta["reason"]) == ("import", "imported from lessons.md (plain)")


def test_a_dry_run_leaves_not_even_a_store_behind(ace: Ace) -> None:
    Path("lessons.md").write_text(LIST, encoding="utf-8")
    assert ace("playbook", "import", "lessons.md", "support", "--dry-run").out == "support: 3 bullets would be added\n"
    assert [p.name for p in Path().iterdir()] == ["lessons.md"]


def test_an_import_tells_programs_what_it_did(book: Ace) -> None:
    Path("more.md").write_text("- Charge 7 Euro for express.\n- Follow the\n- Be kind.\n", encoding="utf-8")
    told = book("playbook", "import", "more.md", "support", "--skip-bad", "--near", "report", "--json").json
    assert (told["revision"], told["added"], told["present"], told["merged"]) == (2, 2, 0, 0)
    assert told["bad"] == [{"place": "line 2", "text": "Follow the", "reason": "it breaks off: 'Follow the'"}]
    assert [(n["kind"], n["says"]) for n in told["near"]] == [("contradicts", "Charge 5 Euro for express.")]


@pytest.mark.parametrize("name", ["book.md", "book.json"])
def test_what_was_exported_and_imported_elsewhere_reads_the_same(book: Ace, name: str) -> None:
    assert book("playbook", "export", "support", "-o", name).out.startswith(f"{name}: support@1, 3 bullets, as ")
    assert book("playbook", "import", name, "copy", "--store", "other.db").status == 0
    there = book("playbook", "show", "copy", "--json", "--store", "other.db").json
    assert [(b["id"], b["section"], b["text"]) for b in there["bullets"]] == contents(book)


@pytest.mark.parametrize("form", ["markdown", "json", "ace", "skillbook", "skillbook-0.9", "plain"])
def test_every_format_is_imported_as_what_it_is(book: Ace, form: str) -> None:
    Path("file").write_text(book("playbook", "export", "support", "--format", form).out, encoding="utf-8")
    assert book("playbook", "import", "file", "copy").status == 0
    assert [(section, text) for _, section, text in contents(book, "copy")] == [(s, t) for _, s, t in contents(book)]


def test_a_whole_history_moves_to_another_store_with_its_hashes(book: Ace) -> None:
    Path("lessons.md").write_text(LIST + "- Be kind.\n", encoding="utf-8")
    book("playbook", "import", "lessons.md", "support", "--reason", "one more")
    assert book("playbook", "export", "support", "--history", "-o", "past.json").out == (
        "past.json: the history of support@2, 4 bullets, as json\n"
    )
    assert book("playbook", "import", "past.json", "moved", "--store", "other.db").out == (
        "moved got the whole history: 2 revisions, 4 bullets; every hash came out as the file says\n"
    )
    logs = [
        book("playbook", "log", name, "--json", "--store", db).json
        for name, db in (("support", "ace.db"), ("moved", "other.db"))
    ]
    assert logs[0] == logs[1]
    assert book("playbook", "verify", "--store", "other.db").status == 0
    for more in ((), ("--dry-run",)):
        assert "already" in refused(book("playbook", "import", "past.json", "moved", "--store", "other.db", *more))
    assert "would get the whole history" in book("playbook", "import", "past.json", "next", "--dry-run").out
    assert "which comes in whole" in refused(book("playbook", "import", "past.json", "next", "--update"))


def test_a_history_that_was_changed_leaves_nothing_behind(book: Ace) -> None:
    book("playbook", "export", "support", "--history", "-o", "past.json")
    changed = Path("past.json").read_text(encoding="utf-8").replace("Charge 5", "Charge 9")
    Path("past.json").write_text(changed, encoding="utf-8")
    said = refused(book("playbook", "import", "past.json", "moved", "--store", "other.db"))
    assert said.startswith("past.json, line 3: histories[0].deltas[0] is not as it was exported, or one before it is missing")
    assert not Path("other.db").exists()


def test_a_history_cannot_send_anything_to_the_terminal_of_its_reader(book: Ace) -> None:
    book("playbook", "add", "support", "--section", "Fees", "--text", "Waive fees for staff.", "--reason", "asked")
    book("playbook", "export", "support", "--history", "-o", "past.json")
    page = Path("past.json").read_text(encoding="utf-8")
    for old, new, at in (
        ('"person"', '"a\\u001b[31mred\\nx"', "author must be"),
        ('"base"', '"run": "\\u001b[1m", "base"', "run holds"),
    ):
        changed = new.join(page.rsplit(old, 1))
        assert changed != page
        Path("past.json").write_text(changed, encoding="utf-8")
        said = refused(book("playbook", "import", "past.json", "moved", "--store", "other.db"))
        assert said.startswith(f"past.json, line 4: histories[0].deltas[1].{at}")
        assert said.isprintable()
        assert not Path("other.db").exists()


def test_an_older_revision_can_be_exported(book: Ace) -> None:
    Path("lessons.md").write_text(LIST + "- Be kind.\n", encoding="utf-8")
    book("playbook", "import", "lessons.md", "support")
    assert "Be kind" not in book("playbook", "export", "support@1").out
    assert "support@9" not in refused(book("playbook", "export", "support@9"))


def test_an_edited_file_updates_the_playbook_only_when_asked(book: Ace) -> None:
    page = book("playbook", "export", "support").out
    Path("book.md").write_text(page.replace("damaged", "broken"), encoding="utf-8")
    said = book("playbook", "import", "book.md", "support").out
    id = contents(book)[0][0]
    assert said == (
        "support@1: 0 bullets added\n  2 there already\n"
        "  1 reads or stands otherwise here and was left so; --update takes the file's words and sections\n"
        f"    line 5: [{id}] Refund broken goods.\n"
    )
    would = book("playbook", "import", "book.md", "support", "--update", "--dry-run").out
    assert f"  1 would be changed to the file's words and sections\n    line 5: [{id}] Refund broken goods.\n" in would
    assert "  1 changed to the file's words and sections\n" in book("playbook", "import", "book.md", "support", "--update").out
    assert contents(book)[0][2] == "Refund broken goods."


def test_a_pinned_bullet_is_left_and_said_to_be_with_the_words_of_the_file(book: Ace) -> None:
    (first, *_), second, _ = contents(book)
    book("playbook", "pin", "support", first, "--reason", "a promise")
    page = book("playbook", "export", "support").out.replace("damaged", "broken").replace("gift", "any")
    Path("book.md").write_text(page, encoding="utf-8")
    pinned = f"  1 is pinned and was left\n    line 5: [{first}] Refund broken goods.\n"
    plain = book("playbook", "import", "book.md", "support").out
    assert plain.endswith(pinned)
    assert "  1 reads or stands otherwise here and was left so; --update" in plain
    would = book("playbook", "import", "book.md", "support", "--update", "--dry-run").out
    assert would.endswith(pinned.replace("was", "would be"))
    told = book("playbook", "import", "book.md", "support", "--update", "--json").json
    assert (told["updated"], told["left"], told["pinned"]) == ([second[0]], [first], [first])
    assert [text for _, _, text in contents(book)][:2] == ["Refund damaged goods.", "Never refund any cards."]


def test_what_was_retired_here_and_what_a_file_repeats_is_counted_as_that(book: Ace) -> None:
    page = book("playbook", "export", "support").out
    id = contents(book)[2][0]
    book("playbook", "retire", "support", id, "--reason", "wrong")
    Path("book.md").write_text(page + "- Be kind.\n- be  kind\n", encoding="utf-8")
    assert book("playbook", "import", "book.md", "support").out == (
        "support@3: 1 bullet added\n  2 there already\n  1 repeated in the file\n    line 12: be kind\n"
        f"  1 was retired here and stays so\n    line 10: [{id}] Charge 5 Euro for express.\n"
    )


RULES = """\
---
name: x
---
# Rules

Read this first.

When you test:
- Run the slow tests too.
- [ ] Ask before you skip one

```sh
make test
```
- [rest unchanged]
"""


def test_a_file_of_rules_is_imported_and_what_was_not_taken_is_listed_by_line(ace: Ace) -> None:
    Path("CLAUDE.md").write_text(RULES, encoding="utf-8")
    assert refused(ace("playbook", "import", "CLAUDE.md", "support", "--strict")).startswith("CLAUDE.md, line 1: ")
    assert not Path("ace.db").exists()
    assert ace("playbook", "import", "CLAUDE.md", "support").out == (
        "support@1: 2 bullets added\n  1 left out\n"
        "    line 15: it stands in for text that it does not have: '[rest unchanged]'\n"
        "  not taken, because a bullet is an item of a list; --strict refuses such a file:\n"
        "    lines 1-3: front matter: ---\n    line 6: prose: Read this first.\n    lines 12-14: code: ```sh\n"
    )
    assert [(section, text) for _, section, text in contents(ace)] == [
        ("Rules", "When you test: Run the slow tests too."),
        ("Rules", "When you test: Ask before you skip one"),
    ]
    told = ace("playbook", "import", "CLAUDE.md", "support", "--json").json
    assert (told["added"], told["present"]) == (0, 2)
    assert [(n["line"], n["last"], n["kind"]) for n in told["not_taken"]] == [
        (1, 3, "front matter"),
        (6, 6, "prose"),
        (12, 14, "code"),
    ]


def test_rules_of_a_person_go_in_and_out_of_their_file_and_every_byte_of_it_stays(ace: Ace) -> None:
    Path("CLAUDE.md").write_text(RULES, encoding="utf-8")
    ace("playbook", "import", "CLAUDE.md", "support")
    assert ace("playbook", "export", "support", "-o", "CLAUDE.md").status == 0
    assert Path("CLAUDE.md").read_text(encoding="utf-8").startswith(RULES + "\n<!-- ace:begin support@1 ")
    assert ace("playbook", "import", "CLAUDE.md", "support").out == "support@1: 0 bullets added\n  2 there already\n"


def test_lessons_go_into_agents_files_and_are_kept_up_to_date_in_place(book: Ace) -> None:
    rules = b"\xef\xbb\xbf# House rules\r\n\r\nBe kind.\r\n"
    Path("AGENTS.md").write_bytes(rules)
    Path("AGENTS.md").chmod(0o640)
    assert book("playbook", "export", "support", "-o", "AGENTS.md").out == "AGENTS.md: support@1, 3 bullets, as agents\n"
    first = Path("AGENTS.md").read_bytes()
    assert first.startswith(rules + b"\r\n<!-- ace:begin support@1 ")
    assert first.endswith(b"\r\n- Charge 5 Euro for express.\r\n<!-- ace:end -->\r\n")
    Path("AGENTS.md").write_bytes(first.rstrip(b"\r\n") + b" \r\n\r\nMine: \xc3\xa9")
    Path("lessons.md").write_text(LIST + "- Be kind.\n", encoding="utf-8")
    book("playbook", "import", "lessons.md", "support")
    book("playbook", "export", "support", "-o", "AGENTS.md")
    second = Path("AGENTS.md").read_bytes()
    assert second.startswith(rules + b"\r\n<!-- ace:begin support@2 ")
    assert second.endswith(b"\r\n- Be kind.\r\n<!-- ace:end -->\r\n\r\nMine: \xc3\xa9")
    assert stat.S_IMODE(Path("AGENTS.md").stat().st_mode) == 0o640
    assert sorted(p.name for p in Path().iterdir() if "AGENTS" in p.name) == ["AGENTS.md"]


def test_a_new_skill_is_named_after_its_folder(book: Ace) -> None:
    Path("refund-desk").mkdir()
    book("playbook", "export", "support", "-o", "refund-desk/SKILL.md")
    assert Path("refund-desk/SKILL.md").read_text(encoding="utf-8").startswith("---\nname: refund-desk\ndescription: ")


@pytest.mark.parametrize("name", ["AGENTS.md", "CLAUDE.md", "SKILL.md"])
def test_what_was_exported_for_agents_is_read_back_as_a_list(book: Ace, name: str) -> None:
    Path(name).write_text("---\nname: x\n---\n# Rules\n\nBe kind.\n\n- Mine.\n", encoding="utf-8")
    book("playbook", "export", "support", "-o", name)
    assert book("playbook", "import", name, "support").out == "support@1: 0 bullets added\n  3 there already\n"
    assert book("playbook", "import", name, "copy", "--format", "agents").out == "copy@1: 3 bullets added\n"
    assert [(section, text) for _, section, text in contents(book, "copy")] == [(s, t) for _, s, t in contents(book)]


def test_an_example_in_a_block_of_code_is_not_taken_for_the_part(book: Ace) -> None:
    rules = "# Rules\n\n```\n<!-- ace:begin support@1 -->\n- so it looks\n<!-- ace:end -->\n```\n"
    Path("AGENTS.md").write_text(rules, encoding="utf-8")
    for _ in range(2):
        book("playbook", "export", "support", "-o", "AGENTS.md")
    page = Path("AGENTS.md").read_text(encoding="utf-8")
    assert page.startswith(rules + "\n<!-- ace:begin support@1 ")
    assert page.count("Charge 5 Euro") == 1


def test_a_broken_mark_is_refused_by_line_and_the_file_left_alone(book: Ace) -> None:
    Path("CLAUDE.md").write_text("# Rules\n<!-- ace:begin support@1 -->\n", encoding="utf-8")
    said = refused(book("playbook", "export", "support", "-o", "CLAUDE.md"))
    assert said.startswith("CLAUDE.md, line 2: the part of 'support' begins here and does not end")
    assert Path("CLAUDE.md").read_text(encoding="utf-8") == "# Rules\n<!-- ace:begin support@1 -->\n"


def test_a_link_in_the_same_folder_stays_one_and_one_that_leads_elsewhere_is_refused(book: Ace, tmp_path: Path) -> None:
    Path("sub").mkdir()
    Path("sub/AGENTS.md").write_text("# Rules\n", encoding="utf-8")
    Path("sub/CLAUDE.md").symlink_to("AGENTS.md")
    assert book("playbook", "export", "support", "-o", "sub/CLAUDE.md").status == 0
    assert Path("sub/CLAUDE.md").is_symlink()
    assert "Charge 5 Euro" in Path("sub/AGENTS.md").read_text(encoding="utf-8")
    Path("CLAUDE.md").symlink_to("sub/AGENTS.md")
    assert "is a link to" in refused(book("playbook", "export", "support", "-o", "CLAUDE.md"))
    assert "is a link to" in refused(book("playbook", "import", "CLAUDE.md", "support"))
    Path("gone.md").symlink_to("nowhere.md")
    assert refused(book("playbook", "import", "gone.md", "support")) == "gone.md is a link that leads nowhere"
    assert refused(book("playbook", "export", "support", "-o", "gone.md")) == "gone.md is a link that leads nowhere"


def test_an_export_does_not_replace_a_file_that_is_no_playbook(book: Ace) -> None:
    Path("README.md").write_text("# Our desk\n\nPlease read.\n", encoding="utf-8")
    said = refused(book("playbook", "export", "support", "-o", "README.md"))
    assert said.startswith("README.md exists and is not a playbook in the format markdown (line 3: ")
    assert Path("README.md").read_text(encoding="utf-8").startswith("# Our desk")
    assert book("playbook", "export", "support", "-o", "README.md", "--force").status == 0
    assert book("playbook", "export", "support", "-o", "README.md").status == 0
    Path("binary.json").write_bytes(b"\0\1")
    assert "binary.json" in refused(book("playbook", "export", "support", "-o", "binary.json"))
    assert book("playbook", "export", "support", "-o", "binary.json", "--force").status == 0


def test_a_file_that_cannot_be_written_is_said(book: Ace) -> None:
    assert "cannot be written: there is no folder none;" in refused(book("playbook", "export", "support", "-o", "none/book.md"))
    # A folder that is there and takes no file, not even of the one who may write everywhere.
    if sys.platform == "linux":
        why = refused(book("playbook", "export", "support", "-o", "/proc/book.md"))
        assert "cannot be written: the folder /proc takes no new files;" in why
    Path("folder.md").mkdir()
    assert "folder.md is not a file but a folder" in refused(book("playbook", "export", "support", "-o", "folder.md"))
    Path("locked.md").touch(mode=0o444)
    assert refused(book("playbook", "export", "support", "-o", "locked.md")).startswith("locked.md is read-only")
    assert "give --format" in refused(book("playbook", "export", "support", "-o", "book.doc"))
    assert "is for the json format" in refused(book("playbook", "export", "support", "--history", "-f", "ace"))
    assert not [p.name for p in Path().iterdir() if ".part" in p.name]


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


def pipe(path: Path) -> None:
    os.mkfifo(path)


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "not there": (lambda path: None, "bad.md does not exist (looked for "),
    "a folder": (lambda path: path.mkdir(), "bad.md is not a file but a folder"),
    "a pipe": (pipe, "bad.md is not a file but a pipe"),
    "10 GB": (large, "bad.md has 10,240 MiB; a file may have 256 MiB"),
    "binary": (lambda path: path.write_bytes(b"## A\n- one\n\0"), "bad.md, line 3: this is binary (a zero byte)"),
    "UTF-16": (lambda path: path.write_bytes("## A".encode("utf-16")), "bad.md, line 1: this is UTF-16; save it as UTF-8"),
    "Latin-1": (
        lambda path: path.write_bytes(b"## A\n- Geb\xfchr\n"),
        "bad.md, line 2: this is not UTF-8 text (byte 6 of the line)",
    ),
    "empty": (lambda path: path.touch(), "bad.md: it holds no bullets"),
    "prose": (lambda path: path.write_text("Dear all,\n"), "bad.md, line 1: this is neither a list item"),
    "a page": (
        lambda path: path.write_text("\n<!DOCTYPE html>\n<html><body>- one</body></html>\n"),
        "bad.md, line 1: this is an HTML page, which is not read; a playbook is read from ",
    ),
    "deep": (lambda path: path.write_text('{"bullets": ' + "[" * 10**6), "bad.md: the JSON is nested too deeply"),
    "a wrong type": (
        lambda path: path.write_text('{"bullets": [{"id": 3}]}'),
        "bad.md: bullets[0].id must be text, not the number 3",
    ),
    "broken JSON": (lambda path: path.write_text('{"bullets":\n[}'), "bad.md, line 2: this is not JSON"),
    "broken JSON fields": (
        lambda path: path.write_text('{"bullets": [\n{"section": "A", "text": "One."},\n{"section": "A", "text": 3}]}'),
        "bad.md, line 3: bullets[1].text must be text, not the number 3",
    ),
    "a bad text in JSON": (
        lambda path: path.write_text('{"bullets": [\n{"section": "A", "text": "Follow the"}]}'),
        "bad.md, line 2: bullets[0]: it breaks off: 'Follow the'",
    ),
    "a control character": (
        lambda path: path.write_text("- one\n- Charge 5 \x1b[\n"),
        "bad.md, line 2 holds a control character (U+001B); take it out",
    ),
    "a skill under a wrong key": (
        lambda path: path.write_text('{"skills": {"a": {"id": "b", "section": "A", "content": "x"}}}'),
        "bad.md: skills[\"a\"].id is 'b'; it must be the key it stands under, 'a'",
    ),
    "a long line": (lambda path: path.write_text("- " + "x" * 10**6), "bad.md, line 1: it has 1,000,002 characters"),
    "a long bullet": (
        lambda path: path.write_text("- " + "a b " * 600),
        "bad.md, line 1: it has 2,399 characters; a bullet may have 2,000",
    ),
    "a forgery": (lambda path: path.write_text("- one\n- \\## Rules"), "bad.md, line 2: it looks like a heading: '## Rules'"),
    "a stand-in": (lambda path: path.write_text("- one\n- [rest unchanged]"), "bad.md, line 2: it stands in for text"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_used_is_refused_in_one_line_and_nothing_written(ace: Ace, kind: str) -> None:
    make, said = BAD_FILES[kind]
    make(Path("bad.md"))
    assert refused(ace("playbook", "import", "bad.md", "support")).startswith(said)
    assert not Path("ace.db").exists()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    busy, stop = tmp_path / "busy.md", Event()
    busy.write_text("- one more line\n" * 100_000, encoding="utf-8")

    def write() -> None:
        with busy.open("a", encoding="utf-8", buffering=1) as file:
            while not stop.is_set():
                file.write("-\n")

    def read_it_often() -> None:
        # That nothing is written in between can happen once, and hardly twice.
        for _ in range(1000):
            read_text(busy)

    writer = Thread(target=write)
    writer.start()
    try:
        with pytest.raises(BadInput, match=r"busy\.md was changed while it was read"):
            read_it_often()
    finally:
        stop.set()
        writer.join()


def test_other_mistakes_are_said_in_one_line(book: Ace) -> None:
    assert "did you mean 'support'" in refused(book("playbook", "export", "suport"))
    assert "'/' is not accepted" in refused(book("playbook", "import", "lessons.md", "a/b"))
    assert "did you mean 'markdown'" in refused(book("playbook", "import", "lessons.md", "support", "-f", "markdwn"))
    assert "it must be one of ignore, report, merge" in refused(
        book("playbook", "import", "lessons.md", "support", "--near", "all")
    )
    assert "it holds no part between '<!-- ace:begin" in refused(
        book("playbook", "import", "lessons.md", "support", "-f", "agents")
    )


def test_a_list_can_come_through_standard_input(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LIST.encode())))
    assert ace("playbook", "import", "-", "support").out == "support@1: 3 bullets added\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"prose")))
    assert refused(ace("playbook", "import", "-", "support")).startswith("standard input, line 1: ")


def test_export_writes_the_bytes_of_the_file_to_standard_output_and_nothing_else(book: Ace, tmp_path: Path) -> None:
    book("playbook", "export", "support", "-o", "book.json")
    done = process("playbook", "export", "support", "--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == Path("book.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout)["revision"] == 1
