"""The body of an answer with status 200: a completion, or the fault that a gateway put there.

Gateways report failures under 200 in many forms, and each is the server's, the account's or the request's fault, never the
agent's. So a body is an answer only if it has a choice with a message and no error anywhere: not beside the choices, not
inside one, not in a status of the gateway's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ace.models.clients.chat import Completion, completion
from ace.models.clients.streams import whole
from ace.models.errors.faults import Fault

_CODES = {
    400: ("invalid_request_error", "invalid_request", "context_length_exceeded", "invalid_argument", "bad_request"),
    401: ("invalid_api_key", "authentication_error", "unauthorized", "unauthenticated", "login_fail"),
    402: ("insufficient_quota", "insufficient_balance", "billing_error", "payment_required", "insufficient_user_quota"),
    403: ("permission_error", "permission_denied", "forbidden"),
    404: ("model_not_found", "not_found_error", "not_found"),
    429: ("rate_limit_exceeded", "rate_limit_error", "too_many_requests", "resource_exhausted"),
}
_WORDS = {word: status for status, words in _CODES.items() for word in words}
_BASE_RESP = {1002: 429, 1039: 429, 1041: 429, 1004: 401, 2049: 401, 1008: 402, 1026: 400, 1027: 400, 2013: 400}
"""What MiniMax's own codes stand for (its documentation, "Error codes"); the others are the server's faults."""
_NOTHING: tuple[Any, ...] = (None, "", 0, "0", False, [], {})
_FINE = ("none", "null", "ok", "success")
_ERRORS = ("error", "errors", "Error", "Errors", "fault")
_ENDED = (
    "error",
    "abort",
    "aborted",
    "network_error",
    "timeout",
    "insufficient_system_resource",
    "engine_error",
    "internal_error",
)
"""Reasons for which a server says that it ended an answer."""
_FILTERED = Fault("a content filter left no answer", 400)
_STATUSES = ("code", "status", "status_code", "statusCode", "http_code")
_MESSAGES = ("message", "msg", "detail", "status_msg", "error_message", "error_msg", "err_msg", "errorMessage", "faultstring")
_CODED = ("errcode", "error_code", "err_code", "errorCode", "ret")
_FAILED = ("error", "failed", "failure", "fail")


def read(text: str) -> Completion | Fault:
    """The body of an answer with status 200."""
    body = whole(text)
    found = inside(body, text)
    if found is None:
        return completion(body)
    return replace(found, counts=completion(body).counts) if isinstance(body, Mapping) else found


def inside(body: Any, text: str) -> Fault | None:
    """The fault in the body of an answer with status 200; `None` for an answer. `text` is the body as it came. A body that
    says nothing of a fault and is not a chat completion either has status 200: another kind of server answered."""
    told = error_in(body, text)
    if told is not None:
        return told
    if not isinstance(body, Mapping):
        return Fault(text[:1000] or "an empty body", 200)
    if "choices" not in body:
        return Fault(text[:1000], 200)
    return None if _answers(body["choices"]) else Fault(f"an answer without choices: {text[:900]}", 500)


def hidden(text: str) -> Fault | None:
    """The fault in the body of an answer with status 200 from any provider, of whom not all answer in the chat completion's
    form; `None` where it tells of none."""
    body = whole(text)
    told = error_in(body, text)
    if told is None and isinstance(body, Mapping) and "choices" in body and not _answers(body["choices"]):
        told = Fault(f"an answer without choices: {text[:900]}", 500)
    return replace(told, counts=completion(body).counts) if told and isinstance(body, Mapping) else told


def error_in(body: Any, text: str) -> Fault | None:
    """The error that a body of any provider's form tells of; `None` where it tells of none."""
    if isinstance(body, list):
        return next((f for f in (error_in(part, text) for part in body[:10] if isinstance(part, Mapping)) if f), None)
    if not isinstance(body, Mapping):
        return None
    for name in _ERRORS:
        if _says(body.get(name)):
            return Fault(text if text.lstrip().startswith("{") else json.dumps(body), _status(_first(body[name]), body))
    wrapped = body.get("Response")
    if isinstance(wrapped, Mapping) and "choices" not in body:
        return error_in(wrapped, json.dumps(wrapped))
    own = body.get("base_resp")
    if isinstance(own, Mapping) and _number(own.get("status_code")):
        return Fault(json.dumps(own), _BASE_RESP.get(_number(own["status_code"]), _status(own)))
    return _in_choice(_first(body.get("choices"))) or _filtered(body) or _beside(body, text)


def _in_choice(choice: Any) -> Fault | None:
    """The error inside a choice, or the one that ended it."""
    if not isinstance(choice, Mapping):
        return None
    message, reason = choice.get("message"), str(choice.get("finish_reason")).lower()
    beside = message.get("error") if isinstance(message, Mapping) else None
    said = next((error for error in (choice.get("error"), beside) if _says(error)), None)
    if reason == "content_filter" and not message and said is None:
        return _FILTERED
    if said is None and reason not in _ENDED:
        return None
    said = said or f"the answer was ended by: {reason}"
    return Fault(said if isinstance(said, str) else json.dumps({"error": said}), _status(said))


def _filtered(body: Mapping[str, Any]) -> Fault | None:
    """The filter that left no answer."""
    blocked = body.get("promptFeedback")
    results = body.get("prompt_filter_results") if not body.get("choices") and not _answers(body.get("choices")) else None
    if (isinstance(blocked, Mapping) and blocked.get("blockReason")) or '"filtered": true' in json.dumps(results):
        return _FILTERED
    return None


def _beside(body: Mapping[str, Any], text: str) -> Fault | None:
    """The fault that a status of the gateway's own tells of. Beside an answer only one that HTTP knows as a fault does."""
    told = body.get("object") == "error" or body.get("success") is False or str(body.get("status")).lower() in _FAILED
    status = next((n for name in _STATUSES if 400 <= (n := _number(body.get(name))) < 600), 0)
    message = any(isinstance(body.get(name), str | list) and body[name] for name in _MESSAGES)
    numbered = any(_number(body.get(name)) for name in _CODED)
    coded = message and (numbered or any(body.get(name) for name in _STATUSES))
    alone = "choices" not in body and message and (coded or len(body) == 1)
    return Fault(text, _status(body)) if told or status or alone or (message and numbered) else None


def _answers(choices: Any) -> bool:
    """Whether the first choice says something, if only an empty text."""
    choice = _first(choices) if isinstance(choices, list) else None
    if not isinstance(choice, Mapping):
        return False
    return (bool(choice.get("message")) and isinstance(choice["message"], Mapping)) or isinstance(choice.get("text"), str)


def _says(error: Any) -> bool:
    """Whether a field for an error holds one: some gateways always send it, empty."""
    if isinstance(error, Mapping):
        return any(value not in _NOTHING and str(value).lower() not in _FINE for value in error.values())
    if isinstance(error, list):
        return any(_says(part) for part in error)
    return bool(error) and str(error).lower() not in _FINE


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _status(error: Any, around: Mapping[str, Any] | None = None) -> int:
    """The HTTP status that an error inside a body stands for: its own where it has one, else a server's fault."""
    places = [part for part in (error, around) if isinstance(part, Mapping)]
    said = [part.get(name) for part in places for name in (*_STATUSES, "http_status", "type", "Code")]
    numbers = (_number(value) for value in said)
    words = (_WORDS.get(value.lower(), 0) for value in said if isinstance(value, str))
    return next((n for n in numbers if 400 <= n < 600), 0) or next((n for n in words if n), 500)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    return int(value) if isinstance(value, int) or (str(value).isascii() and str(value).isdecimal()) else 0
