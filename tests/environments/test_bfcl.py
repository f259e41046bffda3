"""Tool use over several turns: accepted calls win, verdicts are the package's own, and an agent's text is never run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from ace.environments.bfcl import FunctionCalling
from ace.environments.bfcl.calls import LONGEST, NotCalls, ToolCall, calls_in
from ace.environments.bfcl.player import ToolScene
from ace.environments.bfcl.rows import CATEGORIES, DONE, ScenarioRow, scenarios
from ace.errors import BadSetting
from ace.types import SPLITS, Observation, Outcome, Task
from tests.command import ace as command
from tests.environments.installed import require

require("bfcl")


def judged(row: ScenarioRow, turns: Sequence[Sequence[str]]) -> bool:
    """Whether these calls, turn by turn, win."""
    scene = ToolScene(row)
    for calls in turns:
        if calls:
            assert isinstance(scene.act("\n".join(calls)), Observation)
        seen = scene.act(DONE)
        if isinstance(seen, Outcome):
            return seen.success
    raise AssertionError("the last turn ends the scene")


def judged_by_the_package(row: ScenarioRow, turns: Sequence[Sequence[str]], name: str) -> bool:
    from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import multi_turn_checker

    entry = {"id": row.id, "initial_config": row.config, "involved_classes": list(row.classes)}
    said = [[list(calls)] if calls else [] for calls in turns]
    found = multi_turn_checker(said, [list(c) for c in row.accepted], entry, row.category, name)
    return bool(found["valid"])


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_accepted_calls_win_every_task(category: str) -> None:
    rows = [row for row in scenarios(category) if row.sound]
    assert len(rows) >= 199
    assert all(judged(row, row.accepted) for row in rows)


def test_verdicts_are_those_of_the_package() -> None:
    rng, found = random.Random(3), []
    for number in range(0, 200, 4):
        row = scenarios(rng.choice(CATEGORIES))[number]
        turns = [list(calls) for calls in row.accepted]
        at = rng.choice([n for n, calls in enumerate(turns) if calls])
        match rng.randrange(4):
            case 0:
                turns[at].pop(rng.randrange(len(turns[at])))
            case 1:
                turns[at].append(turns[at][0])
            case 2:
                turns[at].reverse()
            case _:
                turns[at] = [call.replace("='", "='x") for call in turns[at]]
        # What the package stumbles over has no verdict of its own.
        if all(turns[n] for n, calls in enumerate(row.accepted) if calls) and row.sound:
            found.append((judged(row, turns), judged_by_the_package(row, turns, f"mutant{number}")))
    assert all(ours == theirs for ours, theirs in found)
    assert {ours for ours, _ in found} == {True, False}


@pytest.fixture(scope="module")
def environment() -> FunctionCalling:
    return FunctionCalling()


def test_a_scenario_stands_in_one_split_in_all_its_categories(environment: FunctionCalling) -> None:
    numbers = [{task.data["number"] for task in environment.tasks(split)} for split in SPLITS]
    assert sum(map(len, numbers)) == len(set.union(*numbers)) == 200
    assert sum(1 for split in SPLITS for _ in environment.tasks(split)) == 799
    assert {task.kind for task in environment.tasks("test")} == set(CATEGORIES)


def test_scenes_are_played_in_a_process_and_repeat(environment: FunctionCalling) -> None:
    for task in islice(environment.tasks("train"), 4):
        told = []
        for _ in range(2):
            scene, policy, seen = environment.open(task, 1), environment.oracle(task), []
            at: Observation | Outcome = scene.first
            while isinstance(at, Observation):
                seen.append(at.text)
                at = scene.act(policy(at))
            scene.close()
            assert at.success
            told.append(seen)
        assert told[0] == told[1]
        assert told[0][0] == task.text


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("cd(folder='a')", [ToolCall("cd", (), {"folder": "a"})]),
        ("[cd('a'), ls(a=True)]", [ToolCall("cd", ("a",), {}), ToolCall("ls", (), {"a": True})]),
        ("```python\ncd(folder='a')\n  ls()\n```", [ToolCall("cd", (), {"folder": "a"}), ToolCall("ls", (), {})]),
        ("GorillaFileSystem.cd(folder='a')", [ToolCall("cd", (), {"folder": "a"})]),
        ("add(a=-1.5, b=[1, {'c': None}])", [ToolCall("add", (), {"a": -1.5, "b": [1, {"c": None}]})]),
    ],
)
def test_calls_are_read_in_the_forms_that_models_write(text: str, calls: list[ToolCall]) -> None:
    assert calls_in(text) == calls


JUNK = [
    "",
    "I would move the file.",
    "mv(",
    "x = 1",
    "import os",
    "cd(folder=open('/etc/passwd').read())",
    "cd(__import__('os').system('touch /tmp/no'))",
    "(lambda: 1)()",
    "a.b.c()",
    "cd(*['a'])",
    "cd(**{'folder': 'a'})",
    "cd(folder=f'{1}')",
    "power(base=10, exponent=10**10**10)",
    f"power(base=10, exponent={10**16})",
    "cd(folder=b'a')",
    "cd(" + "[" * 5000 + "]" * 5000 + ")",
    "cd(folder='" + "x" * LONGEST + "')",
    "\n".join(["ls()"] * 50),
    "cd('a\x00b')\x00",
    "\ud800",
]


@pytest.mark.parametrize("text", JUNK)
def test_what_is_not_a_call_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(NotCalls):
        calls_in(text)


def test_what_is_refused_changes_nothing_and_what_a_tool_refuses_is_told() -> None:
    row = next(row for row in scenarios("base") if "GorillaFileSystem" in row.classes)
    scene = ToolScene(row)
    for text in (*JUNK, "_load_scenario(scenario={})", "rm_rf(path='/')", "__init__()", "kill()"):
        seen = scene.act(text)
        assert isinstance(seen, Observation)
        assert seen.text.startswith("Nothing was called: ")
    wrong = scene.act("cd(directory='a')")
    assert isinstance(wrong, Observation)
    assert wrong.text.startswith("Error during execution: ")
    lost = ToolScene(row).act("Done.")
    assert isinstance(lost, Outcome)
    assert (lost.success, lost.feedback) == (False, f"Turn 1 of {len(row.accepted)}: no tool was called.")


def test_reckoning_is_bounded() -> None:
    row = next(row for row in scenarios("base") if "MathAPI" in row.classes)
    scene = ToolScene(row)
    seen = scene.act(f"power(base={10**15}, exponent=1000)\nlogarithm(value=2, base=3, precision={10**9})")
    assert isinstance(seen, Observation)
    assert seen.text.splitlines()[1] == "Error during execution: precision is at most 1000"


def test_a_missing_tool_comes_in_its_turn() -> None:
    row = next(row for row in scenarios("miss_func") if row.sound)
    ((turn, names),) = row.missing.items()
    scene = ToolScene(row)
    assert f"- {names[0]}(" not in scene.first.text
    refused = scene.act(f"{names[0]}()")
    assert isinstance(refused, Observation)
    assert f"there is no tool {names[0]}" in refused.text
    seen: Observation | Outcome = scene.first
    for calls in row.accepted[:turn]:
        if calls:
            scene.act("\n".join(calls))
        seen = scene.act(DONE)
    assert isinstance(seen, Observation)
    assert f"- {names[0]}(" in seen.text


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"category": "bse"}, "did you mean base?"),
        ({"category": "web_search"}, "it must be all, or some of base"),
        ({"category": ","}, "category=, is not known; it must be all, or some of base"),
        ({"category": "base,long-context"}, "did you mean long_context?"),
        ({"steps": 0}, "steps=0 is out of range"),
        ({"shares": "50/50"}, "shares=50/50 cannot be used"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        FunctionCalling(**settings)  # type: ignore[arg-type]


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    checked = command("env", "check", "bfcl", "-n", "4", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_a_task_is_told_with_its_tools(environment: FunctionCalling) -> None:
    task: Task = next(iter(environment.tasks("train")))
    assert task.text.startswith("tools:\n- ")
    assert "\n\nuser: " in task.text
