"""A claim is one owner's until it is given back, lapses, or its owner's process is gone."""

from __future__ import annotations

import subprocess
import sys

from ace.memory import leases
from ace.memory.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus

CONFIG: dict[str, object] = {"playbook": "support", "given": ["sessions"], "model": "novice"}
OTHER: dict[str, object] = {**CONFIG, "model": "another"}
FIRST, SECOND = Owner.here("a"), Owner.here("b")


def claimed(store: Store, owner: Owner, seconds: float = 60.0, config: dict[str, object] = CONFIG) -> Run:
    run = leases.claim(store, config, owner, seconds)
    assert isinstance(run, Run)
    return run


def test_what_is_claimed_is_refused_to_others_who_learn_who_has_it(store: Store) -> None:
    run = claimed(store, FIRST)
    assert leases.claim(store, CONFIG, SECOND, 60.0) == FIRST
    assert leases.claim(store, OTHER, SECOND, 60.0) == FIRST
    assert leases.renew(store, run.id, FIRST, 60.0)
    assert not leases.renew(store, run.id, SECOND, 60.0)
    assert [r.id for r in store.runs()] == [run.id]


def test_other_playbooks_are_not_concerned(store: Store) -> None:
    claimed(store, FIRST)
    assert claimed(store, SECOND, config={**CONFIG, "playbook": "sales"}).config["playbook"] == "sales"


def test_what_is_given_back_can_be_gone_on_with(store: Store) -> None:
    run = claimed(store, FIRST)
    leases.leave(store, run.id, FIRST)
    assert claimed(store, SECOND).id == run.id
    leases.leave(store, run.id, FIRST)
    assert leases.claim(store, CONFIG, FIRST, 60.0) == SECOND


def test_what_is_done_is_begun_anew(store: Store) -> None:
    run = claimed(store, FIRST)
    leases.leave(store, run.id, FIRST)
    store.set_run(run.id, RunStatus.DONE, {})
    assert claimed(store, SECOND).id != run.id


def test_a_claim_that_was_not_renewed_lapses(store: Store) -> None:
    run = claimed(store, FIRST, seconds=-1.0)
    assert claimed(store, SECOND).id == run.id
    assert not leases.renew(store, run.id, FIRST, 60.0)


def test_an_owner_whose_process_is_gone_is_not_waited_for(store: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run = claimed(store, Owner("x", FIRST.host, ended.pid))
    assert claimed(store, SECOND).id == run.id


def test_an_owner_on_another_machine_is_waited_for(store: Store) -> None:
    away = Owner("x", "some-other-machine", 1)
    claimed(store, away)
    assert leases.claim(store, CONFIG, FIRST, 60.0) == away


def test_a_run_of_another_configuration_that_was_left_behind_is_marked(store: Store) -> None:
    left = claimed(store, FIRST, seconds=-1.0, config=OTHER)
    run = claimed(store, SECOND)
    assert run.id != left.id
    assert (store.run(left.id).status, store.run(left.id).result["stopped"]) == (RunStatus.STOPPED, "its process ended")
