"""The evaluations that a study is made of: done one after the other, or told beforehand with what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ace.budget import amount
from ace.commands.run.running import expectation_of, perform
from ace.commands.terminal.common import about, count
from ace.commands.terminal.outside import tell
from ace.commands.terminal.patience import opening
from ace.environments.contract import Environment
from ace.errors import LimitReached
from ace.experiments.evaluation import Evaluation, evaluation
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.registry import NOVICE
from ace.results.measured import measured
from ace.runs.lifecycle import begin, ready
from ace.settings import RunSettings
from ace.types import Usage


def opened_evaluation(
    settings: RunSettings, store: Store | None, *, anew: bool, sending: bool = True, environment: Environment | None = None
) -> Evaluation:
    """The evaluation of `settings` (`ace.experiments.evaluation`), with a word where opening its environment takes long."""
    with opening(settings.environment, settings.episodes, settings.eval):
        return evaluation(settings, store, anew=anew, sending=sending, environment=environment)


def done(one: Evaluation, store: Store, *, quiet: bool) -> Run:
    """The run of `one`, with everything done that it owes."""
    if one.run is not None and one.done:
        book = measured(one.run.result["playbook"], one.run.result["revision"])
        tell(f"run {one.run.id} has these attempts already: {book}")
        return one.run
    if one.run is None:
        # Only its revision 0 is read.
        store.ensure_playbook(one.prepared.settings.playbook.partition("@")[0])
    run = begin(one.prepared, store) if one.run is None else ready(one.prepared, store, one.run)
    return perform(one.prepared, store, run, quiet=quiet, again="the same command")


def plan_of(one: Evaluation) -> dict[str, Any]:
    """What `one` still plays, and what that costs at most."""
    e, run = expectation_of(one.prepared, 0), one.run
    return {
        "playbook": one.prepared.settings.playbook,
        "tasks": len(one.prepared.tasks.held_out),
        "run": None if run is None else run.id,
        "status": None if run is None else run.status.value,
        "calls": 0 if one.done else e.calls,
        "prompt_tokens": 0 if one.done else e.prompt_tokens,
        "completion_tokens": 0 if one.done else e.completion_tokens,
        "cost_usd": 0.0 if one.done else None if e.usd is None else round(e.usd, 6),
    }


def book_in_words(playbook: str) -> str:
    """The playbook of an evaluation as it is asked for, `NAME` or `NAME@REVISION`; revision 0 as the empty one that it is."""
    name, _, revision = playbook.partition("@")
    return measured(name, 0) if revision == "0" else playbook


def say_warnings(found: Sequence[Evaluation]) -> None:
    """Tell what is to be said before evaluations that are previewed, each line once."""
    for line in dict.fromkeys(line for one in found for line in one.prepared.warnings):
        tell(line)


def plan_in_words(plan: dict[str, Any], what: str) -> str:
    """`plan` in one line, which begins with `what` is played."""
    if plan["status"] == "done":
        return f"{what}: done already, in run {plan['run']}"
    begun = f"; run {plan['run']} has done a part of it" if plan["run"] else ""
    return f"{what}: {cost_in_words([plan])}{begun}"


def cost_in_words(plans: Sequence[dict[str, Any]]) -> str:
    """What `plans` cost together."""
    known = [p["cost_usd"] for p in plans if p["cost_usd"] is not None]
    dollars = "the price is not known" if len(known) < len(plans) else f"${sum(known):.2f} if nothing is cached"
    calls, prompt, completion = (sum(p[n] for p in plans) for n in ("calls", "prompt_tokens", "completion_tokens"))
    return f"up to about {about(calls)} calls, {about(prompt)} prompt and {about(completion)} completion tokens; {dollars}"


def say_cost(evaluations: Sequence[Evaluation]) -> None:
    """Tell what `evaluations` still cost together, before anything is sent. The novice's cost nothing."""
    owed = [e for e in evaluations if not e.done]
    if owed and any(m.name != NOVICE for e in owed for m in e.prepared.models.values()):
        tell(f"{count(len(owed), 'evaluation')}: {cost_in_words([plan_of(e) for e in owed])}")


def within(one: Evaluation, spent: Usage) -> Evaluation:
    """`one` with the limits that are left where the other evaluations of its study took `spent`. Raises `LimitReached`."""
    s = one.prepared.settings
    b = s.budget
    tokens = spent.prompt_tokens + spent.completion_tokens
    taken = {"calls": (b.calls, spent.calls), "tokens": (b.tokens, tokens), "usd": (b.usd, spent.cost_usd or 0.0)}
    for name, (most, gone) in taken.items():
        if most is not None and gone >= most:
            spent_by_all = amount(name, gone)
            unit = "" if name == "usd" else f" {name}"
            why = f"the limit of {amount(name, most)}{unit} is reached by the evaluations together, which spent {spent_by_all}"
            raise LimitReached(f"{why}; what is done is kept; go on with a larger limit: the same command", name)
    left = replace(
        b,
        calls=None if b.calls is None else b.calls - spent.calls,
        tokens=None if b.tokens is None else b.tokens - tokens,
        usd=None if b.usd is None else b.usd - (spent.cost_usd or 0.0),
    )
    return replace(one, prepared=replace(one.prepared, settings=replace(s, budget=left)))


def all_done(found: Sequence[Evaluation], store: Store, *, quiet: bool) -> list[Run]:
    """The runs of `found`, each with everything done that it owes, within one budget for all of them."""
    say_cost(found)
    runs: list[Run] = []
    said: set[str] = set()
    known = {one.run.id: store.usage(one.run.id) for one in found if one.run is not None}
    for one in found:
        if not one.done:
            kept = one.run.result.get("limits", {}) if one.run is not None else {}
            one.prepared.settings.budget.require_room(kept, sum(known.values(), Usage()), "what is stored of this")
    for one in found:
        mine = one.run.id if one.run is not None else ""
        within_all = one if one.done else within(one, sum((u for id, u in known.items() if id != mine), Usage()))
        fresh = tuple(line for line in one.prepared.warnings if line not in said)
        said.update(fresh)
        run = done(replace(within_all, prepared=replace(within_all.prepared, warnings=fresh)), store, quiet=quiet)
        known[run.id] = store.usage(run.id)
        runs.append(run)
    return runs
