"""Models that users write: an object with `complete`, what makes one, or a coroutine function.

What their code gives and raises crosses into ours here, once. A reply may be plain text; it is parsed and validated as any
provider's; any other exception is a fault of that model, not a crash.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from ace.errors import AceError, BadInput, ModelError, ModelRefused
from ace.models.contract import Reply, Request
from ace.models.replies.parsing import reply
from ace.models.replies.scores import scores_text
from ace.registry import fault_line
from ace.types import Usage

_ACCEPTED = "a model has `async def complete(request)`, or is a coroutine function of a request; it gives a Reply or a text"

_UNKNOWN = Usage(calls=1, cost_usd=None)
"""What a call cost whose model does not say."""


class Own:
    """The model that `found`, loaded from `spec`, is or makes. Raises `BadInput` where it is not a model."""

    def __init__(self, spec: str, found: object) -> None:
        self.name = spec
        self._model = _made(spec, found)
        self._complete: Any = getattr(self._model, "complete", self._model)
        if not inspect.iscoroutinefunction(self._complete):
            raise BadInput(f"{spec} is not a model; {_lacking(self._model)}{_ACCEPTED}")

    async def complete(self, request: Request) -> Reply:
        try:
            given = await self._complete(request)
        except AceError:
            raise
        # The user's code runs here: any exception is reported as one line.
        except Exception as error:
            raise ModelError(f"{self.name} raised {fault_line(error)}", retryable=False, usage=_UNKNOWN) from error
        if isinstance(given, str):
            return reply(request, given, "", _UNKNOWN)
        if not isinstance(given, Reply):
            raise ModelRefused(f"{self.name} gave {type(given).__name__}; {_ACCEPTED}")
        if given.usage == Usage():
            given = replace(given, usage=_UNKNOWN)
        if request.options:
            return self._scored(request, given)
        if request.response is None or isinstance(given.parsed, request.response):
            return given
        return reply(request, given.text, given.stop, given.usage)

    def _scored(self, request: Request, given: Reply) -> Reply:
        """The scores that were given, with the text that is journaled; none where they are not those of the options."""
        fits = [s.option for s in given.scores] == list(request.options)
        text = scores_text(given.scores, given.whole) if fits else given.text
        return reply(request, text, given.stop, given.usage)

    async def close(self) -> None:
        closing = getattr(self._model, "close", None)
        if inspect.iscoroutinefunction(closing):
            await closing()


def require_model(found: object) -> None:
    """Raise `BadInput` where the object `found` neither is nor makes a model, as far as can be told without making it."""
    _require_without_arguments(getattr(found, "__name__", type(found).__name__), found)
    makes = inspect.isclass(found) or inspect.isroutine(found)
    if not makes and not inspect.iscoroutinefunction(getattr(found, "complete", found)):
        raise BadInput(f"an object of type {type(found).__name__} is not a model; {_lacking(found)}{_ACCEPTED}")


def _lacking(found: object) -> str:
    """Why the object `found` is none, where it nearly is one."""
    return "its complete is not `async`; " if callable(getattr(found, "complete", None)) else ""


def _require_without_arguments(spec: str, found: object) -> None:
    """Raise `BadInput` where `found` would have to make the model, and cannot be called without arguments: a function of a
    request that is not `async`, or a class that is to be given something."""
    if inspect.iscoroutinefunction(found) or not (inspect.isclass(found) or inspect.isroutine(found)):
        return
    try:
        inspect.signature(found).bind()
    # What is built in may not say what it takes.
    except ValueError:
        return
    except TypeError:
        if inspect.isclass(found):
            raise BadInput(f"{spec} is a class that cannot be made without arguments; give an object of it") from None
        raise BadInput(f"{spec} is a function that is not `async`; {_ACCEPTED}") from None


def _made(spec: str, found: object) -> object:
    if not inspect.isclass(found) and (not inspect.isroutine(found) or inspect.iscoroutinefunction(found)):
        return found
    _require_without_arguments(spec, found)
    try:
        made: object = found()
    # The user's code runs here: any exception is reported as one line.
    except Exception as error:
        raise BadInput(f"{spec} could not be opened: {fault_line(error)}") from error
    return made
