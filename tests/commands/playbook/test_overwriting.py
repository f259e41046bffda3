"""Exports into files that are there already: nothing that a person wrote is lost, and nothing is lost silently."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ace.editing.files import write_text
from ace.errors import BadInput
from tests.commands.said import Ace, refused

LIST = "# Notes\n\n## Refunds\n- Refund damaged goods.\n- Never refund gift cards.\n\n## Fees\n- Charge 5 Euro for express.\n"
MINE = b"# support (revision 1)\n\n## Refunds\n\n- Ask the customer first.\n"
FILES = {
    "markdown": "book.md",
    "json": "book.json",
    "ace": "book.txt",
    "plain": "list",
    "skillbook": "a.json",
    "skillbook-0.9": "b",
}


@pytest.fixture
def book(ace: Ace) -> Ace:
    """A store with a playbook `support` of three bullets."""
    Path("lessons.md").write_text(LIST, encoding="utf-8")
    assert ace("playbook", "import", "lessons.md", "support").status == 0
    return ace


def kept() -> list[str]:
    return sorted(p.name for p in Path().iterdir() if ".bak" in p.name or ".part" in p.name)


def learned(book: Ace) -> None:
    Path("lessons.md").write_text(LIST + "- Be kind.\n", encoding="utf-8")
    assert book("playbook", "import", "lessons.md", "support").status == 0


@pytest.mark.parametrize("history", [(), ("--history",)])
@pytest.mark.parametrize("form", FILES)
def test_an_export_replaces_what_an_export_wrote(book: Ace, form: str, history: tuple[str, ...]) -> None:
    if history and form != "json":
        return
    command = ("playbook", "export", "support", "-f", form, "-o", FILES[form], *history)
    assert book(*command).status == 0
    first = Path(FILES[form]).read_bytes()
    assert book("playbook", "import", FILES[form], "copy").status == 0
    learned(book)
    for change in (bytes, lambda raw: raw.replace(b"\n", b"\r\n"), lambda raw: b"\xef\xbb\xbf" + raw):
        Path(FILES[form]).write_bytes(change(first))
        assert book(*command).status == 0
        assert b"Be kind" in Path(FILES[form]).read_bytes()
    assert kept() == []


@pytest.mark.parametrize("form", FILES)
def test_an_export_that_was_edited_is_replaced_by_force_alone_and_kept(book: Ace, form: str) -> None:
    command = ("playbook", "export", "support", "-f", form, "-o", FILES[form])
    book(*command)
    edited = Path(FILES[form]).read_bytes().replace(b"damaged", b"broken")
    Path(FILES[form]).write_bytes(edited)
    said = refused(book, *command[1:])
    assert said == (
        f"ace: {FILES[form]} was changed since ace wrote it; name another file, or give --force, which keeps a copy"
    )
    assert Path(FILES[form]).read_bytes() == edited
    assert book(*command, "--force").out.endswith(f"the file as it was is kept as {FILES[form]}.bak\n")
    assert Path(f"{FILES[form]}.bak").read_bytes() == edited
    assert b"damaged" in Path(FILES[form]).read_bytes()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("book.md", MINE),
        ("README.md", b"# Our desk\r\n\r\nPlease read.\r\n"),
        ("notes.txt", b"[a-00001] helpful=0 harmful=0 :: Ask first.\n"),
        ("book.json", b'{"bullets": []}'),
        ("book.json", b'{"name": "a web application", "version": "1.0.0"}'),
        ("old.md", b"Geb\xfchr\n"),
        ("old.md", b"\xff\xfeG\x00"),
        ("image.md", b"\x89PNG\r\n\x1a\n\x00\x00"),
    ],
)
def test_a_file_that_ace_did_not_write_is_replaced_by_force_alone_and_every_copy_is_kept(
    book: Ace, name: str, raw: bytes
) -> None:
    Path(name).write_bytes(raw)
    Path(name).chmod(0o640)
    assert refused(book, "export", "support", "-o", name).startswith(f"ace: {name}")
    assert (Path(name).read_bytes(), kept()) == (raw, [])
    Path(f"{name}.bak").write_bytes(b"an earlier copy")
    assert book("playbook", "export", "support", "-o", name, "--force").out.endswith(f"is kept as {name}.bak1\n")
    assert Path(f"{name}.bak1").read_bytes() == raw
    assert Path(f"{name}.bak").read_bytes() == b"an earlier copy"
    assert [stat.S_IMODE(Path(n).stat().st_mode) for n in (name, f"{name}.bak1")] == [0o640, 0o640]
    Path(name).write_bytes(b"mine again")
    assert f"{name}.bak2" in book("playbook", "export", "support", "-o", name, "--force").out
    assert kept() == [f"{name}.bak", f"{name}.bak1", f"{name}.bak2"]


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_holds_nothing_to_lose(book: Ace, raw: bytes) -> None:
    Path("book.md").write_bytes(raw)
    assert book("playbook", "export", "support", "-o", "book.md").status == 0
    assert kept() == []


def test_a_copy_of_an_export_under_the_same_bytes_is_left_alone(book: Ace) -> None:
    Path("book.md").write_text(book("playbook", "export", "support").out, encoding="utf-8")
    book("playbook", "export", "support", "-o", "other.md")
    Path("book.md").write_bytes(Path("other.md").read_bytes())
    before = Path("book.md").stat().st_mtime_ns
    assert book("playbook", "export", "support", "-o", "book.md").status == 0
    assert Path("book.md").stat().st_mtime_ns == before


RULES = {
    "crlf": b"# Rules\r\n\r\n- Mine.\r\n",
    "no final newline": b"# Rules\n\n- Mine.",
    "bom": b"\xef\xbb\xbf# Rules\n- Mine.\n",
    "front matter": b"---\nname: x\nglobs: '*.py'\n---\n\n# Rules\n- Mine.\n",
    "a list that reads as a playbook": MINE,
    "mixed ends": b"# Rules\r\n\n- Mine.\n\r\n\r\n",
    "blank lines": b"\n\n- Mine.\n\n\n",
}
NAMES = ["AGENTS.md", "agents.MD", "CLAUDE.md", "CLAUDE.local.md", "SKILL.md", "GEMINI.md", ".cursorrules", "house.mdc"]
NAMES += ["copilot-instructions.md", "python.instructions.md", "deep/er/AGENTS.md"]


@pytest.mark.parametrize(("name", "form"), [*((n, "") for n in NAMES), ("AGENTS.md", "markdown"), ("CLAUDE.md", "json")])
def test_a_file_of_rules_gains_a_part_without_force_and_keeps_every_other_byte(book: Ace, name: str, form: str) -> None:
    more = ("-f", form) if form else ()
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    for raw in RULES.values() if name == "AGENTS.md" else [MINE]:
        Path(name).write_bytes(raw)
        assert book("playbook", "export", "support", "-o", name, *more).out == f"{name}: support@1, 3 bullets, as agents\n"
        first = Path(name).read_bytes()
        assert first.startswith(raw)
        assert first[len(raw) :].lstrip(b"\r\n").startswith(b"<!-- ace:begin support@1 ")
        Path(name).write_bytes(first + b"Below: \xc3\xa9")
        assert book("playbook", "export", "support", "-o", name, *more).status == 0
        assert Path(name).read_bytes() == first + b"Below: \xc3\xa9"
    assert kept() == []


@pytest.mark.parametrize("name", ["AGENTS.md", "house.mdc"])
def test_a_file_of_rules_is_replaced_only_where_format_and_force_say_so(book: Ace, name: str) -> None:
    Path(name).write_bytes(MINE)
    said = book("playbook", "export", "support", "-o", name, "--force")
    assert said.out == f"{name}: support@1, 3 bullets, as agents\n"
    assert Path(name).read_bytes().startswith(MINE)
    whole = ("playbook", "export", "support", "-o", name, "-f", "markdown")
    before = Path(name).read_bytes()
    assert book(*whole, "--force").out.endswith(f"as markdown\nthe file as it was is kept as {name}.bak\n")
    assert Path(f"{name}.bak").read_bytes() == before
    learned(book)
    assert book(*whole).out == f"{name}: support@2, 4 bullets, as markdown\n"
    assert Path(name).read_bytes().startswith(b"# support (revision 2)\n")


def test_a_part_that_a_person_changed_is_kept_as_a_copy(book: Ace) -> None:
    Path("AGENTS.md").write_bytes(b"# Rules\n")
    book("playbook", "export", "support", "-o", "AGENTS.md")
    edited = Path("AGENTS.md").read_bytes().replace(b"- Charge 5 Euro", b"- Mine.\n- Charge 5 Euro")
    Path("AGENTS.md").write_bytes(edited)
    learned(book)
    said = book("playbook", "export", "support", "-o", "AGENTS.md").out
    assert said == "AGENTS.md: support@2, 4 bullets, as agents\nthe file as it was is kept as AGENTS.md.bak\n"
    assert Path("AGENTS.md.bak").read_bytes() == edited
    assert b"Mine." not in Path("AGENTS.md").read_bytes()


def test_a_link_to_a_file_of_rules_gains_a_part(book: Ace) -> None:
    Path("AGENTS.md").write_bytes(MINE)
    Path("rules.md").symlink_to("AGENTS.md")
    assert book("playbook", "export", "support", "-o", "rules.md").out.endswith("as agents\n")
    assert Path("rules.md").is_symlink()
    assert Path("AGENTS.md").read_bytes().startswith(MINE)


def test_a_copy_goes_beside_the_file_that_a_link_leads_to(book: Ace) -> None:
    Path("mine.md").write_bytes(MINE)
    Path("link.md").symlink_to("mine.md")
    assert book("playbook", "export", "support", "-o", "link.md", "--force").status == 0
    assert (Path("link.md").is_symlink(), Path("mine.md.bak").read_bytes()) == (True, MINE)


def test_a_file_of_rules_that_is_no_utf8_is_refused_and_left_alone(book: Ace) -> None:
    Path("AGENTS.md").write_bytes(b"# Geb\xfchren\n")
    for more in ((), ("--force",)):
        assert "AGENTS.md, line 1: this is not UTF-8 text" in refused(book, "export", "support", "-o", "AGENTS.md", *more)
    assert (Path("AGENTS.md").read_bytes(), kept()) == (b"# Geb\xfchren\n", [])


def test_a_part_does_not_go_into_a_program(book: Ace) -> None:
    Path("setup.py").write_bytes(b"print()\n")
    said = refused(book, "export", "support", "-o", "setup.py", "-f", "agents")
    assert said.startswith("ace: setup.py exists and is not Markdown")
    assert book("playbook", "export", "support", "-o", "setup.py", "-f", "agents", "--force").status == 0
    assert Path("setup.py.bak").read_bytes() == b"print()\n"


def test_force_neither_replaces_a_folder_nor_a_pipe_nor_what_is_read_only(book: Ace) -> None:
    Path("folder.md").mkdir()
    os.mkfifo("pipe.md")
    Path("locked.md").write_bytes(MINE)
    Path("locked.md").chmod(0o444)
    for name, why in (("folder.md", "a folder"), ("pipe.md", "a pipe"), ("locked.md", "read-only")):
        assert why in refused(book, "export", "support", "-o", name, "--force")
    assert kept() == []


def test_a_write_that_fails_leaves_the_file_and_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "book.md"
    file.write_bytes(MINE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BadInput, match="No space left"):
        write_text(file, "new", keep=True)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("book.md", MINE)]


def test_a_new_cursor_rule_begins_with_its_front_matter(book: Ace) -> None:
    book("playbook", "export", "support", "-o", "house.mdc")
    page = Path("house.mdc").read_text(encoding="utf-8")
    assert page.startswith('---\ndescription: "Lessons that agents learned from past attempts about Refunds, Fees. ')
    assert '"\nalwaysApply: true\n---\n\n<!-- ace:begin support@1 ' in page


def test_a_backup_does_not_take_the_place_of_a_link(book: Ace) -> None:
    Path("copy.db").symlink_to("nowhere")
    assert "there is a file copy.db already" in book("store", "backup", "copy.db").err
    assert Path("copy.db").is_symlink()


def test_a_recording_is_not_written_into_another_file(book: Ace) -> None:
    Path("mine.jsonl").write_bytes(b'{"mine": 1}\n')
    run = ("run", "desk", "--episodes", "4", "--eval", "4", "--retries", "0", "--record", "mine.jsonl")
    said = book(*run)
    assert (said.status, "mine.jsonl is not a recording made by ace" in said.err) == (2, True)
    assert Path("mine.jsonl").read_bytes() == b'{"mine": 1}\n'
