"""Charts as static SVG, drawn without a library.

Places are percentages of the frame, so a chart is as wide as its column while its letters and strokes keep their size: nothing
shrinks on a telephone. Lines and bands, which SVG cannot place in percentages, stand in an inner frame that is stretched.
Every chart has a title and a description for readers that do not see it; the numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.pages.axes import Axis
from ace.pages.html import Html, el, together

_INNER = 1000
"""Units of the stretched frame, in both directions."""
_ROW, _FOOT, _LONGEST = 46, 42, 24
"""Of a chart of estimates: the height of a row and of the axis below, in pixels, and characters of a name."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart's `id` in the page, its title, its description, and its height in pixels."""

    id: str
    title: str
    about: str
    height: int = 220


@dataclass(frozen=True, slots=True)
class Dot:
    """A value `y` at `x` with its interval (`None`: it has none); `told` says it in words."""

    x: float
    y: float
    told: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points from left to right, in the colour `tone` (1 to 6; 0 is grey). `steps`: the value holds until the next point."""

    points: Sequence[Dot]
    tone: int = 1
    steps: bool = False
    dots: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart of estimates: a value with its interval, in the colour `tone`, and what stands at its right end.
    `parts` are the values it is the mean of, each in words, drawn small."""

    name: str
    value: float | None
    interval: tuple[float, float] | None
    told: str
    tone: int = 1
    parts: Sequence[tuple[float, str]] = ()


def lines(frame: Frame, x: Axis, y: Axis, series: Sequence[Series]) -> Html:
    """Lines with bands for intervals, over both axes."""
    drawn = el(
        "svg", *(shape for s in series for shape in _shapes(x, y, s)), class_="stretch", viewBox=f"0 0 {_INNER} {_INNER}",
        preserveAspectRatio="none", width="100%", height="100%", aria_hidden="true",
    )  # fmt: skip
    dots = [_dot(x, y, p, s.tone) for s in series if s.dots for p in s.points]
    return el("div", _framed(frame, [*_grid(x, y), drawn, *dots]), class_="plot")


def estimates(frame: Frame, x: Axis, bars: Sequence[Bar], zero: float | None = None) -> Html:
    """A row for each estimate: its name and figures over a line with the interval and a dot. `zero` is a place to compare
    with, drawn through all rows."""
    height = _ROW * len(bars)
    children = []
    for tick in x.ticks:
        at = _percent(x.at(tick))
        side = "start" if tick == x.ticks[0] else "end" if tick == x.ticks[-1] else "mid"
        children.append(el("line", x1=at, x2=at, y1=4, y2=height, class_="zero" if tick == zero else "grid"))
        children.append(el("text", x.words(tick), x=at, y=height + 17, class_=f"tick {side}"))
    children.append(el("text", x.label, x="100%", y=height + 36, class_="axis end"))
    for number, bar in enumerate(bars):
        children += _bar(x, bar, _ROW * number)
    tall = Frame(frame.id, frame.title, frame.about, height + _FOOT)
    return el("div", _framed(tall, children), class_="estimates")


def stacked(parts: Sequence[tuple[int, str]], told: str) -> Html:
    """Counts as lengths side by side in one thin bar; each has the class it is drawn with. Nothing where all are 0."""
    total = sum(n for n, _ in parts)
    if not total:
        return Html()
    at, drawn = 0, []
    for n, kind in parts:
        drawn.append(
            el("rect", x=_percent(at / total), y=0, width=_percent(n / total), height="100%", class_=kind) if n else None
        )
        at += n
    return el("svg", el("title", told), together(drawn), class_="stacked", role="img", width="100%", height=8)


def _framed(frame: Frame, children: Sequence[Html]) -> Html:
    title, about = f"{frame.id}-t", f"{frame.id}-d"
    return el(
        "svg", el("title", frame.title, id=title), el("desc", frame.about, id=about), *children, class_="chart", role="img",
        aria_labelledby=f"{title} {about}", width="100%", height=frame.height,
    )  # fmt: skip


def _grid(x: Axis, y: Axis) -> list[Html]:
    found = [el("text", y.label, x=-44, y=-16, class_="axis")]
    for tick in y.ticks:
        at = _percent(1 - y.at(tick))
        found.append(el("line", x1=0, x2="100%", y1=at, y2=at, class_="grid"))
        found.append(el("text", y.words(tick), x=-8, y=at, dy=4, class_="tick end"))
    for tick in x.ticks:
        found.append(el("text", x.words(tick), x=_percent(x.at(tick)), y="100%", dy=19, class_="tick mid"))
    return [*found, el("text", x.label, x="100%", y="100%", dy=38, class_="axis end")]


def _shapes(x: Axis, y: Axis, s: Series) -> list[Html]:
    def path(places: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{_INNER * x.at(a):.0f},{_INNER * (1 - y.at(b)):.0f}" for a, b in places)

    found = []
    band = [(p.x, p.low, p.high) for p in s.points if p.low is not None and p.high is not None]
    if len(band) > 1:
        edge = [(at, high) for at, _, high in band] + [(at, low) for at, low, _ in reversed(band)]
        found.append(el("polygon", points=path(edge), class_=f"band t{s.tone}"))
    if len(s.points) > 1:
        way = [(p.x, p.y) for p in s.points]
        if s.steps:
            way = [place for (a, b), (then, _) in zip(way, [*way[1:], way[-1]], strict=True) for place in ((a, b), (then, b))]
        found.append(el("polyline", points=path(way), class_=f"line t{s.tone}"))
    return found


def _dot(x: Axis, y: Axis, p: Dot, tone: int) -> Html:
    return el("circle", el("title", p.told), cx=_percent(x.at(p.x)), cy=_percent(1 - y.at(p.y)), r=3.5, class_=f"dot t{tone}")


def _bar(x: Axis, bar: Bar, top: int) -> list[Html]:
    name = bar.name if len(bar.name) <= _LONGEST else f"{bar.name[: _LONGEST - 1]}…"
    found = [
        el("text", el("title", bar.name) if name != bar.name else None, name, x=0, y=top + 17, class_=f"name t{bar.tone}"),
        el("text", bar.told, x="100%", y=top + 17, class_="figure end"),
        el("line", x1=0, x2="100%", y1=top + 31, y2=top + 31, class_="track"),
    ]
    if bar.interval is not None:
        low, high = (_percent(x.at(bound)) for bound in bar.interval)
        found.append(el("line", x1=low, x2=high, y1=top + 31, y2=top + 31, class_=f"whisker t{bar.tone}"))
    for value, words in bar.parts:
        at = _percent(x.at(value))
        found.append(el("circle", el("title", words), cx=at, cy=top + 31, r=2.5, class_=f"dot part t{bar.tone}"))
    if bar.value is not None:
        told = el("title", f"{bar.name}: {bar.told}")
        found.append(el("circle", told, cx=_percent(x.at(bar.value)), cy=top + 31, r=5, class_=f"dot t{bar.tone}"))
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"
