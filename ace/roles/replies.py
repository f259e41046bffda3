"""What the three roles must answer with.

The decision behind it: every field is required and flat, because strict JSON schemas make every field required anyway; what
does not apply is an empty text or list. Descriptions are part of the prompt: they are sent with the schema.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Move(_Strict):
    """The generator's next action."""

    thought: str = Field(description="One to three sentences: which facts and which lessons decide this, and what they say.")
    action: str = Field(description="The action or answer, exactly as listed where a list is given.")
    lesson_ids: list[str] = Field(description="Ids of the lessons this action follows; empty if none applies.")


class VoteReply(_Strict):
    """The reflector's opinion of one lesson."""

    lesson_id: str = Field(description="Id of a lesson that the agent used.")
    vote: Literal["helpful", "harmful", "neutral"]


class Diagnosis(_Strict):
    """The reflector's reading of one attempt."""

    situation: str = Field(
        description="The facts of this case that may decide it, on one line, as 'name: value; name: value'. No story."
    )
    choice: str = Field(description="What the agent did that decided the outcome, on one line: earlier steps, then the answer.")
    diagnosis: str = Field(description="Why it succeeded or failed, as far as the attempt shows; say what remains unknown.")
    lesson: str = Field(description="What to do in cases like this one, in one sentence; empty if nothing can be said yet.")
    votes: list[VoteReply] = Field(description="One vote for each lesson the agent used.")


class Edit(_Strict):
    """One edit of the playbook. Fields that an operation does not need are empty."""

    op: Literal["add", "revise", "merge", "move", "retire"]
    lesson_id: str = Field(description="revise, move, retire: the lesson's id; otherwise empty.")
    source_ids: list[str] = Field(description="merge: ids of two or more lessons that become one; otherwise empty.")
    section: str = Field(description="add, merge: the section's name; otherwise empty.")
    text: str = Field(description="add, revise, merge: the whole new text, one or two sentences; otherwise empty.")
    after_id: str = Field(description="add, move: id of the lesson to stand after, 'first' for the top, empty for the end.")
    reason: str = Field(description="Why, in one sentence, from the attempts.")
    attempts: list[int] = Field(description="Numbers of the attempts this rests on.")


class Curation(_Strict):
    """The curator's small edits."""

    reasoning: str = Field(description="What the wins and losses, side by side, say; two to six sentences.")
    operations: list[Edit] = Field(description="The edits, in order; empty if the playbook is right as it is.")
