"""One at a time: the claim on a run and its playbook, held while the work lasts.

Two runs that change one playbook would measure each other's work, so the second is refused. A claim is renewed from the loop
that does the work. If that hangs or dies the claim lapses, and the next to ask goes on with the same run.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ace.binding import Sign
from ace.errors import Conflict
from ace.memory.journal.leases import AtWork, Owner
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
        """Hold on to it. Raises `Conflict` where it lapsed and another process took over."""
        if not self.store.leases.renew(self.run.id, self.owner, LEASE):
            run = self.run.id
            raise Conflict(f"another process took over run {run} or its playbook, because this one did not answer for too long")


def claim(store: Store, config: Mapping[str, JSON]) -> Claim | Owner:
    """The right to work on the run of this configuration, or its present owner."""
    owner = _me()
    run = store.leases.claim(config, owner, LEASE)
    return run if isinstance(run, Owner) else Claim(store, run, owner)


def begin(store: Store, config: Mapping[str, JSON], sign: Sign) -> Run:
    """A new run of this configuration, claimed for this process. Raises `Conflict` where its playbook is worked on already;
    nothing is then stored."""
    begun = store.leases.begin(config, sign, _me(), LEASE)
    if isinstance(begun, AtWork):
        raise Conflict(_refusal(begun))
    return begun


def require_free(store: Store, run: Run) -> None:
    """Raise `Conflict` where a stored run, or its playbook, is worked on already. Nothing is written, and nothing claimed."""
    if busy := store.leases.other(run, _me()):
        raise Conflict(_refusal(busy))


def take(store: Store, run: Run) -> None:
    """Claim a stored run for this process. Raises `Conflict` where it, or its playbook, is worked on already."""
    _taken(store, run, again=False)


def taken(store: Store, run: Run) -> Claim:
    """The claim of this process on `run`, from `begin` or `take`, else a new one. Raises `Conflict`."""
    return Claim(store, run, _taken(store, run, again=True))


def _taken(store: Store, run: Run, *, again: bool) -> Owner:
    owner = store.leases.take(run, _me(), LEASE, again=again)
    if isinstance(owner, AtWork):
        raise Conflict(_refusal(owner))
    return owner


def _refusal(busy: AtWork) -> str:
    on = f" on playbook {busy.playbook}" if busy.playbook else ""
    return f"run {busy.run} is at work{on} ({busy.owner.where}); wait for its end, or stop it with Ctrl-C there"


def _me() -> Owner:
    return Owner.here(secrets.token_hex(4))


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
        claim.store.leases.leave(claim.run.id, claim.owner)


async def _renewed(claim: Claim) -> None:
    while True:
        await asyncio.sleep(RENEWED)
        claim.renew()
