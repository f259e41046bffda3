"""What the scores of a step say, in a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ace.types import OptionScore

_SHOWN = 5


def told(scores: Sequence[OptionScore]) -> str:
    """The shares of the likeliest options among all that were scored, as the model finds them; empty where there are none."""
    known = sorted(((s.logprob, s.option) for s in scores if s.logprob is not None), key=lambda pair: -pair[0])
    if not known:
        return ""
    total = sum(math.exp(logprob - known[0][0]) for logprob, _ in known)
    rows = [f"{option} {100 * math.exp(logprob - known[0][0]) / total:.0f} %" for logprob, option in known[:_SHOWN]]
    more, without = len(known) - _SHOWN, len(scores) - len(known)
    rows += [f"{more} more"] if more > 0 else []
    return ", ".join(rows) + (f" ({without} without a score)" if without else "")
