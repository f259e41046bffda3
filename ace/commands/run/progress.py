"""What is seen of a run while it works: a live display on a terminal, plain lines elsewhere, nothing under `--json`."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from ace.commands.terminal.common import about, count
from ace.commands.terminal.outside import tell
from ace.events import BatchCommitted, EpisodeEnded, Event, GatePlayed, PhaseStarted, Reflected, RunStarted, Warned
from ace.results.measured import measured
from ace.types import Episode

if TYPE_CHECKING:
    from rich.console import RenderableType

ROLLING = 50
"""Episodes that the rolling success is taken over."""
TITLES = {"before": "measuring before", "start": "measuring the start", "learn": "learning", "after": "measuring after"}


class ProgressDisplay(Protocol):
    """Something that hears the loop's events between entering and leaving."""

    def hear(self, event: Event) -> None: ...

    def __enter__(self) -> Any: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Tally:
    """The running totals of a run, from its events."""

    def __init__(self) -> None:
        self.phase, self.of, self.done = "", 0, 0
        self.total, self.all_done = 0, 0
        self.reflections = self.accepted = self.refused = self.invalid = self.bullets = self.tokens = 0
        self.recent: dict[tuple[int, str, int], bool] = {}
        self.began = self._since = time.monotonic()
        self.fresh = self.attempts = 0
        self._elsewhere = True
        self.gate: GatePlayed | None = None

    def hear(self, event: Event) -> None:
        # Any other event says that the gate has judged.
        self.gate = event if isinstance(event, GatePlayed) else None
        match event:
            case RunStarted():
                self.total, self.all_done, self.fresh, self._since = event.total, event.done, 0, time.monotonic()
                self.reflections, self.accepted, self.refused = event.reflections, event.accepted, event.refused
                self.invalid, self.bullets, self.tokens = event.invalid, event.bullets, event.tokens
            case PhaseStarted():
                self.phase, self.of, self.done, self.attempts = event.phase, event.episodes, event.done, 0
                self._elsewhere = not event.done
                self.recent.clear()
            case EpisodeEnded(episode=episode):
                self.attempts += 1
                self.invalid += not episode.outcome.valid
                if episode.outcome.valid:
                    self._count(episode)
                self._advance(episode.attempt == 1)
            case Reflected():
                self.reflections += 1
                # Where attempts were made elsewhere, reflections are the work; a run that goes on has made its own before.
                self._advance(self._elsewhere and not self.attempts)
            case BatchCommitted():
                self.accepted += event.accepted
                self.refused += event.refused
                self.bullets = event.bullets
                self.tokens = event.usage.prompt_tokens + event.usage.completion_tokens

    def _advance(self, by: bool) -> None:
        self.done, self.all_done, self.fresh = self.done + by, self.all_done + by, self.fresh + by

    def _count(self, e: Episode) -> None:
        """An attempt that is learned from counts by itself; a case that is measured is won where any attempt at it is."""
        case = e.epoch, e.task.key, e.attempt if e.phase == "learn" else 0
        self.recent[case] = self.recent.get(case, False) or e.outcome.success
        if len(self.recent) > ROLLING:
            del self.recent[next(iter(self.recent))]

    @property
    def rolling(self) -> float | None:
        return sum(self.recent.values()) / len(self.recent) if self.recent else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the work is done, as far as it can be told; `None` where it is, or nearly."""
        if self.fresh <= 5:
            return None
        left = (time.monotonic() - self._since) / self.fresh * (self.total - self.all_done)
        return left if left >= 1 else None

    @property
    def judging(self) -> str:
        """That a gate plays, and how much it has played so far; empty where none does."""
        if self.gate is None:
            return ""
        pairs = self.gate.attempts // 2
        return f"gate {self.gate.gate} plays, {count(pairs, 'pair')} of attempts so far"

    @property
    def learned(self) -> list[str]:
        edits = [f"{count(self.accepted, 'edit')} accepted", f"{self.refused:,} refused"]
        return [count(self.reflections, "reflection"), *edits, count(self.bullets, "bullet")]

    def line(self) -> str:
        parts = [f"{TITLES.get(self.phase, self.phase)}: {self.done}/{self.of}"]
        if self.rolling is not None:
            parts.append(f"success {100 * self.rolling:.0f} % (last {len(self.recent)})")
        if self.phase == "learn":
            parts += [*([count(self.attempts, "attempt")] if self.attempts > self.done else []), *self.learned]
        if self.invalid:
            parts.append(f"{self.invalid} invalid")
        parts.append(f"{about(self.tokens)} tokens")
        if self.judging:
            return ", ".join([*parts, self.judging])
        if left := self.seconds_left:
            parts.append(f"about {_time(left)} left")
        return ", ".join(parts)


class Quiet:
    """Says warnings on stderr and nothing else."""

    def hear(self, event: Event) -> None:
        if isinstance(event, Warned):
            tell(f"ace: {event.text}")

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None


class Plain(Quiet):
    """A line at the start of a run, and one after each committed batch, at most one in two seconds within a phase."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._last = 0.0

    def hear(self, event: Event) -> None:
        super().hear(event)
        self.tally.hear(event)
        if isinstance(event, RunStarted):
            tell(f"run {event.run}, {_what(event)}: {count(event.total, 'case')}" + _before(event))
        elif isinstance(event, BatchCommitted | GatePlayed):
            over = isinstance(event, BatchCommitted) and self.tally.done >= self.tally.of
            if over or time.monotonic() - self._last >= 2:
                self._last = time.monotonic()
                tell(self.tally.line())


def _what(event: RunStarted) -> str:
    """What the run learns in, or what it measures."""
    if event.revision == 0:
        return measured(event.playbook, 0)
    return f"playbook {event.playbook if event.revision is None else measured(event.playbook, event.revision)}"


def _before(event: RunStarted) -> str:
    return f", {event.done:,} of them done before" if event.done else ""


def live() -> ProgressDisplay:
    """The display for a terminal."""
    return Live()


class Live(Quiet):
    """Bars for the run and its phase, and the running totals, redrawn four times a second."""

    def __init__(self) -> None:
        from rich.live import Live as Redrawn

        from ace.commands.terminal.screen import Screen

        self.tally = Tally()
        self._console = Screen(file=sys.stderr, highlight=False, markup=False)
        self._screen = Redrawn(console=self._console, refresh_per_second=4, transient=True, get_renderable=self._drawn)

    def hear(self, event: Event) -> None:
        self.tally.hear(event)
        if isinstance(event, Warned):
            self._console.print(f"ace: {event.text}", style="yellow")
        elif isinstance(event, RunStarted):
            self._console.print(f"run {event.run}, {_what(event)}: {count(event.total, 'case')}" + _before(event), style="dim")
        elif isinstance(event, BatchCommitted) and self.tally.done >= self.tally.of:
            self._console.print(self.tally.line(), style="dim")

    def __enter__(self) -> Live:
        self._screen.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._screen.stop()

    def _drawn(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        t = self.tally
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=20)
        grid.add_column(width=32)
        grid.add_column()
        title = TITLES.get(t.phase, t.phase)
        grid.add_row(title, ProgressBar(total=max(1, t.of), completed=t.done, width=32), f"{t.done}/{t.of}")
        rolling = "–" if t.rolling is None else f"{100 * t.rolling:.0f} %"
        bar = ProgressBar(total=1.0, completed=t.rolling or 0.0, width=32, complete_style="green", finished_style="green")
        grid.add_row("rolling success", bar, f"{rolling} of the last {len(t.recent)}")
        left = "" if (seconds := t.seconds_left) is None else f" · about {_time(seconds)} left"
        left = f" · {t.judging}" if t.judging else left
        learned = " · ".join(t.learned)
        table = Table.grid()
        table.add_row(grid)
        table.add_row(Text(f"{learned} · {about(t.tokens)} tokens{left}", style="dim"))
        return table


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
