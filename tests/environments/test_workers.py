"""Games in processes of their own: a crash is a fault of that attempt alone, and nothing is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ace.environments.workers.pool import LIVES, Worker, WorkerFault, WorkerPool, WorkerScene
from ace.types import Observation, Outcome

PLAYER = "tests.environments.players:Player"


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    yield WorkerPool(PLAYER, {}, 60.0)
    gc.collect()


def opened(pool: WorkerPool, seed: int = 0) -> WorkerScene:
    return pool.scene({"name": "game"}, seed)


def won(scene: WorkerScene) -> bool:
    for _ in range(3):
        seen = scene.act("on")
        if isinstance(seen, Outcome):
            scene.close()
            return seen.success
    raise AssertionError("the game ends at the third action")


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_scene_is_played_to_its_end_and_the_process_used_again(pool: WorkerPool) -> None:
    first = pool.ask("process")
    for seed in range(3):
        scene = opened(pool, seed)
        assert (scene.first.text, scene.first.actions) == (f"game {seed}", ("on",))
        assert won(scene)
    assert pool.ask("process") == first
    assert pool.ask("number", of=4) == 5


@pytest.mark.parametrize(
    ("action", "why"), [("die", "by signal 9"), ("leave", "with status 3"), ("raise", "RuntimeError: a fault of the game")]
)
def test_a_crash_spoils_that_attempt_and_no_other(pool: WorkerPool, action: str, why: str) -> None:
    beside, scene = opened(pool), opened(pool)
    with pytest.raises(WorkerFault, match=why):
        scene.act(action)
    scene.close()
    assert won(beside)
    assert won(opened(pool))


def test_a_process_that_does_not_answer_is_ended() -> None:
    worker = Worker(PLAYER, {})
    process = worker.ask({"do": "ask", "name": "process", "data": {}}, 60)
    worker.ask({"do": "open", "data": {"name": "game"}, "seed": 0}, 60)
    with pytest.raises(WorkerFault, match=r"did not answer within 0.2 seconds"):
        worker.ask({"do": "act", "action": "stall"}, 0.2)
    assert not worker.alive
    assert not running(process)


def test_opening_may_take_longer_than_an_action() -> None:
    pool = WorkerPool(PLAYER, {}, 0.05)
    scene = pool.scene({"name": "game", "opens": 0.5}, 0)
    assert scene.first.text == "game 0"
    with pytest.raises(WorkerFault, match=r"did not answer within 0.05 seconds"):
        scene.act("stall")


def test_noise_and_long_answers_do_no_harm(pool: WorkerPool) -> None:
    scene = opened(pool)
    assert scene.act("print") == Observation("1", actions=("on",))
    assert scene.act("long") == Observation("x" * 300_000)
    lost = scene.act("lose")
    assert isinstance(lost, Outcome)
    assert (lost.success, lost.feedback, lost.score) == (False, "lost", 0.25)
    scene.close()


def test_sixteen_scenes_at_once(pool: WorkerPool) -> None:
    found: list[bool] = []

    def play() -> None:
        found.append(won(opened(pool)))

    threads = [threading.Thread(target=play) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 16


def test_an_old_process_is_replaced(pool: WorkerPool) -> None:
    process = pool.ask("process")
    for seed in range(LIVES):
        opened(pool, seed).close()
    assert pool.ask("process") != process
    assert not running(process)


def test_a_player_that_cannot_be_made_is_told() -> None:
    with pytest.raises(WorkerFault, match="ValueError: cannot be made"):
        opened(WorkerPool(PLAYER, {"broken": True}, 60.0))
    with pytest.raises(WorkerFault, match="no_such_module"):
        opened(WorkerPool("no_such_module:Player", {}, 60.0))


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def test_nothing_is_left_behind() -> None:
    pool = WorkerPool(PLAYER, {}, 60.0)
    process, file = pool.ask("process"), Path(pool.ask("kept"))
    scene = opened(pool)
    assert file.exists()
    assert file.parent != Path.cwd()
    del pool, scene
    gc.collect()
    assert eventually(lambda: not running(process))
    assert not file.parent.exists()


def test_a_process_that_dies_leaves_no_files(pool: WorkerPool) -> None:
    file, scene = Path(pool.ask("kept")), opened(pool)
    with pytest.raises(WorkerFault):
        scene.act("die")
    scene.close()
    assert not file.parent.exists()


def test_nothing_is_left_behind_by_a_program_that_is_killed() -> None:
    words = f"""import os, signal
from ace.environments.workers.pool import WorkerPool
pool = WorkerPool({PLAYER!r}, {{}}, 60.0)
print(pool.ask("process"), pool.ask("kept"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    process, file = done.stdout.split()
    assert eventually(lambda: not running(int(process)) and not Path(file).parent.exists())


def test_a_game_under_way_ends_with_a_program_that_is_killed() -> None:
    words = f"""import os, signal, threading, time
from ace.environments.workers.pool import WorkerPool
pool = WorkerPool({PLAYER!r}, {{}}, 60.0)
process, scene = pool.ask("process"), pool.scene({{"name": "game"}}, 0)
threading.Thread(target=scene.act, args=("stall",), daemon=True).start()
time.sleep(0.2)
print(process, flush=True)
os.kill(os.getpid(), signal.SIGKILL)"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert eventually(lambda: not running(int(done.stdout)))


def test_an_interrupt_from_the_terminal_does_not_reach_a_process(pool: WorkerPool) -> None:
    assert os.getpgid(pool.ask("process")) != os.getpgid(0)


def test_a_process_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    pool = WorkerPool(PLAYER, {}, 60.0)
    process = pool.ask("process")
    with open(f"/proc/{process}/environ", "rb") as file:
        assert b"sk-secret" not in file.read()
