"""Arms as they are typed: stock ones, strategies by name, one's own, and the same one twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.errors import BadSetting, UnknownName
from ace.experiments.arms import Arm, arms_of
from ace.experiments.design import Cell, designed, seeds_of
from ace.settings import RunSettings


def test_arms_are_strategies_by_name_and_empty_learns_nothing() -> None:
    assert arms_of("empty, ace") == (Arm("empty", "empty", learns=False), Arm("ace", "ace"))


def test_an_arm_of_ones_own_stands_where_it_is_listed_or_else_at_the_end() -> None:
    own = ["slow=ace:tokens=900,curate=false", "plain=reflexion"]
    assert arms_of("slow,empty", own) == (
        Arm("slow", "ace", {"tokens": "900", "curate": "false"}),
        Arm("empty", "empty", learns=False),
        Arm("plain", "reflexion"),
    )


def test_a_strategy_of_a_file_is_an_arm_with_and_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("from ace.strategies.empty import Empty\n\n\nclass Mine(Empty):\n    learns = True\n")
    assert arms_of("", ["mine=./mine.py:Mine"]) == (Arm("mine", "./mine.py:Mine"),)
    assert arms_of("", ["mine=./mine.py:Mine:k=3"]) == (Arm("mine", "./mine.py:Mine", {"k": "3"}),)
    assert arms_of("./mine.py:Mine") == (Arm("./mine.py:Mine", "./mine.py:Mine"),)


@pytest.mark.parametrize("text", ["ace x2", "acex2", "ace*2", "ace x 2"])
def test_the_same_arm_twice_is_two_arms_that_know_of_each_other(text: str) -> None:
    first, second = arms_of(text)
    assert (first.name, second.name, second.of, second.twin) == ("ace", "ace#2", "ace", 2)


@pytest.mark.parametrize(
    ("said", "settings"),
    [
        ("chains=false,curate=true", {"chains": "false", "curate": "true"}),
        ("words=a,b,chains=false", {"words": "a,b", "chains": "false"}),
        ("words=a=b", {"words": "a=b"}),
        ("server=http://127.0.0.1:80/v1,words=", {"server": "http://127.0.0.1:80/v1", "words": ""}),
        ("chains=false, curate=true,", {"chains": "false", "curate": "true"}),
    ],
)
def test_a_setting_of_an_arm_may_hold_commas_colons_and_equals_signs(said: str, settings: dict[str, str]) -> None:
    assert arms_of("", [f"mine=ace:{said}"])[0].settings == settings


@pytest.mark.parametrize(
    ("said", "settings", "own"),
    [
        ("gate=trial,gate-pairs=100,tokens=900", {"tokens": "900"}, {"gate": "trial", "gate-pairs": "100"}),
        ("gate=trial,final,final.revisions=2", {}, {"gate": "trial,final", "final.revisions": "2"}),
        ("alpha=0.5,tokens=900", {"tokens": "900"}, {"alpha": "0.5"}),
        ("holdout=0.2,mask=true,gate_alpha=0.1", {}, {"holdout": "0.2", "mask": "true", "gate-alpha": "0.1"}),
    ],
)
def test_an_arm_may_have_gates_and_masks_of_its_own(said: str, settings: dict[str, str], own: dict[str, str]) -> None:
    [arm, twin] = arms_of("minex2", [f"mine=ace:{said}"])
    assert (arm.settings, arm.own, twin.own, Arm.from_json(arm.as_json())) == (settings, own, own, arm)


def test_what_an_arm_states_of_its_run_holds_for_it_alone() -> None:
    base = RunSettings("desk", gates=("fit",), gate_settings={"attempts": "9"}, gate_pairs=50, mask=True)
    arms = arms_of("ace", ["a=ace:gate=trial,final,final.revisions=2,holdout=0.2", "b=ace:gate=,mask=no", "c=ace:fit.shown=3"])
    plain, a, b, c = (designed(base, arms, (0,)).settings(Cell(arm, 0)) for arm in arms)
    assert (plain.gates, plain.gate_pairs, plain.mask, plain.holdout) == (("fit",), 50, True, 0)
    assert (a.gates, a.gate_settings, a.gate_pairs) == (("trial", "final"), {"final.revisions": "2"}, 50)
    assert (a.holdout, a.mask) == (0.2, True)
    assert (b.gates, b.gate_settings, b.mask) == ((), {}, False)
    assert (c.gates, c.gate_settings) == (("fit",), {"attempts": "9", "fit.shown": "3"})


def test_a_sweep_over_alpha_is_an_arm_each_over_one_proxy() -> None:
    base = RunSettings("desk", model="local:m.gguf", proxy="m.gguf", sampling={"temperature": 0.5, "alpha": 3.0})
    arms = arms_of("ace", ["none=ace:alpha=0", "away=ace:alpha=-1.5", "told=oracle-book:alpha=2"])
    runs = [designed(base, arms, (0,)).settings(Cell(arm, 0)) for arm in arms]
    assert [r.sampling for r in runs] == [{"temperature": 0.5, "alpha": alpha} for alpha in (3.0, 0.0, -1.5, 2.0)]
    assert {r.proxy for r in runs} == {"m.gguf"}
    with pytest.raises(BadSetting, match="arm none: alpha goes with proxy decoding: name a small model"):
        designed(RunSettings("desk"), arms, (0,)).settings(Cell(arms[1], 0))


def test_a_setting_of_a_strategy_is_the_strategys_also_where_runs_have_one_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = (
        "class Mine(Ace):\n    def __init__(self, roles, /, *, mask: bool = False) -> None:\n        super().__init__(roles)\n"
    )
    Path("masking.py").write_text(f"from ace.strategies.ace import Ace\n\n\n{made}")
    [arm] = arms_of("", ["mine=./masking.py:Mine:mask=true,gate=trial"])
    assert (arm.settings, arm.own) == ({"mask": "true"}, {"gate": "trial"})


@pytest.mark.parametrize(
    ("listed", "own", "told"),
    [
        ("empty,refexion", [], "did you mean 'reflexion'"),
        ("ace,empty,ace", [], "arm ace is there twice; write acex2"),
        ("acex2,ace", [], "arm ace is there twice"),
        ("acex1", [], "repeated 2 to 9 times"),
        ("acex99", [], "repeated 2 to 9 times"),
        ("", ["mine"], "write NAME=strategy"),
        ("", ["mine="], "write NAME=strategy"),
        ("", ["=ace"], "arm name '' is not accepted"),
        ("", ["a b=ace"], "arm name 'a b' is not accepted"),
        ("", ["mine=acee"], "unknown arm 'acee'; did you mean 'ace'"),
        ("", ["mine=ace", "mine=frozen"], "arm mine is there twice"),
        ("refexionx2", [], "did you mean 'reflexion'"),
        ("", ["mine=ace:chains"], "setting 'chains' has no value"),
        ("", ["mine=ace:chains:curate=false"], "setting 'chains' has no value"),
        ("", ["mine=ace:"], "no setting follows ':'"),
        ("", ["mine=:chains=false"], "no strategy is named"),
        ("", ["mine=ace:chains=false,chains=true"], "given twice"),
        ("", ["mine=ace:gate-pairs=9,gate_pairs=8"], "arm mine: setting 'gate-pairs' is given twice"),
        ("", ["mine=ace:batch=3"], "cannot have batch for itself, --batch is the same for all arms; of its run an arm may"),
        ("", ["mine=ace:review=true"], "an experiment has no such setting; of its run an arm may state gate, gate-alpha"),
        ("", ["mine=ace:gate-alpha=2"], "arm mine: gate_alpha is 2.0; it must be a chance"),
        ("", ["mine=ace:alpha=nan"], "alpha='nan' is not accepted by arm mine; it must be a finite number"),
        ("", ["mine=ace:alpha=much"], "alpha='much' is not accepted by arm mine; it must be a finite number"),
        ("", ["mine=ace:proxy=m.gguf"], "cannot have proxy for itself, --proxy is the same for all arms"),
        ("", ["mine=ace:mask=perhaps"], "mask='perhaps' is not accepted by arm mine; it must be true or false"),
        ("", ["mine=empty:gate=trial"], "arm mine: gate has no effect, because its strategy empty learns nothing"),
    ],
)
def test_a_wrong_arm_is_one_line_that_says_what_would_be_accepted(listed: str, own: list[str], told: str) -> None:
    with pytest.raises((BadSetting, UnknownName), match=told.replace("(", r"\(")) as refused:
        arms_of(listed, own)
    assert "\n" not in str(refused.value)


def test_seeds_are_counted_or_listed() -> None:
    assert (seeds_of(3, ""), seeds_of(None, "7, 3,-1"), seeds_of(None, "")) == ((0, 1, 2), (7, 3, -1), ())


@pytest.mark.parametrize(
    ("how_many", "listed", "told"),
    [
        (2, "1,2", "give one of the two"),
        (None, "1,1", "seed 1 is there twice"),
        (None, "0,0", "seed 0 is there twice"),
        (None, "1;2", "whole numbers"),
        (None, "1.5", "whole numbers"),
        (None, "x", "whole numbers"),
        (None, "--1", "whole numbers"),
        (None, "9" * 30, "at most 18 digits"),
        (None, ",", "lists no seed"),
    ],
)
def test_wrong_seeds_are_refused(how_many: int | None, listed: str, told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        seeds_of(how_many, listed)


def test_the_baseline_is_empty_where_it_is_there_and_must_be_among_the_arms() -> None:
    arms = arms_of("ace,empty")
    assert designed(RunSettings(), arms, (0, 1)).baseline == "empty"
    assert designed(RunSettings(), arms, (0, 1), "ace").baseline == "ace"
    assert designed(RunSettings(), arms_of("ace,frozen"), (0, 1)).baseline == "ace"
    with pytest.raises(BadSetting, match=r"baseline 'reflexion' is not among the arms \(ace, empty\)"):
        designed(RunSettings(), arms, (0, 1), "reflexion")


def test_an_arm_does_not_borrow_the_name_of_another_strategy() -> None:
    with pytest.raises(BadSetting, match="has the name of a strategy"):
        arms_of("", ["ace=empty"])
    assert arms_of("", ["ace=ace:curate=false"])[0].settings == {"curate": "false"}
