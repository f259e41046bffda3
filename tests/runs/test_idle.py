"""Settings that have no effect in a run are said before it, and every setting has its place in the table of conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ace.errors import UserError
from ace.experiments.arms import arms_of
from ace.experiments.design import designed
from ace.experiments.opened import open_design
from ace.flags import stated
from ace.runs.idle import CONDITIONS
from ace.runs.preparing import prepare
from ace.settings import RunSettings

ALWAYS = frozenset(
    {
        *("environment", "settings", "model", "strategy", "strategy_settings", "playbook", "prompts", "context"),
        *("episodes", "epochs", "batch", "retries", "attempts", "seed", "split", "learn_only", "answering"),
        *("store", "concurrency", "record", "usd", "tokens", "calls", "seconds", "measured", "shuffled"),
    }
)
REFUSED: dict[str, dict[str, Any]] = {
    "alpha": {"sampling": {"alpha": 2.0}},
    "proxy": {"proxy": "small.gguf"},
    "per_token": {"answering": {"per_token": True}},
    "calibrated": {"answering": {"calibrated": True}},
}
"""What can only be a mistake without the setting that it goes with."""
STATED: dict[str, Any] = {
    "eval": 30,
    "gates": ("fit",),
    "gate_settings": {"fit.shown": "3"},
    "review": True,
    "hold_sensitive": True,
    "reflector_model": "novice",
    "curator_model": "novice",
    "api_base": "http://127.0.0.1:9/v1",
    "timeout": 5.0,
    "mask": True,
    "holdout": 0.2,
    "gate_alpha": 0.1,
    "gate_pairs": 20,
    "gate_every": 2,
    "gate_eps": 0.1,
    "temperature": 1.0,
    "top_p": 0.5,
    "max_tokens": 9,
    "reasoning_effort": "high",
    "extra": {"a": 1},
}
SERVED = {"model": "replay:none.jsonl", "reflector_model": "openai/x", "api_base": "http://127.0.0.1:9/v1"}
WITHOUT: dict[str, dict[str, Any]] = {
    "eval": {"learn_only": True},
    "gates": {"strategy": "frozen"},
    "gate_settings": {"strategy": "frozen", "gates": ("fit",)},
    "review": {"strategy": "frozen"},
    "hold_sensitive": {"strategy": "frozen"},
    "reflector_model": {"strategy": "frozen"},
    "curator_model": {"strategy": "reflexion"},
    "mask": {"strategy": "empty"},
    "holdout": {"strategy": "retry"},
    "gate_eps": {"gates": ("trial",)},
    "gate_every": {"gates": ("final",)},
}
WITH: dict[str, dict[str, Any]] = {
    "gate_settings": {"gates": ("fit",)},
    "gate_eps": {"gates": ("final",)},
    **{key: {"gates": ("trial",)} for key in ("gate_alpha", "gate_pairs", "gate_every")},
    **dict.fromkeys(("temperature", "top_p", "max_tokens", "reasoning_effort", "extra", "timeout", "api_base"), SERVED),
    "reflector_model": {"strategy": "frozen", "retries": 1},
    "curator_model": {"strategy": "reflexion", "strategy_settings": {"curate": "true"}},
}


def lines(name: str, more: dict[str, Any]) -> list[str]:
    """What is said of the setting `name`, beside the settings `more`."""
    part = next(s for s in stated(RunSettings) if s.name == name)
    said = {part.field: {name: STATED[name]} if part.part else STATED[name]}
    settings = RunSettings(**{"environment": "desk", "episodes": 20, "eval": 30, **more, **said})
    return [line for line in prepare(settings, sending=False).idle if part.key in line.partition(" ignored")[0]]


def test_every_setting_has_a_place() -> None:
    conditional = [name for c in CONDITIONS for name in c.settings]
    assert len(conditional) == len(set(conditional))
    assert {s.name for s in stated(RunSettings)} == {*conditional, *ALWAYS, *REFUSED}
    assert set(conditional) == set(STATED)


@pytest.mark.parametrize("name", STATED)
def test_a_setting_is_said_to_be_ignored_where_it_is_and_nowhere_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("none.jsonl").touch()
    [line] = lines(name, WITHOUT.get(name, {}))
    assert line.startswith("Warning: ")
    assert "{" not in line
    assert lines(name, WITH.get(name, {})) == []


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_what_can_only_be_a_mistake_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        prepare(RunSettings(environment="desk", **said), sending=False)


def test_in_an_experiment_it_is_said_where_it_holds_for_all_arms() -> None:
    base = RunSettings(environment="desk", episodes=20, eval=30, curator_model="novice", timeout=3.0)

    def said(arms: str, *own: str) -> list[str]:
        return [c for c in open_design(designed(base, arms_of(arms, own), (0, 1))).cautions if "ignored" in c]

    both = "timeout is ignored: no model of this run uses it"
    none = "curator-model is ignored: the strategy of this run asks no curator"
    assert said("empty,ace") == [f"Warning: {both}"]
    assert said("empty,frozen") == [f"Warning: {none}", f"Warning: {both}"]
    own = "gate-every is ignored: no gate of this run goes by it (ace gate show trial)"
    assert said("empty", "a=ace:gate-every=2") == [f"Warning: {both}", f"Warning: arm a: {own}"]


@pytest.mark.parametrize(("drift", "due"), [(19, 0), (20, 1), (400, 1)])
def test_a_change_of_the_rules_that_no_case_of_the_run_comes_to_is_said(drift: int, due: int) -> None:
    settings = RunSettings(environment="desk", settings={"drift": str(drift)}, episodes=20, eval=30)
    told = f"drift={drift} changes no rule: the last training case of this run has the number 20"
    assert sum(told in line for line in prepare(settings).warnings) == due
    measured = RunSettings(
        environment="desk", settings={"drift": "400"}, split="test", eval=30, playbook="p", strategy="frozen"
    )
    assert not any("drift" in line for line in prepare(measured).warnings)
