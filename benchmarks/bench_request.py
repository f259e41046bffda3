"""What a curator's request costs: tokens with attempts as rows and by lesson, and the framework's own time, on `desk`.

The time of a batch is that of a whole `learn`, its reflections and curation, and of the gate `fit` with a model that answers at
once, after lessons that are guesses were added; "everything" has every setting of the evidence on.

python benchmarks/bench_request.py
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import cast

from common import show

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.models.contract import Model, Reply, Request
from ace.models.replies.parsing import reply
from ace.playbooks.operations import Delta, Op, Operation
from ace.playbooks.render import estimate_tokens
from ace.roles.curator.settings import Checked, Shown
from ace.roles.replies import Diagnoses
from ace.runs.gates.contract import Proposal, Ways
from ace.runs.gates.fit import FitGate
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson, Roles
from ace.types import Episode, Usage

BATCH = 10
FORMS = {
    "by lesson": Shown(rows=False, whole=False, dictionary=False, last_edits=False, contrasts=False),
    "rows": Shown(whole=False, dictionary=False, last_edits=False, contrasts=False),
    "all defaults": Shown(),
    "with candidates": Shown(candidates=True),
}
EVERYTHING = Shown(table=True, candidates=True, fit=True)
BATCHES = {"all defaults": (Shown(), Checked()), "everything": (EVERYTHING, Checked(check=True))}


class _Asked(Exception):
    """The request was made."""


class _Keeping:
    """A model that keeps the request and ends the work."""

    name = "keeping"

    def __init__(self) -> None:
        self.request: Request | None = None

    async def complete(self, request: Request) -> Reply:
        assert request.role == "curator", request.role
        self.request = request
        raise _Asked

    async def close(self) -> None:
        """Nothing is held."""


def last_batch(store: Store, playbook: str) -> list[Episode]:
    """All attempts at the cases that were learned from last, oldest first."""
    newest = store.episodes(playbook=playbook, phase="learn", limit=20 * BATCH)
    cases = list(dict.fromkeys(e.task.key for e in newest))[:BATCH]
    return [e for e in reversed(newest) if e.task.key in cases]


def asked(store: Store, playbook: str, shown: Shown) -> tuple[int, float]:
    """Tokens of the request about the last batch, and seconds of the process's own time to make it."""
    episodes = last_batch(store, playbook)
    known = {e.id: r for e in episodes for r in store.reflections(e.id)[-1:]}
    model = _Keeping()

    def none(unit: str) -> Model:
        return model

    began = time.process_time()
    with suppress(_Asked):
        asyncio.run(
            Ace(Roles(none, none), shown=shown).learn(Lesson(episodes, 0, known, stored=True, left=3), store.view(playbook))
        )
    seconds = time.process_time() - began
    assert model.request is not None
    return sum(estimate_tokens(m.content) for m in model.request.messages), seconds


class _Instant:
    """A model that answers at once: a diagnosis, or a list of one lesson."""

    name = "instant"

    async def complete(self, request: Request) -> Reply:
        said = _SAID[request.role]
        if request.response is Diagnoses:
            lines = request.messages[-1].content.split("\n")
            numbers = [int(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{layout.CASE} ")]
            said = {"diagnoses": [{"case": n, **said} for n in numbers]}
        return reply(request, json.dumps(said), "", Usage())

    async def close(self) -> None:
        """Nothing is held."""


_LESSON = 'When "amount" is at least 7: choose "refund".'
_SAID: dict[str, dict[str, object]] = {
    "reflector": {"situation": "amount: 7", "choice": "refund", "diagnosis": "", "lesson": _LESSON, "votes": []},
    "curator": {
        "reasoning": "",
        "lessons": [
            {"lesson_id": "", "section": "Rules", "text": _LESSON, "guess": True, "reason": "", "attempts": []},
        ],
        "retire": [],
    },
}
_GUESSES = 20


def batch(store: Store, playbook: str, shown: Shown, checked: Checked) -> float:
    """Seconds of the process's own time for the last batch, from its attempts to the gate's ruling; the second time that it is
    done, because the first one fills caches of the process and of the database."""
    episodes, view, model = last_batch(store, playbook), store.view(playbook), _Instant()

    def none(unit: str) -> Model:
        return model

    async def work() -> None:
        strategy = Ace(Roles(none, none), shown=shown, checked=checked)
        learned = await strategy.learn(Lesson(episodes, 0, stored=True, left=3), view)
        assert learned.delta is not None
        proposal = Proposal(learned.delta, view, episodes, learned.reflections, 0, attempts=learned.attempts)
        await FitGate().judge(proposal, cast(Ways, None))

    for _ in range(2):
        began = time.process_time()
        asyncio.run(work())
        seconds = time.process_time() - began
    return seconds


def with_guesses(store: Store, playbook: str) -> None:
    texts = (f'When "item" is "lamp" and "amount" is at least {n}: choose "refund".' for n in range(_GUESSES))
    added = tuple(Operation(Op.ADD, section="Rules", text=text, state="candidate") for text in texts)
    store.commit(Batch(playbook=playbook, delta=Delta(store.head(playbook).hash, added, "curator", "")))


Measured = tuple[dict[str, tuple[int, float]], dict[str, float]]


def measured(cases: int, *, curate: bool) -> Measured:
    """By form, tokens and seconds of a request after `cases` learned cases, and the seconds of a batch; without curating they
    come fast and lose more."""
    settings = RunSettings(
        environment="desk",
        settings={"world": "0"},
        strategy_settings={} if curate else {"curate": "false"},
        episodes=cases,
        learn_only=True,
    )
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "ace.db") as store:
        ready = prepare(settings)
        run = asyncio.run(work(ready, store, begin(ready, store)))
        playbook = str(run.result["playbook"])
        requests = {name: asked(store, playbook, shown) for name, shown in FORMS.items()}
        with_guesses(store, playbook)
        return requests, {name: batch(store, playbook, *of) for name, of in BATCHES.items()}


def main() -> int:
    met = True
    for cases, curate in ((30, True), (100, True), (300, True), (3000, False)):
        found, batches = measured(cases, curate=curate)
        before = found["by lesson"][0]
        for name, (tokens, seconds) in found.items():
            share = 1.2 if name != "by lesson" and cases <= 300 else None
            met &= show(f"{cases} attempts, {name}: {tokens:,} tokens, of those by lesson", tokens / before, share)
            met &= show(f"{cases} attempts, {name}: time of a request", seconds, 0.5, unit=" s")
        for name, seconds in batches.items():
            met &= show(f"{cases} attempts, {name}: time of a batch", seconds, 0.5, unit=" s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
