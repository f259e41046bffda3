"""Nothing that code in the sandbox tries gets out of it, or makes a verdict that it did not earn."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ace.environments.code.running import Job, RunLimits, judged
from ace.environments.code.sandbox import Sandbox
from ace.types import Outcome, Verdict
from tests.environments.code.escapes import ESCAPES, program

SLOW = {name for name in ESCAPES if re.search("without end|sleeping|counting|standing|hangs", name)}


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


@pytest.mark.parametrize("name", ESCAPES)
def test_it_does_not_get_out(name: str, outside: dict[str, object], sandbox: Sandbox, survived: list[int]) -> None:
    outcome = tried(name, outside, sandbox)
    assert outcome.verdict is Verdict.FAILURE, outcome
    assert survived == []
    assert soon(lambda: not left_over())


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
