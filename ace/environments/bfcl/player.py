"""Plays a scenario in the pool's process: the package's back ends, once as the agent leaves them and once as they should be.

The package's own runner evaluates the model's text as Python. Here a call is looked up among the tools that were told; its
comparisons of states and of results are made as the package makes them.
"""

from __future__ import annotations

import copy
import decimal
import inspect
import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from operator import methodcaller
from typing import Any

from ace.environments.bfcl.calls import NotCalls, ToolCall, calls_in
from ace.environments.bfcl.rows import DOCUMENTS, DONE, ScenarioRow, scenarios, told_task, told_turn
from ace.environments.contract import Scene
from ace.types import Observation, Outcome, failure, success

MODULES = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
STATELESS = ("MathAPI",)
SMALL = {"precision": 1_000, "exponent": 1_000, "decimal_places": 1_000}
"""The largest value of parameters with which reckoning takes longer and longer."""
SECONDS = 5
"""For one call."""


class ToolPlayer:
    """Plays in the pool's process."""

    def open(self, data: Mapping[str, Any], seed: int) -> Scene:
        return ToolScene(scenarios(data["category"])[data["number"]])


def _load(backend: Any, config: Mapping[str, Any], long: bool) -> None:
    """Put `backend` into the state of a scenario."""
    methodcaller("_load_scenario", config, long_context=long)(backend)


class Backends:
    """The back ends of one scenario, and what calls give on them."""

    def __init__(self, row: ScenarioRow) -> None:
        self.states: dict[str, Any] = {}
        self._tools: dict[str, Any] = {}
        for name in row.classes:
            made = getattr(import_module(f"{MODULES}.{DOCUMENTS[name]}"), name)()
            if name not in STATELESS:
                _load(made, copy.deepcopy(row.config.get(name, {})), row.category == "long_context")
            self.states[name] = made
            self._tools |= {n: m for n, m in inspect.getmembers(made, inspect.ismethod) if not n.startswith("_")}

    def result(self, call: ToolCall) -> str:
        """What `call` gives, as text. What the tool raises is a result too, as in the package."""
        try:
            method = self._tools[call.name]
            given = inspect.signature(method).bind(*call.positional, **call.named).arguments
            for name, most in SMALL.items():
                if isinstance(given.get(name), int | float) and abs(given[name]) > most:
                    raise ValueError(f"{name} is at most {most}")
            with _deadline(SECONDS):
                return _told(method(*call.positional, **call.named))
        # The package's tools raise what they like.
        except Exception as error:  # noqa: BLE001
            return f"Error during execution: {error}"


def _told(result: Any) -> str:
    if isinstance(result, dict):
        try:
            return json.dumps(result)
        # Some give objects that JSON does not know.
        except (TypeError, ValueError):
            return str(result)
    return result if isinstance(result, str) else str(result)


class ToolScene:
    """One scenario under way."""

    def __init__(self, row: ScenarioRow) -> None:
        _reset_arithmetic()
        self._row, self._turn = row, 0
        self._backends, self._right = Backends(row), Backends(row)
        self._results: list[str] = []
        self._called = False
        self.first = Observation(told_task(row))

    def act(self, action: str) -> Observation | Outcome:
        if action.strip().strip("`.").lower() == DONE:
            return self._ended()
        try:
            calls = calls_in(action)
            tools = self._row.tools(self._turn)
            for call in calls:
                if call.name not in tools:
                    raise NotCalls(f"there is no tool {call.name}; there are {', '.join(tools)}")
        except NotCalls as refused:
            return Observation(f"Nothing was called: {refused}.")
        self._called = True
        results = [self._backends.result(call) for call in calls]
        self._results += results
        return Observation("\n".join(results))

    def close(self) -> None:
        """Holds nothing outside of this object."""

    def _ended(self) -> Observation | Outcome:
        accepted, score = self._row.accepted, self._turn / len(self._row.accepted)
        # A turn that cannot be done yet has no accepted calls, and is not looked at.
        if accepted[self._turn]:
            right = [self._right.result(call) for text in accepted[self._turn] for call in calls_in(text)]
            if wrong := self._wrong(right):
                return failure(f"Turn {self._turn + 1} of {len(accepted)}: {wrong}", score)
        self._turn, self._called = self._turn + 1, False
        if self._turn == len(accepted):
            return success(score=1.0)
        return Observation(told_turn(self._row, self._turn))

    def _wrong(self, right: Sequence[str]) -> str:
        """What is wrong at the end of a turn, empty where nothing is."""
        if not self._called:
            return "no tool was called."
        for name, state in self._right.states.items():
            if differ := list(_differences(self._backends.states[name], state)):
                return f"{name} is not left as it should be ({', '.join(differ)})."
        left = list(self._results)
        for result in right:
            if result not in left:
                return "a result that was needed was never looked up."
            left.remove(result)
        return ""


def _differences(state: Any, right: Any) -> Iterator[str]:
    """The public attributes that differ."""
    held = vars(state)
    return (n for n, value in vars(right).items() if not n.startswith("_") and (n not in held or held[n] != value))


def _reset_arithmetic() -> None:
    """Precision is set by some tools for the whole process, and would be the next scene's."""
    import mpmath

    mpmath.mp.dps = 15
    decimal.setcontext(decimal.Context())


@contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` inside after `seconds`. For the main thread of a process that does nothing else."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"it took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
