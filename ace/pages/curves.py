"""Learning curves of an experiment: a small chart for each arm, along training cases, model calls and tokens.

One chart with all arms would be a knot. So each arm has its own, with the others in grey behind it, all to one scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from ace.experiments.answer import ArmRow, Comparison, CurvePoint
from ace.pages.axes import Axis, counts, shares
from ace.pages.charts import Dot, Frame, Series, lines
from ace.pages.html import Html, el
from ace.pages.tables import Head, numbered, table
from ace.pages.words import about, interval, share
from ace.statistics.distributions import t_quantile

_MOST = 10
"""Points of a curve: batches are put together until there are no more than these."""
_ALONG: Mapping[str, tuple[str, Callable[[CurvePoint], float]]] = {
    "episodes": ("training cases", lambda p: p.episodes),
    "calls": ("model calls of a run", lambda p: p.calls),
    "tokens": ("tokens of a run", lambda p: p.tokens),
}
_HEADS = (
    Head("arm"), Head("cases", True), Head("calls", True), Head("tokens", True), Head("success", True),
    Head("95 % interval over seeds", True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Mark:
    """Success of first attempts in neighbouring batches, averaged over the seeds, with Student's interval over them, at the
    mean of what was spent."""

    at: CurvePoint
    bounds: tuple[float, float] | None


def curves(found: Comparison) -> Html:
    """The charts of all arms that learn, and their numbers as a table. Nothing where none learns."""
    marks = {r.arm.name: _marks(r) for r in found.rows}
    marks = {name: some for name, some in marks.items() if len(some) > 1}
    if not marks:
        return Html()
    charts = [_charts(key, marks) for key in _ALONG]
    rows = [_row(name, m) for name, some in marks.items() for m in some]
    numbers = numbered(table("Success of first attempts while learning", _HEADS, rows))
    return el("div", _choice(), *charts, numbers, class_="curves")


def _choice() -> Html:
    """What the curves go along; without a browser that knows `:has`, all are shown."""
    options = []
    for key, (words, _) in _ALONG.items():
        checked = "" if key == "episodes" else None
        field = el("input", type="radio", name="along", id=f"by-{key}", checked=checked)
        options.append(el("span", field, el("label", words, for_=f"by-{key}")))
    return el("fieldset", el("legend", "Along"), *options, class_="choice")


def _charts(key: str, marks: Mapping[str, Sequence[_Mark]]) -> Html:
    words, of = _ALONG[key]
    x = counts(words, max(of(some[-1].at) for some in marks.values()))
    drawn = [_chart(key, number, name, marks, x) for number, name in enumerate(marks)]
    return el("div", el("h3", f"Along {words}"), *drawn, class_=f"small by-{key}")


def _chart(key: str, number: int, name: str, marks: Mapping[str, Sequence[_Mark]], x: Axis) -> Html:
    words, of = _ALONG[key]
    others = [Series([_plain(m, of) for m in some], tone=0, dots=False) for other, some in marks.items() if other != name]
    own = [_dot(name, m, of) for m in marks[name]]
    ends = f"From {share(own[0].y)} to {share(own[-1].y)}"
    frame = Frame(f"{key}-{number}", f"{name} along {words}", f"{ends}; the other arms in grey.", 150)
    return el("figure", el("figcaption", name), lines(frame, x, shares("first attempts won"), [*others, Series(own)]))


def _dot(name: str, m: _Mark, of: Callable[[CurvePoint], float]) -> Dot:
    low, high = m.bounds or (None, None)
    told = f"{name}, {m.at.episodes:,} cases, {about(m.at.calls)} calls, {about(m.at.tokens)} tokens: {share(m.at.success)}"
    return Dot(of(m.at), m.at.success, f"{told} ({interval(m.bounds)})" if m.bounds else told, low, high)


def _plain(m: _Mark, of: Callable[[CurvePoint], float]) -> Dot:
    """Of an arm in the background: without its interval."""
    return Dot(of(m.at), m.at.success, "")


def _row(name: str, m: _Mark) -> tuple[str, ...]:
    p = m.at
    return name, f"{p.episodes:,}", about(p.calls), about(p.tokens), share(p.success), interval(m.bounds)


def _marks(r: ArmRow) -> list[_Mark]:
    by_seed = [c for c in r.curves.values() if c] or ([r.curve] if r.curve else [])
    length = min(map(len, by_seed), default=0)
    size = -(-length // _MOST) or 1
    return [_mark([c[i : min(i + size, length)] for c in by_seed]) for i in range(0, length, size)]


def _mark(parts: Sequence[Sequence[CurvePoint]]) -> _Mark:
    n = len(parts)
    means = [sum(p.success for p in part) / len(part) for part in parts]
    mean, last = sum(means) / n, [part[-1] for part in parts]
    at = CurvePoint(last[0].episodes, sum(p.calls for p in last) / n, sum(p.tokens for p in last) / n, mean)
    if n < 2:
        return _Mark(at, None)
    half = t_quantile(0.975, n - 1) * sqrt(sum((m - mean) ** 2 for m in means) / (n - 1) / n)
    return _Mark(at, (max(0.0, mean - half), min(1.0, mean + half)))
