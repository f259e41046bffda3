"""How far a run's settings travel from `ace run` to a committed delta: files on the way, and returns that call onward again.

python benchmarks/bench_walk.py            the two figures
python benchmarks/bench_walk.py --steps    every step of the walk besides

A reader follows each call once, in the order of execution. A step of the walk is a call of a function of ours that is given
the settings or a part of them: as an argument (`self` is one), or within three fields of one. Not followed: what a value says
of itself (its own methods), and the ledger that counts what is spent. A return counts where control comes back to a file that
was left, and that file then calls into another one.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType, MethodType
from typing import Any

from common import ROOT, show

FILES, RETURNS = 14, 6
OURS = f"{ROOT}/ace/"
NOT_FOLLOWED = ("Ledger",)
PARTS = ("RunSettings", "Sampling", "Prompts", "Budget", "Roles", "Unit")
"""The settings, and what they are unpacked into: sampling, prompts and limits; models with sampling, prompts and timeout; a
unit of work with its seed."""
DEPTH = 3
COMMAND = ("ace", "run", "desk", "--episodes", "2", "--eval", "2", "--json")
Place = tuple[str, str]
"""A function: its file and its name."""


def stated(value: object) -> bool:
    """Whether `value` is the settings or a part of them, wherever they are unpacked into."""
    return type(value).__name__ in PARTS


def carries(value: object, depth: int = DEPTH) -> bool:
    """Whether `value` is given the settings, `depth` fields deep."""
    if stated(value):
        return True
    kind = type(value)
    if not kind.__module__.startswith("ace.") or kind.__name__ in NOT_FOLLOWED or isinstance(value, type | MethodType):
        return False
    return depth > 0 and any(carries(part, depth - 1) for part in parts(value))


def parts(value: object) -> Iterator[object]:
    yield from getattr(value, "__dict__", {}).values()
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(value, name, None)


def given(frame: FrameType) -> bool:
    """Whether the function that begins is given the settings by its caller."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    values = [frame.f_locals.get(name) for name in code.co_varnames[:count]]
    return not (values and stated(values[0]) and code.co_varnames[0] in ("self", "cls")) and any(map(carries, values))


@dataclass
class Walk:
    """The calls that hand the settings on, by caller, in order of execution, up to the commit of a delta."""

    calls: dict[Place | None, list[Place]] = field(default_factory=dict)
    frames: list[FrameType] = field(default_factory=list)
    spawned: dict[CodeType, Place | None] = field(default_factory=dict)
    last: Place | None = None
    done: bool = False

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if self.done or event != "call" or not code.co_filename.startswith(OURS) or code.co_name.startswith("<"):
            return
        # A coroutine that goes on is no new call.
        if any(frame is known for known in self.frames):
            return
        place = (code.co_filename.removeprefix(OURS), code.co_qualname)
        commits = place == ("memory/store.py", "Store.commit") and frame.f_locals["batch"].delta is not None
        if commits or given(frame) or place == ("commands/run/app.py", "start"):
            caller = self.caller(frame)
            called = self.calls.setdefault(caller, [])
            if place not in called:
                called.append(place)
            self.frames.append(frame)
            self.last = place
        self.done = commits

    def caller(self, frame: FrameType) -> Place | None:
        """The step that led to `frame`: for a task of the event loop, the last step before it was first begun."""
        above = frame.f_back
        if frame.f_code.co_flags & inspect.CO_COROUTINE and above is not None and not above.f_code.co_filename.startswith(OURS):
            return self.spawned.setdefault(frame.f_code, self.last)
        while above is not None and not any(above is known for known in self.frames):
            above = above.f_back
        return None if above is None else (above.f_code.co_filename.removeprefix(OURS), above.f_code.co_qualname)

    def steps(self) -> list[tuple[Place | None, Place, bool]]:
        """Caller, called, and whether control had come back to the caller's file from another one before."""
        found: list[tuple[Place | None, Place, bool]] = []
        followed: set[Place | None] = set()
        returned = False

        def follow(caller: Place | None) -> None:
            nonlocal returned
            if caller in followed:
                return
            followed.add(caller)
            for called in self.calls.get(caller, ()):
                leaves = caller is not None and called[0] != caller[0]
                found.append((caller, called, leaves and returned))
                returned = returned and not leaves
                follow(called)
                returned = returned or leaves

        follow(None)
        return found


def walked() -> Walk:
    """The walk of one small run of the support desk."""
    from ace.cli import main

    walk, before = Walk(), sys.argv
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        sys.argv = [*COMMAND, "--store", os.path.join(folder, "walk.db")]
        sys.setprofile(walk)
        try:
            with contextlib.suppress(SystemExit):
                main()
        finally:
            sys.setprofile(None)
            sys.argv = before
    return walk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", action="store_true", help="print every step")
    wanted = parser.parse_args()
    walk = walked()
    steps = walk.steps()
    if not walk.done:
        print("no delta was committed: there is no walk to measure", file=sys.stderr)
        return 1
    if wanted.steps:
        for caller, called, back in steps:
            print(f"{'back ' if back else '     '}{':'.join(caller or ('', ''))} -> {':'.join(called)}")
    met = [
        show("files on the way from ace run to a committed delta", len({called[0] for _, called, _ in steps}), FILES, digits=0),
        show("returns to a file left, which calls onward", sum(back for *_, back in steps), RETURNS, digits=0),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
