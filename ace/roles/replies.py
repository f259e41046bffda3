"""What the three roles must answer with.

Every field is required and flat, because strict JSON schemas make every field required anyway; what does not apply is an empty
text or list. Descriptions are part of the prompt: they are sent with the schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Move(_Strict):
    """The generator's next action."""

    thought: str = Field(description="One to three sentences: which facts and which lessons decide this, and what they say.")
    action: str = Field(description="The action or answer, exactly as listed where a list is given.")
    lesson_ids: list[str] = Field(description="Ids of the lessons this action follows; empty if none applies.")


class Dispatch(_Strict):
    """Which expert a case belongs to."""

    thought: str = Field(description="One sentence: what in the case tells it.")
    expert: str = Field(description="The expert's name, exactly as listed; empty if the case belongs to none of them.")


class VoteReply(_Strict):
    """The reflector's opinion of one lesson."""

    lesson_id: str = Field(description="Id of a lesson that the agent used.")
    vote: Literal["helpful", "harmful", "neutral"]


class Diagnosis(_Strict):
    """The reflector's reading of one attempt."""

    situation: str = Field(
        description="All the facts of this case that the agent saw, on one line, as 'name: value; name: value'; "
        "of a text without records the kind of case, what is asked for, and quantities. No story."
    )
    choice: str = Field(
        description="What the agent did that counts, on one line, joined by ' > ': actions that did more than show facts, then "
        "the answer."
    )
    diagnosis: str = Field(description="Why it succeeded or failed, as far as the attempt shows; say what remains unknown.")
    lesson: str = Field(description="What to do, or what is excluded, in cases like this one, in one sentence; may be empty.")
    votes: list[VoteReply] = Field(description="One vote for each lesson the agent used.")


class _Numbered(_Strict):
    case: int = Field(description="The number of the case, as its heading gives it.")


class CaseDiagnosis(Diagnosis, _Numbered):
    """The reflector's reading of one of several cases."""


class Diagnoses(_Strict):
    """The reflector's readings of several cases, each by itself. Those that cannot be read are left out where others can: a
    request about such a case alone is shorter than one about all of them again."""

    diagnoses: list[CaseDiagnosis] = Field(description="One for each case.")

    @field_validator("diagnoses", mode="before")
    @classmethod
    def _readable(cls, said: Any) -> Any:
        kept = [d for d in said if _is_diagnosis(d)] if isinstance(said, list) else []
        return kept or said


def _is_diagnosis(said: Any) -> bool:
    try:
        CaseDiagnosis.model_validate(said)
    except ValidationError:
        return False
    return True


_PLACE = (
    "Id of the lesson it is to stand right after; 'first' for the top of its section, 'top' before all, empty for the end of "
    "its section."
)


class Reasoned(_Strict):
    """What the curator gives its reason for."""

    reason: str = Field(description="Why, in one sentence, from the attempts.")
    attempts: list[int] = Field(description="Numbers of the attempts this rests on.")


class Retired(Reasoned):
    """A lesson to be taken out."""

    lesson_id: str = Field(description="The lesson's id.")


class Revised(Reasoned):
    """A lesson that is to say something else."""

    lesson_id: str = Field(description="The lesson's id.")
    text: str = Field(description="Its whole new text, one or two sentences.")


class Merged(Reasoned):
    """Lessons that become one, in the place of the first."""

    source_ids: list[str] = Field(description="Ids of two or more lessons.")
    text: str = Field(description="The text of the one lesson that takes their place.")


class Moved(Reasoned):
    """A lesson that is to stand elsewhere."""

    lesson_id: str = Field(description="The lesson's id.")
    section: str = Field(description="The section it is to stand in; empty for its own.")
    after_id: str = Field(description=_PLACE)


class Added(Reasoned):
    """A new lesson."""

    section: str = Field(description="Name of the section it belongs to, a few words.")
    text: str = Field(description="One or two sentences.")
    after_id: str = Field(description=_PLACE)
    guess: bool = Field(
        default=False,
        description="True where fewer than three attempts that won show it: it is marked as a guess until it is confirmed.",
    )


class Confirmed(Reasoned):
    """A guess that the attempts have shown to be right; its text stays."""

    lesson_id: str = Field(description="Id of a lesson that is marked as a guess.")


class Curation(_Strict):
    """The curator's small edits, each kind in a list of its own. Lists may be empty; done in the order of the lists."""

    reasoning: str = Field(description="What the wins and losses, side by side, say; two to six sentences.")
    retire: list[Retired]
    revise: list[Revised]
    merge: Sequence[Merged]
    move: list[Moved]
    add: list[Added] = Field(description="Several that stand after the same lesson come in the order given here.")
    confirm: list[Confirmed] = Field(default_factory=list, description="Guesses that are none any longer.")


class PlacedMerge(Merged):
    """Lessons that become one, in a place of its own."""

    after_id: str = Field(
        default="",
        description="Id of the lesson it is to stand right after, 'first' or 'top'; empty for the place of the first.",
    )


class PlacedCuration(Curation):
    """The curator's small edits, each kind in a list of its own. Lists may be empty; done in the order of the lists."""

    merge: Sequence[PlacedMerge]


class ListedLesson(Reasoned):
    """One lesson of the list, in its place."""

    lesson_id: str = Field(
        description="Id of the lesson that is kept here, with the same text or another; empty for a new one."
    )
    section: str = Field(description="Section it stands in; empty for the one it has, or for that of the lesson before it.")
    text: str = Field(description="Its whole text, one or two sentences; empty where a kept lesson stays as it is.")
    guess: bool = Field(description="True if the attempts do not prove it yet.")


class WholeList(_Strict):
    """The list of lessons as it should be now, in order."""

    reasoning: str = Field(description="What the wins and losses say; two to six sentences.")
    lessons: list[ListedLesson] = Field(description="All lessons, in the order in which they are read.")
    retire: list[Retired] = Field(description="Lessons of the present list that stand in no place of the new one.")


class Addition(Reasoned):
    """A lesson that comes to those that are there."""

    section: str = Field(description="Name of the section it belongs to, a few words.")
    text: str = Field(description="One or two sentences.")


class Additions(_Strict):
    """What the new attempts teach that the playbook does not say."""

    reasoning: str = Field(description="What is missing, and why; two to six sentences.")
    add: list[Addition]


class WrittenAnew(_Strict):
    """The whole playbook, written anew."""

    reasoning: str = Field(description="What has changed, and why; two to six sentences.")
    playbook: str = Field(description="All of its text: headings that begin with '## ', and lessons, one a line, with '- '.")
