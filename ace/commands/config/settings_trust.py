"""What a settings file may say: every option belongs to one of three sets.

A file that was found may have come with a repository of another person. It may say what can do no harm; it may not send a key
to another address, import code, or read and write outside the working directory. An option that stands in no set must be said
by the user.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ace.flags import Found, stated
from ace.settings import RunSettings

_FOUND = {s.key: s for s in stated(RunSettings)}
"""The settings of a run by key: each says what a found file may say of it."""
HARMLESS = frozenset(key for key, s in _FOUND.items() if s.found is not Found.NONE) | {
    "alike",
    "all",
    "baseline",
    "bullet",
    "by",
    "cases",
    "csv",
    "difference",
    "discordance",
    "for",
    "format",
    "json",
    "kind",
    "limit",
    "long",
    "n",
    "near",
    "phase",
    "plays",
    "power",
    "prompt",
    "repeated",
    "retired",
    "section",
    "seed-spread",
    "seeds",
    "start",
    "stat",
    "strict",
    "top",
    "verdict",
}
"""Options that a found file may set, if the value is harmless too."""
SAID = frozenset(key for key, s in _FOUND.items() if s.found is Found.NONE) | {
    "after",
    "arm",
    "arms",
    "anew",
    "at",
    "at-least",
    "author",
    "base",
    "base-api-base",
    "before",
    "dry-run",
    "env",
    "episode",
    "form",
    "from",
    "held-out",
    "history",
    "interactive",
    "only",
    "origin",
    "ours",
    "out",
    "outcome",
    "partly",
    "pinned",
    "reason",
    "retire",
    "run",
    "shots",
    "show-prompt",
    "skip-bad",
    "take",
    "text",
    "theirs",
    "tuned",
    "tuned-api-base",
    "untrusted",
    "update",
}
"""Options for the command line or a file that the user named."""
NEVER = frozenset({"yes", "force", "shown"})
"""Confirmations; no file gives them."""
RESUMING = (("run", "resume"), ("compare", "resume"), ("compare", "extend"))
KEPT_OUT_OF_RUNS = ("store", "json", "concurrency")
"""Options that are not stored with a run: all that resuming one takes from the table of `run`, and all that a found file may
say for it."""

_PLAIN_PARAMETERS = frozenset(
    {
        "frequency_penalty",
        "presence_penalty",
        "repetition_penalty",
        "top_k",
        "min_p",
        "typical_p",
        "logit_bias",
        "stop",
        "seed",
        "verbosity",
        "parallel_tool_calls",
    }
)
_SECRET = re.compile(r"(^|[-_.])(api[-_]?key|secret|password|passwd|token|credentials?|authorization|bearer)$", re.IGNORECASE)
_CODE = re.compile(r"[^\s:]+:[^\W\d][\w.]*")


def is_secret(key: str) -> bool:
    """Whether a key of a table is the name of a secret."""
    return _SECRET.search(key) is not None


def objection(command: tuple[str, ...], key: str, value: object) -> str:
    """Why a found file may not set the option `key` of a command to `value`: what the value is, after `is`; empty if it may."""
    if key not in HARMLESS:
        return _KINDS.get(key, "to be said by you")
    if command in RESUMING and key not in KEPT_OUT_OF_RUNS:
        return "part of the run, which keeps what it was begun with"
    found = _FOUND[key].found if key in _FOUND else Found.ANY
    return _OBJECTIONS[found](value) if found in _OBJECTIONS else ""


_KINDS = {
    **{key: s.flag.called for key, s in _FOUND.items() if s.flag.called},
    "out": "a file to write",
    "author": "a person's name",
}


def _of_name(value: object) -> str:
    names = value if isinstance(value, list) else [value]
    return "code to import" if any(re.search(r"[:/\\]|\.py$", str(name)) for name in names) else ""


def _of_file(value: object) -> str:
    return "an address" if ":" in str(value) else "a file outside this folder" if outside(str(value)) else ""


def _of_pairs(value: object) -> str:
    return next((f"{why} ({text})" for text in _texts(value) if (why := _of_text(text))), "")


def _of_model(value: object) -> str:
    name = str(value)
    kind = name.partition(":")[0]
    if kind in ("local", "manual", "replay"):
        return "a file or folder to read" if ":" in name else ""
    if "://" in name:
        return "an address"
    # As the models' registry reads it: a name with a colon and no provider before it is code.
    return "code to import" if ".py" in name or (":" in name and "/" not in name) else ""


def _of_parameters(value: object) -> str:
    names = value if isinstance(value, dict) else [str(v).partition("=")[0] for v in value] if isinstance(value, list) else []
    odd = next((str(n) for n in names if n not in _PLAIN_PARAMETERS), "")
    return f"not one of {', '.join(sorted(_PLAIN_PARAMETERS))} ({odd})" if odd else ""


_OBJECTIONS: dict[Found, Callable[[object], str]] = {
    Found.NAME: _of_name,
    Found.MODEL: _of_model,
    Found.FILE: _of_file,
    Found.PAIRS: _of_pairs,
    Found.PARAMETERS: _of_parameters,
}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (v for v in value.values() if isinstance(v, str))
    elif isinstance(value, list):
        yield from (str(v).partition("=")[2] for v in value)


def _of_text(text: str) -> str:
    if "://" in text:
        return "an address"
    if _CODE.fullmatch(text.strip()):
        return "code to import"
    return "a file outside this folder" if outside(text) else ""


def outside(text: str) -> bool:
    """Whether `text`, read as a path, leads out of the working directory, be it through a link."""
    try:
        path = Path(text.strip())
        if path.is_absolute() or text.strip().startswith("~") or ".." in path.parts:
            return True
        return os.path.lexists(path) and not path.resolve().is_relative_to(Path.cwd().resolve())
    # A text that cannot be a path (a NUL, too long a name, links in a circle) is not trusted.
    except (OSError, ValueError, RuntimeError):
        return True
