"""GEPA at work on a playbook, through the adapter of the package `gepa`, which is imported here when it is needed.

GEPA's loop is synchronous and asks for attempts when it wants them. It works in a thread; what it asks for is done by the event
loop of the run, where journal, store and limits are. Chance comes from the seed, so work that is done again after a crash asks
for the same, and finds the replies in the journal.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ace.attempt import UNANSWERED
from ace.errors import ModelError, ModelRefused
from ace.memory.values import CURATIONS
from ace.memory.view import View
from ace.models.contract import Message, Model, Reply, Request
from ace.playbooks.operations import Delta, Operation
from ace.playbooks.render import by_section, render_bullets
from ace.strategies.contract import Rehearsing, Roles
from ace.strategies.rewrite import leading_to, read
from ace.types import Episode, Task, derive_seed, digest

T = TypeVar("T")
COMPONENT = "playbook"
"""The name of the text that is optimised, in GEPA's candidates."""


@dataclass(frozen=True, slots=True)
class Effort:
    """At most so many `calls`, given those that the training attempts took, which count; so many `cases` measure a text that is
    accepted, and a `minibatch` of them leads to one."""

    calls: Callable[[int], int]
    cases: int
    minibatch: int


@dataclass(frozen=True, slots=True)
class Optimised:
    """The delta that leads to the best text, or none; what is told of it; and the attempts that were made on the way."""

    delta: Delta | None
    notes: tuple[str, ...]
    played: tuple[Episode, ...] = ()


class _Over(Exception):
    """The optimisation is at its end: its calls are spent, its model has gone, or the run is stopped."""


class _Unmeasured(Exception):
    """An attempt was invalid, so nothing can be said of the text."""


@dataclass(slots=True)
class Purse:
    """The calls that are left of `most`; no call is made beyond them."""

    most: int
    spent: int = 0

    @property
    def left(self) -> int:
        return self.most - self.spent

    def bounded(self, model: Model) -> Model:
        """`model`, whose calls are counted. It raises `_Over` where none is left."""
        return _Bounded(model, self)


class _Bounded:
    def __init__(self, model: Model, purse: Purse) -> None:
        self._model, self._purse = model, purse

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        if self._purse.left <= 0:
            raise _Over
        self._purse.spent += 1
        return await self._model.complete(request)

    async def close(self) -> None:
        """The model is shared, and is closed where it was opened."""


@dataclass(slots=True)
class Adapter:
    """What GEPA asks: attempts with a text, what they show, and a new text. It is called in GEPA's thread. `known` are attempts
    by text and case: an attempt at the same case with the same text has the same seed, and is made once."""

    roles: Roles
    rehearsal: Rehearsing
    book: View
    seed: int
    purse: Purse
    loop: asyncio.AbstractEventLoop
    known: dict[tuple[str, str], Episode] = field(default_factory=dict)
    played: dict[str, Episode] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    over: bool = False
    fault: BaseException | None = None
    propose_new_texts: None = None
    _asked: int = 0
    _pending: Future[Any] | None = None

    def evaluate(self, batch: list[Task], candidate: dict[str, str], capture_traces: bool = False) -> Any:
        text = candidate[COMPONENT]
        due = [t for t in batch if (text, t.key) not in self.known]
        if due:
            self._play(text, due)
        episodes = [self.known[text, t.key] for t in batch]
        scores = [float(e.outcome.success) for e in episodes]
        return _package().EvaluationBatch(episodes, scores, episodes if capture_traces else None, num_metric_calls=len(due))

    def _play(self, text: str, tasks: Sequence[Task]) -> None:
        if self.purse.left < len(tasks):
            self.over = True
            raise _Over
        edits, label = operations(text, self.book), f"gepa/{digest(text)}"
        episodes = self._waited(lambda: self.rehearsal.play(edits, tasks, label, self.purse.bounded))
        for task, e in zip(tasks, episodes, strict=True):
            self.played[e.id] = e
            if e.outcome.valid:
                self.known[text, task.key] = e
        if invalid := [e.outcome.reason for e in episodes if not e.outcome.valid]:
            self.over = self.over or any(r.startswith(UNANSWERED) for r in invalid)
            raise _Unmeasured(invalid[0])

    def make_reflective_dataset(
        self, candidate: dict[str, str], eval_batch: Any, components_to_update: list[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return {name: [shown(e) for e in eval_batch.trajectories] for name in components_to_update}

    def reflect(self, prompt: str) -> str:
        """What the curator's model writes when it is asked `prompt`."""
        seed = derive_seed(self.seed, "gepa", self._asked)
        self._asked += 1
        asked = Request(
            "curator", (Message("user", prompt),), sampling=self.roles.sampling, seed=seed, timeout=self.roles.timeout
        )
        model = self.purse.bounded(self.roles.curator(f"{CURATIONS}{digest('gepa', seed)[:12]}"))
        return self._waited(lambda: model.complete(asked)).text

    def stop(self, state: Any) -> bool:
        """Whether GEPA is to stop: also where no text can be better, and after as many rounds as there are calls, because a
        round whose attempts are known takes none."""
        best = max(state.program_full_scores_val_set, default=0.0)
        return self.over or self.purse.left <= 0 or best >= 1 or state.i >= self.purse.most

    def on_error(self, event: Mapping[str, Any]) -> None:
        """Keep what went wrong in a round, unless it says that a text could not be measured."""
        error = event["exception"]
        if not isinstance(error, _Over | _Unmeasured | ModelError):
            self._end(error)

    def end(self) -> None:
        """Ask for nothing further, and end what is under way."""
        self.over = True
        if self._pending is not None:
            self._pending.cancel()

    def _end(self, fault: BaseException) -> None:
        self.over, self.fault = True, self.fault or fault

    def _waited(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `work` gives, done by the event loop."""
        if self.over:
            raise _Over
        pending = self._pending = asyncio.run_coroutine_threadsafe(work(), self.loop)
        try:
            came: T = pending.result()
            return came
        except _Over:
            self.over = True
            raise
        except ModelRefused as error:
            self._end(error)
            raise
        except ModelError as error:
            self.over = True
            self.notes.append(f"gepa stopped early: {error}")
            raise
        # Limits and interruptions end the run, and not the round alone in which GEPA would leave them.
        except BaseException as error:
            self._end(error)
            raise


def _package() -> Any:
    """The package `gepa`, which an optional extra brings."""
    return importlib.import_module("gepa")


class _Quiet:
    def log(self, message: str) -> None:
        """GEPA's log is not kept: what it asked and got is in the journal."""


async def optimised(roles: Roles, rehearsal: Rehearsing, book: View, seed: int, effort: Effort) -> Optimised:
    """The best text that GEPA finds for `book` within `effort`. Raises what stops a run."""
    attempts = rehearsal.attempts()
    taken = rehearsal.calls()
    purse = Purse(effort.calls(taken), taken)
    adapter = Adapter(roles, rehearsal, book, seed, purse, asyncio.get_running_loop())
    start = render_bullets(by_section(book.bullets()))
    for e in sorted(attempts, key=lambda e: (e.epoch, e.attempt)):
        if e.outcome.valid:
            adapter.known.setdefault((start, e.task.key), e)
    tasks = [t for t in rehearsal.tasks if (start, t.key) in adapter.known]
    at = min(effort.cases, max(len(tasks) // 2, 1))
    measured, shown = tasks[:at], tasks[at:] or tasks
    if not tasks or purse.left <= 0:
        return Optimised(None, (f"gepa had no calls left to write a text: the training cases took {taken} of {purse.most}",))
    try:
        result = await asyncio.to_thread(_optimise, adapter, start, shown, measured, effort.minibatch)
    finally:
        adapter.end()
    if adapter.fault is not None:
        raise adapter.fault
    return _found(adapter, result, measured)


def _optimise(adapter: Adapter, start: str, train: list[Task], val: list[Task], minibatch: int) -> Any:
    return _package().optimize(
        seed_candidate={COMPONENT: start},
        trainset=train,
        valset=val,
        adapter=adapter,
        reflection_lm=adapter.reflect,
        reflection_minibatch_size=min(minibatch, len(train)),
        stop_callbacks=adapter.stop,
        callbacks=[adapter],
        logger=_Quiet(),
        raise_on_exception=False,
        seed=adapter.seed % 2**32,
    )


def _found(adapter: Adapter, result: Any, measured: Sequence[Task]) -> Optimised:
    best, scores = result.best_idx, result.val_aggregate_scores
    text, calls = result.candidates[best][COMPONENT], f"{adapter.purse.spent} of {adapter.purse.most} calls"
    compared = f"best of {len(scores)} texts on {len(measured)} training cases"
    played = tuple(adapter.played.values())
    if best == 0:
        return Optimised(None, (*adapter.notes, f"gepa keeps the playbook, the {compared} ({calls})"), played)
    reason = f"GEPA: {compared}, {scores[best]:.2f} won with it and {scores[0]:.2f} before; {calls}"
    rests_on = tuple(adapter.known[text, t.key].id for t in measured)
    delta = Delta(adapter.book.revision.hash, tuple(operations(text, adapter.book)), "curator", reason, rests_on)
    return Optimised(delta, tuple(adapter.notes), played)


def operations(text: str, book: View) -> list[Operation]:
    """The operations that lead from `book` to `text`, a list under headings."""
    stood = book.bullets(include_retired=True)
    return leading_to(read(text, stood, book.revision.hash), stood)


def shown(e: Episode) -> dict[str, object]:
    """An attempt as GEPA shows it to the model that writes texts: no more than a reflector sees."""
    task = "\n".join([e.first.text, *(["May be answered: " + "; ".join(e.first.answers)] if e.first.answers else [])])
    done = [f"{s.thought}\n-> {s.action}" + (f"\n{s.observation.text}" if s.observation else "") for s in e.steps]
    verdict = "success" if e.outcome.success else "failure"
    feedback = f"{verdict}. {e.outcome.feedback or e.outcome.reason}".strip()
    return {"Inputs": task, "Generated Outputs": "\n".join(done), "Feedback": feedback}
