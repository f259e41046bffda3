"""The page of an experiment: which arms beat the baseline, by how much, how sure is that, and at what cost."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from ace.experiments.answer import ArmRow, Comparison
from ace.experiments.arms import Arm
from ace.experiments.concluding import comparison_of, is_told
from ace.memory.store import Store
from ace.offered import offer, offered
from ace.pages.arms import changes, figures, levels, ranked, runs, seeds
from ace.pages.bullets import bullet_section, weighed
from ace.pages.curves import curves
from ace.pages.demonstrations import ABOUT, demonstrations
from ace.pages.document import Report, Section, fact
from ace.pages.episodes import Example, episode_sections
from ace.pages.html import Child, Html, el, together
from ace.pages.settings import given, listed
from ace.pages.tables import numbered
from ace.pages.words import about, count, cut, moment, money, points, seconds
from ace.results.result import view_of
from ace.strategies.registry import ROOM
from ace.types import JSON, Usage, Verdict

_RESULT = (
    "Success is the mean over seeds and held-out tasks, its interval takes both into account. A change is on the tasks that "
    "are valid for both arms; p is adjusted for the number of arms (Holm), and decides; intervals are not "
    "adjusted: one may leave out 0 and p still not tell the arms apart."
)
_CURVES = (
    "Success of first attempts at training cases. The band is Student's 95 % interval over seeds; the other arms are grey. "
    "Equal cases are not equal costs: compare along calls and tokens too."
)
_UNLEARNED = " Arms that learn nothing have no curve."
_EXAMPLES, _NAMED = 3, 2
_NEWEST = 200
"""Episodes of a run among which examples are looked for."""


def compare_page(store: Store, id: str, baseline: str = "") -> Report:
    """The page of the experiment whose id is `id` or begins so; of the last one where it is empty; against the arm `baseline`
    where one is named. Raises `NotFound` and `BadSetting`."""
    experiment = store.experiments.one(id)
    found = comparison_of(store, experiment, baseline)
    drawn, best = curves(found), next(iter(ranked(found)), None)
    settings: JSON = experiment.design.get("settings", {})
    sections = [
        Section(
            "result",
            "Result",
            together([levels(found), figures(found), _arms(found), _gates(found), numbered(seeds(found), "Success by seed")]),
            _RESULT,
        ),
        *([Section("curves", "Learning curves", drawn, _CURVES + _UNLEARNED, "Learning")] if drawn.markup else []),
        *_demonstrated(found),
        *_learned(store, best),
        *episode_sections(store, _examples(store, found, best)),
        Section("runs", "Runs", runs(found)),
        Section("settings", "Settings and seeds", _settings(found, settings), link="Settings"),
    ]
    subject = [f"Experiment {experiment.id}", cut(found.environment, 80), cut(found.model, 80), moment(experiment.started)]
    return Report(
        f"ace compare {experiment.id}", subject, headline(found), _lead(found), changes(found), _facts(found), sections
    )


def _demonstrated(found: Comparison) -> list[Section]:
    told = found.demonstrations
    return [] if told is None else [Section("demonstrations", "Static demonstrations", demonstrations(told), ABOUT)]


def _arms(found: Comparison) -> Html:
    """What each arm is, in its strategy's own words."""
    rows = [el("li", el("strong", row.arm.name), f": {_what(row.arm)}") for row in found.rows]
    return el("ul", *rows, class_="soft")


def _gates(found: Comparison) -> Html | None:
    """What gates concluded in the runs of each arm."""
    rows = [el("li", el("strong", row.arm.name), f": gate {gate.sentence}.") for row in found.rows for gate in row.gates]
    return el("ul", *rows) if rows else None


def _what(arm: Arm) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in (*arm.settings.items(), *arm.own.items()))
    ours = offered(ROOM)
    # Code that a store names is not imported to be described.
    text = inspect.cleandoc(offer(ours[arm.strategy]).__doc__ or "") if arm.strategy in ours else ""
    said = text.partition("\n")[0].replace("`", "") or f"A strategy from outside, {cut(arm.strategy, 80)}."
    return f"{said} With {cut(settings, 200)}." if settings else said


def headline(found: Comparison) -> str:
    """What can be concluded, in a few words."""
    rows, so_far = ranked(found), "" if found.whole else "So far, "
    better = [r for r in rows if r.change and is_told(r.change) and r.change.difference > 0]
    worse = [r for r in rows if r.change and is_told(r.change) and r.change.difference < 0]
    if better and better[0].change:
        also = [f"{r.arm.name} {100 * r.change.difference:+.1f}" for r in better[1:] if r.change]
        more = f"; also better: {', '.join(also)}" if also else ""
        more = more if len(also) <= _NAMED else f"; {len(also)} other arms are better too"
        return f"{so_far}{better[0].arm.name} beats {found.baseline} by {100 * better[0].change.difference:.1f} points{more}"
    if worse:
        verb = "is" if len(worse) == 1 else "are"
        told = f"no arm beats {found.baseline}; {', '.join(r.arm.name for r in worse[:3])} {verb} worse"
    else:
        told = f"no arm can be told from {found.baseline}" if rows else "nothing can be concluded yet"
    return so_far + told if so_far else told[0].upper() + told[1:]


def _lead(found: Comparison) -> list[Html]:
    lead = [el("p", found.conclusion, class_="lead")]
    for t in found.twins:
        low, high = t.band.interval or (t.band.difference, t.band.difference)
        band = f"{points(t.band.difference)} points apart ({points(low)} to {points(high)})"
        lead.append(el("p", f"{t.arm}, played twice, came {band}: that is chance alone.", class_="soft"))
    if not found.whole:
        lead.append(
            el("p", f"{found.done:,} of {found.cells:,} runs are over; this is as far as it has come.", class_="caution")
        )
    return [*lead, *(el("p", text, class_="caution") for text in found.cautions)]


def _reach(detectable: float | None) -> Html:
    if detectable is None or detectable >= 1:
        return fact("–" if detectable is None else "none", "would be found reliably")
    return fact(f"{100 * detectable:.1f} points", "found 8 times in 10 for the least certain arm")


def _facts(found: Comparison) -> Sequence[tuple[str, Child]]:
    u = sum((r.usage for r in found.rows), Usage())
    return [
        (
            "Runs",
            fact(f"{found.done:,} of {found.cells:,}", f"{count(len(found.rows), 'arm')}, {count(len(found.seeds), 'seed')}"),
        ),
        ("Held-out tasks", fact(f"{found.tasks:,}", f"{count(found.episodes, 'training case')}")),
        ("Smallest difference", _reach(found.detectable)),
        ("Model calls", fact(about(u.calls), f"{about(u.prompt_tokens + u.completion_tokens)} tokens")),
        ("Cost", fact(money(u.cost_usd), "a price is not known" if u.cost_usd is None else "all runs")),
        ("Time", fact(seconds(sum(r.seconds for r in found.rows)), "of all runs, added up")),
    ]


def _learned(store: Store, best: ArmRow | None) -> list[Section]:
    """What the best arm learned with its first seed."""
    run = store.run(next(iter(best.runs.values()))) if best and best.runs else None
    if best is None or run is None or "playbook" not in run.result:
        return []
    view = view_of(store, run)
    if not view.count:
        return []
    book = f"{view.revision.playbook}@{view.revision.number}"
    made = bullet_section(weighed(store, view), book)
    about_it = f"The playbook {book} that {best.arm.name} made with seed {next(iter(best.runs))}. {made.about}"
    return [Section(made.id, made.heading, made.body, about_it, made.link)]


def _examples(store: Store, found: Comparison, best: ArmRow | None) -> list[Example]:
    """Held-out tasks that the baseline lost and the best arm won, and tasks that the best arm lost, with the first seed that
    both have."""
    base = found.row(found.baseline)
    seed = next((s for s in best.runs if s in base.runs), None) if best else None
    if best is None or seed is None:
        return []
    lost = {e.task.key: e for e in store.episodes(run=base.runs[seed], phase="after", verdict=Verdict.FAILURE, limit=_NEWEST)}
    won = store.episodes(run=best.runs[seed], phase="after", verdict=Verdict.SUCCESS, limit=_NEWEST)
    examples: list[Example] = []
    for e in [e for e in won if e.task.key in lost][:_EXAMPLES]:
        examples.append(Example(lost[e.task.key], f"{found.baseline}, seed {seed}"))
        examples.append(Example(e, f"the same task, {best.arm.name}"))
    still = store.episodes(run=best.runs[seed], phase="after", verdict=Verdict.FAILURE, limit=_EXAMPLES)
    return [*examples, *(Example(e, f"{best.arm.name}, seed {seed}") for e in still)]


def _settings(found: Comparison, settings: JSON) -> Html:
    rows = [("experiment", found.experiment), ("baseline", found.baseline), ("seeds", ", ".join(map(str, found.seeds)))]
    own = [(name, value) for name, value in given(settings if isinstance(settings, dict) else {}) if name != "seed"]
    return listed("Settings that all runs share", [*rows, *own])
