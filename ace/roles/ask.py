"""Asking a model for a reply of a given shape, with one second chance.

A reply that does not parse is shown to the model once more with what was wrong, then given up. It cost money and is counted;
what it means is for the role to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from ace.errors import ModelError, as_given
from ace.models.contract import Message, Model, Request
from ace.models.errors.too_long import is_too_long
from ace.models.replies.structured import instructions
from ace.types import Usage

T = TypeVar("T", bound=BaseModel)

HALVINGS = 4
"""Times that evidence is halved for a model that finds the prompt too long."""
MAX_ECHO = 8000
"""Characters of a reply that did not parse that its model is shown again."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A parsed `value`, or `None` with the `problem` that two replies had in a row. `text` is the last reply."""

    value: T | None
    text: str
    problem: str
    usage: Usage
    halvings: int = 0
    """How often the evidence was halved before the model took the prompt."""


async def ask(model: Model, request: Request, shape: type[T]) -> Answer[T]:
    """Ask once, and once more if the reply does not parse. Raises what the model raises."""
    reply = await model.complete(replace(request, response=shape))
    if isinstance(reply.parsed, shape):
        return Answer(reply.parsed, reply.text, "", reply.usage)
    told = (
        Message("assistant", reply.text[:MAX_ECHO] or "(empty)"),
        Message(
            "user",
            f"That reply cannot be used: {reply.problem}. Answer again. {instructions(shape)}",
        ),
    )
    bare = (*request.without, *told) if request.without else ()
    again = replace(request, messages=(*request.messages, *told), without=bare, response=shape)
    try:
        second = await model.complete(again)
    except ModelError as error:
        # The first reply was paid for all the same.
        error.usage = reply.usage + (error.usage or Usage())
        raise
    usage = reply.usage + second.usage
    if isinstance(second.parsed, shape):
        return Answer(second.parsed, second.text, "", usage)
    return Answer(None, second.text, second.problem or reply.problem, usage)


PART = "was shown a part of the evidence only"


def shortened(role: str) -> str:
    """What is told, once in a run, where `role` was shown less than there is."""
    return f"the {role} {PART}: its model found the whole too long; {as_given('context')} states what it takes"


async def ask_shorter(model: Model, request_at: Callable[[int], Request], shape: type[T]) -> Answer[T]:
    """`ask`, and where the model says that the prompt is too long, again with half the evidence, up to `HALVINGS` times.
    `request_at(n)` is the request with its evidence halved `n` times. Raises what the model raises."""
    for halvings in range(HALVINGS):
        try:
            return replace(await ask(model, request_at(halvings), shape), halvings=halvings)
        except ModelError as error:
            if not is_too_long(error):
                raise
    try:
        return replace(await ask(model, request_at(HALVINGS), shape), halvings=HALVINGS)
    except ModelError as error:
        if is_too_long(error):
            error.args = (f"{error}, even with 1/{2**HALVINGS} of the evidence",)
        raise
