"""An agent's transcript, in one of several forms, as the steps of an episode.

Three forms are understood (a text, chat messages, any JSON), and any other object is written out rather than refused, because
the attempt is over and cannot be had again. What the agent was told by its system prompt is left out: the playbook stands
there, and only what the agent itself says may count as a citation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ace.playbooks.bullet import is_id
from ace.types import JSON, Observation, Step

Transcript = str | Sequence[Mapping[str, Any]] | JSON
"""A text, messages as chat interfaces have them (`role` and `content`, tool calls and their results), or any JSON."""

ACTION, SEEN = 2000, 4000
"""Characters of an action, and of what came of it, that a reflector is shown; longer ones are divided, or cut in the middle."""
WHOLE = 40_000
"""Characters of a transcript that are kept: its beginning, and more of its end."""

Line = tuple[str, str]
"""Who spoke (`assistant`, `user`, `tool`, `system`), and what."""

_BRACKETS = re.compile(r"\[([^\[\]]{4,200})\]")
_UNSEEN = ("system", "developer")


def lines_of(transcript: Transcript) -> list[Line]:
    """The transcript as lines of speech. A text, or JSON other than a conversation, is one line of the assistant's."""
    if isinstance(transcript, str):
        return [("assistant", transcript)] if transcript.strip() else []
    rows = [_plain(m) for m in transcript] if isinstance(transcript, list | tuple) else []
    if rows and all(isinstance(m, Mapping) and _speaker(m) for m in rows):
        return [line for m in rows if (line := (_speaker(m), _speech(m)))[1]]
    return [("assistant", _written(transcript))] if transcript not in (None, [], {}, ()) else []


def opening(lines: Iterable[Line], task: str) -> Observation:
    """What the agent saw first: the task, and what it was told before it first spoke."""
    told = []
    for speaker, text in lines:
        if speaker == "assistant":
            break
        if speaker not in _UNSEEN:
            told.append(text)
    said = _cut("\n\n".join(told), WHOLE // 2)
    return Observation(said if task.strip() in said else f"{task}\n\n{said}".strip())


def steps_of(lines: Iterable[Line], shown: str, ids: Collection[str]) -> tuple[Step, ...]:
    """What the agent said and did, each with what came of it, and the bullets it named: those of `ids`, in brackets, anywhere
    but in lines copied from what it was `shown`."""
    copied = set(shown.splitlines())
    steps: list[Step] = []
    for speaker, text in lines:
        if speaker == "assistant":
            steps += [Step(part, None, "", cited_in(part, copied, ids)) for part in _parts(text)]
        elif steps and speaker not in _UNSEEN:
            before = steps[-1].observation
            seen = _cut(f"{before.text}\n{text}" if before else text, SEEN)
            steps[-1] = Step(steps[-1].action, Observation(seen), "", steps[-1].cited)
    return tuple(_fewer(steps))


def cited_in(text: str, copied: Collection[str], ids: Collection[str]) -> tuple[str, ...]:
    """Those of `ids` that stand in brackets in `text`, in order, but for lines that are `copied`."""
    own = "\n".join(line for line in text.splitlines() if line not in copied)
    named = (part.strip("`*") for group in _BRACKETS.findall(own) for part in re.split(r"[,;\s]+", group))
    return tuple(dict.fromkeys(n for n in named if is_id(n) and n in ids))


def _speaker(m: Mapping[str, Any]) -> str:
    """Who speaks in a message; empty where it is none."""
    if m.get("type") in ("function_call", "custom_tool_call"):
        return "assistant"
    if str(m.get("type", "")).endswith("_call_output"):
        return "tool"
    role = m.get("role")
    return "assistant" if role == "model" else role if isinstance(role, str) else ""


def _speech(m: Mapping[str, Any]) -> str:
    content = m.get("content", m.get("parts"))
    found = [_part(p) for p in content] if isinstance(content, list | tuple) else [_part(content)]
    if m.get("type") in ("function_call", "custom_tool_call"):
        found.append(_call(m.get("name"), m.get("arguments", m.get("input"))))
    if "output" in m:
        found.append(_part(m["output"]))
    for call in m.get("tool_calls") or ():
        asked = _plain(call).get("function") if isinstance(_plain(call), Mapping) else None
        found.append(_call(asked.get("name"), asked.get("arguments")) if isinstance(asked, Mapping) else _written(call))
    if isinstance(m.get("function_call"), Mapping):
        found.append(_call(m["function_call"].get("name"), m["function_call"].get("arguments")))
    return "\n".join(f for f in found if f)


def _part(part: JSON) -> str:
    if part is None or isinstance(part, str):
        return part or ""
    if not isinstance(part, Mapping):
        return _written(part)
    if part.get("type") == "tool_use":
        return _call(part.get("name"), part.get("input"))
    if isinstance(part.get("text"), str):
        return str(part["text"])
    if part.get("type") == "tool_result":
        content = part.get("content")
        return "\n".join(map(_part, content)) if isinstance(content, list) else _part(content)
    # Images and sounds are not kept.
    return f"({part['type']})" if isinstance(part.get("type"), str) else _written(part)


def _call(name: Any, arguments: Any) -> str:
    given = arguments if isinstance(arguments, str) else "" if arguments is None else _written(arguments)
    return f"{name}({given})"


def _plain(value: Any) -> Any:
    """A client's own message object as a mapping; everything else as it is."""
    dump = getattr(value, "model_dump", None)
    if not callable(dump):
        return value
    try:
        return dump(exclude_none=True)
    # Code from outside, which may refuse or warn; the object is then written out as it is.
    except Exception:  # noqa: BLE001
        return str(value)


def _written(value: Any) -> str:
    try:
        return json.dumps(_plain(value), ensure_ascii=False, indent=1, default=lambda v: str(_plain(v)))
    # A value that refers to itself, or has keys other than texts.
    except (ValueError, TypeError, RecursionError):
        return str(value)


def _parts(text: str) -> list[str]:
    """`text` in parts that fit an action, divided at line ends and blanks where there are any."""
    parts, left = [], _cut(text.strip(), WHOLE)
    while len(left) > ACTION:
        at = max(left.rfind("\n", ACTION // 2, ACTION), left.rfind(" ", ACTION // 2, ACTION))
        at = at if at > 0 else ACTION
        parts.append(left[:at].rstrip())
        left = left[at:].lstrip()
    return [*parts, left] if left else parts


def _cut(text: str, limit: int) -> str:
    """`text` without its middle where it is too long."""
    if len(text) <= limit:
        return text
    head, tail = limit // 4, limit - limit // 4
    return f"{text[:head]}\n(cut: {len(text) - limit} characters)\n{text[-tail:]}"


def _fewer(steps: Sequence[Step]) -> list[Step]:
    """The steps without their middle where they are too long together."""
    sizes = [len(s.action) + len(s.observation.text if s.observation else "") for s in steps]
    if sum(sizes) <= WHOLE:
        return list(steps)
    first = _reach(sizes, WHOLE // 4)
    last = _reach(sizes[first:][::-1], WHOLE - sum(sizes[:first]))
    gone = steps[first : len(steps) - last]
    cited = tuple(dict.fromkeys(c for s in gone for c in s.cited))
    return [*steps[:first], Step(f"(cut: {len(gone)} steps)", None, "", cited), *steps[len(steps) - last :]]


def _reach(sizes: Sequence[int], limit: int) -> int:
    """How many of `sizes`, from the first on, fit into `limit` together."""
    total = 0
    for n, size in enumerate(sizes):
        total += size
        if total > limit:
            return n
    return len(sizes)
