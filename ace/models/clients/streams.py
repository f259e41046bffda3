"""A body that came as a stream of events, though none was asked for: some gateways always send one.

Its pieces are put together as the answer that they are of. A stream that ends before it says why is a fault of the server's;
its text is not an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_END = "[DONE]"
_FIELDS = ("data:", "event:", "id:", "retry:", ":")


def whole(text: str) -> Any:
    """The JSON value of a body: of plain JSON, also behind lines that only keep a connection open, or of a stream's events. An
    event that tells of an error is the whole. `None` where there is none."""
    bare = text.strip().removeprefix("\ufeff").strip()
    if not bare.startswith(_FIELDS):
        return _value(bare)
    lines = bare.splitlines()
    events = [_value(line.removeprefix("data:").strip()) for line in lines if line.startswith("data:")]
    found = [event for event in events if isinstance(event, Mapping)]
    if not found:
        # Comments alone, and then the body as it is without a stream.
        return _value("\n".join(line for line in lines if not line.startswith(_FIELDS)).strip())
    error = next((event for event in found if event.get("error") or event.get("type") == "error"), None)
    return error or next((event for event in found if _message(event)), None) or _together(found, _END in bare[-40:])


def _together(events: list[Mapping[str, Any]], ended: bool) -> Any:
    """The completion that the pieces in `events` make up."""
    choices = [choice for event in events if isinstance(choice := _first(event.get("choices")), Mapping)]
    if not choices:
        return events[0]
    pieces = [piece for choice in choices if isinstance(piece := choice.get("delta"), Mapping)]
    reason = next((choice["finish_reason"] for choice in reversed(choices) if choice.get("finish_reason")), None)
    if reason is None and not ended:
        return {"error": {"message": "the stream ended before the answer did", "code": 502}}
    message = {"role": "assistant", "content": "".join(str(piece.get("content") or "") for piece in pieces)}
    usage = next((event["usage"] for event in reversed(events) if event.get("usage")), None)
    return {"choices": [{"finish_reason": reason, "message": message}], **({"usage": usage} if usage else {})}


def _message(event: Mapping[str, Any]) -> bool:
    choice = _first(event.get("choices"))
    return isinstance(choice, Mapping) and isinstance(choice.get("message"), Mapping)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
