"""The life of a run in its store: begun, resumed, and worked on until it is done or stopped.

A run is claimed in the transaction that begins it, and claimed anew before anything is done. A run whose work was stopped can
be resumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ace.binding import signer, with_mark
from ace.budget import Budget, Ledger
from ace.environments.registry import environment_name
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.models.by_role import close_all
from ace.models.wrappers.stack import stacked
from ace.roles.instructions import Prompts
from ace.runs import claims
from ace.runs.answering import decided_in
from ace.runs.context import Models, RunContext
from ace.runs.loop import Loop
from ace.runs.preparing import Prepared
from ace.runs.reading import recorded
from ace.runs.stored import prompts_of, reads_alone
from ace.types import JSON

Stop = Callable[..., None]
"""`Loop.stop`."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What runs share that are done side by side: models behind one limit on requests and one budget, and its ledger. They are
    closed by their owner, and the limits are kept by it."""

    models: Models
    ledger: Ledger


def begin(prepared: Prepared, store: Store) -> Run:
    """A new run in `store`, with its playbook: the one named, as it stands, or a new one named after the run. Raises `Conflict`
    where another run is at work on that playbook, and `NotFound` where one that is only read is not there."""
    s = prepared.settings
    start, reads = 0, recorded(prepared, store)
    if s.playbook:
        start = (store.resolve(s.playbook) if reads_alone(s) else store.ensure_playbook(s.playbook)).number
    config = {**s.as_json(), "start": start, **reads, **prepared.marks}
    return _furnished(prepared, store, claims.begin(store, config, signer()))


def ready(prepared: Prepared, store: Store, run: Run, *, adopted: bool = False) -> Run:
    """The stored `run`, claimed and ready to be resumed; from now on this person's where it is `adopted`. Raises `Conflict`
    where it, or another run on its playbook, is at work, and `BadSetting` for a limit that is passed already."""
    prepared.settings.budget.require_room(run.result.get("limits", {}), store.usage(run.id), f"run {run.id}")
    claims.take(store, run)
    run = store.bind_run(run, signer()) if adopted else run
    return _furnished(prepared, store, run)


def _furnished(prepared: Prepared, store: Store, run: Run) -> Run:
    """`run` with its playbook made and written down; nothing changes where that was done before."""
    if "playbook" in run.result:
        return run
    s, start = prepared.settings, int(run.config["start"])
    prompts = Prompts(s.prompts, prepared.environment.instructions.strip())
    where: dict[str, JSON] = {"start": start, "prompts": prompts.as_json(), **prepared.answering.as_json()}
    calls = prepared.answering.calls
    store.write_calls(run.id, calls, calls)
    if s.split:
        where |= {"playbook": s.playbook.partition("@")[0], "revision": start}
    else:
        where["playbook"] = s.playbook or f"{environment_name(prepared.environment)}-{run.id.removeprefix('r-')}"
        store.ensure_playbook(str(where["playbook"]))
    store.set_run(run.id, RunStatus.RUNNING, with_mark(run.id, where, signer()))
    return store.run(run.id)


async def work(prepared: Prepared, store: Store, run: Run, started: Callable[[Stop], None] = lambda stop: None) -> Run:
    """Do what `run` still owes. `started` is given the way to stop it, before its first unit."""
    try:
        s = prepared.settings
        claim = claims.taken(store, run)
        async with claims.held(claim):
            run, budget = _limited(store, run, s.budget)
            ledger = Ledger(budget, store.usage(run.id), anew=s.budget.usd is not None)
            models = Models(**stacked(prepared.models, ledger, s.concurrency, s.context))
            loop = Loop(_context(prepared, claim, run, Shared(models, ledger)))
            started(loop.stop)
            return await loop.execute()
    finally:
        await close_all(prepared.models, lasting=prepared.lasting)


async def work_beside(prepared: Prepared, store: Store, run: Run, shared: Shared, started: Callable[[Stop], None]) -> Run:
    """Do what `run` still owes, beside other runs that have the same models and budget."""
    claim = claims.taken(store, run)
    async with claims.held(claim):
        loop = Loop(_context(prepared, claim, run, shared))
        started(loop.stop)
        return await loop.execute()


def _context(prepared: Prepared, claim: claims.Claim, run: Run, shared: Shared) -> RunContext:
    return RunContext(
        settings=prepared.settings,
        environment=prepared.environment,
        tasks=prepared.tasks,
        surroundings=prepared.surroundings,
        strategy=prepared.strategy,
        gates=prepared.gates,
        models=shared.models,
        store=claim.store,
        run=run,
        ledger=shared.ledger,
        prompts=prompts_of(run),
        listener=prepared.listener,
        hold=claim.renew,
        answering=decided_in(run),
    )


def _limited(store: Store, run: Run, budget: Budget) -> tuple[Run, Budget]:
    """`run` with its limits written down, and those limits: the ones stated in `budget`, else those it had before."""
    limits = budget.over(run.result.get("limits", {}))
    if limits.as_json() != run.result.get("limits", {}):
        stated = with_mark(run.id, {**run.result, "limits": limits.as_json()}, signer())
        store.set_run(run.id, RunStatus.RUNNING, stated)
        run = store.run(run.id)
    return run, limits
