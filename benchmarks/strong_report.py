"""What the phases of `strong.py` gave: held-out success by world and arm, its share of the ceiling, calls and tokens by role,
and the two arms compared on the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from arms import ARMS
from counting import ceiling, learned, level
from hidden_worlds import Hidden, Level

from ace.memory.store import Store
from ace.memory.values import Run
from ace.results.spending import by_role
from ace.statistics.intervals import paired, wilson


@dataclass(frozen=True, slots=True)
class Measured:
    """One arm of one world: verdicts on held-out cases by task, and what learning cost by role."""

    verdicts: dict[str, bool]
    learning: list[str]
    calls: int
    tokens: int

    @property
    def success(self) -> float:
        return sum(self.verdicts.values()) / len(self.verdicts)

    def said(self) -> str:
        low, high = wilson(sum(self.verdicts.values()), len(self.verdicts))
        return f"{self.success:.3f} [{low:.2f}, {high:.2f}]"


def measured(path: Path) -> Measured | None:
    """What the store at `path` holds; `None` where its held-out cases were not all played."""
    if not path.exists():
        return None
    with Store.open(path, read_only=True) as store:
        runs = {bool(r.config["split"]): r for r in store.runs()}
        verdicts = _verdicts(store, runs[True]) if True in runs else {}
        learning = _spent(store, runs[False]) if False in runs else []
        usage = store.usage(runs[False].id) if False in runs else None
    tokens = usage.prompt_tokens + usage.completion_tokens if usage else 0
    return Measured(verdicts, learning, usage.calls if usage else 0, tokens) if verdicts else None


def _verdicts(store: Store, run: Run) -> dict[str, bool]:
    found = store.episodes(run=run.id, phase="eval", limit=None)
    return {e.task.key: e.outcome.success for e in found if e.outcome.valid}


def _spent(store: Store, run: Run) -> list[str]:
    n = store.count_episodes(run=run.id, phase="learn")
    wins = store.count_episodes(run=run.id, phase="learn", verdict="success")
    said = [f"{n} attempts, {wins} won"]
    for role, share in by_role(store, run).items():
        u = share.usage
        said.append(f"{role} {u.calls} calls, {u.prompt_tokens:,} + {u.completion_tokens:,} tokens")
    return said


def report(folder: Path, cases: int) -> int:
    """Print all that was measured under `folder`."""
    worlds = sorted((p for p in folder.glob("world-*") if p.is_dir()), key=lambda p: int(p.name.removeprefix("world-")))
    arms: dict[str, dict[int, Measured]] = {arm: {} for arm in ARMS}
    shares: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for place in worlds:
        number = int(place.name.removeprefix("world-"))
        world = Hidden(world=number, level=_level(place))
        top, counted = ceiling(world, cases), learned(world, 5, 0, cases)
        print(f"world {number} ({world.domain.name}): right answers revealed to the search {top:.3f}; the search alone, five")
        print(f"  retries, {level(world, counted[0]):.3f} at {counted[1]} attempts (1,000 held-out cases)")
        if before := measured(place / "before.db"):
            print(f"  before  {before.said()}")
        for arm in ARMS:
            if found := measured(place / f"{arm}.db"):
                arms[arm][number] = found
                shares[arm].append(found.success / top)
                cost = f"{found.calls} calls, {found.tokens:,} tokens to learn"
                print(f"  {arm:<7} {found.said()}  share {shares[arm][-1]:.2f}, {cost}")
                print("          " + "; ".join(found.learning))
    for arm, all_shares in shares.items():
        if all_shares:
            print(f"{arm}: mean share of the ceiling {mean(all_shares):.3f}, lowest {min(all_shares):.3f} of {len(all_shares)}")
    compared(arms["off"], arms["on"])
    return 0


def _level(place: Path) -> Level:
    """The level that the world in the folder `place` was played on."""
    for path in place.glob("*.db"):
        with Store.open(path, read_only=True) as store:
            for run in store.runs():
                return "hard" if run.config["settings"].get("level") == "hard" else "normal"
    return "normal"


def compared(off: dict[int, Measured], on: dict[int, Measured]) -> None:
    """Print on against off: by world, and over all of their common cases."""
    pairs: list[tuple[bool, bool]] = []
    differences = []
    for number in sorted(off.keys() & on.keys()):
        keys = sorted(off[number].verdicts.keys() & on[number].verdicts.keys())
        found = [(off[number].verdicts[k], on[number].verdicts[k]) for k in keys]
        difference, low, high = paired(*map(list, zip(*found, strict=True)))
        differences.append(difference)
        pairs += found
        print(f"on - off, world {number}: {difference:+.3f} [{low:+.2f}, {high:+.2f}] on {len(found)} cases")
    if pairs:
        _, low, high = paired([a for a, _ in pairs], [b for _, b in pairs])
        gained, lost = sum(b and not a for a, b in pairs), sum(a and not b for a, b in pairs)
        print(f"on - off, mean of {len(differences)} worlds: {mean(differences):+.3f}; pooled over {len(pairs)} cases of these")
        print(f"  worlds [{low:+.3f}, {high:+.3f}]; {gained} cases won by on alone, {lost} by off alone")
