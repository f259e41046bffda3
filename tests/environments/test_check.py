"""What a user is told of an environment: nothing where it keeps the contract, and the one fault where it has one."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from ace.attempt import Agent, Briefing, attempt, unit_of
from ace.environments.check import NAMES, check
from ace.environments.contract import Environment
from ace.environments.function import environment
from ace.environments.registry import open_environment
from ace.environments.watch import Caller, CallSite, Overdue, elsewhere, watched
from ace.errors import BadSetting
from ace.models.contract import Reply, Request
from ace.roles.replies import Move
from ace.types import Outcome, Task, Verdict, failure, success
from tests.environments.broken import TABLE, Broken
from tests.environments.broken_judges import JunkRaises
from tests.environments.broken_scenes import ActHangs, ListedRaises, OneThread, wait
from tests.environments.broken_tasks import NoisyBySeed
from tests.environments.sound import LOOK, Box, Sound

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop.py"


def _sums(n: int, start: int) -> list[tuple[str, str]]:
    return [(f"{a} + {a}", str(2 * a)) for a in range(start, start + n)]


@environment(train=_sums(20, 0), test=_sums(20, 20))
def sums(task: Task, reply: str) -> bool:
    return reply.strip() == str(task.data["answer"])


@environment(train=[f"a{n}" for n in range(9)], test=[f"b{n}" for n in range(9)], choices=["odd", "even"])
def unsolved(task: Task, reply: str) -> bool:
    return reply == ("odd", "even")[int(task.text[1]) % 2]


def _dataset(folder: Path) -> Environment:
    for name, start in (("train", 0), ("test", 50)):
        rows = [{"prompt": f"Is {n} odd?", "answer": "yes" if n % 2 else "no"} for n in range(start, start + 50)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "choices.json").write_text('["yes", "no", "perhaps"]')
    files = {"train": "train.jsonl", "eval": "test.jsonl", "choices": "choices.json"}
    return open_environment("dataset", {key: str(folder / name) for key, name in files.items()} | {"scorer": "choice"})


@pytest.mark.parametrize("kind", ["example", "sound", "function", "without an oracle", "dataset", "not instant"])
def test_a_sound_environment_keeps_the_contract(kind: str, tmp_path: Path) -> None:
    class Threaded(Sound):
        instant = False

    tried = {
        "example": lambda: open_environment(f"{EXAMPLE}:Shop", {}),
        "sound": Sound,
        "function": lambda: sums,
        "without an oracle": lambda: unsolved,
        "dataset": lambda: _dataset(tmp_path),
        "not instant": Threaded,
    }[kind]()
    report = check(tried)
    assert [c for c in report.checks if not c.ok] == []
    assert report.ok
    assert [c.name for c in report.checks] == list(NAMES)
    assert all(c.detail for c in report.checks)


@pytest.mark.parametrize("broken", TABLE, ids=lambda b: b.make.__name__)
def test_a_broken_environment_is_told_its_fault_and_no_other(broken: Broken) -> None:
    report = check(broken.make())
    failed = {c.name: c.detail for c in report.checks if not c.ok}
    assert set(failed) == broken.names
    assert any(broken.says in detail for detail in failed.values()), failed
    assert not report.ok


def test_every_check_can_fail() -> None:
    assert set().union(*(broken.names for broken in TABLE)) == set(NAMES)


def test_what_cannot_be_checked_is_said() -> None:
    details = {c.name: c.detail for c in check(unsolved).checks}
    assert details["oracle"] == "there is no oracle, so not checked"
    assert details["listed"] == "not checked, as no oracle wins"
    details = {c.name: c.detail for c in check(sums).checks}
    assert details["random"] == "nothing is listed to choose from, so not checked"
    assert details["options"] == "nothing is listed; the agent writes freely"
    details = {c.name: c.detail for c in check(ActHangs()).checks}
    assert details["junk"] == "not checked, because calls did not return: see time"


def test_the_same_seed_gives_the_same_report() -> None:
    assert check(NoisyBySeed(), n=5, seed=3) == check(NoisyBySeed(), n=5, seed=3)
    assert check(NoisyBySeed(), n=5, seed=3) != check(NoisyBySeed(), n=5, seed=4)


def test_a_report_can_be_shown_on_a_terminal_whatever_the_environment_says() -> None:
    class Loud(JunkRaises):
        class scene(JunkRaises.scene):
            def other(self, action: str) -> Outcome:
                raise ValueError(f"\x1b[2J\ud83d\n{action}" * 50)

    (detail,) = (c.detail for c in check(Loud()).checks if not c.ok)
    assert detail.isprintable()
    assert len(detail) < 2000


def test_junk_that_happens_to_be_the_answer_is_none() -> None:
    @environment(train=[(f"letters {n}", "ZZZ") for n in range(9)], test=[(f"number {n}", "nan") for n in range(9)])
    def odd(task: Task, reply: str) -> bool:
        return reply.lower() == str(task.data["answer"]).lower()

    assert check(odd).ok


def test_after_the_end_it_is_told_what_acting_gives() -> None:
    (detail,) = (c.detail for c in check(Sound()).checks if c.name == "after-end")
    assert "success for a right answer after a wrong one" in detail


def test_no_tasks_at_all_are_refused() -> None:
    with pytest.raises(BadSetting, match=r"n=0 .* must be at least 1"):
        check(Sound(), n=0)

    class Empty(Sound):
        def tasks(self, split: object) -> list[Task]:
            return []

    report = check(Empty())
    assert {c.name for c in report.checks if not c.ok} == {"splits"}
    assert {c.detail for c in report.checks if c.name in ("oracle", "junk", "repeat")} == {
        "not checked: nothing could be played"
    }


def test_a_long_piece_of_work_is_not_cut_where_each_call_is_short() -> None:
    def work(call: Caller) -> int:
        for n in range(30):
            call(CallSite("act", str(n)), lambda: wait(0.02))
        return 30

    assert watched(0.4, work) == 30


def test_work_that_was_given_up_does_nothing_more_but_close() -> None:
    released, done = threading.Event(), list[str]()
    ended = threading.Event()

    def work(call: Caller) -> None:
        try:
            try:
                call(CallSite("act", "1"), lambda: released.wait(20))
                done.append("went on")
            finally:
                call(CallSite("close", "1"), lambda: done.append("closed"))
        finally:
            ended.set()

    with pytest.raises(Overdue, match=r"act \(1\) did not return within 0\.05 seconds"):
        watched(0.05, work)
    released.set()
    assert ended.wait(20)
    assert done == ["closed"]


def test_calls_from_other_threads_are_made_while_the_first_one_lives() -> None:
    threads = list[threading.Thread]()

    def act() -> None:
        threads.append(threading.current_thread())
        # The number of a thread that has ended may be given to the next, and would hide what is bound to it.
        assert threads[0].is_alive()

    def work(call: Caller) -> None:
        other = elsewhere(call)
        for method in ("open", "first", "act", "act", "act", "close"):
            other(CallSite(method, "1"), act)

    watched(20, work)
    opened, _, *acted, _ = threads
    assert acted[0] is not opened
    assert len(set(acted)) == 3


class Scripted:
    """Gives the same moves in each attempt."""

    name = "scripted"

    def __init__(self, *actions: str) -> None:
        self.actions = list(actions)

    async def complete(self, request: Request) -> Reply:
        move = Move(thought="", action=self.actions.pop(0), lesson_ids=[])
        return Reply(move.model_dump_json(), move)

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    ("tried", "actions", "verdict", "reason"),
    [
        (Sound(), [LOOK, "zzz"], Verdict.FAILURE, ""),
        (ListedRaises(), ["blue"], Verdict.INVALID, "ZeroDivisionError"),
        (JunkRaises(), [LOOK, "zzz"], Verdict.INVALID, "no number: zzz"),
    ],
    ids=["sound", "raises", "raises on junk"],
)
async def test_a_fault_that_the_suite_names_makes_an_attempt_invalid(
    tried: Environment, actions: list[str], verdict: Verdict, reason: str
) -> None:
    task = next(iter(tried.tasks("train")))
    episode = await attempt(Agent(Scripted(*actions)), tried, unit_of("r-1", 0, "before", 0, task), Briefing())
    assert episode.outcome.verdict is verdict
    assert reason in episode.outcome.reason
    assert check(tried).ok is (verdict is Verdict.FAILURE)


def test_a_scene_bound_to_its_thread_is_fine_where_the_environment_is_instant() -> None:
    class Instant(OneThread):
        instant = True

    assert check(Instant()).ok


@pytest.mark.parametrize(("right", "failed"), [({"train-3"}, set()), ({"train-3", "val-3"}, {"nothing"})])
def test_doing_nothing_may_be_right_in_one_task_of_twenty(right: set[str], failed: set[str]) -> None:
    class Seldom(Sound):
        class scene(Box):
            def other(self, action: str) -> Outcome:
                return success() if not action and self.task.id in right else failure()

    assert {c.name for c in check(Seldom()).checks if not c.ok} == failed
