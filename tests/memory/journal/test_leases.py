"""A claim is one owner's until it is given back, lapses, or its owner's process is gone."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from ace.binding import unsigned
from ace.memory.journal import leases
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus

CONFIG: dict[str, object] = {"playbook": "support", "given": ["sessions"], "model": "novice"}
OTHER: dict[str, object] = {**CONFIG, "model": "another"}
FIRST, SECOND = Owner.here("a"), Owner.here("b")


def claimed(store: Store, owner: Owner, seconds: float = 60.0, config: dict[str, object] = CONFIG) -> Run:
    run = store.leases.claim(config, owner, seconds)
    assert isinstance(run, Run)
    return run


def test_what_is_claimed_is_refused_to_others_who_learn_who_has_it(store: Store) -> None:
    run = claimed(store, FIRST)
    assert store.leases.claim(CONFIG, SECOND, 60.0) == FIRST
    assert store.leases.claim(OTHER, SECOND, 60.0) == FIRST
    assert store.leases.renew(run.id, FIRST, 60.0)
    assert not store.leases.renew(run.id, SECOND, 60.0)
    assert [r.id for r in store.runs()] == [run.id]


def test_other_playbooks_are_not_concerned(store: Store) -> None:
    claimed(store, FIRST)
    assert claimed(store, SECOND, config={**CONFIG, "playbook": "sales"}).config["playbook"] == "sales"


def test_what_is_given_back_can_be_gone_on_with(store: Store) -> None:
    run = claimed(store, FIRST)
    store.leases.leave(run.id, FIRST)
    assert claimed(store, SECOND).id == run.id
    store.leases.leave(run.id, FIRST)
    assert store.leases.claim(CONFIG, FIRST, 60.0) == SECOND


def test_what_is_done_is_begun_anew(store: Store) -> None:
    run = claimed(store, FIRST)
    store.leases.leave(run.id, FIRST)
    store.set_run(run.id, RunStatus.DONE, {})
    assert claimed(store, SECOND).id != run.id


def test_a_claim_that_was_not_renewed_lapses(store: Store) -> None:
    run = claimed(store, FIRST, seconds=-1.0)
    assert claimed(store, SECOND).id == run.id
    assert not store.leases.renew(run.id, FIRST, 60.0)


def test_an_owner_whose_process_is_gone_is_not_waited_for(store: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run = claimed(store, Owner("x", FIRST.host, ended.pid))
    assert claimed(store, SECOND).id == run.id


def test_an_owner_on_another_machine_is_waited_for(store: Store) -> None:
    away = Owner("x", "some-other-machine", 1)
    claimed(store, away)
    assert store.leases.claim(CONFIG, FIRST, 60.0) == away


def test_a_run_of_another_configuration_that_was_left_behind_is_marked(store: Store) -> None:
    left = claimed(store, FIRST, seconds=-1.0, config=OTHER)
    run = claimed(store, SECOND)
    assert run.id != left.id
    assert (store.run(left.id).status, store.run(left.id).result["stopped"]) == (RunStatus.STOPPED, "its process ended")


def test_an_owner_whose_number_another_process_has_now_is_not_waited_for(store: Store) -> None:
    run = claimed(store, replace(FIRST, token="x", born="00000000-1"))
    assert claimed(store, SECOND).id == run.id


def test_an_owner_that_ended_and_was_not_collected_by_its_parent_is_not_waited_for(store: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert ended.stdout is not None
    ended.stdout.read()
    for _ in range(200):
        if (owner := replace(FIRST, token="x", pid=ended.pid)).gone:
            break
        time.sleep(0.05)
    assert owner.gone
    ended.stdout.close()
    ended.wait()


def test_owners_written_before_they_said_since_when_are_read(store: Store) -> None:
    assert Owner.read(f"x:{FIRST.pid}:{FIRST.host}") == Owner("x", FIRST.host, FIRST.pid)
    assert Owner.read(str(FIRST)) == FIRST


@pytest.mark.parametrize("text", ["", "x", "a:b", "a:b:c:d", "a:-1:h", "a:99999999999999999999:" + FIRST.host, "@@@::"])
def test_an_owner_that_cannot_be_read_blocks_nobody(text: str) -> None:
    assert Owner.read(text).gone


def test_a_run_and_a_learner_on_one_playbook_refuse_each_other_and_an_evaluation_neither(store: Store) -> None:
    learning = claimed(store, FIRST)
    busy = store.leases.begin({"playbook": "support"}, unsigned, SECOND, 60.0)
    assert busy == leases.AtWork(learning.id, "support", FIRST)
    assert isinstance(store.leases.begin({"playbook": "support", "split": "test"}, unsigned, SECOND, 60.0), Run)
    store.leases.leave(learning.id, FIRST)
    run = store.leases.begin({"playbook": "support"}, unsigned, SECOND, 60.0)
    assert isinstance(run, Run)
    assert store.leases.claim(CONFIG, FIRST, 60.0) == SECOND
    assert store.leases.take(run, FIRST, 60.0) == leases.AtWork(run.id, "support", SECOND)
    assert store.leases.take(learning, FIRST, 60.0) == leases.AtWork(run.id, "support", SECOND)


def test_who_lost_a_playbook_to_another_run_is_told_so(store: Store) -> None:
    slow = store.leases.begin({"playbook": "support", "seed": 1}, unsigned, FIRST, -1.0)
    assert isinstance(slow, Run)
    assert isinstance(store.leases.begin({"playbook": "support", "seed": 2}, unsigned, SECOND, 60.0), Run)
    assert not store.leases.renew(slow.id, FIRST, 60.0)


def test_a_run_on_another_machine_is_shown_as_stopped_once_it_is_not_heard_of(store: Store) -> None:
    away = Owner("x", "some-other-machine", 1)
    run = store.leases.begin({"playbook": "support"}, unsigned, away, 60.0)
    assert isinstance(run, Run)
    assert store.leases.as_they_are(store.runs())[0].status is RunStatus.RUNNING
    store.leases.renew(run.id, away, -1.0)
    [seen] = store.leases.as_they_are(store.runs())
    assert (seen.status, store.run(run.id).status) == (RunStatus.STOPPED, RunStatus.RUNNING)
