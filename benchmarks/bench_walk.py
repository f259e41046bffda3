"""How far a run's settings travel from `ace run` to a committed delta: files on the way, and returns that call onward again.

python benchmarks/bench_walk.py            the figures
python benchmarks/bench_walk.py --steps    every step of the walk besides

A reader follows each call once, in the order of execution. A step of the walk is a call of a function of ours that is given
the settings: as an argument (`self` is one), or within three fields of one; and what lies between the last of these and the
commit. Not followed: what a value says of itself (its own methods), and the ledger that counts what is spent. A return counts
where control comes back to a file that was left, and that file then calls into another one. The second pair of figures follows
what the settings are unpacked into as well (sampling, prompts, limits, roles, units of work), down to the request to a model.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType, MethodType
from typing import Any

from common import ROOT, show

FILES, RETURNS = 14, 6
OURS = f"{ROOT}/ace/"
NOT_FOLLOWED = ("Ledger",)
WHOLE = ("RunSettings",)
PARTS = (*WHOLE, "Sampling", "Prompts", "Budget", "Roles", "Unit")
"""The settings, and what they are unpacked into: sampling, prompts and limits; models with sampling, prompts and timeout; a
unit of work with its seed."""
DEPTH = 3
COMMAND = ("ace", "run", "desk", "--episodes", "2", "--eval", "2", "--json")
Place = tuple[str, str]
"""A function: its file and its name."""
START, COMMIT = ("commands/run/app.py", "start"), ("memory/store.py", "Store.commit")


def carries(value: object, followed: Sequence[str], depth: int = DEPTH) -> bool:
    """Whether `value` is one of those that are `followed`, or holds one within `depth` fields."""
    kind = type(value)
    if kind.__name__ in followed:
        return True
    if not kind.__module__.startswith("ace.") or kind.__name__ in NOT_FOLLOWED or isinstance(value, type | MethodType):
        return False
    return depth > 0 and any(carries(part, followed, depth - 1) for part in parts(value))


def parts(value: object) -> Iterator[object]:
    yield from getattr(value, "__dict__", {}).values()
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(value, name, None)


def given(frame: FrameType, followed: Sequence[str]) -> bool:
    """Whether the function that begins is given the settings by its caller."""
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    values = [frame.f_locals.get(name) for name in names]
    own = bool(values) and names[0] in ("self", "cls") and type(values[0]).__name__ in followed
    return not own and any(carries(value, followed) for value in values)


def place_of(frame: FrameType) -> Place:
    return frame.f_code.co_filename.removeprefix(OURS), frame.f_code.co_qualname


def ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(OURS) and not frame.f_code.co_name.startswith("<")


@dataclass
class Walk:
    """The calls that hand the settings on, by caller, in order of execution, up to the commit of a delta."""

    followed: Sequence[str]
    calls: dict[Place | None, list[Place]] = field(default_factory=dict)
    frames: list[FrameType] = field(default_factory=list)
    spawned: dict[CodeType, Place | None] = field(default_factory=dict)
    last: Place | None = None
    done: bool = False

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        # A coroutine that goes on is no new call.
        if self.done or event != "call" or not ours(frame) or self.known(frame):
            return
        place = place_of(frame)
        if place == COMMIT and frame.f_locals["batch"].delta is not None:
            self.arrive(frame)
        elif place == START or given(frame, self.followed):
            self.step(frame)

    def known(self, frame: FrameType) -> bool:
        return any(frame is known for known in self.frames)

    def step(self, frame: FrameType) -> None:
        called = self.calls.setdefault(self.caller(frame), [])
        self.last = place_of(frame)
        if self.last not in called:
            called.append(self.last)
        self.frames.append(frame)

    def arrive(self, frame: FrameType) -> None:
        """The commit, and what lies between the last step and it."""
        between: list[FrameType] = []
        above: FrameType | None = frame
        while above is not None and not self.known(above):
            between += [above] if ours(above) else []
            above = above.f_back
        for each in reversed(between):
            self.step(each)
        self.done = True

    def caller(self, frame: FrameType) -> Place | None:
        """The step that led to `frame`: for a task of the event loop, the last step before it was first begun."""
        above = frame.f_back
        if frame.f_code.co_flags & inspect.CO_COROUTINE and above is not None and not above.f_code.co_filename.startswith(OURS):
            return self.spawned.setdefault(frame.f_code, self.last)
        while above is not None and not self.known(above):
            above = above.f_back
        return None if above is None else place_of(above)

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


def walked(followed: Sequence[str]) -> Walk:
    """The walk of one small run of the support desk."""
    from ace.cli import main

    walk, before = Walk(followed), sys.argv
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
    walks = [walked(WHOLE), walked(PARTS)]
    if not all(walk.done for walk in walks):
        print("no delta was committed: there is no walk to measure", file=sys.stderr)
        return 1
    met = True
    for walk, what, files, returns in zip(
        walks, ("the settings", "their parts too"), (FILES, None), (RETURNS, None), strict=True
    ):
        steps = walk.steps()
        for caller, called, back in steps if wanted.steps else ():
            print(f"{'back ' if back else '     '}{':'.join(caller or ('', ''))} -> {':'.join(called)}")
        passed = len({called[0] for _, called, _ in steps})
        met &= show(f"files from ace run to a committed delta, following {what}", passed, files, digits=0)
        met &= show(f"returns that call onward, following {what}", sum(back for *_, back in steps), returns, digits=0)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
