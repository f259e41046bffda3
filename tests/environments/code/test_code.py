"""The environment `code`: solutions are judged by their tests, and what is wrong with a set of tasks is said by line."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ace.environments.check import check
from ace.environments.code import Code
from ace.environments.code.program import completed, source_in
from ace.environments.code.sandbox import Sandbox, shown_paths
from ace.environments.floors import measure_floors, play
from ace.environments.registry import open_environment
from ace.errors import BadInput, BadSetting, UserError
from ace.types import Outcome, Split, Verdict
from tests.commands.said import Ace
from tests.environments.code.tasks import ADD, STACK, TWICE, folder, written


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return written(tmp_path / "tasks.jsonl", ADD, TWICE)


def said(environment: Code, reply: str, split: Split = "train") -> Outcome:
    (task,) = environment.tasks(split)
    return play(environment, task, lambda seen: reply, 0)


@pytest.mark.parametrize(
    "reply",
    [
        "    return a + b",
        "return a + b",
        "def add(a, b):\n    return a + b",
        "Here it is:\n\n```python\ndef add(a, b):\n    return a + b\n```\n\nIt adds.\n\n```\n>>> add(1, 2)\n3\n```\n",
        "```py\r\ndef add(a, b):\r\n    return a + b\r\n```",
        "add = lambda a, b: a + b",
        "from __future__ import annotations\nimport operator\ndef add(a: int, b: int) -> int: return operator.add(a, b)",
    ],
)
def test_a_right_solution_passes_in_any_usual_form(rows: Path, sandbox: Sandbox, reply: str) -> None:
    assert said(Code(tasks=rows), reply).success


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("return a - b", "failed: assert candidate(1, 2) == 3\nadd(1, 2) gave -1"),
        ("return a / 0", "ZeroDivisionError: division by zero (line 3 of the solution)\nin: assert candidate(1, 2) == 3"),
        ("def sub(a, b):\n    return a + b", "failed: assert candidate(1, 2) == 3\nadd(1, 2) gave None"),
        (
            "```python\nadd = (\n```",
            "the solution cannot be loaded: SyntaxError: '(' was never closed (line 2 of the solution)",
        ),
        ("add = 3", "TypeError: 'int' object is not callable"),
        ("", "Nothing was written."),
        ("\x00", "the solution cannot be loaded: "),
    ],
)
def test_a_wrong_one_fails_with_the_assertion(rows: Path, sandbox: Sandbox, reply: str, told: str) -> None:
    outcome = said(Code(tasks=rows), reply)
    assert outcome.verdict is Verdict.FAILURE
    assert told in outcome.feedback


def test_what_is_told_is_cut_and_nothing_is_told_of_held_out_tasks(rows: Path, sandbox: Sandbox) -> None:
    assert len(said(Code(tasks=rows, feedback=20), "return 'x' * 10_000").feedback) == 20
    assert said(Code(tasks=rows), "return 3", "test") == Outcome(Verdict.FAILURE)
    assert said(Code(tasks=rows), f"{'#' * 200_000}").reason == "the reply has 200,000 characters; at most 100,000 are run"


def test_tests_that_are_at_fault_make_an_attempt_invalid(tmp_path: Path, sandbox: Sandbox) -> None:
    rows = [
        ADD | {"test": "import no_such_module\nassert add(1, 2) == 3"},
        ADD | {"test": "assert add(1, 2) ==", "prompt": "def add(a):"},
    ]
    environment = Code(tasks=written(tmp_path / "t.jsonl", *(r | {"task_id": str(n)} for n, r in enumerate(rows)), TWICE))
    for task in environment.tasks("train"):
        outcome = play(environment, task, lambda seen: "def add(a, b): return a + b", 0)
        assert outcome.verdict is Verdict.INVALID
        assert outcome.reason.startswith("the tests cannot be run: ")


def test_classes_errors_and_changed_arguments_pass_between_solution_and_tests(tmp_path: Path, sandbox: Sandbox) -> None:
    folder(tmp_path, "train/stack")
    folder(tmp_path, "test/group/stack", asked="Write it.")
    environment = Code(tasks=tmp_path)
    (task,) = environment.tasks("train")
    assert play(environment, task, lambda seen: STACK, 0) == Outcome(Verdict.SUCCESS)
    lost = play(environment, task, lambda seen: STACK.replace("items.sort(key=key)", "pass"), 0)
    assert lost.verdict is Verdict.FAILURE
    assert "failed: test_sort_in_place" in lost.feedback
    lost = play(environment, task, lambda seen: STACK.replace("class Empty(LookupError)", "class Full(LookupError)"), 0)
    assert lost.verdict is Verdict.FAILURE
    assert "cannot import name 'Empty'" in lost.feedback
    assert [t.kind for s in ("train", "test") for t in environment.tasks(s)] == ["tests of pytest", "group"]


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        ("import pytest, solution\n@pytest.mark.skip\ndef test_it():\n    pass\n", Verdict.INVALID),
        ("import no_such\ndef test_it():\n    pass\n", Verdict.INVALID),
        (
            "import solution, pytest\ndef test_it():\n    with pytest.raises(Exception):\n        solution.leave()\n",
            Verdict.FAILURE,
        ),
        ("import solution\ndef test_it():\n    try:\n        solution.leave()\n    except:\n        pass\n", Verdict.FAILURE),
    ],
)
def test_pytest_that_skips_breaks_or_catches_all(tmp_path: Path, sandbox: Sandbox, tests: str, verdict: Verdict) -> None:
    folder(tmp_path, "train/one", tests=tests)
    folder(tmp_path, "test/two", asked="Two.", tests=tests)
    environment = Code(tasks=tmp_path)
    (task,) = environment.tasks("train")
    assert play(environment, task, lambda seen: "import os\ndef leave():\n    os._exit(0)\n", 0).verdict is verdict


def test_it_keeps_the_contract(tmp_path: Path, sandbox: Sandbox) -> None:
    more = [ADD | {"task_id": "sub", "prompt": ADD["prompt"].replace("sum", "sum, again,"), "split": "test"}]
    environment = Code(tasks=written(tmp_path / "t.jsonl", ADD, TWICE, *more))
    report = check(environment, n=2)
    assert [c for c in report.checks if not c.ok] == []
    floors = measure_floors(environment, [t for s in ("train", "test") for t in environment.tasks(s)], 0)
    assert floors.oracle is not None and floors.nothing is not None  # noqa: PT018
    assert (floors.oracle.success, floors.nothing.success, floors.random) == (1, 0, None)
    assert {t.kind for t in environment.tasks("train")} == {"returns int"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "x"}, "line 1: this is not a task: it has no 'entry_point'"),
        ({"Prompt": "x"}, "line 1: this is not a task: it has no 'prompt'; did you mean 'Prompt'?"),
        (ADD | {"entry_point": "a b"}, "'entry_point' must be the name of a function, not 'a b'"),
        (ADD | {"test": "print(1)"}, "'test' asserts nothing"),
        (ADD | {"test": 3}, "'test' must be a text that is not empty"),
        (ADD | {"canonical_solution": 3}, "'canonical_solution' must be a text, or left out"),
        (ADD | {"split": "tests"}, "'split' is 'tests'; it must be one of train, val, test"),
        (ADD | {"kind": 3}, "'kind' cannot be a kind: it is not a text"),
        ([1], "line 1: this is not a JSON object"),
    ],
)
def test_a_line_that_is_not_a_task_is_refused_by_line(tmp_path: Path, sandbox: Sandbox, row: Any, message: str) -> None:
    with pytest.raises(BadInput) as found:
        Code(tasks=written(tmp_path / "t.jsonl", row, TWICE)).tasks("train")
    assert message in str(found.value)
    assert "\n" not in str(found.value)


def test_sets_that_cannot_be_used(tmp_path: Path, sandbox: Sandbox) -> None:
    refusals = {
        written(tmp_path / "same.jsonl", ADD, ADD | {"task_id": "b", "split": "test"}): "line 2: the same is asked at",
        written(tmp_path / "id.jsonl", ADD, TWICE | {"task_id": "add"}): "line 2: the id 'add' stands at",
        written(tmp_path / "one.jsonl", ADD): "none of its 1 task came into the split test; give more tasks, other shares",
        written(tmp_path / "empty.jsonl"): "is empty; it must hold one JSON object a line",
        tmp_path / "missing.jsonl": "does not exist",
        folder(tmp_path / "a", "train/x", tests="").parent: "has no tests; the folder of a task holds task.md",
        folder(
            tmp_path / "b", "x", tests="import solution\n"
        ).parent: "has no tests in test_it.py: pytest finds functions called test_",
        folder(tmp_path / "c", "x", asked="").parent: "holds no task; the folder of a task holds task.md",
        folder(tmp_path / "d", "x").parent: "came into the split",
    }
    (tmp_path / "text.jsonl").write_text("{not json}\n")
    for path, message in {**refusals, tmp_path / "text.jsonl": "line 1: this is not JSON"}.items():
        with pytest.raises(BadInput) as found:
            Code(tasks=path).tasks("train")
        assert message in str(found.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "code needs tasks"),
        ({"tasks": "x", "seconds": "soon"}, "seconds"),
        ({"tasks": "x", "seconds": "0"}, "seconds"),
        ({"tasks": "x", "memory": "1"}, "memory"),
        ({"tasks": "x", "sandbox": "docker"}, "sandbox"),
        ({"tasks": "x", "shares": "1/2"}, "shares=1/2 cannot be used"),
        ({"tasks": "x", "shares": "50/50/50"}, "shares=50/50/50 cannot be used"),
    ],
)
def test_settings_that_cannot_be_used(settings: dict[str, str], message: str, sandbox: Sandbox) -> None:
    with pytest.raises(UserError) as found:
        open_environment("code", settings)
    assert message in str(found.value)
    assert isinstance(found.value, BadSetting | UserError)


def test_without_a_sandbox_it_is_refused_in_one_line_unless_that_is_said(
    rows: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput) as found:
        Code(tasks=rows)
    assert "needs bubblewrap, a sandbox, which is not installed here: apt-get install bubblewrap; --set sandbox=none" in str(
        found.value
    )
    assert said(Code(tasks=rows, sandbox="none"), "return a + b").success
    assert not said(Code(tasks=rows, sandbox="none"), "return a").success


def test_a_store_that_code_could_read_is_refused(rows: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = next(place for place in shown_paths() if Path(place).is_dir())
    monkeypatch.setenv("ACE_STORE", f"{seen}/ace.db")
    with pytest.raises(BadInput, match="which code in the sandbox can read; keep it elsewhere"):
        Code(tasks=rows)


def test_sixteen_at_once_leave_nothing_behind(rows: Path, sandbox: Sandbox) -> None:
    environment = Code(tasks=rows)
    said(environment, "return 1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda n: said(environment, f"return a + b + {n % 2}  # {n}"), range(16)))
    assert [outcome.success for outcome in outcomes] == [True, False] * 8
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert [c for c in children if b"bwrap" in Path(f"/proc/{c}/cmdline").read_bytes()] == []


def test_a_solution_that_shadows_what_tests_use(tmp_path: Path, sandbox: Sandbox) -> None:
    tests = "from solution import *\n\ndef test_it():\n    assert len(f()) == 2\n"
    folder(tmp_path, "train/one", tests=tests)
    folder(tmp_path, "test/two", asked="Two.", tests=tests)
    environment = Code(tasks=tmp_path)
    (task,) = environment.tasks("train")
    for reply, verdict in (("f = lambda: 'ab'", Verdict.SUCCESS), ("f = lambda: 'abc'\nlen = lambda x: 2", Verdict.FAILURE)):
        assert play(environment, task, lambda seen, reply=reply: reply, 0).verdict is verdict  # type: ignore[misc]


AGENT = '''
import json


class Agent:
    """Writes one function that adds."""

    name = "agent"

    async def complete(self, request):
        fields = request.response.model_json_schema()["properties"] if request.response else {}
        reply = {name: [] if field.get("type") == "array" else "" for name, field in fields.items()}
        return json.dumps(reply | {"action": "return a + b"} if "action" in fields else reply)
'''


def test_a_run_with_a_scripted_agent(
    rows: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agent.py").write_text(AGENT)
    words = ["--set", f"tasks={rows}", "--model", "./agent.py:Agent", "--episodes", "1", "--eval", "1", "--json"]
    ran = Ace(capsys)("run", "code", *words)
    assert ran.status == 0, ran.err
    assert ran.json["after"]["success"] == 0
    (episode,) = Ace(capsys)("episode", "list", "--phase", "learn", "--json").json
    assert episode["verdict"] == "success"
    shown = Ace(capsys)("env", "show", "code", "--set", f"tasks={rows}")
    assert "reference solutions: 2" in shown.out


def test_all_reference_solutions_of_humaneval_pass(data: Path, sandbox: Sandbox) -> None:
    """Every twentieth here; benchmarks/bench_environments.py plays all of them."""
    environment = Code(tasks=data / "humaneval" / "humaneval.jsonl")
    tasks = [t for s in ("train", "val", "test") for t in environment.tasks(s)]
    assert len(tasks) == 164
    for task in tasks[::20]:
        oracle = environment.oracle(task)
        assert oracle is not None
        assert play(environment, task, oracle, 0).success, task.id
        assert play(environment, task, lambda seen: "pass", 0).verdict is Verdict.FAILURE, task.id


def test_programs_from_replies() -> None:
    prompt = "import math\n\ndef f(x):\n    '''Doc.'''\n"
    assert completed(prompt, "f", "def f(x):\n    return math.pi") == "import math\n\n\ndef f(x):\n    return math.pi"
    assert completed(prompt, "f", "return 1") == "import math\n\ndef f(x):\n    '''Doc.'''\n    return 1\n"
    assert source_in("```\na\n```\n~~~python\nb\n~~~\n") == "b\n"
    assert source_in("no block") == "no block"
    assert json.dumps(source_in("```python\nunclosed")) == json.dumps("```python\nunclosed")
