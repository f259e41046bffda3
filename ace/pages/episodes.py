"""Example episodes: what was asked, what the agent did, what came of it, and the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.memory.store import Store
from ace.pages.document import Section
from ace.pages.html import Html, el, together
from ace.pages.tables import folded, within
from ace.pages.words import count, cut
from ace.results import scored
from ace.types import Episode, Reflection, Step, Verdict

_TASK, _STEP, _SAID, _STEPS, _LINE = 3000, 1200, 1500, 30, 110
"""Characters of a task, of an action or observation, and of a diagnosis; steps; characters of an action in a summary."""
_MARKS = {Verdict.SUCCESS: ("won", "good"), Verdict.FAILURE: ("lost", "bad"), Verdict.INVALID: ("invalid", "soft")}
_ALLOWANCE = 220_000
"""Bytes of all examples together."""
_NEWEST = 120
"""Episodes of a phase among which examples are looked for."""


@dataclass(frozen=True, slots=True)
class Example:
    """An episode, with why it is shown."""

    episode: Episode
    note: str


def examples(store: Store, run: str, final: str = "after") -> list[Example]:
    """A few telling episodes of a run: cases lost before learning and won after, cases still lost, attempts that were learned
    from, and one that counts for nothing."""
    before = {e.task.key: e for e in store.episodes(run=run, phase="before", verdict=Verdict.FAILURE, limit=_NEWEST)}
    after = store.episodes(run=run, phase=final, verdict=Verdict.SUCCESS, limit=_NEWEST)
    found: list[Example] = []
    turned = [e for e in after if e.task.key in before][:2]
    for e in turned:
        found.append(Example(before[e.task.key], "held-out case, before learning"))
        found.append(Example(e, "the same case, after learning"))
    lost = store.episodes(run=run, phase=final, verdict=Verdict.FAILURE, limit=3)
    found += [Example(e, "held-out case, still lost after learning" if final == "after" else "measured case") for e in lost]
    if not turned:
        found += [Example(e, "held-out case, after learning" if final == "after" else "measured case") for e in after[:2]]
    learned = store.episodes(run=run, phase="learn", verdict=Verdict.FAILURE, limit=2)
    found += [Example(e, "training case, learned from") for e in learned]
    broken = store.episodes(run=run, verdict=Verdict.INVALID, limit=1)
    return [*found, *(Example(e, f"invalid, counts for nothing ({e.phase})") for e in broken)]


def episode_sections(store: Store, chosen: Sequence[Example]) -> list[Section]:
    """The examples, which open one by one; nothing where there is none."""
    if not chosen:
        return []
    kept, left = within(_ALLOWANCE, (_example(x, store.reflections(x.episode.id)) for x in chosen))
    more = el("p", f"{count(left, 'more example')} would make this page too large", class_="about") if left else None
    return [
        Section("episodes", "Example episodes", together([*kept, more]), "Chosen to be telling, not at random.", "Episodes")
    ]


def _example(x: Example, reflections: Sequence[Reflection]) -> Html:
    e = x.episode
    word, tone = _MARKS[e.outcome.verdict]
    did = f" {e.task.id}: {cut_line(e.steps[-1].action) if e.steps else 'nothing was done'}"
    summary = together(
        [
            el("span", word, class_=f"mark {tone}"),
            el("span", x.note),
            el("span", did, class_="note", dir="auto"),
        ]
    )
    about = [e.id, f"seed {e.seed}", f"attempt {e.attempt}", *([f"kind {e.task.kind}"] if e.task.kind else [])]
    bullets = sum(s.shown for s in e.render.exposures)
    said = f"{count(bullets, 'bullet')} shown" + (f", cited: {', '.join(e.cited)}" if e.cited else "")
    body = [
        el("p", " · ".join([*about, said, count(e.usage.calls, "model call")]), class_="about"),
        el("blockquote", el("p", cut(e.task.text, _TASK), class_="said", dir="auto")),
        el("ol", *map(_step, e.steps[:_STEPS]), class_="steps"),
        el("p", f"… {count(len(e.steps) - _STEPS, 'more step')}") if len(e.steps) > _STEPS else None,
        _outcome(e),
        *map(_reflection, reflections),
    ]
    return folded(summary, el("div", *body), class_="item")


def cut_line(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text[: 4 * _LINE].split())
    return line if len(line) <= _LINE else f"{line[:_LINE].rstrip()} …"


def _step(s: Step) -> Html:
    thought = el("p", cut(s.thought, _STEP), class_="said soft", dir="auto") if s.thought else None
    scores = el("p", f"by likelihood: {scored.told(s.scores)}", class_="note", dir="auto") if s.scores else None
    seen = el("p", cut(s.observation.text, _STEP), class_="said", dir="auto") if s.observation else None
    return el("li", el("p", cut(s.action, _STEP), class_="said act", dir="auto"), thought, scores, seen)


def _outcome(e: Episode) -> Html:
    word, tone = _MARKS[e.outcome.verdict]
    told = " ".join(text for text in (e.outcome.reason, e.outcome.feedback) if text)
    return el("p", el("span", word, class_=f"mark {tone}"), el("span", cut(told, _SAID), class_="said", dir="auto"))


def _reflection(r: Reflection) -> Html:
    rows = (("Situation", r.situation), ("Choice", r.choice), ("Diagnosis", r.diagnosis), ("Lesson", r.lesson))
    told = [el("p", el("strong", f"{name}. "), el("span", cut(text, _SAID), dir="auto")) for name, text in rows if text]
    return el("blockquote", el("p", "Diagnosis by the reflector", class_="about"), *told)
