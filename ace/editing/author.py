"""The name under which a person's changes stand in the log.

A log that says "person" cannot be asked who. The name is taken from where this person has said it already, so nothing has to
be set up, and it is never a reason to refuse a change: the system's user has one as well.
"""

from __future__ import annotations

import getpass
import os
import subprocess
from contextlib import suppress
from functools import cache

from ace.errors import BadSetting
from ace.playbooks.bullet import clean
from ace.playbooks.typed import require_text, typed

VARIABLE = "ACE_AUTHOR"
MAX_NAME = 100
"""Characters a name may have."""
_GIT_SECONDS = 5.0


def author_name(given: str = "") -> str:
    """The name that was `given`, else that of `ACE_AUTHOR`, else git's `user.name`, else the system's user. Raises `BadInput`
    or `BadSetting` where a name that was said cannot be one."""
    if require_text("the author's name", given).strip():
        return _checked("the author's name", given)
    if named := os.environ.get(VARIABLE, "").strip():
        return _checked(VARIABLE, named)
    return clean(_git() or _user())[:MAX_NAME]


def _checked(what: str, name: str) -> str:
    kept = typed(what, name)
    if len(kept) > MAX_NAME:
        raise BadSetting(f"{what} has {len(kept)} characters; it may have {MAX_NAME}")
    return kept


@cache
def _git() -> str:
    """What git calls this person; empty where it does not, or is not there."""
    with suppress(OSError, subprocess.SubprocessError):
        command = ["git", "config", "--get", "user.name"]
        asked = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_GIT_SECONDS, check=False)
        return asked.stdout.decode(errors="replace").strip()
    return ""


def _user() -> str:
    # Where the user has no entry (a container with a number alone), Python knows several kinds of error for it.
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
