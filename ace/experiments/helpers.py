"""Further processes that do runs of an experiment, where the model computes here and one processor would do all the work.

They take the numbers of the next runs from one counter, and tell the events of their runs. Each has its own connection to the
store, where a run is claimed as ever. They end with the process that started them: what they tell finds no listener then.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from threading import Thread
from types import TracebackType
from typing import Any

from ace.events import Event, Listener
from ace.experiments.design import Cell

Listening = Callable[[Cell], Listener]
"""The listener for the events of one run."""
Work = Callable[..., Mapping[str, str]]
"""What a helper does, given its listening, how to take the next number, and what the experiment gives it: says what failed."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Helpers:
    """`n` further processes for an experiment; none is started for 0."""

    def __init__(self, n: int, work: Work, *given: object) -> None:
        self.n, self._work = max(0, n), work
        self._context = multiprocessing.get_context("spawn")
        self._next = self._context.Value("i", 0) if self.n else None
        self._given = given
        self._started: list[tuple[Any, Thread]] = []
        self._failed: dict[str, str] = {}

    def number(self) -> int:
        """The number of the next run that is not taken yet."""
        assert self._next is not None
        return _taken(self._next)

    def start(self, listening: Listening) -> None:
        """Start them. Their events are heard in threads."""
        for _ in range(self.n):
            here, there = self._context.Pipe()
            process = self._context.Process(target=_help, args=(self._work, there, self._next, *self._given), daemon=True)
            process.start()
            there.close()
            hearing = Thread(target=self._hear, args=(here, listening), daemon=True)
            hearing.start()
            self._started.append((process, hearing))

    def _hear(self, pipe: Connection, listening: Listening) -> None:
        listeners: dict[tuple[str, int], Listener] = {}
        try:
            while True:
                told: tuple[Cell, Event] | dict[str, str] = pipe.recv()
                if isinstance(told, dict):
                    self._failed |= told
                else:
                    cell, event = told
                    key = cell.arm.name, cell.seed
                    if key not in listeners:
                        listeners[key] = listening(cell)
                    listeners[key](event)
        except (EOFError, OSError):
            return

    def stop(self, within: float | None = None) -> None:
        """Begin no further run, and stop those at work in good order."""
        for process, _ in self._started:
            process.terminate()

    def failed(self) -> dict[str, str]:
        """What failed in them, once all have ended."""
        for process, hearing in self._started:
            process.join()
            hearing.join()
            if process.exitcode:
                self._failed[f"process {process.pid}"] = f"it ended with status {process.exitcode}"
        return self._failed

    def __enter__(self) -> Helpers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _taken(counter: Any) -> int:
    with counter.get_lock():
        counter.value += 1
        return int(counter.value) - 1


def _help(work: Work, pipe: Connection, counter: Any, *given: object) -> None:
    """What a helper process does."""
    # Ctrl-C reaches all processes of a terminal; the one that started this one says what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def listening(cell: Cell) -> Listener:
        def hear(event: Event) -> None:
            try:
                pipe.send((cell, event))
            except OSError:
                # The process that started this one is gone, so its runs are stopped as if it had been terminated.
                signal.raise_signal(signal.SIGTERM)

        return hear

    pipe.send(dict(work(listening, lambda: _taken(counter), *given)))
