"""Passing texts through the owner's hook before they are stored.

Redaction rewrites values, not rows, so that nothing of the store needs to know of it and nothing that was not redacted is ever
near the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from ace.bounds import LONGEST_KIND
from ace.memory.values import Batch, Call
from ace.origins import LONGEST_ORIGIN, origin_fault
from ace.playbooks.formats.history import History, PastDelta
from ace.playbooks.formats.line import Line
from ace.playbooks.operations import Delta, Judgement, Operation, Refusal
from ace.types import JSON, UNVERIFIED, Episode, Observation, Reflection, Step, Task

Redact = Callable[[str], str]
"""Given a text, the text to store instead of it. What it has made itself it leaves as it is: a text may come by again, as where
a delta is undone."""
T = TypeVar("T")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SAID, _BY_NAME = ("stopped",), ("unusable",)
"""What the result of a run says in words, and that of an experiment by arm; all else in them is read by programs."""


def redacted(value: T, hook: Redact | None) -> T:
    """`value` (a batch, a delta, calls, lines of a file, a history, a run's result, a text, or a tuple of these) with each free
    text of it passed through `hook`. Ids, the names of playbooks and numbers stay as they are, and empty texts are not asked
    about. Without a hook only deltas are looked at: two halves of a character are written as that character, as JSON reads it.
    """

    def redact(text: str) -> str:
        whole = text if text.isascii() else _PAIR.sub(_joined, text)
        return hook(whole) if hook is not None and whole else whole

    if hook is None:
        if isinstance(value, Batch) and value.delta is not None:
            return cast(T, replace(value, delta=_delta(value.delta, redact)))
        return value
    return cast(T, _redacted(value, redact))


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _redacted(value: object, redact: Redact) -> object:
    match value:
        case str():
            return redact(value)
        case tuple():
            return tuple(_redacted(v, redact) for v in value)
        case dict():
            return {name: _result(name, v, redact) for name, v in value.items()}
        case Batch():
            return _batch(value, redact)
        case Delta():
            return _delta(value, redact)
        case Call():
            return replace(value, reply=None if value.reply is None else redact(value.reply), error=redact(value.error))
        case Line():
            return replace(value, section=redact(value.section), text=redact(value.text), note=redact(value.note))
        case History():
            return replace(value, deltas=tuple(_past(d, redact) for d in value.deltas))
        case _:
            raise TypeError(f"nothing is known of the texts of {type(value).__name__}")


def _result(name: str, value: JSON, redact: Redact) -> JSON:
    if name in _BY_NAME and isinstance(value, dict):
        return {key: redact(why) if isinstance(why, str) else why for key, why in value.items()}
    return redact(value) if name in _SAID and isinstance(value, str) else value


def _past(d: PastDelta, redact: Redact) -> PastDelta:
    return replace(
        d,
        reason=redact(d.reason),
        why=redact(d.why),
        by=redact(d.by),
        file=redact(d.file),
        origins={e: of._replace(origin=_origin(of.origin, redact)) for e, of in d.origins.items()},
        applied=tuple((place, _operation(o, redact)) for place, o in d.applied),
        refused=tuple(_refusal(r, redact) for r in d.refused),
        guarded=tuple(_refusal(r, redact) for r in d.guarded),
        judgements=tuple(_judgement(j, redact) for j in d.judgements),
    )


def _batch(b: Batch, redact: Redact) -> Batch:
    return replace(
        b,
        episodes=tuple(_episode(e, redact) for e in b.episodes),
        reflections=tuple(_reflection(r, redact) for r in b.reflections),
        delta=None if b.delta is None else _delta(b.delta, redact),
        refusals=tuple(_refusal(r, redact) for r in b.refusals),
        why=redact(b.why),
        judgements=tuple(_judgement(j, redact) for j in b.judgements),
    )


def _episode(e: Episode, redact: Redact) -> Episode:
    return replace(
        e,
        task=_task(e.task, redact),
        first=_observation(e.first, redact),
        steps=tuple(_step(s, redact) for s in e.steps),
        outcome=replace(e.outcome, feedback=redact(e.outcome.feedback), reason=redact(e.outcome.reason)),
        render=replace(e.render, text=redact(e.render.text)),
    )


def _task(t: Task, redact: Redact) -> Task:
    kind, origin = redact(t.kind)[:LONGEST_KIND], _origin(t.origin, redact)
    return replace(t, text=redact(t.text), data=_json(dict(t.data), redact), kind=kind, origin=origin)


def _origin(origin: str, redact: Redact) -> str:
    """A sender's name as it is stored. The reserved word is ours and stays; a name that the hook takes away, or makes into a
    reserved one, is not left to stand for the environment or for a person."""
    if origin in ("", UNVERIFIED):
        return origin
    kept = redact(origin)[:LONGEST_ORIGIN].strip()
    return "redacted" if not kept or (kept != origin and origin_fault(kept)) else kept


def _step(s: Step, redact: Redact) -> Step:
    seen = None if s.observation is None else _observation(s.observation, redact)
    scores = tuple(replace(x, option=redact(x.option)) for x in s.scores)
    return replace(s, action=redact(s.action), observation=seen, thought=redact(s.thought), scores=scores)


def _observation(o: Observation, redact: Redact) -> Observation:
    return Observation(redact(o.text), tuple(redact(a) for a in o.actions), tuple(redact(a) for a in o.answers))


def _reflection(r: Reflection, redact: Redact) -> Reflection:
    return replace(
        r,
        situation=redact(r.situation),
        choice=redact(r.choice),
        diagnosis=redact(r.diagnosis),
        lesson=redact(r.lesson),
    )


def _delta(d: Delta, redact: Redact) -> Delta:
    return replace(
        d,
        operations=tuple(_operation(o, redact) for o in d.operations),
        reason=redact(d.reason),
        by=redact(d.by),
        file=redact(d.file),
    )


def _refusal(r: Refusal, redact: Redact) -> Refusal:
    return replace(r, operation=_operation(r.operation, redact), reason=redact(r.reason))


def _judgement(j: Judgement, redact: Redact) -> Judgement:
    return replace(j, reason=redact(j.reason), figures=_json(dict(j.figures), redact))


def _operation(o: Operation, redact: Redact) -> Operation:
    return replace(o, text=redact(o.text), section=redact(o.section), reason=redact(o.reason))


def _json(value: JSON, redact: Redact) -> JSON:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        made: dict[str, JSON] = {}
        for name, v in value.items():
            # Two names that become one are kept apart: nothing is lost.
            free = redact(name)
            while free in made:
                free += "'"
            made[free] = _json(v, redact)
        return made
    if isinstance(value, list | tuple):
        return [_json(v, redact) for v in value]
    return value
