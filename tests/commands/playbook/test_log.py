"""How a playbook changed, as a person reads it: log and diff."""

from __future__ import annotations

import pytest

from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Op, Operation, Refusal, Status
from tests.commands.said import Ace, refused
from tests.memory.acts import merged
from tests.starting import started
from tests.stories import NAME, Story, add, merge, move, retire, revise


def test_a_delta_is_headed_by_its_revision_date_author_run_and_episodes(ace: Ace, story: Story) -> None:
    run = started(story.store, {"what": "a run"}).id
    story.change(add("one"), reason="It was\nlost   without.", episodes=[story.play(False), story.play(True)], run=run)
    story.change(add("two"), author="person")
    second, first = ace("playbook", "log", NAME).out.split("\n\n")
    date = story.store.revisions(NAME)[1].at[:16].replace("T", " ")
    assert first.splitlines()[:2] == [
        f"revision 1  {date} UTC  curator  run {run}  from 2 episodes",
        "  It was lost without.",
    ]
    assert second.splitlines()[0].split("  ")[2:] == ["person"]


def test_every_operation_says_what_its_bullet_says_or_said(ace: Ace, story: Story) -> None:
    a, b, c = story.added(add("refund cash"), add("refund cards"), add("say sorry", "Tone"))
    story.change(revise(a, "refund cash at once"), move(c, after=a), move(b, section="Tone", after="first"))
    story.change(retire(c))
    (d,) = story.added(merge("refund all", a, b))
    story.change(Operation(Op.PIN, id=d))
    rows = [line.split(maxsplit=2) for line in ace("playbook", "log", NAME).out.splitlines() if line.startswith("  ")]
    assert rows == [
        ["pin", d, "refund all"],
        ["merge", d, f"refund all  (from {a}, {b})"],
        ["retire", c, "say sorry"],
        ["revise", a, "refund cash {+at once+}"],
        ["move", c, f"say sorry  → after {a}"],
        ["move", b, "refund cards  → Tone, first"],
        ["add", a, "refund cash"],
        ["add", b, "refund cards"],
        ["add", c, "say sorry"],
    ]


def test_a_bullet_changed_twice_in_one_delta_is_told_step_by_step(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    story.change(revise(a, "one two"), revise(a, "one two three"), retire(a))
    rows = [line.split(maxsplit=2)[2] for line in ace("playbook", "log", NAME, "-n", "1").out.splitlines()[1:]]
    assert rows == ["one {+two+}", "one two {+three+}", "one two three"]


def test_why_a_lesson_was_made_a_guess_again_is_told(ace: Ace, story: Story) -> None:
    [id] = story.added(add("Ask for the receipt."))
    story.change(Operation(Op.DEMOTE, id=id, reason="won 21 of 21, then 0 of 4"))
    assert "won 21 of 21, then 0 of 4" in ace("playbook", "log", NAME).out


def test_what_was_refused_is_told_with_its_reason(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    guarded = Refusal(2, add("the rest as before"), "it stands for a text that was left out")
    story.change(add("two"), retire("ref-gone0000"), refusals=[guarded])
    story.change(revise(a, "one"), reason="no use")
    pages = ace("playbook", "log", NAME).out.split("\n\n")
    assert pages[0].splitlines()[0].startswith("refused  ")
    assert pages[0].splitlines()[1:] == [
        "  no use",
        "  none of its operations could be applied",
        f"  refused  {a}  revise: one – revise changes nothing in {a}",
    ]
    told = [" ".join(line.split()) for line in pages[1].splitlines()[1:]]
    assert told[1:] == [
        "refused ref-gone0000 retire – there is no bullet ref-gone0000",
        "refused add: the rest as before – it stands for a text that was left out",
    ]


def test_a_delta_in_quarantine_says_so_and_why(ace: Ace, story: Story) -> None:
    held = Batch(playbook=NAME, delta=Delta("", (add("one"),)), status=Status.QUARANTINED, why="it lost more than it won")
    story.store.commit(held)
    lines = ace("playbook", "log", NAME).out.splitlines()
    assert lines[0].startswith("quarantined  ")
    assert lines[1:3] == ["  it lost more than it won", "  add    one"]


def test_the_log_is_cut_by_limit_run_and_author(ace: Ace, story: Story) -> None:
    run = started(story.store, {"what": "a run"}).id
    story.change(add("one"), run=run)
    story.change(add("two"), author="person")
    story.change(add("three"), author="person")

    def numbers(*more: str) -> list[int]:
        return [d["revision"] for d in ace("playbook", "log", NAME, "--json", *more).json]

    assert numbers() == [3, 2, 1]
    assert numbers("--limit", "1") == [3]
    assert numbers("--run", run) == [1]
    assert numbers("--author", "person") == [3, 2]
    assert numbers("--author", "person", "--limit", "1") == [3]
    assert ace("playbook", "log", NAME, "--author", "import").out == "No deltas by import yet.\n"
    assert numbers("--author", "import") == []
    assert ace("playbook", "log", NAME, "--author", "import", "--run", run).out == f"No deltas by import of run {run}.\n"
    assert "there is no playbook 'other'" in refused(ace, "log", "other", "--author", "import")
    assert "there is no run 'r-x'" in refused(ace, "log", NAME, "--author", "import", "--run", "r-x")
    assert "no delta by 'me'; its authors are curator, person" in refused(ace, "log", NAME, "--author", "me")
    assert "there is no run 'r-x'" in refused(ace, "log", NAME, "--run", "r-x")
    assert "there is no playbook 'other'" in refused(ace, "log", "other")
    started(story.store, {"what": "another"})
    other = story.store.runs()[-1].id
    assert ace("playbook", "log", NAME, "--run", other).out == f"No deltas of run {other}.\n"


def test_a_delta_of_thousands_is_cut_for_people_and_whole_as_json(ace: Ace, story: Story) -> None:
    story.change(*(add(f"lesson {n}") for n in range(450)), author="import")
    out = ace("playbook", "log", NAME).out
    assert "… and 250 operations more; --json has them all" in out
    assert len(out.splitlines()) == 202
    assert len(ace("playbook", "log", NAME, "--json").json[0]["operations"]) == 450


def test_a_difference_is_told_by_section_and_bullet_with_every_reason(ace: Ace, story: Story) -> None:
    a, b = story.added(add("refund cash", reason="asked for"), add("say sorry", "Tone"))
    story.change(revise(a, "refund cash soon", reason="late"))
    story.change(revise(a, "refund cash at once", reason="too late", episodes=[f"e-{n}" for n in range(5)]), retire(b))
    (c,) = story.added(add("no cheques"))
    lines = ace("playbook", "diff", f"{NAME}@1").out.splitlines()
    assert lines == [
        f"{NAME}@1 → {NAME}@4",
        "1 added, 1 revised, 1 retired",
        "",
        "Refunds",
        f"revised  {a}  refund cash {{+at once+}}",
        "    @2  revise: late",
        "    @3  revise: too late  (e-0, e-1, e-2 and 2 more)",
        f"added    {c}  no cheques",
        "    @4  add",
        "",
        "Tone",
        f"retired  {b}  say sorry",
        "    @3  retire",
    ]


def test_a_difference_as_json_names_its_sides_and_what_was_done(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    story.change(revise(a, "two", reason="why"))
    told = ace("playbook", "diff", f"{NAME}@1", f"{NAME}@2", "--json").json
    assert (told["from"], told["to"]) == (f"{NAME}@1", f"{NAME}@2")
    assert {kind: n for kind, n in told["stat"].items() if n} == {"revised": 1}
    (change,) = told["changes"]
    assert (change["bullet"], change["kinds"]) == (a, ["revised"])
    assert (change["before"]["text"], change["after"]["text"]) == ("one", "two")
    assert change["operations"] == [{"revision": 2, "op": "revise", "id": a, "text": "two", "reason": "why"}]


def test_a_range_is_the_same_as_its_two_ends(ace: Ace, story: Story) -> None:
    for text in ("one", "two", "three"):
        story.change(add(text))
    two = ace("playbook", "diff", f"{NAME}@1", f"{NAME}@3").out
    assert "2 added" in two
    assert ace("playbook", "diff", f"{NAME}@1..3").out == two
    assert ace("playbook", "diff", f"{NAME}@1..head").out == two
    hashes = [r.hash[:8] for r in story.store.revisions(NAME)]
    assert ace("playbook", "diff", f"{NAME}@{hashes[1]}..{hashes[3]}").out == two
    assert "is a range already" in refused(ace, "diff", f"{NAME}@1..2", f"{NAME}@3")


def test_a_name_alone_is_what_its_last_revision_changed(ace: Ace, story: Story) -> None:
    assert "no difference" in ace("playbook", "diff", NAME).out
    story.change(add("one"))
    story.change(add("two"))
    assert ace("playbook", "diff", NAME).out == ace("playbook", "diff", f"{NAME}@1..2").out


def test_the_wrong_way_round_is_refused_with_the_right_one(ace: Ace, story: Story) -> None:
    story.change(add("one"))
    story.change(add("two"))
    right = f"ace playbook diff {NAME}@1 {NAME}@2"
    assert refused(ace, "diff", f"{NAME}@2", f"{NAME}@1").endswith(right)
    assert refused(ace, "diff", f"{NAME}@2..1").endswith(right)
    assert ace("playbook", "diff", f"{NAME}@2..2").status == 0


def test_two_playbooks_are_compared_either_way_round(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one"))
    story.store.branches.fork(NAME, "branch")
    Story(story.store, "branch").change(add("two"), revise(a, "one, better"))
    there = ace("playbook", "diff", NAME, "branch", "--stat").out
    assert there.splitlines() == [f"{NAME}@1 → branch@2", "1 only in branch, 1 revised"]
    assert ace("playbook", "diff", "branch", NAME, "--stat").out.splitlines()[1] == "1 only in branch, 1 revised"


def test_of_two_playbooks_only_what_one_has_retired_is_called_retired(ace: Ace, story: Story) -> None:
    a, b = story.added(add("one"), add("two"))
    story.store.branches.fork(NAME, "branch")
    branch = Story(story.store, "branch")
    branch.change(retire(a))
    (c,) = branch.added(add("three"))
    story.change(retire(b))
    (d,) = story.added(add("four"))
    lines = ace("playbook", "diff", NAME, "branch").out.splitlines()
    assert lines[1] == f"1 only in {NAME}, 1 only in branch, 1 retired in {NAME}, 1 retired in branch"
    assert {" ".join(line.split()) for line in lines[4:]} == {
        f"only in {NAME} {d} four",
        f"only in branch {c} three",
        f"retired in {NAME} {b} two",
        f"retired in branch {a} one",
    }
    told = ace("playbook", "diff", NAME, "branch", "--json").json
    assert {x["bullet"]: x["kinds"] for x in told["changes"]}[d] == [f"only in {NAME}"]
    assert (told["stat"]["only in branch"], told["stat"]["added"], told["stat"]["retired"]) == (1, 0, 0)


def test_a_change_without_a_reason_of_its_own_is_told_with_that_of_its_delta(ace: Ace, story: Story) -> None:
    (a,) = story.added(add("one", reason="its own"), reason="all of it")
    story.change(retire(a), author="person", reason="my reason")
    assert "  @2  retire: my reason\n" in ace("playbook", "diff", NAME).out + "\n"
    assert "  @1  add: its own\n" in ace("playbook", "diff", f"{NAME}@0..1").out + "\n"
    (change,) = ace("playbook", "diff", NAME, "--json").json["changes"]
    assert change["operations"] == [{"revision": 2, "op": "retire", "id": a, "reason": "my reason"}]


def test_counts_alone_are_counts_alone_as_json_too(ace: Ace, story: Story) -> None:
    story.change(add("one"))
    told = ace("playbook", "diff", NAME, "--stat", "--json").json
    assert told.keys() == {"from", "to", "stat"}
    assert told["stat"]["added"] == 1


def test_what_was_moved_and_moved_back_makes_no_difference(ace: Ace, story: Story) -> None:
    ids = story.added(add("one"), add("two"), add("three"), add("four"))
    story.change(move(ids[1], after=ids[2]), revise(ids[3], "quattro"))
    assert ace("playbook", "revert", NAME, "2", "-r", "no").status == 0
    assert ace("playbook", "rollback", NAME, "2", "-r", "yes").status == 0
    then, now = (ace("playbook", "show", ref).out.partition("Refunds\n")[2] for ref in (f"{NAME}@2", NAME))
    # The last line names the revision that was asked for.
    assert then.replace(f"{NAME}@2", NAME) == now
    assert ace("playbook", "diff", f"{NAME}@2", NAME).out.splitlines()[1:] == ["no difference"]
    told = ace("playbook", "diff", f"{NAME}@2", NAME, "--json").json
    assert (set(told["stat"].values()), told["changes"]) == ({0}, [])
    moved = [o["id"] for d in ace("playbook", "log", NAME, "--json").json for o in d["operations"] if o["op"] == "move"]
    assert moved == [ids[1]] * 3


def test_what_was_really_moved_is_told_beside_what_only_went_there_and_back(ace: Ace, story: Story) -> None:
    ids = story.added(add("one"), add("two"), add("three"), add("four"))
    story.change(move(ids[1], after=ids[2]))
    story.change(move(ids[1], after=ids[0]), move(ids[3], after="top"))
    kinds = {x["bullet"]: x["kinds"] for x in ace("playbook", "diff", f"{NAME}@1", "--json").json["changes"]}
    assert kinds == {ids[3]: ["moved"]}
    story.change(retire(ids[0]))
    story.change(move(ids[1], section="Tone"), Operation(Op.RESTORE, id=ids[0]), move(ids[0], after="top"))
    kinds = {x["bullet"]: x["kinds"] for x in ace("playbook", "diff", f"{NAME}@4", "--json").json["changes"]}
    assert kinds == {ids[0]: ["restored"], ids[1]: ["moved"]}


def test_a_merge_names_the_revision_that_was_merged(ace: Ace, story: Story) -> None:
    story.change(add("one"))
    story.store.branches.fork(NAME, "branch")
    Story(story.store, "branch").change(add("two"))
    merged(story.store, NAME, "branch")
    heading = ace("playbook", "log", NAME, "-n", "1").out.splitlines()[0]
    assert heading.endswith(f"person  merge of {story.store.head('branch').hash[:10]}")


@pytest.mark.parametrize("asked", ["@9", "@abc", "@zz", "@", "@-1", "@0..9", "@9..0", "@..", "@0..", "@1...2"])
def test_a_revision_that_is_not_there_is_said_in_one_line(ace: Ace, story: Story, asked: str) -> None:
    story.change(add("one"))
    assert "revision" in refused(ace, "diff", NAME + asked)
    assert "revision" in refused(ace, "show", NAME + asked)
    assert "revision" in refused(ace, "blame", NAME + asked)
