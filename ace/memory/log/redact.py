"""Passing texts through the owner's hook before they are stored.

The decision behind it: redaction rewrites values, not rows, so that nothing of the store needs to know of it and nothing that
was not redacted is ever near the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ace.bounds import LONGEST_KIND
from ace.memory.values import Batch, Call, Judgement
from ace.playbooks.operations import Delta, Operation, Refusal
from ace.types import JSON, Episode, Observation, Reflection, Step, Task

Redact = Callable[[str], str]
"""Given a text, the text to store instead of it."""


def batch(b: Batch, redact: Redact) -> Batch:
    """`b` with every free text passed through `redact`. Ids, names and numbers stay as they are."""
    return replace(
        b,
        episodes=tuple(_episode(e, redact) for e in b.episodes),
        reflections=tuple(_reflection(r, redact) for r in b.reflections),
        delta=None if b.delta is None else _delta(b.delta, redact),
        refusals=tuple(Refusal(r.index, _operation(r.operation, redact), redact(r.reason)) for r in b.refusals),
        why=redact(b.why),
        judgements=tuple(_judgement(j, redact) for j in b.judgements),
    )


def call(c: Call, redact: Redact) -> Call:
    """`c` with its reply and error passed through `redact`."""
    return replace(c, reply=None if c.reply is None else redact(c.reply), error=redact(c.error))


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
    # What the hook makes of an empty text is not a kind.
    kind = redact(t.kind)[:LONGEST_KIND] if t.kind else ""
    return replace(t, text=redact(t.text), data={k: _json(v, redact) for k, v in t.data.items()}, kind=kind)


def _step(s: Step, redact: Redact) -> Step:
    seen = None if s.observation is None else _observation(s.observation, redact)
    return replace(s, action=redact(s.action), observation=seen, thought=redact(s.thought))


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
    return replace(d, operations=tuple(_operation(o, redact) for o in d.operations), reason=redact(d.reason))


def _judgement(j: Judgement, redact: Redact) -> Judgement:
    return replace(j, reason=redact(j.reason), figures={name: _json(value, redact) for name, value in j.figures.items()})


def _operation(o: Operation, redact: Redact) -> Operation:
    return replace(o, text=redact(o.text), section=redact(o.section), reason=redact(o.reason))


def _json(value: JSON, redact: Redact) -> JSON:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {k: _json(v, redact) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_json(v, redact) for v in value]
    return value
