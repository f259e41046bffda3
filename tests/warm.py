"""Processes of their own that begin with `ace` loaded: forked from one that loaded it once, for all tests of a worker.

The decision behind it: a test that kills, interrupts or watches a program needs a real process, with descriptors, signals and
an end of its own, and not the second of importing that a new interpreter begins with. Where the beginning or the end of the
interpreter is what a test is about (what is imported, how streams are encoded and closed), it starts one by itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver, get_context
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parent.parent
ACE = "from ace.cli import main; main()"


class Process:
    """A Python program in a process of its own, with the parts of `subprocess.Popen` that the tests use.

    `before` is called in it first. `terminal` is a descriptor that it reads, writes and complains to; without one it reads
    nothing, and what it writes and complains of is read from `stdout` and `stderr`.
    """

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        before: Callable[[], None] | None = None,
        terminal: int | None = None,
    ) -> None:
        self.args = list(arguments)
        self.returncode: int | None = None
        self.stdout: TextIO | None = None
        self.stderr: TextIO | None = None
        opened: list[int] = []
        if terminal is None:
            (out, out_end), (err, err_end) = os.pipe(), os.pipe()
            self.stdout, self.stderr = (os.fdopen(end, encoding="utf-8", errors="surrogateescape") for end in (out, err))
            opened = [os.open(os.devnull, os.O_RDONLY), out_end, err_end]
        ends = [_Later(end) for end in (opened if terminal is None else [terminal] * 3)]
        given = (program, self.args, str(cwd.resolve()), dict(env), before)
        self._process = _context().Process(target=_become, args=(*given, ends), daemon=True)
        self._process.start()
        self.pid: int = self._process.pid
        for end in opened:
            os.close(end)

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._process.exitcode
            if self.returncode is not None:
                self._process.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def communicate(self, timeout: float = 240) -> tuple[str, str]:
        """What it wrote and complained of and was not read yet, once it has ended."""
        said: dict[str, str] = {}
        until = time.monotonic() + timeout
        streams = {"stdout": self.stdout, "stderr": self.stderr}
        readers = [threading.Thread(target=_read, args=(said, *stream), daemon=True) for stream in streams.items()]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(max(0, until - time.monotonic()))
        self.wait(max(0, until - time.monotonic()))
        return said.get("stdout", ""), said.get("stderr", "")

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _read(said: dict[str, str], name: str, stream: TextIO | None) -> None:
    if stream is not None and not stream.closed:
        said[name] = stream.read()
        stream.close()


class _Later:
    """A descriptor that goes with the process that is started."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _same, (DupFd(self._descriptor),)


def _same(given: Any) -> Any:
    return given


@cache
def _context() -> Any:
    """Started where the project's modules are found whatever the folder that a test works in."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.warm", "tests.loaded"])
    here, path = Path.cwd(), os.environ.get("PYTHONPATH")
    try:
        os.chdir(ROOT)
        os.environ["PYTHONPATH"] = str(ROOT)
        forkserver.ensure_running()
    finally:
        os.chdir(here)
        os.environ.pop("PYTHONPATH")
        os.environ.update({} if path is None else {"PYTHONPATH": path})
    return context


def _opened(descriptor: int, mode: str = "r", **how: Any) -> Any:
    """A standard stream, as the interpreter makes it; none where the descriptor is closed."""
    with suppress(OSError):
        return open(descriptor, mode, closefd=False, **how)
    return None


def _become(
    program: str, arguments: list[str], cwd: str, env: dict[str, str], before: Callable[[], None] | None, ends: list[Any]
) -> None:
    """What the new process does: take its place, and run the program as an interpreter would with `-c`."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number, end in enumerate(ends):
        descriptor = end.detach()
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.argv = ["-c", *arguments]
    sys.path.insert(0, "")
    if before is not None:
        before()
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = _opened(0, encoding=encoding)
    sys.stdout = _opened(1, "w", encoding=encoding)
    sys.stderr = _opened(2, "w", encoding=encoding, errors="backslashreplace", buffering=1)
    try:
        exec(program, {"__name__": "__main__"})
    # As an interpreter does with what a program did not catch.
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        sys.exit(1)
