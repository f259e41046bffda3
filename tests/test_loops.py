"""A synchronous call does asynchronous work from anywhere: a thread, a running loop, a forked process."""

from __future__ import annotations

import asyncio
import contextvars
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ace import loops
from ace.errors import Conflict
from tests.command import ROOT


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_it_gives_what_the_work_gives_and_raises_what_it_raises() -> None:
    async def fails() -> None:
        raise ZeroDivisionError("by nothing")

    assert loops.run(double(21)) == 42
    with pytest.raises(ZeroDivisionError, match="by nothing"):
        loops.run(fails())


async def test_it_works_where_a_loop_is_running() -> None:
    assert loops.run(double(21)) == 42


def test_calls_from_many_threads_share_one_loop() -> None:
    async def which(number: int) -> tuple[int, int]:
        return await double(number), id(asyncio.get_running_loop())

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(lambda n: loops.run(which(n)), range(100)))
    assert [number for number, _ in came] == [2 * n for n in range(100)]
    assert len({loop for _, loop in came}) == 1


def test_work_sees_the_caller_s_context() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name")

    async def read() -> str:
        return name.get()

    name.set("Ada")
    assert loops.run(read()) == "Ada"


def test_what_runs_in_the_loop_cannot_wait_for_it() -> None:
    async def inner() -> int:
        return loops.run(double(1))

    with pytest.raises(Conflict, match="await the async form"):
        loops.run(inner())


FORK = """
import os
from ace import loops

async def answer():
    return 42

assert loops.run(answer()) == 42
pid = os.fork()
assert loops.run(answer()) == 42
if pid:
    assert os.waitpid(pid, 0)[1] == 0
"""
EXIT = """
import asyncio, threading
from ace import loops

async def waits():
    try:
        await asyncio.sleep(3600)
    finally:
        print("tidied")

async def begin():
    global task
    task = asyncio.create_task(waits())
    await asyncio.sleep(0)

async def last():
    print("last")

loops.run(begin())
loops.at_end(last)
loops.at_end(last)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_a_loop_of_its_own() -> None:
    subprocess.run([sys.executable, "-W", "error::ResourceWarning", "-c", FORK], check=True, cwd=ROOT)


def test_what_is_under_way_at_exit_is_cancelled_and_nobody_complains() -> None:
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", EXIT], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tidied\nlast\n", "")
