"""Names of origins: where a text came from, by the channel it came by.

A sender whom an environment authenticated has a name of its own; persons, imported files and the environment itself have
reserved ones, so that no sender can pass for them. Names bind where they are written and are never read from a text.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from ace.bounds import line_fault
from ace.types import UNVERIFIED, Trust, digest

LONGEST_ORIGIN = 200
"""Characters of a task's origin."""
PERSON, OPERATOR, ENVIRONMENT, IMPORT = CHANNELS = ("person", "operator", "environment", "import")
"""The channels by which texts come besides tasks with a sender; no task can have one of them as its origin. `person` and
`import` may be followed by a colon and a name; imports and settings are the operator's."""
_JOINERS = "\u200c\u200d"
"""Invisible characters that names in some scripts, and emoji, are written with."""
PURGED = "purged-"
"""How the origin of a purged episode begins: what follows is a mark of the name that stood there."""


class EpisodeOrigin(NamedTuple):
    """Who wrote an episode's task (empty: the environment), and whether it is `trusted` or `untrusted`."""

    origin: str = ""
    trust: str = Trust.TRUSTED.value


def origin_fault(origin: object) -> str:
    """Why `origin` cannot be the origin of a task; empty if it can. What differs from a reserved word by its case, its blanks
    or the form of its characters alone would pass for it where a person reads it, so it is refused too."""
    if (fault := line_fault("origin", "an origin", origin, LONGEST_ORIGIN)) or not isinstance(origin, str):
        return fault
    hidden = next((c for c in origin if unicodedata.category(c) == "Cf" and c not in _JOINERS), "")
    if hidden and any(unicodedata.category(c) != "Cf" for c in origin):
        return f"the origin {origin!a} holds the invisible character U+{ord(hidden):04X}; leave it out"
    folded = folded_origin(origin)
    if folded == UNVERIFIED:
        return (
            "" if origin == UNVERIFIED else f"the origin {origin!r} is not the reserved word {UNVERIFIED!r} and reads like it"
        )
    if folded.partition(":")[0].strip() in CHANNELS:
        reserved = f"{', '.join(CHANNELS)} are names of channels, which the store sets itself"
        return f"the origin {origin!r} is reserved: {reserved}; name the sender, or leave it empty for the environment"
    if folded.startswith(PURGED):
        return f"the origin {origin!r} is reserved: {PURGED}... stands for the origins of purged episodes"
    return "" if folded or not origin else f"the origin {origin!r} has no visible character"


def folded_origin(origin: str) -> str:
    """`origin` without what a reader does not see: case, the form of its characters, invisible ones, and blanks but for one
    between words. Origins that fold alike are counted as one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", origin).casefold())
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def marked(origin: str) -> str:
    """What stands for a sender's name once the episode is purged: the same for the same name, and not readable."""
    plain = origin in ("", UNVERIFIED) or origin.startswith(PURGED)
    return origin if plain else f"{PURGED}{digest('origin', origin)[:16]}"


def named(channel: str, name: str) -> str:
    """The origin of what came by `channel` from `name`, which may not be known."""
    return f"{channel}:{name}" if name else channel


def covers(asked: str, origin: str) -> bool:
    """Whether who asks for the origin `asked` means `origin` too: a channel means all its names, the operator all imports, a
    sender also what is left of him after a purge."""
    channel = origin.partition(":")[0]
    if asked == OPERATOR:
        return channel in (OPERATOR, IMPORT)
    return origin in (asked, marked(asked)) or (asked in (PERSON, IMPORT) and channel == asked)
