"""Secrets in a text: keys and tokens by the forms that issuers give them, private keys, passwords where they are named.

A form counts only where it is complete, so that the name of a key, a placeholder or a word that begins like one is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

API_KEY, PRIVATE_KEY, JWT = "API key", "private key", "JSON web token"
URL_PASSWORD, PASSWORD = "password in a URL", "password"

_ISSUED = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-(?=[\w-]{0,99}\d)[A-Za-z0-9_-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[\w-]{20,}|xox[abeoprs]-(?=[\w-]{0,99}\d)[A-Za-z0-9-]{10,}"
    r"|xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{20,}"
    r"|hf_[A-Za-z]{30,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{40,}"
    r"|(?:nvapi|tvly|lsv2)[-_](?=[\w-]{0,99}\d)[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{36}|pypi-AgEI[\w-]{50,}"
    r"|dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])|key-[0-9a-f]{32}(?![0-9a-f])"
    r"|\d{8,10}:AA[A-Za-z0-9_-]{33}|AccountKey=[A-Za-z0-9+/]{40,}={0,2}|Bearer\s+(?=[\w.~+/-]{0,99}\d)[\w.~+/-]{20,}=*)"
    r"|hooks\.slack\.com/services/T\w+/B\w+/\w+"
)
_PRIVATE = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-1[A-Z0-9]{40,}")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
_USERINFO = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@?#]*:([^\s/@?#]+)@")
_QUERY = re.compile(
    r"[?&](?:api[-_]?key|access[-_]?token|auth|token|key|sig|signature|password|secret)=([^\s&#\"'<>]{8,})", re.IGNORECASE
)
_IS = r"[\"']?\s*(?:=|:(?!//)|\bis\b)\s*[\"'`]?"
_PASSWORD = re.compile(
    r"(?<![A-Za-z?&])(?:password|passwd|passphrase|passwort|passcode|pwd)" + _IS + r"([^\s\"'`,;]{6,})", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?<![A-Za-z?&])(?:secret|client[ _-]secret|(?:api|access|secret)[ _-]?key|(?:(?:auth|access)[ _-]?)?token)"
    + _IS
    + r"([^\s\"'`,;]{8,})",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(r"[<>{}*]|\$[A-Z({]|^%|^(.)\1*$|x{3,}|\.\.\.|^(?:your|my|the|env)[-_:]", re.IGNORECASE)
"""What is written where a secret is to be put in: `<password>`, `$TOKEN`, `***`."""
_SPOKEN = re.compile(
    r"[a-z]+(?:[-_./][a-z]+)*[-_./]?v?\d{1,3}|\d+[a-z]*|\d+(?:[-.:/]\d+)+[a-zA-Z]*|[A-Z]{1,6}-?\d{1,9}|https?://\S*"
)
"""What a person writes of versions, codes, amounts and dates."""


def secrets_in(text: str) -> Iterator[str]:
    """The kinds of secrets in `text`."""
    if _ISSUED.search(text):
        yield API_KEY
    if _PRIVATE.search(text):
        yield PRIVATE_KEY
    if _JWT.search(text):
        yield JWT
    if any(not _FILLED_IN.search(m[1]) for m in _USERINFO.finditer(text)) or any(_drawn(m[1]) for m in _QUERY.finditer(text)):
        yield URL_PASSWORD
    named = (m[1].rstrip(".!?)") for m in _NAMED.finditer(text))
    if any(_mixed(m[1]) for m in _PASSWORD.finditer(text)) or any(map(_drawn, named)):
        yield PASSWORD


def without_userinfo(text: str) -> str:
    """`text` without the names and passwords in its URLs, of which an address of mail could be read off."""
    return _USERINFO.sub("", text)


def _mixed(value: str) -> bool:
    """Whether `value` has letters and digits, and does not stand for a secret that is to be put in."""
    return any(map(str.isalpha, value)) and any(map(str.isdigit, value)) and not _FILLED_IN.search(value)


def _drawn(value: str) -> bool:
    """Whether `value` is mixed, and not a word or number that people write."""
    return _mixed(value) and _SPOKEN.fullmatch(value) is None
