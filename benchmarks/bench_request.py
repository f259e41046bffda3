"""What a curator's request costs: tokens with attempts as rows and by lesson, and the framework's own time, on `desk`.

python benchmarks/bench_request.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from common import show

from ace.memory.store import Store
from ace.models.contract import Model, Reply, Request
from ace.playbooks.render import estimate_tokens
from ace.roles.curator.settings import Shown
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson, Roles

BATCH = 10
FORMS = {
    "by lesson": Shown(rows=False, whole=False, dictionary=False, last_edits=False),
    "rows": Shown(whole=False, dictionary=False, last_edits=False),
    "all defaults": Shown(),
}


class _Asked(Exception):
    """The request was made."""


class _Keeping:
    """A model that keeps the request and ends the work."""

    name = "keeping"

    def __init__(self) -> None:
        self.request: Request | None = None

    async def complete(self, request: Request) -> Reply:
        self.request = request
        raise _Asked

    async def close(self) -> None:
        """Nothing is held."""


def asked(store: Store, playbook: str, shown: Shown) -> tuple[int, float]:
    """Tokens of the request about the last batch, and seconds of the process's own time to make it."""
    episodes = store.episodes(playbook=playbook, phase="learn", limit=BATCH)
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


def measured(cases: int, *, curate: bool) -> dict[str, tuple[int, float]]:
    """By form, tokens and seconds after `cases` learned cases; without curating they come fast and lose more."""
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
        return {name: asked(store, str(run.result["playbook"]), shown) for name, shown in FORMS.items()}


def main() -> int:
    met = True
    for cases, curate in ((30, True), (100, True), (300, True), (3000, False)):
        found = measured(cases, curate=curate)
        before = found["by lesson"][0]
        for name, (tokens, seconds) in found.items():
            share = 1.2 if name != "by lesson" and cases <= 300 else None
            met &= show(f"{cases} attempts, {name}: {tokens:,} tokens, of those by lesson", tokens / before, share)
            met &= show(f"{cases} attempts, {name}: time of a request", seconds, 0.5, unit=" s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
