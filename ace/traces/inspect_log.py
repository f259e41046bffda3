"""Logs of Inspect in their JSON form: a sample and epoch is an attempt, its score the verdict.

Form of the log as of inspect-ai 0.3.285: `eval`, `samples[]` with `id`, `epoch`, `input`, `messages`, `scores`, `error`. The
task's name is the kind. The right answer (`target`) is not read: a learner gets verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

from ace.errors import BadInput, UnknownName
from ace.traces.attempt import LONGEST_FEEDBACK, Grade, Grading, LeftOut, PastAttempt, asked, grade, text_of


def is_log(value: object) -> bool:
    """Whether a JSON value is such a log."""
    return isinstance(value, Mapping) and isinstance(value.get("eval"), Mapping) and "samples" in value


def attempts(value: Mapping[str, Any], where: str, grading: Grading, left: LeftOut) -> Iterator[PastAttempt]:
    """The samples of a log. Raises `BadInput` naming the sample."""
    samples = value["samples"]
    if not isinstance(samples, list) or not samples:
        status = value.get("status")
        raise BadInput(f"{where}: the log has no samples" + (f"; its status is {status!r}" if status else ""))
    about = value["eval"]
    run, kind = str(about.get("eval_id") or about.get("run_id") or ""), str(about.get("task") or "")
    for number, sample in enumerate(samples, 1):
        at = f"{where}, sample {number}"
        if not isinstance(sample, Mapping):
            raise BadInput(f"{at}: a sample is a JSON object with input, messages and scores")
        yield _attempt(sample, at, (run, kind), grading, left)


def _attempt(sample: Mapping[str, Any], where: str, about: tuple[str, str], grading: Grading, left: LeftOut) -> PastAttempt:
    given = sample.get("messages")
    messages = [_message(m) for m in given if isinstance(m, Mapping)] if isinstance(given, list) else []
    given_input = sample.get("input")
    task = (
        given_input
        if isinstance(given_input, str)
        else asked(given_input)
        if isinstance(given_input, list)
        else asked(messages)
    )
    if not task.strip():
        raise BadInput(f"{where}: the sample has no input text")
    found, feedback = _graded(sample, where, grading, left)
    run, kind = about
    key = f"{run}/{sample.get('uuid') or sample.get('id')}/{sample.get('epoch', 1)}"
    return PastAttempt(where, key, task, messages or text_of(sample.get("output")), found, feedback, kind[:100], named=True)


def _graded(sample: Mapping[str, Any], where: str, grading: Grading, left: LeftOut) -> tuple[Grade, str]:
    if sample.get("error"):  # the sample's run broke: that says nothing of the agent
        left.why["an error"] += 1
        return Grade(None), ""
    scores = sample.get("scores") or ({"score": sample["score"]} if sample.get("score") else {})
    if not isinstance(scores, Mapping):
        raise BadInput(f"{where}: scores is not an object of scores by scorer")
    left.names.update(dict.fromkeys(scores))
    if not scores:
        left.why["no score"] += 1
        return Grade(None), ""
    name, part = _named(scores, grading.outcome, where)
    score = scores[name]
    value = score.get("value") if isinstance(score, Mapping) else score
    if isinstance(value, Mapping):
        value = _part(value, name, part, where)
    explained = score.get("explanation") if isinstance(score, Mapping) else None
    # Inspect writes NaN for a sample that was left without a score.
    unscored = isinstance(value, float) and isnan(value)
    found = Grade(None) if unscored else grade(value, where, grading.at_least)
    if found.success is None:
        left.why["a score of nan" if unscored else "an empty score"] += 1
    return found, explained[:LONGEST_FEEDBACK] if isinstance(explained, str) else ""


def _named(scores: Mapping[str, Any], wanted: str, where: str) -> tuple[str, str]:
    """The scorer whose value counts, and the part of its value, where it has parts."""
    if wanted in scores:
        return wanted, ""
    name, _, part = wanted.partition("/")
    if name in scores:
        return name, part
    if wanted:
        unknown = UnknownName("scorer", wanted, list(scores))
        unknown.args = (f"{where}: {unknown}",)
        raise unknown
    if len(scores) > 1:
        raise BadInput(f"{where}: there are several scores, {', '.join(scores)}; name one with --outcome")
    return next(iter(scores)), ""


def _part(value: Mapping[str, Any], name: str, part: str, where: str) -> Any:
    if part in value:
        return value[part]
    if not part and len(value) == 1:
        return next(iter(value.values()))
    parts = ", ".join(f"{name}/{each}" for each in value)
    raise BadInput(f"{where}: the score {name} has parts; name one with --outcome: {parts}")


def _message(m: Mapping[str, Any]) -> dict[str, Any]:
    """A message with its tool calls in the form that chat interfaces have them."""
    made = {"role": m.get("role"), "content": m.get("content")}
    calls = [c for c in m.get("tool_calls") or () if isinstance(c, Mapping)]
    if calls:
        made["tool_calls"] = [
            {"type": "function", "function": {"name": c.get("function"), "arguments": c.get("arguments")}} for c in calls
        ]
    return made
