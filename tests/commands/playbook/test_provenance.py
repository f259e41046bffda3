"""Where lessons came from and what became of them, as a person reads it; and whether the log still holds."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ace.playbooks.operations import Op, Operation
from ace.types import Vote
from tests.commands.said import Ace, refused
from tests.memory.acts import merged
from tests.stories import NAME, Story, add, merge, move, retire, revise
from tests.worlds import Gate

# blame


def test_blame_names_delta_reason_episode_and_lesson_and_marks_every_wording(ace: Ace, story: Story) -> None:
    lost = story.play(False, lesson="Ask first.\nThen answer.")
    (a,) = story.added(add("ask for a receipt", reason="lost without", episodes=[lost]))
    story.change(revise(a, "ask for the receipt", reason="which one"), author="person")
    story.change(move(a, after="top"), add("say sorry", "Tone"))
    days = [r.at[:16].replace("T", " ") for r in story.store.revisions(NAME)]
    lines = ace("playbook", "blame", NAME, "--long", "--section", "refunds").out.splitlines()
    assert lines == [
        f"{NAME}@3",
        "",
        "Refunds",
        "",
        f"{a}  ask for the receipt",
        f"  @1     added     {days[1]} UTC  curator",
        "      ask for a receipt",
        "      lost without",
        f"      failure  {lost}  situation 1 → choice 1",
        "        Ask first. Then answer.",
        f"  @2     revised   {days[2]} UTC  person",
        "      ask for [-a-] {+the+} receipt",
        "      which one",
    ]
    assert "say sorry" in ace("playbook", "blame", NAME).out
    assert "no section 'Tones'" in refused(ace, "blame", NAME, "-s", "Tones")


def test_blame_follows_merges(ace: Ace, story: Story) -> None:
    a, b = story.added(add("refund cash"), add("refund cards"))
    (c,) = story.added(merge("refund all", a, b, reason="alike"))
    out = ace("playbook", "blame", NAME, "--long").out
    assert f"{c}  refund all\n  @2     merged" in out
    assert f"  merged from  {a}  refund cash\n      @1     added" in out
    assert f"  merged from  {b}  refund cards\n      @1     added" in out


def test_dates_stand_in_line_whatever_was_done(ace: Ace, story: Story) -> None:
    a, b = story.added(add("one"), add("two"))
    story.change(revise(a, "uno"), move(a, section="Tone", after=b), Operation(Op.PIN, id=a))
    story.change(merge("three", *story.added(add("x"), add("y"))))
    for arguments in (("blame", NAME, "--long"), ("why", a)):
        rows = [line for line in ace("playbook", *arguments).out.splitlines() if re.match(r"  @\d", line)]
        assert any("revised, moved, pinned" in row for row in rows)
        assert len({row.index(" UTC") for row in rows}) == 1


def test_blame_as_json(ace: Ace, story: Story) -> None:
    lost = story.play(False, lesson="Ask first.")
    a, b = story.added(add("one", reason="why", episodes=[lost]), add("two"))
    (c,) = story.added(merge("both", a, b))
    told = ace("playbook", "blame", f"{NAME}@1", "--json").json
    assert (told["playbook"], told["revision"], [x["id"] for x in told["bullets"]]) == (NAME, 1, [a, b])
    (wording,) = told["bullets"][0]["wordings"]
    assert {k: wording[k] for k in ("revision", "author", "kinds", "text", "reasons")} == {
        "revision": 1,
        "author": "curator",
        "kinds": ["added"],
        "text": "one",
        "reasons": ["why"],
    }
    assert wording["episode"] == {
        "episode": lost,
        "verdict": "failure",
        "situation": "situation 1",
        "choice": "choice 1",
        "lesson": "Ask first.",
        "named": True,
        "purged": None,
    }
    (merged,) = ace("playbook", "blame", NAME, "--json").json["bullets"]
    assert (merged["id"], [s["id"] for s in merged["merged_from"]]) == (c, [a, b])


def test_blame_of_an_empty_playbook_says_so(ace: Ace, story: Story) -> None:
    assert "no bullets" in ace("playbook", "blame", NAME).out
    assert ace("playbook", "blame", NAME, "--json").json["bullets"] == []


# why


def test_why_tells_a_whole_life_on_one_page(ace: Ace, story: Story) -> None:
    lost, won = story.play(False, lesson="Ask first."), story.play(True)
    (a,) = story.added(add("ask for a receipt", reason="lost without", episodes=[won, lost]), reason="first lessons")
    for n in range(4):
        story.play(n > 0, [a], [a], votes=[(a, Vote.HELPFUL if n else Vote.HARMFUL)])
    story.play(False, [a])
    story.play(True, [])
    story.play(True, [a], phase="after")
    story.change(revise(a, "ask for the receipt", reason="which one"))
    out = ace("playbook", "why", a).out
    assert f"{a}  {NAME}@2  Refunds\nask for the receipt\n" in out
    assert "It was first made from 2 episodes, 1 of them failed:" in out
    assert out.index(lost) < out.index(won)
    assert "first lessons" in out
    assert "ask for [-a-] {+the+} receipt" in out
    rows = {line[2:21].strip(): line[21:].split() for line in out.splitlines() if "shown" in line[:12]}
    assert rows == {
        "shown and followed": ["3", "1", "75.0", "%", "30.1", "to", "95.4", "%"],
        "shown, not followed": ["0", "1", "0.0", "%", "0.0", "to", "79.3", "%"],
        "not shown": ["1", "0", "100.0", "%", "20.7", "to", "100.0", "%"],
    }
    assert "What happened in the 6 training episodes while it was live" in out
    assert "Observed, not controlled" in out
    assert "5 training episodes and 1 evaluation episode" in out
    assert "(opinion, not evidence): 3 helpful, 1 harmful, 0 neutral" in out


def test_why_of_a_bullet_that_no_episode_has_seen_says_so_and_counts_nothing(ace: Ace, story: Story) -> None:
    a, b = story.added(add("one"), add("two"))
    out = ace("playbook", "why", a).out
    assert out.endswith("\n\nWho saw it\n  No episode has seen it yet.\n")
    assert "What happened" not in out
    story.play(True, [b])
    out = ace("playbook", "why", a).out
    assert "not shown" in out
    assert out.endswith("\n  No episode has seen it yet.\n")
    assert "No episode" not in ace("playbook", "why", b).out


def test_why_a_retired_bullet_is_gone_is_said_first(ace: Ace, story: Story) -> None:
    a, b = story.added(add("one"), add("two"))
    story.change(retire(a, reason="It never helped."), author="person")
    lines = ace("playbook", "why", a).out.splitlines()
    day = story.store.revisions(NAME)[2].at[:16].replace("T", " ")
    assert lines[0].endswith("  retired")
    assert lines[2] == f"retired at revision 2, {day} UTC, by person: It never helped."
    story.change(Operation(Op.RESTORE, id=a))
    (c,) = story.added(merge("both", a, b, reason="alike"))
    assert ace("playbook", "why", b).out.splitlines()[2].startswith(f"merged into {c} at revision 4, ")
    assert ace("playbook", "why", a, "--json").json["live"] == [{"from": 1, "until": 2}, {"from": 3, "until": 4}]


def test_why_a_lesson_was_made_a_guess_is_said_first(ace: Ace, story: Story) -> None:
    [a, b] = story.added(add("one"), replace(add("two"), state="candidate"))
    story.change(Operation(Op.DEMOTE, id=a, reason="Won 15 of 15, then 0 of 7."))
    day = story.store.revisions(NAME)[2].at[:16].replace("T", " ")
    assert (
        ace("playbook", "why", a).out.splitlines()[2]
        == f"made a guess at revision 2, {day} UTC, by curator: Won 15 of 15, then 0 of 7."
    )
    assert ace("playbook", "why", a, "--json").json["demoted"]["revision"] == 2
    assert ace("playbook", "why", b, "--json").json["demoted"] is None
    story.change(Operation(Op.ACTIVATE, id=a))
    assert "made a guess" not in ace("playbook", "why", a).out.split("Where it came from")[0]


def test_why_as_json_has_counts_with_intervals(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    for won in (True, True, False):
        story.play(won, [a], [a])
    told = ace("playbook", "why", NAME, a, "--json").json
    assert (told["playbook"], told["id"], told["state"], told["retired"]) == (NAME, a, "active", None)
    assert told["observed"] == {
        "shown_and_followed": {"won": 2, "n": 3, "interval": [0.2077, 0.9385]},
        "shown_not_followed": {"won": 0, "n": 0, "interval": None},
        "not_shown": {"won": 0, "n": 0, "interval": None},
    }
    assert [(w["verdict"], w["followed"]) for w in told["last"]] == [("failure", True), ("success", True), ("success", True)]


def test_why_takes_an_id_in_brackets_as_it_stands_in_prompts(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    assert ace("playbook", "why", f"[{a}]").out == ace("playbook", "why", NAME, a).out


def test_why_of_what_is_not_there_names_what_is(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    mistyped = a[:-1] + ("0" if a[-1] != "0" else "1")
    assert f"did you mean {a}?" in refused(ace, "why", mistyped)
    assert f"did you mean {a}?" in refused(ace, "why", NAME, mistyped)
    assert f"ace playbook why {NAME} BULLET" in refused(ace, "why", NAME)
    assert "there is no playbook 'suport'; did you mean 'support'" in refused(ace, "why", "suport", a)
    story.store.branches.fork(NAME, "branch")
    assert f"ace playbook why branch {a}" in refused(ace, "why", a)


# search


def test_search_gives_the_nearest_first_with_how_they_did(ace: Ace, story: Story) -> None:
    a, b, _ = story.added(add("refund damaged parcels in full"), add("refund nothing else"), add("say sorry", "Tone"))
    story.play(True, [a], [a])
    story.play(False, [a], [a])
    hits = ace("playbook", "search", NAME, "a", "damaged", "parcel,", "refund?", "--json").json
    assert [h["id"] for h in hits] == [a, b]
    assert hits[0]["score"] > hits[1]["score"] > 0
    assert hits[0]["followed"] == {"won": 1, "lost": 1}
    lines = ace("playbook", "search", NAME, "a damaged parcel, refund?", "-n", "1").out.splitlines()
    assert lines[1:] == [f"{hits[0]['score']:5.2f}    1     1  {a}  refund damaged parcels in full"]


def test_search_that_finds_nothing_says_so_and_one_for_nothing_is_refused(ace: Ace, story: Story) -> None:
    story.change(add("one"))
    assert ace("playbook", "search", NAME, "elephants").out == f"No bullet of {NAME}@1 contains any of these words.\n"
    assert ace("playbook", "search", NAME, "elephants", "--json").json == []
    assert "'?!' has no word to search for" in refused(ace, "search", NAME, "?!")


def test_search_of_an_old_revision_finds_what_stood_there(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("refund cash"))
    story.change(revise(a, "refund cards"))
    assert ace("playbook", "search", f"{NAME}@1", "cash", "--json").json[0]["text"] == "refund cash"
    assert ace("playbook", "search", NAME, "cash", "--json").json == []


# verify


@pytest.fixture
def played(story: Story) -> Story:
    """A playbook with every kind of operation in its log."""
    a, b, c, d = story.added(add("refund cash"), add("refund cards"), add("say sorry", "Tone"), add("no cheques"))
    story.change(revise(a, "refund cash at once"), move(c, after=a), retire("ref-gone0000"))
    story.change(Operation(Op.PIN, id=c), retire(d))
    story.change(merge("refund all", a, b), episodes=[story.play(False), story.play(True)], reason="two that say one thing")
    story.change(Operation(Op.UNPIN, id=c), Operation(Op.RESTORE, id=d, state="candidate"), author="person")
    story.change(Operation(Op.ACTIVATE, id=d))
    return story


def tamper(statement: str, *values: object, path: Path = Path("ace.db")) -> int:
    """Change the file behind the program's back; gives how many rows changed."""
    with closing(sqlite3.connect(path)) as other, other:
        return other.execute(statement, values).rowcount


def faults(ace: Ace) -> list[str]:
    said = ace("playbook", "verify")
    assert (said.status, said.err) == (1, "")
    return said.out.splitlines()


def test_a_sound_playbook_gives_one_line_and_status_0(ace: Ace, played: Story) -> None:
    Story(played.store, "billing")
    said = ace("playbook", "verify")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "billing@0: all is well (0 revisions, 0 bullets)",
        f"{NAME}@6: all is well (6 revisions, 3 bullets)",
    ]
    assert ace("playbook", "verify", NAME).out.splitlines() == said.out.splitlines()[1:]
    assert ace("playbook", "verify", "--json").json == [{"playbook": "billing", "faults": []}, {"playbook": NAME, "faults": []}]
    assert "there is no playbook 'nothing'" in refused(ace, "verify", "nothing")


def test_a_playbook_that_a_run_made_a_fork_and_a_merge_are_sound(ace: Ace, story: Story) -> None:
    from tests.doing import do

    do(story.store, Gate(), episodes=40, eval=10, playbook=NAME)
    story.store.branches.fork(NAME, "branch")
    Story(story.store, "branch").change(add("learned elsewhere"))
    story.change(add("learned here"))
    merged(story.store, NAME, "branch")
    assert ace("playbook", "verify").status == 0


SORRY = "WHERE text = 'say sorry'"
CASH = "WHERE text = 'refund cash'"
AT_ONCE = "WHERE body LIKE '%at once%'"
TAMPERED = {
    "text": (f"UPDATE bullets SET text = 'refund nobody' {SORRY}", r"bullet ton-\w+: text differs"),
    "state": (f"UPDATE bullets SET state = 'retired' {SORRY}", r"bullet ton-\w+: state differs"),
    "unreadable state": (
        f"UPDATE bullets SET state = 'gone' {SORRY}",
        r"bullet ton-\w+: its row cannot be read",
    ),
    "unreadable parents": (
        "UPDATE bullets SET parents = '[' WHERE text = 'refund all'",
        r"bullet ref-\w+: its row cannot be read",
    ),
    "rank": (f"UPDATE bullets SET rank = 'zz' {SORRY}", r"bullet ton-\w+: rank differs"),
    "two fields": (
        f"UPDATE bullets SET pinned = 1, section = 'x' {SORRY}",
        r"ton-\w+: section, pinned differ ",
    ),
    "bullet gone": (f"DELETE FROM bullets {SORRY}", r"bullet ton-\w+: it is missing; the log has it"),
    "bullet forged": (
        "INSERT INTO bullets SELECT 99, playbook, 'ref-forged', section, rank || 'x', state, pinned, version, since, words, "
        f"gist, parents, text, escalated FROM bullets {SORRY}",
        r"bullet ref-forged: the log does not have it",
    ),
    "hash": ("UPDATE revisions SET hash = 'ab' WHERE number = 2", r"revision 2: its hash is not that"),
    "digest": ("UPDATE revisions SET digest = 'ab' WHERE number = 2", r"revision 2: its content digest is not that"),
    "count": ("UPDATE revisions SET bullets = 9 WHERE number = 2", r"revision 2: its counts are not those"),
    "revision gone": ("DELETE FROM revisions WHERE number = 2", r"revision 2: its row is missing"),
    "head gone": ("DELETE FROM revisions WHERE number = 6", r"revision 6, the head: its row is missing"),
    "head moved": ("UPDATE playbooks SET head = 3", r"the head is revision 3, but the log goes on to revision 6"),
    "operation": (
        f"UPDATE operations SET body = replace(body, 'at once', 'never') {AT_ONCE}",
        r"revision 2: its hash is not that",
    ),
    "unreadable operation": (
        f"UPDATE operations SET body = 'nonsense' {AT_ONCE}",
        r"revision 2: operation 0 of its delta cannot be read",
    ),
    "operation of numbers": (
        """UPDATE operations SET body = '{"op":"revise","id":5}' """ + AT_ONCE,
        r"revision 2: operation 0 of its delta cannot be read",
    ),
    "operation gone": (f"DELETE FROM operations {AT_ONCE}", r"revision 2: its hash is not that"),
    "delta gone": ("DELETE FROM deltas WHERE revision = 2", r"revision 2: its hash is not that"),
    "past version": (
        f"UPDATE bullet_versions SET text = 'refund it' {CASH}",
        r"version of bullet ref-\w+ since revision 1: text differs",
    ),
    "past version gone": (
        f"DELETE FROM bullet_versions {CASH}",
        r"version of bullet ref-\w+ since revision 1: it is missing",
    ),
    "past version moved": (
        f"UPDATE bullet_versions SET until = 3 {CASH}",
        r"version of bullet ref-\w+ since revision 1: its end or its delta differs",
    ),
    "parent": ("UPDATE revision_parents SET parent = 2 WHERE revision = 4", r"revision 3: its parent is not revision 2"),
}


@pytest.mark.parametrize(("statement", "named"), TAMPERED.values(), ids=TAMPERED)
def test_a_row_changed_behind_our_back_is_found_and_named(ace: Ace, played: Story, statement: str, named: str) -> None:
    assert tamper(statement) == 1
    assert [line for line in faults(ace) if re.match(rf"{NAME}: .*{named}", line)], ace("playbook", "verify").out


def test_one_changed_row_gives_no_complaint_about_all_that_came_after(ace: Ace, played: Story) -> None:
    for n in range(50):
        played.change(add(f"lesson {n}"))
    assert tamper(f"UPDATE operations SET body = replace(body, 'at once', 'never') {AT_ONCE}") == 1
    assert len(faults(ace)) < 12


COVERED = {
    "bullets": ("id", "section", "rank", "state", "pinned", "version", "since", "parents", "text"),
    "bullet_versions": (
        "bullet since until delta position section rank state pinned version parents text".split()  # noqa: SIM905
    ),
    "revisions": ("number", "hash", "digest", "bullets", "retired", "chars"),
    "revision_parents": ("position", "parent"),
    "deltas": ("revision", "status", "author", "base", "run", "at", "note", "seal"),
    "delta_episodes": ("delta", "position", "episode"),
    "operations": ("delta", "stage", "position", "refused", "body"),
    "playbooks": ("head",),
}
"""What the log vouches for, by table and column."""


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in COVERED.items() for c in columns], ids=str)
def test_no_row_that_the_log_vouches_for_can_be_changed_unseen(played: Story, table: str, column: str) -> None:
    vouched = {"operations": "refused IS NULL", "deltas": "revision IS NOT NULL"}.get(table, "1 = 1")
    with closing(sqlite3.connect("ace.db", isolation_level=None)) as other:
        other.row_factory = sqlite3.Row
        rows = [dict(row) for row in other.execute(f"SELECT * FROM {table} WHERE {vouched}")]
        assert rows
        for row in rows:
            changed = {**row, column: other_value(column, row[column])}
            put(other, table, row, changed)
            assert played.store.verify(NAME), f"{row} became {changed}"
            put(other, table, changed, row)
    assert played.store.verify(NAME) == []


def other_value(column: str, value: object) -> object:
    if column == "pinned":
        return 1 - int(bool(value))
    return value + 7 if isinstance(value, int) else 3 if value is None else f"{value}x"


def put(other: sqlite3.Connection, table: str, old: dict[str, object], new: dict[str, object]) -> None:
    """Make the row `old` of `table` the row `new`."""
    sets, those = (", ".join(f"{c} = ?" for c in new), " AND ".join(f"{c} IS ?" for c in old))
    assert other.execute(f"UPDATE {table} SET {sets} WHERE {those}", (*new.values(), *old.values())).rowcount == 1


def test_blame_is_a_line_for_each_bullet_unless_more_is_asked_for(ace: Ace) -> None:
    added = ace("playbook", "add", "short", "-s", "Tone", "-t", "be kind", "-r", "it helps", "--json").json
    id = ace("playbook", "show", "short", "--json").json["bullets"][0]["id"]
    assert added
    *_, title, row = ace("playbook", "blame", "short").out.splitlines()
    assert title == "Tone"
    assert row.split()[0] == "@1"
    assert row.endswith(f"{id}  be kind")
    assert "it helps" not in row
    assert "it helps" in ace("playbook", "blame", "short", "--long").out
