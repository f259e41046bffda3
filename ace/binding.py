"""The mark that binds a stored run to the person who began it.

A store is a file that may come from anywhere, and resuming a run imports what the store names and sends requests where it
says. So a run carries an HMAC over its id and its whole configuration, made with a secret that is kept outside every store,
and a second one over what is written down when it begins: the prompts that it uses and its limits. A run that another person
began, or that was edited in the file, does not verify. A secret that cannot be kept never stops a run from being begun; the
run is then unbound, and resuming it says so.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ace.types import JSON

VARIABLE = "ACE_SECRET_FILE"
Sign = Callable[[str, Mapping[str, JSON]], str]
"""Given a run's id and its configuration as it is stored: the mark, empty where there is no secret."""
MARK = "mark"
"""Where a mark stands, among a run's configuration and among its results."""
_KEPT = ("prompts", "limits")
_BYTES = 32


def unsigned(run: str, config: Mapping[str, JSON]) -> str:
    """No mark."""
    return ""


class NoSecret(Exception):
    """The secret cannot be made or read; the message says why."""


def secret_file() -> Path:
    """Where the secret is: `ACE_SECRET_FILE`, else `evolving-playbook/secret` in `XDG_STATE_HOME` or `~/.local/state`."""
    if given := os.environ.get(VARIABLE, ""):
        return Path(given)
    try:
        state = os.environ.get("XDG_STATE_HOME", "") or Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise NoSecret(f"the home folder is not known: {error}") from None
    return Path(state) / "evolving-playbook" / "secret"


def signer() -> Sign:
    """What marks a new run. The secret is made where there is none."""
    try:
        key = _read(_made(secret_file()))
    except NoSecret:
        return unsigned
    return lambda run, config: _mark(key, run, config)


def unbound(run: str, config: Mapping[str, JSON], mark: str) -> str:
    """Why the run is not known to have been begun by this person; empty where its mark verifies."""
    if not mark:
        return "it has no mark that says who began it"
    try:
        key = _read(secret_file())
    except NoSecret as error:
        return f"its mark cannot be checked, because {error}"
    if hmac.compare_digest(mark.encode("utf-8", "replace"), _mark(key, run, config).encode()):
        return ""
    return "its mark is not yours; another person or machine began it, or the file was changed"


def with_mark(run: str, result: Mapping[str, JSON], sign: Sign) -> dict[str, JSON]:
    """`result`, what run `run` has written down, with the mark of its prompts and limits."""
    mark = sign(*_kept(run, result))
    return {**result, MARK: mark} if mark else {name: value for name, value in result.items() if name != MARK}


def changed(run: str, result: Mapping[str, JSON]) -> str:
    """Why the prompts and limits of a run are not known to be those that it was begun with; empty where they are."""
    if not any(name in result for name in (*_KEPT, MARK)):
        return ""
    why = unbound(*_kept(run, result), str(result.get(MARK, "")))
    return f"of its prompts and limits, {why}" if why else ""


def _kept(run: str, result: Mapping[str, JSON]) -> tuple[str, dict[str, JSON]]:
    return f"{run} as begun", {name: result.get(name) for name in _KEPT}


def _mark(key: bytes, run: str, config: Mapping[str, JSON]) -> str:
    told = json.dumps(["run", run, dict(config)], sort_keys=True, separators=(",", ":"))
    return hmac.new(key, told.encode("ascii"), sha256).hexdigest()


def _made(path: Path) -> Path:
    """`path`, made with a new secret where there is none: whole or not at all, also where two processes make it at once."""
    if path.exists():
        return path
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(_BYTES).encode())
                file.flush()
                os.fsync(file.fileno())
            # A link never replaces what another process has put there meanwhile.
            with suppress(FileExistsError):
                os.link(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise NoSecret(f"{path} cannot be written ({error.strerror or error})") from None
    return path


def _read(path: Path) -> bytes:
    try:
        # A pipe in its place must not make this wait.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(file.fileno())
            found = file.read(4 * _BYTES) if stat.S_ISREG(state.st_mode) else b""
    except OSError as error:
        raise NoSecret(f"the secret {path} cannot be read ({error.strerror or error})") from None
    if os.name == "posix" and (state.st_mode & 0o077 or state.st_uid != os.geteuid()):
        raise NoSecret(f"the secret {path} is not yours alone; remove it, and a new one is made with the next run")
    if len(found.strip()) < 2 * _BYTES:
        raise NoSecret(f"{path} holds no secret; remove it, and a new one is made with the next run")
    return found.strip()
