"""What a provider says of a fault: its message on one line, and whose fault its words tell.

The decision behind it: a status says too little. An account without money comes under 400, 403 and 429, and an input that a
filter turned down comes under the status of a wrong key. Only the error's own message and codes are read: what else stands in
a body may repeat the request, whose words are of anything.
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
_INNER = ("error", "errors", "base_resp", "message", "msg", "detail", "status_msg", "error_message", "error_msg", "reason")
_CODES = ("code", "type", "status", "reason")
_ACCOUNT = re.compile(
    r"insufficient[_ ](?:(?:user|account)[_ ])?(?:quota|balance|funds|credits?)|not enough (?:credits?|balance|funds)"
    r"|(?:billing|spend(?:ing)?|usage|credit|monthly|budget)[_ ](?:hard[_ ])?(?:limit|cap)s?\b[^.]{0,40}\b"
    r"(?:reached|exceeded|hit)"
    r"|(?:reached|exceeded|hit|over)\b[^.]{0,60}\b"
    r"(?:spend(?:ing)?|billing|monthly|api usage|budget|credit)[_ ](?:hard[_ ])?(?:limit|cap)"
    r"|billing[_ ](?:hard[_ ]limit|not[_ ]active)|(?:specified|organi[sz]ation'?s?|workspace) (?:api )?usage limits?"
    r"|key (?:total |monthly |daily |weekly )?limit exceeded|credit balance is too low"
    r"|balance is (?:too low|insufficient|not enough)"
    r"|(?:exceeded|out of|used up|exhausted|run out of) (?:of )?(?:your |the |all |its )?(?:current |available |included )?"
    r"(?:monthly |prepaid )?(?:quota|credits?|budget|balance|funds)\b"
    r"|(?:quota|credits?|balance|funds) (?:is|are|has been|have been) (?:exhausted|used up|depleted|exceeded)"
    r"|payment required|(?:requires|add|purchase|buy) more credits|top up your|no (?:credits|balance)\b"
    r"|(?:account|organi[sz]ation|project|subscription|workspace)\b[^.]{0,50}\b"
    r"(?:suspended|disabled|deactivated|not active|inactive|in arrears|overdue|terminated|banned|blocked|closed|on hold)"
    r"|arrearage|account_deactivated|access_terminated|billing_not_active",
    re.IGNORECASE,
)
_MODERATED = re.compile(
    r"moderat(?:ion|ed)|\bflagged\b|sensitive[_ ]words?"
    r"|content[_ -]?(?:policy|policies|filter|filtering|management policy|safety|violation|moderation)"
    r"|safety (?:system|filter|policy|policies|guidelines|reasons|concerns|check|settings|violation)"
    r"|(?:blocked|rejected|refused|filtered|declined)\b[^.]{0,40}\b(?:safety|polic(?:y|ies)|guardrails?)"
    r"|violat\w+\b[^.]{0,60}\b(?:polic(?:y|ies)|guidelines|terms)"
    r"|(?:usage|use|acceptable use) polic(?:y|ies)|data_?inspection_?failed|inappropriate content|prohibited[_ ]content"
    r"|(?:sensitive|harmful|unsafe) (?:content|words?|information|material)|new_sensitive|guardrails?\b",
    re.IGNORECASE,
)
_SOON = re.compile(
    r"(?:retry|try again) (?:in|after) (\d+(?:\.\d+)?) ?(ms|s|m)?\b|\"retryDelay\": ?\"(\d+(?:\.\d+)?)s\"", re.IGNORECASE
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "": 1.0}


def summary(text: str) -> str:
    """What a provider said, on one short line, without keys."""
    line = " ".join("".join(c if c.isprintable() else " " for c in redact(_message(text))).split())
    return line if len(line) <= _MOST_LETTERS else line[:_MOST_LETTERS].rstrip() + " ..."


def is_account(text: str) -> bool:
    """Whether the words are of an account that has run out of money, met its limit or was closed: no request is answered
    before its owner has acted. A limit that says when it ends is none of these."""
    return _ACCOUNT.search(_told(text)) is not None and soon(text) is None


def is_moderated(text: str) -> bool:
    """Whether the words are of one input that a filter turned down."""
    return _MODERATED.search(_told(text)) is not None


def soon(text: str) -> float | None:
    """In how many seconds the words say to try again; `None` where they do not."""
    found = _SOON.search(text[:_READ])
    if found is None:
        return None
    return float(found[1] or found[3]) * _UNITS[(found[2] or "").lower()]


def _told(text: str) -> str:
    """The message and the codes of an error."""
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
