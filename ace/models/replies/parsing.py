"""From a reply's text to a value of the shape asked for, or why there is none.

Every reply is validated, and repair is conservative. Thoughts in tags, code fences and prose around the one object are passed
over; a reply that was cut off or that holds two objects is refused, because the rest would be invented and the choice would be
ours. `parse` never raises: a bad reply is an answer that cost money.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ace.models.contract import Form, Reply, Request, Stop
from ace.models.replies.json_text import Unreadable, find_objects, load, mend
from ace.models.replies.scores import scored
from ace.models.replies.thoughts import unthought
from ace.types import Usage

LONGEST = 200_000
"""Characters of a reply that are looked at; a longer one is refused."""
_MOST_FAULTS = 5
_MOST_LETTERS = 120

_FENCE = re.compile(r"```[A-Za-z0-9_-]*\s*\Z|~~~[A-Za-z0-9_-]*\s*\Z")
_REFUSAL = re.compile(
    r"\W*(?:i['’]?m (?:very )?sorry|i am sorry|sorry|i (?:can(?:no|['’])?t|cannot|won['’]t|am unable|am not able)|as an ai)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A `value` of the shape asked for, or `None` and the `problem`, one line that can be shown to the model."""

    value: BaseModel | None
    problem: str
    form: Form


def reply(request: Request, text: str, stop: Stop, usage: Usage) -> Reply:
    """`text` as the reply to `request`."""
    if request.options:
        return scored(request, text, stop, usage)
    whole = _characters(text)
    if request.response is None:
        return Reply(whole, usage=usage, form=_plain(whole, stop), stop=stop)
    parsed = parse(whole, request.response, stop)
    return Reply(whole, parsed.value, parsed.problem, usage, parsed.form, stop)


def parse(text: str, shape: type[BaseModel], stop: Stop = "") -> Parsed:
    """`text` as a value of `shape`; `stop` is why the reply ended, as far as that is known. Never raises."""
    if stop == "refusal":
        return Parsed(None, "the model would not answer", Form.REFUSED)
    bare = text.strip().lstrip("\ufeff")
    if not bare:
        return _none("it is empty", stop, Form.EMPTY)
    if len(bare) > LONGEST:
        return _none(f"it has {len(bare)} characters, more than {LONGEST}", stop, Form.MALFORMED)
    try:
        value = load(bare)
    except Unreadable as why:
        return _found(bare, shape, stop, str(why))
    if stop == "length" and not isinstance(value, dict | list):
        return _none("", stop, Form.MALFORMED)
    return _validated(value, shape, Form.CLEAN)


def _found(bare: str, shape: type[BaseModel], stop: Stop, why: str) -> Parsed:
    """The one object among what else stands in a reply."""
    rest, thought = unthought(bare)
    if not rest:
        return _none("it holds thoughts and no answer", "length" if thought is None else stop, Form.EMPTY)
    found = find_objects(rest)
    if found.open is not None:
        return _unclosed(rest, stop)
    if not found.places:
        form = Form.REFUSED if _REFUSAL.match(rest) else Form.MALFORMED
        return _none("there is no JSON object in it", stop, form)
    # Behind thoughts the last object is the answer; without any nothing says which one is.
    places = found.places[-1:] if thought else found.places
    start, end = places[0]
    if stop == "length" and rest[end:].strip("`~ \t\r\n"):
        return _none("", stop, Form.MALFORMED)
    objects = [rest[a:b] for a, b in places]
    before = rest[:start].rstrip()
    if len(objects) > 1 and not _same(objects):
        return _none(f"there are {len(objects)} JSON objects in it", stop, Form.MALFORMED)
    if before.endswith("["):
        return _none("the object in it stands in a list", stop, Form.MALFORMED)
    alone = not before and not rest[end:].strip()
    around = Form.FENCED if _FENCE.search(before) else Form.CLEAN if alone else Form.PREFIXED
    return _read(objects[0], shape, Form.THINKING if thought else around, why if alone else "")


def _read(text: str, shape: type[BaseModel], form: Form, why: str) -> Parsed:
    try:
        return _validated(load(text), shape, form)
    except Unreadable as error:
        why = why or str(error)
    try:
        return _validated(load(mend(text)), shape, Form.REPAIRED)
    except Unreadable:
        return Parsed(None, f"the object in it cannot be read: {why[:_MOST_LETTERS]}", Form.MALFORMED)


def _same(objects: list[str]) -> bool:
    """Whether all are the same object, written again."""
    try:
        first, *others = [load(text) for text in objects]
    except Unreadable:
        return False
    return all(other == first for other in others)


def _unclosed(text: str, stop: Stop) -> Parsed:
    if stop != "length" and text.rstrip("`~ \t\r\n").endswith("}"):
        return Parsed(None, "the quotes or brackets of the object in it do not match", Form.MALFORMED)
    return _none("it is cut off", "length", Form.TRUNCATED)


def _none(problem: str, stop: Stop, form: Form) -> Parsed:
    """No value: `problem`, unless the reply was cut off, which explains all else."""
    if stop == "length" and form is not Form.REFUSED:
        return Parsed(None, "it is cut off before its end; a shorter one is needed", Form.TRUNCATED)
    return Parsed(None, problem, form)


def _validated(value: Any, shape: type[BaseModel], form: Form) -> Parsed:
    try:
        return Parsed(shape.model_validate_json(json.dumps(value)), "", form)
    except ValidationError as error:
        return Parsed(None, faults(error), Form.INVALID)
    # A shape's own validators are code from outside, and a value may be nested more deeply than can be written again.
    except Exception as error:  # noqa: BLE001
        return Parsed(None, f"it cannot be checked: {type(error).__name__}", Form.INVALID)


def faults(error: ValidationError) -> str:
    """What is wrong with a value, on one line: place and message of each fault, the first five."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(str(p) for p in f['loc']) or 'the whole'}: {f['msg']}" for f in found[:_MOST_FAULTS]]
    shown = "; ".join(" ".join(line.split())[:_MOST_LETTERS] for line in lines)
    return shown + (f" (and {len(found) - _MOST_FAULTS} more)" if len(found) > _MOST_FAULTS else "")


def _plain(text: str, stop: Stop) -> Form:
    """The form of free text."""
    if stop == "refusal":
        return Form.REFUSED
    if stop == "length":
        return Form.TRUNCATED
    return Form.CLEAN if text.strip() else Form.EMPTY


def _characters(text: str) -> str:
    """`text` without halves of characters, which no database and no request can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
