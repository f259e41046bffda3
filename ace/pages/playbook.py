"""The page of one playbook: what it says, whether it was found to help, what past attempts say of it, how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.memory.store import Store
from ace.memory.values import Run
from ace.memory.view import View
from ace.pages.bullets import Weighing, bullet_section, fit_section, retired_section, weighed
from ace.pages.document import Report, Section, fact
from ace.pages.history import edits, growth
from ace.pages.html import Child, Html, el, together
from ace.pages.scores import chart, held_out
from ace.pages.tables import Head, table
from ace.pages.verdict import changed
from ace.pages.words import about, count, cut, interval, moment, points, share
from ace.results.result import Result, result_of
from ace.statistics.intervals import wilson

_RUNS = 40
"""Runs that are listed, the newest."""
_HEADS = (
    Head("run"), Head("environment"), Head("model"), Head("seed", True), Head("before", True), Head("after", True),
    Head("revision", True), Head("began"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Measured:
    """The newest run that measured the playbook before and after it learned."""

    run: Run
    result: Result


def playbook_page(store: Store, ref: str) -> Report:
    """The page of the playbook at `ref` (`NAME`, or `NAME@REVISION`). Raises `NotFound`."""
    view = store.view(ref)
    name, number = view.revision.playbook, view.revision.number
    runs = [r for r in store.leases.as_they_are(store.runs()) if _is_of(r, name, number)][::-1]
    bullets, measured = weighed(store, view), _measured(store, runs)
    revisions = store.revisions(name)[: number + 1]
    deltas = [d for d in store.log(name) if d.revision is None or d.revision.number <= number]
    drawn = growth(revisions) if len(revisions) > 1 else None
    sections = [
        bullet_section(bullets, f"{name}@{number}"),
        *fit_section(bullets.fit),
        *retired_section(view),
        *(
            [Section("runs", "Runs", _runs(store, runs), "Runs and evaluations of this playbook, newest first.")]
            if runs
            else []
        ),
        Section("history", "History of edits", together([drawn, edits(store, name, deltas)]), _HISTORY, "History"),
    ]
    subject = [f"Playbook {name}", f"revision {number}", moment(view.revision.at)]
    answer, lead = _answer(view, measured)
    beside = chart(held_out(measured.run, measured.result)) if measured else Html()
    return Report(
        f"ace playbook {name}@{number}", subject, answer, lead, beside, _facts(store, view, bullets, len(deltas)), sections
    )


_HISTORY = "Every change, newest first, with what was refused."


def _is_of(run: Run, name: str, number: int) -> bool:
    """Whether a run used or made the playbook, at revision `number` or before."""
    revision = run.result.get("revision", 0)
    return run.result.get("playbook") == name and isinstance(revision, int) and revision <= number


def _measured(store: Store, runs: Sequence[Run]) -> _Measured | None:
    for run in runs:
        if not run.config.get("split") and _share(store, run, "before") is not None and _share(store, run, "after") is not None:
            r = result_of(store, run)
            return _Measured(run, r) if r.gain else None
    return None


def _answer(view: View, measured: _Measured | None) -> tuple[str, list[Html]]:
    holds = f"It holds {count(view.count, 'bullet')}, about {about(view.tokens)} tokens."
    if not view.count:
        return "This playbook has no bullets", [el("p", "Its history stands below.", class_="lead")]
    if measured is None or measured.result.gain is None:
        told = f"{holds} No run in this store measured success before and after it, so whether it helps is not known."
        return f"{count(view.count, 'bullet')}, not measured", [el("p", told, class_="lead")]
    r, gain = measured.result, measured.result.gain
    later = view.revision.number - r.revision
    since = f" It was changed {count(later, 'time')} since, which is not measured." if later else ""
    told = (
        f"{holds} In run {r.run} (seed {r.seed}) success on the same {count(gain.n, 'held-out case')} went from "
        f"{share(r.before.success)} to {share(r.after.success)}: 95 % interval of the change {points(gain.interval[0])} to "
        f"{points(gain.interval[1])} points.{since}"
    )
    return changed(gain.difference, gain.interval), [el("p", told, class_="lead")]


def _facts(store: Store, view: View, bullets: Weighing, deltas: int) -> list[tuple[str, Child]]:
    name = view.revision.playbook
    won, lost = (store.count_episodes(playbook=name, phase="learn", verdict=v) for v in ("success", "failure"))
    bounds = interval(wilson(won, won + lost)) if won + lost else "none yet"
    sections = len({w.bullet.section for w in bullets.bullets})
    never = sum(not w.followed.n for w in bullets.bullets)
    return [
        ("Bullets", fact(f"{view.count:,}", f"in {count(sections, 'section')}")),
        ("Never followed", fact(f"{never:,}", "of these bullets")),
        ("Tokens", fact(about(view.tokens), "estimated")),
        ("Revision", fact(f"{view.revision.number:,}", count(deltas, "delta"))),
        ("Training attempts", fact(f"{won + lost:,}", f"of this playbook, {won:,} won")),
        ("Of these won", fact(share(won / (won + lost)) if won + lost else "–", bounds)),
    ]


def _share(store: Store, run: Run, phase: str) -> float | None:
    won, lost = (store.count_episodes(run=run.id, phase=phase, verdict=v) for v in ("success", "failure"))
    return won / (won + lost) if won + lost else None


def _runs(store: Store, runs: Sequence[Run]) -> Html:
    rows = [_row(store, run) for run in runs[:_RUNS]]
    more = el("p", f"{count(len(runs) - _RUNS, 'earlier run')}: ace run list", class_="about") if len(runs) > _RUNS else None
    return together([table("Success on held-out cases by run", _HEADS, rows), more])


def _row(store: Store, run: Run) -> tuple[str, ...]:
    asked = (cut(str(run.config.get(name, "")), 80) for name in ("environment", "model", "seed"))
    before, after = (_share(store, run, phase) for phase in ("before", "eval" if run.config.get("split") else "after"))
    return run.id, *asked, share(before), share(after), str(run.result.get("revision", "–")), moment(run.started)
