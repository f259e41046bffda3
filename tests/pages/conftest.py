"""A run and its pages, made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch, Run, RunStatus
from ace.playbooks.operations import Delta, Judgement, Operation, Refusal
from ace.types import Episode, Observation, Outcome, Reflection, Step, Task, failure, success
from tests.doing import Done, do
from tests.starting import started
from tests.stories import add, revise
from tests.strategies.lessons import lived
from tests.worlds import Gate


@pytest.fixture(scope="session")
def lived_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Done]]:
    """A real run of the novice at a gate, with its store."""
    with Store.open(tmp_path_factory.mktemp("pages") / "ace.db") as store:
        yield store, do(store, Gate(), episodes=30, eval=25, batch=10)


HOSTILE = (
    "<script>alert(1)</script> </style><style>*{display:none}</style> --><!-- <img src=x onerror=alert(2)> \" ' & &lt; "
    "</title></svg><svg onload=alert(3)> <a href=\"javascript:alert(4)\">x</a> ]]> <!-- written by ace report, sha256 "
    + "0" * 32 + " -->"
)  # fmt: skip
TURNED = "abc\u202edef\u2066ghi\u200fjkl \x1b[31mred\x07 \x9b2J \ufffe end"


@dataclass
class Hostile:
    """A run in which every text that comes from outside is hostile."""

    store: Store
    run: Run
    playbook: str


@pytest.fixture
def hostile(store: Store) -> Hostile:
    bad = HOSTILE + TURNED
    run = started(store, {"environment": bad, "model": bad, "strategy": bad, "seed": 3, "batch": 2, "settings": {bad: bad}})
    name = "<b>book&'"
    store.ensure_playbook(name)
    made = [
        add(HOSTILE, "<i>", reason=bad),
        add("Long. " + HOSTILE * 40, "<i>"),
        *(add(f"{HOSTILE} {n}", "<i>") for n in range(9)),
    ]
    for n in range(6):
        before = _episode(f"before-{n}", n, "before", failure(bad, reason=bad), bad)
        after = _episode(f"after-{n}", n, "after", success(bad), bad)
        store.commit(Batch((before, after), run=run.id))
    told = tuple(_episode(f"learn-{n}", n, "learn", failure(bad), bad) for n in range(4))
    thoughts = tuple(Reflection(e.id, bad, bad, bad, bad) for e in told)
    refused = (Refusal(11, Operation(made[0].op, section=bad, text=bad), bad),)
    judged = (Judgement(bad, "pass", bad),)
    delta = Delta("", tuple(made), "curator", bad, tuple(e.id for e in told), bad)
    done = store.commit(Batch(told, thoughts, name, delta, refused, run=run.id, judgements=judged))
    assert done.revision is not None
    first = store.view(name).bullets()[0]
    change = Delta(done.revision.hash, (revise(first.id, bad + " now", reason=bad),), reason=bad)
    store.commit(Batch(playbook=name, delta=change, run=run.id))
    floors = {"oracle": {"success": 1.0, "n": 4, "interval": [0.5, 1.0]}}
    store.set_run(run.id, RunStatus.STOPPED, {"playbook": name, "start": 0, "stopped": bad, "floors": floors})
    return Hostile(store, run, name)


def _episode(id: str, n: int, phase: str, outcome: Outcome, bad: str) -> Episode:
    task = Task(f"{bad}-{n}", f"{bad} {n}", kind="<k>")
    steps = (Step(bad, Observation(bad), bad, ("<x>",)), Step("x" * 10_000))
    return Episode(id, task, 1, phase, 0, n, Observation(task.text), steps, outcome, lived(n, True).render)
