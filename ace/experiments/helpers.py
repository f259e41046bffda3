"""Further processes that do runs of an experiment, where the model computes here and one processor would do all the work.

They take the numbers of the next runs from one counter, and tell the events of their runs. Each has its own connection to the
store, where a run is claimed as ever. They end with the process that started them: what they tell finds no listener then.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Thread
from types import TracebackType
from typing import Any

from ace.budget import Budget
from ace.errors import Interrupted
from ace.events import Event, Listener
from ace.experiments.design import Cell, Design
from ace.memory.values import Experiment

Listening = Callable[[Cell], Listener]
"""The listener for the events of one run."""
_GONE = 1
_SECONDS = 1.0
"""What calls in flight are given to finish when a helper is stopped."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Helpers:
    """`n` further processes for an experiment; none is started for 0."""

    def __init__(self, n: int, design: Design, experiment: Experiment, adopted: bool) -> None:
        self.n = max(0, n)
        self._context = multiprocessing.get_context("spawn")
        self._next = self._context.Value("i", 0) if self.n else None
        self._given = design, experiment, adopted
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
            process = self._context.Process(target=_help, args=(there, self._next, *self._given), daemon=True)
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


def _help(pipe: Connection, counter: Any, design: Design, experiment: Experiment, adopted: bool) -> None:
    """What a helper does."""
    # Ctrl-C reaches all processes of a terminal; the one that started this one says what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from ace.experiments.conduct import Conduct
    from ace.experiments.opened import open_design
    from ace.memory.database.sqlite import store_location
    from ace.memory.store import Store

    def of(cell: Cell) -> Listener:
        def hear(event: Event) -> None:
            try:
                pipe.send((cell, event))
            except OSError:
                os._exit(_GONE)

        return hear

    async def work(conduct: Conduct) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, conduct.stop, _SECONDS)
        await conduct.share()

    with Store.open(store_location(design.base.store), create=False) as store:
        conduct = Conduct(open_design(design), store, experiment, Budget(), of, adopted, lambda: _taken(counter))
        asyncio.run(work(conduct))
    ended = conduct.ended
    pipe.send(conduct.failed if ended is None or isinstance(ended, Interrupted) else {**conduct.failed, "all": str(ended)})
