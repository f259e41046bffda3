"""An environment written for the first time: what is missing is said in one line, before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

import ace as library
from ace.environments.registry import open_environment
from ace.errors import BadInput
from tests.commands.said import Ace

START = """
from ace import Environment, Task, success, failure
from ace.types import Observation
class Scene:
    first = Observation("Say yes.", answers=("yes", "no"))
    def act(self, action): return success() if action == "yes" else failure()
class Mine(Environment):
    name = "mine"
    def tasks(self, split): return [Task(f"{split}-{n}", f"{split} {n}", split) for n in range(4)]
    def open(self, task, seed): return Scene()
"""
OPEN = "    def open(self, task, seed):\n        s = Scene(); {}; return s\n"
MISTAKES = [
    ("    def open(self, task, seed): return None\n", "open() of Mine gave None, which has no first and no act"),
    ("    def open(self, task, seed): return object()\n", "which has no first and no act"),
    ("    def open(self, task, seed): return Observation('x')\n", "gave Observation, which has no first and no act"),
    ("    def open(self, task, seed): return type('S', (), {'first': Observation('x')})()\n", "which has no act"),
    ("    def open(self, task, seed): return type('S', (), {'act': lambda s, a: success()})()\n", "which has no first"),
    ("    async def open(self, task, seed): return Scene()\n", "write def, not async def"),
    ("    def open(self, task): return Scene()\n", "open of Mine is called with (task, seed), but takes (task)"),
    ("    open = None\n", "open of Mine is None"),
    (OPEN.format("s.first = None"), "first of the scene is None; it must be an ace.types.Observation"),
    (OPEN.format("s.first = 5"), "first of the scene is int"),
    (OPEN.format("s.first = 'Say yes'"), "first of the scene is str"),
    (OPEN.format("s.first = lambda: Observation('x')"), "put @property above"),
    (OPEN.format("s.act = None"), "whose act is None"),
    (OPEN.format("s.act = lambda: success()"), "is called with (action)"),
    (
        "    def open(self, task, seed):\n        async def act(a): return success()\n"
        "        s = Scene(); s.act = act; return s\n",
        "whose act is async",
    ),
    (
        "    def open(self, task, seed):\n        async def close(): return None\n"
        "        s = Scene(); s.close = close; return s\n",
        "whose close is async",
    ),
    ("    def open(self, task, seed): yield Scene()\n", "return the scene, and end it in its close()"),
    ('    def tasks(self, split): return [{"text": "x"}]\n', "gave dict where a task was due"),
    ('    def tasks(self, split): yield {"text": "x"}\n', "gave dict where a task was due"),
    ('    def tasks(self, split): return {"text": "x"}\n', "gave dict; it must be a method that gives a list"),
    ('    def tasks(self, split): return ["x"]\n', "gave str where a task was due"),
    ("    def tasks(self, split): return [None]\n", "gave None where a task was due"),
    ("    def tasks(self, split): return None\n", "gave None; it must be a method that gives a list"),
    ("    def tasks(self, split): return 7\n", "gave int; it must be"),
    ('    def tasks(self, split): return "abc"\n', "gave str; it must be"),
    ("    tasks = [Task('a', 'a')]\n", "tasks of Mine is list"),
    ("    def tasks(self): return []\n", "tasks of Mine is called with (split), but takes ()"),
    ("    async def tasks(self, split): return []\n", "write def, not async def"),
    ("    async def tasks(self, split): yield Task('a', 'a')\n", "write def, not async def"),
    ("    def tasks(self, split):\n        yield Task('a', split, split)\n        raise OSError('x')\n", "raised OSError: x"),
    ("    def tasks(self, split): return [Task('a', split), Task('b', split + '2')]\n", "task 'a' of the split 'train'"),
    ("    def tasks(self, split): return [Task('a', split + str(n), split) for n in range(3)]\n", "two tasks with the id 'a'"),
    ("    def tasks(self, split): return [Task(split, 'x' * 2_000_000, split)]\n", "at most 1,000,000 are taken"),
    ("    def tasks(self, split): return [Task(7, split, split)]\n", "whose id is 7"),
    ("    def tasks(self, split): return [Task('a', None, split)]\n", "with None as text"),
    ("    limits = 5\n", "limits of Mine is int"),
]
FAULTS = [
    (OPEN.format("s.act = lambda a: 1 / 0"), "division by zero"),
    (OPEN.format("s.act = lambda a: None"), "gave None for an action; it must give"),
    (OPEN.format("s.act = lambda a: True"), "gave bool for an action"),
    (OPEN.format("s.act = lambda a: 'well done'"), "gave str for an action"),
    (OPEN.format("s.act = lambda a: (success(), 1)"), "gave tuple for an action"),
    (OPEN.format("s.act = lambda a: failure(None)"), "an outcome whose feedback is None; it must be a str"),
    (OPEN.format("s.act = lambda a: failure({'why': 'x'})"), "an outcome whose feedback is a dict; it must be a str"),
    (OPEN.format("s.act = lambda a: success(score='high')"), "an outcome whose score is 'high'; it must be a number or None"),
    (OPEN.format("s.act = lambda a: success(score=float('nan'))"), "an outcome whose score is nan; it must be a number"),
    (OPEN.format("s.first = Observation(None)"), "an observation whose text is None; it must be a str"),
    (OPEN.format("s.first = Observation('x', actions='yes')"), "an observation whose actions are not a tuple of texts"),
    (OPEN.format("s.first = Observation('x', answers=(1, 2))"), "an observation whose answers are not a tuple of texts"),
]


def written(tmp_path: Path, more: str = "") -> str:
    path = tmp_path / "mine.py"
    path.write_text(START + more)
    return f"{path}:Mine"


@pytest.mark.parametrize(("mistake", "said"), MISTAKES)
def test_what_a_first_environment_lacks_is_one_line_wherever_it_is_used(
    ace: Ace, tmp_path: Path, mistake: str, said: str
) -> None:
    spec = written(tmp_path, mistake)
    lines = []
    for command in (("run", spec, "--model", "novice"), ("env", "check", spec)):
        ran = ace(*command)
        assert (ran.status, "Traceback" in ran.err) == (2, False), ran.err
        lines += [" ".join(line.split()) for line in ran.err.splitlines() if said in line]
    assert len(lines) == 2
    assert lines[0] == lines[1]
    with pytest.raises(BadInput) as raised:
        library.Learner(open_environment(spec, {})).run()
    assert said in str(raised.value)


@pytest.mark.parametrize(("fault", "said"), FAULTS)
def test_an_action_answered_with_something_else_stops_the_run_with_what_is_due(
    ace: Ace, tmp_path: Path, fault: str, said: str
) -> None:
    spec = written(tmp_path, fault)
    ran = ace("run", spec, "--model", "novice")
    assert (ran.status, "Traceback" in ran.err) == (1, False), ran.err
    assert said in " ".join(ran.err.split())
    checked = ace("env", "check", spec)
    assert (checked.status, "Traceback" in checked.err) == (1, False), checked.err


@pytest.mark.parametrize(
    "more",
    [
        "",
        "    def tasks(self, split):\n        n = 0\n        while True:\n"
        "            n += 1\n            yield Task(f'{split}{n}', f'{split} {n}', split)\n",
    ],
    ids=["no close, no docstring", "endless tasks"],
)
def test_what_may_be_left_out_is_not_missed(ace: Ace, tmp_path: Path, more: str) -> None:
    spec = written(tmp_path, more)
    assert ace("run", spec, "--episodes", "10", "--eval", "10").status == 0
    assert ace("env", "check", spec, "-n", "4").status == 0
    assert ace("env", "show", spec).status == 0


def test_tasks_of_the_same_content_are_one_task(ace: Ace, tmp_path: Path) -> None:
    """Played again, with a playbook that has changed, it would be the same attempt with another outcome."""
    spec = written(
        tmp_path, "    def tasks(self, split): return [Task(f'{split}{n % 3}', f'{split} {n % 3}', split) for n in range(60)]\n"
    )
    result = ace("run", spec, "--episodes", "60", "--eval", "30", "--retries", "0", "--json").json
    assert (result["status"], result["episodes"], result["after"]["n"]) == ("done", 3, 3)


def test_an_evaluation_says_the_same(ace: Ace, tmp_path: Path) -> None:
    assert ace("run", written(tmp_path), "--playbook", "book").status == 0
    ran = ace("eval", written(tmp_path, MISTAKES[0][0]), "--playbook", "book")
    assert ran.status == 2
    assert MISTAKES[0][1] in ran.err


FUNCTION = "import ace\n@ace.environment(train=['a', 'b'], test=['c', 'd'], choices=['yes', 'no'])\n"


@pytest.mark.parametrize(
    ("function", "status", "said"),
    [
        ("def mine(reply): return True\n", 2, "mine is called with (task, reply), but takes (reply)"),
        ("def mine(task, reply, more): return True\n", 2, "but takes (task, reply, more)"),
        ("async def mine(task, reply): return True\n", 2, "mine is async"),
        ("def mine(task, reply): pass\n", 1, "the check gave no verdict (None); return True or False"),
        ("def mine(task, reply): return 'right'\n", 1, "the check gave a str"),
    ],
)
def test_a_function_that_cannot_judge_is_told_so(ace: Ace, tmp_path: Path, function: str, status: int, said: str) -> None:
    (tmp_path / "mine.py").write_text(FUNCTION + function)
    for command in ("run", "env check"):
        ran = ace(*command.split(), "./mine.py:mine")
        assert (ran.status, "Traceback" in ran.err) == (status, False), ran.err
        assert said in " ".join((ran.err + ran.out).split())
