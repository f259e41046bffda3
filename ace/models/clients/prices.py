"""What a model costs, where that is known.

Prices are those of the map that comes with litellm, read as a file, because importing litellm to look up one number costs two
seconds. A model goes by the name it is sold under, wherever it is served. Unknown is `None`, never 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ace.errors import BadSetting

_MAP = "model_prices_and_context_window_backup.json"
_FREE = ("novice", "local:", "manual:", "replay:")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token: of the prompt, of that part of it that the provider had cached, and of the completion."""

    prompt: float
    cached: float
    completion: float

    def expected_cost(self, prompt_tokens: float, completion_tokens: float, cached_tokens: float = 0) -> float:
        """What so many tokens cost, in US dollars. `cached_tokens` are among the prompt's."""
        fresh = max(0.0, prompt_tokens - cached_tokens)
        return fresh * self.prompt + cached_tokens * self.cached + completion_tokens * self.completion


def price(model: str) -> Price | None:
    """The price of `model`, named as for `ace run --model`; zero for models without a provider; `None`: unknown."""
    if model == _FREE[0] or model.startswith(_FREE[1:]):
        return Price(0.0, 0.0, 0.0)
    row = _row(model)
    if row is None:
        return None
    prompt, written = row.get("input_cost_per_token"), row.get("output_cost_per_token")
    cached = row.get("cache_read_input_token_cost")
    if not isinstance(prompt, int | float) or not isinstance(written, int | float):
        return None
    return Price(float(prompt), float(cached if isinstance(cached, int | float) else prompt), float(written))


def sold_by(model: str) -> str:
    """The provider under which a bare name such as `gpt-5-mini` is sold; empty where there is none of that name."""
    row = _prices().get(model)
    return str(row.get("litellm_provider", "")) if row else ""


def require_prices(models: Iterable[str]) -> None:
    """Raise `BadSetting` where one of `models` has no known price, so that a limit on dollars could not be kept."""
    for model in models:
        if price(model) is None:
            raise BadSetting(
                f"the price of {model} is unknown, so a limit in dollars cannot be kept; limit tokens or calls instead"
            )


def _row(model: str) -> Mapping[str, Any] | None:
    prices = _prices()
    if model in prices:
        return prices[model]
    provider, _, name = model.partition("/")
    row = prices.get(name)
    return row if row and row.get("litellm_provider") == provider else None


@cache
def _prices() -> Mapping[str, Mapping[str, Any]]:
    from importlib.util import find_spec

    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    try:
        read: dict[str, Mapping[str, Any]] = json.loads(Path(spec.origin).with_name(_MAP).read_text(encoding="utf-8"))
    # Another version may keep its map elsewhere: then no price is known.
    except (OSError, ValueError):
        return {}
    return {name: row for name, row in read.items() if isinstance(row, dict)}
