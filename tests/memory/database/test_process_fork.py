"""A process forks while its threads write: no child hangs, none harms the store, nothing is lost and nothing is kept twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.command import ENVIRONMENT, ROOT
from tests.warm import Process

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

START = """
import asyncio, multiprocessing, os, signal, sys, threading, time, warnings
import ace
from ace.errors import AceError, Conflict, StoreUnusable

warnings.simplefilter("ignore", DeprecationWarning)
playbook = ace.open("support", store=sys.argv[1])
store = playbook.store
store.ensure_playbook("support")

def play(n, success=True):
    with playbook.episode(f"question {n}") as ep:
        ep.context
        ep.finish(success, transcript=f"answer {n}")

def ended(children, seconds=60):
    # Exit statuses; a child that hangs is killed, and says -9.
    found, until = [], time.monotonic() + seconds
    for pid in children:
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                found.append(os.waitstatus_to_exitcode(status))
                break
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
                until = time.monotonic() + 1
            time.sleep(0.01)
    return found

def child(work):
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        work()
        code = 0
    except BaseException as error:
        print(type(error).__name__, error, file=sys.stderr, flush=True)
    finally:
        os._exit(code)
"""
WHILE_WRITING = """
done, written = threading.Event(), []
open_episode = playbook.episode("shared")
def hammer(k):
    while not done.is_set():
        play(f"{k}-{len(written)}")
        written.append(k)
        open_episode.heard([{"role": "user", "content": str(len(written))}])
threads = [threading.Thread(target=hammer, args=(k,)) for k in range(2)]
for t in threads:
    t.start()
"""
FORKS = {
    "children write, read and finish": WHILE_WRITING
    + """
def work(n):
    play(f"child {n}")
    store.view("support").bullets()
    open_episode.context, open_episode.heard([{"role": "user", "content": "child"}])
children = []
for n in range(14):
    children.append(child(lambda: work(n)))
    time.sleep(0.003)
codes = ended(children)
done.set()
[t.join() for t in threads]
assert codes == [0] * 14, codes
print(14 + len(written))
""",
    "a pool of processes": WHILE_WRITING
    + """
with multiprocessing.get_context("fork").Pool(4) as pool:
    pool.map_async(play, range(12)).get(timeout=60)
done.set()
[t.join() for t in threads]
print(12 + len(written))
""",
    "children that live on while the parent writes": """
play("before")
children = [child(lambda n=n: [play(f"{n}-{i}") for i in range(5)]) for n in range(4)]
for i in range(20):
    play(f"parent {i}")
assert ended(children) == [0] * 4
print(1 + 20 + 20)
""",
    "a child of a child": """
play("before")
def grandparent():
    play("child")
    assert ended([child(lambda: play("grandchild"))]) == [0]
    play("child again")
assert ended([child(grandparent)]) == [0]
print(4)
""",
    "within a running event loop": """
async def main():
    await asyncio.gather(*(asyncio.to_thread(play, n) for n in range(8)))
    working = asyncio.gather(*(asyncio.to_thread(play, f"later {n}") for n in range(8)))
    await asyncio.sleep(0.01)
    pid = child(lambda: play("child"))
    await working
    assert ended([pid]) == [0]
asyncio.run(main())
print(17)
""",
    "an episode that is open in both": """
episode = playbook.episode("shared").__enter__()
episode.context
def second():
    time.sleep(0.2)
    try:
        episode.finish(False, transcript="mine")
    except Conflict:
        return
    raise SystemExit("it was kept twice")
pid = child(second)
episode.finish(True, transcript="the parent's")
assert ended([pid]) == [0]
pid = child(lambda: None)
other = playbook.episode("other")
assert ended([pid, child(lambda: other.finish(True))]) == [0, 0]
try:
    other.finish(False, transcript="too late")
    raise SystemExit("it was kept twice")
except Conflict:
    pass
print(2)
""",
    "in the middle of a transaction": """
play("before")
def refused():
    anew = lambda: ace.open("support", store=sys.argv[1])
    for ask in (lambda: store.head("support"), lambda: play("child"), anew):
        try:
            ask()
        except StoreUnusable as error:
            assert "forked in the middle" in str(error), error
        else:
            raise SystemExit("it was let in")
with store._database.write() as c:
    pids = [child(refused) for _ in range(3)]
    pid = os.fork()
    if not pid:
        try:
            c.exec_driver_sql("SELECT 1")
        except StoreUnusable:
            pass
        else:
            os._exit(71)
        os._exit(0)
    assert ended([*pids, pid]) == [0] * 4
play("after")
print(2)
""",
    "a transaction that a child would end": """
play("before")
try:
    with store._database.write():
        pid = os.fork()
except StoreUnusable:
    os._exit(0 if not pid else 72)
if not pid:
    os._exit(73)
assert ended([pid]) == [0]
play("after")
print(2)
""",
}


def done(program: str, *arguments: str) -> str:
    """What a program prints that must end well. A process that was itself forked may have no pool: that one is a new one."""
    if "multiprocessing." in program.removeprefix(START):
        new = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=200)
        status, out, err = new.returncode, new.stdout, new.stderr
    else:
        process = Process(program, arguments, cwd=ROOT, env=ENVIRONMENT)
        out, err = process.communicate(timeout=200)
        status = process.wait()
    assert status == 0, err
    return out


@pytest.mark.parametrize("program", FORKS.values(), ids=FORKS)
def test_a_fork_leaves_both_sides_and_the_store_whole(tmp_path: Path, program: str) -> None:
    path = tmp_path / "support.db"
    out = done(START + program, str(path))
    with Store.open(path, create=False) as store:
        assert store.upkeep.check() == []
        assert len(store.episodes(limit=None)) == int(out.split()[-1])


def test_a_store_in_memory_goes_along_as_a_copy() -> None:
    program = START.replace("sys.argv[1]", "':memory:'")
    program += "play('a')\nassert ended([child(lambda: play('b'))]) == [0]\nplay('c')\n"
    program += "assert len(store.episodes(limit=None)) == 2\n"
    done(program)


LAZY = """
from ace.lazily import lazily
class Slow:
    @lazily
    def value(self):
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            time.sleep(0.5)
        return 7
begun = threading.Event()
other = threading.Thread(target=lambda: Slow().value)
other.start()
begun.wait()
def ask():
    assert Slow().value == 7
assert ended([child(ask)], 20) == [0]
other.join()
"""


def test_what_another_thread_works_out_at_the_fork_holds_no_child_up(tmp_path: Path) -> None:
    done(START + LAZY, str(tmp_path / "s.db"))
