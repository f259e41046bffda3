"""Models that do as the novice does, and keep or do something besides."""

from __future__ import annotations

from collections.abc import Callable

from ace.models.contract import Reply, Request
from ace.models.novice import Novice


class Spy(Novice):
    """Keeps every request it is sent."""

    name = "spy"

    def __init__(self) -> None:
        self.seen: list[Request] = []

    async def complete(self, request: Request) -> Reply:
        self.seen.append(request)
        return await super().complete(request)


class Meddler(Novice):
    """Does something while it is being asked."""

    name = "meddler"

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile

    async def complete(self, request: Request) -> Reply:
        self._meanwhile()
        return await super().complete(request)
