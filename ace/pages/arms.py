"""The arms of an experiment: success with its seeds, changes against the baseline, and the table with every figure."""

from __future__ import annotations

from ace.experiments.answer import ArmRow, Comparison, Contrast
from ace.experiments.concluding import is_same, is_told
from ace.pages.axes import differences, shares
from ace.pages.charts import Bar, Frame, estimates
from ace.pages.html import Child, Html, el
from ace.pages.tables import Head, table
from ace.pages.words import about, interval, money, points, seconds, share

_HEADS = (
    Head("arm"), Head("success", True), Head("95 % interval", True), Head("change", True), Head("95 % interval", True),
    Head("p, adjusted", True), Head("calls", True), Head("tokens", True), Head("cost, USD", True), Head("time", True),
    Head("note"),
)  # fmt: skip
_BY_SEED = "Success on held-out tasks by seed"


def ranked(found: Comparison) -> list[ArmRow]:
    """The arms that are compared with the baseline, the best first; copies of an arm are left out."""
    rows = [r for r in found.rows if r.change is not None and r.arm.twin == 1]
    return sorted(rows, key=lambda r: -r.change.difference if r.change else 0.0)


def changes(found: Comparison) -> Html:
    """The change of each arm against the baseline, with its interval."""
    contrasts = [(r.arm.name, r.change) for r in ranked(found) if r.change is not None]
    contrasts += [(f"{t.twin} (chance)", t.band) for t in found.twins]
    if not contrasts:
        return Html()
    ends = [end for _, c in contrasts for end in (c.interval or (c.difference, c.difference))]
    bars = [Bar(name, c.difference, c.interval, _told(c), _tone(name, c, found)) for name, c in contrasts]
    words = "; ".join(f"{bar.name} {bar.told}" for bar in bars)
    title = f"Change against {found.baseline}"
    frame = Frame("changes", title, f"In percentage points, with 95 % intervals: {words}.")
    drawn = estimates(frame, differences("percentage points", min(ends), max(ends)), bars, zero=0.0)
    return el("figure", el("figcaption", f"{title} with 95 % intervals; grey where chance may explain it"), drawn)


def _tone(name: str, c: Contrast, found: Comparison) -> int:
    if name in {f"{t.twin} (chance)" for t in found.twins} or not is_told(c):
        return 0
    return 1 if c.difference > 0 else 2


def _told(c: Contrast) -> str:
    if is_same(c):
        return f"{points(c.difference)} (same outcomes)"
    if c.interval is None:
        return points(c.difference)
    return f"{points(c.difference)} ({points(c.interval[0])} to {points(c.interval[1])})"


def levels(found: Comparison) -> Html:
    """Success of each arm on held-out tasks, with the seeds it is the mean of."""
    rows = [r for r in found.rows if r.success is not None]
    if not rows:
        return Html()
    bars = [_level(r, found) for r in rows]
    words = "; ".join(f"{bar.name} {bar.told}" for bar in bars)
    frame = Frame("levels", "Success on held-out tasks by arm", f"Means over seeds with 95 % intervals: {words}.")
    caption = "Success on held-out tasks: the mean with its 95 % interval, and a small ring for each seed"
    return el("figure", el("figcaption", caption), estimates(frame, shares("share of tasks won"), bars))


def _level(r: ArmRow, found: Comparison) -> Bar:
    told = f"{share(r.success)} ({interval(r.interval)})" if r.interval else share(r.success)
    parts = [(value, f"{r.arm.name}, seed {seed}: {share(value)}") for seed, value in by_seed(r).items()]
    return Bar(
        r.arm.name, r.success, r.interval, told, 0 if r.arm.name == found.baseline else 1, parts if len(parts) > 1 else ()
    )


def by_seed(r: ArmRow) -> dict[int, float]:
    """The share of valid tasks that an arm won, by seed."""
    found = {}
    for seed, outcomes in r.outcomes.items():
        valid = [won for won in outcomes.values() if won is not None]
        if valid:
            found[seed] = sum(valid) / len(valid)
    return found


def figures(found: Comparison) -> Html:
    """The table: a row for each arm; its last column, of notes, stands only where there is one."""
    rows = [_row(r, found.baseline) for r in found.rows]
    columns = len(_HEADS) if any(row[-1] for row in rows) else len(_HEADS) - 1
    title = f"{len(found.rows)} arms on {found.tasks:,} held-out tasks"
    return table(title, _HEADS[:columns], [row[:columns] for row in rows])


def _row(r: ArmRow, baseline: str) -> list[Child]:
    c, u = r.change, r.usage
    change = points(c.difference) if c else "baseline" if r.arm.name == baseline else "–"
    bounds = (
        "same outcomes"
        if c and is_same(c)
        else f"{points(c.interval[0])} to {points(c.interval[1])}"
        if c and c.interval
        else "–"
    )
    spent = (about(u.calls), about(u.prompt_tokens + u.completion_tokens), money(u.cost_usd), seconds(r.seconds))
    note = r.note + (f"{'; ' if r.note else ''}{r.invalid:,} invalid attempts" if r.invalid else "")
    what = el("span", r.arm.name, class_="good" if c and is_told(c) and c.difference > 0 else None)
    return [what, share(r.success), interval(r.interval), change, bounds, _p(c), *spent, note]


def _p(c: Contrast | None) -> str:
    p = None if c is None else c.adjusted if c.adjusted is not None else c.p
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def seeds(found: Comparison) -> Html:
    """Success by arm and seed, as a table."""
    heads = [Head("arm"), *(Head(f"seed {seed}", True) for seed in found.seeds)]
    rows = [(r.arm.name, *(share(by_seed(r).get(seed)) for seed in found.seeds)) for r in found.rows]
    return table(_BY_SEED, heads, rows)


def runs(found: Comparison) -> Html:
    """The runs by arm and seed: each can be looked at by itself."""
    heads = [Head("arm"), Head("strategy"), Head("settings"), *(Head(f"seed {seed}") for seed in found.seeds)]
    rows = [(r.arm.name, r.arm.strategy, _settings(r), *(r.runs.get(seed, "–") for seed in found.seeds)) for r in found.rows]
    return table("Runs by arm and seed: ace run report RUN makes the page of one", heads, rows)


def _settings(r: ArmRow) -> str:
    return ", ".join(f"{key}={value}" for key, value in (*r.arm.settings.items(), *r.arm.own.items())) or "–"
