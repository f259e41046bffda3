"""Keeping keys out of what is said and stored.

Providers quote the key they turned down, whole or in part, and what they and a user's own code say is shown, journaled and
logged. So their words pass through here first: text that shares eight characters in a row with the value of a variable that
looks like a key is masked, and so is everything that looks like a key by itself.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise

MASK = "(key)"
VARIABLE = re.compile(
    r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE|SIGNATURE|(?:^|_)(?:AUTH|PAT|JWT|HEADER)$", re.IGNORECASE
)
"""Names of environment variables whose values are keys."""
_KEYLIKE = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|ghp)[-_][A-Za-z0-9_.*-]{4,}|\bAIza[A-Za-z0-9_*-]{6,}|\bBearer\s+\S+"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\b(?:gh[opsur]|github_pat|glpat|xox[a-z]|dop_v1|shpat|nvapi|tvly|whsec)[-_][A-Za-z0-9_-]{8,}"
    r"|\bya29\.[A-Za-z0-9_-]{8,}|\bSG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}"
    r"|\b(?:npm|pypi)[-_](?=[\w-]*\d)[\w-]{16,}|\bBasic\s+(?=\S*[0-9=])[A-Za-z0-9+/]{8,}=*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)",
    re.DOTALL,
)
_NAMED = re.compile(
    r"""((?:(?:api|access|secret|private|subscription)[-_ ]?key|token|secret|password|passwd|pwd|authorization|signature|sig
    |(?<=[?&])key)
    ["']?\s*(?:=|:(?!//))\s*["']?)((?:[A-Za-z]+\s+)?[^\s"'&,;)}\]]{4,})""",
    re.IGNORECASE | re.VERBOSE,
)
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://)[^\s/@]+@", re.IGNORECASE)
_QUERY = re.compile(r"([?&][\w.%-]+=)[^\s&#\"')]{4,}")
_TOKEN = re.compile(r"[A-Za-z0-9+_-][A-Za-z0-9+/_-]{16,}[A-Za-z0-9+/_=-]+")
_CERTAIN = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|ghp)[-_](?=[\w.-]*\d)[\w.-]{8,}|\b(?:sk|gsk|xai|ghp)[-_][\w.-]{16,}|\bAIza[\w-]{10,}|\bBearer\s+\S{8,}"
)
_WORDS = re.compile(
    r"[a-z]{0,9}(?:[A-Z]{2,3}(?=[A-Z][a-z]|$)|[A-Z][a-z]+\d{0,2}|[A-Z]\d{1,2}(?!\d))+"
    r"|[a-z]{2,}\d?|v\d{1,2}|\d{1,2}(?:x\d{1,2}|[A-Z][a-z]{0,2})?"
)
"""What stands between the hyphens of a name: `BabyAI`, `KeyCorridorS3R1`, `v0`, `5x5`, `7B`."""
_LONG_WORD = re.compile(r"[A-Z][a-z]{3,}|[a-z]{4,}")
_VERSION = re.compile(r"[a-z0-9]-v\d{1,2}$")
_MOST, _LONGEST_KEY = 20_000, 500
_PART = 8
"""Characters in a row that give a key away."""
_SHORTEST = 5
_PLAIN = ("false", "none", "placeholder")
_RANDOM = 18
"""Characters from which on a text without a sense is taken for a key."""


def redact(text: str) -> str:
    """`text` with keys masked, and cut after 20,000 characters: a message of megabytes is no reason to search them all."""
    text = _bounded(text)
    for value in _values():
        text = _without(text, value)
    return _KEYLIKE.sub(MASK, text)


def redact_all(text: str) -> str:
    """`redact`, and also what is called a key or stands where one does (`token=...`, `https://name:password@host`), and long
    texts that read as drawn by chance. For what a user's own code raises, which says more of its keys than a provider does."""
    text = _USERINFO.sub(lambda m: f"{m[1]}{MASK}@", redact(text))
    for called in (_QUERY, _NAMED):
        text = called.sub(lambda m: m[1] + MASK, text)
    return _TOKEN.sub(lambda m: MASK if looks_random(m[0]) else m[0], text)


def looks_like_key(text: str) -> bool:
    """Whether `text` holds what is a key by its form: a known beginning (`sk-...`, `AKIA...`, `Bearer ...`), or a long text
    that reads as drawn by chance."""
    known = any(not m[0].startswith(_LOOSE) for m in _KEYLIKE.finditer(text)) or _CERTAIN.search(text) is not None
    return known or any(looks_random(m[0]) for m in _TOKEN.finditer(text))


_LOOSE = ("sk", "pk", "rk", "gsk", "xai", "hf", "ghp", "AIza", "Bearer")
"""Beginnings of keys that ordinary words have too."""


def looks_random(text: str) -> bool:
    """Whether `text` changes between small letters, capitals and digits as often as what is drawn by chance does, and is not a
    name of several words (`BabyAI-GoToRedBall-v0`)."""
    if _is_name(text):
        return False
    plain = text.strip("=").replace("-", "").replace("_", "")
    kinds = ["a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else c for c in plain]
    if len(plain) < _RANDOM or "0" not in kinds or "a" not in kinds:
        return False
    changes = sum(a != b for a, b in pairwise(kinds)) / (len(kinds) - 1)
    if "A" in kinds:
        return changes >= (0.4 if len(plain) > 20 else 0.5)
    hexadecimal = all(c in "0123456789abcdef" for c in plain)
    return len(plain) == len(text) and len(plain) >= 24 and changes >= 0.3 and not hexadecimal


def _is_name(text: str) -> bool:
    """Whether `text` is words in capitals and small letters with short numbers, most of it in words of four letters and more,
    or with a version at its end. Of texts of 20 letters and digits drawn by chance about 1 in 300 is."""
    parts = [part for part in re.split(r"[-_/]+", text) if part]
    long = sum(map(len, _LONG_WORD.findall(text)))
    return (2 * long >= sum(map(len, parts)) or _VERSION.search(text) is not None) and all(map(_WORDS.fullmatch, parts))


def _bounded(text: str) -> str:
    """The beginning of `text`, which ends between words where it can, so that no key is cut in two and missed."""
    if len(text) <= _MOST:
        return text
    end = max(text.rfind(" ", 0, _MOST), text.rfind("\n", 0, _MOST), _MOST - _LONGEST_KEY)
    return f"{text[:end]} ... ({len(text) - end:,} characters left out)"


def _values() -> list[str]:
    """The values of the environment's variables that look like keys, the longest first."""
    found = {v.strip() for name, v in os.environ.items() if VARIABLE.search(name)}
    return sorted((v for v in found if len(v) >= _SHORTEST and v.lower() not in _PLAIN), key=len, reverse=True)


def _without(text: str, value: str) -> str:
    if len(value) < _PART:
        return re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    at = 0
    while at + _PART <= len(text):
        start = value.find(text[at : at + _PART])
        if start < 0:
            at += 1
            continue
        end, last = at + _PART, start + _PART
        while end < len(text) and last < len(value) and text[end] == value[last]:
            end, last = end + 1, last + 1
        text = text[:at] + MASK + text[end:]
        at += len(MASK)
    return text
