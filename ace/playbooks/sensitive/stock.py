"""The stock detector: which kinds of secrets and personal data a text holds, by form alone. No model, no network."""

from __future__ import annotations

import re

from ace.playbooks.sensitive.personal import personal_in
from ace.playbooks.sensitive.secrets import secrets_in, without_userinfo

OFFERS = {"stock": "stock"}
_SIGNS = ("@", "://", "-----")
_RUN = re.compile(r"[\w-]{16}|\d[\d ()/.-]{5}")
_WORDS = ("pass", "pwd", "secret", "token", "key")


def stock(text: str) -> list[str]:
    """The kinds of secrets and personal data in `text`, each once."""
    return [*secrets_in(text), *personal_in(without_userinfo(text))] if _may(text) else []


def _may(text: str) -> bool:
    """Whether `text` has what stands in all that is looked for; most bullets do not, and are done with at once."""
    if any(sign in text for sign in _SIGNS) or _RUN.search(text):
        return True
    return any(map(str.isdigit, text)) and any(word in text.lower() for word in _WORDS)
