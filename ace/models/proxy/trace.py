"""Where a playbook moved what a model says: a reply that was written, gone over again token by token with two prompts.

Nothing of the logits is stored with an attempt. They are computed again here from the same prompts, evaluated token by token as
they were, so on the same machine they are the same to the last bit; on another one they differ in the last digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ace.errors import BadInput
from ace.models.contract import Message, Request
from ace.models.proxy.arithmetic import divergence, likeliest, log_total
from ace.models.proxy.decoding import Proxied, Three
from ace.models.proxy.engine import Weights
from ace.models.proxy.options import likely
from ace.models.proxy.template import prompts
from ace.types import JSON


@dataclass(frozen=True, slots=True)
class MovedToken:
    """One token of a reply. `divergence` is the Kullback-Leibler divergence of the small model's distribution without the
    playbook from the one with it, in nats; `shown`, `bare`, `base` and `combined` are the token's probabilities with the
    playbook, without it, by the base, and by the sum; `likeliest` is whether it is the likeliest by the sum, and `instead` the
    text of the base's likeliest token where that is another one."""

    text: str
    divergence: float
    shown: float
    bare: float
    base: float
    combined: float
    likeliest: bool
    instead: str

    def as_json(self) -> dict[str, JSON]:
        row = {"token": self.text, "kl": self.divergence, "with": self.shown, "without": self.bare, "base": self.base}
        row |= {"combined": self.combined}
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} | {
            "likeliest": self.likeliest,
            "instead": self.instead,
        }


@dataclass(frozen=True, slots=True)
class MovedOption:
    """One listed option: its log-probability with the playbook, without it, by the base, and by the sum, in nats."""

    option: str
    shown: float
    bare: float
    base: float
    combined: float

    @property
    def moved(self) -> float:
        """What the playbook adds to it."""
        return self.shown - self.bare

    def as_json(self) -> dict[str, JSON]:
        row = {"with": self.shown, "without": self.bare, "base": self.base, "combined": self.combined, "moved": self.moved}
        return {"option": self.option, **{name: round(value, 6) for name, value in row.items()}}


class Tracing:
    """Replies gone over with two models, or one as both, and `alpha`. Raises `BadInput` for two vocabularies."""

    def __init__(self, base: Weights, small: Weights, alpha: float) -> None:
        self._base, self._source, self.alpha = base, Proxied(base, small, alpha), alpha

    def tokens(self, request: Request, reply: str) -> Iterator[MovedToken]:
        """The tokens of `reply` to `request`, one after the other. The reply's text is cut into tokens again, which may be
        others of the same text than those it was written with."""
        shown, bare = self._asked(request)
        at = self._source.first(shown, bare)
        tokens = self._base.tokens(reply)
        for n, token in enumerate(tokens):
            yield self._moved(at, token)
            if n + 1 < len(tokens):
                at = self._source.next(token)

    def options(self, request: Request) -> list[MovedOption]:
        """The listed options of `request`."""
        first = self._source.first(*self._asked(request))
        found = likely(first, self._source, [self._base.tokens(o) for o in request.options])
        rows = zip(request.options, found, strict=True)
        return [MovedOption(o, f.shown, f.bare, f.base, f.combined(self.alpha)) for o, f in rows]

    def close(self) -> None:
        """Frees the sequences; the models are the caller's."""
        self._source.close()

    def _asked(self, request: Request) -> tuple[Sequence[Message], Sequence[Message]]:
        if not request.without:
            raise BadInput("it was shown nothing of a playbook, so there is nothing that could have moved what the model says")
        return prompts(request)

    def _moved(self, at: Three, token: int) -> MovedToken:
        total = at.combined(self.alpha)
        best = likeliest(at.base)

        def share(row: list[float]) -> float:
            return math.exp(row[token] - log_total(row))

        return MovedToken(
            self._text(token),
            divergence(at.shown, at.bare),
            share(at.shown),
            share(at.bare),
            share(at.base),
            share(total),
            likeliest(total) == token,
            "" if best == token else self._text(best),
        )

    def _text(self, token: int) -> str:
        return self._base.piece(token).decode("utf-8", "backslashreplace") or f"(token {token})"
