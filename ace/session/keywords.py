"""The settings of a run as keywords of the library, for type checkers: objects may stand where the settings have names.

Their meaning is the help of the fields of `RunSettings`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from ace.budget import Budget
from ace.types import JSON


class SharedKeywords(TypedDict, total=False):
    """The settings that both `ace.Learner` and `playbook.learn` take, with the types that Python may give."""

    reflector_model: object
    curator_model: object
    strategy_settings: Mapping[str, object] | None
    gates: Sequence[object]
    gate_settings: Mapping[str, object] | None
    review: bool
    hold_sensitive: bool
    batch: int
    timeout: float
    api_base: str
    prompts: str | Path | Mapping[str, str]
    context: int | Mapping[str, int] | None
    concurrency: int
    budget: Budget


class LearnerKeywords(SharedKeywords, total=False):
    """The settings that `ace.Learner` takes."""

    model: object
    proxy: str
    strategy: object
    settings: Mapping[str, object] | None
    playbook: str
    epochs: int
    retries: int | None
    holdout: float
    mask: bool
    gate_alpha: float
    gate_pairs: int
    gate_every: int
    gate_eps: float
    seed: int
    answering: str
    per_token: bool
    calibrated: bool
    learn_only: bool
    sampling: Mapping[str, JSON] | None


class LearnKeywords(SharedKeywords, total=False):
    """The settings that `playbook.learn` takes."""

    strategy: str
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    reasoning_effort: str | None
    extra: Mapping[str, JSON]
