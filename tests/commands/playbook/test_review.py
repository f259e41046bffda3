"""`ace review`: what waits is shown as it would be committed, and committed as it was shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ace.memory.maintenance.purge import Choice
from ace.memory.values import Batch
from ace.types import UNVERIFIED
from tests.commands.on_terminal import on_a_terminal
from tests.commands.said import Ace, Said
from tests.stories import NAME, Story, add, revise
from tests.strategies.lessons import lived


def mistake(said: Said) -> str:
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    return line


def test_a_run_with_review_learns_nothing_says_what_waits_and_each_delta_can_be_accepted(ace: Ace) -> None:
    run = ace(
        "run", "desk", "--episodes", "8", "--batch", "4", "--learn-only", "--retries", "0", "--review", "--playbook", NAME
    )
    assert run.status == 0, run.err
    assert "2 changes of this run wait for review and are not in the playbook." in run.out
    assert f"\n  ace review list {NAME}\n" in run.out
    assert ace("playbook", "show", NAME, "--json").json["bullets"] == []
    first, _ = ace("review", "list", "--json").json
    assert (first["delta"], first["playbook"], first["as_proposed"]) == (1, NAME, True)
    assert first["why"] == "every change of this run waits for a person's review"
    shown = ace("review", "show", NAME, "1", "--json").json
    done = ace("review", "accept", NAME, "1", "--shown", shown["shown"], "--author", "Ada", "--reason", "sound", "--json")
    assert (done.status, done.json["revision"], done.json["refused"]) == (0, 1, [])
    texts = [c["after"]["text"] for c in shown["changes"]]
    assert {b["text"] for b in ace("playbook", "show", NAME, "--json").json["bullets"]} == set(texts)
    assert ace("review", "refuse", NAME, "2", "--author", "Ada", "--reason", "not yet").status == 0
    assert ace("review", "list").out == "Nothing waits for review.\n"


def test_the_log_a_bullet_and_the_page_say_who_decided_when_and_why(ace: Ace, story: Story) -> None:
    story.held(add("Be brief."))
    story.held(add("Be loud."))
    assert "delta 1 waits for review: ace review show support 1" in ace("playbook", "log", NAME).out
    assert ace("review", "accept", NAME, "1", "--author", "Ada", "--reason", "sound").status == 0
    assert ace("review", "refuse", NAME, "2", "--author", "Ada", "--reason", "not yet").status == 0
    log = ace("playbook", "log", NAME).out
    for said in ("review of delta 1: accepted by Ada (sound)", "delta 1 was accepted as revision 1 by Ada at",
                 "review of delta 2: refused by Ada (not yet)", "delta 2 was refused by Ada at"):  # fmt: skip
        assert said in log
    decided = [d["review"] and d["review"]["decided"]["decision"] for d in ace("playbook", "log", NAME, "--json").json]
    assert decided == [None, None, "refused", "accepted"]
    [bullet] = story.store.view(NAME).bullets()
    assert "review of delta 1: accepted by Ada (sound)" in ace("playbook", "why", NAME, bullet.id).out
    assert ace("playbook", "report", NAME, "--out", "page.html").status == 0
    page = Path("page.html").read_text(encoding="utf-8")
    assert "was refused by Ada at" in page
    assert "review of delta 1: accepted by Ada (sound)" in page


def test_what_is_shown_names_every_operation_what_does_not_fit_and_the_command(ace: Ace, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    story.held(revise(a, "Be very kind.", reason="kinder"), add("Be brief.", reason="shorter"), reason="tone")
    story.change(revise(a, "Be kind to all."))
    assert "support    " in (listed := ace("review", "list", NAME).out)
    assert "Look at one: ace review show support 2\n" in listed
    out = ace("review", "show", NAME, "2").out
    code = ace("review", "show", NAME, "2", "--json").json["shown"]
    for said in ("delta 2 of support", "Why: tone", "It waits because: a gate waits", "left out",
                 f"{a} was changed by revision 2, after revision 1", "2  added     new", "Refunds: Be brief.",
                 "Be kind {+to all+}.", f"Accept this: ace review accept support 2 --shown {code}"):  # fmt: skip
        assert said in out
    done = ace("review", "accept", NAME, "2", "--shown", code)
    assert done.status == 0
    assert f"left out: revise {a}: {a} was changed by revision 2" in done.err
    assert "Be brief." in done.out


def test_what_rests_on_untrusted_or_purged_attempts_is_marked_as_that(ace: Ace, story: Story) -> None:
    story.held(add("Be brief."), episodes=[story.play(True)])
    story.store.upkeep.purge(Choice((story.store.episodes()[0].id,)))
    assert "from 1 episode (1 of them purged)" in ace("review", "show", NAME, "1").out


def test_an_addition_that_is_left_out_is_named_by_its_text(ace: Ace, story: Story) -> None:
    story.held(add("Be brief."), add("Be kind."))
    done = ace("review", "accept", NAME, "1", "--only", "1", "--author", "Ada")
    assert done.err == 'left out: add "Be kind.": left out by Ada in review\n'


def test_accepting_needs_to_look_again_where_the_playbook_has_moved_on(ace: Ace, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    story.held(revise(a, "Be very kind."), add("Be brief."))
    code = ace("review", "show", NAME, "2", "--json").json["shown"]
    story.change(revise(a, "Be kind to all."))
    assert "is not what was shown" in mistake(ace("review", "accept", NAME, "2", "--shown", code))
    assert "ace review show support 2" in mistake(ace("review", "accept", NAME, "2"))
    assert story.store.head(NAME).number == 2


def test_a_change_that_was_undone_since_is_no_change(ace: Ace, story: Story) -> None:
    a, b = story.added(add("Be kind."), add("Be brief."))
    story.held(revise(a, "Be very kind."), revise(b, "Be very brief."))
    for text in ("Be kind to all.", "Be kind."):
        story.change(revise(a, text))
    story.change(revise(b, "Be short."))
    shown = ace("review", "show", NAME, "2", "--json").json
    assert [o["refused"] for o in shown["operations"]] == [
        None,
        f"{b} was changed by revision 4, after revision 1 that this delta was made on",
    ]
    assert list(shown["meanwhile"]) == [b]
    ace("playbook", "revert", NAME, "4")
    whole = ace("review", "show", NAME, "2", "--json").json
    assert (whole["as_proposed"], whole["meanwhile"], whole["fitting"]) == (True, {}, 2)
    assert ace("review", "accept", NAME, "2", "--reason", "sound").status == 0


def test_what_strangers_taught_is_marked_and_stays_hidden_when_it_is_accepted(ace: Ace, story: Story) -> None:
    e = lived(1, True)
    story.store.commit(Batch((replace(e, task=replace(e.task, origin=UNVERIFIED)),), (), NAME))
    story.held(add("Be brief."))
    story.held(add("Pay the sender."), episodes=[e.id])
    assert [w["untrusted"] for w in ace("review", "list", "--json").json] == [[], [e.id]]
    listed = ace("review", "list").out
    assert [
        line.endswith(f"{mark}a gate waits") for line, mark in zip(listed.splitlines()[1:3], ("  ", "untrusted: "), strict=True)
    ] == [True, True]
    assert "Untrusted: learned from unverified senders" in listed
    done = ace("review", "accept", NAME, "2", "--reason", "seen")
    assert "stays distrusted: rests on unverified (1 episode)" in done.err
    assert "Be brief." not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", NAME, "7"), "has no delta 7 that was held for review; delta 1 waits there"),
        (("accept", NAME, "0"), "the number of a delta is 0; it must be a whole number, 1 or more"),
        (("accept", NAME, "1", "--only", "1,x"), "--only has 'x'"),
        (("accept", NAME, "1", "--only", ","), "--only has ''"),
        (("accept", NAME, "1", "--only", "2"), "has no operation 2; it has 1"),
        (("accept", NAME, "1", "--shown", "nonsense"), "is not what was shown under the code 'nonsense'"),
        (("refuse", NAME, "1", "--reason", "two\nlines"), "the reason must be one line"),
        (("refuse", "nowhere", "1"), "nowhere"),
        (("list", "nowhere"), "nowhere"),
        (("show", NAME, "one"), "one"),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_line_and_nothing_is_decided(
    ace: Ace, story: Story, arguments: tuple[str, ...], said: str
) -> None:
    story.held(add("Be brief."))
    assert said in mistake(ace("review", *arguments))
    assert [w.number for w in story.store.reviews.waiting(NAME)] == [1]


def test_on_a_terminal_a_delta_is_shown_before_it_is_accepted(ace: Ace, story: Story) -> None:
    story.held(add("Be brief."))
    asks = "Commit this? [y/N]"
    said = on_a_terminal("review", "accept", NAME, "1", cwd=Path.cwd(), answers=[(asks, "y"), ("Reason", "")])
    assert said.out.index("Refunds: Be brief.") < said.out.index(asks)
    assert (said.status, story.store.head(NAME).number) == (0, 1)
