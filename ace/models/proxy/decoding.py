"""Streams of logits, plain and combined, and the loop that writes a reply token by token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from ace.models.contract import Message, Sampling, Stop
from ace.models.proxy.arithmetic import combined, drawn, likeliest
from ace.models.proxy.engine import Before, Streams, Weights, nothing
from ace.models.proxy.gguf import require_same_vocabulary
from ace.models.proxy.sums import SumOfLogits

Pick = Callable[[list[float]], int]


class LogitSource(Protocol):
    """Where the logits of a reply come from."""

    @property
    def left(self) -> int: ...

    def step(self, token: int) -> list[float]: ...

    def greedy(self, token: int) -> int:
        """The likeliest token after `token`."""
        ...


@dataclass(frozen=True, slots=True)
class Three:
    """The logits of one position: of the base, and of the small model with and without the playbook. With one model the base
    is what it gives without."""

    base: list[float]
    shown: list[float]
    bare: list[float]

    def combined(self, alpha: float) -> list[float]:
        return combined(self.base, self.shown, self.bare, alpha)


class Alone:
    """The logits of one model, asked `messages`."""

    def __init__(self, weights: Weights, *, before: Before = nothing) -> None:
        self.weights = weights
        self._streams = Streams(weights, 1, before=before)
        self._sum = SumOfLogits(weights.size)

    def begin(self, messages: Sequence[Message], bare: Sequence[Message] = ()) -> list[float]:
        """The logits of the first token of the reply to `messages`; to `bare` nothing is asked."""
        return self._streams.begin([self.weights.prompt(messages)])[0]

    def step(self, token: int) -> list[float]:
        return self._streams.step(token)[0]

    def greedy(self, token: int) -> int:
        self._streams.passing(token, self._sum.put)
        return self._sum.likeliest()

    def first(self, messages: Sequence[Message], bare: Sequence[Message] = ()) -> Three:
        """The logits of the first token of a reply, as three that are the same."""
        row = self.begin(messages, bare)
        return Three(row, row, row)

    def next(self, token: int) -> Three:
        row = self.step(token)
        return Three(row, row, row)

    def back(self, count: int) -> None:
        self._streams.back(count)

    @property
    def left(self) -> int:
        return self._streams.left

    @property
    def read(self) -> int:
        """Tokens evaluated so far."""
        return self._streams.read

    @property
    def held(self) -> int:
        """Tokens of all sequences as they stand."""
        return self._streams.held

    def tokens(self, text: str) -> list[int]:
        return self.weights.tokens(text)

    def piece(self, token: int) -> bytes:
        return self.weights.piece(token)

    def ends(self, token: int) -> bool:
        return self.weights.ends(token)

    def close(self) -> None:
        self._streams.close()
        self._sum.close()


class Proxied:
    """`base + alpha * (small with - small without)`: the small model's two sequences in one batch, and the base beside them
    where it is another model (`base` is `small` where it is not). Raises `BadInput` for two vocabularies."""

    def __init__(self, base: Weights, small: Weights, alpha: float = 1.0, *, before: Before = nothing) -> None:
        self.base, self.small, self.alpha = base, small, alpha
        if base is not small:
            require_same_vocabulary(base.header, small.header)
        context = min(base.context, small.context)
        self._pair = Streams(small, 2, context, before=before)
        try:
            self._base = None if base is small else Streams(base, 1, context, before=before)
        except BaseException:
            self._pair.close()
            raise
        self._sum: SumOfLogits | None = None

    def begin(self, shown: Sequence[Message], bare: Sequence[Message]) -> list[float]:
        return self.first(shown, bare).combined(self.alpha)

    def step(self, token: int) -> list[float]:
        return self.next(token).combined(self.alpha)

    def greedy(self, token: int) -> int:
        if self._sum is None or self._sum.alpha != self.alpha:
            self._forget()
            self._sum = SumOfLogits(self.small.size, self.alpha, three=self._base is not None)
        total = self._sum
        self._pair.passing(token, total.put)
        if self._base:
            self._base.passing(token, lambda s, logits: total.put(2, logits))
        return total.likeliest()

    def first(self, shown: Sequence[Message], bare: Sequence[Message]) -> Three:
        """The logits of the first token of a reply, by what they come of."""
        base = self._base.begin([self.base.prompt(bare)]) if self._base else None
        return self._three(self._pair.begin([self.small.prompt(shown), self.small.prompt(bare)]), base)

    def next(self, token: int) -> Three:
        """The same after `token`."""
        return self._three(self._pair.step(token), self._base.step(token) if self._base else None)

    def back(self, count: int) -> None:
        """Take the last `count` tokens back."""
        self._pair.back(count)
        if self._base:
            self._base.back(count)

    @property
    def left(self) -> int:
        return min(self._pair.left, self._base.left if self._base else self._pair.left)

    @property
    def read(self) -> int:
        return self._pair.read + (self._base.read if self._base else 0)

    @property
    def held(self) -> int:
        return self._pair.held + (self._base.held if self._base else 0)

    def tokens(self, text: str) -> list[int]:
        return self.base.tokens(text)

    def piece(self, token: int) -> bytes:
        return self.base.piece(token)

    def ends(self, token: int) -> bool:
        return self.base.ends(token)

    def _forget(self) -> None:
        if self._sum is not None:
            self._sum.close()
            self._sum = None

    def close(self) -> None:
        self._forget()
        self._pair.close()
        if self._base:
            self._base.close()

    @staticmethod
    def _three(pair: list[list[float]], base: list[list[float]] | None) -> Three:
        shown, bare = pair
        return Three(base[0] if base else bare, shown, bare)


def picking(sampling: Sampling, seed: int) -> Pick:
    """How a token is chosen: the likeliest, unless a temperature above 0 is given; then by chance, the same for the same
    seed."""
    temperature = sampling.temperature or 0.0
    if not temperature:
        return likeliest
    random, top_p = Random(seed), 1.0 if sampling.top_p is None else sampling.top_p
    return lambda row: drawn(row, temperature, top_p, random)


def written(
    row: list[float], source: LogitSource, ends: Callable[[int], bool], pick: Pick, most: int
) -> Iterator[tuple[int, Stop]]:
    """The tokens of a reply whose first one has the logits `row`, at most `most`, each with why the reply ends after it: empty
    where it goes on. The token that ends a reply by itself is not given; a reply that is empty gives nothing."""
    token = pick(row)
    for count in range(1, most + 1):
        if ends(token):
            return
        if count == most or source.left < 1:
            yield token, "length"
            return
        yield token, ""
        token = source.greedy(token) if pick is likeliest else pick(source.step(token))
