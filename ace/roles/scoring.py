"""Choosing a listed option by how likely the model finds it, instead of asking for a JSON object.

A format costs a small model more than the decision does. The log-probability of each option as the next message is asked for:
of all in one request by their first tokens, and of those that begin alike in further ones, by the tokens in which they part.
Length-normalised scores are of all tokens, by token; calibrated ones take off the score in a prompt without the case (Zhao et
al. 2021, contextual calibration, arXiv:2102.09690; Holtzman et al. 2021, domain-conditional PMI, arXiv:2104.08315).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ace.answered import Answered
from ace.models import layout
from ace.models.contract import Message, Model, Request
from ace.playbooks.bullet import clean
from ace.roles.generator import opening_message
from ace.roles.replies import Move
from ace.types import Observation, OptionScore, Usage

CLOSING = f"{layout.ANSWER}\n(One of the listed options, as its exact text, and nothing else.)"


@dataclass(frozen=True, slots=True)
class ScoredOptions:
    """The `scores` of the options in their order, and what asking for them cost."""

    scores: tuple[OptionScore, ...]
    usage: Usage


def options_of(seen: Observation) -> tuple[str, ...]:
    """What can be chosen, as it stands in prompts."""
    return tuple(dict.fromkeys(filter(None, map(clean, (*seen.actions, *seen.answers)))))


def conversation(system: Message, messages: Sequence[Message]) -> tuple[Message, ...]:
    """The conversation `messages`, in which moves are JSON, as it stands where options are scored: under the instructions in
    `system`, with moves as the text of their action, and the question for one option at the end."""
    said = [replace(m, content=_action(m.content)) if m.role == "assistant" else m for m in messages[1:]]
    last = said[-1]
    return (system, *said[:-1], replace(last, content=f"{last.content}\n\n{CLOSING}"))


def without_case(system: Message, seen: Observation) -> tuple[Message, ...]:
    """The same question of the options of `seen`, without a case."""
    empty = Observation("", seen.actions, seen.answers)
    return conversation(system, [system, opening_message(empty, "", ())])


async def score(model: Model, request: Request, empty: Request, how: Answered) -> ScoredOptions:
    """The options of `request` scored. Where scores are calibrated, those in `empty`, the same request without a case, stand
    beside them. An option that the server tells nothing of has none. Raises what the model raises."""
    found = await _scored(model, request, whole=how.per_token)
    if not how.calibrated:
        return found
    bare = await _scored(model, empty, whole=how.per_token)
    pairs = zip(found.scores, bare.scores, strict=True)
    return ScoredOptions(tuple(replace(s, empty=e.logprob) for s, e in pairs), found.usage + bare.usage)


async def _scored(model: Model, request: Request, *, whole: bool) -> ScoredOptions:
    """The options scored: by the beginning that tells each apart, or by all of its tokens where `whole` says so."""
    asking, scores, usage = [request.options], dict.fromkeys(request.options, OptionScore("")), Usage()
    if whole or len(request.options) == 1:
        asking = [(option,) for option in request.options]
    # One after the other: what they have in common is then read from the server's cache.
    while asking:
        options = asking.pop(0)
        reply = await model.complete(replace(request, options=options))
        usage += reply.usage
        scores |= dict(zip(options, reply.scores or map(OptionScore, options), strict=True))
        if reply.whole and len(options) > 1:
            asking += _groups([o for o in options if scores[o].logprob is None], len(options))
    return ScoredOptions(tuple(scores.values()), usage)


def _groups(left: Sequence[str], of: int) -> list[tuple[str, ...]]:
    """What was not told apart, by what it begins with: each group is asked for by itself. An option that is alone, or that was
    not told from those it was asked with, is scored by all of its tokens."""
    groups: dict[str, list[str]] = {}
    same = next((n for n, letters in enumerate(zip(*left, strict=False)) if len(set(letters)) > 1), 0)
    for option in left:
        groups.setdefault(option[: same + 1], []).append(option)
    return [part for g in groups.values() for part in ([tuple(g)] if 1 < len(g) < of else [(o,) for o in g])]


def chosen(scores: Sequence[OptionScore], how: Answered, temperature: float | None, seed: int) -> str | None:
    """The option that is taken: the one with the highest value, the first of equals; at a `temperature` above 0 a draw by their
    shares. `None` where no option has a score."""
    values = values_of(scores, how)
    if not values:
        return None
    best = max(values.values())
    if not temperature:
        return next(option for option, value in values.items() if value == best)
    weights = [math.exp((value - best) / temperature) for value in values.values()]
    return random.Random(seed).choices(list(values), weights)[0]


def values_of(scores: Sequence[OptionScore], how: Answered) -> dict[str, float]:
    """What each option that has a score is compared by."""
    known = [s for s in scores if s.logprob is not None and (not how.calibrated or s.empty is not None)]
    return {s.option: (_alone(s, known) - (s.empty or 0.0)) / (s.tokens if how.per_token else 1) for s in known}


def _alone(score: OptionScore, others: Sequence[OptionScore]) -> float:
    """The log-probability of `score`'s option and of none that goes on from it: "yes" is also how "yes, later" begins."""
    mine = score.logprob or 0.0
    longer = [s for s in others if s.option != score.option and s.option.startswith(score.option) and s.tokens > score.tokens]
    left = 1.0 - sum(math.exp((s.logprob or 0.0) - mine) for s in longer)
    return mine + math.log(max(left, 1e-9))


def _action(content: str) -> str:
    return Move.model_validate_json(content).action
