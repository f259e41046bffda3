"""Playbooks as a person looks at them: list, show, stats; on a terminal, piped, and through a pager."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from ace.memory.store import Store
from ace.playbooks.operations import Op, Operation, Refusal
from tests.commands.said import Ace
from tests.stories import NAME, Story, add, merge, move, retire, revise
from tests.terminal import drawn, on_terminal

IDS = re.compile(r"\b[a-z]{1,4}-[0-9a-z]{4,16}\b")
LONG = "When a customer who has been with us for years writes in about a parcel that came late and was damaged: refund in full."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store whose playbook has all that there is to show."""
    folder = tmp_path_factory.mktemp("shop")
    with Store.open(folder / "ace.db") as store:
        story = Story(store)
        lost, won = story.play(False, lesson="Look at the photo before you decide."), story.play(True)
        a, b, c, d = story.added(
            add(LONG, reason="It was lost without: " + LONG, episodes=[lost, won]),
            add("refund cash in cash", "Fees and other sums"),
            add("never promise a date"),
            add("say the order's number", "Tone"),
            reason="Four lessons of the first cases, of which the first one matters most by far, as everybody can see.",
            episodes=[lost, won],
        )
        story.play(True, [a, b], [a])
        story.play(False, [a, b, c, d], [b])
        story.change(revise(a, LONG.replace("for years", "for two years"), reason="too wide"), move(c, after=d, section="Tone"))
        story.change(retire(d, reason="Nobody followed it."), add("refund vouchers as vouchers", "Fees and other sums"))
        e = next(x.id for x in store.view(NAME).bullets() if "vouchers" in x.text)
        refusal = Refusal(1, revise("ref-gone0000", "something else"), "there is no bullet ref-gone0000")
        story.change(merge("refund as it was paid", b, e, reason="alike"), Operation(Op.PIN, id=a), refusals=[refusal])
    return folder


LOOKS = {
    "list": ("list",),
    "show": ("show", NAME, "--retired"),
    "log": ("log", NAME),
    "diff": ("diff", f"{NAME}@0..4"),
    "blame": ("blame", NAME),
    "stats": ("stats", NAME),
    "search": ("search", NAME, "a", "damaged", "parcel", "refund"),
    "verify": ("verify",),
}


def _why(shop: Path) -> tuple[str, ...]:
    with Store.open(shop / "ace.db") as store:
        return ("why", store.view(f"{NAME}@1").bullets()[0].id)


@pytest.fixture(params=[*LOOKS, "why"])
def look(request: pytest.FixtureRequest, shop: Path) -> tuple[str, ...]:
    """The arguments of a command that prints for people."""
    return ("playbook", *(LOOKS.get(request.param) or _why(shop)), "--store", str(shop / "ace.db"))


def test_what_is_piped_has_no_colours_no_folds_and_no_blanks_at_the_ends(ace: Ace, look: tuple[str, ...]) -> None:
    said = ace(*look)
    assert (said.status, said.err) == (0, "")
    assert "\x1b" not in said.out
    assert [line for line in said.out.splitlines() if line != line.rstrip()] == []
    if look[1] not in ("list", "stats", "verify"):
        assert max(map(len, said.out.splitlines())) > len(LONG)


@pytest.mark.parametrize("columns", ["60", "140"])
def test_what_is_piped_is_folded_between_words_to_the_width_that_is_asked_for(
    ace: Ace, monkeypatch: pytest.MonkeyPatch, look: tuple[str, ...], columns: str
) -> None:
    whole = ace(*look).out
    monkeypatch.setenv("COLUMNS", "wide")
    assert ace(*look).out == whole
    monkeypatch.setenv("COLUMNS", columns)
    said = ace(*look).out
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) <= int(columns)
    assert [line for line in said.splitlines() if line != line.rstrip()] == []
    assert sorted(said.split()) == sorted(whole.split())


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_no_word_and_no_id_is_broken_on_a_terminal_of_any_width(
    ace: Ace, monkeypatch: pytest.MonkeyPatch, look: tuple[str, ...], columns: int
) -> None:
    words = ace(*look).out.split()
    screen = drawn(monkeypatch, *look, columns=columns)
    assert screen.status == 0
    assert max(map(len, screen.lines)) <= columns
    assert [line for line in screen.lines if line != line.rstrip()] == []
    assert sorted(screen.text.split()) == sorted(words)


def test_words_that_went_and_came_are_marked_and_coloured_where_there_are_colours(
    ace: Ace, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("playbook", "diff", f"{NAME}@1..2", "--store", str(shop / "ace.db"))
    plain = ace(*asked).out
    assert "for {+two+} years" in plain
    monkeypatch.delenv("NO_COLOR")
    screen = drawn(monkeypatch, *asked)
    assert "for {+two+} years" in screen.text
    assert "\x1b[1m\x1b[32m{+two" in screen.raw or "\x1b[1;32m{+two" in screen.raw


def test_a_page_longer_than_the_screen_goes_through_the_pager_and_a_short_one_does_not(shop: Path, tmp_path: Path) -> None:
    keep = tmp_path / "pager.py"
    keep.write_text("import sys; open(sys.argv[1], 'w').write(sys.stdin.read())")
    pager = shlex.join([sys.executable, str(keep), str(tmp_path / "paged")])
    screen = on_terminal("playbook", "log", NAME, cwd=shop, lines=10, pager=pager)
    assert (screen.status, screen.text) == (0, "")
    assert "revision 4" in (tmp_path / "paged").read_text()
    (tmp_path / "paged").unlink()
    screen = on_terminal("playbook", "log", NAME, cwd=shop, lines=200, pager=pager)
    assert "revision 4" in screen.text
    assert not (tmp_path / "paged").exists()


def test_closing_the_pager_early_is_no_fault(shop: Path) -> None:
    with Store.open(shop / "many.db") as store:
        Story(store).change(*(add(f"lesson {n}: {LONG}") for n in range(1500)), author="person")
    pager = f"{sys.executable} -c pass"
    screen = on_terminal("playbook", "show", NAME, "--store", "many.db", cwd=shop, lines=10, pager=pager)
    assert (screen.status, screen.text) == (0, "")


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager --at-all"])
def test_without_a_pager_the_page_is_simply_printed(shop: Path, pager: str) -> None:
    screen = on_terminal("playbook", "log", NAME, cwd=shop, lines=5, pager=pager)
    assert screen.status == 0
    assert "revision 4" in screen.text
    assert "revision 1 " in screen.text


def test_no_control_character_of_a_model_reaches_the_terminal(ace: Ace, tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        story = Story(store)
        (id,) = story.added(add("one\x1b[2J", reason="why\x1b[31m\nnot"), reason="all\x1b]0;title\x07 of it\r\nhere")
        story.change(revise(id, "one \x9b31m two", reason="\x1b[5m"), retire("ref-gone0000", reason="\x1b[1m"))
    for arguments in (("show", NAME), ("log", NAME), ("diff", f"{NAME}@0"), ("blame", NAME), ("why", id)):
        out = ace("playbook", *arguments).out
        assert [c for c in out if c != "\n" and not c.isprintable()] == [], arguments


def test_the_list_has_every_playbook_with_its_sizes(ace: Ace) -> None:
    assert "no store at" in ace("playbook", "list").err
    with Store.open("ace.db") as store:
        assert "No playbooks yet" in ace("playbook", "list").out
        story = Story(store)
        (id,) = story.added(add("one"))
        story.change(add("two"), retire(id))
        Story(store, "billing")
    rows = [line.split()[:5] for line in ace("playbook", "list").out.splitlines()[1:]]
    assert rows == [["billing", "0", "0", "0", "0"], [NAME, "2", "1", "1", "2"]]
    listed = ace("playbook", "list", "--json").json
    assert [(b["name"], b["revision"], b["bullets"], b["retired"], b["deltas"]) for b in listed] == [
        ("billing", 0, 0, 0, 0),
        (NAME, 2, 1, 1, 2),
    ]


def test_show_has_sections_with_aligned_counters_and_says_what_is_pinned_or_retired(ace: Ace, shop: Path) -> None:
    lines = ace("playbook", "show", NAME, "--retired", "--store", str(shop / "ace.db")).out.splitlines()
    assert lines[0].startswith(f"{NAME}@4  ")
    assert lines[0].endswith("  3 bullets and 3 retired")
    assert ace("playbook", "show", NAME, "--store", str(shop / "ace.db")).out.splitlines()[0].endswith("  3 bullets")
    assert [line for line in lines if line in ("Refunds", "Tone", "Fees and other sums")] == [
        "Refunds",
        "Fees and other sums",
        "Tone",
    ]
    rows = [line for line in lines[1:] if IDS.search(line)]
    assert len(rows) == 6
    places = {match.start() for line in rows if (match := IDS.search(line))}
    assert len(places) == 1
    assert sum(line.endswith("(retired)") for line in rows) == 3
    first = next(line for line in rows if "two years" in line)
    assert first.endswith("(pinned)")
    assert first.split()[:2] == ["·", "·"]
    assert "(other texts: won 1, lost 0)" in first


def test_show_at_an_old_revision_has_what_stood_there(ace: Ace, shop: Path) -> None:
    where = ("--store", str(shop / "ace.db"))
    said = ace("playbook", "show", NAME, "--at", "1", *where).out
    assert LONG in said
    assert ace("playbook", "show", f"{NAME}@1", *where).out == said
    assert ace("playbook", "show", f"{NAME}@0", *where).out.endswith("\nIt has no bullets.\n")


def test_counts_at_an_old_revision_are_said_to_be_as_of_now(ace: Ace, shop: Path) -> None:
    where = ("--store", str(shop / "ace.db"))
    assert ace("playbook", "show", f"{NAME}@1", *where).out.splitlines()[1] == "Counts are as of now, not of this revision."
    assert ace("playbook", "show", NAME, "--at", "1", "--json", *where).json["counts"] == "as of now"
    for ref in (NAME, f"{NAME}@4", f"{NAME}@head"):
        assert "as of now" not in ace("playbook", "show", ref, *where).out
        assert "counts" not in ace("playbook", "show", ref, "--json", *where).json


def test_retired_bullets_are_proposed_where_there_are_some(ace: Ace, story: Story) -> None:
    (id,) = story.added(add("one"))
    story.change(retire(id))
    assert ace("playbook", "show", NAME).out.endswith("\nIt has no bullets. Those that were retired: add --retired.\n")
    assert "--retired" not in ace("playbook", "show", f"{NAME}@0").out


def test_a_fork_says_what_it_was_forked_from(ace: Ace, story: Story) -> None:
    story.change(add("one"))
    assert "forked from" not in ace("playbook", "list").out + ace("playbook", "show", NAME).out
    story.store.branches.fork(NAME, "branch")
    story.change(add("two"))
    assert ace("playbook", "show", "branch").out.splitlines()[0].endswith(f"  1 bullet  forked from {NAME}@1")
    rows = {line.split()[0]: line for line in ace("playbook", "list").out.splitlines()}
    assert rows["branch"].endswith(f"  {NAME}@1")
    assert rows["playbook"].endswith("  forked from")
    assert not rows[NAME].endswith("@1")
    told = {b["name"]: b["forked_from"] for b in ace("playbook", "list", "--json").json}
    assert told == {"branch": f"{NAME}@1", NAME: None}
    assert ace("playbook", "show", "branch", "--json").json["forked_from"] == f"{NAME}@1"


def test_stats_tell_sizes_growth_and_how_the_bullets_do(ace: Ace, shop: Path) -> None:
    facts = ace("playbook", "stats", NAME, "--json", "--store", str(shop / "ace.db")).json
    assert facts["growth"] == [0, 4, 4, 4, 3]
    assert facts["operations"] == {"add": 5, "merge": 1, "move": 1, "pin": 1, "retire": 1, "revise": 1}
    assert (facts["bullets"], facts["retired"], facts["sections"]) == (3, 3, 3)
    assert (facts["refused"], facts["learning_episodes"], facts["never_followed"]) == (1, 4, 2)
    assert facts["followed"] == {"won": 1, "lost": 0}
    page = ace("playbook", "stats", f"{NAME}@1", "--store", str(shop / "ace.db")).out
    assert "4 bullets in 3 sections" in page
    assert "4 add; 0 refused" in page
