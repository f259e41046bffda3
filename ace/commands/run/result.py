"""What a run gave, as one JSON value made from the store alone: when it ends, and whenever it is asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ace.environments.floors import Floor, Floors
from ace.memory.store import Store
from ace.memory.values import Followed, Run
from ace.memory.view import View
from ace.results import result as results
from ace.results.attempts import attempts_of, pass_at_each
from ace.results.result import Gain, view_of
from ace.results.score import cases_of, score
from ace.results.spending import by_role
from ace.runs.reading import READS
from ace.runs.tuning import FOUND
from ace.types import JSON, Episode

HEAVIEST = 8
FLOORS = ("oracle", "random", "nothing")


def floors_json(floors: Floors) -> dict[str, JSON]:
    """The floors by name, as a run keeps them."""
    measured: dict[str, JSON] = {name: _floor(getattr(floors, name)) for name in FLOORS}
    return {**measured, "unmeasured": dict(floors.unmeasured)} if floors.unmeasured else measured


def _floor(floor: Floor | None) -> JSON:
    if floor is None:
        return None
    return {"success": round(floor.success, 4), "n": floor.n, "interval": [round(b, 4) for b in floor.interval]}


def result_of(store: Store, run: Run) -> dict[str, JSON]:
    """The result of a learning run, as far as it has come; see the README for its keys."""
    r = results.result_of(store, run)
    return {
        **_head(run),
        "revision": r.revision,
        **{name: s.as_json() for name, s in (("before", r.before), ("start", r.start), ("after", r.after)) if s is not None},
        "gain": None if r.gain is None else _gain(r.gain),
        **_floors_of(run),
        "cases": r.cases,
        "episodes": r.episodes,
        "first": r.first.as_json(),
        "within": {**r.within.as_json(), "attempts": r.most},
        "attempted": r.attempted,
        "invalid": r.invalid,
        "reflections": r.reflections,
        "bullets": r.bullets,
        "accepted": r.accepted,
        "refused": r.refused,
        "waiting": r.waiting,
        "gates": [g.as_json() for g in r.gates],
        "replies": store.reply_forms(run.id),
        "curve": [round(s, 4) for s in r.curve],
        "alarms": list(r.alarms),
        "heaviest": _heaviest(view_of(store, run)),
        "usage": r.usage.as_json(),
        "roles": {role: share.as_json() for role, share in r.roles.items()},
        "seconds": r.seconds,
    }


def evaluation_of(store: Store, run: Run) -> dict[str, JSON]:
    """The result of an evaluation."""
    episodes = store.episodes(run=run.id, phase="eval", limit=None)[::-1]
    return {
        **_head(run),
        "split": run.config["split"],
        "revision": run.result["revision"],
        "success": score(cases_of(e for e in episodes if e.epoch == 0)).as_json(),
        **_attempts(run, episodes),
        **_floors_of(run),
        "usage": store.usage(run.id).as_json(),
        "roles": {role: share.as_json() for role, share in by_role(store, run).items()},
        "seconds": run.result.get("seconds", 0.0),
    }


def _attempts(run: Run, episodes: Sequence[Episode]) -> dict[str, JSON]:
    """What several independent attempts at each case came to; nothing where there was one."""
    most = int(run.config.get("attempts", 1))
    if most == 1:
        return {}
    return {"attempts": most, "pass_at": [p.as_json() for p in pass_at_each(attempts_of(episodes), most)]}


def _head(run: Run) -> dict[str, JSON]:
    names = ("environment", "settings", "model", "strategy", "seed")
    head = {name: run.config[name] for name in names}
    return {
        "run": run.id,
        "status": run.status.value,
        **head,
        "playbook": run.result["playbook"],
        **_prompts(run),
        **_read(run),
    }


def _prompts(run: Run) -> dict[str, JSON]:
    """Which prompts were the person's own; nothing where all were stock."""
    own = list(run.config.get("prompts", {}))
    return {"prompts": {"own": own, "digest": run.result["prompts"]["digest"]}} if own else {}


def _read(run: Run) -> dict[str, JSON]:
    """The playbooks that the strategy read, and what it found out before anything was measured; nothing where there is none."""
    found = {"reads": run.config.get(READS), FOUND: run.result.get(FOUND)}
    return {name: value for name, value in found.items() if value}


def _floors_of(run: Run) -> dict[str, JSON]:
    return {name: run.result.get("floors", {}).get(name) for name in FLOORS}


def _gain(gain: Gain) -> JSON:
    return {"difference": round(gain.difference, 4), "n": gain.n, "interval": [round(bound, 4) for bound in gain.interval]}


def _heaviest(view: View) -> list[Mapping[str, Any]]:
    """The bullets that were followed most, with what came of it."""
    bullets = {b.id: b for b in view.bullets()}
    followed = view.followed(bullets.values())
    heaviest = sorted(((f.n, id) for id, f in followed.items() if f.n), reverse=True)[:HEAVIEST]
    return [_heavy(id, bullets[id].text, followed[id]) for _, id in heaviest]


def _heavy(id: str, text: str, f: Followed) -> Mapping[str, Any]:
    this = {"won": f.won, "lost": f.lost}
    return {"id": id, "text": text, "won": f.won + f.other_won, "lost": f.lost + f.other_lost, "this_text": this}
