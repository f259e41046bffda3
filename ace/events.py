"""What the loop says while it works: one union of frozen events.

The loop never prints. A program that shows, logs or counts passes a listener; a listener that raises stops the work, so that
nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ace.types import Episode, Reflection, Usage


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began, or goes on: `done` of `total` cases were committed before, with so many `reflections`, operations `accepted`
    and `refused`, and `invalid` attempts; `bullets` is the playbook's size and `tokens` what the run took so far. `revision` of
    the playbook is measured, where nothing is learned; else it is `None`."""

    run: str
    playbook: str
    total: int
    done: int
    revision: int | None = None
    reflections: int = 0
    accepted: int = 0
    refused: int = 0
    invalid: int = 0
    bullets: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """`phase` is `before`, `start`, `learn`, `after` or `eval`; `episodes` is how many cases it has, of which `done` were
    committed before."""

    phase: str
    episodes: int
    done: int = 0


@dataclass(frozen=True, slots=True)
class EpisodeEnded:
    """One attempt is over. It is not committed yet."""

    episode: Episode


@dataclass(frozen=True, slots=True)
class Reflected:
    """The reflector has diagnosed an episode."""

    reflection: Reflection


@dataclass(frozen=True, slots=True)
class GatePlayed:
    """Gate `gate` has had so many `attempts` played for a judgement that it has not made yet; two are a pair, one with the
    change and one without it, where the gate compares the two."""

    gate: str
    attempts: int


@dataclass(frozen=True, slots=True)
class BatchCommitted:
    """A batch is durable. `accepted` and `refused` count operations; `revision` is the playbook's number, `bullets` its size;
    `usage` is of the whole run so far."""

    phase: str
    episodes: int
    accepted: int
    refused: int
    revision: int
    bullets: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the person should know and that does not stop the work."""

    text: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over or stopped: `status` as stored, `result` what is known so far."""

    run: str
    status: str
    usage: Usage


Event = RunStarted | PhaseStarted | EpisodeEnded | Reflected | GatePlayed | BatchCommitted | Warned | RunEnded
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """The listener that does nothing."""
