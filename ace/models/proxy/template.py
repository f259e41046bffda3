"""A conversation as the text that a model was trained on, by the chat template in its own file.

The template is a program in a file that may come from anywhere: it runs in Jinja's sandbox, which gives it no way out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ace.errors import BadInput
from ace.models.contract import Message, Request
from ace.models.proxy.gguf import ModelHeader
from ace.models.replies.structured import instructions

if TYPE_CHECKING:
    from jinja2 import Template


def conversation(model: ModelHeader, messages: Sequence[Message]) -> str:
    """`messages` and the beginning of the next reply. A template without a place for a system message gets it at the beginning
    of the first user message. Raises `BadInput` for a model without a template, and for one whose template fails."""
    from jinja2 import TemplateError

    made = _template(model)
    try:
        return _filled(made, model, messages)
    except TemplateError:
        try:
            return _filled(made, model, _without_system(messages))
        except TemplateError as error:
            raise BadInput(f"the chat template of {model.path.name} fails: {error}") from error


def prompts(request: Request) -> tuple[Sequence[Message], Sequence[Message]]:
    """The messages of `request` with the playbook and without, as they are asked: with instructions on the reply's shape, which
    nothing enforces here."""
    return _instructed(request, request.messages), _instructed(request, request.without)


def _instructed(request: Request, messages: Sequence[Message]) -> Sequence[Message]:
    if request.response is None or not messages:
        return messages
    told = instructions(request.response)
    if messages[0].role == "system":
        return (replace(messages[0], content=f"{messages[0].content}\n\n{told}"), *messages[1:])
    return (Message("system", told), *messages)


def _filled(made: Template, model: ModelHeader, messages: Sequence[Message]) -> str:
    said = [{"role": m.role, "content": m.content} for m in messages]
    return made.render(messages=said, add_generation_prompt=True, bos_token=model.bos, eos_token=model.eos)


def _without_system(messages: Sequence[Message]) -> list[Message]:
    told = "\n\n".join(m.content for m in messages if m.role == "system")
    rest = [m for m in messages if m.role != "system"]
    return [Message("user", f"{told}\n\n{rest[0].content}"), *rest[1:]] if told and rest else rest


@lru_cache(maxsize=8)
def _compiled(source: str) -> Template:
    from jinja2.exceptions import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(why: str) -> str:
        raise TemplateError(why)

    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    # Nothing gives today's date: templates that name it have a fixed one without, and a prompt has to be the same tomorrow.
    made.globals |= {"raise_exception": refuse}
    return made.from_string(source)


def _template(model: ModelHeader) -> Template:
    from jinja2 import TemplateError

    if not model.template:
        raise BadInput(f"{model.path.name} has no chat template, so it cannot be asked; a model tuned on instructions has one")
    try:
        return _compiled(model.template)
    except TemplateError as error:
        raise BadInput(f"the chat template of {model.path.name} cannot be read: {error}") from error
