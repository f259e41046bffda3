"""How many tokens the models of a run take, as it is stated: once for all roles, or by role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ace.errors import BadSetting

_TOKENS = re.compile("0*[1-9][0-9]{0,11}")
ROLES = ("generator", "reflector", "curator")


def context_of(said: Iterable[str]) -> dict[str, int]:
    """Context sizes by role from `TOKENS` (every role) and `ROLE=TOKENS`. Raises `BadSetting`."""
    sizes: dict[str, int] = {}
    for text in sorted(said, key=lambda t: "=" in t):
        role, _, tokens = text.rpartition("=")
        if (role and role not in ROLES) or not _TOKENS.fullmatch(tokens):
            accepted = f"a number of tokens above 0, or ROLE=TOKENS with {', '.join(ROLES)}"
            raise BadSetting(f"context is {text!r}; it must be {accepted}")
        sizes |= dict.fromkeys([role] if role else ROLES, int(tokens))
    return sizes


def context_taken(given: int | Mapping[str, int]) -> dict[str, int]:
    """Context sizes by role from what a keyword in Python gives: a number for every role, or one by role. Raises
    `BadSetting`."""
    return context_of([f"{r}={n}" for r, n in given.items()] if isinstance(given, Mapping) else [str(given)])
