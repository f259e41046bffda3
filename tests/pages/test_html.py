"""No text can become markup, and every chart stays inside its frame."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ace.pages.axes import Axis, counts, differences, heights, shares
from ace.pages.charts import Bar, Dot, Frame, Series, estimates, lines, stacked
from ace.pages.html import el, text
from ace.pages.tables import within
from ace.pages.words import cut, seconds
from ace.playbooks.visible import visible

numbers = st.floats(0, 1)


def shown(value: str) -> str:
    """What a reader sees of a text."""
    return visible(value).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


@given(st.text(st.characters()))
def test_any_text_is_read_back_as_it_is_shown_and_makes_no_element(value: str) -> None:
    made = ElementTree.fromstring(el("p", value, title=value, data_list=value).markup)
    assert (made.text or "", len(made)) == (shown(value), 0)
    # XML reads line breaks and tabs in an attribute as blanks; HTML does not.
    plain = shown(value).replace("\n", " ").replace("\t", " ")
    assert [made.get(name) for name in ("title", "data-list")] == [plain, plain]


def test_lone_surrogates_can_be_written() -> None:
    assert text("a\ud800b").markup.encode() == "a\ufffdb".encode()


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=20), st.integers(0, 10**7))
def test_nothing_is_drawn_outside_the_frame(places: list[tuple[float, float, float]], most: int) -> None:
    points = [Dot(n, y, "a point", min(low, y), max(low, y)) for n, (y, low, _) in enumerate(places)]
    frame = Frame("f", "a title", "about it")
    made = ElementTree.fromstring(lines(frame, counts("x", most), shares("y"), [Series(points)]).markup)
    for dot in made.iter("circle"):
        assert all(0 <= float((dot.get(name) or "").rstrip("%")) <= 100 for name in ("cx", "cy"))
    for drawn in (*made.iter("polyline"), *made.iter("polygon")):
        assert all(0 <= float(n) <= 1000 for place in (drawn.get("points") or "").split() for n in place.split(","))


@given(st.floats(0, 1e9), st.floats(0, 1))
def test_axes_have_a_few_round_ticks_within_them(high: float, part: float) -> None:
    for axis in (counts("n", high, round(part * high)), heights("n", high), differences("d", -part, part)):
        assert isinstance(axis, Axis)
        assert 1 <= len(axis.ticks) <= 7
        assert axis.low <= axis.ticks[0] <= axis.ticks[-1] <= axis.high
        assert len({axis.words(t) for t in axis.ticks}) == len(axis.ticks)


def test_estimates_say_their_numbers_and_cut_long_names() -> None:
    bars = [Bar("a" * 60, 0.5, (0.2, 0.8), "50 %"), Bar("unknown", None, None, "–")]
    made = ElementTree.fromstring(estimates(Frame("f", "t", "d"), shares("share"), bars).markup)
    told = [t.text or "" for t in made.iter("text")]
    assert all(len(t) <= 24 for t in told)
    assert len(list(made.iter("circle"))) == 1
    assert "a" * 60 in [t.text for t in made.iter("title")]


def test_a_bar_of_counts_fills_its_width() -> None:
    made = ElementTree.fromstring(stacked([(1, "right"), (0, "wrong"), (2, "silent")], "told").markup)
    wide = [float((r.get("width") or "").rstrip("%")) for r in made.iter("rect")]
    assert abs(sum(wide) - 100) < 0.1
    assert stacked([(0, "right")], "told").markup == ""


def test_what_does_not_fit_is_counted() -> None:
    kept, left = within(20, [text("a" * 10), text("b" * 9), text("c" * 9), text("d")])
    assert ([k.markup[0] for k in kept], left) == (["a", "b"], 2)
    assert cut("abcdef", 3) == "abc … (3 more characters)"
    assert [seconds(s) for s in (4.2, 200, 7500)] == ["4.2\xa0s", "3\xa0min 20\xa0s", "2\xa0h 05\xa0min"]
