"""The settings of the curator's evidence, stated once for every strategy that curates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Shown:
    """What the curator is shown beside the lessons and the new attempts. A strategy takes it as its keyword `shown`; by name
    each field is a setting of that strategy."""

    evidence: Annotated[int, "Past wins, and as many losses, shown to the curator for each bullet."] = 200
    evidence_tokens: Annotated[int, "Tokens that past attempts may take in the curator's prompt."] = 20000


STOCK_SHOWN = Shown()
