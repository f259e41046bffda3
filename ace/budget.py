"""Limits on what a run may spend, and the ledger that keeps them.

A request is reserved before it is sent and charged when it ends, with a reply or without, before it is parsed. So the limit on
calls is exact however many are in flight; tokens and dollars are known only afterwards and can be overshot by what was in
flight when the limit was met. When the time is up requests in flight are ended; what they cost is unknown. The limits are kept
with the run, and hold when it is resumed unless others are stated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated

from ace.errors import BadSetting, LimitReached, as_given
from ace.flags import COMMANDS, Flag
from ace.types import JSON, Usage


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent; `None` means unlimited. `usd` in US dollars, `tokens` of prompts and completions together,
    `calls` as requests sent, failed ones included, `seconds` of wall time. Raises `BadSetting` unless all are above 0."""

    usd: Annotated[float | None, Flag("Stop before spending more dollars than this.", key="max-usd", doors=COMMANDS)] = None
    tokens: Annotated[int | None, Flag("Stop before using more tokens than this.", key="max-tokens-total", doors=COMMANDS)] = (
        None
    )
    calls: Annotated[int | None, Flag("Stop before sending more requests than this.", key="max-calls", doors=COMMANDS)] = None
    seconds: Annotated[
        float | None,
        Flag("Stop after this many seconds; requests in flight are cancelled.", key="max-seconds", doors=COMMANDS),
    ] = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadSetting(f"{as_given(field.name, _OPTIONS[field.name])} is {value!r:.80}; it must be a number")
            try:
                shown, finite = f"{value:g}", math.isfinite(value)
            except OverflowError:
                shown, finite = "a number of hundreds of digits", False
            if not (value > 0 and finite):
                accepted = "more than 0" if finite else "a finite number, more than 0"
                raise BadSetting(
                    f"{as_given(field.name, _OPTIONS[field.name])} is {shown}; it must be {accepted}, or not given"
                )

    def as_json(self) -> dict[str, JSON]:
        """The limits that are set, by name."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}

    def over(self, kept: Mapping[str, JSON]) -> Budget:
        """These limits, and those of `kept` (as of `as_json`) that are not stated here."""
        return Budget(**{**kept, **self.as_json()})

    def require_room(self, kept: Mapping[str, JSON], spent: Usage, what: str) -> None:
        """Raise `BadSetting` where a limit stated here, other than the one `kept`, is below what `what` has `spent` before: it
        would be met before anything is done. Seconds count anew, and so do dollars where the cost of some calls is unknown."""
        for name, most in self.as_json().items():
            gone = spent_of(spent, name)
            if gone is not None and gone >= most and kept.get(name) != most:
                raise BadSetting(
                    f"{as_given(name, _OPTIONS[name])} is {amount(name, most)}, and {what} has spent {amount(name, gone)} "
                    "already, which count; give more than that, or leave it out"
                )


_OPTIONS = {"usd": "max-usd", "tokens": "max-tokens-total", "calls": "max-calls", "seconds": "max-seconds"}


def spent_of(spent: Usage, limit: str) -> float | None:
    """What of `spent` counts for a limit, by its name; `None` where none does or it is unknown."""
    tokens = spent.prompt_tokens + spent.completion_tokens
    return {"usd": spent.cost_usd, "tokens": tokens, "calls": spent.calls}.get(limit)


def amount(limit: str, of: float) -> str:
    """An amount in the unit of `limit`."""
    return f"${of:,.6g}" if limit == "usd" else f"{of:,.0f}"


class Ledger:
    """What has been spent of a budget. `spent` is what a resumed run had spent before; `clock` counts seconds, from now on.
    Where the cost of what was spent before is unknown, a limit on dollars that was stated `anew` counts from now on."""

    def __init__(
        self,
        budget: Budget,
        spent: Usage = Usage(),  # noqa: B008
        clock: Callable[[], float] = time.monotonic,
        *,
        anew: bool = False,
    ) -> None:
        self.budget, self.spent = budget, spent
        self._usd = 0.0 if anew and spent.cost_usd is None else spent.cost_usd
        self._clock, self._began, self._reserved = clock, clock(), 0
        self._why = ""

    def reserve(self) -> None:
        """Room for one request, to be settled when it ends. Raises `LimitReached`, naming the limit and what was spent."""
        b, u = self.budget, self.spent
        if b.calls is not None and u.calls + self._reserved >= b.calls:
            # Those in flight will have been sent when this is read.
            raise self._reached("calls", f"{b.calls:,} call{'s' * (b.calls != 1)}", u.calls + self._reserved)
        if b.tokens is not None and u.prompt_tokens + u.completion_tokens >= b.tokens:
            raise self._reached("tokens", f"{b.tokens:,} token{'s' * (b.tokens != 1)}", u.calls)
        if b.usd is not None and self._usd is None:
            unknown = f"the cost of a call is unknown; {as_given('max_usd')} stated anew counts from then on"
            raise self._stop("usd", f"the limit of ${b.usd:g} can no longer be kept ({unknown})", u.calls)
        if b.usd is not None and self._usd is not None and self._usd >= b.usd:
            raise self._reached("usd", f"${b.usd:g}", u.calls)
        if b.seconds is not None and self.is_late():
            raise self._reached("seconds", f"{b.seconds:,g} seconds", u.calls)
        self._reserved += 1

    def is_late(self) -> bool:
        """Whether the time is up."""
        return self.budget.seconds is not None and self._clock() - self._began >= self.budget.seconds

    def left(self) -> float | None:
        """Seconds until the time is up, 0 if it is; `None` without a limit on time."""
        if self.budget.seconds is None:
            return None
        return max(0.0, self.budget.seconds - (self._clock() - self._began))

    def spent_by_limit(self) -> dict[str, float]:
        """What has been spent of each limit that is set, by its name; one on dollars is left out while the cost is unknown."""
        u, seconds = self.spent, self._clock() - self._began
        spent = {"usd": self._usd, "tokens": u.prompt_tokens + u.completion_tokens, "calls": u.calls, "seconds": seconds}
        return {name: found for name in self.budget.as_json() if (found := spent[name]) is not None}

    def late(self) -> LimitReached:
        """The limit on time, met while a request was in flight."""
        return self._reached("seconds", f"{self.budget.seconds:,g} seconds", self.spent.calls + self._reserved)

    def settle(self, usage: Usage) -> None:
        """A reserved request has ended and cost `usage`."""
        self._reserved -= 1
        self.spent += usage
        self._usd = None if self._usd is None or usage.cost_usd is None else self._usd + usage.cost_usd

    def _reached(self, limit: str, amount: str, calls: int) -> LimitReached:
        return self._stop(limit, f"the limit of {amount} is reached", calls)

    def _stop(self, limit: str, why: str, calls: int) -> LimitReached:
        self._why = why
        return LimitReached(self._said(calls), limit)

    def restated(self, limit: LimitReached) -> LimitReached:
        """`limit` with what was spent by now: what was in flight when it was met has come since."""
        limit.args = (self._said(self.spent.calls),) if self._why else limit.args
        return limit

    def _said(self, calls: int) -> str:
        u = self.spent
        cost = "at a cost that is not known" if u.cost_usd is None else f"for ${u.cost_usd:,.4f}" if u.cost_usd else "for $0"
        tokens = u.prompt_tokens + u.completion_tokens
        seconds = self._clock() - self._began
        guessed = f" ({_about(u.estimated)} estimated)" if u.estimated else ""
        made = f"{calls:,} call{'s' * (calls != 1)}"
        return f"{self._why}: {made} and {_about(tokens)} tokens{guessed} were spent, {cost}, in {seconds:,.0f} seconds"


def _about(tokens: int) -> str:
    """Tokens to the thousand, and from a million on to two or three figures."""
    return f"{tokens / 1e6:.1f} M" if tokens >= 1e6 else f"{tokens:,}"
