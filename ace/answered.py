"""How an agent answers where actions or answers are listed, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from ace.errors import BadSetting, as_given
from ace.flags import Door, Flag, Found
from ace.types import JSON

_DOORS = frozenset({Door.RUN, Door.EVAL, Door.LEARNER, Door.COMPARE})


class AnswerWay(StrEnum):
    """How a listed option is chosen: the model writes it in a JSON object; each is scored by how likely the model finds it; or
    the one of these that the model is able to do."""

    JSON = "json"
    LIKELIHOOD = "likelihood"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Answered:
    """How a listed option is chosen, as it is stated. `per_token` divides the log-probability of an option by the number of its
    tokens (length-normalised), so that long options are not at a disadvantage; `calibrated` takes off what the option has in a
    prompt without the case, so that one that is likely anyway is not at an advantage."""

    answering: Annotated[
        str,
        Flag(
            "How a listed option is chosen: json: the model writes it; likelihood: the one likeliest to the model; auto: "
            "likelihood only if JSON fails.",
            text=AnswerWay,
            read=str,
            doors=_DOORS,
            found=Found.ANY,
            later=True,
        ),
    ] = AnswerWay.JSON.value
    per_token: Annotated[
        bool,
        Flag(
            "With likelihood: the mean over an option's tokens, so that long options are not at a disadvantage.",
            key="answering-per-token",
            doors=_DOORS,
            later=True,
        ),
    ] = False
    calibrated: Annotated[
        bool,
        Flag(
            "With likelihood: less what it is without the case, so that common words are not at an advantage.",
            key="answering-calibrated",
            doors=_DOORS,
            later=True,
        ),
    ] = False

    @property
    def scores(self) -> bool:
        """Whether listed options are scored."""
        return self.answering == AnswerWay.LIKELIHOOD


def per_token() -> str:
    """The setting `per_token` in a message."""
    return as_given("per_token", "answering-per-token")


def answered(said: Mapping[str, JSON]) -> Answered:
    """What is stated. Raises `BadSetting`."""
    made = Answered(**said)
    if made.answering not in tuple(AnswerWay):
        raise BadSetting(f"{as_given('answering')} is {made.answering!r}; it must be {', '.join(AnswerWay)}")
    if made.answering == AnswerWay.JSON and (made.per_token or made.calibrated):
        given = per_token() if made.per_token else as_given("calibrated", "answering-calibrated")
        raise BadSetting(f"{given} goes with likelihoods; add {as_given('answering')} likelihood or auto, or leave it out")
    return made
