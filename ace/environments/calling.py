"""Calling into an environment, which is the user's code: what it raises and what it gives that no contract knows says nothing
about the agent."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import Callable
from typing import TypeVar, cast

from ace import bounds
from ace.redaction import redact_all
from ace.types import Observation, Outcome, Verdict

T = TypeVar("T")
_LONGEST_REASON = 4000
"""Bytes of what an exception of the environment says that are kept."""


class EnvironmentFault(Exception):
    """The environment raised, hung, or answered with something that is neither observation nor outcome."""


def called(work: Callable[[], T]) -> T:
    """The value of `work`. Raises `EnvironmentFault` for what it raises."""
    try:
        return work()
    # The environment is the user's code: an exception, `SystemExit` included, says nothing about the agent.
    except (Exception, SystemExit) as error:
        told = f"the environment raised {type(error).__name__}: {redact_all(str(error))}"
        raise EnvironmentFault(bounds.bounded(told, _LONGEST_REASON)) from error


def observed(came: object) -> Observation:
    """What came of an action, as it is kept. Raises `EnvironmentFault` where it is not an observation."""
    if not isinstance(came, Observation):
        kind = "None" if came is None else type(came).__name__
        due = "an ace.types.Observation to go on, or an Outcome to end: ace.success() or ace.failure()"
        raise EnvironmentFault(f"the environment gave {kind} for an action; it must give {due}")
    if not isinstance(came.text, str):
        raise EnvironmentFault(f"the environment gave an observation whose text is {_a(came.text)}; it must be a str")
    for name, options in (("actions", came.actions), ("answers", came.answers)):
        if not isinstance(options, tuple | list) or not _texts(*options):
            raise EnvironmentFault(f"the environment gave an observation whose {name} are not a tuple of texts")
    size = sum(map(len, (*came.actions, *came.answers)))
    if size > bounds.MOST_LISTED:
        told = f"the environment listed options of {size:,} characters; together they may have {bounds.MOST_LISTED:,}"
        raise EnvironmentFault(told)
    return bounds.observation(came)


def told_outcome(came: Outcome) -> Outcome:
    """How an attempt ended, as it is kept. Raises `EnvironmentFault` where its values are not those of an outcome."""
    score: object = came.score
    if not isinstance(came.verdict, Verdict):
        due = "write ace.success() or ace.failure()"
        raise EnvironmentFault(f"the environment gave an outcome whose verdict is {_a(came.verdict)}; {due}")
    for name, text in (("feedback", came.feedback), ("reason", came.reason)):
        if not isinstance(text, str):
            raise EnvironmentFault(f"the environment gave an outcome whose {name} is {_a(text)}; it must be a str")
    if score is not None and (not isinstance(score, int | float) or not math.isfinite(score)):
        raise EnvironmentFault(f"the environment gave an outcome whose score is {score!r:.40}; it must be a number or None")
    return bounds.outcome(came)


def _a(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _texts(*values: object) -> bool:
    return all(isinstance(v, str) for v in values)


async def in_a_thread(work: Callable[[], T], late: Callable[[T], object] | None = None) -> T:
    """The value of `work`, called in a thread that the process does not wait for at exit: one that never returns must not hold
    the run. `late` is given a value that comes when it is no longer waited for, in a thread too."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if done.done():
            if error is None and late is not None:
                threading.Thread(target=late, args=(value,), name="ace-environment", daemon=True).start()
            return
        if error is None:
            done.set_result(cast(T, value))
        else:
            done.set_exception(error)

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        # Raised again where it is awaited.
        except BaseException as raised:  # noqa: BLE001
            error = raised
        with contextlib.suppress(RuntimeError):  # The loop has closed: the waiting task is gone.
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, name="ace-environment", daemon=True).start()
    return await done
