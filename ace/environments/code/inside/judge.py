"""The process of the tests: it runs them against the solution in the other process, and writes the verdict.

The verdict goes to a pipe that the solution's process does not have. What comes over from the solution are values; none of its
code runs here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import types

from ace.environments.code.inside.enclosure import Bounds, enclose
from ace.environments.code.inside.remote import Link
from ace.environments.code.inside.wire import Channel, Garbled, Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TESTS = "<tests>"
_OF_TESTS = (ImportError, NameError, SyntaxError)
"""What says that tests cannot be run, where it was not raised by the solution."""
_FROM_SOLUTION = "solution_line"
_AGAIN = 0.2


class TimeUp(BaseException):
    """The tests did not end in time."""


Found = tuple[str, str]
"""What came of the tests: success, failure, or broken (the tests themselves cannot be run); and what is told of it."""


def main() -> None:
    """Read the job from standard input, play it, and write what was found to standard output."""
    job: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    verdict = os.dup(1)
    link = Link(Channel(job["reads"], job["writes"]))
    enclose(Bounds(*json.loads(sys.argv[2])))
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    found = _within(job, link, verdict)
    _say(verdict, {"verdict": found[0], "told": found[1][: job["most"]]})


def _say(verdict: int, line: dict[str, Any]) -> None:
    os.write(verdict, json.dumps(line).encode() + b"\n")


def _within(job: dict[str, Any], link: Link, verdict: int) -> Found:
    try:
        link.ready()
    except (Gone, Garbled) as error:
        return "broken", f"the solution's process did not start: {error}"
    _say(verdict, {"started": True})
    signal.signal(signal.SIGALRM, _time_is_up)
    # Again and again, because tests may catch everything once.
    signal.setitimer(signal.ITIMER_REAL, job["seconds"], _AGAIN)
    try:
        found = _loaded_and_tested(job, link)
    except TimeUp:
        found = ("failure", f"the solution was not done within {job['seconds']} seconds")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return gone(link.broken) if link.broken is not None else found


def _time_is_up(number: int, frame: types.FrameType | None) -> None:
    raise TimeUp


def _loaded_and_tested(job: dict[str, Any], link: Link) -> Found:
    try:
        module = link.load(job["program"], job["name"])
    except (Gone, Garbled) as error:
        return gone(error)
    # What the program raises while it is loaded.
    except BaseException as error:
        if isinstance(error, TimeUp):
            raise
        return "failure", f"the solution cannot be loaded: {_told(error)}"
    if job["folder"]:
        from ace.environments.code.inside.folders import tested

        return tested(module, link, job["folder"])
    return _checked(job, link, module)


def gone(error: BaseException) -> Found:
    """The failure that stands for a solution whose process ended, or sent what cannot be read."""
    why = str(error) if isinstance(error, Garbled) else "its process ended: it left, ran out of memory or of processor time"
    return "failure", f"the solution gave no answer: {why}"


def _checked(job: dict[str, Any], link: Link, module: types.ModuleType) -> Found:
    entry = job["entry"]
    if entry not in module.__dict__:
        return "failure", f"the solution defines no {entry}"
    link.operators = frozenset({entry} if entry[:1].isupper() else ())
    names: dict[str, Any] = {"__name__": "tests"}
    _given_names(job["prompt"], names)
    names[entry] = module.__dict__[entry]
    try:
        exec(compile(job["test"], TESTS, "exec"), names)
        if "check" in names:
            names["check"](names[entry])
    except (Gone, Garbled) as error:
        return gone(error)
    # What the tests raise, or the solution in them.
    except BaseException as error:
        if isinstance(error, TimeUp):
            raise
        own = isinstance(error, _OF_TESTS) and _FROM_SOLUTION not in vars(error)
        return (
            ("broken", f"the tests cannot be run: {_told(error)}") if own else ("failure", _failing(error, link, job["test"]))
        )
    return "success", ""


def _given_names(prompt: str, names: dict[str, Any]) -> None:
    """Define what the prompt defines, such as helpers that tests use too. Where it does not stand by itself, nothing."""
    for text in (prompt, f"{prompt.rstrip()}\n    pass\n"):
        try:
            code = compile(text, "<prompt>", "exec")
        except SyntaxError:
            continue
        exec(code, names)
        return


def _failing(error: BaseException, link: Link, test: str) -> str:
    """The assertion that failed, and what the solution gave last."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == TESTS else line
        trace = trace.tb_next
    said = test.splitlines()[line - 1].strip() if line else ""
    if isinstance(error, AssertionError) and _FROM_SOLUTION not in vars(error):
        parts = [f"failed: {said}", *([str(error)] if str(error) else []), link.last]
    else:
        parts = [_told(error), f"in: {said}", link.last]
    return "\n".join(filter(None, parts))


def _told(error: BaseException) -> str:
    line = vars(error).get(_FROM_SOLUTION)
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{text} (line {line} of the solution)" if line else text
