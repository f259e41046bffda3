"""Runs on a model server: what is asked, and what the run's books and the server's say."""

from __future__ import annotations

import itertools
from typing import Any

from aiohttp.web import StreamResponse

from ace.memory.store import Store
from ace.types import Episode
from tests.command import WORLDS
from tests.models.server import Behaviour, Body, ModelServer
from tests.models.taught import role_of

GATE = f"{WORLDS}:Gate"
_numbers = itertools.count()
Books = tuple[int, int, int, int]
"""Requests sent, and prompt, cached and completion tokens."""


def asking(server: ModelServer, *more: str, model: str = "") -> tuple[str, ...]:
    """The command for a short run on `server`. What a process finds out about a model it keeps: each has a name of its own."""
    name = model or f"m{next(_numbers)}"
    return ("run", GATE, "--episodes", "20", "--eval", "10", "--model", f"openai/{name}", "--api-base", server.url, *more)


def books(*servers: ModelServer) -> Books:
    """What the servers have seen."""
    counts = [s.counts for s in servers]
    requests = sum(len(s.seen) for s in servers)
    return requests, sum(c.prompt for c in counts), sum(c.cached for c in counts), sum(c.completion for c in counts)


def ledger(result: Any) -> Books:
    """What a run's `--json` says."""
    used = result["usage"]
    return used["calls"], used["prompt_tokens"], used["cached_tokens"], used["completion_tokens"]


def stored(run: str = "") -> Books:
    """What the store says of `run`, or of the only one there is."""
    with Store.open("ace.db") as store:
        used = store.usage(run or store.runs()[0].id)
    return used.calls, used.prompt_tokens, used.cached_tokens, used.completion_tokens


def episodes(phase: str | None = None) -> list[Episode]:
    with Store.open("ace.db") as store:
        return store.episodes(phase=phase, limit=None)


def digest(playbook: str) -> str:
    """What a playbook says, whatever it is called."""
    with Store.open("ace.db") as store:
        return store.head(playbook).digest


def case_of(body: Body) -> str:
    """The case that a generator is asked about, such as `train3`; nothing for other requests."""
    text = str(body["messages"][1]["content"]) if role_of(body) == "generator" else ""
    return text.partition("| Visitor ")[2].partition(" ")[0]


def at_cases(server: ModelServer, **behaviours: Behaviour) -> Behaviour:
    """These behaviours for these cases, and a valid answer to all else."""

    async def behave(body: Body) -> StreamResponse:
        return await behaviours.get(case_of(body), server.answers)(body)

    return behave


def after(number: int, last: Behaviour, before: Behaviour) -> Behaviour:
    """`before` for so many requests, then `last`."""
    left = number

    async def behave(body: Body) -> StreamResponse:
        nonlocal left
        left -= 1
        return await (before if left >= 0 else last)(body)

    return behave
