"""One learner at a time: the claim on a playbook, held while the work lasts.

The decision behind it: it is renewed from the loop that does the work. If that hangs or dies the claim lapses, and whoever
calls `learn` next goes on with the same run.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ace.errors import Conflict
from ace.memory import leases
from ace.memory.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Run
from ace.types import JSON

LEASE, RENEWED = 120.0, 20.0
"""Seconds that a claim holds after it was last renewed, and between two renewals."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of `owner` to work on `run`."""

    store: Store
    run: Run
    owner: Owner

    def renew(self) -> None:
        """Hold on to it. Raises `Conflict` where it lapsed and somebody else took over."""
        if not leases.renew(self.store, self.run.id, self.owner, LEASE):
            raise Conflict(f"another process went on with run {self.run.id}, because this one did not answer for too long")


def claim(store: Store, config: Mapping[str, JSON]) -> Claim | Owner:
    """The right to work on the run of this configuration, or who has it."""
    owner = Owner.here(secrets.token_hex(4))
    run = leases.claim(store, config, owner, LEASE)
    return run if isinstance(run, Owner) else Claim(store, run, owner)


@asynccontextmanager
async def held(claim: Claim) -> AsyncIterator[None]:
    """Renew the claim while the block lasts, then give it back."""
    renewing = asyncio.create_task(_renewed(claim))
    try:
        yield
    finally:
        renewing.cancel()
        # A renewal that failed is found out by the next one that the work asks for.
        with suppress(asyncio.CancelledError, Exception):
            await renewing
        leases.leave(claim.store, claim.run.id, claim.owner)


async def _renewed(claim: Claim) -> None:
    while True:
        await asyncio.sleep(RENEWED)
        claim.renew()
