"""What a run gave, as one JSON value made from the store alone: when it ends, and whenever it is asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ace.environments.floors import Floor, Floors
from ace.evidence.score import cases_of, score
from ace.intervals import paired
from ace.memory.store import Store
from ace.memory.values import Run
from ace.memory.view import View
from ace.types import JSON, Episode

HEAVIEST = 8
FLOORS = ("oracle", "random", "nothing")


def floors_json(floors: Floors) -> dict[str, JSON]:
    """The floors by name, as a run keeps them."""
    return {name: _floor(getattr(floors, name)) for name in FLOORS}


def _floor(floor: Floor | None) -> JSON:
    if floor is None:
        return None
    return {"success": round(floor.success, 4), "n": floor.n, "interval": [round(b, 4) for b in floor.interval]}


def result_of(store: Store, run: Run) -> dict[str, JSON]:
    """The result of a learning run, as far as it has come; see the README for its keys."""
    config, result = run.config, run.result
    phases = {p: store.episodes(run=run.id, phase=p, limit=None)[::-1] for p in ("before", "start", "learn", "after")}
    everything = [e for found in phases.values() for e in found]
    view = store.view(f"{result['playbook']}@{result.get('revision', 'head')}")
    deltas = [d for d in store.log(result["playbook"]) if d.run == run.id]
    scores = {p: score(cases_of(phases[p])).as_json() for p in ("before", "start", "after") if p != "start" or result["start"]}
    return {
        **_head(run),
        "revision": view.revision.number,
        **scores,
        "gain": _gain(phases["before"], phases["after"]),
        **_floors_of(run),
        "episodes": len(phases["learn"]),
        "attempted": len(everything),
        "invalid": sum(not e.outcome.valid for e in everything),
        "reflections": sum(len(store.reflections(e.id)) for e in phases["learn"]),
        "bullets": view.count,
        "accepted": sum(len(d.operations) for d in deltas),
        "refused": sum(len(d.refusals) for d in deltas),
        "replies": store.reply_forms(run.id),
        "curve": [round(s, 4) for s in _curve(cases_of(phases["learn"]), int(config["batch"]))],
        "heaviest": _heaviest(view),
        "usage": store.usage(run.id).as_json(),
        "seconds": result.get("seconds", 0.0),
    }


def evaluation_of(store: Store, run: Run) -> dict[str, JSON]:
    """The result of an evaluation."""
    episodes = store.episodes(run=run.id, phase="eval", limit=None)[::-1]
    return {
        **_head(run),
        "split": run.config["split"],
        "revision": run.result["revision"],
        "success": score(cases_of(episodes)).as_json(),
        **_floors_of(run),
        "usage": store.usage(run.id).as_json(),
        "seconds": run.result.get("seconds", 0.0),
    }


def _head(run: Run) -> dict[str, JSON]:
    names = ("environment", "settings", "model", "strategy", "seed")
    head = {name: run.config[name] for name in names}
    return {"run": run.id, "status": run.status.value, **head, "playbook": run.result["playbook"]}


def _floors_of(run: Run) -> dict[str, JSON]:
    return {name: run.result.get("floors", {}).get(name) for name in FLOORS}


def _gain(before: Sequence[Episode], after: Sequence[Episode]) -> JSON:
    """By how much success grew on the cases that were valid both times, with its interval for paired cases."""
    first, second = _wins(before), _wins(after)
    both = [key for key in first if key in second]
    if not both:
        return None
    difference, low, high = paired([first[k] for k in both], [second[k] for k in both])
    return {"difference": round(difference, 4), "n": len(both), "interval": [round(low, 4), round(high, 4)]}


def _wins(episodes: Sequence[Episode]) -> dict[str, bool]:
    valid = [[e for e in attempts if e.outcome.valid] for attempts in cases_of(episodes)]
    return {attempts[0].task.key: any(e.outcome.success for e in attempts) for attempts in valid if attempts}


def _curve(cases: Sequence[Sequence[Episode]], batch: int) -> list[float]:
    scores = [score(cases[i : i + batch]).success for i in range(0, len(cases), batch)]
    return [s for s in scores if s is not None]


def _heaviest(view: View) -> list[Mapping[str, Any]]:
    """The bullets that were followed most, with what came of it."""
    bullets = {b.id: b for b in view.bullets()}
    records = view.records(list(bullets))
    followed = sorted(((r.cited_won + r.cited_lost, id) for id, r in records.items()), reverse=True)
    return [
        {"id": id, "text": bullets[id].text, "won": records[id].cited_won, "lost": records[id].cited_lost}
        for n, id in followed[:HEAVIEST]
        if n
    ]
