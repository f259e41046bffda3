"""The values that travel between the rooms. All frozen, none of them knows a database, a client or an environment.

Dataclasses, not Pydantic models, because importing `ace` must cost milliseconds and because these values are made by us;
Pydantic stands where text from outside comes in (the replies of models, files).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

JSON = Any
"""Anything that `json.dumps` writes: None, bool, int, float, str, and lists and string-keyed mappings of these."""

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

UNVERIFIED = "unverified"
"""The origin of every task whose sender was not authenticated: all of these are one origin together, under any names."""


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(*parts: JSON) -> str:
    """SHA-256 (hex, 64 characters) of the canonical JSON of `parts`."""
    return hashlib.sha256(_CANONICAL.encode(parts).encode("utf-8", "surrogatepass")).hexdigest()


def derive_seed(*parts: JSON) -> int:
    """A seed in [0, 2**63) that depends on nothing but `parts`."""
    return int(digest(*parts)[:16], 16) >> 1


class Verdict(StrEnum):
    """The three-valued outcome. `invalid` says nothing about the agent: it is never learned from nor counted as failure."""

    SUCCESS = "success"
    FAILURE = "failure"
    INVALID = "invalid"


class Trust(StrEnum):
    """Whether what an episode says may be relied on. What was learned from untrusted episodes alone is not shown where work is
    done or measured."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `score` in [0, 1] if the environment gives one; `feedback` is its text for the learner, often
    empty; `reason` says why an outcome is invalid, or which limit made it a failure."""

    verdict: Verdict
    score: float | None = None
    feedback: str = ""
    reason: str = ""

    @property
    def success(self) -> bool:
        return self.verdict is Verdict.SUCCESS

    @property
    def valid(self) -> bool:
        return self.verdict is not Verdict.INVALID


def success(feedback: str = "", score: float | None = None) -> Outcome:
    return Outcome(Verdict.SUCCESS, score, feedback)


def failure(feedback: str = "", score: float | None = None, reason: str = "") -> Outcome:
    return Outcome(Verdict.FAILURE, score, feedback, reason)


def invalid(reason: str) -> Outcome:
    return Outcome(Verdict.INVALID, reason=reason)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `text` is its statement, as the agent will see it; `data` is for the environment alone (the facts of
    the case, the answer) and reaches no prompt. `id` is unique in its environment. `kind` is its type (a topic, a form of
    question), by which attempts are compared; one line of at most 100 characters, or empty. It reaches no prompt, and must
    not give the answer away. `origin` says who wrote the text, as far as the environment knows because it authenticated the
    sender: empty for the environment itself, `UNVERIFIED` where the sender was not authenticated; one line of at most 200
    characters, never read from the text."""

    id: str
    text: str
    split: Split = "train"
    data: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    origin: str = ""

    @property
    def key(self) -> str:
        """Content hash: two tasks with the same text and data are the same task. Ids, kinds and origins do not count: what is
        held out stays apart from what is learned from by content, and not by who wrote it."""
        return digest(self.text, json.loads(json.dumps(dict(self.data), sort_keys=True, default=str)))[:32]


@dataclass(frozen=True, slots=True)
class Observation:
    """What the agent sees. `actions` can be taken and the attempt goes on (it may also end it); `answers` end it. Both are
    exact texts to choose from; where both are empty the agent writes freely."""

    text: str
    actions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionScore:
    """How likely a model finds `option` as its next answer: `logprob` is the sum of the natural log-probabilities of the first
    `tokens` tokens of its text (of the first alone, or of all); `None` where the server did not say. `empty` is the same in a
    prompt without the case, where that was asked too."""

    option: str
    logprob: float | None = None
    tokens: int = 0
    empty: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One action and what came of it: an observation, or nothing when the attempt ended with it. `thought` is what the
    agent gave as its reason; `cited` are the bullets it said it used for this step. `scores` are those of the listed options,
    where the action was chosen by them."""

    action: str
    observation: Observation | None = None
    thought: str = ""
    cited: tuple[str, ...] = ()
    scores: tuple[OptionScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What model calls cost. `calls` are requests sent, failed ones included. Tokens are the provider's counts.
    `cost_usd` is `None` when a price is unknown, never 0 for that reason. `seconds` are spent waiting for models, summed.
    `estimated` of the tokens were estimated, because the provider does not count them."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        cost = None if self.cost_usd is None or other.cost_usd is None else self.cost_usd + other.cost_usd
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            cost,
            self.seconds + other.seconds,
            self.estimated + other.estimated,
        )

    def listed(self) -> list[JSON]:
        """The values in order, as `Usage(*...)` takes them; without `estimated` where that is 0."""
        row = [self.calls, self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.cost_usd, self.seconds]
        return [*row, self.estimated] if self.estimated else [*row]

    def as_json(self) -> dict[str, int | float | None]:
        return {
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "completion_tokens": self.completion_tokens,
            "estimated_tokens": self.estimated,
            "cost_usd": self.cost_usd,
        }


@dataclass(frozen=True, slots=True)
class Exposure:
    """Bullet `bullet` at `version` was shown in a prompt, at `position` (from 0), or was eligible and left out of it (`shown`
    false), by chance or by a mask. `probability` is the chance that it had to be shown; `policy` says how it was eligible:
    `all` bullets were, or those `relevant` to the task; or that it was `masked`, because it harms in tasks of this kind.
    `cited`: the agent said it used the bullet."""

    bullet: str
    version: int
    position: int
    shown: bool = True
    probability: float = 1.0
    policy: str = "all"
    cited: bool = False


@dataclass(frozen=True, slots=True)
class Render:
    """What an attempt was shown of playbooks: `text` as it stood in the prompt, the revisions it drew on and the exposures."""

    text: str
    revisions: tuple[str, ...] = ()
    exposures: tuple[Exposure, ...] = ()

    @property
    def hash(self) -> str:
        return digest(self.text)


@dataclass(frozen=True, slots=True)
class Episode:
    """One attempt at one task. `id` is unique and derived from the unit of work it is, so that doing the work again gives the
    same id. `prompt_hash` is of the first request's messages. `seconds` is wall time. `trust` is untrusted where the task's
    origin is `UNVERIFIED`, also where it was not said."""

    id: str
    task: Task
    attempt: int
    phase: str
    epoch: int
    seed: int
    first: Observation
    steps: tuple[Step, ...]
    outcome: Outcome
    render: Render
    prompt_hash: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0
    trust: Trust = Trust.TRUSTED

    def __post_init__(self) -> None:
        if self.task.origin == UNVERIFIED:
            object.__setattr__(self, "trust", Trust.UNTRUSTED)

    @property
    def origin(self) -> str:
        """Who wrote the task's text (`Task.origin`)."""
        return self.task.origin

    @property
    def cited(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c for step in self.steps for c in step.cited))


class Vote(StrEnum):
    """The reflector's opinion of a bullet in one episode. Opinion, not evidence: evidence is the exposure and the outcome."""

    HELPFUL = "helpful"
    HARMFUL = "harmful"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Reflection:
    """The reflector's diagnosis of one episode, verbatim. `situation` states in one line the facts of the case that may
    matter, `choice` what was done, `lesson` what to do next time; `votes` pair bullet ids with opinions."""

    episode: str
    situation: str
    choice: str
    diagnosis: str
    lesson: str
    votes: tuple[tuple[str, Vote], ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Past:
    """A past episode in one line, as evidence for the curator: `won` is its verdict, `revealed` what the environment said of
    the right answer, if it says such things; `cited` are the bullets the agent used. `task` is the content hash of its task,
    `attempt` its number among the attempts at that case (from 1), `kind` the task's type."""

    episode: str
    situation: str
    choice: str
    won: bool
    revealed: str = ""
    cited: tuple[str, ...] = ()
    task: str = ""
    attempt: int = 1
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """How often a bullet was shown and cited, and what came of it: evidence counts over valid episodes, votes beside them."""

    shown_won: int = 0
    shown_lost: int = 0
    cited_won: int = 0
    cited_lost: int = 0
    helpful: int = 0
    harmful: int = 0
    neutral: int = 0
