"""What a model is: something that answers one request. Wrappers (retry, budget, journal, record) are models too.

One method, async. A reply that does not parse is a reply (it cost money), never an exception; exceptions are for transport and
servers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ace.errors import BadSetting
from ace.keys import refuse_keys
from ace.types import OptionScore, Usage, digest

if TYPE_CHECKING:
    from pydantic import BaseModel

RoleName = Literal["generator", "reflector", "curator", "gate", "dispatcher", "strong"]

Stop = Literal["", "stop", "length", "refusal", "other"]
"""Why a reply ended: by itself, at the token limit, because the model or its provider would not answer, or for another
reason (a tool call); empty where the provider does not say."""


class Form(StrEnum):
    """How a reply came. Journaled with it, so that replies can be counted by form."""

    CLEAN = "clean"
    """What was asked for and nothing else."""
    FENCED = "fenced"
    """In a code fence."""
    PREFIXED = "prefixed"
    """With prose around it."""
    THINKING = "thinking"
    """After thoughts in tags."""
    REPAIRED = "repaired"
    """Not quite JSON (a trailing comma, single quotes), but with one possible meaning."""
    TRUNCATED = "truncated"
    """Cut off before its end: not read, because nothing may be invented."""
    REFUSED = "refused"
    """The model, or its provider's filter, would not answer."""
    EMPTY = "empty"
    MALFORMED = "malformed"
    """No JSON object in it, more than one, or one that cannot be read."""
    INVALID = "invalid"
    """JSON, but not of the shape asked for."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `role` is `system`, `user` or `assistant`. `stable` marks the end of a prefix that later requests
    will repeat: a hint for providers whose prompt caches want a marker."""

    role: Literal["system", "user", "assistant"]
    content: str
    stable: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample. `None` leaves the provider's default. `temperature` 0 asks for the most likely answer; `max_tokens`
    bounds the completion; `extra` goes to the provider as it is, with `env:VARIABLE` in it read from the environment. `explore`
    in [0, 1] is how often a model that can choose by chance should: above 0 while learning, 0 when evaluating; language models
    are not sent it. `alpha` is how much of what the playbook changes proxy decoding adds, 1 where it is not given; below 0 it
    turns away from the playbook. Raises `BadSetting` for a number that no provider takes, and for an `extra` that has a key."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None
    explore: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)
    alpha: float | None = None

    def __post_init__(self) -> None:
        refuse_keys(self.extra, "extra parameter")
        _refuse_number("temperature", self.temperature, 0, math.inf, "a number, 0 or more")
        _refuse_number("top_p", self.top_p, 0, 1, "a number from 0 to 1")
        _refuse_number("max_tokens", self.max_tokens, 1, math.inf, "a whole number, 1 or more")
        _refuse_number("alpha", self.alpha, -math.inf, math.inf, "a finite number: 0 is the base, 1 the whole difference")


_MOST = sys.float_info.max


def _refuse_number(name: str, value: object, least: float, most: float, accepted: str) -> None:
    """Raise `BadSetting` for a `value` that is given and is not a finite number from `least` to `most`. NaN is in no range."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and -_MOST <= value <= _MOST and least <= value <= most):  # type: ignore[operator]
        raise BadSetting(f"{name} is {value!r:.80}; it must be {accepted}")


def never() -> bool:
    """Never: the request is not to be stopped."""
    return False


def uncounted(usage: Usage) -> None:
    """Keep no count of what tries cost."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. `response` is the Pydantic type the reply should have, or `None` for free text; `seed` fixes
    what a model of ours draws by chance (language models are not sent it); `timeout` bounds one request, in seconds.
    `stopping` says whether the person wants to stop: what is paid for is then finished, and nothing new begun or waited for.
    `charged` is told what each try that was sent cost, also where the call is ended before it gives anything.

    With `options` nothing is written: the reply tells how likely the model finds each of these texts as the next message. One
    alone is scored by all of its tokens; of several the beginning that they have in common is, and the token in which each
    parts from all others (`Reply.scores`).

    `without` are the same messages with an empty playbook, where one was shown: proxy decoding asks both, and no other model is
    sent them."""

    role: RoleName
    messages: tuple[Message, ...]
    response: type[BaseModel] | None = None
    sampling: Sampling = Sampling()
    seed: int = 0
    timeout: float = 120.0
    options: tuple[str, ...] = ()
    without: tuple[Message, ...] = field(default=(), compare=False, repr=False)
    stopping: Callable[[], bool] = field(default=never, compare=False, repr=False)
    charged: Callable[[Usage], None] = field(default=uncounted, compare=False, repr=False)

    @property
    def hash(self) -> str:
        """Identity of the request: role, messages, shape of the reply, sampling, seed, and options where it has any; not how
        long it may take."""
        return digest(
            self.role,
            [[m.role, sha256(m.content.encode("utf-8", "surrogatepass")).hexdigest()] for m in self.messages],
            self.response.__name__ if self.response else None,
            [
                self.sampling.temperature,
                self.sampling.top_p,
                self.sampling.max_tokens,
                self.sampling.reasoning_effort,
                self.sampling.explore,
                dict(self.sampling.extra),
                *([] if self.sampling.alpha is None else [self.sampling.alpha]),
            ],
            self.seed,
            *([list(self.options)] if self.options else []),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer. `parsed` is an instance of the request's `response`, or `None` with `problem` saying why it did not
    parse; `form` says how it came and `stop` why it ended. `usage` covers every request that was sent for it, failed ones
    included.

    Where options were asked for, `scores` has one for each, in order, with a `logprob` where it is known; `text` is the same as
    JSON, and `whole` says whether more than first tokens can be scored, so that asking for fewer options tells more."""

    text: str
    parsed: BaseModel | None = None
    problem: str = ""
    usage: Usage = Usage()
    form: Form = Form.CLEAN
    stop: Stop = ""
    scores: tuple[OptionScore, ...] = ()
    whole: bool = False


class Model(Protocol):
    """Anything that answers requests. `name` identifies it in runs and ledgers."""

    @property
    def name(self) -> str: ...

    async def complete(self, request: Request) -> Reply:
        """Answer `request`. Raises `ModelError` (transport, server) or `ModelRefused` (no retry helps)."""
        ...

    async def close(self) -> None:
        """Free connections. Called once, in the event loop that made the calls."""
        ...
