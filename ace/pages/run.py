"""The page of one run: did the agent get better, by how much, how sure is that, what did it learn, and what did it cost."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from ace.memory.store import Store
from ace.memory.values import Run
from ace.pages.axes import counts, shares
from ace.pages.bullets import Weighing, filtered, listed, weighed
from ace.pages.charts import Bar, Dot, Frame, Series, estimates, lines
from ace.pages.document import Report, Section
from ace.pages.episodes import examples, shown
from ace.pages.history import edits, growth
from ace.pages.html import Child, Html, el, together
from ace.pages.settings import costs, settings
from ace.pages.tables import Head, folded, table
from ace.pages.verdict import cautions, not_done, verdict
from ace.pages.words import about, count, interval, moment, money, seconds, share
from ace.results.result import Result, result_of, view_of
from ace.results.score import Score, cases_of, score
from ace.results.spending import by_role

HEAVIEST = 8
_WINDOWS = 12
"""Points of the learning curve: batches are put together until there are no more than these."""
_BULLETS, _ALL, _EPISODES, _EDITS = 60_000, 260_000, 220_000, 220_000
"""Bytes of the parts of a page; what does not fit is counted."""
_FLOORS = (("oracle", "knows the answers"), ("random", "random choice"), ("nothing", "does nothing"))


def run_page(store: Store, id: str) -> Report:
    """The page of run `id`. Raises `NotFound`."""
    [run] = store.leases.as_they_are([store.run(id)])
    if "playbook" not in run.result:
        return _begun(run)
    return _evaluated(store, run) if run.config.get("split") else _learned(store, run)


def foot() -> str:
    """What stands at the end of every page."""
    return f"Made by ace {version('evolving-playbook')} from the store alone. It loads nothing from anywhere."


def subject(run: Run) -> str:
    """What a run was, in a line."""
    of = f"{run.config.get('environment', '')} · {run.config.get('strategy', '')} · {run.config.get('model', '')}"
    return f"Run {run.id} · {of} · seed {run.config.get('seed', '')} · {moment(run.started)}"


def _begun(run: Run) -> Report:
    why = str(run.result.get("stopped") or "")
    told = el(
        "p", f"It is {run.status.value}{f' ({why})' if why else ''}, and the store holds its settings alone.", class_="lead"
    )
    return Report(
        f"ace run {run.id}", subject(run), "This run has not measured or learned anything yet", [told], Html(), [],
        [Section("settings", "Settings and seeds", settings(run), link="Settings")], foot(),
    )  # fmt: skip


def _learned(store: Store, run: Run) -> Report:
    r, view = result_of(store, run), view_of(store, run)
    bullets = weighed(store, view)
    said = verdict(r)
    book = f"{r.playbook}@{r.revision}"
    chosen = examples(store, run.id)
    start = int(str(run.config.get("start") or 0))
    sections = [
        Section("result", "Result", _scores(run, r)),
        *([Section("curve", "Learning", _curve(r), _CURVE)] if len(r.batches) > 1 else []),
        *_bullet_sections(bullets, book),
        *(
            [
                Section(
                    "episodes",
                    "Example episodes",
                    shown(store, chosen, _EPISODES),
                    "Chosen to be telling, not at random.",
                    "Episodes",
                )
            ]
            if chosen
            else []
        ),
        Section("history", "History of edits", _history(store, r, start, run.id), _HISTORY, "History"),
        Section("cost", "Cost", costs(r.roles)),
        Section("settings", "Settings and seeds", settings(run), link="Settings"),
    ]
    return Report(
        f"ace run {run.id}",
        subject(run),
        said.answer,
        [*said.lead, *cautions(run, r)],
        _estimates(run, r),
        _facts(r),
        sections,
        foot(),
    )


_CURVE = (
    "Success of first attempts at training cases, each attempted with the playbook as it was by then. The band is Wilson's "
    "95 % interval of each point."
)
_HISTORY = "Every change of the playbook by this run, newest first, with what was refused."


def _bars(run: Run, r: Result) -> list[tuple[Bar, str, str]]:
    """The estimates with what each is of and how many cases it has."""
    rows = [("before", "empty playbook", r.before, 0), ("start", "the playbook as it was found", r.start, 0)]
    rows.append(("after", f"{r.playbook}@{r.revision}, {count(r.bullets, 'bullet')}", r.after, 1))
    found = [(_score_bar(name, s, tone), note, f"{s.n:,}") for name, note, s, tone in rows if s is not None and s.n]
    return found + _floors(run)


def _score_bar(name: str, s: Score, tone: int) -> Bar:
    return Bar(name, s.success, s.interval, _told(s.success, s.interval), tone)


def _told(success: float | None, bounds: Sequence[float] | None) -> str:
    return f"{share(success)}  ({interval(bounds)})" if bounds else share(success)


def _floors(run: Run) -> list[tuple[Bar, str, str]]:
    floors = run.result.get("floors")
    found = []
    for name, note in _FLOORS:
        f = floors.get(name) if isinstance(floors, dict) else None
        if isinstance(f, dict):
            low, high = (float(bound) for bound in f["interval"])
            bar = Bar(name, float(f["success"]), (low, high), _told(float(f["success"]), (low, high)), 0)
            found.append((bar, note, f"{f['n']:,}"))
    return found


def _estimates(run: Run, r: Result) -> Html:
    return _chart([bar for bar, _, _ in _bars(run, r)])


def _chart(bars: Sequence[Bar]) -> Html:
    if not bars:
        return Html()
    told = "; ".join(f"{bar.name} {bar.told}" for bar in bars)
    frame = Frame("success", "Success on held-out cases", f"With 95 % intervals: {told}.")
    caption = el("figcaption", "Success on held-out cases, with 95 % intervals")
    return el("figure", caption, estimates(frame, shares("share of cases won"), bars))


def _scores(run: Run, r: Result) -> Html:
    heads = (Head(""), Head("success", True), Head("95 % interval", True), Head("cases", True), Head("with"))
    rows = [(bar.name, share(bar.value), interval(bar.interval), n, note) for bar, note, n in _bars(run, r)]
    if not rows:
        return el("p", "Nothing was measured: the run only learned, or has not come so far.")
    return together([table("Success on held-out cases, with Wilson's 95 % interval", heads, rows), _within(r)])


def _within(r: Result) -> Html | None:
    if r.most < 2:
        return None
    within = f"any of up to {r.most} attempts {share(r.within.success)}"
    return el("p", f"On training cases first attempts won {share(r.first.success)}, {within}.")


def _facts(r: Result) -> list[tuple[str, Child]]:
    u = r.usage
    return [
        ("Training cases", _fact(f"{r.cases:,}", f"{count(r.episodes, 'attempt')}")),
        ("Bullets", _fact(f"{r.bullets:,}", f"{count(r.accepted, 'edit')}, {r.refused:,} refused")),
        ("Model calls", _fact(about(u.calls), f"{r.reflections:,} reflections")),
        ("Tokens", _fact(about(u.prompt_tokens + u.completion_tokens), f"{about(u.completion_tokens)} written")),
        ("Cost", _fact(money(u.cost_usd), "price of a model unknown" if u.cost_usd is None else "all calls")),
        ("Time", _fact(seconds(r.seconds), "wall clock")),
    ]


def _fact(value: str, note: str) -> Html:
    return together([value, el("small", note)])


def _curve(r: Result) -> Html:
    windows = _windows(r.batches)
    known = [(first, last, at, s) for first, last, at, s in windows if s.success is not None]
    drawn = [
        Dot(
            at,
            s.success or 0.0,
            f"batches {first} to {last}: {_told(s.success, s.interval)}, {s.n} cases",
            *(s.interval or (None, None)),
        )
        for first, last, at, s in known
    ]
    ends = f"{share(known[0][3].success)} to {share(known[-1][3].success)}" if known else "not known"
    frame = Frame("learning", "Success of first attempts while learning", f"From {ends} over {len(r.batches)} batches.", 260)
    total = sum(b.n + b.invalid for b in r.batches)
    chart = lines(frame, counts("training cases so far", total), shares("first attempts won"), [Series(drawn)])
    heads = (Head("batches"), Head("cases won", True), Head("of", True), Head("success", True), Head("95 % interval", True))
    rows = [
        (f"{first} to {last}", f"{s.wins:,}", f"{s.n:,}", share(s.success), interval(s.interval))
        for first, last, _, s in windows
    ]
    numbers = table("Success of first attempts by batches", heads, rows)
    return el("figure", chart, folded("The numbers as a table", numbers))


def _windows(batches: Sequence[Score]) -> list[tuple[int, int, int, Score]]:
    """Neighbouring batches put together: the first and last number (from 1), the cases so far at its end, and the score."""
    size, at, found = -(-len(batches) // _WINDOWS), 0, []
    for i in range(0, len(batches), size):
        part = batches[i : i + size]
        s = Score(sum(b.wins for b in part), sum(b.n for b in part), sum(b.invalid for b in part))
        at += s.n + s.invalid
        found.append((i + 1, i + len(part), at, s))
    return found


def _bullet_sections(bullets: Weighing, book: str) -> list[Section]:
    rest = f"ace playbook show {book}"
    heaviest = bullets.heaviest[:HEAVIEST]
    if not bullets.bullets:
        return [Section("bullets", "What was learned", el("p", "The playbook has no bullets."), link="Bullets")]
    first = listed(heaviest, "heaviest", _BULLETS, rest) if heaviest else el("p", "No attempt has followed a bullet yet.")
    every = together([filtered("all", "bullets"), listed(bullets.bullets, "all", _ALL, rest)])
    body = together([first, folded(f"All {count(len(bullets.bullets), 'bullet')} in their order", every)])
    return [Section("bullets", "The bullets that carry most weight", body, _BULLETS_ARE, "Bullets")]


_BULLETS_ARE = (
    "Followed: the agent said that it used the bullet, in a valid training attempt. Right and wrong: what all past attempts "
    "say of the bullet by its text, in the playbook's order, whether or not it was there at the time."
)


def _history(store: Store, r: Result, start: int, run: str) -> Html:
    revisions = store.revisions(r.playbook)[start : r.revision + 1]
    drawn = growth(revisions) if len(revisions) > 1 else None
    return together([drawn, edits(store, r.playbook, _EDITS, run)])


def _evaluated(store: Store, run: Run) -> Report:
    s = score(cases_of(store.episodes(run=run.id, phase="eval", limit=None)[::-1]))
    book = f"{run.result['playbook']}@{run.result.get('revision', 'head')}"
    bar = _score_bar("success", s, 1)
    rows = [(bar, book, f"{s.n:,}")] if s.n else []
    rows += _floors(run)
    heads = (Head(""), Head("success", True), Head("95 % interval", True), Head("cases", True), Head("with"))
    scores = table(
        "Success on measured cases", heads, [(b.name, share(b.value), interval(b.interval), n, note) for b, note, n in rows]
    )
    chosen = examples(store, run.id, "eval")
    sections = [
        Section("result", "Result", scores),
        Section("episodes", "Example episodes", shown(store, chosen, _EPISODES), link="Episodes"),
        Section("cost", "Cost", costs(by_role(store, run))),
        Section("settings", "Settings and seeds", settings(run), link="Settings"),
    ]
    answer = f"{share(s.success)} of {count(s.n, 'case')} won" if s.n else "Nothing was measured yet"
    lead = el("p", f"An evaluation of {book}: nothing was learned. {count(s.invalid, 'invalid case')} left out.", class_="lead")
    return Report(
        f"ace run {run.id}", subject(run), answer, [lead, *not_done(run)], _chart([b for b, _, _ in rows]), [], sections, foot()
    )
