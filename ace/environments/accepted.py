"""Checks of settings that several environments have: numbers within bounds, and names from a list."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from urllib.parse import urlsplit

from ace.errors import BadSetting
from ace.options import require_once

MOST_STEPS = 1000


def require_within(least: float, most: float, **settings: float) -> None:
    """Raise `BadSetting` for a setting, by its name, that is not from `least` to `most`."""
    for name, value in settings.items():
        if not least <= value <= most:
            given = f"{value:g}" if isinstance(value, float) else str(value)
            raise BadSetting(f"{name}={given} is out of range; it must be from {least} to {most}")


def require_port(url: str) -> None:
    """Raise `BadSetting` where the port of the address `url` is out of range or cannot be read."""
    try:
        urlsplit(url).port  # noqa: B018 - read for what it raises
    except ValueError as error:
        # The address is not repeated: what stands for its port may be a password.
        why = "its port is not a number from 0 to 65535" if str(error).startswith("Port") else "its host cannot be read"
        raise BadSetting(f"url is not an address: {why}") from None


def names_among(known: Sequence[str], **setting: str) -> tuple[str, ...]:
    """The names of `known` that the one `setting` lists with commas; all of them for `all`. Raises `BadSetting` for another
    name, with the nearest one, for one that is there twice, and where none is listed."""
    ((name, text),) = setting.items()
    listed = tuple(part.lower() for part in parts_of(text))
    if listed == ("all",):
        return tuple(known)
    for said in listed or (text,):
        require_known(said, known, name, f"it must be all, or some of {', '.join(known)}")
    require_once(f"{name}={text}", listed)
    return listed


def parts_of(text: str) -> list[str]:
    """What `text` lists with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def require_known(said: str, known: Sequence[str], setting: str, accepted: str) -> None:
    """Raise `BadSetting` where `said` is not `known`, with the nearest name or what is `accepted`."""
    if said not in known:
        near = difflib.get_close_matches(said, known, n=1)
        raise BadSetting(f"{setting}={said} is not known; {f'did you mean {near[0]}?' if near else accepted}")
