"""Makes the store and the history file of the present schema that later versions must still open and verify.

Run once for each schema, before the next one: `python -m tests.memory.kept.make`. What is kept is never made again. The store
is kept as SQL, so that a change of it can be read.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from ace.binding import unsigned
from ace.memory.journal.leases import Owner
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.memory.values import Batch, Call, RunStatus
from ace.playbooks.formats.history import render_history
from ace.playbooks.operations import Delta, Op, Operation, Refusal, Status
from ace.types import Usage, Vote
from tests.memory.acts import merged, played, told
from tests.starting import started
from tests.stories import NAME, Story, add, merge, retire, revise

KEPT = Path(__file__).parent


def fill(store: Store) -> None:
    """A little of everything that a store can hold."""
    run = started(store, {"playbook": NAME, "env": "desk", "seed": 3})
    asked = [Call("learn/0/t-1", "generator", 0, "hash-1"), Call("learn/0/t-1", "reflector", 0, "hash-2")]
    store.write_calls(
        run.id, asked, [Call("learn/0/t-1", "generator", 0, "", "decline", "", Usage(1, 20, 0, 3, 0.25, 0.5), "clean")]
    )
    story = Story(store)
    old, other, third = story.added(add("ask first"), add("be quick", "Tone"), add("look twice"), reason="seen", run=run.id)
    lost, won = (
        story.play(False, [old, other], [old], [third], votes=((old, Vote.HARMFUL),)),
        story.play(True, [other], [other]),
    )
    story.play(None, [old])
    story.play(True, [old], phase="test")
    story.change(revise(old, "ask before a refund", reason="it lost", episodes=(lost,)), episodes=(lost, won), run=run.id)
    story.change(add("ask before a refund", episodes=(won,)), retire("b-none"), reason="again")
    refused = Refusal(0, add("pay everybody"), "it contradicts " + old)
    story.change(retire(third, reason="it helps nobody"), refusals=(refused,), author="person")
    delta = Delta(store.head(NAME).hash, (Operation(Op.PIN, id=other),), "person", "kept", by="Zoë")
    store.commit(Batch(playbook=NAME, delta=delta))
    held = Delta(store.head(NAME).hash, (add("wait a day"),))
    store.commit(Batch(playbook=NAME, delta=held, status=Status.QUARANTINED, why="a person is to look at it"))
    _branches(store, story)
    store.commit(
        Batch((played("e-gone", "a secret"),), (told("e-gone", votes=((old, Vote.HELPFUL),)),), NAME, run=run.id, units=("u",))
    )
    store.upkeep.purge(Choice(ids=("e-gone",)))
    store.leases.take(run, Owner("token", "elsewhere", 1, "", "20260101T000000Z"), 60)
    experiment = store.experiments.begin({"settings": {}, "arms": [], "seeds": [3], "baseline": "empty"}, unsigned)
    store.experiments.join(experiment.id, "empty", 3, run.id)
    store.set_run(run.id, RunStatus.STOPPED, {"stopped": "out of budget"})


def _branches(store: Store, story: Story) -> None:
    store.branches.fork(NAME, "branch")
    branch = Story(store, "branch")
    made = branch.added(add("thank them \u2028 \U0001f600", "Tone"), add("say why", "Tone"))
    branch.play(True, made, made[:1], votes=((made[0], Vote.HELPFUL), (made[1], Vote.NEUTRAL)))
    branch.change(merge("thank them and say why", *made, reason="one lesson"))
    story.change(add("keep the receipt"))
    merged(store, NAME, "branch", reason="both are right")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ace.db"
        with Store.open(path) as store:
            fill(store)
            if problems := store.upkeep.check():
                sys.exit("\n".join(problems))
            history = render_history(store.histories.of(NAME))
        with closing(sqlite3.connect(path)) as file:
            (number,) = file.execute("SELECT max(number) FROM migrations").fetchone()
            dump = "\n".join(file.iterdump()) + "\n"
    kept = {KEPT / f"schema-{number}.sql": dump, KEPT / f"schema-{number}.history.json": history}
    if there := [path.name for path in kept if path.exists()]:
        sys.exit(f"{', '.join(there)}: kept already, and never made again")
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
