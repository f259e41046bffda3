"""Values to JSON and back.

What is read back equals what was written, with any characters that a model or an environment gave. JSON escapes what a
database text cannot hold; halves of characters (lone surrogates) make the whole document ASCII. A row that does not read back
was changed from outside: reading it raises `StoreDamaged`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

from ace.errors import StoreDamaged
from ace.playbooks.operations import Operation
from ace.types import (
    JSON,
    Episode,
    Exposure,
    Observation,
    OptionScore,
    Outcome,
    Past,
    Reflection,
    Render,
    Step,
    Task,
    Trust,
    Usage,
    Verdict,
    Vote,
)

P = ParamSpec("P")
T = TypeVar("T")


class StoredEpisode(NamedTuple):
    """What the columns of an episode hold that its JSON does not, and its JSON, `body`."""

    key: int
    id: str
    attempt: int
    phase: str
    epoch: int
    seed: int
    prompt_hash: str
    seconds: float
    body: str
    kind: str
    origin: str
    trust: str


class StoredExposure(NamedTuple):
    """A row of the exposures."""

    episode: int
    bullet: str
    version: int
    position: int
    shown: bool
    probability: float
    policy: str
    cited: bool


def of_stored(make: Callable[P, T]) -> Callable[P, T]:
    """`make`, which builds a value of what is stored; it raises `StoreDamaged` where that cannot be read any more."""

    @wraps(make)
    def made(*given: P.args, **named: P.kwargs) -> T:
        try:
            return make(*given, **named)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            what = f"something that is stored cannot be read any more ({type(error).__name__}: {error})"
            way_on = "`ace store check` says where, and `ace store restore` brings back the last backup"
            raise StoreDamaged(f"{what}; {way_on}") from error

    return made


def now() -> str:
    """The present, UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_PLAIN, _ASCII = (json.JSONEncoder(ensure_ascii=a, separators=(",", ":"), default=str) for a in (False, True))


def pack(value: JSON) -> str:
    """`value` as compact JSON."""
    text = _PLAIN.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ASCII.encode(value)
    return text


@of_stored
def unpack(text: str) -> JSON:
    return json.loads(text)


@of_stored
def unpack_as(kind: type[T], text: str) -> T:
    """What `text` holds, which has to be of `kind`: a value of another shape would be found out far from here."""
    value = json.loads(text)
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} where {kind.__name__} was written")
    return value


@of_stored
def operation(body: str) -> Operation:
    """An operation, from its JSON."""
    return Operation.from_json(json.loads(body))


def _observation_json(o: Observation) -> list[JSON]:
    return [o.text, list(o.actions), list(o.answers)]


def _observation(row: Sequence[JSON]) -> Observation:
    return Observation(row[0], tuple(row[1]), tuple(row[2]))


def _step_json(s: Step) -> list[JSON]:
    """A step in order; its scores stand at the end, where it has any."""
    row = [s.action, s.observation and _observation_json(s.observation), s.thought, list(s.cited)]
    return [*row, [[x.option, x.logprob, x.tokens, x.empty] for x in s.scores]] if s.scores else row


def _step(action: str, seen: JSON, thought: str, cited: Sequence[str], scores: Sequence[JSON] = ()) -> Step:
    observation = None if seen is None else _observation(seen)
    return Step(action, observation, thought, tuple(cited), tuple(OptionScore(*row) for row in scores))


def episode_json(e: Episode) -> dict[str, JSON]:
    """All of an episode but its render and what stands in columns."""
    return {
        "task": [e.task.id, e.task.text, e.task.split, dict(e.task.data)],
        "first": _observation_json(e.first),
        "steps": [_step_json(s) for s in e.steps],
        "outcome": [e.outcome.verdict.value, e.outcome.score, e.outcome.feedback, e.outcome.reason],
        "usage": e.usage.listed(),
    }


@of_stored
def episode(row: StoredEpisode, render: Render) -> Episode:
    """The episode of a row of the table and its render."""
    body = unpack(row.body)
    id, text, split, data = body["task"]
    verdict, score, feedback, reason = body["outcome"]
    return Episode(
        id=row.id,
        task=Task(id, text, split, data, row.kind, row.origin),
        attempt=row.attempt,
        phase=row.phase,
        epoch=row.epoch,
        seed=row.seed,
        first=_observation(body["first"]),
        steps=tuple(_step(*step) for step in body["steps"]),
        outcome=Outcome(Verdict(verdict), score, feedback, reason),
        render=render,
        prompt_hash=row.prompt_hash,
        usage=Usage(*body["usage"]),
        seconds=row.seconds,
        trust=Trust(row.trust),
    )


@of_stored
def exposure(row: StoredExposure) -> Exposure:
    return Exposure(
        row.bullet,
        row.version,
        row.position,
        bool(row.shown),
        row.probability,
        row.policy,
        bool(row.cited),
    )


def reflection_json(r: Reflection) -> dict[str, JSON]:
    return {
        "situation": r.situation,
        "choice": r.choice,
        "diagnosis": r.diagnosis,
        "lesson": r.lesson,
        "votes": [[b, v.value] for b, v in r.votes],
        "usage": r.usage.listed(),
    }


@of_stored
def reflection(episode: str, body: str) -> Reflection:
    row = unpack(body)
    return Reflection(
        episode,
        row["situation"],
        row["choice"],
        row["diagnosis"],
        row["lesson"],
        tuple((b, Vote(v)) for b, v in row["votes"]),
        Usage(*row["usage"]),
    )


@of_stored
def past(episode: str, won: bool, text: str) -> Past:
    situation, choice, revealed, cited = unpack(text)
    return Past(episode, situation, choice, won, revealed, tuple(cited))
