"""The novice as generator: follow the first lesson whose conditions hold, else choose by seeded chance."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

from ace.models import layout
from ace.models.contract import Request
from ace.models.novice.lessons import Look, Topic
from ace.models.novice.reading import Game, read_game
from ace.models.novice.recalling import case_of, named_in, unseen_facts, voted
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.trigger import Plan, Trigger, quoted

LOOK_AROUND = 0.8
"""How often a blind choice is an action while learning, before it is known where to look."""
TRY_A_STEP = 0.15
"""How often a blind choice is a step instead of an answer, once it is known where to look."""

NEAREST = 5
"""Topics that vote."""


def act(request: Request) -> dict[str, Any]:
    """The move for the case in `request`."""
    game = read_game(request.messages)
    rng = random.Random(request.seed)
    for id, lesson in game.lessons:
        if isinstance(lesson, Look) and (action := _listed(lesson.action, game.actions)) and action not in game.taken:
            return _move("This shows facts that may decide the case.", action, id)
    if rng.random() >= request.sampling.explore and (told := _followed(game)):
        return told
    if not (game.actions or game.answers):
        return _move("Nothing is listed to choose from, and novice writes no answers of its own.", FREE)
    return _move("No lesson decides this case, so this is a guess.", _blind(game, rng, learning=request.sampling.explore > 0))


FREE = "?"
"""What is done where nothing is listed to choose from: a reply that says nothing, and from which nothing is learned."""


def _move(thought: str, action: str, *ids: str) -> dict[str, Any]:
    return {"thought": thought, "action": action, "lesson_ids": list(ids)}


def _listed(text: str, options: list[str]) -> str:
    """The option that a lesson's text names: quotation marks are written differently inside lessons."""
    return next((o for o in options if quoted(o) == text), "")


def _followed(game: Game) -> dict[str, Any] | None:
    """The move that the lessons call for, leaving out what was tried at this case and lost."""
    if not game.lessons:
        return _recalled(game)
    view = CaseView.of(read_facts(game.texts))
    for id, lesson in game.lessons:
        if isinstance(lesson, Trigger) and lesson.plan.line() not in game.tried and lesson.covers(view):
            if lesson.plan.step and (step := _listed(lesson.plan.step, game.actions)) and step not in game.taken:
                return _move(f"It applies: {lesson.sentence()}", step, id)
            if choice := _option(lesson.plan, game):
                return _move(f"It applies: {lesson.sentence()}", choice, id)
    return _nearest(game) or _recalled(game)


def _recalled(game: Game) -> dict[str, Any] | None:
    """The move that attempts at other cases speak for: what may show facts that they name, then the plan of the nearest."""
    if not game.others:
        return None
    counted, seen = named_in(game.others), case_of(game.texts)
    fresh = [a for a in game.actions if a not in game.taken and layout.item(a) not in counted]
    if fresh and unseen_facts(game.others, seen):
        return _move("Other cases told facts that were not seen here.", fresh[0])
    plan = voted(game.others, seen, _plans(game))
    if plan is None:
        return None
    if plan.step and (step := _listed(plan.step, game.actions)) and step not in game.taken:
        return _move("The nearest attempts speak for it.", step)
    option = _option(plan, game) if game.answers or game.actions else plan.choice
    return _move("The nearest attempts speak for it.", option) if option else None


def _plans(game: Game) -> list[Plan]:
    """What can be done here and has not lost: every listed answer, and plans with a step that won elsewhere."""
    won = [o.plan for o in game.others if o.won]
    steps = [p for p in won if p.step and _option(p, game) and _listed(p.step, game.actions)]
    if not game.answers:
        return list(dict.fromkeys(p for p in won if p.line() not in game.tried))
    taken = [quoted(t) for t in game.taken]
    begun = [p for p in steps if p.step in taken]
    return [p for p in dict.fromkeys([*begun, *map(Plan, game.answers), *steps]) if p.line() not in game.tried]


def _option(plan: Plan, game: Game) -> str:
    return _listed(plan.choice, game.answers) or _listed(plan.choice, game.actions)


def _nearest(game: Game) -> dict[str, Any] | None:
    """The choice of the topics nearest to the case's words; rare words among the topics count more."""
    topics = [(id, t) for id, t in game.lessons if isinstance(t, Topic) and t.choice not in game.tried]
    # Words near what is asked about weigh up to five times as much as others; roots keep them from deciding alone.
    words = {word: math.sqrt(weight) for word, weight in read_facts(game.texts).words().items()}
    seen = Counter(w for _, t in topics for w in t.words)
    rarity = {w: math.log((len(topics) + 1) / (n + 0.5)) for w, n in seen.items()}
    scored = sorted(((_likeness(t, words, rarity), -i) for i, (_, t) in enumerate(topics)), reverse=True)
    best = [(s, *topics[-i]) for s, i in scored[:NEAREST] if s > 0]
    if not best:
        return None
    votes: Counter[str] = Counter()
    for score, _, topic in best:
        votes[topic.choice] += score  # type: ignore[assignment]
    choice = votes.most_common(1)[0][0]
    option = _listed(choice, game.answers) if game.answers else choice
    id = next(id for _, id, t in best if t.choice == choice)
    return _move("The text is nearest to this topic.", option, id) if option else None


def _likeness(topic: Topic, words: dict[str, float], rarity: dict[str, float]) -> float:
    shared = sum(words[w] * rarity[w] for w in topic.words if w in words)
    return shared / math.sqrt(1 + sum(rarity[w] for w in topic.words))


def _named(game: Game) -> tuple[str, str]:
    """The answer that the request names, and the step before it; each empty where it is not listed."""
    if game.take in game.answers:
        return game.take, ""
    step, _, answer = game.take.rpartition(layout.THEN)
    return (answer if answer in game.answers else ""), (step if step in game.actions else "")


def _blind(game: Game, rng: random.Random, *, learning: bool) -> str:
    """A choice by chance. While nothing is known of where to look: among all that is listed, and mostly among the actions if
    there is something to be learned from it. Afterwards mostly among answers."""
    looks = {lesson.action for _, lesson in game.lessons if isinstance(lesson, Look)}
    steps = [a for a in game.actions if a not in game.taken and quoted(a) not in looks]
    lost = {Plan.parse(line).choice for line in game.tried}
    answers = [a for a in game.answers if quoted(a) not in lost] or game.answers
    if not game.answers:
        return rng.choice(steps or game.actions or [FREE])
    if game.take:
        named, step = _named(game)
        answers = [named] if named else answers
        if step in steps:
            return step
    if not looks and not learning:
        return rng.choice([*steps, *answers])
    often = TRY_A_STEP if looks else LOOK_AROUND
    return rng.choice(steps) if steps and rng.random() < often else rng.choice(answers)
