"""What a run gave: as one JSON value, and as a page a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.chart import chart
from ace.commands.common import console, count, share
from ace.environments.floors import Floors
from ace.evidence.score import cases_of, score
from ace.memory.store import Store
from ace.memory.values import Run
from ace.types import JSON, Episode

if TYPE_CHECKING:
    from rich.console import Console

HEAVIEST = 8
INVALID_WARNING = 0.05


def result_of(store: Store, run: Run, floors: Floors) -> dict[str, JSON]:
    """The result of a run, from the store; see the README for its keys."""
    config, result = run.config, run.result
    phases = {p: store.episodes(run=run.id, phase=p, limit=None)[::-1] for p in ("before", "start", "learn", "after")}
    everything = [e for found in phases.values() for e in found]
    learned = cases_of(phases["learn"])
    view = store.view(f"{result['playbook']}@{result.get('revision', 'head')}")
    deltas = [d for d in store.log(result["playbook"]) if d.run == run.id]
    scores = {p: score(cases_of(phases[p])).as_json() for p in ("before", "after")}
    if result.get("start"):
        scores["start"] = score(cases_of(phases["start"])).as_json()
    return {
        "run": run.id,
        "status": run.status.value,
        "environment": config["environment"],
        "settings": config["settings"],
        "model": config["model"],
        "strategy": config["strategy"],
        "seed": config["seed"],
        "playbook": result["playbook"],
        "revision": view.revision.number,
        **scores,
        "oracle": _share(floors.oracle),
        "random": _share(floors.random),
        "nothing": _share(floors.nothing),
        "episodes": len(phases["learn"]),
        "invalid": sum(not e.outcome.valid for e in everything),
        "reflections": sum(len(store.reflections(e.id)) for e in phases["learn"]),
        "bullets": view.count,
        "accepted": sum(len(d.operations) for d in deltas),
        "refused": sum(len(d.refusals) for d in deltas),
        "curve": [round(s, 4) for s in _curve(learned, int(config["batch"]))],
        "heaviest": _heaviest(view),
        "usage": store.usage(run.id).as_json(),
        "seconds": result.get("seconds", 0.0),
    }


def _share(measured: Any) -> JSON:
    return (
        None
        if measured is None
        else {"success": round(measured.success, 4), "n": measured.n, "interval": list(measured.interval)}
    )


def _curve(cases: Sequence[Sequence[Episode]], batch: int) -> list[float]:
    chunks = [cases[i : i + batch] for i in range(0, len(cases), batch)]
    scores = [score(chunk).success for chunk in chunks]
    return [s for s in scores if s is not None]


def _heaviest(view: Any) -> list[dict[str, JSON]]:
    """The bullets that were followed most, with what came of it."""
    bullets = {b.id: b for b in view.bullets()}
    records = view.records(list(bullets))
    followed = sorted(((r.cited_won + r.cited_lost, id) for id, r in records.items()), reverse=True)
    return [
        {"id": id, "text": bullets[id].text, "won": records[id].cited_won, "lost": records[id].cited_lost}
        for n, id in followed[:HEAVIEST]
        if n
    ]


def print_summary(r: Mapping[str, Any], location: str) -> None:
    """The page: success before and after, oracle and floors, the curve, the bullets, the cost, where it is, what to do next."""
    screen = console()
    screen.print()
    _scores(screen, r)
    if len(r["curve"]) > 1:
        screen.print()
        label = f"success in {count(len(r['curve']), 'batch').replace('batchs', 'batches')} of training cases, first to last"
        for line in chart(r["curve"], label, width=min(60, screen.size.width - 10)):
            screen.print(line, style="cyan")
    _bullets(screen, r)
    _cost(screen, r, location)
    _next(screen, r, location)


def _scores(screen: Console, r: Mapping[str, Any]) -> None:
    from rich.table import Table

    n = r["after"]["n"] or r["before"]["n"]
    table = Table(title=f"Success on the same {n} held-out cases", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("", "success", "95 % interval", ""):
        table.add_column(heading, justify="right" if heading == "success" else "left")
    rows = [("before", "empty playbook"), ("start", "the playbook as it was found"), ("after", _book(r))]
    rows += [("oracle", "knows the answers"), ("random", "chooses blindly"), ("nothing", "does nothing")]
    for name, note in rows:
        if r.get(name):
            bold = "bold green" if name == "after" else ""
            table.add_row(name, share(r[name]["success"]), interval_text(r[name]["interval"]), note, style=bold)
    screen.print(table)
    attempted = r["episodes"] + r["before"]["n"] + r["after"]["n"]
    if attempted and r["invalid"] / attempted > INVALID_WARNING:
        screen.print(
            f"Warning: {r['invalid']} of {attempted} attempts were invalid and count for nothing.", style="bold yellow"
        )


def _book(r: Mapping[str, Any]) -> str:
    return f"{r['playbook']}@{r['revision']}, {count(r['bullets'], 'bullet')}, learned from {count(r['episodes'], 'episode')}"


def interval_text(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"


def _bullets(screen: Console, r: Mapping[str, Any]) -> None:
    if not r["heaviest"]:
        return
    from rich.table import Table

    table = Table(title="\nThe bullets that carry most weight", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("won", justify="right", style="green")
    table.add_column("lost", justify="right", style="red")
    table.add_column("bullet")
    for b in r["heaviest"]:
        table.add_row(str(b["won"]), str(b["lost"]), b["text"])
    screen.print(table)


def _cost(screen: Console, r: Mapping[str, Any], location: str) -> None:
    u = r["usage"]
    price = "price unknown" if u["cost_usd"] is None else f"{u['cost_usd']:.4f} USD"
    tokens = (
        f"{u['prompt_tokens']:,} prompt tokens ({u['cached_tokens']:,} cached), {u['completion_tokens']:,} completion tokens"
    )
    screen.print()
    screen.print(f"{count(u['calls'], 'model call')}, {tokens}, {price}, {r['seconds']:.1f} s.")
    edits = f"{count(r['accepted'], 'edit')} accepted, {r['refused']} refused"
    screen.print(f"{count(r['reflections'], 'reflection')}, {edits}. Everything is in {location} as run {r['run']}.")


def _next(screen: Console, r: Mapping[str, Any], location: str) -> None:
    from ace.opening import DEFAULT_STORE

    where = "" if location == DEFAULT_STORE else f" --store {location}"
    screen.print("\nNext:", style="bold")
    screen.print(f"  ace playbook show {r['playbook']}{where}")
    screen.print(f"  ace playbook diff {r['playbook']}@0 {r['playbook']}{where}")
    screen.print(f"  ace episode list --run {r['run']}{where}")


def measured(store: Store, run: Run, floors: Floors) -> dict[str, JSON]:
    """The result of an evaluation."""
    episodes = store.episodes(run=run.id, phase="eval", limit=None)[::-1]
    return {
        "run": run.id,
        "environment": run.config["environment"],
        "model": run.config["model"],
        "split": run.config["split"],
        "playbook": run.result["playbook"],
        "revision": run.result["revision"],
        "success": score(cases_of(episodes)).as_json(),
        "oracle": _share(floors.oracle),
        "random": _share(floors.random),
        "nothing": _share(floors.nothing),
        "usage": store.usage(run.id).as_json(),
        "seconds": run.result.get("seconds", 0.0),
    }


def print_measured(r: Mapping[str, Any]) -> None:
    """The result of an evaluation, in a few lines."""
    screen = console()
    s = r["success"]
    screen.print(
        f"{r['playbook']}@{r['revision']} on {r['environment']} ({r['split']}), {s['n']} cases, {s['invalid']} invalid"
    )
    for name, found in (("success", s), ("oracle", r["oracle"]), ("random", r["random"]), ("nothing", r["nothing"])):
        if found:
            screen.print(f"  {name:<8} {share(found['success']):>8}   {interval_text(found['interval'])}")
