"""What a provider says of a fault: its message on one line, and the words in which it tells whose fault it is.

Only the error's own message and codes are read: what else stands in a body may repeat the request, whose words are of
anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ace.redaction import redact

_MOST_LETTERS = 300
_READ = 4000
_PREFIX = re.compile(r"\A(?:litellm\.\w+: |\w+Error: |\w+Exception - )+")
_INNER = (
    *("error", "errors", "Error", "Errors", "fault", "base_resp", "message", "Message", "msg", "detail", "status_msg"),
    *("error_message", "errorMessage", "error_msg", "err_msg", "faultstring", "reason"),
)
_CODES = ("code", "Code", "type", "status", "reason")


def summary(text: str) -> str:
    """What a provider said, on one short line, without keys."""
    line = " ".join("".join(c if c.isprintable() else " " for c in redact(_message(text))).split())
    return line if len(line) <= _MOST_LETTERS else line[:_MOST_LETTERS].rstrip() + " ..."


def told(text: str) -> str:
    """The message and the codes of an error: what is read to find out whose fault it is."""
    body = _body(_bare(text))
    return f"{_message(text)} {' '.join(_codes(body))}"[:_READ]


def _codes(body: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(body, list):
        for part in body[:10]:
            yield from _codes(part, depth + 1)
    elif isinstance(body, Mapping) and depth < 5:
        for name, value in body.items():
            if name in _CODES and isinstance(value, str):
                yield value
            elif name in ("error", "errors", "metadata", "details", "innererror", "base_resp"):
                yield from _codes(value, depth + 1)


def _message(text: str) -> str:
    """The message inside an error's JSON body, where there is one; of a page of HTML its text."""
    bare = _bare(text)
    body = _body(bare)
    if body is None:
        return re.sub(r"<[^>]{0,200}>", " ", bare[:_READ]) if bare.startswith("<") else bare[:_READ]
    said = _opened(body)
    if said is body and bare[:1] not in "{[":
        return bare[:_READ]
    return (said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))[:_READ]


def _opened(body: Any) -> Any:
    """The message in nested errors, some in lists: of a gateway's own words and the provider's behind them, both."""
    for _ in range(8):
        if isinstance(body, list) and body and isinstance(body[0], Mapping | str):
            body = body[0]
        if not isinstance(body, Mapping):
            break
        inner = next((body[name] for name in _INNER if body.get(name) and not isinstance(body[name], bool | int)), None)
        if inner is None:
            break
        raw = body.get("metadata", {}).get("raw") if isinstance(body.get("metadata"), Mapping) else None
        if isinstance(raw, str) and raw and isinstance(inner, str):
            return f"{inner}: {_message(raw)}"
        body = inner
    return body


def _bare(text: str) -> str:
    return _PREFIX.sub("", text.partition("Traceback (most recent")[0].strip())


def _body(bare: str) -> Any:
    """The JSON in an error's text, behind a prefix of a client's if need be; `None` where there is none."""
    at = min((i for i in (bare.find("{"), bare.find("[")) if i >= 0), default=-1)
    if at < 0 or at > 200:
        return None
    for part in (bare, bare[at:]):
        try:
            found = json.loads(part)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict | list) else None
    return None
