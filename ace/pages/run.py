"""The page of one run: did the agent get better, by how much, how sure is that, what did it learn, and what did it cost."""

from __future__ import annotations

from collections.abc import Sequence

from ace.memory.store import Store
from ace.memory.values import Run
from ace.pages.bullets import bullet_section, weighed
from ace.pages.charts import Bar
from ace.pages.document import Report, Section, fact
from ace.pages.episodes import episode_sections, examples
from ace.pages.history import edits, growth
from ace.pages.html import Child, Html, el, together
from ace.pages.learning import curve
from ace.pages.scores import Scored, chart, floors, held_out, scored, scores, told
from ace.pages.settings import costs, settings
from ace.pages.verdict import cautions, not_done, verdict
from ace.pages.words import about, count, cut, moment, money, seconds, share
from ace.results.attempts import attempts_of, pass_at_each
from ace.results.measured import measured
from ace.results.result import Result, result_of, view_of
from ace.results.score import cases_of, score
from ace.results.spending import by_role
from ace.types import Episode

_CURVE = (
    "Success of first attempts at training cases, each attempted with the playbook as it was by then. The band is Wilson's "
    "95 % interval of each point."
)
_HISTORY = "Every change of the playbook by this run, newest first, with what was refused."


def run_page(store: Store, id: str) -> Report:
    """The page of run `id`. Raises `NotFound`."""
    [run] = store.leases.as_they_are([store.run(id)])
    if "playbook" not in run.result:
        return _begun(run)
    return _evaluated(store, run) if run.config.get("split") else _learned(store, run)


def _subject(run: Run) -> list[str]:
    asked = (cut(str(run.config.get(name, "")), 80) for name in ("environment", "strategy", "model"))
    return [f"Run {run.id}", *asked, f"seed {run.config.get('seed', '')}", moment(run.started)]


def _asked(run: Run) -> Section:
    return Section("settings", "Settings and seeds", settings(run), link="Settings")


def _begun(run: Run) -> Report:
    why = f" ({run.result['stopped']})" if run.result.get("stopped") else ""
    lead = el("p", f"It is {run.status.value}{why}, and the store holds its settings alone.", class_="lead")
    answer = "This run has not measured or learned anything yet"
    return Report(f"ace run {run.id}", _subject(run), answer, [lead], Html(), [], [_asked(run)])


def _learned(store: Store, run: Run) -> Report:
    r = result_of(store, run)
    said, rows = verdict(r), held_out(run, r)
    sections = [
        Section("result", "Result", together([scores(rows), _within(r)])),
        *([Section("curve", "Learning", curve(r.batches), _CURVE)] if len(r.batches) > 1 else []),
        bullet_section(weighed(store, view_of(store, run)), f"{r.playbook}@{r.revision}"),
        *episode_sections(store, examples(store, run.id)),
        Section("history", "History of edits", _history(store, r, int(str(run.config.get("start") or 0))), _HISTORY, "History"),
        Section("cost", "Cost", costs(r.roles)),
        _asked(run),
    ]
    lead = [*said.lead, *(el("p", g.sentence) for g in r.gates), *cautions(run, r)]
    return Report(f"ace run {run.id}", _subject(run), said.answer, lead, chart(rows), _facts(r), sections)


def _within(r: Result) -> Html | None:
    if r.most < 2:
        return None
    within = f"any of up to {r.most} attempts {share(r.within.success)}"
    return el("p", f"On training cases first attempts won {share(r.first.success)}, {within}.")


def _facts(r: Result) -> Sequence[tuple[str, Child]]:
    u = r.usage
    return [
        ("Training cases", fact(f"{r.cases:,}", count(r.episodes, "attempt"))),
        ("Bullets", fact(f"{r.bullets:,}", f"{count(r.accepted, 'edit')}, {r.refused:,} refused{_waiting(r)}")),
        ("Model calls", fact(about(u.calls), count(r.reflections, "reflection"))),
        ("Tokens", fact(about(u.prompt_tokens + u.completion_tokens), f"{about(u.completion_tokens)} written")),
        ("Cost", fact(money(u.cost_usd), "a price is not known" if u.cost_usd is None else "all calls")),
        ("Time", fact(seconds(r.seconds), "wall clock")),
    ]


def _waiting(r: Result) -> str:
    return f", {count(r.waiting, 'change')} held for review" if r.waiting else ""


def _history(store: Store, r: Result, start: int) -> Html:
    revisions = store.revisions(r.playbook)[start : r.revision + 1]
    drawn = growth(revisions) if len(revisions) > 1 else None
    return together([drawn, edits(store, r.playbook, store.log(r.playbook, run=r.run))])


def _evaluated(store: Store, run: Run) -> Report:
    episodes = store.episodes(run=run.id, phase="eval", limit=None)[::-1]
    s = score(cases_of(e for e in episodes if e.epoch == 0))
    revision = int(str(run.result["revision"]))
    book = measured(str(run.result["playbook"]), revision)
    rows = [*scored("success", s, book), *_several(run, episodes), *floors(run)]
    title = "Success on measured cases"
    sections = [
        Section("result", "Result", scores(rows, title)),
        *episode_sections(store, examples(store, run.id, "eval")),
        Section("cost", "Cost", costs(by_role(store, run))),
        _asked(run),
    ]
    answer = f"{share(s.success)} of {count(s.n, 'case')} won" if s.n else "Nothing was measured yet"
    lead = el(
        "p",
        f"An evaluation of {'the ' * (revision == 0)}{book}: nothing was learned. {count(s.invalid, 'invalid case')} left out.",
        class_="lead",
    )
    return Report(f"ace run {run.id}", _subject(run), answer, [lead, *not_done(run)], chart(rows, title), [], sections)


def _several(run: Run, episodes: Sequence[Episode]) -> list[Scored]:
    """What several independent attempts at each case came to; nothing where there was one."""
    most = int(str(run.config.get("attempts", 1)))
    if most == 1:
        return []
    found = pass_at_each(attempts_of(episodes), most)
    return [
        Scored(Bar(f"pass@{p.k}", p.success, p.interval, told(p.success, p.interval), 0), p.tasks, f"any of {p.k} attempts")
        for p in found
    ]
