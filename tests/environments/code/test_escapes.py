"""Nothing that code in the sandbox tries gets out of it, or makes a verdict that it did not earn."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ace.environments.code.running import Job, RunLimits, judged
from ace.environments.code.sandbox import Sandbox
from ace.types import Outcome, Verdict
from tests.environments.code.escapes import ESCAPES, program

SLOW = [name for name in ESCAPES if re.search("without end|sleeping|counting|standing|hangs", name)]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """What must not be reached: a listener, this process, a file with a secret."""
    secret = tmp_path_factory.mktemp("store") / "ace.db"
    secret.write_text("secret")
    os.environ["ACE_TEST_KEY"] = "sk-secret"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.0)
        told = {"PORT": listener.getsockname()[1], "PID": os.getpid(), "SECRET": str(secret), "HOME": str(Path.home())}
        yield told
        with pytest.raises(BlockingIOError):
            listener.accept()
    del os.environ["ACE_TEST_KEY"]
    assert secret.read_text() == "secret"


@pytest.fixture
def survived() -> Iterator[list[int]]:
    """Signals that reached this process."""
    came: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    yield came
    signal.signal(signal.SIGTERM, before)


def tried(name: str, outside: dict[str, object], sandbox: Sandbox) -> Outcome:
    """What comes of the attempt `name`: it is right if it gives 'out', or forges a text that it is not told."""
    wanted = secrets.token_hex(8) if name.startswith("forged") else "out"
    job = Job(program(ESCAPES[name], outside), "solution", "f", test=f"assert f() == {wanted!r}\n")
    return judged(job, RunLimits(seconds=1 if name in SLOW else 5), sandbox)


def left_over() -> list[str]:
    """Command lines of processes that this one started in the sandbox and that still run."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (place / "cmdline").read_bytes().decode(errors="replace")
            found += [words] if f"main()\0{os.getpid()}\0" in words else []
    return found


def soon(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within ten seconds: the kernel ends the processes of a sandbox one after the other."""
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_there_are_enough_of_them() -> None:
    assert len(ESCAPES) >= 30


@pytest.mark.parametrize("name", [name for name in ESCAPES if name not in SLOW])
def test_it_does_not_get_out(name: str, outside: dict[str, object], sandbox: Sandbox, survived: list[int]) -> None:
    outcome = tried(name, outside, sandbox)
    assert outcome.verdict is Verdict.FAILURE, outcome
    assert survived == []
    assert soon(lambda: not left_over())


def test_none_that_has_no_end_gets_out(outside: dict[str, object], sandbox: Sandbox, survived: list[int]) -> None:
    """Side by side: each is waited for until its time is over."""
    with ThreadPoolExecutor(len(SLOW)) as pool:
        outcomes = dict(zip(SLOW, pool.map(lambda name: tried(name, outside, sandbox), SLOW), strict=True))
    assert {name: o for name, o in outcomes.items() if o.verdict is not Verdict.FAILURE} == {}
    assert survived == []
    assert soon(lambda: not left_over())


HOSTILE = """
class Odd(BASE):
    def same(self, *given):
        return ANSWER
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = same
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __truediv__ = same
    __round__ = __abs__ = __float__ = __int__ = __len__ = __index__ = same
    __hash__ = None

    def __iter__(self):
        return iter([Odd()])


def f():
    return Odd()


METADATA = candidate = check = Odd
"""


@pytest.mark.parametrize(("base", "answer"), [("", "0"), ("", "self"), ("float", "True")])
@pytest.mark.parametrize(
    "test",
    [
        "assert abs(f() - 12.566) < 1e-3",
        "assert abs(12.566 - f()) < 1e-3",
        "assert 12 < f() < 13",
        "assert 12 <= f() and f() <= 13",
        "assert 'secret' in f()",
        "assert not f() != 12",
        "assert f() + 1 == 13",
        "assert sorted([f(), 12])[0] == 12",
        "assert round(f() * 100) == 1256",
        "assert f() in (12, 13)",
        "METADATA = {}\ndef check(candidate):\n    assert 12 < candidate() < 13",
        "import math\nassert math.isclose(f(), 12.566)",
        "import unittest\nunittest.TestCase().assertAlmostEqual(f(), 12.566, places=2)",
        "assert f() == f() and f() == 12",
    ],
)
def test_an_object_that_agrees_with_everything_passes_no_test(test: str, base: str, answer: str, sandbox: Sandbox) -> None:
    program = HOSTILE.replace("BASE", base).replace("ANSWER", answer)
    outcome = judged(Job(program, "solution", "f", test=test), RunLimits(), sandbox)
    assert outcome.verdict is Verdict.FAILURE, outcome


USERS = ["fork", "the store", "being root", "disk, many files", "mounts and namespaces", "wider limits", "other processes"]


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root has tried all of them so")
@pytest.mark.parametrize("name", USERS)
def test_it_does_not_get_out_of_a_user_s_sandbox(
    name: str, outside: dict[str, object], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's sandbox is another one: without a namespace of users."""
    monkeypatch.setattr("ace.environments.code.running.way_of", lambda sandbox: "user")
    outcome = tried(name, outside, sandbox)
    assert outcome.verdict is Verdict.FAILURE, outcome
    told = judged(Job("def f():\n    return 'out'", "solution", "f", test="assert f() == 'out'"), RunLimits(), sandbox)
    assert told.success


@pytest.mark.parametrize("name", ["the store", "fork", "keys in the environment", "the network", "disk, one file"])
def test_the_same_gets_out_where_no_sandbox_was_asked_for(name: str, outside: dict[str, object], tmp_path: Path) -> None:
    """Else what was tried would show nothing."""
    body = ESCAPES[name].replace("/tmp/", f"{tmp_path}/").replace("return", "import os; return", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told = {**outside, "PORT": listener.getsockname()[1]}
        body = body.replace('"ACE_TEST_KEY" in os.environ', '"PATH" in os.environ').replace("time.sleep(9)", "os._exit(0)")
        outcome = judged(
            Job(program(body, told), "solution", "f", test="assert f() == 'out'"), RunLimits(seconds=5, disk=200), "none"
        )
    assert outcome.success, outcome
