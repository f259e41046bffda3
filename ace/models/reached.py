"""How a model is reached, and a model that is not: what the opener of a client is given.

An opener is a function of what follows the name in what the user typed, and of these settings:

    OFFERS = {"manual:": "opened"}

    def opened(rest: str, settings: ModelSettings) -> Model: ...

A name that ends in `:` or `/` is a prefix; another one is a whole name, and `rest` is then empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from ace.errors import ModelRefused
from ace.models.contract import Reply, Request


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a model is reached. `api_base` is the address of a server that speaks OpenAI's interface; `deadline` bounds, in
    seconds, how long a person is waited for (`manual:`), `None` for as long as it takes. `sending` is false where nothing will
    be sent: no key is needed, no folder made, and no object of the person's own."""

    api_base: str | None = None
    deadline: float | None = None
    sending: bool = True


class Unopened:
    """A model that is known by its name alone, because nothing will be sent to it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: Request) -> Reply:
        raise ModelRefused(f"{self.name} was not opened; nothing is sent to it")

    async def close(self) -> None:
        """Nothing is held."""
