"""Exploring a case with listed answers: what lost in it before, and the answer to take where no lesson decides.

A case is known by elimination, so the draw goes among answers that have not lost in it, after any actions. Only once all have
lost does it return to them, each with an action that it has not lost after: an answer that is wrong by itself may be right
after a step. The draw derives from the attempt's seed alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ace.evidence.observed import looks
from ace.evidence.told import told_answer
from ace.models import layout
from ace.playbooks.bullet import clean
from ace.types import Episode, Observation


@dataclass(frozen=True, slots=True)
class Course:
    """An answer, after the actions that did more than show facts."""

    actions: tuple[str, ...]
    answer: str

    def line(self) -> str:
        return layout.THEN.join(map(clean, (*self.actions, self.answer)))


@dataclass(frozen=True, slots=True)
class Tried:
    """What is known of a case from earlier attempts at it: the plans that lost, and the actions that only showed facts."""

    lost: tuple[Course, ...] = ()
    looks: tuple[str, ...] = ()


def tried(attempts: Sequence[Episode]) -> Tried:
    """What the lost ones of `attempts` at one case tell. An attempt that ended without an answer excludes none."""
    lost: dict[Course, None] = {}
    seen: dict[str, None] = {}
    for e in attempts:
        shown = _looks(e)
        seen |= dict.fromkeys(shown)
        if e.outcome.valid and not e.outcome.success and _answered(e):
            actions = [s.action for s in e.steps[:-1] if s.action not in shown]
            lost[Course(tuple(actions), e.steps[-1].action)] = None
    return Tried(tuple(lost), tuple(seen))


def _looks(e: Episode) -> list[str]:
    came = [(s.action, s.observation.text) for s in e.steps if s.observation is not None]
    return [action for action, _ in looks(e.first.text, came)]


def told_right(e: Episode) -> bool:
    """Whether the environment named one other of the listed answers when `e` ended, as those do that say what was right: there
    is then nothing to find out by elimination. What is counted reads feedback in the same way."""
    given, answers = e.steps[-1].action if e.steps else "", _seen(e)[-1].answers
    return told_answer(e.outcome.feedback, given, answers) in answers


def listed(e: Episode) -> bool:
    """Whether answers were listed when `e` ended."""
    return bool(_seen(e)[-1].answers)


def _seen(e: Episode) -> list[Observation]:
    return [e.first, *(s.observation for s in e.steps if s.observation is not None)]


def _answered(e: Episode) -> bool:
    return listed(e) and bool(e.steps) and e.steps[-1].observation is None


def ran_out(attempts: Sequence[Episode]) -> bool:
    """Whether nothing is left to try: all the answers that the last of `attempts` listed have lost, and there were no actions
    after which one may win."""
    seen = _seen(attempts[-1])
    return not any(o.actions for o in seen) and not _untried(seen[-1].answers, tried(attempts))


def draw(seen: Observation, known: Tried, seed: int) -> Course | None:
    """What to take where no lesson decides; `None` where no answers are listed, or nothing is left to try."""
    rng = random.Random(seed)
    answers = list(dict.fromkeys(seen.answers))
    if fresh := _untried(answers, known):
        return Course((), rng.choice(fresh))
    gone = {(_same(step), _same(p.answer)) for p in known.lost for step in p.actions}
    steps = [a for a in dict.fromkeys(seen.actions) if a not in known.looks]
    left = [Course((step,), a) for step in steps for a in answers if (_same(step), _same(a)) not in gone]
    return rng.choice(left) if left else None


def course_of(line: str) -> Course:
    """The plan that stands on a line as `Course.line` writes it."""
    *actions, answer = line.split(layout.THEN)
    return Course(tuple(actions), answer)


def next_of(plans: Sequence[Course], done: Sequence[str], seen: Observation, seed: int) -> str:
    """What to do after `done` in the course of the first of `plans` that can be carried out; by chance where none can: one of
    the answers, else of the actions. Empty where nothing is listed."""
    begun, answers = [_same(action) for action in done], {_same(answer) for answer in seen.answers}
    options = {_same(option): option for option in (*seen.answers, *seen.actions)}
    for plan in plans:
        steps = [_same(part) for part in (*plan.actions, plan.answer)]
        possible = not answers or steps[-1] in answers
        if possible and len(steps) > len(begun) and steps[: len(begun)] == begun and steps[len(begun)] in options:
            return options[steps[len(begun)]]
    return random.Random(seed).choice(seen.answers or seen.actions or ("",))


def still_open(plan: Course | None, now: Observation) -> bool:
    """Whether `plan` can be carried out where `now` was seen in the course of it."""
    return plan is not None and plan.answer in now.answers


def lost_part(known: Tried) -> str:
    """The part of a request that names what lost; empty where nothing did."""
    return layout.listing(layout.LOST, (p.line() for p in known.lost)) if known.lost else ""


def take_part(plan: Course | None) -> str:
    """The part of a request that names what to take; empty where that is nothing."""
    return layout.listing(layout.TAKE, [plan.line()]) if plan else ""


def _untried(answers: Sequence[str], known: Tried) -> list[str]:
    """The answers that have not lost, each once. Where two that are listed differ in case or blanks alone, those count."""
    given = {p.answer for p in known.lost}
    lost, alike = {_same(a) for a in given}, Counter(map(_same, dict.fromkeys(answers)))
    return [a for a in dict.fromkeys(answers) if (a not in given if alike[_same(a)] > 1 else _same(a) not in lost)]


def _same(text: str) -> str:
    """`text` as it is compared: agents change case and blanks, and environments often read that as the same answer."""
    return clean(text).casefold()
