"""What is seen of an experiment while it works: a line for each run that ends, and on a terminal how far the others are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ace.commands.run.progress import Tally
from ace.commands.terminal.common import about, count
from ace.commands.terminal.outside import tell
from ace.events import Event, Listener, RunEnded, Warned
from ace.experiments.design import Cell


class ExperimentProgress:
    """Lines on stderr: one for each run that ends. `quiet`: warnings alone."""

    def __init__(self, experiment: str, cells: int, done: int, *, quiet: bool) -> None:
        self.experiment, self.cells, self.quiet = experiment, cells, quiet
        self.ended, self._before = done, f", {done} of them done before" if done else ""
        self.running: dict[str, Tally] = {}
        self._said: set[str] = set()

    def of(self, cell: Cell) -> Listener:
        """What hears the events of one run."""
        name, tally = f"{cell.arm.name}, seed {cell.seed}", Tally()

        def hear(event: Event) -> None:
            tally.hear(event)
            self.running[name] = tally
            if isinstance(event, Warned) and event.text not in self._said:
                self._said.add(event.text)
                self.line(f"ace: {name}: {event.text}")
            if isinstance(event, RunEnded):
                self.ended += event.status == "done"
                del self.running[name]
                if not self.quiet:
                    took = f"{time.monotonic() - tally.began:.0f} s, {about(tally.tokens)} tokens"
                    self.line(f"{name}: {event.status}, {took} ({self.ended} of {count(self.cells, 'run')} done)")

        return hear

    def line(self, text: str) -> None:
        tell(text)

    def __enter__(self) -> Any:
        if not self.quiet:
            tell(f"experiment {self.experiment}: {count(self.cells, 'run')}{self._before}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None


class LiveExperiment(ExperimentProgress):
    """The same, with the runs at work redrawn below."""

    def __init__(self, experiment: str, cells: int, done: int) -> None:
        from rich.live import Live as Redrawn

        from ace.commands.terminal.screen import Screen

        super().__init__(experiment, cells, done, quiet=False)
        self._console = Screen(file=sys.stderr, highlight=False, markup=False)
        draw: Callable[[], Any] = self._drawn
        self._screen = Redrawn(console=self._console, refresh_per_second=4, transient=True, get_renderable=draw)

    def line(self, text: str) -> None:
        self._console.print(text, style="dim")

    def _drawn(self) -> Any:
        from rich.text import Text

        lines = [f"{self.ended} of {count(self.cells, 'run')} done"]
        lines += [f"  {name}: {tally.line()}" for name, tally in list(self.running.items())[:8]]
        return Text("\n".join(lines), overflow="ellipsis", no_wrap=True)

    def __enter__(self) -> Any:
        super().__enter__()
        self._screen.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._screen.stop()


def progress(experiment: str, cells: int, done: int, *, quiet: bool) -> ExperimentProgress:
    """The display that fits where stderr goes."""
    return (
        LiveExperiment(experiment, cells, done)
        if sys.stderr.isatty() and not quiet
        else ExperimentProgress(experiment, cells, done, quiet=quiet)
    )
