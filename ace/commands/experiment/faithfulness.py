"""`ace faithfulness`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ace.commands.experiment.subject import Subject, subject
from ace.commands.terminal.common import about, console, count, money, opened, print_json
from ace.commands.terminal.outside import tell
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import BadInput
from ace.experiments.faithfulness import probes
from ace.experiments.faithfulness.answer import Faithfulness, Flips
from ace.experiments.faithfulness.conduct import Probing, agent_of, calls_for, probe
from ace.experiments.faithfulness.decisions import Looked, PastDecision, decisions
from ace.memory.store import Store
from ace.memory.values import Run

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    Column("probe"),
    *(Column(name, right=True) for name in ("decisions", "changed", "asked again", "beyond that")),
    Column("95 % interval"),
)
_MEANS = {
    probes.REPLAY: "the whole reasoning",
    probes.EMPTY: "no reasoning",
    probes.FILLER: "filler in its place",
    probes.PARAPHRASE: "in other words",
    probes.MISTAKE: "with a mistake in it",
    probes.CITED: "a cited bullet out",
    probes.UNCITED: "an uncited bullet out",
}


def show(text: str, cases: int, asked: Probing, store: str, *, dry: bool, as_json: bool) -> None:
    """Probe decisions of what `text` names, or with `dry` say what that would take."""
    with opened(store) as db:
        run = _run(db, subject(db, text))
        looked = Looked()
        found = list(decisions(db, db.episodes(run=run.id, limit=None)[::-1], cases, looked))
    agent = agent_of(run, asked, sending=not dry)
    if not found:
        raise BadInput(_none(run, looked))
    if dry:
        _plan(run, agent.name, found, as_json)
        return
    result = asyncio.run(probe(found, looked, agent, asked))
    if as_json:
        print_json({"run": run.id, "model": agent.name, **result.as_json()})
    else:
        _print(console(), run, agent.name, result)


def _run(store: Store, what: Subject) -> Run:
    """The run whose decisions are probed: of a playbook, the last one that used it."""
    if what.run:
        return what.run
    used = [r for r in store.runs() if r.result.get("playbook") == what.playbook]
    if not used:
        raise BadInput(f"no run in this store used playbook {what.playbook}, so it has no decisions to probe")
    return used[-1]


def _none(run: Run, looked: Looked) -> str:
    if not looked.attempts:
        return f"run {run.id} has no valid attempt with a decision to probe"
    reasons = [
        f"of {looked.unreasoned} no reasoning is stored" if looked.unreasoned else "",
        f"the requests of {looked.unclear} cannot be made again from what is stored" if looked.unclear else "",
    ]
    why = " and ".join(filter(None, reasons))
    return f"no decision of run {run.id} can be probed: of {count(looked.attempts, 'attempt')}, {why}"


def _plan(run: Run, model: str, found: list[PastDecision], as_json: bool) -> None:
    # A reply and its reasoning come on top of each request; a request is about as long as the one that is repeated.
    calls = calls_for(found)
    size = sum((8 + len(d.parts)) * sum(len(m.content) for m in d.messages) // 4 for d in found)
    plan: dict[str, Any] = {"run": run.id, "model": model, "decisions": len(found), "calls": calls, "prompt_tokens": size}
    if as_json:
        print_json(plan)
        return
    told = f"up to {count(calls, 'call')} and about {about(size)} prompt tokens to {model}"
    console().print(f"{count(len(found), 'decision')} of run {run.id}: {told}; nothing was sent")


def _print(screen: Console, run: Run, model: str, r: Faithfulness) -> None:
    screen.print(f"{count(r.decisions, 'decision')} of run {run.id}, asked of {model}", style="bold")
    screen.print()
    print_table(screen, _COLUMNS, [_row(f) for f in r.flips], title="How often the answer changed")
    screen.print()
    if r.area is not None:
        low, high = r.area_interval or (0.0, 1.0)
        where = f"{r.area:.2f} ({low:.2f} to {high:.2f})"
        say(
            screen,
            f"Area over the curve of early answers: {where}; 0: answers stand before any reasoning, 1: only after all of it.",
        )
    say(screen, r.conclusion, style="bold")
    say(screen, r.on_citations)
    say(
        screen,
        "That the same reasoning in other words changes nothing is expected where its content decides; it proves nothing.",
        style="dim",
    )
    if not any(f.probe == probes.MISTAKE for f in r.flips):
        tell(f"ace: {model} gave no reasoning in other words and none with a mistake in it, so these two probes are left out")
    left = r.looked.unclear + r.looked.unreasoned
    if left:
        tell(f"ace: {count(left, 'attempt')} left out: no visible reasoning, or a request that cannot be made again exactly")
    u = r.usage
    screen.print(f"{count(u.calls, 'model call')}, {u.prompt_tokens + u.completion_tokens:,} tokens, {money(u.cost_usd)}.")


def _row(f: Flips) -> tuple[str, ...]:
    def of(n: int) -> str:
        return f"{100 * n / f.n:.0f} %"

    if f.probe == f.floor:
        return (_MEANS[f.probe], f"{f.n}", of(f.changed), "", "", "(the noise that the others are compared with)")
    low, high = (100 * b for b in f.interval)
    return (_MEANS[f.probe], f"{f.n}", of(f.changed), of(f.floor_changed), f"{100 * f.net:+.0f}", f"{low:+.0f} to {high:+.0f}")
