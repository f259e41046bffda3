"""How models sample, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from ace.flags import Door, Flag, Found
from ace.options import parameters
from ace.types import JSON


@dataclass(frozen=True, slots=True)
class Sampled:
    """How models sample, as it is stated; the provider's defaults where it is not."""

    temperature: Annotated[float | None, Flag("Sampling temperature; the provider's default if not given.")] = None
    top_p: Annotated[float | None, Flag("Nucleus sampling; the provider's default if not given.")] = None
    max_tokens: Annotated[int | None, Flag("Maximum length of a reply, in tokens.")] = None
    reasoning_effort: Annotated[str, Flag("Reasoning effort, for models that have it.", found=Found.ANY)] = ""
    alpha: Annotated[
        float | None,
        Flag(
            "Proxy decoding: how strongly the small model steers; 1 if not given, 0 is not at all.",
            doors=frozenset({Door.RUN, Door.EVAL, Door.LEARNER, Door.COMPARE}),
            later=True,
        ),
    ] = None
    extra: Annotated[
        Mapping[str, JSON],
        Flag(
            "A parameter passed to the provider unchanged; read as JSON where it parses.",
            key="model-set",
            metavar="KEY=VALUE",
            text=list[str],
            read=parameters,
            found=Found.PARAMETERS,
            of="model",
            again=("model-set", "parameters for the provider"),
        ),
    ] = field(default_factory=dict)
