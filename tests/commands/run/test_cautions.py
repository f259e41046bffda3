"""What a run can tell little from is said in one line, before it is paid for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ace as library
from ace.errors import NotFound
from ace.events import Event, Warned
from tests.commands.said import Ace
from tests.worlds import Gate

WORLD = """
from ace import Environment, Task, success, failure
from ace.types import Observation
class Scene:
    first = Observation("Say yes.", answers={answers})
    def act(self, action): return success() if action in {right} else failure()
class Mine(Environment):
    name = "mine"
    instant = True
    def tasks(self, split): return [Task(f"{{split}}-{{n}}", f"{{split}} {{n}}", split) for n in range({sizes}[split])]
    def open(self, task, seed): return Scene()
"""


def world(folder: Path, *, train: int = 30, test: int = 30, answers: str = '("yes", "no")', right: str = '("yes",)') -> str:
    path = folder / "mine.py"
    path.write_text(WORLD.format(answers=answers, right=right, sizes={"train": train, "test": test, "val": 0}))
    return f"{path}:Mine"


def warnings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("Warning", "Nothing to learn"))]


def test_a_sound_environment_is_warned_of_nothing(ace: Ace, tmp_path: Path) -> None:
    spec = world(tmp_path)
    assert warnings(ace("run", spec).err) == []
    assert warnings(ace("env", "check", spec).out) == []


def test_too_few_cases_are_named(ace: Ace, tmp_path: Path) -> None:
    spec = world(tmp_path, test=5)
    for said in (ace("run", spec).err, ace("env", "check", spec).out, ace("run", world(tmp_path), "--eval", "5").err):
        [line] = warnings(said)
        assert line.startswith("Warning: 5 held-out cases tell little")
    assert ace("env", "check", world(tmp_path, test=5), "--json").json["warnings"] == [line]


@pytest.mark.parametrize(("train", "test", "said"), [(0, 30, "no training tasks"), (30, 0, "no held-out tasks")])
def test_a_split_without_tasks_is_named(ace: Ace, tmp_path: Path, train: int, test: int, said: str) -> None:
    done = ace("run", world(tmp_path, train=train, test=test))
    assert done.status == 0
    [line] = warnings(done.err)
    assert said in line


def test_no_tasks_at_all_are_refused_alike(ace: Ace, tmp_path: Path) -> None:
    spec = world(tmp_path, train=0, test=0)
    run, check = ace("run", spec), ace("env", "check", spec)
    assert (run.status, check.status) == (2, 2)
    assert run.err == check.err
    assert "no training tasks and no held-out tasks" in run.err
    learning = ace("run", world(tmp_path, train=0), "--learn-only")
    assert (learning.status, "has no training tasks" in learning.err) == (2, True)


def test_where_everything_is_won_already_there_is_nothing_to_learn(ace: Ace, tmp_path: Path) -> None:
    done = ace("run", world(tmp_path, right='("yes", "no")'))
    assert "Nothing to learn here: the agent with an empty playbook already wins every one of the 30 held-out cases" in done.err
    assert "Nothing to learn here: the agent with an empty playbook" in " ".join(done.out.split())
    few = ace("run", world(tmp_path, right='("yes", "no")'), "--eval", "5")
    assert "Nothing to learn here" not in few.err + few.out
    idle = ace("run", world(tmp_path, right='("yes", "")'))
    assert "Nothing to learn here: doing nothing already wins every one of the 30 held-out cases" in idle.err


@pytest.mark.parametrize("kind", ["class", "function", "texts", "numbers"])
def test_the_novice_says_that_free_answers_need_a_language_model(ace: Ace, tmp_path: Path, kind: str) -> None:
    rows = {s: tmp_path / f"{s}.jsonl" for s in ("train", "eval")}
    for n, path in enumerate(rows.values()):
        lines = [{"prompt": f"What is {n} + {i}?", "answer": str(n + i)} for i in range(30)]
        path.write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "free.py").write_text(
        "import ace\n@ace.environment(train=[(f'a{n}', 'x') for n in range(30)], test=[(f'b{n}', 'x') for n in range(30)])\n"
        "def free(task, reply): return reply == task.data['answer']\n"
    )
    dataset = ("dataset", *(f"--set={s}={p}" for s, p in rows.items()), "--set=reveal=true")
    spec = {
        "class": (world(tmp_path, answers="()"),),
        "function": ("./free.py:free",),
        "texts": (*dataset, "--set=scorer=exact"),
        "numbers": (*dataset, "--set=scorer=numeric"),
    }[kind]
    done = ace("run", *spec, "--playbook", "book", "--store", "s.db")
    assert done.status == 0
    [line] = warnings(done.err)
    assert "needs a language model" in line
    assert "name one with --model, such as" in line
    assert ace("playbook", "show", "book", "--store", "s.db", "--json").json["bullets"] == []
    assert warnings(ace("env", "check", *spec).out)
    assert "language model" not in ace("run", *spec, "--model", "replay:none.jsonl").err


LATER = """
    def open(self, task, seed):
        from ace.types import Observation, failure, success

        class Scene:
            first = Observation(task.text)

            def act(self, action):
                if action == "look":
                    return Observation("it is yes", (), ("yes", "no"))
                return success() if action == "yes" else failure()

        return Scene()

    def oracle(self, task):
        return lambda seen: "yes" if seen.answers else "look"
"""


def test_what_lists_choices_in_some_cases_or_later_is_left_alone(ace: Ace, tmp_path: Path) -> None:
    listing = {n: {"choices": ["yes", "no"]} if n else {} for n in range(8)}
    for split in ("train", "test"):
        rows = [{"prompt": f"What is {split} {n}?", "answer": "yes", **some} for n, some in listing.items()]
        Path(f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    some = ace("run", "dataset", "--set", "train=train.jsonl", "--set", "eval=test.jsonl", "--set", "scorer=exact", "--dry-run")
    assert "What this would do" in some.out, some.err
    Path("later.py").write_text(Path(world(tmp_path).partition(":")[0]).read_text() + LATER)
    later = ace("run", "./later.py:Mine", "--dry-run")
    assert "What this would do" in later.out, later.err
    assert "language model" not in some.err + later.err


NOVICES = {
    "generator": ((), 1, "novice chooses among listed choices only and learns nothing here; name one with --model,"),
    "curator": (
        ("--curator-model", "novice"),
        1,
        "novice as curator learns from listed choices only; name one with --curator-model",
    ),
    "reflector": (("--reflector-model", "novice"), 2, "novice as reflector learns from listed choices only"),
}
"""The options, the arms of a comparison without further words that have this role, and what is said."""


@pytest.mark.parametrize(("options", "arms", "said"), NOVICES.values(), ids=NOVICES)
def test_whichever_role_is_the_novices_is_named_where_nothing_is_listed(
    ace: Ace, tmp_path: Path, options: tuple[str, ...], arms: int, said: str
) -> None:
    Path("none.jsonl").touch()
    other = ("--model", "replay:none.jsonl") if options else ()
    asked = (world(tmp_path, answers="()"), *other, *options, "--dry-run")
    for command, times in (("run", 1), ("compare", arms)):
        lines = [line for line in ace(command, *asked).err.splitlines() if "language model" in line]
        assert [said in line for line in lines] == [True] * times
    # Where nothing is learned no other role is asked.
    assert ("language model" in ace("run", *asked, "--strategy", "frozen").err) == (not options)


IGNORED = {
    "novice": (("--api-base", "http://127.0.0.1:9/v1", "--reasoning-effort", "high"), "api-base, reasoning-effort are ignored"),
    "parameters": (("--model-set", "a=1", "--temperature", "1"), "temperature, model-set are ignored"),
    "a reflector": (("--reflector-model", "replay:none.jsonl", "--api-base", "http://127.0.0.1:9/v1"), "api-base is ignored"),
}


@pytest.mark.parametrize(("options", "said"), IGNORED.values(), ids=IGNORED)
def test_settings_that_no_model_looks_at_are_named(ace: Ace, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    Path("none.jsonl").touch()
    lines = warnings(ace("run", world(tmp_path), *options).err)
    assert [line for line in lines if "ignored" in line] == [f"Warning: {said}: no model of this run uses {_them(said)}"]
    assert "ignored" not in ace("run", world(tmp_path)).err


def _them(said: str) -> str:
    return "them" if "," in said else "it"


def test_learn_only_with_held_out_cases_to_measure_is_warned_of(ace: Ace) -> None:
    said = ace("run", "desk", "--episodes", "10", "--retries", "0", "--learn-only", "--eval", "10")
    assert said.status == 0
    assert "eval is ignored: with learn-only no held-out case is measured" in said.err


def test_what_only_reads_a_playbook_makes_none(ace: Ace, tmp_path: Path) -> None:
    frozen = ("run", "desk", "--strategy", "frozen", "--episodes", "2", "--eval", "2", "--playbook")
    for words in ((*frozen, "rulse"), (*frozen, "rulse", "--dry-run")):
        said = ace(*words)
        assert (said.status, "there is no store" in said.err) == (2, True)
    assert not (tmp_path / "ace.db").exists()
    assert ace("playbook", "add", "rules", "-s", "S", "-t", "Look.", "-r", "seen").status == 0
    for words in ((*frozen, "rulse"), (*frozen, "rulse", "--dry-run")):
        said = ace(*words)
        assert (said.status, "there is no playbook 'rulse'; did you mean 'rules'?" in said.err) == (2, True)
    assert ace(*frozen, "rules").status == 0
    with pytest.raises(NotFound, match="there is no playbook 'rulse'"):
        library.Learner("desk", strategy="frozen", playbook="rulse", store=tmp_path / "ace.db").run(episodes=2, eval=2)


def test_a_folder_that_answers_says_where_requests_wait(ace: Ace) -> None:
    said = ace("run", "desk", "--episodes", "2", "--eval", "2", "--model", "manual:inbox", "--max-seconds", "0.5")
    assert said.status == 3
    assert said.err.count("requests wait in inbox; answer them as inbox/README.txt says") == 1


def test_the_library_hears_the_same(tmp_path: Path) -> None:
    heard: list[Event] = []
    library.Learner(Gate(), on_event=heard.append).run(episodes=10, eval=5)
    assert any(isinstance(e, Warned) and "5 held-out cases tell little" in e.text for e in heard)


@pytest.mark.parametrize("strategy", ["ace", "reflexion"])
def test_what_is_measured_is_first_attempts_whatever_the_retries(ace: Ace, strategy: str) -> None:
    short = ("run", "desk", "--episodes", "10", "--eval", "8", "--strategy", strategy, "--json")
    once, often = ace(*short, "--retries", "0").json, ace(*short, "--retries", "3").json
    assert often["before"] == once["before"]
    attempts = {p: ace("episode", "list", "--phase", p, "--run", often["run"], "--json").json for p in ("before", "after")}
    assert {p: len(rows) for p, rows in attempts.items()} == {"before": 8, "after": 8}
    assert often["episodes"] > once["episodes"]
