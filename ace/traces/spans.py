"""OpenTelemetry spans of generative AI, as JSON: a trace is an attempt, an evaluation in it the verdict.

Read are OTLP's JSON (`resourceSpans`, as collectors write it, one object or one a line) and spans as SDKs print them. Messages
stand in attributes (`gen_ai.input.messages`, `gen_ai.output.messages`), in events (`gen_ai.user.message`, `gen_ai.grading`), or
numbered (`gen_ai.prompt.0.content`); the conventions are in development, and all three are in use. The verdict is an event or
attributes `gen_ai.evaluation.*`, or an attribute that is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ace.errors import BadInput
from ace.traces.attempt import LONGEST_FEEDBACK, Grade, Grading, LeftOut, PastAttempt, asked, grade

EVALUATION = "gen_ai.evaluation."
_WHOLE = re.compile("-?[0-9]{1,300}")
_NUMBERED = re.compile(r"gen_ai\.(prompt|completion)\.(\d+)\.(role|content)")
_SAID = {"gen_ai.system.message": "system", "gen_ai.user.message": "user", "gen_ai.assistant.message": "assistant"}
_Messages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Span:
    """A span as far as it is read: its trace, when it began and ended, its attributes, and its events by name."""

    trace: str
    id: str
    parent: str
    began: str
    name: str
    attributes: Mapping[str, Any]
    events: Sequence[tuple[str, Mapping[str, Any]]] = field(default=())


def is_spans(value: object) -> bool:
    """Whether a JSON value is a span, or holds spans."""
    return isinstance(value, Mapping) and (_resources(value) is not None or bool(_trace_of(value)))


def spans_in(value: Any, where: str) -> Iterator[Span]:
    """The spans of a JSON value, in either form. Raises `BadInput` for what is called a span and cannot be one."""
    resources = _resources(value)
    if resources is None:
        yield _span(value, where)
        return
    for resource in _objects(resources, where, "resourceSpans"):
        for scope in _objects(resource.get("scopeSpans", resource.get("scope_spans", [])), where, "scopeSpans"):
            for span in _objects(scope.get("spans", []), where, "spans"):
                yield _span(span, where)


def attempts(spans: Iterable[Span], where: str, grading: Grading, left: LeftOut) -> Iterator[PastAttempt]:
    """An attempt for each trace in which a model was asked, in the order the traces began."""
    traces: dict[str, dict[str, Span]] = {}
    for span in spans:
        traces.setdefault(span.trace, {})[span.id] = span
    for trace, found in sorted(traces.items(), key=lambda item: min(s.began for s in item[1].values())):
        ordered = sorted(found.values(), key=lambda s: s.began)
        messages = _conversation(ordered)
        if not any(m["role"] == "assistant" for m in messages):
            continue
        at = f"{where}, trace {trace}"
        task = asked(messages)
        if not task.strip():
            raise BadInput(f"{at}: no message of a user stands before the first reply, so its task is not known")
        made, feedback = _graded(ordered, at, grading, left)
        root = next((s for s in ordered if not s.parent), ordered[0])
        kind = str(root.attributes.get("gen_ai.agent.name") or "")[:100].strip()
        yield PastAttempt(at, trace, task, messages, made, feedback, kind)


def _resources(value: object) -> Any:
    if not isinstance(value, Mapping):
        return None
    return value.get("resourceSpans", value.get("resource_spans"))


def _trace_of(span: Mapping[str, Any]) -> str:
    context = span.get("context")
    found = span.get("traceId", span.get("trace_id"))
    if found is None and isinstance(context, Mapping):
        found = context.get("trace_id", context.get("traceId"))
    return str(found or "").removeprefix("0x")


def _span(value: Any, where: str) -> Span:
    if not isinstance(value, Mapping) or not _trace_of(value):
        raise BadInput(f"{where}: this is not a span: it has no traceId")
    given = value.get("context")
    context = given if isinstance(given, Mapping) else {}
    id = value.get("spanId", value.get("span_id", context.get("span_id")))
    began = str(value.get("startTimeUnixNano", value.get("start_time", "")))
    events = value.get("events") or []
    parent = value.get("parentSpanId", value.get("parent_span_id", value.get("parent_id")))
    told = [(str(e.get("name", "")), _attributes(e.get("attributes"))) for e in _objects(events, where, "events")]
    return Span(
        _trace_of(value),
        str(id or began),
        str(parent or ""),
        began.rjust(20, "0") if began.isdigit() else began,
        str(value.get("name", "")),
        _attributes(value.get("attributes")),
        told,
    )


def _objects(value: Any, where: str, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise BadInput(f"{where}: {name} is not a list of objects")
    return value


def _attributes(given: Any) -> dict[str, Any]:
    """Attributes as a mapping, from OTLP's list of keys and typed values, or as SDKs print them."""
    if isinstance(given, Mapping):
        return dict(given)
    pairs = given if isinstance(given, list) else []
    return {str(p["key"]): _value(p.get("value")) for p in pairs if isinstance(p, Mapping) and "key" in p}


def _value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    for name in ("stringValue", "boolValue", "doubleValue"):
        if name in value:
            return value[name]
    if "intValue" in value:
        text = str(value["intValue"])
        return int(text) if _WHOLE.fullmatch(text) else value["intValue"]
    if isinstance(value.get("arrayValue"), Mapping):
        return [_value(v) for v in value["arrayValue"].get("values", [])]
    if isinstance(value.get("kvlistValue"), Mapping):
        return _attributes(value["kvlistValue"].get("values"))
    return None


def _conversation(spans: Sequence[Span]) -> _Messages:
    """What was said in a trace. A call repeats what was said before it, so one that goes on from another replaces it."""
    calls: list[_Messages] = []
    for span in spans:
        said = _said(span)
        if not said:
            continue
        at = next((i for i, known in enumerate(calls) if said[: len(known)] == known), None)
        if at is None:
            calls.append(said)
        else:
            calls[at] = said
    return [m for call in calls for m in call]


def _said(span: Span) -> _Messages:
    attributes = span.attributes
    if "gen_ai.input.messages" in attributes or "gen_ai.output.messages" in attributes:
        both = (attributes.get("gen_ai.input.messages"), attributes.get("gen_ai.output.messages"))
        return [_message(m) for listed in both for m in _listed(listed)]
    found = [(name, event) for name, event in span.events if name in _SAID or name in ("gen_ai.tool.message", "gen_ai.grading")]
    if found:
        return [_of_event(name, event) for name, event in found]
    details = next((e for n, e in span.events if n == "gen_ai.client.inference.operation.details"), None)
    if details is not None:
        both = (details.get("gen_ai.input.messages"), details.get("gen_ai.output.messages"))
        return [_message(m) for listed in both for m in _listed(listed)]
    return _numbered(attributes)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [m for m in value if isinstance(m, Mapping)] if isinstance(value, list) else []


def _message(m: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the conventions, whose parts have types, as chat interfaces have it."""
    texts, calls, role = [], [], str(m.get("role") or "assistant")
    parts = m.get("parts", m.get("content"))
    for part in parts if isinstance(parts, list) else [{"content": parts}]:
        if not isinstance(part, Mapping):
            continue
        if part.get("type") == "tool_call":
            calls.append({"type": "function", "function": {"name": part.get("name"), "arguments": part.get("arguments")}})
        elif part.get("type") == "tool_call_response":
            role = "tool"
            texts.append(_text(part.get("response", part.get("result"))))
        else:
            texts.append(_text(part.get("content", part.get("text"))))
    made: dict[str, Any] = {"role": role, "content": "\n".join(t for t in texts if t)}
    return {**made, "tool_calls": calls} if calls else made


def _of_event(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    body = event
    if name == "gen_ai.grading":
        inner = event.get("message", event)
        inner = (_listed(f"[{inner}]") or [{"content": inner}])[0] if isinstance(inner, str) else inner
        body = inner if isinstance(inner, Mapping) else event
    role = _SAID.get(name, "tool" if name == "gen_ai.tool.message" else "assistant")
    made: dict[str, Any] = {"role": role, "content": _text(body.get("content", body.get("gen_ai.event.content")))}
    calls = body.get("tool_calls")
    calls = _listed(calls) if isinstance(calls, str) else calls
    return {**made, "tool_calls": calls} if isinstance(calls, list) and calls else made


def _numbered(attributes: Mapping[str, Any]) -> _Messages:
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for name, value in attributes.items():
        if match := _NUMBERED.fullmatch(name):
            side, number, part = match.groups()
            default = "user" if side == "prompt" else "assistant"
            found.setdefault((side == "completion", int(number)), {"role": default, "content": ""})[part] = _text(value)
    return [found[key] for key in sorted(found)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _graded(spans: Sequence[Span], where: str, grading: Grading, left: LeftOut) -> tuple[Grade, str]:
    """The verdict of a trace: of its last evaluation of the wanted name, else of an attribute of that name."""
    found: dict[str, tuple[Any, str]] = {}
    for span in spans:
        for given in (span.attributes, *(e for n, e in span.events if n == f"{EVALUATION}result")):
            name = given.get(f"{EVALUATION}name")
            if isinstance(name, str):
                score = given.get(f"{EVALUATION}score.value")
                value = given.get(f"{EVALUATION}score.label") if score is None else score
                explained = given.get(f"{EVALUATION}explanation")
                found[name] = value, explained if isinstance(explained, str) else ""
        if grading.outcome in span.attributes:
            found[grading.outcome] = span.attributes[grading.outcome], ""
    left.names.update(dict.fromkeys(found))
    if not found or (grading.outcome and grading.outcome not in found):
        return Grade(None), ""
    if len(found) > 1 and not grading.outcome:
        raise BadInput(f"{where}: there are several evaluations, {', '.join(found)}; name one with --outcome")
    value, explained = found[grading.outcome or next(iter(found))]
    return grade(value, where, grading.at_least), explained[:LONGEST_FEEDBACK]
