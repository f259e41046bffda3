"""The decisions of stored attempts that can be probed: those whose request can be made again and whose reasoning is visible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ace.experiments.faithfulness.probes import segments
from ace.memory.store import Store
from ace.models.contract import Message
from ace.runs.asked import purged, requests
from ace.types import Episode, derive_seed


@dataclass(frozen=True, slots=True)
class PastDecision:
    """The last decision of an attempt: what was asked (`messages`), the reasoning it gave, in its `parts`, the `action` taken,
    and the bullets `cited` for it. `seed` is that of its request, `run` the run whose model decided."""

    episode: str
    run: str
    messages: tuple[Message, ...]
    parts: tuple[str, ...]
    action: str
    cited: tuple[str, ...]
    seed: int


@dataclass(slots=True)
class Looked:
    """How many attempts were looked at, and how many of them could not be probed, by the reason."""

    attempts: int = 0
    unclear: int = 0
    unreasoned: int = 0


def decisions(store: Store, episodes: Sequence[Episode], most: int, looked: Looked) -> Iterator[PastDecision]:
    """At most `most` decisions of `episodes`, spread evenly over them, those that measured first."""
    measured = [e for e in episodes if e.phase != "learn"]
    found = 0
    for e in (*_spread(measured, most), *_spread([e for e in episodes if e.phase == "learn"], most)):
        if found == most:
            return
        looked.attempts += 1
        if (made := _decision(store, e, looked)) is not None:
            found += 1
            yield made


def _spread(episodes: Sequence[Episode], most: int) -> list[Episode]:
    """`episodes` in an order in which the first `most` are spread evenly over all."""
    valid = [e for e in episodes if e.outcome.valid and e.steps and not purged(e)]
    step = max(1, len(valid) // max(1, most))
    return [e for start in range(step) for e in valid[start::step]]


def _decision(store: Store, e: Episode, looked: Looked) -> PastDecision | None:
    last = e.steps[-1]
    parts = segments(last.thought)
    if not parts:
        looked.unreasoned += 1
        return None
    asked = [a for a in requests(store, e) if a.role == "generator" and a.reply is not None]
    # A second chance to give a readable reply makes a request of its own, and its reply decided.
    if not asked or not asked[-1].exact:
        looked.unclear += 1
        return None
    seed = derive_seed(e.seed, len(e.steps) - 1)
    return PastDecision(e.id, asked[-1].run, asked[-1].messages, tuple(parts), last.action, last.cited, seed)
