"""What the owner of a store has redacted stands nowhere in it, by whichever door it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ace.errors import BadInput
from ace.memory.database.sql import Sql
from ace.memory.database.tables import Rows
from ace.memory.exchange.imports import ImportSettings
from ace.memory.store import Store
from ace.memory.values import Batch, Call, RunStatus
from ace.playbooks.formats.intake import vet
from ace.playbooks.formats.line import Line
from ace.playbooks.operations import Delta, Judgement, Op, Operation, Refusal, Status
from ace.types import Vote, failure
from tests.memory.acts import played, told
from tests.starting import started
from tests.stories import NAME, Story, add, retire

SECRET, MASK = "zq4111", "[card]"


def hook(text: str) -> str:
    return text.replace(SECRET, MASK)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:", redact=hook) as store:
        store.ensure_playbook(NAME)
        yield store


def columns(store: Store, marker: str) -> set[str]:
    """The columns of all tables in which `marker` stands somewhere."""
    found = set()
    with store._database.read() as c:
        for table in Rows.__subclasses__():
            for column in table.model_fields:
                name = f"{table.__tablename__}.{column}"
                if Sql(f"SELECT count(*) FROM {table.__tablename__} WHERE {column} LIKE :like", int).one(c, like=f"%{marker}%"):
                    found.add(name)
    return found


def secret_add(where: str = "") -> Operation:
    return Operation(Op.ADD, section=f"S {SECRET}", text=f"{where} charge {SECRET}", reason=f"since {SECRET}")


BULLETS = {"bullets.section", "bullets.text", "bullet_versions.section", "bullet_versions.text", "operations.body"}


def by_commit(store: Store) -> set[str]:
    e = played("e-1", f"my card is {SECRET}", failure(f"card {SECRET}", reason=f"card {SECRET}"), render=f"see {SECRET}")
    e = replace(
        e,
        task=replace(
            e.task, kind=f"kind {SECRET}", origin=f"from {SECRET}", data={f"key {SECRET}": [SECRET, {"deep": SECRET}]}
        ),
    )
    refused = Refusal(1, secret_add("no"), f"it says {SECRET}")
    judged = Judgement("gate", "pass", f"because {SECRET}", {"worst": [SECRET], SECRET: 1})
    delta = Delta(store.head(NAME).hash, (secret_add(),), "curator", f"for {SECRET}", ("e-1",), file=f"{SECRET}.md")
    reflection = told("e-1", f"card {SECRET}", (("b-1", Vote.HARMFUL),))
    store.commit(Batch((e,), (reflection,), NAME, delta, (refused,), why=f"so {SECRET}", judgements=(judged,)))
    texts = {
        "episodes.past",
        "episodes.body",
        "episodes.kind",
        "episodes.origin",
        "delta_episodes.origin",
        "reflections.body",
        "render_texts.body",
    }
    return BULLETS | texts | {"deltas.note", "operations.refused", "judgements.body"}


def by_review(store: Store) -> set[str]:
    delta = Delta(store.head(NAME).hash, (secret_add(),), "curator", f"for {SECRET}")
    store.commit(Batch(playbook=NAME, delta=delta, status=Status.QUARANTINED, why=f"a person is to see {SECRET}"))
    return {"deltas.note", "operations.body"}


def by_hand(store: Store) -> set[str]:
    (id,) = Story(store).added(add("ask first"))
    delta = store.edits.revise(NAME, id, f"ask for {SECRET}", f"said {SECRET}")
    store.commit(Batch(playbook=NAME, delta=replace(delta, by=f"Zoë {SECRET}")))
    store.commit(Batch(playbook=NAME, delta=store.edits.mark(NAME, Op.RETIRE, [id], f"old {SECRET}")))
    return {"bullets.text", "bullet_versions.text", "operations.body", "deltas.note"}


def by_import(store: Store) -> set[str]:
    lines = vet([Line(1, f"S {SECRET}", "", f"charge {SECRET}", note=f"was {SECRET}"), Line(2, "Tone", "", f"thank {SECRET}")])
    for _ in range(2):
        store.imports.bullets(NAME, lines, ImportSettings(f"from {SECRET}", by=f"Zoë {SECRET}"))
    assert len(store.view(NAME).bullets()) == 2
    return BULLETS | {"deltas.note"}


def by_history(store: Store) -> set[str]:
    with Store.open(":memory:") as other:
        story = Story(other)
        story.change(
            add("ask first"),
            retire("b-none", reason=SECRET),
            reason=f"for {SECRET}",
            refusals=(Refusal(2, secret_add(), SECRET),),
        )
        held = Delta(other.head(NAME).hash, (secret_add(),), "person", by=f"Zoë {SECRET}")
        other.commit(Batch(playbook=NAME, delta=held, status=Status.QUARANTINED, why=SECRET))
        store.histories.bring_in(other.histories.of(NAME), "brought")
    assert store.verify("brought") == []
    return {"operations.body", "operations.refused", "deltas.note"}


def by_merge(store: Store) -> set[str]:
    Story(store).change(add("one"))
    store.branches.fork(NAME, "branch")
    Story(store, "branch").change(add("two"))
    plan = store.branches.plan(NAME, "branch")
    store.branches.commit(plan, f"both {SECRET}", operations=(secret_add(),), by=f"Zoë {SECRET}")
    return BULLETS | {"deltas.note"}


def by_journal(store: Store) -> set[str]:
    run = started(store, {"playbook": NAME}).id
    asked = [Call("e-1", "generator", 0, "hash"), Call("e-2", "generator", 0, "hash")]
    store.write_calls(run, asked, [replace(asked[0], reply=f"pay {SECRET}"), replace(asked[1], error=f"bad {SECRET}")])
    return {"calls.reply", "calls.error"}


def by_result(store: Store) -> set[str]:
    run = started(store, {"playbook": NAME}).id
    store.set_run(run, RunStatus.FAILED, {"stopped": f"no card {SECRET}", "playbook": NAME})
    return {"runs.result"}


def by_experiment(store: Store) -> set[str]:
    made = store.experiments.begin({"arms": []}, lambda id, design: "")
    store.experiments.note(made.id, {"unusable": {"vote": f"no list {SECRET}"}})
    return {"experiments.result"}


DOORS = [by_commit, by_review, by_hand, by_import, by_history, by_merge, by_journal, by_result, by_experiment]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_what_is_redacted_is_stored_by_no_door(store: Store, door: Callable[[Store], set[str]]) -> None:
    expected = door(store)
    assert columns(store, SECRET) == set()
    assert columns(store, MASK) == expected
    assert store.upkeep.check() == []


MACHINE = {"id", "name", "created", "hash", "digest", "at", "status", "author", "base", "run", "seal", "stage", "gate", "state"}
MACHINE |= {"rank", "parents", "bullet", "term", "episode", "phase", "task_key", "verdict", "prompt_hash", "purged", "vote"}
MACHINE |= {"revision", "policy", "form", "config", "started", "ended", "unit", "done", "task", "owner", "leased_until", "role"}
MACHINE |= {"request", "design", "mark", "arm", "seed", "trust"}
"""Columns of text that hold no free text: ids, names, hashes, times, and what programs read."""


def test_every_column_of_free_text_is_filled_by_one_of_these_doors() -> None:
    free = set()
    for table in Rows.__subclasses__():
        texts = {n for n, f in table.model_fields.items() if f.annotation in (str, str | None)}
        free |= {f"{table.__tablename__}.{n}" for n in texts - MACHINE}
    with Store.open(":memory:", redact=hook) as store:
        store.ensure_playbook(NAME)
        filled = by_commit(store) | by_journal(store) | by_result(store) | by_experiment(store)
    assert free == filled


def test_a_history_whose_hashes_would_not_come_out_is_refused_whole(store: Store) -> None:
    with Store.open(":memory:") as other:
        Story(other).change(secret_add())
        with pytest.raises(BadInput, match="holds text that this store redacts"):
            store.histories.bring_in(other.histories.of(NAME), "brought")
    assert [p.name for p in store.playbooks()] == [NAME]


def test_no_writer_waits_for_the_hook() -> None:
    def patient(text: str) -> str:
        # Within a transaction this could not be written.
        opened.ensure_playbook("another")
        return hook(text)

    with Store.open(":memory:", redact=patient) as opened:
        opened.ensure_playbook(NAME)
        for door in DOORS:
            if door is not by_history:
                door(opened)


@pytest.mark.parametrize("text", ["\ud83d\ude00", "a \ud800 b", "\ud83d", "x\udfff\ud83d\ude00"])
def test_halves_of_characters_leave_a_playbook_that_verifies(text: str) -> None:
    with Store.open(":memory:") as store:
        Story(store).change(add(f"thank them {text}", f"Tone {text}", reason=text), reason=text)
        assert store.verify(NAME) == []
        assert store.upkeep.check() == []
