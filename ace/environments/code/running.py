"""One attempt: the process of the solution and the process of the tests are started, and one verdict is read.

The solution's process has two pipes to the tests' process and nothing else. Only the tests' process has the pipe with the
verdict, and this process reads it up to a limit and ends both, however they came out.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ace.environments.code.inside.enclosure import Bounds
from ace.environments.code.sandbox import TASK, Sandbox, a_user, command, environment, way_of
from ace.types import Outcome, failure, invalid, success

PATIENCE = 3
"""Seconds by the clock for each second of the processor: attempts share a machine, and no solution is to fail for that."""
SPARE = 5
"""Seconds beyond its limit after which a process of tests is ended."""
START = 20
"""Seconds for starting the processes."""
_MOST = 64 * 1024
_TOLD = 300


@dataclass(frozen=True, slots=True)
class Job:
    """What is run: `program` is the solution as the module `name`. Tests are `test`, which is given the function `entry`, after
    `prompt` has defined helpers; or the files in `folder`, which are tests of pytest."""

    program: str
    name: str
    entry: str = ""
    prompt: str = ""
    test: str = ""
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class RunLimits:
    """`seconds` of processor time, and `PATIENCE` times as many by the clock; `memory` and `disk` in MiB, `feedback` in
    characters."""

    seconds: int = 10
    memory: int = 512
    disk: int = 16
    feedback: int = 600

    @property
    def clock(self) -> int:
        return PATIENCE * self.seconds


def judged(job: Job, limits: RunLimits, sandbox: Sandbox) -> Outcome:
    """What the tests say of the solution. Invalid where the sandbox or the tests are at fault, never the solution. It takes at
    most `limits.clock` and 25 seconds more."""
    with tempfile.TemporaryFile() as said:
        try:
            with _started(job, limits, sandbox, said.fileno()) as tests:
                lines = list(_lines(tests.stdout.fileno(), limits.clock)) if tests.stdout else []
        except OSError as error:
            return invalid(f"the sandbox cannot be started: {error}")
        said.seek(0)
        complaint = " ".join(said.read(_TOLD * 4).decode(errors="replace").split())[-_TOLD:]
    return _outcome(lines, complaint, limits)


def _outcome(lines: list[dict[str, Any]], complaint: str, limits: RunLimits) -> Outcome:
    found = lines[-1] if lines and "verdict" in lines[-1] else None
    if found is None:
        if lines and not lines[-1].get("gone"):
            return failure(f"the tests did not end within {limits.clock} seconds")
        return invalid(f"the sandbox broke: {complaint or 'its process ended without a verdict'}")
    if found["verdict"] == "success":
        return success()
    if found["verdict"] == "failure":
        return failure(found["told"])
    return invalid(f"{found['told']}{f' ({complaint})' if complaint else ''}")


@contextmanager
def _started(job: Job, limits: RunLimits, sandbox: Sandbox, complaints: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process of the tests, at work."""
    way = way_of(sandbox)
    (asks, asked), (answered, answers) = os.pipe(), os.pipe()
    ends, started = [asks, asked, answered, answers], list[subprocess.Popen[bytes]]()
    with tempfile.TemporaryDirectory(prefix="ace-code-") if way == "none" else _nowhere() as place:
        try:
            around: dict[str, Any] = {"env": environment(), "stderr": complaints, "start_new_session": True, "cwd": place}
            words = command("candidate", _bounds(way, limits))
            started.append(subprocess.Popen(words, stdin=asks, stdout=answers, **around))
            # Tests are of the person's choosing; their own time is the alarm's, and the processor's limit is for what hangs.
            words = command("judge", _bounds(way, limits, tests=True), folder=job.folder, also=_libraries(job))
            tests = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(asked, answered), **around)
            started.append(tests)
            _close(ends)
            _give(tests, _told(job, limits, asked, answered, way))
            yield tests
        finally:
            _close(ends)
            for process in started:
                _end(process)


def _bounds(way: str, limits: RunLimits, tests: bool = False) -> Bounds:
    memory = limits.memory + 512 if tests else limits.memory
    return Bounds(way, a_user(), limits.clock + 4 * SPARE if tests else limits.seconds, memory, limits.disk)


@contextmanager
def _nowhere() -> Iterator[str]:
    yield "/"


def _libraries(job: Job) -> list[str]:
    """The folder that pytest is installed in, where it is needed."""
    if job.folder is None:
        return []
    import pytest

    return [str(Path(pytest.__file__).resolve().parent.parent)]


def _told(job: Job, limits: RunLimits, asked: int, answered: int, way: str) -> Mapping[str, Any]:
    folder = "" if job.folder is None else (str(job.folder) if way == "none" else TASK)
    said = {"program": job.program, "name": job.name, "entry": job.entry, "prompt": job.prompt, "test": job.test}
    return said | {"folder": folder, "seconds": limits.clock, "most": limits.feedback, "reads": answered, "writes": asked}


def _give(tests: subprocess.Popen[bytes], job: Mapping[str, Any]) -> None:
    if tests.stdin is not None:
        # Where the process ended at once, that is seen when its verdict is missing.
        with suppress(BrokenPipeError), tests.stdin:
            tests.stdin.write(json.dumps(job).encode())


def _lines(place: int, seconds: int) -> Iterator[dict[str, Any]]:
    """What the tests' process says at `place`, until it has said its verdict, is gone (`{"gone": True}`), is late, or says too
    much."""
    text, until = b"", time.monotonic() + START + seconds + SPARE
    # Not select(), which takes no file beyond the 1,024th.
    with selectors.DefaultSelector() as selector:
        selector.register(place, selectors.EVENT_READ)
        while len(text) < _MOST and (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                return
            part = os.read(place, _MOST)
            if not part:
                yield {"gone": True}
                return
            *whole, text = (text + part).split(b"\n")
            for line in whole:
                said = json.loads(line)
                until = min(until, time.monotonic() + seconds + SPARE)
                yield said
                if "verdict" in said:
                    return


def _close(ends: list[int]) -> None:
    """Close each once: their numbers may stand for other files of this process afterwards."""
    while ends:
        os.close(ends.pop())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started; wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
