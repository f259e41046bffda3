"""The page of an experiment: what may be concluded stands first, and every figure of the table is on it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from ace.binding import unsigned
from ace.experiments.answer import ArmRow, Comparison, Contrast, CurvePoint, Twins
from ace.experiments.arms import Arm, arms_of
from ace.experiments.design import designed
from ace.memory.store import Store
from ace.pages.arms import changes, figures, levels, runs, seeds
from ace.pages.compare import compare_page, headline
from ace.pages.curves import curves
from ace.pages.document import rendered
from ace.settings import RunSettings
from ace.types import Usage
from tests.pages.reading import read

BAD = "<script>alert(1)</script>"


def contrast(difference: float, adjusted: float | None) -> Contrast:
    return Contrast(difference, (difference - 0.05, difference + 0.05), adjusted, adjusted, 0.12, 2, 4, 0)


def row(name: str, change: Contrast | None = None, success: float | None = 0.5) -> ArmRow:
    """An arm with two seeds, four tasks, and a curve of four batches for each seed."""
    outcomes: dict[int, dict[str, bool | None]] = {
        0: {"t1": True, "t2": False, "t3": None, "t4": True},
        1: {"t1": True, "t2": True, "t3": False, "t4": False},
    }
    by_seed = {s: tuple(CurvePoint(10 * n, 20 * n + s, 300 * n, 0.2 * n + 0.1 * s) for n in (1, 2, 3, 4)) for s in (0, 1)}
    usage = Usage(1234, 50_000, 0, 6_000, None)
    return ArmRow(
        Arm(name, "s", {"k": "v"}), success, (0.4, 0.6), change, 1, usage, 75.0, BAD, {0: f"r-{name}-0", 1: f"r-{name}-1"},
        outcomes, by_seed[0], by_seed,
    )  # fmt: skip


def compared(*rows: ArmRow, done: int = 4) -> Comparison:
    return Comparison("x-1", BAD, BAD, "base", (0, 1), 4, 40, (row("base"), *rows), (), 0.12, BAD, (BAD,), done, 4)


def test_the_headline_says_no_more_than_the_adjusted_p_values_allow() -> None:
    better, worse, open_one = contrast(0.3, 0.01), contrast(-0.3, 0.01), contrast(0.2, 0.2)
    assert headline(compared(row("a", better))) == "a beats base by 30.0 points"
    also = replace(better, difference=0.2)
    assert headline(compared(row("b", also), row("a", better))) == "a beats base by 30.0 points; also better: b +20.0"
    many = [row(name, also) for name in "bcd"]
    assert headline(compared(*many, row("a", better))) == "a beats base by 30.0 points; 3 other arms are better too"
    assert headline(compared(row("a", open_one))) == "No arm can be told from base"
    assert headline(compared(row("a", contrast(0.9, None)))) == "No arm can be told from base"
    assert headline(compared(row("a", worse), row("b", open_one))) == "No arm beats base; a is worse"
    assert headline(compared(row("a", better), done=3)) == "So far, a beats base by 30.0 points"
    assert headline(compared()) == "Nothing can be concluded yet"


def test_the_same_arm_twice_is_chance_and_no_winner() -> None:
    twin = replace(row("a#2", contrast(0.9, 0.001)), arm=Arm("a#2", "s", twin=2))
    found = replace(compared(row("a", contrast(0.3, 0.01)), twin), twins=(Twins("a", "a#2", contrast(0.01, None)),))
    assert headline(found).startswith("a beats base")
    drawn = ElementTree.fromstring(changes(found).markup)
    names = [t.text for t in drawn.iter("text") if "name" in (t.get("class") or "")]
    assert names == ["a", "a#2 (chance)"]


def test_the_table_has_every_figure_and_unknown_is_said() -> None:
    found = compared(row("a", contrast(0.3, 0.0004)), replace(row("gone", None, None), interval=None, note="not usable here"))
    cells = [
        ["".join(c.itertext()).replace("\xa0", " ") for c in r]
        for r in ElementTree.fromstring(figures(found).markup).iter("tr")
    ]
    assert cells[2] == [
        "a", "50.0 %", "40.0 to 60.0 %", "+30.0", "+25.0 to +35.0", "< 0.001", "1,234", "56 k", "unknown", "1 min 15 s",
        f"{BAD}; 1 invalid attempts",
    ]  # fmt: skip
    assert cells[3][:6] == ["gone", "–", "–", "–", "–", "–"]
    assert cells[1][3] == "baseline"
    assert cells[0][-1] == "note"
    plain = replace(found, rows=tuple(replace(r, note="", invalid=0) for r in found.rows))
    assert "note" not in "".join(ElementTree.fromstring(figures(plain).markup).itertext())
    by_seed = [["".join(c.itertext()) for c in r] for r in ElementTree.fromstring(seeds(found).markup).iter("tr")]
    assert by_seed[1] == ["base", "66.7\xa0%", "50.0\xa0%"]
    assert "r-a-1" in runs(found).markup


def test_each_seed_is_a_ring_beside_the_mean() -> None:
    drawn = ElementTree.fromstring(levels(compared(row("a", contrast(0.3, 0.01)))).markup)
    titles = [t.text for t in drawn.iter("title")]
    assert "a, seed 0: 66.7\xa0%" in titles
    assert len([c for c in drawn.iter("circle") if "part" in (c.get("class") or "")]) == 4


def test_learning_curves_go_along_cases_calls_and_tokens_with_intervals_over_seeds() -> None:
    drawn = ElementTree.fromstring(curves(compared(row("a", contrast(0.3, 0.01)))).markup)
    titles = [s.findtext("title") for s in drawn.iter("svg") if s.get("class") == "chart"]
    assert titles == [
        f"{arm} along {x}" for x in ("training cases", "model calls of a run", "tokens of a run") for arm in ("base", "a")
    ]
    assert len(list(drawn.iter("polygon"))) == 6
    rows = ["".join(r.itertext()).replace("\xa0", " ") for r in drawn.iter("tr")]
    # Means .25 of .2 and .3: half the width is t(.975, 1) = 12.706 times their standard error .05, cut at 0.
    assert rows[1] == "base102030025.0 %0.0 to 88.5 %"
    single = replace(row("a"), curves={})
    assert "polygon" not in curves(replace(compared(), rows=(single,))).markup
    assert curves(replace(compared(), rows=(replace(single, curve=()),))).markup == ""


def test_an_experiment_that_has_not_begun_has_a_page_and_hostile_names_are_text(store: Store) -> None:
    design = designed(RunSettings(environment=BAD, model=BAD), arms_of("empty,ace"), (0, 1))
    begun = store.experiments.begin(design.as_json(), unsigned)
    page = read(rendered(compare_page(store, begun.id)))
    assert "nothing can be concluded yet" in page.text
    assert "0 of 4" in page.text.replace("\xa0", " ")
    assert BAD in page.text
