"""The section on static demonstrations of an experiment's page."""

from __future__ import annotations

import re

from ace.experiments.demonstrations.figures import BesideArm, DemonstrationCurve, StaticDemonstrations, UncoveredTasks
from ace.pages.demonstrations import demonstrations

CURVE = (DemonstrationCurve("f1", 1, 0.2, 0.05, (-0.01, 0.11)), DemonstrationCurve("f2", 2, 0.25))


def cells(found: StaticDemonstrations) -> list[str]:
    return re.findall(r"<(?:td|th|caption)[^>]*>([^<]*)<", demonstrations(found).markup)


def test_every_figure_stands_in_the_tables() -> None:
    beside = BesideArm("<ace>", 0.8, 0.8, (0.5, 1.0)), BesideArm("empty", 0.0, 0.0, None)
    told = cells(StaticDemonstrations(CURVE, 1, "operator", (UncoveredTasks("f1", 1, ("repair",), 9, 5, 0.0, beside),)))
    assert "Success by number of demonstrations: k* = 1" in told
    assert "Tasks whose answer no demonstration shows, beside other arms on the same" in told
    assert [t.replace("\u2212", "-") for t in told if " to " in t] == ["-1.0 to +11.0", "+50.0 to +100.0"]
    assert {"&lt;ace&gt;", "the same everywhere", "5"} <= set(told)


def test_where_no_need_is_known_only_the_curve_is_shown() -> None:
    told = cells(StaticDemonstrations(CURVE, None, ""))
    assert "Success by number of demonstrations: no plateau was found" in told
    assert not [t for t in told if "Tasks whose" in t]
