"""Environments whose judges pass junk or fail at it, or that list what cannot be chosen."""

from __future__ import annotations

import sys
from typing import Any

from ace.types import Observation, Outcome, failure, invalid, success
from tests.environments.sound import COLOURS, LOOK, Box, Sound


class JunkWins(Sound):
    """Anything is right that is not known to be wrong."""

    class scene(Box):
        def other(self, action: str) -> Outcome:
            return success() if action.strip() else failure()


class PartIsEnough(Sound):
    """The judge looks for the answer inside the reply."""

    class scene(Box):
        def other(self, action: str) -> Outcome:
            return success() if self.right in action else failure()


class BelievesTheReply(Sound):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            return success() if '"success": true' in action else failure()


class JunkWinsLate(Sound):
    """The last word is judged by whether there is one."""

    class scene(Box):
        opened = False

        def looked(self) -> Any:
            self.opened = True
            return super().looked()

        def other(self, action: str) -> Outcome:
            return success() if self.opened and action.strip() else failure()


class JunkRaises(Sound):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            raise ValueError(f"no number: {action}")


class NulRaises(Sound):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            if "\x00" in action:
                raise ValueError("embedded null byte")
            return failure()


class JunkLeaves(Sound):
    """Actions are parsed as a command line."""

    class scene(Box):
        def other(self, action: str) -> Outcome:
            sys.exit(2)


class JunkIsInvalid(Sound):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            return invalid("the reply could not be read")


class EmptyAnswer(Sound):
    class scene(Box):
        answers = (*COLOURS, "")


class TwoLines(Sound):
    class scene(Box):
        answers = (*COLOURS, "none of\nthese")


class Padded(Sound):
    class scene(Box):
        answers = (*COLOURS, "purple ")


class Twice(Sound):
    class scene(Box):
        answers = (*COLOURS, "red")


class ActionAndAnswer(Sound):
    class scene(Box):
        def looked(self) -> Any:
            return Observation(f"It is {self.right}.", ("red",), COLOURS)


class AnswerGoesOn(Sound):
    class scene(Box):
        answers = (*COLOURS, "not sure")

        def judge(self, action: str) -> Any:
            return self.first if action == "not sure" else super().judge(action)


class Unlisted(Sound):
    """The right answer to one task cannot be chosen."""

    class scene(Box):
        @property
        def first(self) -> Any:
            return Observation(self.task.text, (LOOK,), tuple(c for c in COLOURS if self.task.id != "val-1" or c != self.right))

        def looked(self) -> Any:
            return Observation(f"It is {self.right}.", (), self.first.answers)


class RightIsSecond(Sound):
    """Options are made of the answer and what is drawn to mislead, and never shuffled."""

    class scene(Box):
        @property
        def answers(self) -> tuple[str, ...]:
            others = [c for c in COLOURS if c != self.right]
            return others[0], self.right, others[1]
