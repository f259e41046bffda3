"""Rows with a list of chat messages and an outcome, one attempt each: JSON Lines or a JSON array.

The task is the field `task` (or `prompt`, `question`), else what the user says before the first reply. The outcome is the field
that is named, else the one of the usual names that a row has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ace.bounds import kind_fault
from ace.errors import BadInput
from ace.origins import origin_fault
from ace.traces.attempt import LONGEST_FEEDBACK, Grading, PastAttempt, asked, grade
from ace.types import digest

OUTCOMES = ("success", "outcome", "verdict", "label", "correct", "passed", "resolved", "reward", "score")
"""Names under which the outcome of a row is looked for, in this order."""
MESSAGES = ("messages", "conversation", "transcript", "trajectory")
TASKS = ("task", "prompt", "question", "instruction")


def is_row(value: object) -> bool:
    """Whether a JSON value is such a row."""
    return isinstance(value, Mapping) and any(isinstance(value.get(name), list) for name in MESSAGES)


def attempt(row: Mapping[str, Any], where: str, grading: Grading) -> PastAttempt:
    """The attempt of a row. Raises `BadInput` at `where` for one that lacks its messages, its task or its outcome."""
    name = next((n for n in MESSAGES if isinstance(row.get(n), list)), "")
    if not name:
        raise BadInput(
            f"{where}: the row has no list of messages; it has {_fields(row)}, and a list {' or '.join(MESSAGES)} is read"
        )
    messages = row[name]
    for number, message in enumerate(messages, 1):
        if fault := message_fault(message):
            raise BadInput(f"{where}: message {number} {fault}")
    task = next((row[n] for n in TASKS if isinstance(row.get(n), str) and row[n].strip()), "") or asked(messages)
    if not task:
        raise BadInput(f"{where}: the row has no task: give the field task, or a message of the user before the first reply")
    field = grading.outcome or next((n for n in OUTCOMES if n in row), "")
    if field not in row:
        wanted = f"no {grading.outcome!r}" if grading.outcome else f"no outcome ({', '.join(OUTCOMES)})"
        raise BadInput(f"{where}: the row has {wanted}; it has {_fields(row)}; name the field with --outcome")
    known = row.get("id", row.get("uuid"))
    named = isinstance(known, str | int) and not isinstance(known, bool) and known != ""
    key = str(known) if named else digest(task, messages)
    kind, origin = short_line(row, "kind", where), short_line(row, "origin", where)
    said = row.get("feedback")
    feedback = said[:LONGEST_FEEDBACK] if isinstance(said, str) else ""
    return PastAttempt(where, key, task, messages, grade(row[field], where, grading.at_least), feedback, kind, origin, named)


def message_fault(message: object) -> str:
    """Why a message cannot be read; empty where it can. Only the agent may say nothing, where it calls a tool; a message of a
    type of its own, such as a call, has no role."""
    if not isinstance(message, Mapping) or not (message.get("role") or message.get("type")):
        return "is not an object with a role; give role and content"
    role = message.get("role")
    if role is not None and not isinstance(role, str):
        return f"has the role {_brief(role)}; it must be text, such as user or assistant"
    if role is None and not isinstance(message["type"], str):
        return f"has the type {_brief(message['type'])}; it must be text"
    content = message.get("content", message.get("parts"))
    if content is None and (role is None or role in ("assistant", "model")):
        return ""
    if isinstance(content, str | Mapping) or (isinstance(content, list) and all(isinstance(p, str | Mapping) for p in content)):
        return ""
    what = (
        "a list with " + _brief(next(p for p in content if not isinstance(p, str | Mapping)))
        if isinstance(content, list)
        else ""
    )
    return f"has the content {what or _brief(content)}; it must be text, or a list of parts that are texts or objects"


def _brief(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def short_line(row: Mapping[str, Any], name: str, where: str) -> str:
    """The kind or the origin of a row, empty where it states none. Raises `BadInput`."""
    value = row.get(name)
    if value is None or value == "":
        return ""
    if fault := (kind_fault if name == "kind" else origin_fault)(value):
        raise BadInput(f"{where}: {fault}")
    return str(value)


def _fields(row: Mapping[str, Any]) -> str:
    return ", ".join(map(repr, list(row)[:8])) or "no fields"
