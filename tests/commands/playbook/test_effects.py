"""What showing each bullet does, as a person and a program read it; and what becomes of it when bullets change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import ace as library
from ace.errors import UnknownName
from ace.evidence.effects import BulletEffect
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Op, Operation
from ace.types import Episode, Exposure, Observation, Render, Step, Task, failure, success
from tests.commands.said import Ace, refused
from tests.memory.acts import merged
from tests.stories import NAME, Story, add, merge, retire, revise

HELPS, HARMS = "Ask for the order number.", "Promise a refund at once."


def attempt(
    store: Store, won: bool, drawn: Mapping[str, bool], *, name: str = NAME, kind: str = "", chance: float = 0.5
) -> None:
    """A training attempt in which the bullets `drawn` were shown or left out."""
    view, n = store.view(name), store.count_episodes()
    versions = {id: b.version for id in drawn if (b := view.get(id))}
    exposures = tuple(Exposure(id, versions[id], i, shown, 0.5) for i, (id, shown) in enumerate(drawn.items()))
    e = Episode(
        id=f"e-{name}-{n}",
        task=Task(f"t-{n}", f"case {n}", kind=kind),
        attempt=1,
        phase="learn",
        epoch=0,
        seed=n,
        first=Observation(f"case {n}"),
        steps=(Step("answer"),),
        outcome=success() if won else failure(),
        render=Render("", (view.revision.hash,), exposures),
    )
    store.commit(Batch((e,), playbook=name))


def some(store: Store, id: str, helps: bool = True, n: int = 20, *, name: str = NAME, kind: str = "") -> None:
    """Attempts that are won exactly where chance showed the bullet, or left it out where it does not help."""
    for i in range(n):
        attempt(store, (i % 2 == 0) is helps, {id: i % 2 == 0}, name=name, kind=kind)


def effect(store: Store, id: str, name: str = NAME, kind: str = "") -> BulletEffect:
    found = store.view(name).effects(kind).of(id)
    assert found is not None
    return found


def counts(found: BulletEffect) -> tuple[int, int]:
    return (found.effect.shown, found.effect.left_out) if found.effect else (0, 0)


@pytest.fixture
def ids(story: Story) -> list[str]:
    """A bullet that helps, one that harms, one that was never drawn."""
    made = story.added(add(HELPS), add(HARMS), add("Be kind.", "Tone"))
    for i in range(24):
        shown = {made[0]: i % 2 == 0, made[1]: i % 3 == 0}
        attempt(story.store, shown[made[0]] and i % 12 != 0, shown, kind="letter" if i % 4 else "call")
    return made


def test_the_surest_stand_first_with_estimate_and_observation(ace: Ace, ids: list[str]) -> None:
    shown = ace("playbook", "effects", NAME)
    assert "24 training attempts, 24 with draws." in shown.out
    lines = [line for line in shown.out.splitlines() if any(id in line for id in ids)]
    assert [next(id for id in ids if id in line) for line in lines[:3]] == ids
    assert lines[0].split()[0].startswith("+")
    assert "10 of 12" in lines[0]
    assert "0 of 12" in lines[0]
    assert lines[1].split()[0].startswith("-")
    assert lines[2].split()[0] == "–"
    assert "Estimate:" in shown.out
    assert "Observation:" in shown.out


def test_a_program_reads_the_same(ace: Ace, ids: list[str]) -> None:
    told = ace("playbook", "effects", NAME, "--json").json
    assert (told["playbook"], told["attempts"], told["drawn"], told["kind"]) == (NAME, 24, 24, "")
    first, second, third = told["bullets"]
    assert [b["id"] for b in told["bullets"]] == ids
    assert first["observed"] == {"shown": 12, "left_out": 12, "shown_won": 10, "left_out_won": 0}
    assert first["estimate"]["effect"] > 0.2 > first["estimate"]["harm"]
    assert first["estimate"]["interval"][0] < first["estimate"]["effect"] < first["estimate"]["raw"]
    assert second["estimate"]["harm"] > 0.5
    assert sorted(first["kinds"]) == ["call", "letter"]
    assert third["estimate"] is None


def test_of_one_kind_alone(ace: Ace, ids: list[str]) -> None:
    told = ace("playbook", "effects", NAME, "--kind", "call", "--json").json
    assert (told["kind"], told["attempts"], told["drawn"]) == ("call", 6, 6)
    assert [b["observed"]["shown"] + b["observed"]["left_out"] for b in told["bullets"]] == [6, 6, 0]
    assert "6 training attempts of kind call" in ace("playbook", "effects", NAME, "-k", "call").out


def test_a_kind_that_no_attempt_has_is_refused(ace: Ace, ids: list[str], story: Story) -> None:
    said = refused(ace, "effects", NAME, "--kind", "cal")
    assert "unknown kind 'cal'; did you mean 'call'? (valid: call, letter)" in said
    with library.open(NAME, store=story.store) as playbook, pytest.raises(UnknownName, match="unknown kind 'fax'"):
        playbook.effects("fax")


def test_with_nothing_drawn_it_says_so_and_how_to_begin(ace: Ace, story: Story) -> None:
    [id] = story.added(add(HELPS))
    story.play(True, [id])
    shown = " ".join(ace("playbook", "effects", NAME).out.split())
    assert "No bullet was left out by chance" in shown
    assert f"--playbook {NAME} --holdout 0.2" in shown
    assert ace("playbook", "effects", NAME, "--json").json["drawn"] == 0
    assert "from draws" not in ace("playbook", "why", NAME, id).out
    assert ace("playbook", "why", NAME, id, "--json").json["effect"] is None


def test_why_tells_what_showing_it_does(ace: Ace, ids: list[str]) -> None:
    shown = " ".join(ace("playbook", "why", NAME, ids[0]).out.split())
    assert "What showing it does, from draws Estimated: +" in shown
    assert "Observed: won 10 of 12 attempts that chance showed it to, 0 of 12 without it." in shown
    told = ace("playbook", "why", NAME, ids[0], "--json").json["effect"]
    assert told["observed"]["shown_won"] == 10


def test_a_program_that_leaves_bullets_out_has_their_effects(tmp_path: Path) -> None:
    with library.open("support", store=tmp_path / "s.db", holdout=0.5) as playbook:
        [id] = playbook.add("Refunds", HELPS).bullets
        for n in range(30):
            with playbook.episode(f"case {n}", kind="letter") as ep:
                ep.finish(id in ep.context)
        with playbook.episode("not shown anything") as ep:
            ep.finish(True)
        found = playbook.effects()
        assert (found.attempts, found.drawn) == (31, 30)
        [b] = found.bullets
        assert b.effect is not None
        assert (b.shown_won, b.left_out_won) == (b.effect.shown, 0)
        assert b.effect.interval[0] > 0.2
        assert list(playbook.effects("letter").bullets[0].kinds) == ["letter"]


def test_invalid_and_measured_attempts_say_nothing(story: Story) -> None:
    [id] = story.added(add(HELPS))
    story.play(None, [], [], [id])
    story.play(True, [], [], [id], phase="after")
    assert effect(story.store, id).effect is None
    story.play(True, [], [], [id])
    assert counts(effect(story.store, id)) == (0, 1)


def test_a_reworded_bullet_starts_anew_and_its_earlier_texts_stand_beside_it(ace: Ace, story: Story) -> None:
    [id] = story.added(add(HELPS))
    some(story.store, id)
    before = effect(story.store, id).effect
    story.change(revise(id, "Ask for the number of the order."))
    found = effect(story.store, id)
    assert found.effect is None
    assert [b.id for b in found.before] == [id]
    assert found.before[0].effect.raw == before.raw if before else False
    some(story.store, id, helps=False, n=6)
    found = effect(story.store, id)
    assert counts(found) == (3, 3)
    assert found.effect is not None
    assert found.effect.mean < 0 < found.before[0].effect.mean
    assert "its earlier texts" in ace("playbook", "effects", NAME).out
    # What has its old words again is the old bullet.
    story.change(revise(id, HELPS))
    found = effect(story.store, id)
    assert (counts(found), [b.effect.shown for b in found.before]) == ((10, 10), [3])


def test_a_change_of_place_or_pin_is_no_change_of_words(story: Story) -> None:
    [id] = story.added(add(HELPS))
    some(story.store, id)
    story.change(Operation(Op.PIN, id=id), author="person")
    story.change(Operation(Op.MOVE, id=id, section="Orders"), author="person")
    assert counts(effect(story.store, id)) == (10, 10)


def test_a_merged_bullet_starts_anew_and_those_it_was_merged_from_stand_beside_it(ace: Ace, story: Story) -> None:
    a, b = story.added(add(HELPS), add("Ask for the number."))
    some(story.store, a)
    some(story.store, b, helps=False)
    [c] = story.added(merge("Ask for the order's number.", a, b))
    found = effect(story.store, c)
    assert found.effect is None
    assert [(x.id, x.effect.shown, x.effect.mean > 0) for x in found.before] == [(a, 10, True), (b, 10, False)]
    assert f"before the merge: {a}" in ace("playbook", "effects", NAME).out
    assert [x.bullet.id for x in story.store.view(NAME).effects().bullets] == [c]


def test_a_retired_bullet_has_no_line_and_comes_back_with_its_draws(story: Story) -> None:
    [id] = story.added(add(HELPS))
    some(story.store, id)
    story.change(retire(id))
    assert story.store.view(NAME).effects().of(id) is None
    story.change(Operation(Op.RESTORE, id=id), author="person")
    assert counts(effect(story.store, id)) == (10, 10)


def test_a_fork_begins_with_the_draws_of_its_origin_and_goes_its_own_way(story: Story) -> None:
    store = story.store
    [id] = story.added(add(HELPS))
    some(store, id)
    store.branches.fork(NAME, "branch")
    assert counts(effect(store, id, "branch")) == (10, 10)
    some(store, id, n=4)
    some(store, id, n=6, name="branch")
    assert counts(effect(store, id)) == (12, 12)
    assert counts(effect(store, id, "branch")) == (13, 13)


def test_a_merge_of_branches_brings_the_other_ones_draws_once_each_under_the_text_it_had_there(
    story: Story,
) -> None:
    store = story.store
    kept, changed = story.added(add(HELPS), add(HARMS))
    some(store, kept)
    store.branches.fork(NAME, "branch")
    branch = Story(store, "branch")
    branch.change(revise(changed, "Promise a refund within a week."))
    some(store, kept, n=4, name="branch")
    some(store, changed, n=8, name="branch")
    story.change(add("Be kind.", "Tone"))
    merged(store, NAME, "branch")
    assert counts(effect(store, kept)) == (12, 12)
    assert store.view(NAME).get(changed).text == "Promise a refund within a week."  # type: ignore[union-attr]
    assert counts(effect(store, changed)) == (4, 4)
    assert effect(store, changed).before == ()
